//! Findings as OCSF Compliance Finding events (class 2003), JSON Lines.

use crate::data::{ReportData, ReportError, RuleInfo};
use crate::outward::{
    Digests, Status, answer_path, bearing, cloud_of, exception, exchanges, millis, moment, severity,
};
use serde_json::{Map, Value, json};
use shoseki_model::{Finding, Lang, Severity, Target};
use std::collections::HashMap;
use std::io::Write;

/// Version of the OCSF schema that the events follow.
pub const OCSF_VERSION: &str = "1.5.0";

/// Writes one event a finding, each on a line of its own: pass, unknown, excepted
/// and not applicable too. `compliance.status_id` is 1 (pass), 3 (fail), 0
/// (unknown) or 99 (excepted, not applicable; `compliance.status` names which).
/// Times are milliseconds since 1970 in UTC.
///
/// # Errors
/// When the records cannot be read or the file not written.
pub fn ocsf(data: &ReportData<'_>, lang: Lang, mut to: impl Write) -> Result<(), ReportError> {
    let writer = Events {
        data,
        lang,
        bears: bearing(data),
        digests: Digests::read(data)?,
        targets: data
            .targets
            .iter()
            .map(|t| ((t.cloud.as_str(), t.account.as_str()), t))
            .collect(),
        time: millis(moment(data)),
    };
    for f in data.findings.records()? {
        let event = writer.event(&f?);
        serde_json::to_writer(&mut to, &event)?;
        to.write_all(b"\n")?;
    }
    to.flush()?;
    Ok(())
}

struct Events<'d> {
    data: &'d ReportData<'d>,
    lang: Lang,
    bears: HashMap<&'d str, Vec<&'d str>>,
    digests: Digests,
    targets: HashMap<(&'d str, &'d str), &'d Target>,
    time: i64,
}

