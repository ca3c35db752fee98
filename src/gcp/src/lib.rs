//! The Google Cloud caller: signs in and calls any reading method of the REST
//! APIs from data.
//!
//! - [`Models`] implements [`shoseki_collect::Api`]: parameters, answers,
//!   permissions and the list of reading methods, without a call.
//!
//! Models are trimmed by `cargo xtask gen` from Google's discovery documents.
//! Methods that are not on the reviewed list `allow.txt` are refused before
//! anything is made, and checked again on the wire.

mod api;
pub mod denied;
mod guard;
pub mod model;
pub mod secrets;
pub mod services;

pub use api::Models;
