//! The ways to forge a run of several clouds, each tried in each of them.

use super::forge::Forged;
use super::forgeries::{Forgery, add, drop_resource, put, some, stored, texts};
use crate::packs::Packs;
use serde_json::{Value, json};
use shoseki_model::{Exchange, Tally};
use std::path::Path;
use std::sync::Arc;

const GAPS: &str = "gaps.jsonl";
const POPULATIONS: &str = "populations.jsonl";
const TALLIES: &str = "tallies.jsonl";
const STANDINGS: &str = "standings.jsonl";

/// The cloud of a record: resources, findings and gaps name a type or a rule.
fn cloud(v: &Value) -> &str {
    let of = ["cloud", "type", "rule"]
        .iter()
        .find_map(|m| v[*m].as_str());
    of.unwrap_or_default().split('.').next().unwrap()
}

/// The places of those records that are of a cloud and fit.
fn places(all: &[Value], of: &str, fits: impl Fn(&Value) -> bool) -> Vec<usize> {
    let fits = |i: &usize| cloud(&all[*i]) == of && fits(&all[*i]);
    (0..all.len()).filter(fits).collect()
}

/// What a forger brings along: the packs, to make standings again.
pub fn all(base: &Forged, truth: &Path, packs: &Arc<Packs>) -> Vec<Forgery> {
    let mut out = Vec::new();
    for of in ["aws", "azure", "gcp"] {
        records(base, of, &mut out);
        holes(base, of, &mut out);
        answers(base, truth, of, &mut out);
        targets(base, of, packs, &mut out);
    }
    refused(base, truth, &mut out);
    unreached(base, &mut out);
    sought(base, packs, &mut out);
    out
}

/// Verdicts, resources with all that hangs on them, tallies.
fn records(base: &Forged, of: &'static str, out: &mut Vec<Forgery>) {
    let findings = &base.records["findings.jsonl.zst"];
    let mine = places(findings, of, |_| true);
    for n in some(mine.len(), 8) {
        let i = mine[n];
        let was = findings[i]["verdict"].as_str().unwrap().to_owned();
        let to = if was == "pass" { "unknown" } else { "pass" };
        add(out, "verdict", format!("{of} {i} {was}"), move |f| {
            let finding = f.findings()[i].clone();
            f.findings()[i]["verdict"] = to.into();
            f.tally(&finding, &was, -1);
            f.tally(&finding, to, 1);
        });
    }
    let resources = &base.records["resources.jsonl.zst"];
    let mine = places(resources, of, |_| true);
    for n in some(mine.len(), 5) {
        let i = mine[n];
        let what = format!("{of} {}", resources[i]["id"]);
        add(out, "resource with all of it", what, move |f| {
            drop_with_answers(f, i)
        });
    }
    let tallies = &base.records[TALLIES];
    let mine = places(tallies, of, |t| t["fail"].as_u64() > Some(0));
    for n in some(mine.len(), 4) {
        let i = mine[n];
        add(
            out,
            "tally",
            format!("{of} {}", tallies[i]["rule"]),
            move |f| {
                let t = &mut f.of(TALLIES)[i];
                let (fail, pass) = (t["fail"].as_u64().unwrap(), t["pass"].as_u64().unwrap());
                t["fail"] = (fail - 1).into();
                t["pass"] = (pass + 1).into();
            },
        );
    }
    let standings = &base.records[STANDINGS];
    let speaks = |s: &Value| {
        let rules = s["rules"].as_array().into_iter().flatten();
        rules.map(cloud).any(|c| c == of)
    };
    let mine: Vec<usize> = (0..standings.len())
        .filter(|i| speaks(&standings[*i]))
        .collect();
    for n in some(mine.len(), 4) {
        let i = mine[n];
        let what = format!("{of} {}", standings[i]["control"]);
        add(out, "standing", what, move |f| {
            let s = &mut f.of(STANDINGS)[i]["state"];
            *s = if *s == "shown" {
                "partly-shown"
            } else {
                "shown"
            }
            .into();
        });
    }
}

