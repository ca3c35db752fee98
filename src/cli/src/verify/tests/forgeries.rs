//! The ways to forge.

use super::forge::Forged;
use serde_json::{Value, json};
use shoseki_model::{Exchange, REDACTED, digest};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Kind, what in particular, and how.
pub type Forgery = (&'static str, String, Box<dyn Fn(&mut Forged) + Send + Sync>);

/// Some of `n` things, spread out.
pub fn some(n: usize, wanted: usize) -> impl Iterator<Item = usize> {
    let step = (n / wanted.max(1)).max(1);
    (0..n).step_by(step).take(wanted)
}

pub fn all(base: &Forged, truth: &Path) -> Vec<Forgery> {
    let mut out = Vec::new();
    findings(base, &mut out);
    answers(base, truth, &mut out);
    exchanges(base, &mut out);
    resources(base, &mut out);
    gaps(base, &mut out);
    populations(base, &mut out);
    packs(base, &mut out);
    header(base, &mut out);
    out
}

pub fn add(
    out: &mut Vec<Forgery>,
    kind: &'static str,
    what: impl Into<String>,
    change: impl Fn(&mut Forged) + Send + Sync + 'static,
) {
    out.push((kind, what.into(), Box::new(change)));
}

fn findings(base: &Forged, out: &mut Vec<Forgery>) {
    let all = &base.records["findings.jsonl.zst"];
    for i in some(all.len(), 25) {
        let was = all[i]["verdict"].as_str().unwrap().to_owned();
        let to = if was == "pass" { "fail" } else { "pass" };
        add(out, "verdict flipped", all[i]["id"].to_string(), move |f| {
            let finding = f.findings()[i].clone();
            f.findings()[i]["verdict"] = to.into();
            f.tally(&finding, &was, -1);
            f.tally(&finding, to, 1);
        });
    }
    let quoted: Vec<usize> = (0..all.len())
        .filter(|&i| all[i]["observed"][0].get("seen").is_some())
        .collect();
    for n in some(quoted.len(), 15) {
        let i = quoted[n];
        add(out, "observed value", all[i]["id"].to_string(), move |f| {
            f.findings()[i]["observed"][0]["seen"] = "other".into();
        });
    }
    for i in some(all.len(), 10) {
        add(out, "finding dropped", all[i]["id"].to_string(), move |f| {
            let finding = f.findings()[i].clone();
            let verdict = finding["verdict"].as_str().unwrap().to_owned();
            f.tally(&finding, &verdict, -1);
            f.tally(&finding, "enumerated", -1);
            f.findings().remove(i);
        });
        add(out, "finding twice", all[i]["id"].to_string(), move |f| {
            let finding = f.findings()[i].clone();
            f.findings().push(finding);
        });
    }
    for i in some(base.records["standings.jsonl"].len(), 8) {
        add(out, "standing", i.to_string(), move |f| {
            let s = &mut f.of("standings.jsonl")[i]["state"];
            *s = if *s == "shown" { "not-seen" } else { "shown" }.into();
        });
    }
}

/// Takes another answer for an exchange, digest and size made to fit.
pub fn put(f: &mut Forged, i: usize, bytes: Vec<u8>) {
    let sha = digest(&bytes);
    let answer = &mut f.exchanges()[i]["answer"];
    answer["sha256"] = sha.clone().into();
    answer["bytes"] = bytes.len().into();
    f.answers.insert(sha, Some(bytes));
}

pub fn stored(truth: &Path, x: &Value) -> Vec<u8> {
    let sha = x["answer"]["sha256"].as_str().unwrap();
    let path = truth.join(format!("answers/{}/{sha}.zst", &sha[..2]));
    zstd::decode_all(&fs::read(path).unwrap()[..]).unwrap()
}

/// The plain values of a setting.
pub fn texts<'v>(v: &'v Value, out: &mut Vec<&'v str>) {
    match v {
        Value::String(s)
            if s.len() > 5 && s != REDACTED && !s.contains(['"', '\\', '<', '&', '/', '\n']) =>
        {
            out.push(s);
        }
        Value::Array(l) => l.iter().for_each(|v| texts(v, out)),
        Value::Object(m) => m.values().for_each(|v| texts(v, out)),
        _ => {}
    }
}

