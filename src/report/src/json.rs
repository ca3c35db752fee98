//! The report as one JSON document.

use crate::data::{Records, ReportData, ReportError};
use indexmap::IndexMap;
use serde::ser::{Error as _, SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use std::io::Write;

/// Writes one JSON object: `run`, `targets`, `standings`, `clouds` (the
/// state of each control by what one cloud shows alone), `controls`, `rules`,
/// `tallies`, `populations`, `exceptions`, `gaps`, `findings`, each record with the field
/// names of the stored files. Findings and gaps are streamed.
///
/// # Errors
/// When the records cannot be read or the document not written.
pub fn json(data: &ReportData<'_>, mut to: impl Write) -> Result<(), ReportError> {
    let mut ser = serde_json::Serializer::new(&mut to);
    document(data, &mut ser)?;
    to.write_all(b"\n")?;
    to.flush()?;
    Ok(())
}

fn document<S: Serializer>(data: &ReportData<'_>, ser: S) -> Result<S::Ok, S::Error> {
    let mut map = ser.serialize_map(None)?;
    match &data.run_record {
        Some(v) => map.serialize_entry("run", v)?,
        None => map.serialize_entry("run", &data.run)?,
    }
    map.serialize_entry("targets", &data.targets)?;
    map.serialize_entry("standings", &data.standings)?;
    let by_cloud = data.clouds.iter().map(|(cloud, all)| {
        let states = all.iter().map(|s| (s.control.as_str(), s.state));
        (cloud.as_str(), states.collect::<IndexMap<_, _>>())
    });
    map.serialize_entry("clouds", &by_cloud.collect::<IndexMap<_, _>>())?;
    map.serialize_entry("controls", &Values(|| data.controls.values()))?;
    map.serialize_entry("rules", &Values(|| data.rules.values()))?;
    map.serialize_entry("tallies", &data.tallies)?;
    map.serialize_entry("populations", &data.populations)?;
    map.serialize_entry("exceptions", &data.exceptions)?;
    map.serialize_entry("gaps", &Streamed(data.gaps))?;
    map.serialize_entry("findings", &Streamed(data.findings))?;
    map.end()
}

struct Values<F>(F);

impl<F, I> Serialize for Values<F>
where
    F: Fn() -> I,
    I: Iterator,
    I::Item: Serialize,
{
    fn serialize<S: Serializer>(&self, ser: S) -> Result<S::Ok, S::Error> {
        ser.collect_seq((self.0)())
    }
}

struct Streamed<'a, T>(&'a dyn Records<T>);

impl<T: Serialize> Serialize for Streamed<'_, T> {
    fn serialize<S: Serializer>(&self, ser: S) -> Result<S::Ok, S::Error> {
        let mut seq = ser.serialize_seq(None)?;
        for record in self.0.records().map_err(S::Error::custom)? {
            seq.serialize_element(&record.map_err(S::Error::custom)?)?;
        }
        seq.end()
    }
}
