//! What a caller offers for reading stored answers again, without a network.

use crate::cloud::{Failure, Hole, Page, Request};
use serde_json::{Map, Value};
use shoseki_model::{Exchange, Gap, Sought, Target};
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

/// Whether a target was reached, as the stored answers of signing in show it.
#[derive(Clone, Debug, PartialEq)]
pub enum Reached {
    /// It answered.
    Yes,
    /// It did not, and a stored exchange says why.
    No(Box<Gap>),
    /// Nothing that is stored shows it.
    Unknown,
}

/// What was to be read, as the stored lists show it: account to level.
pub type Led = BTreeMap<String, String>;

/// Asks the stored exchanges of a target, which need not be one of the run; `None`:
/// the exchange is not stored.
pub type Find<'a> = &'a dyn Fn(&Target, &Request) -> Option<Result<Page, Failure>>;

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

    /// What was to be read, where a run of an earlier version does not say it and an
    /// exchange that lists targets is stored: `Some` for the first request of such a
    /// list.
    fn lists(&self, x: &Exchange) -> Option<Sought>;

    /// The targets that `sought` leads to, by the stored lists. `targets`: those of
    /// the run in this cloud.
    ///
    /// # Errors
    /// In words, why that cannot be said.
    fn led(&self, sought: &Sought, targets: &[&Target], find: Find<'_>) -> Result<Led, String>;

    /// Whether a target of the run was reached.
    fn reached(&self, target: &Target, sought: &Sought, find: Find<'_>) -> Reached;
}
