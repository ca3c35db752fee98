//! The AWS caller: signs in to an account and calls any reading operation from
//! data.
//!
//! - [`sign_in`] gives a [`Session`] for one account, which implements
//!   [`shoseki_collect::Cloud`]: paging, retries, rate limits, time-outs, causes
//!   of failures and the recording of every exchange are inside.
//! - [`Models`] implements [`shoseki_collect::Api`]: members, permissions and the
//!   list of reading operations, without a call.
//! - [`Reader`] reads stored answers again.
//! - [`call`] makes one call by hand.
//! - [`Signer`] asks a key in KMS to sign, through a door that nothing else fits.
//!
//! `aws-config` signs in; `aws-smithy-runtime` orchestrates, signs and retries;
//! the SDK's protocol crates write requests from schemas that are built out of
//! [`model`]. Answers are read by this crate, strictly in structure and leniently
//! in scalars. Operations that are not on the reviewed list `allow.txt` are
//! refused before anything is made, and checked again on the wire.

mod answer;
mod api;
mod assume;
mod call;
mod client;
pub mod denied;
mod endpoint;
mod errors;
mod exchange;
mod guard;
mod limits;
pub mod model;
mod page;
mod protocol;
mod quirks;
mod read;
mod reader;
mod registry;
mod schema;
pub mod secrets;
mod session;
mod signer;
mod signin;
mod traffic;
mod write;

#[cfg(test)]
mod tests;

pub use api::Models;
pub use call::{Called, NotCalled, call};
pub use read::REDACTED;
pub use reader::{ORGANISATION, Reader, active_accounts};
pub use session::Session;
pub use shoseki_caller::Limits;
pub use signer::{KmsKey, PERMISSIONS as SIGNER_PERMISSIONS, Signer, SignerError};
pub use signin::{
    Keys, Member, PERMISSIONS as SIGN_IN_PERMISSIONS, Regions, Role, SignIn, SignInError, sign_in,
    sign_in_member,
};
