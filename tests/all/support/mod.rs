//! What several tests need.

pub mod cli;
pub mod compare;
pub mod config;
pub mod google;
pub mod invariants;
pub mod moto;
pub mod packs;
pub mod proxy;
pub mod run;
pub mod seeded;

use std::path::PathBuf;

/// Root of the checkout.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}
