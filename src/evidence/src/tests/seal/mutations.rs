//! A sealed run, damaged in every way that chance and malice find.

use super::stamps::Authority;
use super::*;
use crate::seal::{About, ENVELOPE, MANIFEST, Proof, STAMP, check};
use std::collections::BTreeMap;
use std::fs;

/// All files of a directory.
pub(super) fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut out = BTreeMap::new();
    let mut folders = vec![String::new()];
    while let Some(below) = folders.pop() {
        for e in fs::read_dir(dir.join(&below)).unwrap() {
            let e = e.unwrap();
            let path = format!("{below}{}", e.file_name().to_str().unwrap());
            if e.file_type().unwrap().is_dir() {
                folders.push(format!("{path}/"));
            } else {
                out.insert(path.clone(), fs::read(dir.join(&path)).unwrap());
            }
        }
    }
    out
}

/// Small, fast and the same everywhere: xorshift64*.
pub(super) struct Chance(pub(super) u64);

impl Chance {
    pub(super) fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(high).unwrap() % n
    }
}

/// One change; what was there is put back by the caller.
fn damage(
    dir: &Path,
    all: &BTreeMap<String, Vec<u8>>,
    chance: &mut Chance,
) -> (String, Vec<String>) {
    let names: Vec<&String> = all.keys().collect();
    let name = names[chance.below(names.len())].clone();
    let other = names[chance.below(names.len())].clone();
    let mut bytes = all[&name].clone();
    let at = chance.below(bytes.len());
    let put = |bytes: &[u8]| fs::write(dir.join(&name), bytes).unwrap();
    let told = match chance.below(9) {
        0 => {
            bytes[at] ^= 1 << chance.below(8);
            put(&bytes);
            format!("bit at {at}")
        }
        1 => {
            bytes[at] = bytes[at].wrapping_add(u8::try_from(1 + chance.below(255)).unwrap());
            put(&bytes);
            format!("byte at {at} is {}", bytes[at])
        }
        2 => {
            bytes.remove(at);
            put(&bytes);
            format!("byte at {at} is gone")
        }
        3 => {
            bytes.insert(at, u8::try_from(chance.below(256)).unwrap());
            put(&bytes);
            format!("byte at {at} is new")
        }
        4 => {
            put(&bytes[..at]);
            format!("cut at {at}")
        }
        5 => {
            let from = chance.below(bytes.len());
            bytes.swap(at, from);
            if bytes == all[&name] {
                bytes.push(0);
            }
            put(&bytes);
            format!("bytes at {at} and {from} are swapped")
        }
        6 => {
            fs::remove_file(dir.join(&name)).unwrap();
            "it is gone".to_owned()
        }
        7 if all[&other] != bytes => {
            fs::write(dir.join(&name), &all[&other]).unwrap();
            fs::write(dir.join(&other), &bytes).unwrap();
            format!("it is swapped with {other}")
        }
        _ => {
            let more = format!("answers/ab/{:016x}", chance.0);
            fs::create_dir_all(dir.join("answers/ab")).unwrap();
            fs::write(dir.join(&more), &bytes).unwrap();
            return (format!("{name}: also as {more}"), vec![more]);
        }
    };
    (format!("{name}: {told}"), vec![name, other])
}

/// Damages a sealed run this often; every change must be found.
fn damaged_often(dir: &Path, all: &BTreeMap<String, Vec<u8>>, trust: &Trust, seed: u64) {
    rebuilt(dir, all);
    damaged(dir, all, trust, &mut Chance(seed), CHANGES / WORKERS);
}

pub(super) fn damaged(
    dir: &Path,
    all: &BTreeMap<String, Vec<u8>>,
    trust: &Trust,
    chance: &mut Chance,
    changes: u64,
) {
    for n in 0..changes {
        let (told, touched) = damage(dir, all, chance);
        // A check that cannot go on has found it too.
        let found = check(dir, trust).map_or(true, |r| !r.proven());
        assert!(found, "change {n} was not found: {told}");
        for name in touched {
            match all.get(&name) {
                Some(bytes) => fs::write(dir.join(name), bytes).unwrap(),
                None => fs::remove_file(dir.join(name)).unwrap(),
            }
        }
    }
    assert!(check(dir, trust).unwrap().proven());
}

const CHANGES: u64 = 10_000;
const WORKERS: u64 = 4;

