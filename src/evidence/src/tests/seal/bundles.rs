//! Bundles: whole runs and parts.

use super::mutations::{Chance, files};
use super::stamps::Authority;
use super::*;
use crate::seal::{About, Chosen, Error, Opened, Proof, check, extract, pack};
use std::fs;

#[test]
fn a_bundle_is_the_run_and_standard_tools_read_it() {
    let run = tempfile::tempdir().unwrap();
    let trust = Authority::usual().stamped(run.path());
    let out = tempfile::tempdir().unwrap();
    let at = |name: &str| out.path().join(name);
    pack(run.path(), &at("a.tar.zst")).unwrap();
    pack(run.path(), &at("b.tar.zst")).unwrap();
    assert_eq!(
        fs::read(at("a.tar.zst")).unwrap(),
        fs::read(at("b.tar.zst")).unwrap()
    );
    assert!(pack(run.path(), &at("b.tar.zst")).is_err());
    let report = check(&at("a.tar.zst"), &trust).unwrap();
    assert_eq!(open_points(&report), []);
    assert!(report.about(About::Bundle).is_some());
    let opened = Opened::open(&at("a.tar.zst")).unwrap();
    assert!(opened.is_bundle() && !opened.is_part());
    assert_eq!(Run::open(opened.dir()).unwrap().check().unwrap(), []);
    fs::create_dir(at("unpacked")).unwrap();
    command("tar", &at("unpacked"), &["--zstd", "-xf", "../a.tar.zst"]);
    let mut unpacked = files(&at("unpacked"));
    assert!(unpacked.remove("bundle.json").is_some());
    assert_eq!(unpacked, files(run.path()));
    // What was unpacked by hand is checked like the run itself.
    assert_eq!(open_points(&check(&at("unpacked"), &trust).unwrap()), []);
}

#[test]
fn a_run_that_is_not_sealed_or_not_as_sealed_is_not_bundled() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("x.tar.zst");
    let run = dir.path().join("run");
    write(&run);
    assert!(matches!(pack(&run, &out), Err(Error::Unsealed(_))));
    let key = SecretKey::generate(Algorithm::Ed25519).unwrap();
    draft(&Run::open(&run).unwrap(), &key, false)
        .write(&run, None)
        .unwrap();
    let again = Draft::of(
        &Run::open(&run).unwrap(),
        &key,
        tool(),
        "2026-11-23T01:04:00Z",
        false,
    );
    assert!(matches!(again, Err(Error::Sealed(_))));
    fs::write(run.join("gaps.jsonl"), "").unwrap();
    assert!(matches!(pack(&run, &out), Err(Error::Unsound { .. })));
    assert!(!out.exists());
}

/// Changes single bytes of a bundle; every change must be found.
pub(super) fn bend(bundle: &Path, trust: &Trust, changes: usize) {
    let whole = fs::read(bundle).unwrap();
    let at = bundle.with_extension("bent");
    let mut chance = Chance(7);
    for n in 0..changes {
        let mut bytes = whole.clone();
        let place = chance.below(bytes.len());
        match chance.below(4) {
            0 => bytes[place] ^= 1 << chance.below(8),
            1 => drop(bytes.remove(place)),
            2 => bytes.insert(place, 0),
            _ => bytes.truncate(place),
        }
        fs::write(&at, &bytes).unwrap();
        let found = check(&at, trust).map_or(true, |r| !r.proven());
        assert!(found, "change {n} at {place} was not found");
    }
    // An empty frame and a skippable one behind the end.
    for more in [
        &b"\x28\xb5\x2f\xfd\x20\x00\x01\x00\x00"[..],
        b"\x50\x2a\x4d\x18\x01\x00\x00\x00x",
    ] {
        let mut bytes = whole.clone();
        bytes.extend_from_slice(more);
        fs::write(&at, &bytes).unwrap();
        let found = check(&at, trust).map_or(true, |r| r.worst() == Proof::Broken);
        assert!(found);
    }
}