/// Takes a resource away, with the answers that it alone rests on.
fn drop_with_answers(f: &mut Forged, i: usize) {
    let r = drop_resource(f, i);
    let sources = r["sources"].as_object().unwrap();
    let asked: Vec<Value> = sources
        .iter()
        .filter(|(part, _)| !part.is_empty())
        .flat_map(|(_, ids)| ids.as_array().unwrap().clone())
        .collect();
    let shared: Vec<String> = f
        .resources()
        .iter()
        .map(|r| r["sources"].to_string())
        .collect();
    let own = |id: &Value| !shared.iter().any(|s| s.contains(id.as_str().unwrap()));
    f.exchanges()
        .retain(|x| !(asked.contains(&x["id"]) && own(&x["id"])));
}

/// Gaps, causes, and populations that are said to be whole.
fn holes(base: &Forged, of: &'static str, out: &mut Vec<Forgery>) {
    let gaps = &base.records[GAPS];
    let mine = places(gaps, of, |_| true);
    for n in some(mine.len(), 12) {
        let i = mine[n];
        let (id, was) = (gaps[i]["id"].clone(), gaps[i]["cause"].clone());
        let what = format!("{of} {} {}", gaps[i]["call"], was);
        add(out, "gap alone", what.clone(), move |f| {
            f.of(GAPS).remove(i);
        });
        let id_of_it = id.clone();
        add(out, "gap with what names it", what.clone(), move |f| {
            forget(f, &id_of_it);
        });
        for to in ["not-asked", "denied", "vanished", "unlicensed", "timeout"] {
            if was != to {
                add(out, "cause", format!("{what} → {to}"), move |f| {
                    f.of(GAPS)[i]["cause"] = to.into();
                });
            }
        }
        if gaps[i].get("error").is_some() {
            add(out, "words", what, move |f| {
                f.of(GAPS)[i]["error"]["message"] = "some other reason".into();
            });
        }
    }
    let populations = &base.records[POPULATIONS];
    let broken = places(populations, of, |p| p["complete"] == false);
    for n in some(broken.len(), 6) {
        let i = broken[n];
        let what = format!("{of} {}", populations[i]["type"]);
        add(out, "whole", what, move |f| {
            let p = f.of(POPULATIONS)[i].as_object_mut().unwrap();
            p.insert("complete".to_owned(), true.into());
            p.remove("gaps");
        });
    }
}

/// Takes a gap away wherever it is named, and calls whole what it broke.
fn forget(f: &mut Forged, id: &Value) {
    f.of(GAPS).retain(|g| g["id"] != *id);
    let without = |v: &mut Value| -> bool {
        let Some(list) = v["gaps"].as_array_mut() else {
            return false;
        };
        let before = list.len();
        list.retain(|g| g != id);
        before > list.len()
    };
    for p in f.of(POPULATIONS) {
        if without(p) && p["gaps"].as_array().unwrap().is_empty() {
            p["complete"] = true.into();
            p.as_object_mut().unwrap().remove("gaps");
        }
    }
    for name in ["findings.jsonl.zst", TALLIES] {
        for v in f.of(name) {
            without(v);
        }
    }
    for r in f.resources() {
        if let Some(unseen) = r.get_mut("unseen").and_then(Value::as_object_mut) {
            unseen.retain(|_, gap| gap != id);
            if unseen.is_empty() {
                r.as_object_mut().unwrap().remove("unseen");
            }
        }
    }
}

