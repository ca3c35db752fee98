//! Handing over a redacted run, and disclosing single values of it.

use super::super::bundle::{self, Holds, Label};
use super::super::check::{Trust, without_form};
use super::super::envelope::Envelope;
use super::super::error::Error;
use super::super::part::{self, Chosen};
use super::super::report::{About, Proof, SealReport, problem};
use super::super::{ENVELOPE, MANIFEST, STAMP};
use super::form::{HEADER, Line, Secret, make};
use super::text::{Place, Redactor};
use super::{DISCLOSED, Form, KEY, Key, Named, PSEUDONYMS, commitment, pseudonym};
use crate::check::Problem;
use crate::read::Run;
use regex::Regex;
use serde::{Deserialize, Serialize};
use shoseki_model::digest;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read as _;
use std::path::Path;

/// One value and what proves it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disclosed {
    /// What stands for it in the redacted run.
    pub pseudonym: String,
    /// What it is.
    pub kind: Named,
    /// 256 bits in hexadecimal.
    pub salt: String,
    /// The value.
    pub value: String,
}

/// What was handed over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hidden {
    /// Values that stay hidden.
    pub hidden: u64,
    /// Values that were disclosed, for no pattern chose them.
    pub disclosed: u64,
    /// Values that stand in the run as they are: words of rules and collectors,
    /// numbers and the shortest ones cannot be told from settings.
    pub kept: BTreeSet<String>,
}

/// Makes the form that was sealed again.
fn sealed(dir: &Path, to: &Path) -> Result<Form, Error> {
    // The form is made below, and held against the one that was sealed.
    let (report, _) = without_form(dir, &Trust::default(), SealReport::default())?;
    if report.key.is_none() && !super::super::is_sealed(dir) {
        return Err(Error::Unsealed(dir.to_owned()));
    }
    bundle::intact(&report, dir)?;
    let at = dir.join(ENVELOPE);
    let bytes = fs::read(&at).map_err(Error::io(&at))?;
    let envelope = Envelope::parse(&bytes).map_err(|e| Error::unsound(&at, e))?;
    let (Some(key), Some(wanted)) = (Key::read(dir)?, envelope.redacted()) else {
        return Err(Error::Selection(format!(
            "{} was sealed by a version that knew no redacted form, or is redacted already: \
             it verifies, and cannot be redacted",
            dir.display()
        )));
    };
    let form = make(&Run::open(dir)?, &key, to)?;
    if digest(&form.manifest) != wanted {
        return Err(Error::unsound(
            dir,
            "its redacted form is not the one that was sealed; use the version of shoseki that sealed it",
        ));
    }
    Ok(form)
}

impl Secret {
    fn disclosed(&self) -> Disclosed {
        Disclosed {
            pseudonym: self.line.pseudonym.clone(),
            kind: self.line.kind,
            salt: self.salt.clone(),
            value: self.value.clone(),
        }
    }
}

/// Whether one of `patterns` takes a value in full; of none, every value.
fn chosen(s: &Secret, patterns: &[(Option<Named>, Regex)]) -> bool {
    let full = |r: &Regex| r.find(&s.value).is_some_and(|m| m.len() == s.value.len());
    patterns.is_empty()
        || patterns
            .iter()
            .any(|(kind, r)| kind.is_none_or(|k| k == s.line.kind) && full(r))
}