#[test]
fn every_change_of_a_bundle_s_own_bytes_is_found() {
    let run = tempfile::tempdir().unwrap();
    let trust = Authority::usual().stamped(&run.path().join("run"));
    let out = run.path().join("whole");
    pack(&run.path().join("run"), &out).unwrap();
    bend(&out, &trust, 500);
}

#[test]
fn a_bundle_cannot_write_elsewhere() {
    let dir = tempfile::tempdir().unwrap();
    for name in [
        "../x",
        "/x",
        "a/../../x",
        "a//x",
        ".x",
        "a\\x",
        "x\n",
        "answers/./x",
    ] {
        let mut tar = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_ustar();
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(1);
        header.set_entry_type(tar::EntryType::Regular);
        header.set_cksum();
        tar.append(&header, &b"x"[..]).unwrap();
        let path = dir.path().join("b");
        let bytes = zstd::stream::encode_all(&tar.into_inner().unwrap()[..], 1).unwrap();
        fs::write(&path, bytes).unwrap();
        assert!(
            matches!(check(&path, &Trust::default()), Err(Error::Unsound { .. })),
            "{name}"
        );
    }
    let mut tar = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_ustar();
    header.set_size(0);
    header.set_entry_type(tar::EntryType::Symlink);
    tar.append_link(&mut header, "run.json", "/etc/passwd")
        .unwrap();
    let path = dir.path().join("b");
    fs::write(
        &path,
        zstd::stream::encode_all(&tar.into_inner().unwrap()[..], 1).unwrap(),
    )
    .unwrap();
    assert!(check(&path, &Trust::default()).is_err());
}

#[test]
fn one_finding_or_one_control_is_handed_over_with_its_proofs() {
    let dir = tempfile::tempdir().unwrap();
    let run = dir.path().join("run");
    let trust = Authority::usual().stamped(&run);
    let id = Run::open(&run)
        .unwrap()
        .findings()
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .id;
    let of_finding = Chosen {
        findings: vec![id],
        controls: vec![],
    };
    let of_control = Chosen {
        findings: vec![],
        controls: vec!["10.1".to_owned()],
    };
    for (name, chosen, records) in [("f", of_finding, 9), ("c", of_control, 20)] {
        let out = dir.path().join(name);
        extract(&run, &chosen, &out).unwrap();
        let report = check(&out, &trust).unwrap();
        assert_eq!(open_points(&report), [], "{report:#?}");
        assert!(report.part);
        let opened = Opened::open(&out).unwrap();
        let proofs = fs::read_to_string(opened.dir().join("proofs.jsonl")).unwrap();
        let lines: Vec<&str> = proofs.lines().collect();
        assert_eq!(
            lines.iter().filter(|l| l.contains("\"line\"")).count(),
            records
        );
        // No record and no file can be left out, changed or put elsewhere.
        for n in 1..lines.len() {
            let mut fewer = lines.clone();
            let dropped = fewer.remove(n);
            let text = fewer.iter().map(|l| format!("{l}\n")).collect::<String>();
            fs::write(opened.dir().join("proofs.jsonl"), text).unwrap();
            let needed = !dropped.contains("pack.jsonl.zst");
            let report = opened.check(&trust).unwrap();
            assert!(!needed || report.worst() == Proof::Broken, "{dropped}");
            let text = proofs.replacen(
                dropped,
                &dropped
                    .replacen("tokyo", "osaka", 1)
                    .replacen("\"leaf\":", "\"leaf\":1", 1),
                1,
            );
            fs::write(opened.dir().join("proofs.jsonl"), text).unwrap();
            assert_eq!(
                opened.check(&trust).unwrap().worst(),
                Proof::Broken,
                "{dropped}"
            );
        }
        fs::write(opened.dir().join("proofs.jsonl"), &proofs).unwrap();
        assert!(opened.check(&trust).unwrap().proven());
        bend(&out, &trust, 200);
    }
    let nothing = Chosen {
        findings: vec!["f00".to_owned()],
        controls: vec![],
    };
    assert!(matches!(
        extract(&run, &nothing, &dir.path().join("n")),
        Err(Error::Selection(_))
    ));
}
