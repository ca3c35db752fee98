//! The Azure caller: signs in, and calls any reading operation from data.
//!
//! - [`sign_in`] gives a [`Session`] for the tenant and for each subscription, which
//!   implements [`shoseki_collect::Cloud`]: paging, retries, rate limits, time-outs,
//!   causes of failures and the recording of every exchange are inside.
//! - [`Models`] implements [`shoseki_collect::Api`]: members, permissions and what
//!   may be read, without a call.
//! - [`Reader`] reads stored answers again.
//! - [`call`] makes one call by hand.
//!
//! `azure_identity` gives tokens; requests go through `azure_core`'s pipeline with
//! policies for attempts and records and a transport of our own, which is guarded
//! once more. Answers are read by this crate, strictly.

mod answer;
mod api;
mod attempts;
mod call;
mod certificate;
mod clouds;
mod credential;
mod errors;
mod guard;
pub mod model;
mod operation;
mod query;
mod reader;
mod request;
mod secrets;
mod session;
mod signin;
mod transport;

#[cfg(test)]
mod tests;

pub use api::Models;
pub use call::{Called, call};
pub use clouds::AzureCloud;
pub use credential::Way;
pub use operation::{Spelt, is_data_action, service_of};
pub use query::PERMISSIONS as PERMISSIONS_CALL;
pub use reader::Reader;
pub use session::Session;
pub use shoseki_caller::Limits;
pub use signin::{
    GROUP_PERMISSION, PERMISSIONS as SIGN_IN_PERMISSIONS, SignIn, SignInError, SignedIn,
    Subscriptions, sign_in,
};
