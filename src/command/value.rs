//! The value types of the grammar, each parsed and validated on entry.

use std::fmt;
use std::str::FromStr;

use chrono_tz::Tz;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::settings::{NONE, OrNone};
use crate::domain::id::{excerpt, is_invisible};
use crate::domain::reminder::Quiet;
use crate::domain::setting::{self, MOST_APPROVALS, MOST_OBSERVERS};
use crate::domain::written::undressed;

/// The word for an unknown value.
pub(super) const UNKNOWN: &str = "unknown";

pub(super) const MAX_INSTANCE_CHARS: usize = 128;

/// The reason why a text is not a valid value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// Not a reference to an instance.
    #[error("`{given}` cannot point at an instance: {why}; give its name, region/name or id")]
    NotInstance {
        /// The text as given, shortened.
        given: String,
        why: &'static str,
    },
    /// Not a reference to a change.
    #[error("`{0}` is not the number of a change; it looks like #12, and `changes` lists them")]
    NotChange(String),
    /// Not the number of a notice.
    #[error(
        "`{0}` is not the number of a notice; it looks like 7, and `notices <instance>` lists them"
    )]
    NotNotice(String),
    /// Extra words after `ack <instance>`.
    #[error(
        "`{0}` has no place here: `ack <instance>` stands alone, and `ack notice` takes the number of a notice, such as 7"
    )]
    NotAcked(String),
    /// A notice that is too long for a line.
    #[error("the notice has {0} characters, and 4000 fit; pipe it into `warden notice -`")]
    LongNotice(usize),
    /// An empty text where a reason is required.
    #[error("the text is empty; say it in a few words")]
    NoText,
    #[error("the text has {0} characters, and 1000 fit; shorten it")]
    LongText(usize),
    /// Control characters in a text.
    #[error(
        "the text holds the character `{0}`, which does not show or shows as something else; write it without"
    )]
    ControlInText(String),
    #[error("`{given}` is not a web address: {why}; it looks like https://tickets.example/42")]
    NotAddress {
        /// The text as given, shortened.
        given: String,
        why: &'static str,
    },
    /// A web address with a name or password in it.
    #[error("the address holds a login, and evidence is kept for all to read; give it without")]
    Login,
    /// Not a number, or out of bounds.
    #[error("`{given}` is not a whole number from {from} to {to}")]
    NotNumber {
        /// The text as given, shortened.
        given: String,
        /// The minimum.
        from: u32,
        /// The maximum.
        to: u32,
    },
    /// Not the name of a zone.
    #[error("`{given}`: {why}; it looks like Asia/Shanghai, Europe/Berlin or UTC")]
    NotZone {
        /// The text as given, shortened.
        given: String,
        why: String,
    },
    /// Not a valid time range.
    #[error("`{given}` cannot be quiet hours: {why}; they look like 22:00-08:00, or none")]
    NotHours {
        /// The text as given, shortened.
        given: String,
        why: &'static str,
    },
}

/// One of a fixed list of words, ignoring case.
pub(super) fn word<T: Copy + Send + Sync + 'static>(
    words: &'static [(&'static str, T)],
) -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(words.iter().map(|(word, _)| *word))
        .try_map(move |given: String| of_word(words, &given).ok_or("not one of the words"))
}

/// One of a fixed list of words, or `unknown`.
pub(super) fn known_or<T: Copy + Send + Sync + 'static>(
    words: &'static [(&'static str, T)],
) -> impl TypedValueParser<Value = Option<T>> {
    let all = words.iter().map(|(word, _)| *word).chain([UNKNOWN]);
    PossibleValuesParser::new(all).map(move |given: String| of_word(words, &given))
}

fn of_word<T: Copy>(words: &[(&str, T)], given: &str) -> Option<T> {
    let found = words
        .iter()
        .find(|(word, _)| word.eq_ignore_ascii_case(given));
    found.map(|(_, value)| *value)
}

/// A size in messages per second, or `unknown`.
pub(super) fn size_or_unknown(text: &str) -> Result<Option<u32>, ValueError> {
    (!is_unknown(text))
        .then(|| number_within(text, 1, u32::MAX))
        .transpose()
}

/// A value, or `unknown`.
pub(super) fn or_unknown<T: FromStr>(text: &str) -> Result<Option<T>, T::Err> {
    (!is_unknown(text)).then(|| text.parse()).transpose()
}

fn is_unknown(text: &str) -> bool {
    text.eq_ignore_ascii_case(UNKNOWN)
}

pub(super) fn count(text: &str) -> Result<u32, ValueError> {
    number_within(text, 0, u32::MAX)
}

/// The page number of a list.
pub(super) fn page_number(text: &str) -> Result<u32, ValueError> {
    number_within(text, 1, 100_000)
}

/// The number of a request for approvals.
pub(super) fn request_number(text: &str) -> Result<u32, ValueError> {
    number_within(text, 1, u32::MAX)
}

pub(super) fn notice_number(text: &str) -> Result<u64, ValueError> {
    referred_number(text).ok_or_else(|| ValueError::NotNotice(excerpt(text)))
}

