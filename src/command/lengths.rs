//! Durations in words: `half a day`, `two hours`, `a day and a half`, `1.5h`, `半天`; and hints for text without a fixed length, or
//! for a moment instead of a duration.

use super::time::unit;
use crate::domain::written::{lists, moment};

/// Words before a duration that add nothing.
const BEFORE: [&str; 6] = ["for", "in", "after", "another", "the", "next"];
const NUMBERS: [&str; 13] = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve",
];
const CHINESE: [&str; 11] = [
    "零", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十",
];
/// Units without a fixed length, with the most likely number of days.
const NOT_FIXED: [(&str, i64); 7] = [
    ("month", 30),
    ("months", 30),
    ("个月", 30),
    ("quarter", 90),
    ("year", 365),
    ("years", 365),
    ("年", 365),
];
/// Words that start a moment.
const WHEN: &str = "until till til by before on since last this today tonight tomorrow \
    yesterday end";
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// A quantity in halves.
fn halves(word: &str) -> Option<i64> {
    if ["a", "an"].iter().any(|one| word.eq_ignore_ascii_case(one)) {
        return Some(2);
    }
    let named = |number: &&str| word.eq_ignore_ascii_case(number);
    if let Some(number) = NUMBERS.iter().position(named) {
        return i64::try_from(number).ok()?.checked_mul(2);
    }
    match word.strip_suffix(".5") {
        Some(whole) => whole.parse::<i64>().ok()?.checked_mul(2)?.checked_add(1),
        None => word.parse::<i64>().ok()?.checked_mul(2),
    }
}

/// The duration in seconds; `None` when it is not understood.
pub(super) fn in_words(text: &str) -> Option<i64> {
    chinese(text).or_else(|| {
        let parts = parts(text);
        let mut words: &[&str] = &parts;
        while let [first, rest @ ..] = words
            && BEFORE.iter().any(|word| first.eq_ignore_ascii_case(word))
        {
            words = rest;
        }
        sum(words)
    })
}

/// The words. A number is a separate word, even when its unit follows without a blank.
fn parts(text: &str) -> Vec<&str> {
    let words = text.split_whitespace();
    let apart = |word: &'_ str| -> usize {
        let digits = word.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        word.len() - digits.len()
    };
    let each = words.flat_map(|word| {
        let (number, rest) = word.split_at_checked(apart(word)).unwrap_or((word, ""));
        [number, rest]
    });
    each.filter(|word| !word.is_empty()).collect()
}

fn sum(words: &[&str]) -> Option<i64> {
    quantity(words).or_else(|| {
        let mut places = words.iter().enumerate();
        places.find_map(|(at, word)| {
            let (before, after) = words.split_at_checked(at)?;
            let after = match word.eq_ignore_ascii_case("and") {
                true => after.get(1..)?,
                false => after,
            };
            let (before, after) = (quantity(before)?, sum(after)?);
            // Largest unit first, as in figures.
            (before > after).then(|| before.checked_add(after))?
        })
    })
}

fn quantity(words: &[&str]) -> Option<i64> {
    let lower: Vec<String> = words.iter().map(|word| word.to_ascii_lowercase()).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    let (number, name) = match (lower.as_slice(), words) {
        (["half", "a" | "an", _] | ["a", "half", _], [.., name]) => (1, name),
        (["half", _], [_, name]) => (1, name),
        ([number, "and", "a", "half", _], [.., name]) => (halves(number)?.checked_add(1)?, name),
        ([number, _, "and", "a", "half"], [_, name, ..]) => (halves(number)?.checked_add(1)?, name),
        ([number, _], [_, name]) => (halves(number)?, name),
        _ => return None,
    };
    let seconds = number.checked_mul(unit(name)?)?;
    (seconds % 2 == 0).then_some(seconds / 2)
}

fn chinese(text: &str) -> Option<i64> {
    let read = |rest: &str| unit(rest.strip_prefix('个').unwrap_or(rest));
    if let Some(rest) = text.strip_prefix('半') {
        return read(rest).map(|seconds| seconds / 2);
    }
    let number = |word: &&str| text.starts_with(*word);
    let (number, rest) = match text.strip_prefix('两') {
        Some(rest) => (2, rest),
        None => {
            let at = CHINESE.iter().position(number)?;
            (
                i64::try_from(at).ok()?,
                text.strip_prefix(CHINESE.get(at)?)?,
            )
        }
    };
    match rest.strip_suffix('半') {
        Some(rest) => read(rest)?
            .checked_mul(number * 2 + 1)
            .map(|twice| twice / 2),
        None => read(rest)?.checked_mul(number),
    }
}

/// A hint with the same duration in an accepted form, where one is known.
pub(super) fn length_hint(text: &str) -> String {
    let lower = text.to_lowercase();
    let words = parts(&lower);
    let unfixed = NOT_FIXED
        .iter()
        .find(|(name, _)| words.contains(name) || lower.ends_with(name));
    if let Some((name, days)) = unfixed {
        let number = words.iter().find_map(|word| halves(word)).unwrap_or(2);
        let days = number.saturating_mul(*days) / 2;
        let name = name.trim_end_matches('s');
        return format!("; a {name} has no fixed length, so say it in days: `{days}d`");
    }
    let day = |word: &&str| DAYS.iter().any(|day| word.starts_with(day));
    let says_when = words.first().is_some_and(|first| lists(WHEN, first))
        || words.iter().any(day)
        || moment(text).is_some();
    let counted = "; this says when, and how long is asked for: count the days or hours, such as `3d` or `36h`";
    if says_when { counted } else { "" }.to_owned()
}
