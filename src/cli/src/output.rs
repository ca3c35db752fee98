//! Files that are there whole or not at all.

use crate::exit::{Exit, Failed, Result};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use tempfile::NamedTempFile;

/// Writes a file by `fill`. It stands under its name once all of it is written: where
/// that fails, what stood there before still does.
pub fn write(path: &Path, fill: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<()> {
    let at = |e: io::Error| Failed::new(Exit::Bug, format!("{}: {e}", path.display()));
    // A device, a pipe or a link stays what it is.
    let replaceable = fs::symlink_metadata(path).map_or(true, |m| m.is_file());
    let Some(temporary) = replaceable.then(|| beside(path).ok()).flatten() else {
        let mut to = BufWriter::new(File::create(path).map_err(at)?);
        fill(&mut to)?;
        return to.flush().map_err(at);
    };
    let mut to = BufWriter::new(temporary);
    fill(&mut to)?;
    let whole = to.into_inner().map_err(|e| at(e.into_error()))?;
    whole.persist(path).map_err(|e| at(e.error))?;
    Ok(())
}

/// An empty file in the same folder, readable by those who could read the final one.
fn beside(path: &Path) -> io::Result<NamedTempFile> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
    let mut builder = tempfile::Builder::new();
    builder.prefix(".shoseki-");
    #[cfg(unix)]
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o666);
    #[cfg(unix)]
    builder.permissions(mode);
    builder.tempfile_in(folder.unwrap_or(Path::new(".")))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn what_fails_half_way_leaves_what_was_there() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("report");
        let broken = |to: &mut dyn Write| {
            to.write_all(&[b'x'; 100_000])?;
            Err(Failed::data("the record is cut"))
        };
        assert!(write(&path, broken).is_err());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
        write(&path, |to| Ok(to.write_all(b"whole")?)).unwrap();
        assert!(write(&path, broken).is_err());
        assert_eq!(fs::read(&path).unwrap(), b"whole");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_readable_as_any_other_and_a_link_stays_one() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        File::create(path("other")).unwrap();
        write(&path("report"), |to| Ok(to.write_all(b"1")?)).unwrap();
        let mode = |name: &str| path(name).metadata().unwrap().permissions().mode();
        assert_eq!(mode("report"), mode("other"));
        std::os::unix::fs::symlink(path("other"), path("link")).unwrap();
        write(&path("link"), |to| Ok(to.write_all(b"2")?)).unwrap();
        assert!(path("link").symlink_metadata().unwrap().is_symlink());
        assert_eq!(fs::read(path("other")).unwrap(), b"2");
    }
}
