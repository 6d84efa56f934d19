//! Single values of a row, each checked once. Empty says nothing.

use super::RowId;
use super::error::RowProblem;
use crate::domain::id::{CommodityId, IdError, InstanceId, excerpt, is_series_5};
use crate::domain::nearest::nearest;
use crate::domain::written::{number, panel_word, plain};

/// A fact's value in a text, by the kind of the value.
macro_rules! fact {
    (Edition, $field:expr, $text:expr) => {
        cell::word($field, $text, Edition::WORDS, "standard, platinum")
    };
    (Action, $field:expr, $text:expr) => {
        cell::word(
            $field,
            $text,
            PostExpirationAction::WORDS,
            "delete, downgrade, unknown",
        )
    };
    (Switch, $field:expr, $text:expr) => {
        cell::word($field, $text, Switch::WORDS, "on, off, unknown")
    };
    (Tps, $field:expr, $text:expr) => {
        cell::size($field, $text)
    };
    (Commodity, $field:expr, $text:expr) => {
        cell::parsed($field, $text)
    };
    (Count, $field:expr, $text:expr) => {
        cell::count($field, $text)
    };
}
pub(super) use fact;

/// Whose row it is.
pub(super) fn id(text: &str) -> Result<RowId, RowProblem> {
    let text = &plain(text);
    let text = text.trim();
    if text.is_empty() {
        Err(RowProblem::NoId)
    } else if is_series_5(text) || text.starts_with("rmq-") && text.contains('*') {
        Ok(RowId::Series5)
    } else {
        let id = InstanceId::parse(text).map_err(RowProblem::Id)?;
        Ok(RowId::FourX(id))
    }
}

/// Whose row of the billing document it is.
pub(super) fn billed(text: &str) -> Result<RowId, RowProblem> {
    if text.is_empty() {
        return Err(RowProblem::NoId);
    }
    match CommodityId::parse(text) {
        Ok(id) => Ok(RowId::Billed(id)),
        Err(IdError::NotCommodity(_)) => Ok(RowId::OtherProduct),
        Err(masked) => Err(RowProblem::Id(masked)),
    }
}

/// Something with a parser of its own.
pub(super) fn parsed<T: std::str::FromStr<Err = IdError>>(
    field: &'static str,
    text: &str,
) -> Result<Option<T>, RowProblem> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse()
        .map(Some)
        .map_err(|problem| RowProblem::Field { field, problem })
}

/// One of the words of a fixed list, in any letter case, or what the vendor's panel says for it. `unknown` says nothing, like
/// an empty value.
pub(super) fn word<T: Copy>(
    field: &'static str,
    text: &str,
    words: &'static [(&'static str, T)],
    allowed: &'static str,
) -> Result<Option<T>, RowProblem> {
    if text.is_empty() || text.eq_ignore_ascii_case("unknown") {
        return Ok(None);
    }
    let of = |meant: &str| {
        let mut words = words.iter();
        words.find(|(word, _)| word.eq_ignore_ascii_case(meant))
    };
    match of(text).or_else(|| panel_word(text).and_then(of)) {
        Some((_, value)) => Ok(Some(*value)),
        None => Err(RowProblem::Word {
            field,
            given: excerpt(text),
            allowed,
            nearest: nearest(text, words.iter().map(|(word, _)| *word)),
        }),
    }
}

/// A size in messages a second.
pub(super) fn size(field: &'static str, text: &str) -> Result<Option<u32>, RowProblem> {
    if text.is_empty() {
        return Ok(None);
    }
    let size = whole(text).filter(|size| *size > 0);
    size.map(Some).ok_or_else(|| not_size(field, text))
}

/// How many of something there are.
pub(super) fn count(field: &'static str, text: &str) -> Result<Option<u32>, RowProblem> {
    if text.is_empty() {
        return Ok(None);
    }
    let count = whole(text);
    count.map(Some).ok_or_else(|| not_count(field, text))
}

/// A whole number, also with its thousands apart: `5,000`.
fn whole(text: &str) -> Option<u32> {
    let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if is_plain(text) {
        return text.parse().ok();
    }
    let digits = number(text).unwrap_or_else(|| plain(text));
    digits.parse().ok().filter(|_| is_plain(&digits))
}

/// What to say of what is no count.
pub(super) fn not_count(field: &'static str, text: &str) -> RowProblem {
    RowProblem::Number {
        field,
        given: excerpt(text),
        least: 0,
        most: i64::from(u32::MAX),
    }
}

/// What to say of a number that is no size.
pub(super) fn not_size(field: &'static str, text: &str) -> RowProblem {
    RowProblem::Number {
        field,
        given: excerpt(text),
        least: 1,
        most: i64::from(u32::MAX),
    }
}
