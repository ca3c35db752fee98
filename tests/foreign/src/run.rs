//! A run directory: whole, a part with proofs, or redacted, as its files say.
//! A section `disclosed` is the file of `verify --disclosed`.

use crate::{READERS, packs, sections};
use shoseki_evidence::Run;
use shoseki_evidence::seal::{Opened, Pseudonyms, Trust};
use shoseki_replay::Basis;
use std::collections::BTreeMap;

pub(crate) fn read(data: &[u8]) {
    let files = sections::split(data);
    let Ok(dir) = tempfile::tempdir() else { return };
    let (beside, files): (Vec<_>, Vec<_>) = files.into_iter().partition(|f| f.0 == "disclosed");
    sections::unpack(&files, dir.path());
    let mut trust = Trust::default();
    if let Some((_, text)) = beside.first() {
        trust.disclosed = Some(String::from_utf8_lossy(text).into_owned());
    }
    if let Ok(opened) = Opened::open(dir.path()) {
        let _ = opened.check(&trust);
    }
    let Ok(run) = Run::open(dir.path()) else {
        return;
    };
    let _ = run.check();
    let _ = Pseudonyms::read(run.dir()).map(|p| p.stand_in(data));
    derive(&run);
}

/// As `verify` derives it.
fn derive(run: &Run) {
    let Ok(lines) = run.pack() else { return };
    let files: BTreeMap<String, String> = lines.flatten().map(|f| (f.path, f.text)).collect();
    let loaded = packs::load(&files);
    let basis = Basis {
        readers: READERS,
        collectors: &loaded.collectors,
        rules: &loaded.rules,
        exceptions: &loaded.exceptions,
        standings: &|_| Ok(Vec::new()),
    };
    let _ = shoseki_replay::rederive(run, &basis);
}
