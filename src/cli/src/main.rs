//! The command line of shoseki.
mod args;
mod diagnostics;
mod exit;
mod lang;
fn main() {}
