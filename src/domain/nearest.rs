//! "Did you mean": the known word nearest to an input.

/// The candidate within a few typing errors of the input; case-insensitive.
pub fn nearest<'a>(given: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const LONGEST: usize = 64;
    if given.chars().nth(LONGEST).is_some() {
        return None;
    }
    let given = given.to_lowercase();
    let bearable = (given.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|word| {
            (
                strsim::damerau_levenshtein(&given, &word.to_lowercase()),
                word,
            )
        })
        .filter(|(slips, _)| *slips <= bearable)
        .min_by_key(|(slips, _)| *slips)
        .map(|(_, word)| word)
}

/// A suffix for an error message, ` (did you mean …?)`, or nothing.
pub fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |word| format!(" (did you mean `{word}`?)"))
}