/// Bytes of answers, pages, and what an answer says that it leaves out.
fn answers(base: &Forged, truth: &Path, of: &'static str, out: &mut Vec<Forgery>) {
    let exchanges = &base.records["exchanges.jsonl.zst"];
    let resources = &base.records["resources.jsonl.zst"];
    let mut made = 0;
    for i in places(resources, of, |_| true) {
        let r = &resources[i];
        let (mut found, first) = (Vec::new(), &r["sources"][""][0]);
        let Some(at) = exchanges.iter().position(|x| x["id"] == *first) else {
            continue;
        };
        texts(&r["settings"], &mut found);
        let body = String::from_utf8(stored(truth, &exchanges[at])).unwrap();
        let Some(v) = found.into_iter().find(|v| body.contains(*v)) else {
            continue;
        };
        made += 1;
        if made % 7 == 1 && made < 50 {
            let forged = body.replace(v, &format!("{v}x")).into_bytes();
            add(out, "bytes", format!("{of} {v}"), move |f| {
                put(f, at, forged.clone());
            });
        }
    }
    let tokens = [
        "NextToken",
        "nextToken",
        "Marker",
        "pageToken",
        "nextLink",
        "$skipToken",
    ];
    let mine = places(exchanges, of, |x| {
        let params = x["params"].as_object().unwrap();
        tokens.iter().any(|t| params.contains_key(*t))
    });
    for n in some(mine.len(), 4) {
        let i = mine[n];
        add(
            out,
            "page dropped",
            format!("{of} {}", exchanges[i]["call"]),
            move |f| {
                f.exchanges().remove(i);
            },
        );
    }
    let said = |x: &Value, words: &[&str]| {
        let sound = x["status"] == 200 && x["answer"].is_object();
        let body = sound.then(|| String::from_utf8_lossy(&stored(truth, x)).into_owned());
        body.filter(|b| words.iter().any(|w| b.contains(w)))
    };
    let words = ["\"unreachable\"", "\"UNREACHABLE\""];
    for i in places(exchanges, of, |x| said(x, &words).is_some()) {
        let body = said(&exchanges[i], &words).unwrap();
        let body = body.replace("\"unreachable\"", "\"reachable\"");
        let body = body
            .replace("\"UNREACHABLE\"", "\"NO_RESULTS_ON_PAGE\"")
            .into_bytes();
        add(
            out,
            "hole",
            format!("{of} {}", exchanges[i]["call"]),
            move |f| {
                put(f, i, body.clone());
            },
        );
    }
}

/// Targets dropped with all that is theirs, exchanged, renamed, added.
fn targets(base: &Forged, of: &'static str, packs: &Arc<Packs>, out: &mut Vec<Forgery>) {
    let all = base.run["targets"].as_array().unwrap();
    let mine = places(all, of, |_| true);
    for &i in &mine {
        let account = all[i]["account"].as_str().unwrap().to_owned();
        let what = format!("{of} {account}");
        let (packs, gone) = (Arc::clone(packs), account.clone());
        add(out, "target with all of it", what.clone(), move |f| {
            f.run["targets"].as_array_mut().unwrap().remove(i);
            drop_account(f, &gone, &packs);
        });
        add(out, "target's level", what.clone(), move |f| {
            let level = &mut f.run["targets"][i]["level"];
            *level = if *level == "folder" {
                "project"
            } else {
                "folder"
            }
            .into();
        });
        add(out, "target's name", what, move |f| {
            f.run["targets"][i]["name"] = "another".into();
        });
    }
    for pair in mine.windows(2) {
        let (i, j) = (pair[0], pair[1]);
        let (a, b) = (all[i]["account"].clone(), all[j]["account"].clone());
        let what = format!("{of} {a} {b}");
        add(out, "targets exchanged", what.clone(), move |f| {
            f.run["targets"][i]["account"] = b.clone();
            f.run["targets"][j]["account"] = a.clone();
        });
        let (a, b) = (all[i]["account"].clone(), all[j]["account"].clone());
        add(out, "records exchanged", what, move |f| {
            for x in f.exchanges() {
                let to = match &x["account"] {
                    y if *y == a => b.clone(),
                    y if *y == b => a.clone(),
                    _ => continue,
                };
                x["account"] = to;
                name(x);
            }
        });
    }
    let packs = Arc::clone(packs);
    add(out, "target that nothing leads to", of, move |f| {
        let first = &f.run["targets"].as_array().unwrap()[mine[0]];
        let mut more = first.clone();
        more["account"] = "another".into();
        let account = first["account"].clone();
        f.run["targets"].as_array_mut().unwrap().push(more);
        let copy: Vec<Value> = f.records[POPULATIONS]
            .iter()
            .filter(|p| p["account"] == account)
            .cloned()
            .collect();
        for mut p in copy {
            p["account"] = "another".into();
            f.of(POPULATIONS).push(p);
        }
        restand(f, &packs);
    });
}

/// Names an exchange by what it says was asked.
fn name(x: &mut Value) {
    let text = |m: &str| x[m].as_str().unwrap().to_owned();
    let params = x["params"].as_object().unwrap();
    let (cloud, account, region, call) =
        (text("cloud"), text("account"), text("region"), text("call"));
    x["id"] = Exchange::id_of(&cloud, &account, &region, &call, params).into();
}