/// Writes the redacted form of a sealed run, or what is chosen of it, as one file.
/// Values that none of `patterns` takes in full are disclosed in it; without a
/// pattern, none is. Findings are chosen by the ids that the run has.
pub fn pack_redacted(
    dir: &Path,
    patterns: &[(Option<Named>, Regex)],
    part: Option<&Chosen>,
    out: &Path,
) -> Result<Hidden, Error> {
    let temporary = tempfile::tempdir().map_err(Error::io(dir))?;
    let form_dir = temporary.path();
    let form = sealed(dir, form_dir)?;
    let wrong = |e: serde_json::Error| Error::unsound(dir, e.to_string());
    let cut = tempfile::tempdir().map_err(Error::io(dir))?;
    let (to, label) = match part {
        None => {
            let label = Label::new(Holds::Redacted).bytes().map_err(wrong)?;
            (form_dir, label)
        }
        Some(chosen) => {
            let chosen = form.renamed(chosen);
            let (to, holds) = (cut.path(), Holds::RedactedPart);
            (to, part::cut(form_dir, &chosen, &[PSEUDONYMS], to, holds)?)
        }
    };
    let put = |name: &str, bytes: &[u8]| {
        let at = to.join(name);
        fs::write(&at, bytes).map_err(Error::io(&at))
    };
    // A part discloses nothing of what it does not hold.
    let held = match part {
        None => form.secrets.iter().map(|s| &s.line.pseudonym).collect(),
        Some(_) => form.held(to)?,
    };
    let mut told = Hidden {
        kept: form.kept.clone(),
        ..Hidden::default()
    };
    let mut text = String::new();
    for s in form
        .secrets
        .iter()
        .filter(|s| held.contains(&s.line.pseudonym))
    {
        if chosen(s, patterns) {
            told.hidden += 1;
            continue;
        }
        told.disclosed += 1;
        text.push_str(&serde_json::to_string(&s.disclosed()).map_err(wrong)?);
        text.push('\n');
    }
    put(MANIFEST, &form.manifest)?;
    for name in [ENVELOPE, STAMP] {
        let at = dir.join(name);
        if at.exists() {
            put(name, &fs::read(&at).map_err(Error::io(&at))?)?;
        }
    }
    if !text.is_empty() {
        put(DISCLOSED, text.as_bytes())?;
    }
    bundle::write(to, &label, out)?;
    Ok(told)
}

impl Form {
    /// What was chosen by the run's ids, by those of the form.
    fn renamed(&self, chosen: &Chosen) -> Chosen {
        let new = |id: &String| self.findings.get(id).unwrap_or(id).clone();
        Chosen {
            findings: chosen.findings.iter().map(new).collect(),
            controls: chosen.controls.clone(),
        }
    }

    /// The pseudonyms that stand in the files of a part as they are.
    fn held(&self, part: &Path) -> Result<BTreeSet<&String>, Error> {
        let mut out = BTreeSet::new();
        for name in bundle::paths(part)?.iter().filter(|n| *n != PSEUDONYMS) {
            let at = part.join(name);
            let mut bytes = Vec::new();
            crate::limits::open(&at, name.ends_with(".zst"))?
                .read_to_end(&mut bytes)
                .map_err(Error::io(&at))?;
            let text = String::from_utf8_lossy(&bytes);
            let all = self.secrets.iter().map(|s| &s.line.pseudonym);
            out.extend(all.filter(|p| text.contains(p.as_str())));
        }
        Ok(out)
    }
}

/// What discloses these values or pseudonyms of a sealed run.
pub fn disclose(dir: &Path, names: &[String]) -> Result<Vec<Disclosed>, Error> {
    let temporary = tempfile::tempdir().map_err(Error::io(dir))?;
    let form = sealed(dir, temporary.path())?;
    let mut out = Vec::new();
    for name in names {
        let found = form
            .secrets
            .iter()
            .find(|s| s.value == *name || s.line.pseudonym == *name);
        let Some(s) = found else {
            return Err(Error::Selection(format!(
                "{name} is neither a value nor a pseudonym of the run's redacted form"
            )));
        };
        out.push(s.disclosed());
    }
    Ok(out)
}

/// Whether the redacted form that was sealed is that of this run. Only a run that
/// is as it was sealed is looked at.
pub(in super::super) fn check_form(
    dir: &Path,
    sealed: Option<&str>,
    out: &mut SealReport,
) -> Result<(), Error> {
    let (Some(sealed), false) = (sealed, out.worst() == Proof::Broken) else {
        return Ok(());
    };
    let temporary = tempfile::tempdir().map_err(Error::io(dir))?;
    let made = Key::read(dir).and_then(|key| match key {
        Some(key) => make(&Run::open(dir)?, &key, temporary.path()),
        None => Err(Error::unsound(&dir.join(KEY), "it is missing")),
    });
    let problems = match made {
        Ok(form) if digest(&form.manifest) == sealed => Vec::new(),
        Ok(_) => vec![problem(KEY, "another form follows from it")],
        Err(e) => vec![problem(KEY, e.to_string())],
    };
    out.judge(
        About::Redactable,
        problems,
        (
            "共に封印された墨消し版は、この実行から導かれる。",
            "The redacted form that was sealed as well is that of this run.",
        ),
        (
            "共に封印された墨消し版が、この実行から導かれない。",
            "The redacted form that was sealed as well is not that of this run.",
        ),
    );
    Ok(())
}

