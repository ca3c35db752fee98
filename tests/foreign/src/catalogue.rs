//! A workbook, as `catalogue import` reads it: a file, or the files of the
//! archive, which is then made here.

#[path = "../../../src/cli/src/catalogue/find.rs"]
mod find;
#[path = "../../../src/cli/src/catalogue/sheet.rs"]
mod sheet;

use crate::sections;
use shoseki_assess::{Catalogue, File, load_editions};
use std::io::{Cursor, Write as _};
use std::sync::LazyLock;
use zip::write::{SimpleFileOptions, ZipWriter};

static CATALOGUE: LazyLock<Option<Catalogue>> = LazyLock::new(|| {
    let all = shoseki_data::mappings();
    let file = all.iter().find(|f| f.path.ends_with(".json"))?;
    let view = File {
        path: &file.path,
        text: &file.text,
    };
    Some(load_editions(&[view], []).0.pop()?.0)
});

pub(crate) fn read(data: &[u8]) {
    let bytes = if data.starts_with(b"=== ") {
        archive(data).unwrap_or_default()
    } else {
        data.to_vec()
    };
    if let (Ok(sheets), Some(catalogue)) = (sheet::read(&bytes), &*CATALOGUE) {
        let _ = find::texts(&sheets, catalogue);
    }
}

fn archive(data: &[u8]) -> zip::result::ZipResult<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (path, content) in sections::split(data) {
        zip.start_file(path, options)?;
        zip.write_all(content)?;
    }
    Ok(zip.finish()?.into_inner())
}
