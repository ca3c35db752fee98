//! Rules: load, check, evaluate with three values, build findings and tallies.
//!
//! [`load`] reads rule files and tells everything that is wrong with them at
//! once; [`Judge`] judges resources one by one; [`Tallies`] counts the findings
//! and holds the counts against the populations. The language is described in
//! `rules/README.md`.

mod check;
mod eval;
mod exceptions;
mod functions;
mod judge;
mod load;
mod render;
mod syntax;

pub use exceptions::{EXCEPTION_CODES, Exceptions};
pub use judge::{GapLookup, Judge, Tallies, TallyError};
pub use load::{CODES, Case, Fix, Reads, Rule, RuleSet, load};
pub use render::render;
