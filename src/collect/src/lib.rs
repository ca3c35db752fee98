//! The collector language: load, check, plan, and run against a cloud.

mod ast;
mod changes;
mod check;
mod check_part;
mod cloud;
mod doc;
mod engine;
mod fields;
mod fits;
mod load;
mod path;
mod plan;
mod read;
mod stored;
mod template;
mod values;

pub use ast::{
    Call, Collector, Condition, Decode, ErrorMatch, List, Part, Prepare, Query, Scope, cloud_of,
};
pub use changes::{Changes, changes};
pub use cloud::{
    Api, Cloud, Failure, Hole, OperationInfo, Page, PageNames, Recorder, Request, Trail,
};
pub use doc::At;
pub use engine::{Event, Options, Progress, Summary, join_pages, run};
pub use load::{Collectors, load};
pub use path::{Misshapen, Path, Selected};
pub use plan::{Plan, PlannedCall, PlannedPart, PlannedType, plan};
pub use stored::{Ask, Examined, Find, Led, Place, Reached, Reader, Reading, StoredAnswer};
pub use template::{Names, Param, Reference, Root, Template, Unfilled};

#[cfg(test)]
mod tests;
