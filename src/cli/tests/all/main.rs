//! Tests that run the program.
#![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]

mod appendix;
mod circles;
mod demo;
mod disk;
mod exceptions;
mod ledger;
mod sample;
mod secrets;
mod texts;
