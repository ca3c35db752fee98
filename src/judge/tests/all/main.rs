//! Tests of the public interface.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;
mod exceptions;
mod judging;
mod loading;
mod misread;
mod tallies;
