//! Collectors, rules and mappings: the built-in ones and the user's own, loaded
//! and checked against each other.

use crate::args::Common;
use crate::exit::{Exit, Failed, Result};
use shoseki_assess::{Catalogue, Mappings, load_editions};
use shoseki_backfill::Histories;
use shoseki_collect::Collectors;
use shoseki_data::File;
use shoseki_judge::{Exceptions, RuleSet};
use shoseki_model::Diagnostic;
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;

/// All data files, loaded.
pub struct Packs {
    /// What to read.
    pub collectors: Collectors,
    /// Which member of a provider's own history is which setting.
    pub histories: Histories,
    /// What should hold.
    pub rules: RuleSet,
    /// The control ids of the chosen edition.
    pub catalogue: Catalogue,
    /// What rules show of them.
    pub mappings: Mappings,
    /// Signed-off deviations.
    pub exceptions: Exceptions,
    /// The files, `collectors/aws/s3/bucket.yaml` → text.
    pub files: BTreeMap<String, String>,
}

/// What loading found: the packs, unless something is wrong, and what is.
pub struct Checked {
    /// The packs, as far as they are sound.
    pub packs: Packs,
    /// Everything that is wrong; the file names begin with the folder.
    pub errors: Vec<Diagnostic>,
    /// What is not wrong but worth knowing.
    pub notes: Vec<Diagnostic>,
}

/// Loads everything; refuses when anything is wrong.
pub fn load(common: &Common) -> Result<Packs> {
    let checked = check(common)?;
    if checked.errors.is_empty() {
        return Ok(checked.packs);
    }
    let shown = render(&checked.errors, &checked.packs.files, false);
    Err(Failed::new(
        Exit::Data,
        format!(
            "{shown}{} error(s) in data files; see `shoseki lint`",
            checked.errors.len()
        ),
    ))
}

/// Loads everything and tells all that is wrong.
pub fn check(common: &Common) -> Result<Checked> {
    let collectors = with_own(shoseki_data::collectors(), &common.collectors_dir)?;
    let rules = with_own(shoseki_data::rules(), &common.rules_dir)?;
    let mappings = with_own(shoseki_data::mappings(), &common.mappings_dir)?;
    build(
        common,
        &collectors,
        &shoseki_data::history(),
        &rules,
        &mappings,
    )
}

/// Before the path of collectors that a stored run was judged with, where they
/// are not those that it was read with.
pub const JUDGED: &str = "judged/";

/// Path of the exceptions in a run's pack, whatever the user's file was called.
pub const EXCEPTIONS: &str = "exceptions/exceptions.yaml";

impl Packs {
    /// Takes the exceptions of a user's file, where one is named.
    pub fn except(&mut self, path: Option<&Path>) -> Result<()> {
        let Some(path) = path else { return Ok(()) };
        let text = read(path)?;
        self.take_exceptions(&path.display().to_string(), text)
    }

    /// Takes exceptions from the text of `file`; they go into the run's pack.
    pub fn take_exceptions(&mut self, file: &str, text: String) -> Result<()> {
        match self.read_exceptions(file, &text) {
            Ok(found) => self.exceptions = found,
            Err(all) => return Err(Failed::data(told(&all, file, &text))),
        }
        self.files.insert(EXCEPTIONS.to_owned(), text);
        Ok(())
    }

    /// Exceptions, held against the rules and controls.
    pub fn read_exceptions(
        &self,
        file: &str,
        text: &str,
    ) -> std::result::Result<Exceptions, Vec<Diagnostic>> {
        let rules: Vec<String> = self.rules.iter().map(|r| r.id.clone()).collect();
        Exceptions::load(file, text, &rules, &|control| {
            shoseki_assess::telling(control, &self.mappings, &self.catalogue)
        })
    }
}

/// The text of a file that the user named.
pub fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(|e| Failed::data(format!("{}: {e}", path.display())))
}

/// The diagnostics of one file of the user's, with their number.
pub fn told(all: &[Diagnostic], file: &str, text: &str) -> String {
    let files = BTreeMap::from([(file.to_owned(), text.to_owned())]);
    format!(
        "{}{} error(s) in {file}",
        render(all, &files, false),
        all.len()
    )
}

/// Packs from stored files, as a run keeps them.
pub fn from_stored(common: &Common, files: BTreeMap<String, String>) -> Result<Packs> {
    let of = |folder: &str| -> Vec<File> {
        files
            .iter()
            .filter_map(|(path, text)| {
                let path = path.strip_prefix(folder)?.to_owned();
                Some(File {
                    path,
                    text: text.clone(),
                })
            })
            .collect()
    };
    let judged = of(&format!("{JUDGED}collectors/"));
    let collectors = match judged.is_empty() {
        true => of("collectors/"),
        false => judged,
    };
    let (history, rules) = (of("history/"), of("rules/"));
    let checked = build(common, &collectors, &history, &rules, &of("mappings/"))?;
    match checked.errors.first() {
        None => {
            let mut packs = checked.packs;
            // One file holds all; another beside it would have had no effect.
            let mut own = files.iter().filter(|(p, _)| p.starts_with("exceptions/"));
            if let Some((path, text)) = own.next() {
                packs.take_exceptions(path, text.clone())?;
            }
            match own.next() {
                None => Ok(packs),
                Some((path, _)) => Err(Failed::data(format!(
                    "pack.jsonl.zst: {path} is a second file of exceptions"
                ))),
            }
        }
        Some(e) => Err(Failed::data(format!(
            "the data files stored in the run do not load with this version of shoseki: {e}"
        ))),
    }
}

