//! What the callers of all clouds share: how fast and how patiently to ask, and
//! what must never be kept of an answer.

mod json;
mod limits;
#[cfg(feature = "loopback")]
pub mod loopback;
mod marks;
mod scrub;
mod words;
mod wrapped;

pub use json::{Named, Step, replace, secrets};
pub use limits::{Limiter, Limits, is_loopback};
pub use marks::{Marks, Paths};
pub use scrub::scrub;
pub use words::in_words;
