//! The built-in sandbox cloud as a target.

use crate::exit::{Failed, Result};
use shoseki_sandbox::{Answers, Sandbox, demo_files};

/// The endpoint that a run of the demonstration names: the port is chance.
pub const ENDPOINT: &str = "http://sandbox.localhost";

/// The account that the demonstration signs in to first.
pub const MANAGEMENT: &str = "111111111111";

/// Accounts reached from there, by this role.
pub const MEMBERS: [&str; 2] = ["222222222222", "333333333333"];

/// Name of the role in the members.
pub const ROLE: &str = "ShosekiAudit";

/// Starts the sandbox.
pub async fn start() -> Result<Sandbox> {
    let answers = Answers::load(&demo_files()).map_err(|e| Failed::data(e.to_string()))?;
    Ok(Sandbox::start(answers).await?)
}

/// The organization on Google Cloud.
pub const ORGANIZATION: &str = "555555555555";

/// A token of nobody, for Google Cloud.
pub const GOOGLE_TOKEN: &str = "sandbox";

/// A token for the Azure tenant of the demonstration: nobody signs it. Its claims:
/// tid aaaaaaaa-0000-4000-8000-000000000001, oid …aa, appid …bb.
pub const AZURE_TOKEN: &str = concat!(
    "eyJhbGciOiJub25lIn0",
    ".",
    "eyJ0aWQiOiAiYWFhYWFhYWEtMDAwMC00MDAwLTgwMDAtMDAwMDAwMDAwMDAxIiwgIm9pZCI6ICJhYWFhYWFhYS0wMDAwLTQwMDAtODAwMC0wMDAwMDAwMDAwYWEiLCAiYXBwaWQiOiAiYWFhYWFhYWEtMDAwMC00MDAwLTgwMDAtMDAwMDAwMDAwMGJiIn0",
    ".",
    "x"
);