fn build(
    common: &Common,
    collectors: &[File],
    history: &[File],
    rules: &[File],
    mappings: &[File],
) -> Result<Checked> {
    let pairs = |files: &[File]| -> Vec<(String, String)> {
        files
            .iter()
            .map(|f| (f.path.clone(), f.text.clone()))
            .collect()
    };
    let mut errors = Vec::new();
    let (loaded, found) = shoseki_collect::load(&pairs(collectors), crate::clouds::APIS);
    errors.extend(found.into_iter().map(|d| within("collectors/", d)));
    let (histories, found) = shoseki_backfill::load(&pairs(history), &loaded);
    errors.extend(found.into_iter().map(|d| within("history/", d)));
    let (rule_set, found) = shoseki_judge::load(&pairs(rules), loaded.types());
    errors.extend(found.into_iter().map(|d| within("rules/", d)));
    let views: Vec<_> = mappings
        .iter()
        .map(|f| shoseki_assess::File {
            path: &f.path,
            text: &f.text,
        })
        .collect();
    // A rule that does not load is still a rule to its mapping: one error is enough.
    let ids: Vec<String> = rules
        .iter()
        .filter_map(|f| Some(f.path.strip_suffix(".yaml")?.replace('/', ".")))
        .collect();
    let (editions, found) = load_editions(&views, ids.iter().map(String::as_str));
    errors.extend(found.into_iter().map(|d| within("mappings/", d)));
    let known: Vec<String> = editions.iter().map(|e| e.0.edition.clone()).collect();
    let chosen = editions
        .into_iter()
        .rfind(|(c, _)| common.edition.as_ref().is_none_or(|e| *e == c.edition));
    let Some((catalogue, mappings_loaded)) = chosen else {
        return Err(Failed::usage(format!(
            "there is no such catalogue edition; there are: {}",
            known.join(", ")
        )));
    };
    let notes = mappings_loaded
        .unbacked()
        .iter()
        .map(|d| within("mappings/", d.clone()))
        .collect();
    let mut files = BTreeMap::new();
    for (folder, list) in [
        ("collectors/", collectors),
        ("history/", history),
        ("rules/", rules),
        ("mappings/", mappings),
    ] {
        files.extend(
            list.iter()
                .map(|f| (format!("{folder}{}", f.path), f.text.clone())),
        );
    }
    Ok(Checked {
        packs: Packs {
            collectors: loaded,
            histories,
            rules: rule_set,
            catalogue,
            mappings: mappings_loaded,
            exceptions: Exceptions::default(),
            files,
        },
        errors,
        notes,
    })
}

fn within(folder: &str, mut d: Diagnostic) -> Diagnostic {
    d.file.insert_str(0, folder);
    d
}

/// All diagnostics with the lines that they speak of.
pub fn render(all: &[Diagnostic], files: &BTreeMap<String, String>, colour: bool) -> String {
    all.iter()
        .map(|d| {
            let source = files.get(&d.file).map(String::as_str);
            shoseki_judge::render(d, source, colour) + "\n\n"
        })
        .collect()
}

/// The built-in files and those of the user's folders.
fn with_own(mut files: Vec<File>, folders: &[std::path::PathBuf]) -> Result<Vec<File>> {
    let mut seen: HashMap<String, ()> = files.iter().map(|f| (f.path.clone(), ())).collect();
    for folder in folders {
        let mut own = Vec::new();
        walk(folder, folder, &mut own)?;
        own.sort_by(|a, b| a.path.cmp(&b.path));
        for f in own {
            if seen.insert(f.path.clone(), ()).is_some() {
                return Err(Failed::data(format!(
                    "{}: there is a built-in file {} already; give yours another name",
                    folder.display(),
                    f.path
                )));
            }
            files.push(f);
        }
    }
    Ok(files)
}

fn walk(top: &Path, dir: &Path, found: &mut Vec<File>) -> Result<()> {
    let told = |e: std::io::Error| Failed::data(format!("{}: {e}", dir.display()));
    for entry in fs::read_dir(dir).map_err(told)? {
        let path = entry.map_err(told)?.path();
        if path.is_dir() {
            walk(top, &path, found)?;
        } else if path.extension().is_some_and(|e| e == "yaml" || e == "json") {
            let text = fs::read_to_string(&path)
                .map_err(|e| Failed::data(format!("{}: {e}", path.display())))?;
            let below = path.strip_prefix(top).unwrap_or(&path);
            let pieces: Vec<_> = below.iter().map(|p| p.to_string_lossy()).collect();
            found.push(File {
                path: pieces.join("/"),
                text,
            });
        }
    }
    Ok(())
}