fn answers(base: &Forged, truth: &Path, out: &mut Vec<Forgery>) {
    let exchanges = &base.records["exchanges.jsonl.zst"];
    let resources = &base.records["resources.jsonl.zst"];
    let at = |id: &Value| exchanges.iter().position(|x| x["id"] == *id).unwrap();
    let mut made = 0;
    for r in resources.iter() {
        for (part, sources) in r["sources"].as_object().unwrap() {
            let (Some(value), Some(id)) = (r["settings"].get(part), sources.get(0)) else {
                continue;
            };
            let (i, mut found) = (at(id), Vec::new());
            texts(value, &mut found);
            let text = stored(truth, &exchanges[i]);
            let body = String::from_utf8_lossy(&text).into_owned();
            let Some(v) = found.into_iter().find(|v| body.contains(*v)) else {
                continue;
            };
            if made < 25 {
                let forged = body.replace(v, &format!("{v}x")).into_bytes();
                add(out, "answer changed", format!("{part} {v}"), move |f| {
                    put(f, i, forged.clone());
                });
            }
            made += 1;
        }
    }
    let good = |i: &usize| exchanges[*i].get("failure").is_none();
    let good: Vec<usize> = (0..exchanges.len()).filter(good).collect();
    for n in some(good.len(), 8) {
        let (i, call) = (good[n], exchanges[good[n]]["call"].to_string());
        let half = stored(truth, &exchanges[i]);
        let half = half[..half.len() / 2].to_vec();
        add(out, "answer cut", call, move |f| put(f, i, half.clone()));
    }
    for n in some(good.len(), 6) {
        let (i, sha) = (good[n], exchanges[good[n]]["answer"]["sha256"].clone());
        let sha = sha.as_str().unwrap().to_owned();
        add(out, "answer taken away", i.to_string(), move |f| {
            f.answers.insert(sha.clone(), None);
        });
    }
    // The same question in two accounts, with different answers.
    let mut swapped = 0;
    for (i, x) in exchanges.iter().enumerate() {
        let other = exchanges.iter().position(|y| {
            ["call", "region", "params"].iter().all(|m| x[*m] == y[*m])
                && x["account"].as_str() < y["account"].as_str()
                && resources.iter().any(|r| r["sources"][""][0] == x["id"])
                && x["answer"]["sha256"] != y["answer"]["sha256"]
        });
        let Some(j) = other else { continue };
        swapped += 1;
        if swapped <= 8 {
            add(out, "answers swapped", x["call"].to_string(), move |f| {
                let (a, b) = (f.exchanges()[i].clone(), f.exchanges()[j].clone());
                f.exchanges()[i]["answer"] = b["answer"].clone();
                f.exchanges()[j]["answer"] = a["answer"].clone();
            });
        }
    }
}

fn exchanges(base: &Forged, out: &mut Vec<Forgery>) {
    let all = &base.records["exchanges.jsonl.zst"];
    for i in some(all.len(), 30) {
        add(
            out,
            "exchange dropped",
            all[i]["call"].to_string(),
            move |f| {
                f.exchanges().remove(i);
            },
        );
    }
    for i in some(all.len(), 6) {
        add(out, "time", all[i]["call"].to_string(), move |f| {
            f.exchanges()[i]["started"] = "2026-01-01T00:00:00Z".into();
        });
        add(out, "params", all[i]["call"].to_string(), move |f| {
            let x = &mut f.exchanges()[i];
            x["params"]["Other"] = json!("x");
            let text = |m: &str| x[m].as_str().unwrap().to_owned();
            x["id"] = Exchange::id_of(
                "aws",
                &text("account"),
                &text("region"),
                &text("call"),
                x["params"].as_object().unwrap(),
            )
            .into();
        });
    }
    // Of an error the status may say nothing that its code does not say.
    let good: Vec<usize> = (0..all.len())
        .filter(|&i| all[i]["status"] == 200 && all[i].get("failure").is_none())
        .collect();
    for n in some(good.len(), 8) {
        let i = good[n];
        add(out, "status", all[i]["call"].to_string(), move |f| {
            f.exchanges()[i]["status"] = 404.into();
        });
    }
    let failed: Vec<usize> = (0..all.len())
        .filter(|&i| all[i].get("error").is_some())
        .collect();
    for n in some(failed.len(), 6) {
        let i = failed[n];
        add(out, "error code", all[i]["call"].to_string(), move |f| {
            f.exchanges()[i]["error"]["code"] = "NoSuchThing".into();
        });
        add(out, "no failure", all[i]["call"].to_string(), move |f| {
            let x = f.exchanges()[i].as_object_mut().unwrap();
            x.remove("error");
            x.remove("failure");
        });
        add(out, "no answer", all[i]["call"].to_string(), move |f| {
            let x = f.exchanges()[i].as_object_mut().unwrap();
            x.remove("answer");
        });
    }
}