/// Takes away all records of a target, and makes the standings fit again: nothing
/// but the lists speaks of it then.
fn drop_account(f: &mut Forged, account: &str, packs: &Packs) {
    for file in [
        "exchanges.jsonl.zst",
        "resources.jsonl.zst",
        GAPS,
        POPULATIONS,
        TALLIES,
    ] {
        let lists = |v: &Value| {
            let call = v["call"].as_str().unwrap_or_default();
            call.ends_with("s.list") || call.contains("ListAccounts") || call.contains(" /tenants?")
        };
        f.of(file).retain(|v| v["account"] != account || lists(v));
    }
    f.findings().retain(|v| v["resource"]["account"] != account);
    restand(f, packs);
}

/// Standings as they follow from the tallies.
fn restand(f: &mut Forged, packs: &Packs) {
    let tallies = f.records[TALLIES].iter();
    let tallies: Vec<Tally> = tallies
        .map(|t| serde_json::from_value(t.clone()).unwrap())
        .collect();
    let targets = f.run["targets"].as_array().unwrap();
    let mut clouds: Vec<&str> = targets.iter().map(cloud).collect();
    clouds.sort_unstable();
    clouds.dedup();
    let made = crate::select::standings(packs, &[], &clouds, &tallies);
    let made = made.unwrap_or_else(|e| unreachable!("{}", e.message));
    let made = made.iter().map(|s| serde_json::to_value(s).unwrap());
    let made = made.collect();
    *f.of(STANDINGS) = made;
}

/// What was refused, called empty: a disabled API, a missing licence, a denial; and
/// permissions that would let Resource Graph's answer count.
fn refused(base: &Forged, truth: &Path, out: &mut Vec<Forgery>) {
    let exchanges = &base.records["exchanges.jsonl.zst"];
    let gaps = &base.records[GAPS];
    let empty = |cloud: &str| match cloud {
        "azure" => "{\"value\":[]}",
        _ => "{}",
    };
    let codes = [
        ("gcp", "SERVICE_DISABLED", "disabled"),
        ("gcp", "IAM_PERMISSION_DENIED", "denied"),
        ("azure", "AadPremiumLicenseRequired", "unlicensed"),
        ("azure", "AuthorizationFailed", "denied"),
        ("aws", "AccessDenied", "denied"),
    ];
    for (of, code, what) in codes {
        let mine = places(exchanges, of, |x| {
            x["error"]["code"] == code && x["answer"].is_object()
        });
        for n in some(mine.len(), 6) {
            let (i, call) = (mine[n], exchanges[mine[n]]["call"].to_string());
            let kind = format!("{of} {what} {call}");
            add(out, "refusal called an answer", kind.clone(), move |f| {
                let x = f.exchanges()[i].as_object_mut().unwrap();
                x.remove("failure");
                x.remove("error");
                x.insert("status".to_owned(), 200.into());
            });
            // Where a gap says what was refused, an empty answer cannot stand.
            if gaps.iter().any(|g| g["exchange"] == exchanges[i]["id"]) {
                let body = empty(of).as_bytes().to_vec();
                add(out, "refusal turned into nothing", kind, move |f| {
                    put(f, i, body.clone());
                    let x = f.exchanges()[i].as_object_mut().unwrap();
                    x.remove("failure");
                    x.remove("error");
                    x.insert("status".to_owned(), 200.into());
                });
            }
        }
    }
    let asks = "Microsoft.Authorization/permissions?";
    for (i, x) in exchanges.iter().enumerate() {
        if !x["call"].as_str().unwrap().contains(asks) || !x["answer"].is_object() {
            continue;
        }
        let all = "{\"value\":[{\"actions\":[\"*/read\"],\"notActions\":[]}]}";
        let none = "{\"value\":[{\"actions\":[\"Microsoft.Storage/*/read\"],\"notActions\":[]}]}";
        let had = String::from_utf8(stored(truth, x)).unwrap();
        let had: Value = serde_json::from_str(&had).unwrap();
        let reads_all = had["value"].as_array().unwrap().iter().any(|e| {
            let actions = e["actions"].as_array().unwrap();
            // One that takes something away reads not all.
            let whole = e["notActions"].as_array().is_none_or(Vec::is_empty);
            whole && actions.iter().any(|a| a == "*/read" || a == "*")
        });
        let body = if reads_all { none } else { all }.as_bytes().to_vec();
        add(
            out,
            "effective permissions",
            x["account"].to_string(),
            move |f| {
                put(f, i, body.clone());
            },
        );
    }
}

