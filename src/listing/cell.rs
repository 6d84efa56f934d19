//! Single cells of a row, each validated once. An empty cell has no value.

use super::RowId;
use super::error::{RowProblem, ValueProblem};
use crate::domain::id::{
    CommodityId, IdError, InstanceId, InstanceName, Region, excerpt, is_series_5,
};
use crate::domain::nearest::nearest;
use crate::domain::written::{number, panel_word, plain};

/// Parses a fact's value from text by the kind of the value.
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

/// The id of a row.
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

/// The id of a row of the billing document.
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

/// A value of a type with its own parser.
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

/// The name that a listing gives.
pub(super) fn name(field: &'static str, text: &str) -> Result<Option<InstanceName>, RowProblem> {
    if text.is_empty() {
        return Ok(None);
    }
    InstanceName::listed(text)
        .map(Some)
        .map_err(|problem| RowProblem::Field { field, problem })
}

/// The region that a listing gives.
pub(super) fn region(field: &'static str, text: &str) -> Result<Option<Region>, RowProblem> {
    if text.is_empty() {
        return Ok(None);
    }
    Region::parse(text)
        .map(Some)
        .map_err(|problem| RowProblem::Field { field, problem })
}

/// A word of a fixed list, ignoring case, or the vendor panel's name for it. `unknown` is no value, like an empty cell.
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

/// A size in messages per second.
pub(super) fn size(field: &'static str, text: &str) -> Result<Option<u32>, RowProblem> {
    if text.is_empty() {
        return Ok(None);
    }
    let size = whole(text).filter(|size| *size > 0);
    size.map(Some).ok_or_else(|| not_size(field, text))
}

pub(super) fn count(field: &'static str, text: &str) -> Result<Option<u32>, RowProblem> {
    if text.is_empty() {
        return Ok(None);
    }
    let count = whole(text);
    count.map(Some).ok_or_else(|| not_count(field, text))
}

/// A whole number, optionally with thousands separators: `5,000`.
fn whole(text: &str) -> Option<u32> {
    let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if is_plain(text) {
        return text.parse().ok();
    }
    let digits = number(text).unwrap_or_else(|| plain(text));
    digits.parse().ok().filter(|_| is_plain(&digits))
}

/// The error for an invalid count.
pub(super) fn not_count(field: &'static str, text: &str) -> RowProblem {
    let (least, most) = (0, u32::MAX.into());
    RowProblem::value(field, text, ValueProblem::Number { least, most })
}

/// The error for an invalid size.
pub(super) fn not_size(field: &'static str, text: &str) -> RowProblem {
    let (least, most) = (1, u32::MAX.into());
    RowProblem::value(field, text, ValueProblem::Number { least, most })
}
