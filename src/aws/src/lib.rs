//! The AWS caller.

pub mod denied;
pub mod model;
pub mod secrets;
