//! Redacted runs: nothing left of a value, everything else as it was sealed.

use super::mutations::{Chance, files};
use super::stamps::Authority;
use super::*;
use crate::seal::{
    About, Chosen, Disclosed, Error, Named, Opened, Proof, check, disclose, pack_redacted,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use regex::Regex;
use serde_json::json;
use shoseki_model::{AnswerRef, digest};
use std::fs;

const USER: &str = "alice.tanaka+x";
const EMAIL: &str = "alice@example.co.jp";
const TAG: &str = "Sales 営業 \"two\"";
const SECRETS: [&str; 3] = [USER, EMAIL, TAG];

fn percent(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    let one = |b: u8| match plain(b) {
        true => char::from(b).to_string(),
        false => format!("%{b:02X}"),
    };
    text.bytes().map(one).collect()
}

/// Answers in which people stand in every way that clouds have.
fn bodies() -> Vec<(&'static str, Vec<u8>)> {
    let arn = format!("arn:aws:iam::1:user/team/{USER}");
    let report = format!("user,arn\n{USER},{arn}\n");
    let policy = json!({"Statement": [{"Principal": {"AWS": arn}, "Sid": TAG}]}).to_string();
    let json = json!({
        "UserName": USER, "Arn": arn, "Content": STANDARD.encode(&report),
        "Tags": [{"Key": "Owner", "Value": TAG}, {"Key": "n", "Value": "42"}],
        "Policy": policy, "Encoded": percent(&policy), "Wrapped": STANDARD.encode(STANDARD.encode(&report)),
        "Endpoint": EMAIL, "Bucket": format!("logs-{USER}-2"), EMAIL: 1, "Marker": percent(EMAIL),
        "Joined": format!("x{EMAIL}y"),
    });
    let xml = format!(
        "<R><UserName>{USER}</UserName><Tags><member><Key>Owner</Key><Value>Sales 営業 &quot;two&quot;</Value>\
         </member></Tags><Doc>{}</Doc><Arn>{arn}</Arn></R>",
        percent(&policy)
    );
    let error = format!("User: {arn} is not authorized to perform: iam:GetUser for {EMAIL}");
    vec![
        ("json", json.to_string().into_bytes()),
        ("xml", xml.into_bytes()),
        ("text", error.into_bytes()),
    ]
}

fn people(dir: &Path, tag: &str) -> (Run, Trust, SecretKey) {
    let w = RunWriter::create(dir).unwrap();
    fill(&w);
    for (name, body) in bodies() {
        let body = String::from_utf8(body).unwrap().replace("Owner", tag);
        let mut x = Exchange {
            id: String::new(),
            account: "1".to_owned(),
            ..exchange(9, body.as_bytes())
        };
        x.params
            .insert("UserName".to_owned(), format!("{USER}{name}").into());
        x.params.insert("To".to_owned(), EMAIL.into());
        x.caller = format!("arn:aws:iam::1:user/team/{USER}");
        x.http = Some(format!("GET https://iam.example/?u={}", percent(EMAIL)));
        x.headers.insert("x-a".to_owned(), EMAIL.to_owned());
        x.answer = Some(AnswerRef {
            sha256: digest(body.as_bytes()),
            bytes: body.len() as u64,
            redacted: 0,
        });
        x.id = Exchange::id_of(&x.cloud, &x.account, &x.region, &x.call, &x.params);
        w.record(&x, Some(body.as_bytes())).unwrap();
        let mut r = resource(5);
        r.account = "1".to_owned();
        r.id = format!("arn:aws:iam::1:user/team/{USER}#{name}");
        r.name = USER.to_owned();
        r.settings.insert("Owner".to_owned(), TAG.into());
        r.sources.values_mut().for_each(|s| *s = vec![x.id.clone()]);
        r.unseen.clear();
        w.resource(&r).unwrap();
    }
    let mut info = info();
    for t in &mut info.targets {
        t.caller.id = format!("arn:aws:iam::1:user/team/{USER}");
    }
    w.finish(info, false).unwrap();
    let run = Run::open(dir).unwrap();
    let key = SecretKey::generate(Algorithm::Ed25519).unwrap();
    draft(&run, &key, false).write(dir, None).unwrap();
    let trust = Trust {
        keys: vec![key.public()],
        ..Trust::default()
    };
    (run, trust, key)
}

/// All bytes of a bundle: files as stored and unpacked, base64 opened.
fn everything(dir: &Path) -> String {
    let mut out = String::new();
    let long = Regex::new("[A-Za-z0-9+/_-]{12,}=*").unwrap();
    for (name, bytes) in files(dir) {
        let bytes = match name.ends_with(".zst") {
            true => zstd::stream::decode_all(&bytes[..]).unwrap(),
            false => bytes,
        };
        let mut text = format!("{name}\n{}", String::from_utf8_lossy(&bytes));
        for _ in 0..3 {
            let opened: Vec<String> = long
                .find_iter(&text)
                .filter_map(|m| STANDARD.decode(m.as_str()).ok())
                .filter_map(|b| String::from_utf8(b).ok())
                .collect();
            out.push_str(&text);
            text = opened.join("\n");
        }
    }
    out
}

fn forms(value: &str) -> Vec<String> {
    let json = serde_json::Value::from(value).to_string();
    vec![
        value.to_owned(),
        percent(value),
        percent(value).to_lowercase(),
        json[1..json.len() - 1].to_owned(),
        value.replace('"', "&quot;"),
    ]
}

#[test]
fn nothing_is_left_of_a_value_and_everything_else_is_as_sealed() {
    let folder = tempfile::tempdir().unwrap();
    let (dir, out) = (folder.path().join("run"), folder.path().join("r.tar.zst"));
    let (_, trust, _) = people(&dir, "Owner");
    let plain = everything(&dir);
    let there = |s: &str| forms(s).iter().any(|f| plain.contains(f));
    assert!(SECRETS.iter().all(|s| there(s)));
    let unstamped = [(About::TimeStamp, Proof::NotProven)];
    let report = check(&dir, &trust).unwrap();
    assert_eq!(open_points(&report), unstamped, "{report:#?}");
    assert!(report.about(About::Redactable).is_some() && !report.redacted);
    let told = pack_redacted(&dir, &[], None, &out).unwrap();
    assert_eq!(told.disclosed, 0);
    assert!(told.hidden >= 3, "{told:?}");
    assert!(told.kept.contains("42"), "{told:?}");
    let opened = Opened::open(&out).unwrap();
    let report = opened.check(&trust).unwrap();
    assert_eq!(open_points(&report), unstamped, "{report:#?}");
    assert!(report.redacted && report.about(About::Pseudonyms).is_some());
    let left = everything(opened.dir());
    for form in SECRETS.iter().flat_map(|s| forms(s)) {
        assert!(!left.contains(&form), "{form} is left");
    }
    // Nor anything that a guess could be held against.
    let key = fs::read_to_string(dir.join("redaction.json")).unwrap();
    let key: serde_json::Value = serde_json::from_str(&key).unwrap();
    assert!(!left.contains(key["key"].as_str().unwrap()));
    let own = fs::read(dir.join("manifest.json")).unwrap();
    let own: serde_json::Value = serde_json::from_slice(&own).unwrap();
    let form = fs::read_to_string(opened.dir().join("manifest.json")).unwrap();
    let untouched: Vec<_> = own["files"].as_array().unwrap().iter().collect();
    assert!(untouched.iter().any(|f| f["path"] == "redaction.json"));
    assert!(!form.contains("redaction.json"));
    for x in Run::open(&dir).unwrap().exchanges().unwrap().flatten() {
        if x.caller.contains(USER) {
            assert!(!left.contains(&x.id) && !left.contains(&x.answer.unwrap().sha256));
        }
    }
    // The whole run is still what it was.
    assert_eq!(open_points(&check(&dir, &trust).unwrap()), unstamped);
    // A redacted run is no run to redact.
    let again = pack_redacted(opened.dir(), &[], None, &folder.path().join("again"));
    assert!(matches!(again, Err(Error::Selection(_))), "{again:?}");
}

#[test]
fn one_value_has_one_pseudonym_in_a_run_and_another_in_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let names: Vec<String> = ["a", "b"]
        .iter()
        .map(|n| {
            let dir = folder.path().join(n);
            people(&dir, "Owner");
            let one = disclose(&dir, &[USER.to_owned()]).unwrap().remove(0);
            assert_eq!((one.kind, one.salt.len()), (Named::User, 64));
            let out = folder.path().join(format!("{n}.tar.zst"));
            pack_redacted(&dir, &[], None, &out).unwrap();
            let opened = Opened::open(&out).unwrap();
            let left = everything(opened.dir());
            assert!(left.contains(&format!(":user/team/{}", one.pseudonym)));
            assert!(left.matches(&one.pseudonym).count() > 10);
            one.pseudonym
        })
        .collect();
    assert_ne!(names[0], names[1]);
}

