//! The words of shoseki: what a scan speaks about, as plain data.
//!
//! No I/O and nothing asynchronous lives here. Every stored record derives its
//! JSON from these types; `docs/run-format.md` describes the files they fill.

mod diagnostic;
mod evidence;
mod exception;
mod fields;
mod finding;
mod ids;
mod json;
mod past;
mod standing;
mod statement;
mod text;

pub use diagnostic::{ALIASED, Diagnostic};
pub use evidence::{
    AnswerRef, ApiError, Caller, Cause, Exchange, Gap, Population, Resource, Sought, Target,
};
pub use exception::{Excepted, Exception, ExceptionScope, ExceptionState, ExceptionUse, fits};
pub use fields::{Kind, TypeInfo};
pub use finding::{Finding, Observed, ResourceRef, Severity, Sight, Tally, Verdict};
pub use ids::{digest, hex, short_id};
pub use json::{REDACTED, parse_json};
pub use past::{AWS_CONFIG, Backfill, Past, PastCause, PastGap, PastScope, PastState};
pub use standing::{Reach, RuleStanding, Standing, State, Strength};
pub use statement::{
    Discrepancy, Grade, Said, StatedChange, StatedControl, StatedScope, Statement,
};
pub use text::{Lang, Text};
