//! Tests across floors: the built binary against a cloud on loopback, and the
//! data files against each other.
//!
//! `tests/setup` installs the AWS test server that most of them scan, and
//! `cargo build -p shoseki` makes the binary; nextest does both beforehand (see
//! `.config/nextest.toml`).
#![expect(clippy::unwrap_used, reason = "tests")]
#![expect(clippy::panic, reason = "tests")]

mod support;

mod absent;
mod backfill;
mod backfill_s3;
mod calls;
mod clouds;
mod commands;
mod completeness;
mod denial;
mod docs;
mod faults;
mod formats;
mod google;
mod kms;
mod missed;
mod nist;
mod pages;
mod paging;
mod pipelines;
mod readers;
mod roles;
mod secrets;
mod terminal;
mod verdicts;
