//! Checking a seal: offline, against keys and roots that the reader trusts.

use super::bundle::Opened;
use super::cms::Unverified;
use super::envelope::Envelope;
use super::error::Error;
use super::key::{PublicKey, blocks};
use super::manifest::{Entry, Manifest};
use super::report::{About, Proof, SealReport, problem};
use super::stamp::Stamp;
use super::survey::Survey;
use super::{ENVELOPE, MANIFEST, STAMP, links, part, redact};
use crate::check::Problem;
use crate::read::Run;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use shoseki_model::digest;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

/// What the reader trusts.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    /// Keys that may have signed.
    pub keys: Vec<PublicKey>,
    /// Roots of time stamping authorities.
    pub roots: Vec<CertificateDer<'static>>,
    /// Lines that disclose values of a redacted run, given apart from it.
    pub disclosed: Option<String>,
}

impl Trust {
    /// Adds the keys of a PEM file (`BEGIN PUBLIC KEY`).
    pub fn add_keys(&mut self, path: &Path) -> Result<(), Error> {
        let text = fs::read_to_string(path).map_err(Error::io(path))?;
        let keys = PublicKey::all_from_pem(&text)
            .map_err(|e| Error::Key(format!("{}: {e}", path.display())))?;
        self.keys.extend(keys);
        Ok(())
    }

    /// Adds the root certificates of a PEM file (`BEGIN CERTIFICATE`).
    pub fn add_roots(&mut self, path: &Path) -> Result<(), Error> {
        let text = fs::read_to_string(path).map_err(Error::io(path))?;
        let before = self.roots.len();
        for block in blocks(&text, "CERTIFICATE") {
            let der = CertificateDer::from_pem_slice(block.as_bytes())
                .map_err(|e| Error::Key(format!("{}: {e}", path.display())))?;
            self.roots.push(der);
        }
        if self.roots.len() == before {
            return Err(Error::Key(format!(
                "{}: there is no `BEGIN CERTIFICATE` in it",
                path.display()
            )));
        }
        Ok(())
    }
}

/// Checks the seal of a run directory or of a bundle. What does not hold is told
/// in the report; an error means that it could not be opened at all.
pub fn check(path: &Path, trust: &Trust) -> Result<SealReport, Error> {
    Opened::open(path)?.check(trust)
}

/// A file of the seal; `None`: it is not there.
fn read(dir: &Path, name: &str) -> Result<Option<Vec<u8>>, Error> {
    let path = dir.join(name);
    match fs::read(&path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(Error::io(&path)(e)),
    }
}

/// Manifest, signature and time stamp; then files and records.
pub(super) fn directory(dir: &Path, trust: &Trust, out: SealReport) -> Result<SealReport, Error> {
    let (mut out, envelope) = without_form(dir, trust, out)?;
    if let (Some(e), false, false) = (envelope, out.part, out.redacted) {
        redact::check_form(dir, e.redacted(), &mut out)?;
    }
    Ok(out)
}

/// The same, without making the redacted form again. Gives the envelope, where
/// there is anything to compare.
pub(super) fn without_form(
    dir: &Path,
    trust: &Trust,
    mut out: SealReport,
) -> Result<(SealReport, Option<Envelope>), Error> {
    let files = (
        read(dir, MANIFEST)?,
        read(dir, ENVELOPE)?,
        read(dir, STAMP)?,
    );
    let (manifest, envelope, stamp) = match files {
        (None, None, None) => {
            out.say(
                About::Signature,
                Proof::NotProven,
                "封印されていない。誰がいつ作成したか、改変がないかは示されない。",
                "It is not sealed: neither who made it and when, nor that nothing was changed, is shown.",
            );
            return Ok((out, None));
        }
        (Some(m), Some(e), s) => (m, e, s),
        (m, e, _) => {
            let missing = [(MANIFEST, m), (ENVELOPE, e)]
                .into_iter()
                .filter(|f| f.1.is_none());
            let missing = missing.map(|f| problem(f.0, "it is missing")).collect();
            out.judge(
                About::Signature,
                missing,
                ("", ""),
                ("封印の一部が欠けている。", "Part of the seal is missing."),
            );
            return Ok((out, None));
        }
    };
    let Some((manifest, envelope_read)) = signature(&manifest, &envelope, trust, &mut out) else {
        return Ok((out, None));
    };
    time(&envelope, &envelope_read, stamp.as_deref(), trust, &mut out);
    if out.part {
        part::check(dir, &manifest, &mut out)?;
    } else {
        whole(dir, &manifest, &mut out)?;
    }
    if out.redacted {
        redact::check(dir, trust.disclosed.as_deref(), &mut out);
    }
    out.manifest = Some(manifest);
    Ok((out, Some(envelope_read)))
}

