//! `bundle` and `disclose`: what is handed over of a sealed run.

use crate::args::{BundleArgs, Common, DiscloseArgs};
use crate::exit::{Exit, Failed, Result};
use crate::sealing::told;
use crate::{lang, terminal};
use regex::Regex;
use shoseki_evidence::Run;
use shoseki_evidence::seal::{self, Chosen, Hidden, Named};

/// Values that stay, as people get to see them.
const SHOWN: usize = 30;

/// A pattern with the kind that it is limited to.
fn pattern(text: &str) -> Result<(Option<Named>, Regex)> {
    let kinds = [Named::User, Named::Email, Named::Tag];
    let limited = kinds.into_iter().find_map(|k| {
        let rest = text.strip_prefix(k.word())?.strip_prefix(':')?;
        Some((Some(k), rest))
    });
    let (kind, regex) = limited.unwrap_or((None, text));
    // In full: an alternative of the pattern must not end it early.
    let regex = Regex::new(&format!("^(?:{regex})$"))
        .map_err(|e| Failed::usage(format!("--redact-pattern {text}: {e}")))?;
    Ok((kind, regex))
}

/// `bundle`.
pub fn bundle(common: &Common, args: &BundleArgs) -> Result {
    if args.out.exists() {
        return Err(Failed::usage(format!(
            "{} exists already",
            args.out.display()
        )));
    }
    let backfill = Run::open(&args.run).is_ok_and(|r| r.file().info.backfill.is_some());
    if backfill && (args.redact || !args.findings.is_empty() || !args.controls.is_empty()) {
        return Err(Failed::usage(
            "a back-fill is handed over whole: --redact, --findings and --controls are for scans",
        ));
    }
    let chosen = Chosen {
        findings: args.findings.clone(),
        controls: args.controls.clone(),
    };
    let part = !args.findings.is_empty() || !args.controls.is_empty();
    if args.redact {
        let patterns = args.redact_pattern.iter().map(|p| pattern(p));
        let patterns = patterns.collect::<Result<Vec<_>>>()?;
        let hidden = seal::pack_redacted(&args.run, &patterns, part.then_some(&chosen), &args.out)
            .map_err(told)?;
        terminal::note(common, &words(common, &hidden));
    } else if !part {
        seal::pack(&args.run, &args.out).map_err(told)?;
    } else {
        seal::extract(&args.run, &chosen, &args.out).map_err(told)?;
    }
    terminal::note(common, &args.out.display().to_string());
    Ok(Exit::Ok)
}

/// What was hidden, and what was not and should be looked at.
fn words(common: &Common, told: &Hidden) -> String {
    let (n, open) = (told.hidden, told.disclosed);
    let shown: Vec<&str> = told.kept.iter().take(SHOWN).map(String::as_str).collect();
    let dots = if told.kept.len() > SHOWN { ", …" } else { "" };
    let kept = format!("{}{dots}", shown.join(", "));
    let (ja, en) = (
        format!(
            "墨消しした値 {n} 件、開示した値 {open} 件。設定の語と区別できないため元のまま残した値: {kept}"
        ),
        format!(
            "{n} values hidden, {open} disclosed. Left as they are, because they cannot be told from words of the settings: {kept}"
        ),
    );
    lang::pick(lang::of(common), &ja, &en).to_owned()
}

/// `disclose`.
pub fn disclose(args: &DiscloseArgs) -> Result {
    let mut out = String::new();
    for d in seal::disclose(&args.run, &args.values).map_err(told)? {
        let line = serde_json::to_string(&d).map_err(|e| Failed::data(e.to_string()))?;
        out.push_str(&line);
        out.push('\n');
    }
    crate::terminal::print(&out);
    Ok(Exit::Ok)
}
