//! What strangers hand over, as functions from bytes: the entries of the fuzz
//! targets in `fuzz/` and of the tests that run their seeds. Each calls what the
//! program calls, and must come back: with whatever result, but without a panic,
//! in bounded time and memory. `docs/fuzzing.md` describes the forms of input.

mod answer;
mod bundle;
mod catalogue;
mod ledger;
mod packs;
mod run;
mod sections;
mod stamp;

use shoseki_collect::{Api, Reader};

/// The models of all clouds, as the program has them.
const APIS: &[&dyn Api] = &[
    &shoseki_aws::Models,
    &shoseki_azure::Models,
    &shoseki_gcp::Models,
];
/// The readers of all clouds' stored answers.
const READERS: &[&'static dyn Reader] = &[
    &shoseki_aws::Reader,
    &shoseki_azure::Reader,
    &shoseki_gcp::Reader,
];

/// An entry.
pub type Entry = fn(&[u8]);

/// All entries by the name of their fuzz target.
pub const ENTRIES: [(&str, Entry); 8] = [
    ("bundle", bundle::read),
    ("run", run::read),
    ("stamp", stamp::read),
    ("answer", answer::read),
    ("packs", packs::read),
    ("expression", packs::expression),
    ("ledger", ledger::read),
    ("workbook", catalogue::read),
];

/// Hands bytes to the entry of this name; an unknown name is a mistake of the
/// caller and does nothing.
pub fn enter(name: &str, data: &[u8]) {
    if let Some((_, entry)) = ENTRIES.iter().find(|e| e.0 == name) {
        entry(data);
    }
}