/// Takes a resource away, with its findings and wherever they and it are counted.
pub(super) fn drop_resource(f: &mut Forged, i: usize) -> Value {
    let r = f.resources()[i].clone();
    let of = |x: &Value| {
        ["type", "id", "account", "region"]
            .iter()
            .all(|m| x["resource"][*m] == r[*m])
    };
    let gone: Vec<Value> = f.findings().iter().filter(|x| of(x)).cloned().collect();
    for finding in &gone {
        f.tally(finding, finding["verdict"].as_str().unwrap(), -1);
        f.tally(finding, "enumerated", -1);
    }
    f.findings().retain(|x| !of(x));
    f.resources().remove(i);
    let p = f.of("populations.jsonl").iter_mut().find(|p| {
        p["type"] == r["type"] && p["account"] == r["account"] && p["region"] == r["scope"]
    });
    let p = p.unwrap();
    p["count"] = (p["count"].as_u64().unwrap() - 1).into();
    r
}

fn resources(base: &Forged, out: &mut Vec<Forgery>) {
    let all = &base.records["resources.jsonl.zst"];
    for i in some(all.len(), 8) {
        add(
            out,
            "resource dropped",
            all[i]["id"].to_string(),
            move |f| {
                drop_resource(f, i);
            },
        );
        add(
            out,
            "resource renamed",
            all[i]["id"].to_string(),
            move |f| {
                f.resources()[i]["name"] = "other".into();
            },
        );
    }
    let unseen: Vec<usize> = (0..all.len())
        .filter(|&i| all[i].get("unseen").is_some())
        .collect();
    for n in some(unseen.len(), 10) {
        let i = unseen[n];
        add(
            out,
            "unseen as absent",
            all[i]["id"].to_string(),
            move |f| {
                let r = f.resources()[i].as_object_mut().unwrap();
                r.remove("unseen");
            },
        );
    }
}

fn gaps(base: &Forged, out: &mut Vec<Forgery>) {
    for (i, g) in base.records["gaps.jsonl"].iter().enumerate().take(10) {
        let call = g["call"].to_string();
        add(out, "gap dropped", call.clone(), move |f| {
            f.of("gaps.jsonl").remove(i);
        });
        add(out, "cause", call, move |f| {
            f.of("gaps.jsonl")[i]["cause"] = "vanished".into();
        });
    }
}

fn populations(base: &Forged, out: &mut Vec<Forgery>) {
    let all = &base.records["populations.jsonl"];
    for i in some(all.len(), 8) {
        add(out, "population", all[i]["type"].to_string(), move |f| {
            let p = &mut f.of("populations.jsonl")[i];
            p["count"] = (p["count"].as_u64().unwrap() + 1).into();
            let p = p.clone();
            for t in f.of("tallies.jsonl") {
                if ["type", "account", "region"].iter().all(|m| t[*m] == p[*m]) {
                    t["enumerated"] = p["count"].clone();
                    t["pass"] = (t["pass"].as_u64().unwrap() + 1).into();
                }
            }
        });
        add(out, "complete", all[i]["type"].to_string(), move |f| {
            let p = &mut f.of("populations.jsonl")[i]["complete"];
            *p = (!p.as_bool().unwrap()).into();
        });
    }
}