/// Who signed what. `None`: there is nothing to compare the run with.
fn signature(
    manifest: &[u8],
    envelope: &[u8],
    trust: &Trust,
    out: &mut SealReport,
) -> Option<(Manifest, Envelope)> {
    let read = Manifest::parse(manifest).map_err(|e| problem(MANIFEST, e));
    let read = read.and_then(|m| {
        Ok((
            m,
            Envelope::parse(envelope).map_err(|e| problem(ENVELOPE, e))?,
        ))
    });
    let broken = (
        "封印が壊れているか、別のものである。署名は、この目録に対するものと認められない。",
        "The seal is damaged or another one: the signature is not one on this manifest.",
    );
    let (manifest_read, envelope) = match read {
        Ok(both) => both,
        Err(p) => {
            out.judge(About::Signature, vec![p], ("", ""), broken);
            return None;
        }
    };
    out.key = Some(envelope.key.clone());
    let says = &envelope.statement.predicate;
    let mut problems = Vec::new();
    let signed = digest(manifest);
    out.redacted = envelope.redacted() == Some(&signed);
    let tree = if out.redacted {
        says.redacted.as_ref()
    } else {
        Some(&says.tree)
    };
    if envelope.manifest() != Some(&signed) && !out.redacted {
        problems.push(problem(
            MANIFEST,
            "its digest is not the one that was signed",
        ));
    } else if tree != Some(&manifest_read.tree)
        || says.counts != manifest_read.counts
        || says.outcome != manifest_read.outcome
    {
        problems.push(problem(
            ENVELOPE,
            "it says otherwise than the manifest that it signs",
        ));
    }
    let key = trust.keys.iter().find(|k| k.id() == envelope.key);
    if key.is_some_and(|k| !envelope.signed_by(k)) {
        problems.push(problem(ENVELOPE, "the signature does not hold"));
    }
    if !problems.is_empty() {
        out.judge(About::Signature, problems, ("", ""), broken);
    } else if key.is_some() {
        out.say(
            About::Signature,
            Proof::Proven,
            &format!("目録は、信頼する鍵 {} で署名されている。", envelope.key),
            &format!(
                "The manifest is signed by the trusted key {}.",
                envelope.key
            ),
        );
    } else {
        out.say(
            About::Signature,
            Proof::NotProven,
            &format!(
                "署名者は確かめられていない。鍵 {} は信頼する鍵に含まれていない(--trust で指定する)。",
                envelope.key
            ),
            &format!(
                "Who signed is not proven: the key {} is not among the trusted ones (--trust).",
                envelope.key
            ),
        );
    }
    Some((manifest_read, envelope))
}

/// When it was signed.
fn time(
    bytes: &[u8],
    envelope: &Envelope,
    stamp: Option<&[u8]>,
    trust: &Trust,
    out: &mut SealReport,
) {
    let announced = envelope.statement.predicate.timestamp.as_ref();
    let about = About::TimeStamp;
    let broken = (
        "タイムスタンプが欠けているか、この封印に対するものと認められない。",
        "The time stamp is missing, or it is not one on this seal.",
    );
    let Some(stamp) = stamp else {
        if announced.is_some() {
            let missing = vec![problem(STAMP, "it is missing")];
            out.judge(about, missing, ("", ""), broken);
        } else {
            out.say(
                about,
                Proof::NotProven,
                "タイムスタンプがない。封印の時刻は、作成した計算機の時計による。",
                "There is no time stamp: when it was sealed rests on the clock of the machine that did.",
            );
        }
        return;
    };
    let nonce = announced.map(|a| a.nonce.as_str());
    let read = Stamp::parse(stamp).and_then(|s| s.covers(bytes, nonce).map(|()| s));
    let stamp = match read {
        Ok(s) => s,
        Err(e) => return out.judge(about, vec![problem(STAMP, e)], ("", ""), broken),
    };
    out.stamped = Some(stamp.time.clone());
    let (ja, en) = unchecked(&stamp.time);
    if trust.roots.is_empty() {
        return out.say(about, Proof::NotProven, &ja, &en);
    }
    match stamp.verify(&trust.roots) {
        Ok(()) => out.say(
            about,
            Proof::Proven,
            &format!(
                "信頼する時刻認証局が、{} にこの封印が存在したことを証明している。失効は確かめていない。",
                stamp.time
            ),
            &format!(
                "A trusted authority states that this seal existed at {}. Revocation was not checked.",
                stamp.time
            ),
        ),
        Err(Unverified::Wrong(why)) => {
            out.judge(about, vec![problem(STAMP, why)], ("", ""), broken);
        }
        Err(Unverified::Unsupported(why)) => {
            out.say(about, Proof::NotProven, &format!("{ja} ({why})"), &format!("{en} ({why})"));
        }
    }
}

