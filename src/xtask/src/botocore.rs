//! botocore's published models: the pinned version, downloaded once.

use crate::wheel;
use anyhow::{Context, Result, bail};
use flate2::read::GzDecoder;
use serde_json::Value;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The one version of botocore that everything is generated from.
pub const BOTOCORE: &str = "1.44.5";

/// botocore's data folder, unpacked.
pub struct Botocore {
    data: PathBuf,
    /// Keeps a temporary folder alive.
    _temporary: Option<tempfile::TempDir>,
}

impl Botocore {
    /// Opens a wheel or an unpacked folder, or the pinned version, which pip
    /// downloads into `cache` once.
    pub fn open(given: Option<&Path>, cache: &Path) -> Result<Self> {
        if let Some(path) = given
            && path.is_dir()
        {
            let data = [
                path.join("botocore/data"),
                path.join("data"),
                path.to_owned(),
            ]
            .into_iter()
            .find(|p| p.join("partitions.json").is_file())
            .with_context(|| format!("no botocore data under {}", path.display()))?;
            return Self::checked(data, None);
        }
        if let Some(file) = given {
            let folder = tempfile::tempdir()?;
            wheel::unpack(file, folder.path())?;
            return Self::checked(folder.path().join("botocore/data"), Some(folder));
        }
        let unpacked = wheel::unpacked("botocore", BOTOCORE, "botocore", cache)?;
        Self::checked(unpacked.join("data"), None)
    }

    fn checked(data: PathBuf, temporary: Option<tempfile::TempDir>) -> Result<Self> {
        let init = data.join("../__init__.py");
        let text = std::fs::read_to_string(&init)
            .with_context(|| format!("cannot read {}", init.display()))?;
        if !text.contains(&format!("__version__ = '{BOTOCORE}'")) {
            bail!("{} is not botocore {BOTOCORE}", data.display());
        }
        Ok(Self {
            data,
            _temporary: temporary,
        })
    }

    /// Reads the newest API version's `kind` file of `service`.
    pub fn load(&self, service: &str, kind: &str) -> Result<Value> {
        let folder = self.data.join(service);
        let mut versions: Vec<_> = std::fs::read_dir(&folder)
            .with_context(|| format!("botocore {BOTOCORE} has no service {service}"))?
            .filter_map(|e| Some(e.ok()?.path()))
            .filter(|p| p.is_dir())
            .collect();
        versions.sort();
        let newest = versions.pop().context("no API version")?;
        let plain = newest.join(format!("{kind}.json"));
        if plain.is_file() {
            return Ok(serde_json::from_slice(&std::fs::read(plain)?)?);
        }
        let packed = newest.join(format!("{kind}.json.gz"));
        let mut text = Vec::new();
        GzDecoder::new(
            std::fs::File::open(&packed).with_context(|| format!("{service} has no {kind}"))?,
        )
        .read_to_end(&mut text)?;
        Ok(serde_json::from_slice(&text)?)
    }

    /// The partitions; of regions only the names.
    pub fn partitions(&self) -> Result<Value> {
        let text = std::fs::read(self.data.join("partitions.json"))?;
        let mut v: Value = serde_json::from_slice(&text)?;
        for partition in v["partitions"].as_array_mut().into_iter().flatten() {
            if let Some(regions) = partition["regions"].as_object_mut() {
                regions
                    .values_mut()
                    .for_each(|r| *r = Value::Object(Default::default()));
            }
        }
        Ok(v)
    }
}
