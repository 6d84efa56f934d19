//! "Did you mean": the known word nearest to an input.

/// Words and prefixes that negate the word after them.
const DENIALS: [&str; 8] = ["not", "non", "no", "un", "never", "dont", "without", "dis"];
/// The same in Chinese, where words are not set apart.
const DENIALS_ZH: [char; 8] = ['不', '非', '未', '没', '沒', '别', '無', '无'];

/// Whether the input denies what a candidate says, which is not what was meant then.
pub fn denies(given: &str, word: &str) -> bool {
    let letters = |text: &str| text.replace(|c: char| !c.is_alphanumeric(), "");
    let (bare, other) = (letters(given), letters(word));
    let begins = |no: &&str| bare.starts_with(*no) && !other.starts_with(*no);
    let parts = |text: &str, no: &str| {
        let mut parts = text.split(|c: char| !c.is_alphanumeric());
        parts.any(|part| part == no)
    };
    let within = |no: &&str| given != *no && parts(given, no) && !parts(word, no);
    let in_chinese = |no: &char| given.contains(*no) && !word.contains(*no);
    DENIALS.iter().any(|no| begins(no) || within(no)) || DENIALS_ZH.iter().any(in_chinese)
}

/// The candidate within a few typing errors of the input; case-insensitive, and none whose opposite the input says.
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
        .filter(|(slips, word)| *slips <= bearable && !denies(&given, &word.to_lowercase()))
        .min_by_key(|(slips, _)| *slips)
        .map(|(_, word)| word)
}

/// A suffix for an error message, ` (did you mean …?)`, or nothing.
pub fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |word| format!(" (did you mean `{word}`?)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_denied_is_not_suggested() {
        let words = [
            "delete",
            "downgrade",
            "standard",
            "on",
            "off",
            "unknown",
            "notices",
            "none",
        ];
        for (given, near) in [
            ("deleet", Some("delete")),
            ("undelete", None),
            ("not-delete", None),
            ("non-standard", None),
            ("nodelete", None),
            ("delete-not", None),
            ("no", None),
            ("不delete", None),
            ("unknwon", Some("unknown")),
            ("notcies", Some("notices")),
            ("non", Some("none")),
        ] {
            assert_eq!(nearest(given, words), near, "{given}");
        }
    }
}
