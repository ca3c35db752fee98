//! Logs on standard error, as `RUST_LOG` says; without it errors alone.

use std::io::IsTerminal as _;
use tracing::{Level, Metadata};
use tracing_subscriber::filter::{EnvFilter, filter_fn};
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

/// Whether it may be logged at all. Below debug the libraries that send requests
/// print them as they are, with session tokens, and answers before secrets are
/// replaced.
fn harmless(m: &Metadata<'_>) -> bool {
    *m.level() <= Level::DEBUG || m.target().split("::").next().is_some_and(own)
}

fn own(krate: &str) -> bool {
    krate == "shoseki" || krate.starts_with("shoseki_")
}

/// Begins to log.
pub fn start() {
    let asked = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("error"));
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_filter(asked)
        .with_filter(filter_fn(harmless));
    // Fails only where somebody logs already.
    let _ = tracing_subscriber::registry().with(lines).try_init();
}