#[test]
fn single_values_are_disclosed_and_no_others() {
    let folder = tempfile::tempdir().unwrap();
    let (dir, out) = (folder.path().join("run"), folder.path().join("r.tar.zst"));
    let (_, mut trust, _) = people(&dir, "Owner");
    let emails = [(Some(Named::Email), Regex::new(".*").unwrap())];
    let told = pack_redacted(&dir, &emails, None, &out).unwrap();
    // The address, and the one that holds it.
    assert!(told.hidden == 2 && told.disclosed >= 2, "{told:?}");
    let opened = Opened::open(&out).unwrap();
    let about = |t: &Trust| opened.check(t).unwrap();
    let statement = |r: &SealReport| r.about(About::Disclosed).unwrap().proof;
    assert_eq!(statement(&about(&trust)), Proof::Proven);
    let left = everything(opened.dir());
    assert!(left.contains(USER) && !left.contains(EMAIL));
    fs::remove_file(opened.dir().join("disclosed.jsonl")).unwrap();
    let lines = disclose(&dir, &[EMAIL.to_owned()]).unwrap();
    let line = |d: &Disclosed| serde_json::to_string(d).unwrap() + "\n";
    trust.disclosed = Some(line(&lines[0]));
    assert_eq!(statement(&about(&trust)), Proof::Proven);
    let bend = |change: &dyn Fn(&mut Disclosed)| {
        let mut d = lines[0].clone();
        change(&mut d);
        line(&d)
    };
    let other = disclose(&dir, &[USER.to_owned()]).unwrap().remove(0);
    for wrong in [
        bend(&|d| d.value = "bob@example.co.jp".to_owned()),
        bend(&|d| d.salt = "0".repeat(64)),
        bend(&|d| d.salt.clear()),
        bend(&|d| d.kind = Named::Tag),
        bend(&|d| d.pseudonym.clone_from(&other.pseudonym)),
        line(&lines[0]).repeat(2),
        "{}".to_owned(),
    ] {
        trust.disclosed = Some(wrong.clone());
        assert_eq!(statement(&about(&trust)), Proof::Broken, "{wrong}");
    }
    assert!(matches!(
        disclose(&dir, &["nobody".to_owned()]),
        Err(Error::Selection(_))
    ));
}

