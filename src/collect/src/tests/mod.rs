//! Tests of the language and of the engine, against a made-up provider.
#![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]

mod api;
mod cloud;
mod engine;
mod holes;
mod load;
mod shared;
mod shipped;
mod silence;
