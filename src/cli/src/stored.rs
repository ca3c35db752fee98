//! A stored run as the reports want it.

use crate::args::Common;
use crate::exit::{Exit, Failed, Result};
use crate::packs::{self, Packs};
use crate::select;
use indexmap::IndexMap;
use shoseki_collect::cloud_of;
use shoseki_evidence::{Error, Run};
use shoseki_model::{
    Cause, ExceptionUse, Exchange, Finding, Gap, Lang, Population, Standing, Tally, Text,
};
use shoseki_report::{
    Again, ControlInfo, EvidenceInfo, FixInfo, ReportData, ReportError, RuleInfo, RunInfo,
    TrendPoint, Unreached,
};
use std::collections::{BTreeMap, HashSet};
use std::path::Path;

/// A run, with the data files that it was judged by.
pub struct Stored {
    /// The run directory.
    pub run: Run,
    packs: Packs,
    standings: Vec<Standing>,
    tallies: Vec<Tally>,
    populations: Vec<Population>,
    unreached: Vec<Unreached>,
    exceptions: Vec<ExceptionUse>,
}

/// Records that are streamed from the run.
pub struct Streams<'r> {
    findings: Again<'r, Finding>,
    gaps: Again<'r, Gap>,
    exchanges: Again<'r, Exchange>,
}

/// Errors of a stored run are unsound data, not bugs.
pub fn unsound(e: Error) -> Failed {
    Failed::new(Exit::Data, e.to_string())
}

/// The same for reports that read a run.
pub fn report_error(e: ReportError) -> Failed {
    let exit = match e {
        ReportError::Read(_) => Exit::Data,
        _ => Exit::Bug,
    };
    Failed::new(exit, e.to_string())
}

impl Stored {
    /// Opens a finished run, with the data files that are stored in it.
    pub fn open(common: &Common, dir: &Path) -> Result<Self> {
        let run = Run::open(dir).map_err(unsound)?;
        let mut files = BTreeMap::new();
        for f in run.pack().map_err(unsound)? {
            let f = f.map_err(unsound)?;
            files.insert(f.path, f.text);
        }
        let mut common = common.clone();
        common.edition.clone_from(&run.file().info.edition);
        let packs = packs::from_stored(&common, files)?;
        Self::with(run, packs)
    }

    /// A run that was just made with `packs`: nothing is loaded twice.
    pub fn made(packs: Packs, dir: &Path) -> Result<Self> {
        Self::with(Run::open(dir).map_err(unsound)?, packs)
    }

    fn with(run: Run, packs: Packs) -> Result<Self> {
        let mut unreached = Vec::new();
        for g in run.gaps().map_err(unsound)? {
            let g = g.map_err(unsound)?;
            if g.is_unreached() && g.cause != Cause::NotAsked {
                let message = g.error.map_or_else(String::new, |e| e.message);
                unreached.push(Unreached {
                    target: g.account,
                    message,
                });
            }
        }
        fn all<T>(
            lines: std::result::Result<impl Iterator<Item = std::result::Result<T, Error>>, Error>,
        ) -> Result<Vec<T>> {
            lines
                .map_err(unsound)?
                .collect::<std::result::Result<_, _>>()
                .map_err(unsound)
        }
        let exceptions = used(&run, &packs)?;
        Ok(Self {
            exceptions,
            standings: all(run.standings())?,
            tallies: all(run.tallies())?,
            populations: all(run.populations())?,
            packs,
            unreached,
            run,
        })
    }

