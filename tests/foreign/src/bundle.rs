//! A bundle: as it is, or an archive that is compressed here, because no
//! mutation would hit through the compression.

use shoseki_evidence::seal::{Opened, Trust};
use std::fs;

pub(crate) fn read(data: &[u8]) {
    let Ok(dir) = tempfile::tempdir() else { return };
    let path = dir.path().join("bundle.tar.zst");
    let given = if data.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        data.to_vec()
    } else {
        zstd::encode_all(data, 1).unwrap_or_default()
    };
    if fs::write(&path, given).is_err() {
        return;
    }
    if let Ok(opened) = Opened::open(&path) {
        let _ = opened.check(&Trust::default());
    }
}
