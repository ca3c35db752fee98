//! The seeds of the fuzz targets and what they once found, through the same
//! entries, without the fuzzer.
#![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]

use shoseki_foreign::{ENTRIES, enter};
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Far above what any of them takes, also on a busy machine without the
/// optimiser.
const LONGEST: Duration = Duration::from_secs(60);

fn folder(kind: &str) -> PathBuf {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    root.join("../../fuzz").join(kind)
}

/// Runs all files of a folder; gives their number.
fn all_of(kind: &str, target: &str) -> usize {
    let Ok(files) = fs::read_dir(folder(kind).join(target)) else {
        return 0;
    };
    let mut n = 0;
    for file in files {
        let path = file.unwrap().path();
        let data = fs::read(&path).unwrap();
        let started = Instant::now();
        enter(target, &data);
        let took = started.elapsed();
        assert!(took < LONGEST, "{}: {took:?}", path.display());
        n += 1;
    }
    n
}

macro_rules! targets {
    ($($name:ident),*) => {
        $(#[test]
        fn $name() {
            let target = stringify!($name);
            assert!(all_of("seeds", target) > 0, "{target} has no seeds");
            all_of("regressions", target);
        })*

        #[test]
        fn every_entry_is_tried_and_every_folder_is_an_entry() {
            let tried = [$(stringify!($name)),*];
            let entries: Vec<&str> = ENTRIES.iter().map(|e| e.0).collect();
            assert_eq!(entries, tried);
            for kind in ["seeds", "regressions"] {
                for f in fs::read_dir(folder(kind)).unwrap() {
                    let name = f.unwrap().file_name();
                    let name = name.to_str().unwrap();
                    assert!(entries.contains(&name), "{kind}/{name} is no target");
                }
            }
            for name in entries {
                let target = folder("fuzz_targets").join(format!("{name}.rs"));
                assert!(target.exists(), "{} is missing", target.display());
            }
        }
    };
}

targets!(
    bundle, run, stamp, answer, packs, expression, ledger, workbook
);
