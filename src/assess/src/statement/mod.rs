//! The provider's statement: read, begun, and held against what was seen.

mod check;
mod load;
mod skeleton;

pub use check::{DISCREPANCIES, Seen, SeenChange, SeenResources, check_statement};
pub use load::load_statement;
pub use skeleton::skeleton;
