//! The Google Cloud caller: signs in and calls any reading method of the REST
//! APIs from data.
//!
//! - [`sign_in`] gives an [`Access`], [`targets`] the projects, folders and
//!   organizations to read; a [`Session`] for one of these implements
//!   [`shoseki_collect::Cloud`]: paging, retries, rate limits, time-outs, causes
//!   of failures and the recording of every exchange are inside.
//! - [`Models`] implements [`shoseki_collect::Api`]: parameters, answers,
//!   permissions and the list of reading methods, without a call.
//! - [`Reader`] reads stored answers again.
//! - [`call()`] makes one call by hand.
//!
//! `google-cloud-auth` signs in, `reqwest` sends. Models are trimmed by
//! `cargo xtask gen` from Google's discovery documents. Methods that are not on
//! the reviewed list `allow.txt` are refused before anything is made, and checked
//! again on the wire.

mod answer;
mod api;
mod call;
pub mod denied;
mod errors;
mod guard;
mod hierarchy;
mod holes;
mod identity;
mod led;
pub mod model;
mod permissions;
mod read;
mod reader;
mod request;
pub mod secrets;
mod send;
pub mod services;
mod session;
mod signin;

#[cfg(test)]
mod tests;

pub use api::Models;
pub use call::{Called, call};
pub use hierarchy::{Found, Wanted, by_hand, targets};
pub use permissions::{OWN, Where, place};
pub use reader::Reader;
pub use session::{Access, Session};
pub use shoseki_caller::Limits;
pub use signin::{SCOPES, SignIn, SignInError, Token, sign_in};

/// The region that exchanges and populations name: types are asked once a target.
pub(crate) const HOME: &str = "global";
