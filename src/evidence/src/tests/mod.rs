//! Runs are written, read, judged again and damaged.
#![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]

mod canonical;
mod hostile;
mod records;
mod run;
mod schemas;
mod seal;
