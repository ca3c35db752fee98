//! Suggestions for misspelt names.

/// `did you mean x?` with the candidate nearest to `name`, where one is near.
pub(crate) fn nearest<'n>(
    name: &str,
    candidates: impl IntoIterator<Item = &'n str>,
) -> Option<String> {
    let lower = name.to_lowercase();
    candidates
        .into_iter()
        // Comparing takes time by the product of both lengths.
        .filter(|c| lower.len().max(c.len()) <= 200)
        .map(|c| (strsim::jaro_winkler(&lower, &c.to_lowercase()), c))
        .filter(|(score, _)| *score >= 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, c)| format!("did you mean `{c}`?"))
}