#[test]
fn every_one_of_ten_thousand_random_changes_is_found() {
    let sealed = tempfile::tempdir().unwrap();
    let trust = Authority::usual().stamped(sealed.path());
    let all = files(sealed.path());
    std::thread::scope(|scope| {
        for seed in 1..=WORKERS {
            let (all, trust) = (&all, &trust);
            scope.spawn(move || {
                let dir = tempfile::tempdir().unwrap();
                damaged_often(&dir.path().join("run"), all, trust, 0x5eed * seed);
            });
        }
    });
}

/// Writes records of one file again without those that name one of `ids`.
fn without(dir: &Path, file: &str, ids: &[&str]) {
    let path = dir.join(file);
    let packed = fs::read(&path).unwrap();
    let compressed = file.ends_with(".zst");
    let text = if compressed {
        zstd::stream::decode_all(&packed[..]).unwrap()
    } else {
        packed
    };
    let text = String::from_utf8(text).unwrap();
    let kept: String = text
        .lines()
        .filter(|l| {
            !ids.iter()
                .any(|id| l.contains(&format!("{{\"id\":\"{id}\"")))
        })
        .map(|l| format!("{l}\n"))
        .collect();
    assert_ne!(kept, text);
    let bytes = if compressed {
        zstd::stream::encode_all(kept.as_bytes(), 1).unwrap()
    } else {
        kept.into_bytes()
    };
    fs::write(path, bytes).unwrap();
}

pub(super) fn rebuilt(dir: &Path, all: &BTreeMap<String, Vec<u8>>) {
    let _ = fs::remove_dir_all(dir);
    for (name, bytes) in all {
        fs::create_dir_all(dir.join(name).parent().unwrap()).unwrap();
        fs::write(dir.join(name), bytes).unwrap();
    }
}

#[test]
fn a_finding_and_its_exchange_cannot_be_dropped_whatever_else_is_adapted() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let trust = sealed(dir, Algorithm::Ed25519);
    let run = Run::open(dir).unwrap();
    let finding = run.findings().unwrap().next().unwrap().unwrap();
    let exchange = finding.observed[0].exchanges[0].clone();
    without(dir, "findings.jsonl.zst", &[&finding.id]);
    without(dir, "exchanges.jsonl.zst", &[&exchange]);
    let report = check(dir, &trust).unwrap();
    assert_eq!(report.about(About::Files).unwrap().proof, Proof::Broken);
    assert_eq!(report.about(About::Root).unwrap().proof, Proof::Broken);
    // The thief seals what is left with a key of his own.
    for name in [MANIFEST, ENVELOPE] {
        fs::remove_file(dir.join(name)).unwrap();
    }
    let thief = SecretKey::generate(Algorithm::Ed25519).unwrap();
    let run = Run::open(dir).unwrap();
    assert!(Draft::of(&run, &thief, tool(), "2026-11-23T01:04:00Z", false).is_err());
    let run_file = fs::read_to_string(dir.join("run.json")).unwrap();
    let mut json: serde_json::Value = serde_json::from_str(&run_file).unwrap();
    for f in json["files"].as_array_mut().unwrap() {
        let bytes = fs::read(dir.join(f["path"].as_str().unwrap())).unwrap();
        if f["sha256"] != shoseki_model::digest(&bytes) {
            f["records"] = (f["records"].as_u64().unwrap() - 1).into();
        }
        f["bytes"] = bytes.len().into();
        f["sha256"] = shoseki_model::digest(&bytes).into();
    }
    let put = |json: &serde_json::Value| {
        fs::write(
            dir.join("run.json"),
            serde_json::to_vec_pretty(json).unwrap(),
        )
        .unwrap();
        Run::open(dir).unwrap()
    };
    let run = put(&json);
    // Its answer went with the exchange.
    let left: std::collections::BTreeSet<String> = run
        .exchanges()
        .unwrap()
        .filter_map(|x| x.unwrap().answer)
        .map(|a| a.sha256)
        .collect();
    let mut bytes = 0;
    for (name, _) in files(dir).iter().filter(|f| f.0.starts_with("answers/")) {
        let sha256 = name.rsplit('/').next().unwrap().trim_end_matches(".zst");
        if left.contains(sha256) {
            bytes += run.answer(sha256).unwrap().len();
        } else {
            fs::remove_file(dir.join(name)).unwrap();
        }
    }
    json["answers"] = serde_json::json!({"count": left.len(), "bytes": bytes});
    let run = put(&json);
    draft(&run, &thief, false).write(dir, None).unwrap();
    // Those who trust the true key do not know him; for those who trust him, the
    // links do not hold.
    let report = check(dir, &trust).unwrap();
    assert_eq!(
        report.about(About::Signature).unwrap().proof,
        Proof::NotProven
    );
    assert_eq!(report.about(About::Links).unwrap().proof, Proof::Broken);
}

