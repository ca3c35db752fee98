//! What a run says of how it came about.

use crate::args::Common;
use crate::lang;
use shoseki_collect::Recorder;
use shoseki_evidence::{RunWriter, Selection, Tool};
use shoseki_model::Exchange;
use std::sync::Arc;

/// Keeps exchanges in the run directory.
pub struct Keep(pub Arc<RunWriter>);

impl Recorder for Keep {
    fn record(&self, exchange: &Exchange, body: Option<&[u8]>) -> std::io::Result<()> {
        self.0.record(exchange, body)
    }
}

/// This program.
pub fn tool() -> Tool {
    Tool {
        name: "shoseki".into(),
        version: env!("CARGO_PKG_VERSION").into(),
    }
}

/// What the user selected, as a run keeps it.
pub fn selection(common: &Common, by: &crate::args::Selection) -> Selection {
    Selection {
        rules: (!by.rules.is_empty()).then(|| by.rules.join(",")),
        controls: by.controls.clone(),
        lang: lang::of(common),
    }
}
