//! A back-fill derived again: the items are read again from the stored answers,
//! translated and judged by the stored files, and held against what is stored.

use crate::basis::Error;
use crate::derive::{Readers, accounts_of, begun, finish, numbers};
use crate::records::difference;
use crate::report::{Problems, Report};
use crate::targets;
use shoseki_backfill::{Request, Told, read};
use shoseki_collect::Reader;
use shoseki_evidence::{Counts, Kind, Run};
use shoseki_model::{Gap, Past};
use std::collections::BTreeMap;

/// Derives every line of the history again, and every gap.
///
/// # Errors
/// Only where it could not go on; what does not hold is in the report.
pub fn rederive_history(
    run: &Run,
    readers: &[&'static dyn Reader],
    ask: &Request<'_>,
) -> Result<Report, Error> {
    let mut begun = begun(run, readers)?;
    let mut gaps: BTreeMap<String, Gap> = BTreeMap::new();
    let mut lines: Vec<Past> = Vec::new();
    let (clouds, told) = accounts_of(&begun, Readers(readers));
    let (known, shared) = (&mut begun.known, &begun.shared);
    let derived = targets::look(shared, known, &begun.gaps, Readers(readers));
    let unreached = known.unreached.iter();
    let stated = unreached
        .filter(|(account, _)| known.on_its_word.contains(*account))
        .filter_map(|(_, id)| begun.gaps.get(id).cloned());
    let all = told.into_iter().chain(derived).chain(stated);
    gaps.extend(all.map(|g| (g.id.clone(), g)));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()?;
    for cloud in clouds {
        let done: Result<(), Error> = runtime.block_on(read(&cloud, ask, &mut |t| {
            match t {
                Told::Gap(g) => drop(gaps.insert(g.id.clone(), g)),
                Told::Past(p) => lines.push(p),
            }
            Ok(())
        }));
        done?;
    }
    let problems = &begun.shared.problems;
    begun.compared.gaps = gaps.len() as u64;
    same_gaps(gaps, &begun.gaps, problems);
    begun.compared.history = same_lines(run, &lines, problems)?;
    let counts = Counts::default();
    let exchanges = begun.compared.exchanges;
    numbers(
        run,
        &begun.known,
        counts,
        exchanges,
        begun.gaps.len() as u64,
        problems,
    );
    finish(
        run,
        &begun.shared,
        Readers(readers),
        begun.known,
        begun.compared,
    )
}

fn same_gaps<'g>(
    mut derived: BTreeMap<String, Gap>,
    stored: impl IntoIterator<Item = (&'g String, &'g Gap)>,
    problems: &Problems,
) {
    let file = Kind::Gaps.file();
    for (id, gap) in stored {
        match derived.remove(id) {
            Some(d) if d == *gap => {}
            Some(_) => problems.tell(file, id, "it is not as the answers say"),
            None => problems.tell(file, id, "it does not follow from the answers"),
        }
    }
    for id in derived.into_keys() {
        problems.tell(file, id, "it follows from the answers and is not there");
    }
}

fn same_lines(run: &Run, derived: &[Past], problems: &Problems) -> Result<u64, Error> {
    let file = Kind::History.file();
    let mut derived = derived.iter();
    let mut n = 0_u64;
    for stored in run.past()? {
        let stored = match stored {
            Ok(s) => s,
            Err(e) => {
                problems.tell(file, "", e.to_string());
                return Ok(n);
            }
        };
        n += 1;
        match derived.next() {
            Some(d) if *d == stored => {}
            Some(d) => {
                let value = |p| serde_json::to_value(p).unwrap_or_default();
                let what = difference("", &value(&stored), &value(d));
                problems.tell(file, format!("line {}", n + 1), what);
            }
            None => problems.tell(
                file,
                format!("line {}", n + 1),
                "it does not follow from the answers",
            ),
        }
    }
    for _ in derived {
        problems.tell(file, "", "a line follows from the answers and is not there");
    }
    Ok(n)
}
