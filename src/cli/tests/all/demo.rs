//! The program and a scan of the demonstration cloud.

use std::path::{Path, PathBuf};
use std::process::Command;

/// How a command ended.
pub struct Ended {
    /// Exit code.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

/// Runs `shoseki` in `home`, in English unless told otherwise.
pub fn run(home: &Path, args: &[&str]) -> Ended {
    let out = Command::new(env!("CARGO_BIN_EXE_shoseki"))
        .args(args)
        .env_clear()
        .env("HOME", home)
        .current_dir(home)
        .output()
        .unwrap();
    Ended {
        code: out.status.code().unwrap(),
        out: String::from_utf8(out.stdout).unwrap(),
        err: String::from_utf8(out.stderr).unwrap(),
    }
}

/// Scans the demonstration cloud into `home`.
pub fn scan(home: &Path) -> PathBuf {
    let dir = home.join("run");
    let e = run(home, &["scan", "--demo", "--out", dir.to_str().unwrap()]);
    assert_eq!(e.code, 0, "{}", e.err);
    dir
}

/// What a shell prints in `dir`.
pub fn sh(dir: &Path, script: &str, variables: &[(&str, &str)]) -> String {
    let out = Command::new("bash")
        .args(["-eu", "-o", "pipefail", "-c", script])
        .envs(variables.iter().copied())
        .current_dir(dir)
        .output()
        .unwrap();
    let err = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(out.status.success(), "{err}");
    String::from_utf8(out.stdout).unwrap()
}