/// Why a target was not reached: cause, code, words, and the exchange.
fn unreached(base: &Forged, out: &mut Vec<Forgery>) {
    let gaps = &base.records[GAPS];
    let exchanges = &base.records["exchanges.jsonl.zst"];
    let missed =
        |i: &usize| gaps[*i]["type"] == gaps[*i]["cloud"] && gaps[*i].get("resource").is_some();
    for i in (0..gaps.len()).filter(missed) {
        let what = format!("{} {}", gaps[i]["cloud"], gaps[i]["account"]);
        let at = exchanges
            .iter()
            .position(|x| x["id"] == gaps[i]["exchange"]);
        add(out, "unreached: code", what.clone(), move |f| {
            f.of(GAPS)[i]["error"]["code"] = "NoSuchThing".into();
        });
        add(out, "unreached: words", what.clone(), move |f| {
            f.of(GAPS)[i]["error"]["message"] = "the owner agreed".into();
        });
        for to in ["timeout", "unreachable", "not-asked", "vanished"] {
            add(
                out,
                "unreached: cause",
                format!("{what} → {to}"),
                move |f| {
                    f.of(GAPS)[i]["cause"] = to.into();
                },
            );
        }
        add(out, "unreached: on its word", what.clone(), move |f| {
            let g = f.of(GAPS)[i].as_object_mut().unwrap();
            g.remove("exchange");
            g.insert("cause".to_owned(), "timeout".into());
            g.insert(
                "error".to_owned(),
                json!({"code": "", "message": "no answer"}),
            );
        });
        add(out, "unreached: permission", what.clone(), move |f| {
            f.of(GAPS)[i]["permissions"] = json!(["none"]);
        });
        let Some(x) = at else { continue };
        add(out, "unreached: exchange dropped", what.clone(), move |f| {
            f.exchanges().remove(x);
        });
        add(out, "unreached: exchange's code", what.clone(), move |f| {
            f.exchanges()[x]["error"]["code"] = "NoSuchThing".into();
            f.of(GAPS)[i]["error"]["code"] = "NoSuchThing".into();
        });
        add(out, "unreached: exchange's cause", what, move |f| {
            f.exchanges()[x]["failure"] = "throttled".into();
            f.of(GAPS)[i]["cause"] = "throttled".into();
        });
    }
}

/// What was to be read, said otherwise.
fn sought(base: &Forged, packs: &Arc<Packs>, out: &mut Vec<Forgery>) {
    let all = base.run["sought"].as_array().unwrap();
    for (i, s) in all.iter().enumerate() {
        let cloud = s["cloud"].as_str().unwrap().to_owned();
        add(out, "sought: one named", cloud.clone(), move |f| {
            let s = f.run["sought"][i].as_object_mut().unwrap();
            s.remove("below");
            s.insert("named".to_owned(), json!(["another"]));
        });
        add(out, "sought: twice", cloud.clone(), move |f| {
            let again = f.run["sought"][i].clone();
            f.run["sought"].as_array_mut().unwrap().push(again);
        });
        add(out, "sought: regions", cloud.clone(), move |f| {
            if f.run["sought"][i]["cloud"] == "aws" {
                f.run["sought"][i]["regions"] = json!(["us-west-2"]);
            } else {
                f.run["sought"][i]["below"] = "organizations/1".into();
            }
        });
        if s.get("below").is_none() {
            continue;
        }
        // Without a word about it, the stored list still speaks.
        let targets = base.run["targets"].as_array().unwrap();
        let last = places(targets, &cloud, |_| true).pop().unwrap();
        let account = targets[last]["account"].as_str().unwrap().to_owned();
        let packs = Arc::clone(packs);
        add(out, "sought: gone, with a target", cloud, move |f| {
            f.run["sought"].as_array_mut().unwrap().remove(i);
            f.run["targets"].as_array_mut().unwrap().remove(last);
            drop_account(f, &account, &packs);
        });
    }
}
