//! What a back-fill is asked for.

use crate::load::Histories;
use jiff::Timestamp;
use shoseki_collect::Collectors;
use shoseki_judge::RuleSet;

/// What is asked for.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The translations.
    pub histories: &'a Histories,
    /// The collectors, which say how resources are named.
    pub collectors: &'a Collectors,
    /// Rules to judge by.
    pub rules: &'a RuleSet,
    /// Types; none: all that have a translation and a rule.
    pub types: &'a [String],
    /// First moment.
    pub from: Timestamp,
    /// First moment after it.
    pub to: Timestamp,
    /// Start of the run: nothing is told of what comes after.
    pub now: Timestamp,
}