/// The pseudonyms of a redacted run, by name; otherwise says what is wrong.
fn read(dir: &Path) -> Result<BTreeMap<String, Line>, String> {
    let text = fs::read_to_string(dir.join(PSEUDONYMS)).map_err(|e| e.to_string())?;
    let mut rest = text.strip_suffix('\n').unwrap_or_default().split('\n');
    if rest.next() != Some(HEADER) {
        return Err(format!("its first line should be {HEADER}"));
    }
    let mut out: BTreeMap<String, Line> = BTreeMap::new();
    for (n, text) in rest.enumerate() {
        let wrong = |why: &str| format!("line {}: {why}", n + 2);
        let line: Line = serde_json::from_str(text).map_err(|e| wrong(&e.to_string()))?;
        let sound = crate::files::is_digest(&line.commitment)
            && pseudonym(line.kind, &line.commitment) == line.pseudonym;
        if !sound {
            return Err(wrong("the pseudonym is not that of its commitment"));
        }
        if out.insert(line.pseudonym.clone(), line).is_some() {
            return Err(wrong("the pseudonym is there twice"));
        }
    }
    Ok(out)
}

/// The lines that disclose, checked against the pseudonyms.
fn disclosed(text: &str, known: &BTreeMap<String, Line>) -> Result<u64, String> {
    let mut seen = BTreeSet::new();
    for (n, line) in text.lines().enumerate() {
        let wrong = |why: &str| format!("line {}: {why}", n + 1);
        let d: Disclosed = serde_json::from_str(line).map_err(|e| wrong(&e.to_string()))?;
        if !crate::files::is_digest(&d.salt) {
            return Err(wrong("the salt has not 256 bits"));
        }
        let known = known
            .get(&d.pseudonym)
            .filter(|l| l.kind == d.kind && l.commitment == commitment(d.kind, &d.salt, &d.value));
        if known.is_none() {
            return Err(wrong(
                "salt and value are not what was sealed for this pseudonym",
            ));
        }
        if !seen.insert(d.pseudonym) {
            return Err(wrong("the pseudonym is there twice"));
        }
    }
    Ok(seen.len() as u64)
}

/// Checks what a redacted run says of its pseudonyms, after its files were
/// checked against the sealed manifest. `more`: lines that were disclosed later.
pub(in super::super) fn check(dir: &Path, more: Option<&str>, out: &mut SealReport) {
    let known = read(dir);
    let (problems, known): (Vec<Problem>, _) = match known {
        Ok(k) => (Vec::new(), k),
        Err(e) => (vec![problem(PSEUDONYMS, e)], BTreeMap::new()),
    };
    let n = known.len();
    out.judge(
        About::Pseudonyms,
        problems,
        (
            &format!("墨消しされた値は {n} 件で、それぞれ封印された約束値(ソルト付きハッシュ)一つだけに結び付く。仮名の背後の値そのものは、開示されない限り示されない。"),
            &format!("{n} values are replaced; each pseudonym is bound to one sealed commitment (a salted hash), and so to one value. The values themselves are not shown unless disclosed."),
        ),
        (
            "仮名の一覧が正しくない。",
            "The list of pseudonyms is not sound.",
        ),
    );
    let file = fs::read_to_string(dir.join(DISCLOSED)).ok();
    let texts = [(DISCLOSED, file.as_deref()), ("--disclosed", more)];
    for (name, text) in texts {
        let Some(text) = text else { continue };
        let (count, problems) = match disclosed(text, &known) {
            Ok(n) => (n, Vec::new()),
            Err(e) => (0, vec![problem(name, e)]),
        };
        out.judge(
            About::Disclosed,
            problems,
            (
                &format!("開示された {count} 件の値は、封印された約束値と一致する。"),
                &format!("The {count} disclosed values are those that were sealed."),
            ),
            (
                "開示された値に、封印されたものと異なるものがある。",
                "A disclosed value is not the one that was sealed.",
            ),
        );
    }
}

/// Finds the pseudonyms of a redacted run, also inside base64.
pub struct Pseudonyms(Redactor);

impl Pseudonyms {
    /// Those of the run in `dir`.
    pub fn read(dir: &Path) -> Result<Self, Error> {
        let wrong = |e: String| Error::unsound(&dir.join(PSEUDONYMS), e);
        let places = read(dir).map_err(wrong)?.into_keys().map(|value| Place {
            value,
            pseudonym: String::new(),
            anywhere: true,
            names: true,
        });
        let by = Redactor::new(places.collect()).map_err(wrong)?;
        Ok(Self(by))
    }

    /// Whether one stands in these bytes.
    pub fn stand_in(&self, bytes: &[u8]) -> bool {
        self.0.answer(bytes) != bytes
    }
}
