//! The built binary.

use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// `target/debug/shoseki`, beside this test.
pub fn binary() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    let name = format!("shoseki{}", std::env::consts::EXE_SUFFIX);
    let path = own.parent().and_then(Path::parent).unwrap().join(name);
    assert!(
        path.exists(),
        "{} is not there: run `cargo build -p shoseki`",
        path.display()
    );
    path
}

/// A command that sees nothing of this machine's AWS settings.
pub fn shoseki(args: &[&str]) -> Command {
    let mut c = Command::new(binary());
    c.env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("LC_ALL", "C.UTF-8")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .env("AWS_ACCESS_KEY_ID", "testing")
        .env("AWS_SECRET_ACCESS_KEY", "testing")
        .args(args);
    c
}

/// How a command ended.
pub struct Ended {
    /// Exit code.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

/// Runs a command to its end.
pub fn ended(mut c: Command) -> Ended {
    let out = c.output().unwrap();
    Ended {
        code: out.status.code().unwrap_or(-1),
        out: String::from_utf8(out.stdout).unwrap(),
        err: String::from_utf8(out.stderr).unwrap(),
    }
}

/// Runs `shoseki` with these arguments.
pub fn run(args: &[&str]) -> Ended {
    ended(shoseki(args))
}

/// A scan and the directory that it left.
pub struct Scan {
    folder: TempDir,
    /// How it ended.
    pub ended: Ended,
}

impl Scan {
    /// One whose run is `run` in a folder.
    pub fn of(folder: TempDir, ended: Ended) -> Self {
        Self { folder, ended }
    }

    /// The run directory.
    pub fn dir(&self) -> PathBuf {
        self.folder.path().join("run")
    }
}

/// The region of the seeded account.
pub const REGION: &str = "ap-northeast-1";

/// Scans the account behind `endpoint`. Moto answers what it does not know with
/// 500, so that another attempt only costs time.
pub fn scan(endpoint: &str, more: &[&str]) -> Scan {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let mut args = vec!["scan", "aws", "--endpoint", endpoint];
    args.extend(["--out", out.to_str().unwrap()]);
    for (name, value) in [
        ("--lang", "en"),
        ("--regions", REGION),
        ("--max-attempts", "1"),
    ] {
        if !more.contains(&name) {
            args.extend([name, value]);
        }
    }
    args.extend(more);
    let ended = run(&args);
    Scan { folder, ended }
}
