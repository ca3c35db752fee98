//! Evaluation over borrowed JSON in three values.

mod node;
pub(crate) mod ops;
#[cfg(test)]
mod oracle;
mod run;
pub(crate) mod value;
mod view;

pub(crate) use node::{Fold, Node, Path, Variable};
pub(crate) use run::{Env, replaced, wrong_argument};
pub(crate) use view::{NOT_ASKED, View};
