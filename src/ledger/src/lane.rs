//! Runs that tell one story: the same selection, accounts that carry on.

use crate::record::{Listed, Track};
use std::collections::BTreeSet;

/// Runs along which controls are followed.
#[derive(Clone, Debug)]
pub(crate) struct Lane {
    /// All accounts of its tracks.
    pub(crate) accounts: BTreeSet<String>,
    pub(crate) rules: Option<String>,
    pub(crate) controls: Vec<String>,
    /// Its tracks, in the order of time.
    pub(crate) tracks: Vec<Track>,
    /// Indexes into the entries, in the order of time.
    pub(crate) members: Vec<usize>,
}

/// The lanes of entries that are in the order of time. Runs of other accounts
/// carry a lane on where they share one with the runs before and these have
/// ended: an account that joins an organisation begins no new story. Where both
/// kinds of runs go on side by side, they are two lanes, because neither
/// standing says what the other does.
pub(crate) fn lanes(entries: &[&Listed]) -> Vec<Lane> {
    let mut tracks: Vec<(Track, Vec<usize>)> = Vec::new();
    for (i, e) in entries.iter().enumerate() {
        let track = e.entry.track();
        match tracks.iter_mut().find(|(t, _)| *t == track) {
            Some((_, members)) => members.push(i),
            None => tracks.push((track, vec![i])),
        }
    }
    let mut out: Vec<Lane> = Vec::new();
    for (track, members) in tracks {
        let first = members.first().copied().unwrap_or_default();
        let before = out.iter_mut().find(|lane| {
            lane.rules == track.rules
                && lane.controls == track.controls
                && lane.members.last().is_some_and(|&last| last < first)
                && lane
                    .tracks
                    .last()
                    .is_some_and(|t| !t.accounts.is_disjoint(&track.accounts))
        });
        match before {
            Some(lane) => {
                lane.accounts.extend(track.accounts.iter().cloned());
                lane.tracks.push(track);
                lane.members.extend(members);
            }
            None => out.push(Lane {
                accounts: track.accounts.clone(),
                rules: track.rules.clone(),
                controls: track.controls.clone(),
                tracks: vec![track],
                members,
            }),
        }
    }
    out
}
