//! What a statement is held against, and the codes of what differs.

use shoseki_model::Text;
use std::collections::{BTreeMap, BTreeSet};

/// The codes, each with its meaning. A code is for ever.
pub const DISCREPANCIES: &[(&str, &str)] = &[
    (
        "adopted-contradicted",
        "adopted, and a result speaks against it",
    ),
    (
        "inherited-contradicted",
        "carried over, and a result speaks against it",
    ),
    (
        "mandatory-not-adopted",
        "must be adopted, is not, and no reason is given",
    ),
    (
        "not-adopted-without-reason",
        "not adopted, and no reason is given",
    ),
    ("measure-missing", "adopted without saying how"),
    ("unknown-control", "the catalogue has no such control"),
    (
        "missing-control",
        "must be adopted, and the statement is silent",
    ),
    (
        "other-edition",
        "the run used another edition of the criteria",
    ),
    (
        "account-outside",
        "an account in use that the scope does not name",
    ),
    (
        "region-outside",
        "a region in use that the scope does not name",
    ),
    (
        "service-outside",
        "a service in use that the scope does not name",
    ),
    (
        "provider-made-outside",
        "outside the scope there is only what the cloud makes by itself",
    ),
    ("account-not-seen", "an account of which nothing was read"),
    ("region-not-seen", "a region of which nothing was read"),
    (
        "service-not-seen",
        "a service whose lists were not read to their end",
    ),
    (
        "service-not-asked",
        "a service of the scope that nobody asked about",
    ),
    (
        "regions-not-known",
        "the source does not tell which regions were left out",
    ),
    (
        "service-nothing-there",
        "a service of the scope in which nothing was found",
    ),
    (
        "region-nothing-there",
        "a region of the scope in which nothing was found",
    ),
    (
        "change-not-seen",
        "a stated change that the ledger does not show",
    ),
    (
        "change-not-stated",
        "a change in the ledger that the statement does not report",
    ),
    ("scan-gap", "no scan for longer than promised"),
    ("outside-period", "the run is not of the stated period"),
];

/// Resources of one service at one place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeenResources {
    /// `aws.s3`.
    pub service: String,
    /// Account.
    pub account: String,
    /// Region, or `global`.
    pub region: String,
    /// How many.
    pub count: u64,
    /// How many of them the cloud does not make by itself.
    pub own: u64,
}

/// What a ledger saw change for a control.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenChange {
    /// The control.
    pub control: String,
    /// Day in Japan of the scan before; the change came on it or later.
    pub after: String,
    /// Day of the scan that saw it; it came on it or earlier.
    pub at: String,
    /// Results that changed.
    pub findings: u64,
}

/// What was seen.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Edition of the criteria.
    pub edition: Option<String>,
    /// Controls that a result speaks against, with when, in words.
    pub contradicted: BTreeMap<String, Text>,
    /// What is there.
    pub resources: Vec<SeenResources>,
    /// Accounts and regions of which something was read.
    pub read: BTreeSet<(String, String)>,
    /// Accounts that were to be read and were not.
    pub accounts_unread: BTreeSet<String>,
    /// Regions that were left out or not reached, by account.
    pub regions_unread: BTreeSet<(String, String)>,
    /// Whether that list is known to be whole.
    pub regions_known: bool,
    /// Services that were asked about, and whether all lists came to their end.
    pub services: BTreeMap<String, bool>,
    /// Day in Japan of the run; `None` for a period.
    pub day: Option<String>,
    /// Times without a scan, longer than promised: from and to.
    pub gaps: Vec<(String, String)>,
    /// Changes within the period; `None` where one moment was seen.
    pub changes: Option<Vec<SeenChange>>,
}
