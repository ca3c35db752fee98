//! A small cloud on loopback HTTP whose answers are data.
//!
//! It speaks the providers' wire protocols (for AWS: awsJson, rest-json,
//! rest-xml, query and ec2; for Azure: Resource Manager, Resource Graph and
//! Microsoft Graph; for Google Cloud: `/<API's host>/<path>`; all from the same
//! compact models that the callers use), so that a demonstration and the tests go
//! through the very same callers as a real scan. Answers are written as a person
//! reads them from the provider's CLI; this crate puts them on the wire.

mod answers;
#[cfg(test)]
mod conformance;
mod fill;
mod request;
mod rest;
mod server;
mod wire;

pub use answers::{AnswerFile, Answers, DataError, demo_files};
pub use request::Asked;
pub use server::{Reply, Responder, Sandbox};
