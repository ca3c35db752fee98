//! Tests that run the program.
#![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]

mod demo;
mod sample;
mod secrets;
