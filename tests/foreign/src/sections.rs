//! Several files in one input: `=== path` on a line of its own begins each.

use std::fs;
use std::path::Path;

/// Files by path; what is before the first of them is left out.
pub(crate) fn split(data: &[u8]) -> Vec<(&str, &[u8])> {
    let mut out = Vec::new();
    let mut rest = data;
    let mut open: Option<&str> = None;
    loop {
        let (here, after) = match find(rest) {
            Some(at) => (&rest[..at], Some(&rest[at + MARK.len()..])),
            None => (rest, None),
        };
        if let Some(path) = open {
            out.push((path, here.strip_suffix(b"\n").unwrap_or(here)));
        }
        let Some(after) = after else { return out };
        let end = after
            .iter()
            .position(|b| *b == b'\n')
            .unwrap_or(after.len());
        open = std::str::from_utf8(&after[..end]).ok();
        rest = after.get(end + 1..).unwrap_or_default();
    }
}

const MARK: &[u8] = b"=== ";

/// The next mark that begins a line.
fn find(data: &[u8]) -> Option<usize> {
    let windows = data.windows(MARK.len()).enumerate();
    let mut marks = windows.filter(|(_, w)| *w == MARK).map(|(at, _)| at);
    marks.find(|at| *at == 0 || data[at - 1] == b'\n')
}

/// Whether the path stays below its folder.
fn sound(path: &str) -> bool {
    let part = |p: &str| {
        !p.is_empty()
            && !p.starts_with('.')
            && p.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
    };
    path.len() <= 120 && path.split('/').all(part)
}

/// Writes the files below `dir`; those with names that end in `.zst` are
/// compressed, unless they are so already.
pub(crate) fn unpack(files: &[(&str, &[u8])], dir: &Path) {
    for (path, content) in files.iter().filter(|f| sound(f.0)) {
        let at = dir.join(path);
        let _ = at.parent().map(fs::create_dir_all);
        let _ = fs::write(at, stored(path, content));
    }
}

/// Content as it is stored.
fn stored(path: &str, content: &[u8]) -> Vec<u8> {
    if !path.ends_with(".zst") || content.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        return content.to_vec();
    }
    // Every line of a file of records has an end.
    let mut content = content.to_vec();
    if path.ends_with(".jsonl.zst") {
        content.push(b'\n');
    }
    zstd::encode_all(&content[..], 1).unwrap_or_default()
}
