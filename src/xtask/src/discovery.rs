//! Google's discovery documents: as the pinned google-api-python-client ships
//! them, downloaded once.

use crate::wheel;
use anyhow::{Context, Result};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The one version of google-api-python-client that everything is generated from.
pub const CLIENT: &str = "2.202.0";

/// The folder of documents, unpacked.
pub struct Discovery {
    documents: PathBuf,
}

impl Discovery {
    /// Opens what is in `cache`; pip downloads it there once.
    pub fn open(cache: &Path) -> Result<Self> {
        let unpacked =
            wheel::unpacked("google-api-python-client", CLIENT, "googleapiclient", cache)?;
        Ok(Self {
            documents: unpacked.join("discovery_cache/documents"),
        })
    }

    /// The document of a service in a version.
    pub fn load(&self, service: &str, version: &str) -> Result<Value> {
        let path = self.documents.join(format!("{service}.{version}.json"));
        let text = std::fs::read(&path).with_context(|| {
            format!("google-api-python-client {CLIENT} has no {service} {version}")
        })?;
        Ok(serde_json::from_slice(&text)?)
    }
}
