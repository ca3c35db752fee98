//! The Azure caller.
mod api;
mod errors;
mod guard;
pub mod model;
mod operation;
pub use api::Models;
