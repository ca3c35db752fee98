//! Errors in words.

/// An error and its sources in one line, each said once.
pub fn in_words(e: &dyn std::error::Error) -> String {
    let mut said: Vec<String> = Vec::new();
    let mut source = Some(e);
    while let Some(inner) = source {
        let words = inner
            .to_string()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        let words = words.trim_end_matches('.').to_owned();
        // Many wrappers repeat what they wrap.
        if !said.iter().any(|s| s.contains(&words)) {
            said.push(words);
        }
        source = inner.source();
    }
    said.join(": ")
}
