//! Reading `statement.yaml`.

use crate::yaml::{Node, Sink, Value, parse};
use shoseki_model::{Diagnostic, Said, StatedChange, StatedControl, StatedScope, Statement};
use std::collections::HashMap;

type Members<'n> = Vec<(&'n str, &'n Node)>;

fn get<'n>(members: &Members<'n>, name: &str) -> Option<&'n Node> {
    let found = members.iter().find(|m| m.0 == name)?;
    Some(found.1).filter(|n| !matches!(n.value, Value::Other("nothing")))
}

/// Reads a statement. Control ids are not held against a catalogue here.
///
/// # Errors
/// Everything that is wrong with the file, in the order of its lines.
pub fn load_statement(file: &str, text: &str) -> Result<Statement, Vec<Diagnostic>> {
    let root = parse(file, text).map_err(|d| vec![d])?;
    let mut reader = Reader(Sink {
        file,
        out: Vec::new(),
    });
    let statement = reader.statement(&root);
    let mut errors = reader.0.out;
    match statement {
        Some(s) if errors.is_empty() => Ok(s),
        _ => {
            errors.sort();
            Err(errors)
        }
    }
}

struct Reader<'a>(Sink<'a>);

impl Reader<'_> {
    fn need<'n>(&mut self, m: &Members<'n>, at: &Node, what: &str, name: &str) -> Option<&'n Node> {
        let found = get(m, name);
        if found.is_none() {
            let message = format!("{what} has no {name}");
            self.0.say(at.place, "missing-field", message, None);
        }
        found
    }

    fn statement(&mut self, root: &Node) -> Option<Statement> {
        let fields = ["edition", "scope", "period", "scan-frequency", "controls"];
        let what = "the statement";
        let m = self.0.map(root, what, &fields)?;
        let edition = self
            .need(&m, root, what, "edition")
            .and_then(|n| self.0.text(n, "edition").map(str::to_owned));
        let scope = self
            .need(&m, root, what, "scope")
            .and_then(|n| self.scope(n));
        let period = self
            .need(&m, root, what, "period")
            .and_then(|n| self.period(n));
        let scan_frequency = get(&m, "scan-frequency").and_then(|n| self.frequency(n));
        let mut controls = Vec::new();
        let mut lines: HashMap<String, u32> = HashMap::new();
        let nodes = self.need(&m, root, what, "controls");
        for n in nodes.map_or(&[][..], |n| self.0.list(n, "controls")) {
            let Some(c) = self.control(n) else { continue };
            if let Some(first) = lines.insert(c.id.clone(), c.line) {
                let message = format!("{} stands in line {first} already", c.id);
                self.0.say(n.place, "duplicate-control", message, None);
            }
            controls.push(c);
        }
        let (from, to) = period?;
        Some(Statement {
            edition: edition?,
            scope: scope?,
            from,
            to,
            scan_frequency,
            controls,
        })
    }

    fn scope(&mut self, node: &Node) -> Option<StatedScope> {
        let fields = ["services", "accounts", "regions"];
        let m = self.0.map(node, "scope", &fields)?;
        let mut list = |name: &str| -> Vec<String> {
            let Some(n) = self.need(&m, node, "scope", name) else {
                return Vec::new();
            };
            let mut out = Vec::new();
            for item in self.0.list(n, name) {
                if let Some(t) = self.0.text(item, name) {
                    if name == "services" && t.split('.').count() != 2 {
                        let help = "the first two words of its resource types: aws.s3".to_owned();
                        let message = format!("{t} is no service");
                        self.0.say(item.place, "wrong-service", message, help);
                    }
                    out.push(t.to_owned());
                }
            }
            out
        };
        Some(StatedScope {
            services: list("services"),
            accounts: list("accounts"),
            regions: list("regions"),
        })
    }

    fn period(&mut self, node: &Node) -> Option<(String, String)> {
        let m = self.0.map(node, "period", &["from", "to"])?;
        let mut day = |name: &str| {
            let n = self.need(&m, node, "period", name)?;
            self.day(n, name)
        };
        let (from, to) = (day("from"), day("to"));
        let (from, to) = (from?, to?);
        if to < from {
            let message = format!("the period ends on {to}, before it begins on {from}");
            self.0.say(node.place, "wrong-date", message, None);
        }
        Some((from, to))
    }

    fn frequency(&mut self, node: &Node) -> Option<String> {
        let text = self.0.text(node, "scan-frequency")?;
        let number = text.strip_suffix(['m', 'h', 'd', 'w']);
        if !number.is_some_and(|n| n.parse::<u32>().is_ok_and(|n| n > 0)) {
            let help = "a number and m, h, d or w: 12h, 1d, 1w".to_owned();
            let message = format!("{text} is no length of time");
            self.0.say(node.place, "wrong-frequency", message, help);
        }
        Some(text.to_owned())
    }

    fn control(&mut self, node: &Node) -> Option<StatedControl> {
        let fields = [
            "id",
            "adopted",
            "measure",
            "reason",
            "inherited-from",
            "changes",
        ];
        let what = "a control";
        let m = self.0.map(node, what, &fields)?;
        let id = self
            .need(&m, node, what, "id")
            .and_then(|n| self.0.text(n, "id").map(str::to_owned));
        let adopted = self
            .need(&m, node, what, "adopted")
            .and_then(|n| self.truth(n));
        let measure = get(&m, "measure").and_then(|n| self.said(n, "measure"));
        let reason = get(&m, "reason").and_then(|n| self.said(n, "reason"));
        let inherited_from = get(&m, "inherited-from")
            .and_then(|n| self.0.text(n, "inherited-from").map(str::to_owned));
        let mut changes = Vec::new();
        for n in get(&m, "changes").map_or(&[][..], |n| self.0.list(n, "changes")) {
            changes.extend(self.change(n));
        }
        if adopted == Some(false) && inherited_from.is_some() {
            let message = "a control that is not adopted is carried over from nobody";
            self.0
                .say(node.place, "not-adopted-inherited", message, None);
        }
        Some(StatedControl {
            id: id?,
            adopted: adopted?,
            measure,
            reason,
            inherited_from,
            changes,
            line: node.place.line,
        })
    }

    fn truth(&mut self, node: &Node) -> Option<bool> {
        if let Value::Bool(b) = node.value {
            return Some(b);
        }
        let message = "adopted must be true or false";
        self.0.say(node.place, "wrong-shape", message, None);
        None
    }

    fn change(&mut self, node: &Node) -> Option<StatedChange> {
        let m = self.0.map(node, "a change", &["date", "before", "after"])?;
        let date = self
            .need(&m, node, "a change", "date")
            .and_then(|n| self.day(n, "date"));
        let mut said = |name: &str| {
            let n = self.need(&m, node, "a change", name)?;
            self.said(n, name)
        };
        let (before, after) = (said("before"), said("after"));
        Some(StatedChange {
            date: date?,
            before: before?,
            after: after?,
        })
    }

    /// A text, or `{ ja: …, en: … }` of which English may be missing.
    fn said(&mut self, node: &Node, what: &str) -> Option<Said> {
        if !matches!(node.value, Value::Map(_)) {
            let ja = self.0.text(node, what)?.to_owned();
            return Some(Said { ja, en: None });
        }
        let m = self.0.map(node, what, &["ja", "en"])?;
        let ja = self
            .need(&m, node, what, "ja")
            .and_then(|n| self.0.text(n, what).map(str::to_owned));
        let en = get(&m, "en").and_then(|n| self.0.text(n, what).map(str::to_owned));
        Some(Said { ja: ja?, en })
    }

    /// A day of the calendar, `2026-04-01`.
    fn day(&mut self, node: &Node, what: &str) -> Option<String> {
        let text = self.0.text(node, what)?;
        if is_day(text) {
            return Some(text.to_owned());
        }
        let help = "write it as 2026-04-01; days are those of Japan".to_owned();
        let message = format!("{what} is not a day");
        self.0.say(node.place, "wrong-date", message, help);
        None
    }
}

fn is_day(text: &str) -> bool {
    let b = text.as_bytes();
    if b.len() != 10 || b[4] != b'-' || b[7] != b'-' {
        return false;
    }
    let number = |r: std::ops::Range<usize>| text.get(r).and_then(|s| s.parse::<u32>().ok());
    let (Some(y), Some(m), Some(d)) = (number(0..4), number(5..7), number(8..10)) else {
        return false;
    };
    let leap = y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
    let last = match m {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    };
    (1..=last).contains(&d)
}
