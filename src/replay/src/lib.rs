//! Everything that a run says, derived again from its stored answers.
//!
//! [`rederive`] runs the collector engine against a cloud that is made of the
//! run's own exchanges, judges the resources with the stored rules at the stored
//! moment, and holds what comes out against what is stored. Answers are read by
//! the code that read them when they came ([`shoseki_collect::Reader`]). Nothing is
//! sent.

mod basis;
mod cloud;
mod derive;
mod hidden;
mod history;
mod index;
mod judgement;
mod known;
mod records;
mod report;
mod targets;

pub use basis::{Basis, Error};
pub use derive::rederive;
pub use hidden::{Holds, set_aside};
pub use history::rederive_history;
pub use report::{Compared, Problem, Report, Scope, Stated, Unasked};