    /// The files of the run to stream from.
    pub fn streams(&self) -> Streams<'_> {
        Streams {
            findings: Again::new(|| self.run.findings()),
            gaps: Again::new(|| self.run.gaps()),
            exchanges: Again::new(|| self.run.exchanges()),
        }
    }

    /// The run as a report wants it.
    pub fn data<'s>(
        &self,
        streams: &'s Streams<'_>,
        report: Option<&Path>,
    ) -> Result<ReportData<'s>> {
        let file = self.run.file();
        let info = &file.info;
        let mut selection = Vec::new();
        if let Some(rules) = &info.selection.rules {
            selection.push(format!("--rules {rules}"));
        }
        if !info.selection.controls.is_empty() {
            selection.push(format!("--controls {}", info.selection.controls.join(",")));
        }
        let cancelled = file.outcome == shoseki_evidence::Outcome::Cancelled;
        let digests = file
            .packs
            .iter()
            .map(|(k, v)| (k.clone(), v.clone()))
            .chain(
                file.files
                    .iter()
                    .map(|f| (f.path.clone(), f.sha256.clone())),
            )
            .collect();
        let run = RunInfo {
            id: self
                .run
                .dir()
                .file_name()
                .map_or_else(String::new, |n| n.to_string_lossy().into()),
            tool: info.tool.name.clone(),
            version: info.tool.version.clone(),
            edition: info.edition.clone().unwrap_or_default(),
            started: info.started.clone(),
            ended: Some(info.ended.clone()),
            selection,
            digests,
            exchanges: file.counts.exchanges,
            demo: info
                .targets
                .iter()
                .any(|t| t.endpoint.as_deref() == Some(crate::demo::ENDPOINT)),
            stopped: cancelled
                .then(|| Text::new("途中で中止された。", "It was stopped before its end.")),
            unreached: self.unreached.clone(),
        };
        // The pack holds every rule; those without a tally were not part of the run.
        let judged: HashSet<&str> = self.tallies.iter().map(|t| t.rule.as_str()).collect();
        Ok(ReportData {
            run,
            run_record: Some(serde_json::to_value(file)?),
            targets: info.targets.clone(),
            rules: self
                .packs
                .rules
                .iter()
                .filter(|r| judged.contains(r.id.as_str()))
                .map(|r| (r.id.clone(), rule_info(r)))
                .collect(),
            controls: controls(&self.packs),
            texts: BTreeMap::new(),
            standings: self.standings.clone(),
            clouds: self.by_cloud()?,
            tallies: self.tallies.clone(),
            populations: self.populations.clone(),
            trend: Vec::new(),
            trend_unread: None,
            exceptions: self.exceptions.clone(),
            findings: &streams.findings,
            gaps: &streams.gaps,
            exchanges: &streams.exchanges,
            run_path: self.run.dir().display().to_string(),
            report_path: report.map(|p| p.display().to_string()),
        })
    }

    /// Where several clouds were read: the standings of each alone.
    fn by_cloud(&self) -> Result<IndexMap<String, Vec<Standing>>> {
        let info = &self.run.file().info;
        let clouds = select::clouds_of(&info.targets);
        if clouds.len() < 2 {
            return Ok(IndexMap::new());
        }
        let of = |cloud: &str| {
            let own = self.tallies.iter().filter(|t| cloud_of(&t.rule) == cloud);
            let own: Vec<Tally> = own.cloned().collect();
            let controls = &info.selection.controls;
            let standings = select::standings(&self.packs, controls, &[cloud], &own)?;
            Ok((cloud.to_owned(), standings))
        };
        clouds.into_iter().map(of).collect()
    }

    /// The exceptions of the run, with what each covers.
    pub fn exceptions(&self) -> &[ExceptionUse] {
        &self.exceptions
    }

    /// Rules and mappings that the run was judged by.
    pub fn packs(&self) -> &Packs {
        &self.packs
    }
}

/// What became of each exception: counted over the findings.
fn used(run: &Run, packs: &Packs) -> Result<Vec<ExceptionUse>> {
    if packs.exceptions.is_empty() {
        return Ok(Vec::new());
    }
    let now = run.file().info.judged_at.parse();
    let now = now.map_err(|e| Failed::data(format!("run.json: judged_at: {e}")))?;
    let mut uses = packs.exceptions.uses(now);
    for f in run.findings().map_err(unsound)? {
        packs.exceptions.count(&mut uses, &f.map_err(unsound)?);
    }
    Ok(uses)
}

/// A rule as reports want it.
pub fn rule_info(r: &shoseki_judge::Rule) -> RuleInfo {
    RuleInfo {
        id: r.id.clone(),
        title: r.title.clone(),
        severity: r.severity,
        resource: r.resource.clone(),
        why: r.why.clone(),
        fix: FixInfo {
            ja: r.fix.ja.clone(),
            en: r.fix.en.clone(),
            cli: r.fix.cli.clone(),
            terraform: r.fix.terraform.clone(),
        },
        references: r.references.clone(),
    }
}

/// Every control with an entry, in the order of the catalogue.
pub fn controls(packs: &Packs) -> indexmap::IndexMap<String, ControlInfo> {
    let entries = packs.mappings.entries().iter().map(|e| {
        let info = ControlInfo {
            id: e.id.clone(),
            label: e.label.clone(),
            reach: e.reach,
            remains: e.remains.clone().unwrap_or_default(),
            mandatory: packs
                .catalogue
                .get(&e.id)
                .and_then(|c| c.mandatory)
                .unwrap_or(false),
            evidence: e
                .evidence
                .iter()
                .map(|v| EvidenceInfo {
                    rule: v.rule.clone(),
                    strength: v.strength,
                    because: v.because.clone(),
                })
                .collect(),
        };
        (e.id.clone(), info)
    });
    entries.collect()
}

/// Writes the HTML report into the run directory, `trend` giving the runs before.
/// Where these cannot be read the report says so, and so does the answer: the report
/// is written all the same.
pub fn write_html(
    stored: &Stored,
    path: &Path,
    lang: Lang,
    trend: impl FnOnce(&ReportData<'_>) -> Result<Vec<TrendPoint>>,
) -> Result<Option<Failed>> {
    let streams = stored.streams();
    let mut data = stored.data(&streams, Some(path))?;
    let unread = trend(&data).map(|points| data.trend = points).err();
    data.trend_unread = unread.as_ref().map(|e| e.message.clone());
    crate::output::write(path, |to| {
        shoseki_report::html(&data, lang, to).map_err(report_error)
    })?;
    Ok(unread)
}
