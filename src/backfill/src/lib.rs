//! Earlier states out of AWS Config's history.
//!
//! [`load`] reads the translations in `history/`: which member of a recorded item
//! is which setting. [`read`] asks for the items, turns each into the settings that
//! rules read, judges them with `now` at the moment of capture, and tells states
//! with the time for which they hold. What an item does not hold is unseen. A time
//! in which nothing was recorded is told as a gap; no state reaches into it.

mod ask;
mod items;
mod load;
mod read;
mod recorder;
mod translate;

pub use ask::Request;
pub use load::{Histories, History, load};
pub use read::{PERMISSIONS, Told, read};

#[cfg(test)]
mod tests;
