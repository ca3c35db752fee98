//! What a run shows of the criteria: a catalogue of control ids, mappings from
//! controls to rules, and tallies in; a standing for every control out.
//!
//! Nothing here says that a control is complied with. A standing says how far
//! the settings that bear on a control were seen, and as what; the rest of the
//! control is named in the mapping's `remains` and stays for people.
//! [`state_of`] holds the rules by which a standing is reached.

mod catalogue;
mod check;
mod coverage;
mod load;
mod mapping;
mod select;
mod standing;
mod statement;
mod yaml;

pub use catalogue::{Catalogue, Control, Kind, Pattern, Reference, Tier};
pub use coverage::{Coverage, LevelCoverage, coverage};
pub use load::{File, load_editions};
pub use mapping::{Entry, Evidence, Link, Mappings};
pub use select::{Selection, UnknownControl, select};
pub use standing::{
    Cell, Counts, assess, assess_among, heat_map, rank, roll_up, state_of, telling,
};
pub use statement::{
    DISCREPANCIES, Seen, SeenChange, SeenResources, check_statement, load_statement, skeleton,
};