fn packs(base: &Forged, out: &mut Vec<Forgery>) {
    let rules: BTreeSet<String> = base.records["findings.jsonl.zst"]
        .iter()
        .filter(|f| f["verdict"] == "pass")
        .map(|f| {
            format!(
                "rules/{}.yaml",
                f["rule"].as_str().unwrap().replace('.', "/")
            )
        })
        .collect();
    let files = base.records["pack.jsonl.zst"].iter();
    let plain: Vec<String> = files
        .filter(|f| {
            let text = f["text"].as_str().unwrap();
            rules.contains(f["path"].as_str().unwrap())
                && text.contains("\nexpect: ")
                && !text.contains("\nexpect: >")
                && !text.contains("\nexpect: |")
                && !text.contains("\nexpect: \"")
        })
        .map(|f| f["path"].as_str().unwrap().to_owned())
        .collect();
    for n in some(plain.len(), 4) {
        let file = plain[n].clone();
        add(out, "rule: severity", file.clone(), move |f| {
            f.repack(&file, |text| {
                let low = text.contains("\nseverity: low");
                let line = text.lines().find(|l| l.starts_with("severity:")).unwrap();
                text.replace(
                    line,
                    if low {
                        "severity: high"
                    } else {
                        "severity: low"
                    },
                )
            });
        });
        let file = plain[n].clone();
        add(out, "rule: condition", file.clone(), move |f| {
            f.repack(&file, |text| {
                let at = text.find("\nexpect: ").unwrap() + "\nexpect: ".len();
                let end = at + text[at..].find('\n').unwrap();
                format!(
                    "{}1 == 2 && ({}){}",
                    &text[..at],
                    &text[at..end],
                    &text[end..]
                )
            });
        });
    }
    add(out, "collector: absent", "denied", |f| {
        f.repack("collectors/aws/s3/bucket.yaml", |text| {
            text.replace("absent: [", "absent: [AccessDenied, ")
        });
    });
    add(out, "collector: call", "other", |f| {
        f.repack("collectors/aws/s3/bucket.yaml", |text| {
            text.replace("s3:GetBucketEncryption", "s3:GetBucketLogging")
        });
    });
}

fn header(base: &Forged, out: &mut Vec<Forgery>) {
    add(out, "judged_at", "a year on", |f| {
        f.run["judged_at"] = "2027-11-23T00:00:00Z".into();
    });
    add(out, "judged_at", "with the start", |f| {
        f.run["judged_at"] = "2027-11-23T00:00:00Z".into();
        f.run["started"] = "2027-11-23T00:00:00Z".into();
    });
    add(out, "judged_at", "years before", |f| {
        f.run["judged_at"] = "2019-11-23T00:00:00Z".into();
        f.run["started"] = "2019-11-23T00:00:00Z".into();
    });
    let outcome = base.run["outcome"].as_str().unwrap().to_owned();
    for to in ["complete", "nothing-read", "incomplete"] {
        if to != outcome {
            add(out, "outcome", to, move |f| f.run["outcome"] = to.into());
        }
    }
    for i in 0..base.run["targets"].as_array().unwrap().len() {
        add(out, "target: region", i.to_string(), move |f| {
            let t = &mut f.run["targets"][i];
            t["regions"].as_array_mut().unwrap().pop();
        });
        add(out, "target: caller", i.to_string(), move |f| {
            f.run["targets"][i]["caller"]["id"] = "arn:aws:iam::1:user/x".into();
        });
        add(out, "target: gone", i.to_string(), move |f| {
            f.run["targets"].as_array_mut().unwrap().remove(i);
        });
        add(out, "target: partition", i.to_string(), move |f| {
            f.run["targets"][i]["partition"] = "aws-cn".into();
        });
    }
    add(out, "selection", "narrowed", |f| {
        f.run["selection"]["rules"] = "aws.s3.*".into();
    });
    add(out, "selection", "controls", |f| {
        f.run["selection"]["controls"] = json!(["10.1"]);
    });
}