#[test]
fn every_change_of_a_redacted_run_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    let trust = Authority::usual().stamped(&run);
    let out = folder.path().join("r.tar.zst");
    pack_redacted(&run, &[], None, &out).unwrap();
    super::bundles::bend(&out, &trust, 300);
    let opened = Opened::open(&out).unwrap();
    assert_eq!(open_points(&opened.check(&trust).unwrap()), []);
    let dir = folder.path().join("unpacked");
    let mut all = files(opened.dir());
    all.remove("bundle.json");
    super::mutations::rebuilt(&dir, &all);
    super::mutations::damaged(&dir, &all, &trust, &mut Chance(0xacce), 2_500);
    // The manifests of the two forms do not stand for each other.
    fs::copy(run.join("manifest.json"), dir.join("manifest.json")).unwrap();
    assert_eq!(check(&dir, &trust).unwrap().worst(), Proof::Broken);
    super::mutations::rebuilt(&dir, &all);
    fs::write(dir.join("redaction.json"), "{}").unwrap();
    assert_eq!(check(&dir, &trust).unwrap().worst(), Proof::Broken);
}

#[test]
fn a_form_that_is_not_that_of_the_run_is_found_by_who_has_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("run");
    let (_, trust, _) = people(&dir, "Owner");
    // A key that was not sealed gives other pseudonyms, and no bundle.
    let path = dir.join("redaction.json");
    let text = fs::read_to_string(&path).unwrap();
    let at = text.find("\"key\":\"").unwrap() + 7;
    let digit = if &text[at..=at] == "0" { "1" } else { "0" };
    fs::write(&path, format!("{}{digit}{}", &text[..at], &text[at + 1..])).unwrap();
    assert_eq!(check(&dir, &trust).unwrap().worst(), Proof::Broken);
    let out = folder.path().join("r");
    assert!(pack_redacted(&dir, &[], None, &out).is_err() && !out.exists());
}

