//! Rule files → rules, or everything that is wrong with them at once.

mod cases;
pub(crate) mod fields;
mod place;
mod rule;
mod set;
pub(crate) mod yaml;

pub use cases::Case;
pub use rule::{Fix, Reads, Rule};
pub use set::{RuleSet, load};

/// The codes of the diagnostics, each with its meaning. A code is for ever.
pub const CODES: &[(&str, &str)] = &[
    ("yaml", "the file is not YAML, or not one document"),
    ("missing-field", "a field that every rule has is missing"),
    ("unknown-field", "a field that no rule has"),
    ("wrong-value", "a field holds something else than it should"),
    ("wrong-id", "the id is not what the path spells"),
    ("duplicate-id", "two files have the same id"),
    ("unknown-type", "no collector yields the resource type"),
    ("missing-case", "a case that every rule has is missing"),
    ("case-fails", "a case does not come out as it says"),
    ("syntax", "the expression cannot be read"),
    ("unknown-path", "a path that no collector yields"),
    ("unknown-variable", "a variable that does not exist"),
    ("unknown-function", "a function that does not exist"),
    (
        "wrong-arity",
        "a function or macro is called with other arguments than it takes",
    ),
    (
        "wrong-type",
        "a value has a type that does not fit where it stands",
    ),
    (
        "may-be-absent",
        "a true-or-false member is used bare although it may be absent",
    ),
    ("bad-regex", "a regular expression cannot be read"),
    ("not-a-path", "`observe` holds something else than a path"),
];
