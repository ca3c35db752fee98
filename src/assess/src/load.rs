//! Reading and checking mapping files.

use crate::catalogue::Catalogue;
use crate::check::{Addition, add, finish};
use crate::mapping::{Entry, Evidence, Mappings};
use crate::yaml::{Node, Place, Sink, Value, nearest, parse};
use shoseki_model::{Diagnostic, Reach, Strength};
use std::collections::HashSet;

const REACHES: &[(&str, Reach)] = &[
    ("full", Reach::Full),
    ("part", Reach::Part),
    ("human-only", Reach::HumanOnly),
    ("inherited", Reach::Inherited),
];

const STRENGTHS: &[(&str, Strength)] = &[
    ("states", Strength::States),
    ("supports", Strength::Supports),
    ("context", Strength::Context),
];

/// One data file: its path below `mappings/`, with `/`, and its text.
#[derive(Clone, Copy, Debug)]
pub struct File<'a> {
    /// `ismap/2024-07/10.1.yaml`.
    pub path: &'a str,
    /// UTF-8 text.
    pub text: &'a str,
}

/// Every edition among `files`: each `catalogue-<edition>.json` with the mapping
/// files of its folder `<edition>/`, newest edition last, and all that is wrong
/// with any of them.
pub fn load_editions<'r>(
    files: &[File<'_>],
    rules: impl IntoIterator<Item = &'r str>,
) -> (Vec<(Catalogue, Mappings)>, Vec<Diagnostic>) {
    let rules: HashSet<&str> = rules.into_iter().collect();
    let mut out = Vec::new();
    let mut errors = Vec::new();
    for f in files.iter().filter(|f| f.path.ends_with(".json")) {
        match Catalogue::load(f.path, f.text) {
            Ok(c) => {
                let (m, found) = Mappings::load(files, &c, rules.iter().copied());
                errors.extend(found);
                out.push((c, m));
            }
            Err(e) => errors.push(e),
        }
    }
    for f in files.iter().filter(|f| f.path.ends_with(".yaml")) {
        let (folder, _) = folder_and_stem(f.path);
        if !out.iter().any(|(c, _)| c.edition == folder) {
            errors.push(
                Diagnostic::file(
                    f.path,
                    "wrong-edition",
                    format!("no catalogue of the edition {folder}"),
                )
                .help(
                    "keep the file in the folder of its edition, beside catalogue-<edition>.json",
                ),
            );
        }
    }
    out.sort_by(|a, b| a.0.edition.cmp(&b.0.edition));
    errors.sort();
    (out, errors)
}

/// The folder that holds a file, and its name without `.yaml`.
fn folder_and_stem(path: &str) -> (&str, &str) {
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
    let folder = folders.rsplit('/').next().unwrap_or(folders);
    (folder, name.strip_suffix(".yaml").unwrap_or(name))
}

impl Mappings {
    /// Reads the mapping files of the catalogue's edition (those in a folder of
    /// its name; others are left alone) and checks them against the catalogue
    /// and the ids of all rules. What is sound is in the result even when
    /// something else is wrong; a caller that finds diagnostics should refuse.
    ///
    /// Codes: `syntax`, `wrong-shape`, `unknown-field`, `missing-field`,
    /// `empty`, `same-text`, `unknown-word`, `wrong-edition`, `wrong-section`,
    /// `unknown-control`, `unknown-rule`, `duplicate-control`,
    /// `duplicate-rule`, `missing-remains`, `evidence-out-of-reach`,
    /// `missing-objective`, `missing-entry`.
    pub fn load<'r>(
        files: &[File<'_>],
        catalogue: &Catalogue,
        rules: impl IntoIterator<Item = &'r str>,
    ) -> (Self, Vec<Diagnostic>) {
        let mut loader = Loader {
            catalogue,
            rules: rules.into_iter().collect(),
            mappings: Mappings {
                edition: catalogue.edition.clone(),
                ..Mappings::default()
            },
            added: Vec::new(),
            errors: Vec::new(),
        };
        for f in files {
            let (folder, _) = folder_and_stem(f.path);
            if f.path.ends_with(".yaml") && folder == catalogue.edition {
                loader.file(f);
            }
        }
        let Loader {
            mut mappings,
            added,
            mut errors,
            ..
        } = loader;
        add(&mut mappings, added, &mut errors);
        finish(mappings, errors, catalogue)
    }
}

struct Loader<'a> {
    catalogue: &'a Catalogue,
    rules: HashSet<&'a str>,
    mappings: Mappings,
    added: Vec<Addition>,
    errors: Vec<Diagnostic>,
}

