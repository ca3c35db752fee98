//! The provider's statement: read, begun, and held against what was seen.

mod check;
mod load;
mod scope;
mod seen;
mod skeleton;

pub use check::check_statement;
pub use load::load_statement;
pub use seen::{DISCREPANCIES, Seen, SeenChange, SeenResources};
pub use skeleton::skeleton;