impl Events<'_> {
    fn event(&self, f: &Finding) -> Value {
        let status = Status::of(f);
        let rule = self.data.rules.get(&f.rule);
        let (severity_id, severity_name) = severity_of(f.severity, status);
        let mut event = json!({
            "activity_id": 1,
            "activity_name": "Create",
            "category_uid": 2,
            "category_name": "Findings",
            "class_uid": 2003,
            "class_name": "Compliance Finding",
            "type_uid": 200_301,
            "type_name": "Compliance Finding: Create",
            "time": self.time,
            "start_time": millis(&self.data.run.started),
            "severity_id": severity_id,
            "severity": severity_name,
            "message": f.reason.get(self.lang),
            "metadata": self.metadata(f),
            "finding_info": self.info(f, rule),
            "compliance": self.compliance(f, status),
            "resources": [self.resource(f)],
            "cloud": self.cloud(f),
        });
        let Some(o) = event.as_object_mut() else {
            return event;
        };
        match status {
            Status::Fail | Status::Unknown => {
                o.insert("status_id".into(), json!(1));
                o.insert("status".into(), json!("New"));
            }
            Status::Excepted => {
                o.insert("status_id".into(), json!(3));
                o.insert("status".into(), json!("Suppressed"));
            }
            Status::Pass | Status::NotApplicable => {}
        }
        let evidences = self.evidences(f);
        if !evidences.is_empty() {
            o.insert("evidences".into(), json!(evidences));
        }
        if let Some(r) = rule {
            o.insert("remediation".into(), remediation(r, self.lang));
        }
        o.insert("unmapped".into(), unmapped(f, status));
        event
    }

    fn metadata(&self, f: &Finding) -> Value {
        let run = &self.data.run;
        json!({
            "version": OCSF_VERSION,
            "profiles": ["cloud"],
            "uid": f.id,
            "correlation_uid": run.id,
            "event_code": f.rule,
            "product": { "name": run.tool, "vendor_name": run.tool, "version": run.version,
                "lang": match self.lang { Lang::Ja => "ja", Lang::En => "en" } },
        })
    }

    fn info(&self, f: &Finding, rule: Option<&RuleInfo>) -> Value {
        let title = rule.map_or(f.rule.as_str(), |r| r.title.get(self.lang));
        let desc = rule.map_or("", |r| r.why.get(self.lang));
        json!({ "uid": f.id, "title": title, "desc": desc, "created_time": self.time,
            "types": [f.rule], "data_sources": exchanges(f) })
    }

    fn compliance(&self, f: &Finding, status: Status) -> Value {
        let (id, name) = match status {
            Status::Pass => (1, "Pass"),
            Status::Fail => (3, "Fail"),
            Status::Unknown => (0, "Unknown"),
            Status::Excepted => (99, "Excepted"),
            Status::NotApplicable => (99, "Not Applicable"),
        };
        let controls = self
            .bears
            .get(f.rule.as_str())
            .map_or(&[][..], Vec::as_slice);
        json!({
            "standards": [format!("ISMAP {}", self.data.run.edition)],
            "requirements": controls,
            "control": f.rule,
            "status_id": id,
            "status": name,
            "status_code": status.id(),
            "status_details": [f.reason.get(self.lang)],
        })
    }

    fn target<'a>(&'a self, f: &'a Finding) -> Option<&'a Target> {
        self.targets
            .get(&(cloud_of(&f.resource.r#type), f.resource.account.as_str()))
            .copied()
    }

    fn resource(&self, f: &Finding) -> Value {
        let r = &f.resource;
        let mut out = json!({
            "uid": r.id, "name": r.name, "type": r.r#type, "region": r.region,
        });
        let partition = self.target(f).map_or("", |t| t.partition.as_str());
        if let (false, Some(o)) = (partition.is_empty(), out.as_object_mut()) {
            o.insert("cloud_partition".into(), json!(partition));
        }
        out
    }

    fn cloud(&self, f: &Finding) -> Value {
        let provider = match cloud_of(&f.resource.r#type) {
            "aws" => "AWS",
            "azure" => "Azure",
            "gcp" => "GCP",
            other => other,
        };
        // Account types of OCSF 1.5.0: 10, 13, 11; 99 is any other.
        let (type_id, kind) = match provider {
            "AWS" => (10, "AWS Account"),
            "Azure" => (13, "Azure Subscription"),
            "GCP" => (11, "GCP Project"),
            _ => (99, "Other"),
        };
        let name = self.target(f).and_then(|t| t.name.as_deref());
        let uid = &f.resource.account;
        let account = json!({ "uid": uid, "name": name.unwrap_or(uid),
            "type_id": type_id, "type": kind });
        json!({ "provider": provider, "account": account, "region": f.resource.region })
    }

    /// Each observed path, with the answers it came from and their digests.
    fn evidences(&self, f: &Finding) -> Vec<Value> {
        let mut out: Vec<Value> = f
            .observed
            .iter()
            .map(|o| json!({ "name": o.path, "data": o }))
            .collect();
        for x in exchanges(f) {
            let Some(sha) = self.digests.of(x) else {
                continue;
            };
            out.push(json!({
                "uid": x,
                "name": x,
                "file": { "name": answer_path(&sha), "type_id": 1, "type": "Regular File",
                    "hashes": [{ "algorithm_id": 3, "algorithm": "SHA-256", "value": sha }] },
            }));
        }
        out
    }
}

/// A pass is informational whatever its rule weighs.
fn severity_of(s: Severity, status: Status) -> (u8, &'static str) {
    match (status, s) {
        (Status::Pass | Status::NotApplicable, _) => (1, "Informational"),
        (_, Severity::Low) => (2, "Low"),
        (_, Severity::Medium) => (3, "Medium"),
        (_, Severity::High) => (4, "High"),
        (_, Severity::Critical) => (5, "Critical"),
    }
}

fn remediation(r: &RuleInfo, lang: Lang) -> Value {
    let desc = match lang {
        Lang::Ja => &r.fix.ja,
        Lang::En => &r.fix.en,
    };
    let links: Vec<_> = r
        .references
        .iter()
        .filter(|u| u.starts_with("https://"))
        .collect();
    json!({ "desc": desc, "references": links })
}

fn unmapped(f: &Finding, status: Status) -> Value {
    let mut out = Map::new();
    out.insert("status".into(), json!(status.id()));
    out.insert("rule_severity".into(), json!(severity(f.severity)));
    if !f.gaps.is_empty() {
        out.insert("gaps".into(), json!(f.gaps));
    }
    if let (Status::Excepted, Some(e)) = (status, &f.excepted) {
        for (name, value) in exception(e) {
            out.insert(name.replace('-', "_"), json!(value));
        }
    }
    Value::Object(out)
}