impl Loader<'_> {
    fn file(&mut self, f: &File<'_>) {
        let root = match parse(f.path, f.text) {
            Ok(root) => root,
            Err(e) => return self.errors.push(e),
        };
        let mut sink = Sink {
            file: f.path,
            out: Vec::new(),
        };
        let (_, stem) = folder_and_stem(f.path);
        if stem == "chapters" {
            self.chapters(&mut sink, &root);
        } else if stem.starts_with("adds-") {
            self.additions(&mut sink, &root);
        } else {
            self.section(&mut sink, &root, stem);
        }
        self.errors.append(&mut sink.out);
    }

    fn edition(&self, sink: &mut Sink<'_>, root: &Node, edition: Option<&Node>) {
        let Some(node) = edition else {
            return sink.say(root.place, "missing-field", "no edition", None);
        };
        if let Some(e) = sink.text(node, "edition")
            && e != self.catalogue.edition
        {
            let help = format!("the folder holds edition {}", self.catalogue.edition);
            sink.say(node.place, "wrong-edition", format!("edition {e}"), help);
        }
    }

    fn chapters(&mut self, sink: &mut Sink<'_>, root: &Node) {
        let Some(members) = sink.map(root, "the file", &["edition", "chapters"]) else {
            return;
        };
        self.edition(sink, root, find(&members, "edition"));
        let Some(list) = find(&members, "chapters") else {
            return sink.say(root.place, "missing-field", "no chapters", None);
        };
        for node in sink.list(list, "chapters") {
            let Some(m) = sink.map(node, "the chapter", &["id", "label"]) else {
                continue;
            };
            let id = required(sink, node, &m, "id").and_then(|n| {
                let id = sink.text(n, "id")?;
                match self.catalogue.get(id) {
                    Some(c) if c.level == 1 => Some(id.to_owned()),
                    _ => {
                        sink.say(n.place, "unknown-control", format!("no chapter {id}"), None);
                        None
                    }
                }
            });
            let label = required(sink, node, &m, "label").and_then(|n| sink.both(n, "label"));
            if let (Some(id), Some(label)) = (id, label) {
                self.mappings.titles.insert(id, label);
            }
        }
    }

    fn section(&mut self, sink: &mut Sink<'_>, root: &Node, stem: &str) {
        let fields = &["edition", "section", "label", "controls"];
        let Some(members) = sink.map(root, "the file", fields) else {
            return;
        };
        self.edition(sink, root, find(&members, "edition"));
        if let Some(n) = required(sink, root, &members, "section")
            && let Some(s) = sink.text(n, "section")
        {
            if s != stem {
                let help = format!("the file is named {stem}.yaml");
                sink.say(n.place, "wrong-section", format!("section {s}"), help);
            } else if self.catalogue.get(s).is_none_or(|c| c.level != 2) {
                let help = self
                    .catalogue
                    .suggest(s)
                    .map(|c| format!("did you mean {c}?"));
                sink.say(
                    n.place,
                    "wrong-section",
                    format!("the catalogue has no section {s}"),
                    help,
                );
            }
        }
        let label = required(sink, root, &members, "label").and_then(|n| sink.both(n, "label"));
        if let Some(label) = label {
            self.mappings.titles.insert(stem.to_owned(), label);
        }
        if let Some(n) = required(sink, root, &members, "controls") {
            for node in sink.list(n, "controls") {
                self.control(sink, node, Some(stem));
            }
        }
    }

    /// A user's own file: controls of any section, either whole entries or the
    /// `id` of an entry elsewhere with evidence to add to it.
    fn additions(&mut self, sink: &mut Sink<'_>, root: &Node) {
        let Some(members) = sink.map(root, "the file", &["edition", "controls"]) else {
            return;
        };
        self.edition(sink, root, find(&members, "edition"));
        let Some(list) = required(sink, root, &members, "controls") else {
            return;
        };
        for node in sink.list(list, "controls") {
            let whole = match &node.value {
                Value::Map(m) => m.iter().any(|(_, k, _)| k != "id" && k != "evidence"),
                _ => true,
            };
            if whole {
                self.control(sink, node, None);
                continue;
            }
            let Some(m) = sink.map(node, "the control", &["id", "evidence"]) else {
                continue;
            };
            let id = required(sink, node, &m, "id")
                .and_then(|n| Some((self.id(sink, n, None)?, n.place)));
            let evidence = required(sink, node, &m, "evidence").map(|n| self.evidence(sink, n));
            if let (Some((id, place)), Some(evidence)) = (id, evidence) {
                self.added.push(Addition {
                    id,
                    evidence,
                    file: sink.file.to_owned(),
                    place,
                });
            }
        }
    }

    fn control(&mut self, sink: &mut Sink<'_>, node: &Node, section: Option<&str>) {
        let fields = &["id", "label", "reach", "remains", "evidence"];
        let Some(m) = sink.map(node, "the control", fields) else {
            return;
        };
        let id = required(sink, node, &m, "id")
            .and_then(|n| Some((self.id(sink, n, section)?, n.place)));
        let what = id.as_ref().map_or("control", |(id, _)| id.as_str());
        let label = required(sink, node, &m, "label").and_then(|n| sink.both(n, "label"));
        let reach = required(sink, node, &m, "reach").and_then(|n| sink.word(n, "reach", REACHES));
        let remains = find(&m, "remains").and_then(|n| sink.both(n, "remains"));
        if find(&m, "remains").is_none() && reach.is_some_and(|r| r != Reach::Full) {
            let help = "say what stays for people, or why only people can show it, or from whom it is carried over";
            sink.say(
                node.place,
                "missing-remains",
                format!("{what} has no remains"),
                help.to_owned(),
            );
        }
        let evidence = find(&m, "evidence")
            .map(|n| self.evidence(sink, n))
            .unwrap_or_default();
        if let (Some(n), Some(Reach::HumanOnly | Reach::Inherited)) = (find(&m, "evidence"), reach)
        {
            sink.say(
                n.place,
                "evidence-out-of-reach",
                format!("{what} has evidence, but its reach says that settings cannot show it"),
                "set the reach to part, or take the evidence away".to_owned(),
            );
        }
        let (Some((id, place)), Some(label), Some(reach)) = (id, label, reach) else {
            return;
        };
        self.keep(
            sink,
            Entry {
                id,
                label,
                reach,
                remains,
                evidence,
                file: sink.file.to_owned(),
                place,
            },
        );
    }

    fn keep(&mut self, sink: &mut Sink<'_>, entry: Entry) {
        if let Some(first) = self.mappings.get(&entry.id) {
            let help = format!("the first one is in {}", first.file);
            sink.say(
                entry.place,
                "duplicate-control",
                format!("{} has an entry already", entry.id),
                help,
            );
            return;
        }
        self.mappings
            .index
            .insert(entry.id.clone(), self.mappings.entries.len());
        self.mappings.entries.push(entry);
    }

    /// A control id, of this section where one is given.
    fn id(&self, sink: &mut Sink<'_>, node: &Node, section: Option<&str>) -> Option<String> {
        let id = sink.text(node, "id")?;
        let Some(control) = self.catalogue.get(id) else {
            let help = self
                .catalogue
                .suggest(id)
                .map(|c| format!("did you mean {c}?"));
            sink.say(
                node.place,
                "unknown-control",
                format!("the catalogue of {} has no {id}", self.catalogue.edition),
                help,
            );
            return None;
        };
        if control.level < 3 {
            sink.say(
                node.place,
                "unknown-control",
                format!("{id} is a heading, not a control"),
                None,
            );
            return None;
        }
        let home = self.catalogue.section_of(id).map_or("", |c| c.id.as_str());
        if let Some(section) = section
            && home != section
        {
            sink.say(
                node.place,
                "wrong-section",
                format!("{id} does not belong to section {section}"),
                format!("move it to {home}.yaml"),
            );
        }
        Some(id.to_owned())
    }

    fn evidence(&self, sink: &mut Sink<'_>, node: &Node) -> Vec<Evidence> {
        let mut out: Vec<Evidence> = Vec::new();
        for item in sink.list(node, "evidence") {
            let fields = &["rule", "strength", "because"];
            let Some(m) = sink.map(item, "the evidence", fields) else {
                continue;
            };
            let rule = required(sink, item, &m, "rule").and_then(|n| self.rule(sink, n));
            let strength = required(sink, item, &m, "strength")
                .and_then(|n| sink.word(n, "strength", STRENGTHS));
            let because = required(sink, item, &m, "because").and_then(|n| sink.both(n, "because"));
            let (Some((rule, at)), Some(strength), Some(because)) = (rule, strength, because)
            else {
                continue;
            };
            if out.iter().any(|e| e.rule == rule) {
                sink.say(at, "duplicate-rule", format!("{rule} is named twice"), None);
                continue;
            }
            out.push(Evidence {
                rule,
                strength,
                because,
            });
        }
        out
    }

    fn rule(&self, sink: &mut Sink<'_>, node: &Node) -> Option<(String, Place)> {
        let rule = sink.text(node, "rule")?;
        if self.rules.contains(rule) {
            return Some((rule.to_owned(), node.place));
        }
        let help = nearest(rule, self.rules.iter().copied()).map(|r| format!("did you mean {r}?"));
        sink.say(node.place, "unknown-rule", format!("no rule {rule}"), help);
        None
    }
}

fn find<'n>(members: &[(&str, &'n Node)], name: &str) -> Option<&'n Node> {
    members.iter().find(|m| m.0 == name).map(|m| m.1)
}

fn required<'n>(
    sink: &mut Sink<'_>,
    parent: &Node,
    members: &[(&str, &'n Node)],
    name: &str,
) -> Option<&'n Node> {
    let found = find(members, name);
    if found.is_none() {
        sink.say(parent.place, "missing-field", format!("no {name}"), None);
    }
    found
}
