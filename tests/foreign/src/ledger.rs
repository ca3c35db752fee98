//! A ledger's file, as `ledger check`, `ledger list` and `period` open it.

use shoseki_ledger::Ledger;
use std::fs;

pub(crate) fn read(data: &[u8]) {
    let Ok(dir) = tempfile::tempdir() else { return };
    if fs::write(dir.path().join("ledger.sqlite"), data).is_err() {
        return;
    }
    if let Ok(ledger) = Ledger::open(dir.path()) {
        let _ = ledger.check(Some(&"0".repeat(64)), Some(dir.path()));
        let _ = ledger.entries();
    }
}
