//! `catalogue import`: the criteria's texts out of the user's own copy of the
//! official workbook, kept in a file of the user's and nowhere else.

mod find;
mod sheet;

use crate::args::{CatalogueCommand, Common, Format, ImportArgs};
use crate::exit::{Exit, Failed, Result};
use crate::{lang, packs, terminal};
use find::Found;
use serde::{Deserialize, Serialize};
use serde_json::json;
use shoseki_assess::{Catalogue, Kind};
use shoseki_model::{Lang, digest};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

const FORMAT: &str = "shoseki.texts/1";

/// What the file of texts holds.
#[derive(Debug, Serialize, Deserialize)]
struct TextsFile {
    format: String,
    edition: String,
    /// Name and SHA-256 of the workbook.
    source: String,
    source_sha256: String,
    /// Control id → text of the criteria.
    texts: BTreeMap<String, String>,
}

/// Reads a file that `catalogue import` wrote.
pub fn texts(path: &Path, edition: &str) -> Result<BTreeMap<String, String>> {
    let told = |e: String| Failed::data(format!("{}: {e}", path.display()));
    let bytes = fs::read(path).map_err(|e| told(e.to_string()))?;
    let file: TextsFile = serde_json::from_slice(&bytes).map_err(|e| {
        told(format!(
            "{e}; it should be a file that `shoseki catalogue import` wrote"
        ))
    })?;
    if file.format != FORMAT {
        return Err(told(format!(
            "the format is `{}`, this program reads `{FORMAT}`",
            file.format
        )));
    }
    if file.edition != edition {
        return Err(told(format!(
            "it holds the texts of edition {}, not of {edition}",
            file.edition
        )));
    }
    Ok(file.texts)
}

/// `catalogue …`.
pub fn run(common: &Common, what: &CatalogueCommand) -> Result {
    let CatalogueCommand::Import(args) = what;
    let packs = packs::load(common)?;
    let catalogue = &packs.catalogue;
    let bytes =
        fs::read(&args.file).map_err(|e| Failed::usage(format!("{}: {e}", args.file.display())))?;
    let sheets =
        sheet::read(&bytes).map_err(|e| Failed::data(format!("{}: {e}", args.file.display())))?;
    let found = find::texts(&sheets, catalogue);
    if found.texts.is_empty() {
        return Err(Failed::data(format!(
            "{}: no sheet has a column of control ids beside a column of their texts; heads such as 管理策番号 or No. and 統制目標, 詳細管理策 or 管理策の内容 are looked for in the first {} rows",
            args.file.display(),
            find::HEAD_ROWS
        )));
    }
    let out = match &args.out {
        Some(out) => out.clone(),
        None => default_path(&catalogue.edition)?,
    };
    if inside_run(&out) {
        return Err(Failed::usage(format!(
            "{}: the criteria's texts do not belong into a run; name a file elsewhere",
            out.display()
        )));
    }
    write(args, catalogue, &bytes, &found, &out)?;
    let missing = missing(catalogue, &found);
    terminal::print(&match args.format {
        Format::Json => format!(
            "{:#}\n",
            json!({
                "file": out,
                "edition": catalogue.edition,
                "texts": found.texts.len(),
                "problems": found.problems,
                "missing": missing,
            })
        ),
        Format::Text => told(&found, &missing, &out, lang::of(common)),
    });
    Ok(match found.problems.is_empty() && missing.is_empty() {
        true => Exit::Ok,
        false => Exit::Incomplete,
    })
}

fn write(
    args: &ImportArgs,
    catalogue: &Catalogue,
    bytes: &[u8],
    found: &Found,
    out: &Path,
) -> Result<()> {
    let name = args.file.file_name().map(|n| n.to_string_lossy().into());
    let file = TextsFile {
        format: FORMAT.into(),
        edition: catalogue.edition.clone(),
        source: name.unwrap_or_default(),
        source_sha256: digest(bytes),
        texts: found
            .texts
            .iter()
            .map(|(id, t)| (id.clone(), t.text.clone()))
            .collect(),
    };
    let io = |e: std::io::Error| Failed::new(Exit::Bug, format!("{}: {e}", out.display()));
    if let Some(folder) = out.parent().filter(|f| !f.as_os_str().is_empty()) {
        fs::create_dir_all(folder).map_err(io)?;
    }
    fs::write(out, format!("{}\n", serde_json::to_string_pretty(&file)?)).map_err(io)
}

/// Ids that have a text in the criteria and none in the workbook.
fn missing(catalogue: &Catalogue, found: &Found) -> Vec<String> {
    let texts = [Kind::Requirement, Kind::Objective, Kind::Detailed];
    let all = catalogue.controls().iter();
    all.filter(|c| texts.contains(&c.kind) && !found.texts.contains_key(&c.id))
        .map(|c| c.id.clone())
        .collect()
}

/// Missing ids that are told by name in the summary.
const NAMED: usize = 20;

fn told(found: &Found, missing: &[String], out: &Path, lang: Lang) -> String {
    let mut text = String::new();
    for p in &found.problems {
        let at = format!("{}!{}", p.sheet, p.cell);
        text.push_str(&format!(
            "{at}: {}\n",
            shoseki_report::visible(p.message.get(lang))
        ));
    }
    if !missing.is_empty() {
        let names = missing.iter().take(NAMED).cloned().collect::<Vec<_>>();
        let more = if missing.len() > NAMED { ", ..." } else { "" };
        let names = format!("{}{more}", names.join(", "));
        text.push_str(&match lang {
            Lang::Ja => format!("本文のない番号 {} 件: {names}\n", missing.len()),
            Lang::En => format!("{} ids without a text: {names}\n", missing.len()),
        });
    }
    let n = found.texts.len();
    text.push_str(&match lang {
        Lang::Ja => format!("{n} 件の本文を {} に書いた。\n", out.display()),
        Lang::En => format!("{n} texts written to {}\n", out.display()),
    });
    text
}

/// `texts-EDITION.json` in the folder where this system keeps a user's data.
fn default_path(edition: &str) -> Result<PathBuf> {
    let of = |name: &str| {
        std::env::var_os(name)
            .filter(|v| !v.is_empty())
            .map(PathBuf::from)
    };
    let home = || of("HOME");
    let folder = if cfg!(windows) {
        of("APPDATA")
    } else if cfg!(target_os = "macos") {
        home().map(|h| h.join("Library/Application Support"))
    } else {
        of("XDG_DATA_HOME")
            .filter(|p| p.is_absolute())
            .or_else(|| home().map(|h| h.join(".local/share")))
    };
    let folder = folder.ok_or_else(|| {
        Failed::usage("this system names no folder for a user's data; name a file by --out")
    })?;
    Ok(folder.join("shoseki").join(format!("texts-{edition}.json")))
}

/// Whether a file would lie in a run directory, at any depth.
pub fn inside_run(path: &Path) -> bool {
    let full = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    full.ancestors()
        .skip(1)
        .any(|a| a.join("run.json").exists() || a.join("exchanges.jsonl.zst").exists())
}
