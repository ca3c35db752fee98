//! The ledger from outside.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests stop at the first surprise"
)]

mod backfills;
mod chain;
mod crash;
mod damage;
mod made;
mod periods;
mod properties;
mod reports;
mod runs;
