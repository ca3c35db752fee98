//! Files that unpack to far more than they are. Each test would need gigabytes,
//! or never end, if a limit were missing.

use super::records::*;
use crate::limits::LEAST;
use crate::seal::{Opened, Trust, check};
use crate::{Error, Run, RunWriter};
use shoseki_model::digest;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// So many bytes, compressed: `first` and then one byte over and over.
fn packed(first: &[u8], byte: u8, many: u64) -> Vec<u8> {
    let content = first.chain(io::repeat(byte).take(many));
    zstd::stream::encode_all(content, 1).unwrap()
}

fn run(dir: &Path) -> Run {
    let w = RunWriter::create(dir).unwrap();
    write(&w);
    w.finish(info(), false).unwrap();
    Run::open(dir).unwrap()
}

fn limit(e: &impl ToString) {
    let e = e.to_string();
    assert!(
        e.contains("unpacks to more") || e.contains("too long"),
        "{e}"
    );
}

#[test]
fn an_answer_that_unpacks_without_end_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let run = run(dir.path());
    let sha = "00".repeat(32);
    fs::create_dir_all(dir.path().join("answers/00")).unwrap();
    let bomb = packed(b"", b' ', LEAST);
    assert!(bomb.len() < 100_000);
    fs::write(dir.path().join(format!("answers/00/{sha}.zst")), bomb).unwrap();
    limit(&run.answer(&sha).unwrap_err());
}

#[test]
fn a_record_without_an_end_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let run = run(dir.path());
    let header = b"{\"format\":\"shoseki.findings/1\"}\n{\"id\":\"";
    let bomb = packed(header, b'a', LEAST);
    fs::write(dir.path().join("findings.jsonl.zst"), bomb).unwrap();
    let e = run.findings().unwrap().find_map(Result::err).unwrap();
    limit(&e);
    let told = run.check().unwrap();
    assert!(told.iter().any(|p| p.file == "findings.jsonl.zst"));
}

#[test]
fn lines_without_end_make_no_tree() {
    let dir = tempfile::tempdir().unwrap();
    run(dir.path());
    let header = b"{\"format\":\"shoseki.findings/1\"}\n";
    let bomb = packed(header, b'\n', LEAST + 1);
    fs::write(dir.path().join("findings.jsonl.zst"), bomb).unwrap();
    let survey = crate::seal::Survey::of(dir.path()).unwrap();
    assert!(
        survey
            .problems
            .iter()
            .any(|p| p.file == "findings.jsonl.zst")
    );
    assert!(survey.tree.len() < 100);
}

#[test]
fn what_is_compressed_twice_does_not_multiply() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("b.tar.zst");
    let mut tar = tar::Builder::new(zstd::Encoder::new(File::create(&path).unwrap(), 3).unwrap());
    // Each file alone stays within its limit; all of them do not.
    let bomb = packed(b"", b' ', LEAST / 3);
    for n in 0..4 {
        let mut header = tar::Header::new_ustar();
        header.set_path(format!("answers/00/{n}.zst")).unwrap();
        header.set_size(bomb.len() as u64);
        header.set_entry_type(tar::EntryType::Regular);
        header.set_cksum();
        tar.append(&header, &bomb[..]).unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap();
    limit(&Opened::open(&path).unwrap_err());
    limit(&check(&path, &Trust::default()).unwrap_err());
}

#[test]
fn what_would_not_be_read_back_is_not_written() {
    let dir = tempfile::tempdir().unwrap();
    let w = RunWriter::create(dir.path()).unwrap();
    let body = vec![b' '; (crate::limits::LONGEST + 1) as usize];
    let mut x = exchange(1, b"");
    let answer = x.answer.as_mut().unwrap();
    (answer.sha256, answer.bytes) = (digest(&body), body.len() as u64);
    let e = w.record(&x, Some(&body)).unwrap_err();
    assert_eq!(e.kind(), io::ErrorKind::FileTooLarge, "{e}");
    // Nothing of such a run is kept, as of any that could not be written.
    assert!(matches!(w.finish(info(), false), Err(Error::GivenUp(_))));
}
