//! A disk that is full.

use crate::demo::{scan, sh};
use std::fs;

/// Files of 40 KiB at most: every report of the demonstration is larger, and so are
/// the temporary files of a workbook.
const SCRIPT: &str = r#"
trap '' XFSZ
ulimit -f 40
set +e
"$shoseki" report run --format "$format" --out out/report 2>out/err
echo $?
"#;

#[test]
fn a_report_is_there_whole_or_not_at_all() {
    let home = tempfile::tempdir().unwrap();
    scan(home.path());
    let out = home.path().join("out");
    fs::create_dir(&out).unwrap();
    for format in ["xlsx", "html", "json", "csv", "sarif", "betten"] {
        for before in [None, Some("an earlier report")] {
            let report = out.join("report");
            if let Some(text) = before {
                fs::write(&report, text).unwrap();
            }
            let variables = [
                ("shoseki", env!("CARGO_BIN_EXE_shoseki")),
                ("format", format),
            ];
            let code = sh(home.path(), SCRIPT, &variables);
            let err = fs::read_to_string(out.join("err")).unwrap();
            assert_eq!(code.trim(), "1", "{format}: {err}");
            // One line in our own words, with the system's reason.
            assert_eq!(err.lines().count(), 1, "{format}: {err}");
            assert!(
                err.starts_with("shoseki: cannot write the report"),
                "{format}: {err}"
            );
            assert!(err.contains("os error 27"), "{format}: {err}");
            fs::remove_file(out.join("err")).unwrap();
            assert_eq!(
                fs::read_to_string(&report).ok().as_deref(),
                before,
                "{format}"
            );
            fs::remove_file(&report).ok();
            assert_eq!(fs::read_dir(&out).unwrap().count(), 0, "{format}");
        }
    }
}