#[test]
fn an_old_manifest_and_another_run_s_seal_are_found() {
    let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let key = SecretKey::generate(Algorithm::P256).unwrap();
    let trust = Trust {
        keys: vec![key.public()],
        ..Trust::default()
    };
    draft(&write(old.path()), &key, false)
        .write(old.path(), None)
        .unwrap();
    let w = RunWriter::create(new.path()).unwrap();
    fill(&w);
    let mut later = info();
    later.ended = "2026-11-24T01:03:03Z".to_owned();
    w.finish(later, false).unwrap();
    let run = Run::open(new.path()).unwrap();
    draft(&run, &key, false).write(new.path(), None).unwrap();
    let unstamped = [(About::TimeStamp, Proof::NotProven)];
    assert_eq!(open_points(&check(new.path(), &trust).unwrap()), unstamped);
    let all = files(new.path());
    for replayed in [
        &[MANIFEST][..],
        &[ENVELOPE],
        &[MANIFEST, ENVELOPE],
        &["run.json"],
    ] {
        for name in replayed {
            fs::copy(old.path().join(name), new.path().join(name)).unwrap();
        }
        let report = check(new.path(), &trust).unwrap();
        assert_eq!(report.worst(), Proof::Broken, "{replayed:?}");
        rebuilt(new.path(), &all);
    }
    for gone in [&[MANIFEST][..], &[ENVELOPE]] {
        gone.iter()
            .for_each(|n| fs::remove_file(new.path().join(n)).unwrap());
        assert_eq!(check(new.path(), &trust).unwrap().worst(), Proof::Broken);
        rebuilt(new.path(), &all);
    }
    [MANIFEST, ENVELOPE]
        .iter()
        .for_each(|n| fs::remove_file(new.path().join(n)).unwrap());
    assert!(!check(new.path(), &trust).unwrap().proven());
}

#[test]
fn two_accounts_cannot_be_swapped() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let trust = sealed(dir, Algorithm::Ed25519);
    let all = files(dir);
    for file in [
        "exchanges.jsonl.zst",
        "findings.jsonl.zst",
        "resources.jsonl.zst",
        "populations.jsonl",
    ] {
        let bytes = all[file].clone();
        let compressed = file.ends_with(".zst");
        let text = if compressed {
            zstd::stream::decode_all(&bytes[..]).unwrap()
        } else {
            bytes
        };
        let swapped = String::from_utf8(text)
            .unwrap()
            .replace("\"account\":\"1\"", "\"account\":\"#\"")
            .replace("\"account\":\"2\"", "\"account\":\"1\"")
            .replace("\"account\":\"#\"", "\"account\":\"2\"");
        let bytes = if compressed {
            zstd::stream::encode_all(swapped.as_bytes(), 1).unwrap()
        } else {
            swapped.into_bytes()
        };
        fs::write(dir.join(file), bytes).unwrap();
        let report = check(dir, &trust).unwrap();
        assert_eq!(
            report.about(About::Root).unwrap().proof,
            Proof::Broken,
            "{file}"
        );
        rebuilt(dir, &all);
    }
    // The two answers, each under the other's name.
    let run = Run::open(dir).unwrap();
    let parts: Vec<_> = run
        .exchanges()
        .unwrap()
        .filter_map(|x| x.unwrap().answer)
        .collect();
    let at = |n: usize| crate::files::answer_path(dir, &parts[n].sha256);
    let (a, b) = (fs::read(at(1)).unwrap(), fs::read(at(3)).unwrap());
    assert_ne!(a, b);
    fs::write(at(1), b).unwrap();
    fs::write(at(3), a).unwrap();
    assert_eq!(check(dir, &trust).unwrap().worst(), Proof::Broken);
}

#[test]
fn the_stamp_is_part_of_the_seal() {
    let dir = tempfile::tempdir().unwrap();
    let trust = sealed(dir.path(), Algorithm::Ed25519);
    fs::write(dir.path().join(STAMP), "no stamp").unwrap();
    assert_eq!(check(dir.path(), &trust).unwrap().worst(), Proof::Broken);
}