/// The number of a notice after `ack notice`.
pub(super) fn acked_number(text: &str) -> Result<u64, ValueError> {
    notice_number(text).map_err(|_| ValueError::NotAcked(excerpt(text)))
}

/// The number of an import.
pub(super) fn import_number(text: &str) -> Result<u64, ValueError> {
    let digits = text.strip_prefix('#').unwrap_or(text);
    number_within(digits, 1, u32::MAX).map(u64::from)
}

/// A required number of approvals.
pub(super) fn approvals(text: &str) -> Result<u8, ValueError> {
    small_within(text, 0, MOST_APPROVALS)
}

/// A required number of observers.
pub(super) fn observers(text: &str) -> Result<u8, ValueError> {
    small_within(text, 1, MOST_OBSERVERS)
}

fn small_within(text: &str, from: u8, to: u8) -> Result<u8, ValueError> {
    let number = number_within(text, from.into(), to.into())?;
    Ok(u8::try_from(number).unwrap_or(to))
}

/// The name of a zone.
pub(super) fn zone(text: &str) -> Result<Tz, ValueError> {
    setting::zone(text).map_err(|why| ValueError::NotZone {
        given: excerpt(text),
        why,
    })
}

/// A range of two times of day, or `none`.
pub(super) fn hours(text: &str) -> Result<OrNone<Quiet>, ValueError> {
    if [NONE, "off"]
        .iter()
        .any(|none| text.eq_ignore_ascii_case(none))
    {
        return Ok(None);
    }
    let hours = Quiet::parse(text).map_err(|why| ValueError::NotHours {
        given: excerpt(text),
        why,
    });
    hours.map(Some)
}

fn number_within(text: &str, from: u32, to: u32) -> Result<u32, ValueError> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits.then(|| text.parse().ok()).flatten();
    number
        .filter(|number| (from..=to).contains(number))
        .ok_or_else(|| ValueError::NotNumber {
            given: excerpt(text),
            from,
            to,
        })
}

/// Declares a text that is checked when it is parsed.
macro_rules! checked_text {
    ($(#[$about:meta])* $name:ident) => {
        $(#[$about])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name(String);

        impl $name {
            /// The text as given, without blanks around it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}
pub(super) use checked_text;

checked_text! {
    /// A reference to an instance: a name, `region/name`, an id, or a prefix of one.
    InstanceRef
}

impl FromStr for InstanceRef {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let why = if text.trim().is_empty() {
            "it is empty"
        } else if text.chars().any(is_invisible) {
            "it holds a control or invisible character"
        } else if text.chars().count() > MAX_INSTANCE_CHARS {
            "it has more than 128 characters"
        } else if text.starts_with('#') {
            "`#` begins the number of a change"
        } else {
            return Ok(Self(text.to_owned()));
        };
        Err(ValueError::NotInstance {
            given: excerpt(text),
            why,
        })
    }
}

/// A reference to a change: `#12` or `12`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChangeRef(pub u64);

impl FromStr for ChangeRef {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let number = referred_number(text).map(Self);
        number.ok_or_else(|| ValueError::NotChange(excerpt(text)))
    }
}

/// The number of a change or a notice, as the database keeps them.
fn referred_number(text: &str) -> Option<u64> {
    let number: i64 = change_digits(&bare_number(text))?.parse().ok()?;
    u64::try_from(number).ok().filter(|number| *number > 0)
}

/// A number without full-width digits and punctuation around it: `１２`, `12.`, `#12)` and `(#12)`.
fn bare_number(text: &str) -> String {
    let text = undressed(text);
    let text = text
        .strip_prefix("No.")
        .or_else(|| text.strip_prefix("no."))
        .unwrap_or(&text)
        .trim_start_matches(['(', '【', '「']);
    text.trim_end_matches(['.', ',', ')', ':', '!', ';'])
        .to_owned()
}

/// The digits of `#12` or `12`.
fn change_digits(text: &str) -> Option<&str> {
    let digits = text.strip_prefix('#').unwrap_or(text);
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some(digits)
}

impl fmt::Display for ChangeRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

/// A reference to an instance or a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TargetRef {
    Change(ChangeRef),
    /// Digits without `#`: a change, unless an instance has that name.
    Digits(ChangeRef, InstanceRef),
    Instance(InstanceRef),
}

impl FromStr for TargetRef {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let bare = bare_number(text);
        let is_number = change_digits(&bare).is_some();
        // `＃2` may be the name that a listing gave.
        let may_be_name = bare.starts_with(|c: char| c.is_ascii_digit()) || !text.is_ascii();
        if is_number && may_be_name {
            Ok(Self::Digits(text.parse()?, text.parse()?))
        } else if is_number || text.starts_with('#') {
            text.parse().map(Self::Change)
        } else {
            text.parse().map(Self::Instance)
        }
    }
}

impl fmt::Display for TargetRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Change(change) => change.fmt(f),
            Self::Digits(_, text) | Self::Instance(text) => text.fmt(f),
        }
    }
}
