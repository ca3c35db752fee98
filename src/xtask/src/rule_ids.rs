//! `rules/ids.txt`: every rule id there ever was. An id is never used again, so
//! lines are added and marked, never removed.

use crate::Gen;
use crate::output::Output;
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

const HEAD: &str = "# Every rule id there ever was; `cargo xtask gen` adds the new ones. An id whose\n\
                    # rule went away is marked `retired` and never used again.\n";

/// Adds new ids, marks those whose rule is gone.
pub fn generate(_: &Gen, out: &mut Output) -> Result<()> {
    let rules = out.root().join("rules");
    let before = fs::read_to_string(rules.join("ids.txt")).unwrap_or_default();
    let mut found = Vec::new();
    walk(&rules, &rules, &mut found)?;
    let mut ids: BTreeMap<&str, bool> = found.iter().map(|id| (id.as_str(), false)).collect();
    for line in before
        .lines()
        .filter(|l| !l.starts_with('#') && !l.is_empty())
    {
        let (id, mark) = line.split_once(' ').unwrap_or((line, ""));
        if mark == "retired" && ids.contains_key(id) {
            bail!("rules/ids.txt: {id} is retired: give the new rule an id of its own");
        }
        ids.entry(id).or_insert(true);
    }
    let lines = ids.iter().map(|(id, retired)| match retired {
        true => format!("{id} retired\n"),
        false => format!("{id}\n"),
    });
    let text = HEAD.to_owned() + &lines.collect::<String>();
    out.file("rules/ids.txt", text.as_bytes())
}

/// Ids of the rule files below `dir`: the path with dots.
fn walk(top: &Path, dir: &Path, found: &mut Vec<String>) -> Result<()> {
    let entries = fs::read_dir(dir).with_context(|| dir.display().to_string())?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            walk(top, &path, found)?;
        } else if path.extension().is_some_and(|e| e == "yaml") {
            let below = path.strip_prefix(top)?.with_extension("");
            let pieces: Vec<_> = below.iter().map(|p| p.to_string_lossy()).collect();
            found.push(pieces.join("."));
        }
    }
    Ok(())
}