fn unchecked(time: &str) -> (String, String) {
    let command = "openssl ts -verify -data seal.dsse.json -in seal.tsr -CAfile FILE";
    (
        format!(
            "タイムスタンプはこの封印に対するもので {time} と述べているが、時刻認証局の署名は本ツールでは確かめていない(--tsa-ca で根証明書を指定するか、`{command}`)。"
        ),
        format!(
            "The time stamp is on this seal and states {time}, but the signature of the time stamp was not checked by this tool: name the root by --tsa-ca, or run `{command}`."
        ),
    )
}

fn whole(dir: &Path, manifest: &Manifest, out: &mut SealReport) -> Result<(), Error> {
    let survey = Survey::of(dir)?;
    let mut problems = compare(&manifest.files, &survey.files);
    let sound = survey.problems.is_empty();
    problems.extend(survey.problems.iter().cloned());
    if !out.redacted && dir.join(redact::DISCLOSED).exists() {
        problems.push(problem(redact::DISCLOSED, "it was added"));
    }
    let same = problems.is_empty();
    out.judge(
        About::Files,
        problems,
        (
            "目録にあるすべてのファイルが、記されたとおりのバイト列で存在し、ほかのファイルはない。",
            "Every file of the manifest is there, byte for byte, and no other.",
        ),
        (
            "ファイルが目録と一致しない(改変、欠落または追加)。",
            "Files differ from the manifest: changed, missing or added.",
        ),
    );
    let mut problems = Vec::new();
    if !sound || survey.summary() != manifest.tree {
        problems.push(problem(
            MANIFEST,
            format!(
                "its root is {}, that of the files {}",
                manifest.tree.root,
                survey.summary().root
            ),
        ));
    }
    out.judge(
        About::Root,
        problems,
        (
            "ファイルと記録から求めたマークル木の根が、封印のものと一致する。",
            "The Merkle root over files and records is the sealed one.",
        ),
        (
            "ファイルと記録から求めたマークル木の根が、封印のものと異なる。",
            "The Merkle root over files and records is not the sealed one.",
        ),
    );
    if !same || !sound {
        let (ja, en) = (
            "ファイルが目録と一致しないため、確かめていない。",
            "Not checked, because files differ from the manifest.",
        );
        out.say(About::Run, Proof::NotProven, ja, en);
        out.say(About::Links, Proof::NotProven, ja, en);
        return Ok(());
    }
    run(dir, manifest, out);
    links::check(dir, out);
    Ok(())
}

/// Files that are missing, changed or too many.
fn compare(listed: &[Entry], found: &[Entry]) -> Vec<Problem> {
    let mut left: BTreeMap<&str, &Entry> = found.iter().map(|e| (e.path.as_str(), e)).collect();
    let mut out = Vec::new();
    for e in listed {
        match left.remove(e.path.as_str()) {
            None => out.push(problem(&e.path, "it is missing")),
            Some(f) if f != e => out.push(problem(
                &e.path,
                format!("changed: {} bytes, digest {}", f.bytes, f.sha256),
            )),
            Some(_) => {}
        }
    }
    out.extend(left.keys().map(|path| problem(path, "it was added")));
    out
}

fn run(dir: &Path, manifest: &Manifest, out: &mut SealReport) {
    let told = |e: String| vec![problem("run.json", e)];
    let problems = match Run::open(dir) {
        Err(e) => told(e.to_string()),
        Ok(run) => {
            let file = run.file();
            let mut problems = run.check().unwrap_or_else(|e| told(e.to_string()));
            if file.counts != manifest.counts
                || file.packs != manifest.packs
                || file.outcome != manifest.outcome
                || file.info.targets != manifest.targets
                || file.info.tool != manifest.tool
                || file.info.selection != manifest.selection
            {
                problems.push(problem(MANIFEST, "it says otherwise than run.json"));
            }
            problems
        }
    };
    out.judge(
        About::Run,
        problems,
        (
            "run.json の件数とダイジェストは記録と一致し、取引記録が挙げる応答はすべてそのダイジェストどおりに存在する。",
            "run.json agrees with the records, and every answer that an exchange names is there with its digest.",
        ),
        (
            "run.json が記録または応答と一致しない。",
            "run.json does not agree with the records or the answers.",
        ),
    );
}
