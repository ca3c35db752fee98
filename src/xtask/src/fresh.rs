//! `cargo xtask new rule|collector ID`: the file to fill in.

use anyhow::{Result, bail, ensure};
use std::fs;
use std::path::Path;

/// What to begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    /// A rule, `aws.s3.bucket-something`
    Rule,
    /// A collector, `aws.s3.access-point`
    Collector,
}

/// Writes the file whose path spells `id`; never overwrites one.
pub fn begin(kind: Kind, id: &str) -> Result<()> {
    let pieces: Vec<&str> = id.split('.').collect();
    let kebab = |p: &&str| {
        !p.is_empty()
            && p.chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    ensure!(
        pieces.len() == 3 && pieces.iter().all(kebab),
        "{id}: an id is cloud.service.name in kebab-case, aws.s3.bucket-tls-only"
    );
    let (folder, text) = match kind {
        Kind::Rule => ("rules", rule(id)),
        Kind::Collector => ("collectors", collector(id, pieces[1])),
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let path = format!("{folder}/{}/{}/{}.yaml", pieces[0], pieces[1], pieces[2]);
    let full = root.join(&path);
    if full.exists() {
        bail!("{path} exists already");
    }
    if let Some(parent) = full.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(&full, text)?;
    println!(
        "{path}: fill it in ({folder}/README.md), then run `cargo xtask gen` and `shoseki lint`"
    );
    Ok(())
}

fn rule(id: &str) -> String {
    format!(
        "id: {id}
title: {{ ja: \"\", en: \"\" }}
severity: medium
resource:
expect:
why:
  ja:
  en:
fix:
  ja:
  en:
  cli:
  terraform: |
references:
  - https://
cases:
  - expect: pass
    settings: {{}}
  - expect: fail
    settings: {{}}
  - expect: unknown
    unseen: []
"
    )
}

fn collector(id: &str, service: &str) -> String {
    format!(
        "type: {id}
title: {{ ja: \"\", en: \"\" }}
source:
scope: region
list:
  call: {service}:
  items:
  id: \"{{Arn}}\"
  name: \"{{Name}}\"
parts:
"
    )
}
