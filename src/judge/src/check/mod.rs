//! The tree → the compiled expression, with every check that needs no resource.

mod call;
mod compile;
mod near;
mod path;
mod steps;
mod ty;
mod walk;

#[cfg(test)]
pub(crate) use compile::bare;
pub(crate) use compile::{Compiled, compile, compile_path, first_member};
pub(crate) use near::nearest;

use crate::syntax::Span;

/// An error in an expression; the place is relative to its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub span: Span,
    pub code: &'static str,
    pub message: String,
    pub help: Option<String>,
}

impl Fault {
    pub fn new(span: Span, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            span,
            code,
            message: message.into(),
            help: None,
        }
    }

    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub fn maybe_help(mut self, help: Option<String>) -> Self {
        self.help = help;
        self
    }
}
