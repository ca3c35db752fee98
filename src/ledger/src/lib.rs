//! The ledger: what runs saw over a period, in one SQLite file.
//!
//! Each appended run is an [`Entry`] that binds the one before it by its head,
//! and everything stored for it by a digest. Only what changed since the last
//! run of the same scope is stored; [`Period`] turns that into intervals, and
//! never bridges a time in which nobody looked. `docs/ledger-format.md`
//! describes the file for those who read it with other tools.

mod append;
mod backfill;
mod canonical;
mod check;
mod content;
mod coverage;
mod diff;
mod error;
mod finding;
mod html;
mod ingest;
mod lane;
mod moment;
mod period;
mod record;
mod render;
mod schema;
mod standings;
mod store;
mod summary;
mod table;
mod timeline;
mod trend;
mod walk;
mod words;

pub use append::{Append, Appended};
pub use backfill::{BackfillInPeriod, PastSpan, SourceGap};
pub use check::{Check, Problem};
pub use diff::{
    ControlDiff, Diff, FindingDiff, FindingKind, GapDiff, Named, PackDiff, PopulationDiff, diff,
    diff_text,
};
pub use error::Error;
pub use finding::{Change, Deviation, FindingState, FindingTimeline, Side, Span};
pub use html::html;
pub use moment::{Moment, day_bounds, parse_length};
pub use period::{PackChange, Period, Query, RunInPeriod, ScanGap};
pub use record::{Entry, Listed, RunRecord};
pub use render::{json, text};
pub use standings::{ControlInterval, ControlTimeline};
pub use store::Ledger;
pub use summary::{Summary, Totals};
pub use table::csv;
pub use timeline::{Interval, Scan, Window, intervals};
pub use trend::trend;
