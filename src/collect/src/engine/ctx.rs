//! What all tasks of a run share: the line to cloud and sink, the shared answers.

use super::event::{Event, Options};
use super::line::Line;
use super::shared::{Key, SharedCall};
use crate::ast::{Call, Part};
use crate::cloud::Cloud;
use std::collections::{HashMap, HashSet};
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc;

/// A question that may have several askers.
struct Asked {
    answer: Arc<SharedCall>,
    /// Who has not asked yet.
    left: usize,
    /// Whether there is more than one in all: also the last of them takes what
    /// the others were told.
    several: bool,
}

/// Shared by all tasks of a run.
pub(crate) struct Ctx {
    line: Line,
    shared: Mutex<HashMap<Key, Asked>>,
    /// Calls about single items that several parts make.
    repeated: HashSet<String>,
}

/// Asking and telling go over the line.
impl Deref for Ctx {
    type Target = Line;

    fn deref(&self) -> &Line {
        &self.line
    }
}

impl Asked {
    fn by(askers: usize) -> Self {
        Self {
            answer: Arc::default(),
            left: askers,
            several: askers > 1,
        }
    }
}

impl Ctx {
    pub(crate) fn new(
        cloud: Arc<dyn Cloud>,
        sink: mpsc::Sender<Event>,
        options: Options,
        uses: HashMap<Key, usize>,
        repeated: HashSet<String>,
    ) -> Self {
        let shared = uses.into_iter().map(|(k, n)| (k, Asked::by(n))).collect();
        Self {
            line: Line::new(cloud, sink, options),
            shared: Mutex::new(shared),
            repeated,
        }
    }

    /// The answer that all who ask the same share.
    pub(crate) fn shared(&self, key: Key) -> Arc<SharedCall> {
        let mut all = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        // Calls in regions that items name are not counted: they stay.
        Arc::clone(
            &all.entry(key)
                .or_insert_with(|| Asked::by(usize::MAX))
                .answer,
        )
    }

    /// Whether the same question may come from several items or parts. Their
    /// answers are kept to the end of the run: they are about things such as
    /// parameter groups, of which there are few.
    pub(crate) fn comes_again(&self, part: &Part) -> bool {
        let call = &part.call;
        let of_item = || call.with.value.iter().any(|(_, p)| p.value.names_members());
        call.shared() || self.repeats(call) || (part.each.is_some() && !of_item())
    }

    /// Whether several parts or lists of the plan make this call about an item.
    pub(crate) fn repeats(&self, call: &Call) -> bool {
        self.repeated.contains(&call.name())
    }

    /// Whether several ask for it.
    pub(crate) fn several(&self, key: &Key) -> bool {
        let all = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(key).is_some_and(|a| a.several)
    }

    /// One who asked is done. What parts may ask of an item too stays: asked
    /// again, it could be answered otherwise.
    pub(crate) fn release(&self, key: &Key) {
        if self.repeated.contains(key.call()) {
            return;
        }
        let mut all = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(a) = all.get_mut(key) {
            a.left = a.left.saturating_sub(1);
            if a.left == 0 {
                all.remove(key);
            }
        }
    }
}