#[test]
fn a_part_of_a_redacted_run_leads_to_the_sealed_root() {
    let folder = tempfile::tempdir().unwrap();
    let (dir, out) = (folder.path().join("run"), folder.path().join("p.tar.zst"));
    let (run, trust, _) = people(&dir, "Owner");
    let finding = run.findings().unwrap().next().unwrap().unwrap();
    let chosen = Chosen {
        findings: vec![finding.id.clone()],
        ..Chosen::default()
    };
    pack_redacted(&dir, &[], Some(&chosen), &out).unwrap();
    let opened = Opened::open(&out).unwrap();
    assert!(opened.is_part());
    let report = opened.check(&trust).unwrap();
    let unstamped = [(About::TimeStamp, Proof::NotProven)];
    assert_eq!(open_points(&report), unstamped, "{report:#?}");
    assert!(report.part && report.redacted && report.about(About::Pseudonyms).is_some());
    let left = everything(opened.dir());
    assert!(left.contains(&finding.id));
    for form in SECRETS.iter().flat_map(|s| forms(s)) {
        assert!(!left.contains(&form), "{form} is left");
    }
    // Less than the whole form: other findings are not in it.
    let others = run.findings().unwrap().map(Result::unwrap);
    assert!(
        others
            .filter(|f| f.id != finding.id)
            .all(|f| !left.contains(&f.id))
    );
    // What the part does not hold is not disclosed with it.
    let nothing = [(Some(Named::Tag), Regex::new("no such tag").unwrap())];
    let more = folder.path().join("d.tar.zst");
    let told = pack_redacted(&dir, &nothing, Some(&chosen), &more).unwrap();
    let opened = Opened::open(&more).unwrap();
    let left = everything(opened.dir());
    assert!(!left.contains(EMAIL) && !left.contains(TAG), "{told:?}");
    // What is no finding of the run is told by its own name.
    let nobody = Chosen {
        findings: vec!["f0".to_owned()],
        ..Chosen::default()
    };
    let none = pack_redacted(&dir, &[], Some(&nobody), &folder.path().join("n"));
    assert!(matches!(none, Err(Error::Selection(_))), "{none:?}");
}

#[test]
fn every_change_of_a_redacted_part_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    let trust = Authority::usual().stamped(&run);
    let finding = Run::open(&run).unwrap().findings().unwrap().next();
    let chosen = Chosen {
        findings: vec![finding.unwrap().unwrap().id],
        ..Chosen::default()
    };
    let out = folder.path().join("p.tar.zst");
    pack_redacted(&run, &[], Some(&chosen), &out).unwrap();
    super::bundles::bend(&out, &trust, 300);
    let opened = Opened::open(&out).unwrap();
    assert_eq!(open_points(&opened.check(&trust).unwrap()), []);
    for name in [
        "pseudonyms.jsonl",
        "proofs.jsonl",
        "run.json",
        "bundle.json",
    ] {
        let dir = folder.path().join(name);
        super::mutations::rebuilt(&dir, &files(opened.dir()));
        let path = dir.join(name);
        let mut bytes = fs::read(&path).unwrap();
        bytes.extend_from_slice(b"\n");
        fs::write(&path, bytes).unwrap();
        let report = Opened::open(&dir).unwrap().check(&trust).unwrap();
        assert_eq!(report.worst(), Proof::Broken, "{name}");
        super::mutations::rebuilt(&dir, &files(opened.dir()));
        fs::remove_file(&path).unwrap();
        let report = Opened::open(&dir).unwrap().check(&trust);
        let found = report.is_err() || report.is_ok_and(|r| r.worst() == Proof::Broken);
        assert!(found, "{name}");
    }
    // A file that no proof leads to.
    let dir = folder.path().join("more");
    super::mutations::rebuilt(&dir, &files(opened.dir()));
    fs::write(dir.join("disclosed.jsonl"), "{}\n").unwrap();
    let report = Opened::open(&dir).unwrap().check(&trust).unwrap();
    assert_eq!(report.worst(), Proof::Broken);
}
