//! The arrows inside this crate point one way: no two modules need each other.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

type Arrows = BTreeMap<String, BTreeSet<String>>;

/// Modules that a text uses by `crate::`.
fn used(text: &str) -> BTreeSet<String> {
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or("");
    let lines = code.lines().filter(|l| !l.trim_start().starts_with("//"));
    let code: String = lines.map(|l| format!("{l}\n")).collect();
    let mut out = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        let name = |s: &str| -> String {
            s.chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect()
        };
        let Some(group) = rest.strip_prefix('{') else {
            out.insert(name(rest));
            continue;
        };
        // Names at the first depth of the braces.
        let (mut depth, mut begins) = (0, true);
        for (i, c) in group.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => begins = true,
                c if begins && c.is_alphanumeric() => {
                    out.insert(name(&group[i..]));
                    begins = false;
                }
                _ => {}
            }
        }
    }
    out
}

fn read(dir: &Path, module: Option<&str>, arrows: &mut Arrows) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let of = module.unwrap_or(&stem).to_owned();
        if path.is_dir() {
            if stem != "tests" {
                read(&path, Some(&of), arrows);
            }
        } else if stem != "main" && stem != "tests" {
            let text = std::fs::read_to_string(&path).unwrap();
            arrows.entry(of).or_default().extend(used(&text));
        }
    }
}

#[test]
fn no_two_modules_need_each_other() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut arrows = Arrows::new();
    read(&src, None, &mut arrows);
    let all: BTreeSet<String> = arrows.keys().cloned().collect();
    for (module, to) in &mut arrows {
        to.retain(|t| all.contains(t) && t != module);
    }
    assert!(arrows["scan"].contains("args") && arrows["ledger"].contains("terminal"));
    assert!(arrows["args"].is_empty(), "args: {:?}", arrows["args"]);
    // Take away what uses nothing that is left, again and again: a circle stays.
    loop {
        let done: BTreeSet<String> = arrows
            .iter()
            .filter(|(_, to)| to.is_empty())
            .map(|(m, _)| m.clone())
            .collect();
        if done.is_empty() {
            break;
        }
        arrows.retain(|m, _| !done.contains(m));
        for to in arrows.values_mut() {
            to.retain(|t| !done.contains(t));
        }
    }
    assert!(arrows.is_empty(), "in circles, or above one: {arrows:#?}");
}
