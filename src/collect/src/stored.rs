//! What a caller offers for reading stored answers again, without a network.

use crate::cloud::{Failure, Hole, Page, Request};
use serde_json::{Map, Value};
use shoseki_model::{Gap, Target};
use std::collections::BTreeMap;

/// What a stored exchange holds of an answer.
#[derive(Clone, Copy, Debug)]
pub struct StoredAnswer<'a> {
    /// HTTP status.
    pub status: u16,
    /// Headers as [`shoseki_model::Exchange::headers`] has them.
    pub headers: &'a BTreeMap<String, String>,
    /// The stored bytes.
    pub body: &'a [u8],
}

/// Where a request was sent, as far as the meaning of its answer hangs on it.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The target that was asked.
    pub target: &'a Target,
    /// Where its global services are asked ([`Reader::home`]).
    pub home: &'a str,
    /// Region in which signing in was answered.
    pub works_in: Option<&'a str>,
}

/// An answer that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The members.
    pub value: Value,
    /// Parameters of the next page; `None` at the end.
    pub next: Option<Map<String, Value>>,
    /// What the answer leaves out.
    pub holes: Vec<Hole>,
}

/// What the stored answers of signing in say of a target.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Examined {
    /// What does not fit what the run says of the target.
    pub problems: Vec<String>,
    /// Gaps that signing in left.
    pub gaps: Vec<Gap>,
}

/// Asks the stored exchanges.
pub type Ask<'a> = &'a dyn Fn(&Request) -> Result<Page, Failure>;

/// Reads stored answers with the code that read them when they came. Sends
/// nothing.
pub trait Reader: Send + Sync {
    /// The cloud whose answers it reads.
    fn cloud(&self) -> &'static str;

    /// The calls that signing in makes, whether or not a collector names them.
    fn sign_in(&self) -> &'static [&'static str];

    /// Those of them whose answer shows that the target was reached.
    fn identifies(&self, call: &str) -> bool;

    /// Where the global services of the target are asked.
    fn home(&self, target: &Target) -> String;

    /// What an exchange names as asked for `request`: the call, and the parameters
    /// with those of the page.
    ///
    /// # Errors
    /// The failure that the caller gives where the request may not be sent.
    fn asked(&self, request: &Request) -> Result<(String, Map<String, Value>), Failure>;

    /// Reads a stored answer.
    ///
    /// # Errors
    /// The failure that the answer means, without the id of its exchange.
    fn reread(
        &self,
        request: &Request,
        answer: &StoredAnswer<'_>,
        at: Place<'_>,
    ) -> Result<Reading, Failure>;

    /// What the caller made of a request whose meaning hangs on other answers
    /// too. `ask` gives what each exchange by itself means.
    ///
    /// # Errors
    /// The failure that the caller gave.
    fn answer(&self, request: &Request, at: Place<'_>, ask: Ask<'_>) -> Result<Page, Failure> {
        let _ = at;
        ask(request)
    }

    /// Holds what the run says of the target against the answers of signing in.
    fn examine(&self, at: Place<'_>, ask: Ask<'_>) -> Examined;
}
