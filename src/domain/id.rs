//! Vendor identifiers, each validated once, on input.

mod name;
mod region;

pub use name::{Clash, Namesake, called, composed, folded, handle, shows_nothing};
pub(crate) use region::{is_of_a_region, known_regions};

use std::fmt;
use std::ops::RangeInclusive;
use std::sync::{Arc, LazyLock};

use regex::Regex;

/// The maximum length of an instance name, in characters (the vendor's own limit is 64).
pub const MAX_NAME_CHARS: usize = 64;

#[expect(
    clippy::expect_used,
    reason = "constant patterns, each compiled by the tests"
)]
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a constant pattern")
}

static INSTANCE_4X: LazyLock<Regex> =
    LazyLock::new(|| pattern("^MQ_INST_[0-9]{8,20}_[A-Za-z0-9]{4,20}$"));
static INSTANCE_5X: LazyLock<Regex> = LazyLock::new(|| pattern("^rmq-[a-z]{2,}-[a-z0-9]{6,20}$"));
static COMMODITY: LazyLock<Regex> = LazyLock::new(|| pattern("^ons-[a-z]{2,}-[a-z0-9]{6,20}$"));
static REGION: LazyLock<Regex> = LazyLock::new(|| {
    pattern("^(?:[a-z]{2}-[a-z]+(?:-[0-9])?(?:-finance-[0-9])?|mq-internet-access)$")
});

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// An id masked with asterisks, as in documentation and screenshots.
    #[error("`{0}` is masked with asterisks; copy the full id from the vendor's console")]
    Masked(String),
    /// Rule `series-4x`.
    #[error(
        "`{0}` is a 5.x instance: a 5.x instance can never go from Platinum to Standard, so there is no documented route to guard (rule series-4x); only 4.x instances (MQ_INST_…) are tracked"
    )]
    Series5(String),
    /// Not a 4.x instance id.
    #[error("`{0}` is not an instance id; a 4.x id looks like MQ_INST_1080056302921134_BXuIbML7")]
    NotInstance(String),
    /// Not a commodity id.
    #[error("`{0}` is not a commodity id; it looks like ons-cn-0pp1abc2d34")]
    NotCommodity(String),
    /// Not a region id.
    #[error("`{given}` is not a region id; {}", region::way_out(*.near))]
    NotRegion {
        /// The input, shortened.
        given: String,
        /// The suggested region.
        near: Option<&'static str>,
    },
    /// Not a valid name.
    #[error("`{name}` cannot be a name: {reason}")]
    NotName {
        /// The input, shortened.
        name: String,
        reason: &'static str,
    },
}

/// Text as every database keeps it: for one on a server no text holds a NUL character.
pub fn without_nul(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// Input for an error message, between backticks: shortened, with control characters escaped.
pub fn excerpt(text: &str) -> String {
    const KEEP: usize = 48;
    if text.len() <= KEEP
        && text
            .bytes()
            .all(|byte| matches!(byte, b' '..=b'~') && byte != b'`')
    {
        return text.to_owned();
    }
    let mut shown: String = text.chars().take(KEEP).flat_map(visible).collect();
    if text.chars().nth(KEEP).is_some() {
        shown.push('…');
    }
    shown
}

fn visible(c: char) -> impl Iterator<Item = char> {
    let hidden = is_unprintable(c);
    let escaped = hidden.then(|| c.escape_unicode());
    let plain = (!hidden).then_some(unticked(c));
    escaped.into_iter().flatten().chain(plain)
}

/// Replaces backticks, which delimit code in messages.
const fn unticked(c: char) -> char {
    match c {
        '`' => '\'',
        c => c,
    }
}

/// Private-use characters, which depend on the font and mark instants here. Nobody types them.
pub const fn is_private_use(c: char) -> bool {
    matches!(c, '\u{e000}'..='\u{f8ff}')
}

/// Characters that are invisible or shown as something else.
pub fn is_unprintable(c: char) -> bool {
    is_invisible(c) || is_private_use(c)
}

/// Control characters, and invisible characters that reorder or hide text.
pub fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

macro_rules! shown_as_text {
    ($($name:ident)+) => {$(
        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}
shown_as_text!(InstanceId CommodityId Region InstanceName Label TeamName ChannelId RoleId WorkspaceId PersonId);

macro_rules! text_newtype {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Arc<str>);

        impl std::str::FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::parse(text)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(&self.0)
            }
        }

        /// Validates as for typed input.
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(from)?;
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }
    };
}

text_newtype! {
    /// The full id of a 4.x instance, `MQ_INST_<account uid>_<suffix>`.
    InstanceId
}
text_newtype! {
    /// The commodity id under which the vendor bills and refunds an instance, `ons-…`.
    CommodityId
}
text_newtype! {
    /// A vendor region such as `cn-hangzhou`.
    Region
}
text_newtype! {
    /// An instance's name, unique within its region and account, regardless of case.
    InstanceName
}
text_newtype! {
    /// The name of something that the configuration or a person names: a source of notices, a ticket, somebody who leaves.
    Label
}
text_newtype! {
    /// A team's name.
    TeamName
}
text_newtype! {
    /// A chat channel's id, or its name at the console.
    ChannelId
}
text_newtype! {
    /// A chat role's or member's id, or its name at the console.
    RoleId
}

impl InstanceId {
    /// Parses a full 4.x id.
    ///
    /// # Errors
    /// [`IdError::Masked`], [`IdError::Series5`] (rule `series-4x`) or [`IdError::NotInstance`].
    pub fn parse(text: &str) -> Result<Self, IdError> {
        if text.contains("**") {
            Err(IdError::Masked(excerpt(text)))
        } else if is_series_5(text) {
            Err(IdError::Series5(excerpt(text)))
        } else if INSTANCE_4X.is_match(text) {
            Ok(Self(text.into()))
        } else {
            Err(IdError::NotInstance(excerpt(text)))
        }
    }
}

impl InstanceId {
    /// The beginning of every 4.x id.
    pub const BEGINS: &str = "MQ_INST_";

    /// How many characters a 4.x id has.
    pub const LENGTHS: RangeInclusive<usize> = 21..=49;

    /// Whether a text that stands where an id does may mean this one, although it is not written so: regardless of case, one of them
    /// begins with the other. An id is cut at the end of a line, and Chinese goes on behind it without a blank.
    pub fn is_alike(&self, written: &str) -> bool {
        Self::begins(written) && (begins_with(&self.0, written) || self.is_beginning_of(written))
    }

    /// Whether a text begins as every id does.
    pub fn begins(written: &str) -> bool {
        begins_with(written, Self::BEGINS)
    }

    /// Whether it begins a text, regardless of case.
    pub fn is_beginning_of(&self, written: &str) -> bool {
        begins_with(written, &self.0)
    }
}

fn begins_with(text: &str, beginning: &str) -> bool {
    let first = text.as_bytes().get(..beginning.len());
    first.is_some_and(|first| first.eq_ignore_ascii_case(beginning.as_bytes()))
}

/// Whether this is the id of a 5.x instance (rule `series-4x`).
pub fn is_series_5(text: &str) -> bool {
    INSTANCE_5X.is_match(text)
}

impl CommodityId {
    /// Parses a commodity id, in any case: the vendor writes it in lower case.
    ///
    /// # Errors
    /// [`IdError::Masked`] or [`IdError::NotCommodity`].
    pub fn parse(text: &str) -> Result<Self, IdError> {
        if text.contains("**") {
            Err(IdError::Masked(excerpt(text)))
        } else if COMMODITY.is_match(text) {
            Ok(Self(text.into()))
        } else if COMMODITY.is_match(&text.to_ascii_lowercase()) {
            Ok(Self(text.to_ascii_lowercase().into()))
        } else {
            Err(IdError::NotCommodity(excerpt(text)))
        }
    }
}

impl Region {
    /// Parses a region id, a known one in any case or width; unknown ones of the right shape are accepted.
    ///
    /// # Errors
    /// [`IdError::NotRegion`] for any other shape.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        if REGION.is_match(text) {
            Ok(Self(text.into()))
        } else if let Some(code) = region::coded(text) {
            Ok(Self(code.into()))
        } else {
            Err(IdError::NotRegion {
                given: excerpt(text),
                near: region::nearest_to(text),
            })
        }
    }

    /// The regions on the vendor's list.
    pub fn known() -> impl Iterator<Item = &'static str> {
        known_regions().map(|region| region.code)
    }

    /// Whether the vendor's list contains it; a typing error usually is not on it.
    pub fn is_known(&self) -> bool {
        Self::known().any(|code| code == self.as_str())
    }

    /// The suggested region for one that is not on the list.
    pub fn near(&self) -> Option<&'static str> {
        region::nearest_to(self.as_str())
    }
}

macro_rules! parsed_labels {
    ($($name:ident)+) => {$(
        impl $name {
            /// Parses a name by the rules of an instance's name, but with `/` allowed and a leading `#` dropped. Of a chat's channel,
            /// role or user mention (`<#12>`, `<@&12>`, `<@12>`) it keeps the id.
            ///
            /// # Errors
            /// [`IdError::NotName`], with the reason.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                let name = mentioned(text).unwrap_or_else(|| text.strip_prefix('#').unwrap_or(text));
                parse_name(name, &[]).map(Self)
            }
        }
    )+};
}
parsed_labels!(Label TeamName ChannelId RoleId);

macro_rules! stored_ids {
    ($($name:ident)+) => {$(
        impl $name {
            /// An id that was stored or that the program gives itself. `From` would let the command line read it unparsed.
            pub fn stored(id: &str) -> Self {
                Self(id.into())
            }
        }

        /// A chat's id.
        impl From<u64> for $name {
            fn from(id: u64) -> Self {
                Self::stored(&id.to_string())
            }
        }
    )+};
}
stored_ids!(ChannelId RoleId);

impl ChannelId {
    /// The channel of the console.
    pub fn console() -> Self {
        Self("console".into())
    }

    /// The placeholder for the default channel of a chat that has not set one.
    pub fn unset_default() -> Self {
        Self("unset-default".into())
    }

    /// The placeholder for the alerts channel of a chat that has not set one.
    pub fn unset_alerts() -> Self {
        Self("unset-alerts".into())
    }

    /// The name of a channel as displayed, or "not set".
    pub fn or_not_set(&self) -> &str {
        let unset = [Self::unset_default(), Self::unset_alerts()].contains(self);
        if unset { "not set" } else { self.as_str() }
    }
}

/// The id within `<#12>`, `<@&12>`, `<@!12>` or `<@12>`.
fn mentioned(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('<')?.strip_suffix('>')?;
    let id = inner.trim_start_matches(['#', '@', '&', '!']);
    let digits =
        !id.is_empty() && id.len() < inner.len() && id.bytes().all(|byte| byte.is_ascii_digit());
    digits.then_some(id)
}

fn parse_name(text: &str, refused: &[char]) -> Result<Arc<str>, IdError> {
    let reason = if text.is_empty() {
        "it is empty"
    } else if text.chars().any(is_invisible) {
        "it holds a control or invisible character"
    } else if text.trim() != text {
        "it begins or ends with a blank"
    } else if text.chars().count() > MAX_NAME_CHARS {
        "it has more than 64 characters"
    } else if text.contains(refused) {
        "it holds a `/`, which separates region and name"
    } else if text.starts_with(['-', '#', ':']) {
        "it begins with `-`, `#` or `:`, which mean something else here"
    } else {
        return Ok(text.chars().map(unticked).collect::<String>().into());
    };
    Err(IdError::NotName {
        name: excerpt(text),
        reason,
    })
}

/// The id of a workspace, which shares nothing with another: a Discord server, or a name of the console.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
pub struct WorkspaceId(Arc<str>);

/// A person's id, stable within the workspace; "two different people" compares it.
#[derive(
    Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct PersonId(Arc<str>);

macro_rules! taken_as_given {
    ($($name:ident)+) => {$(
        impl From<&str> for $name {
            fn from(id: &str) -> Self {
                Self(id.into())
            }
        }

        impl From<String> for $name {
            fn from(id: String) -> Self {
                Self(id.into())
            }
        }
    )+};
}
taken_as_given!(WorkspaceId PersonId);

/// Looked up by text in maps.
impl std::borrow::Borrow<str> for PersonId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// A person: a stable id and a display name.
#[derive(
    Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
pub struct Person {
    pub id: PersonId,
    /// For display only.
    pub name: Arc<str>,
}

/// The id of everyone at a console, where any name could be given: another name does not make another person.
const AT_CONSOLE: &str = "console";

impl Person {
    /// A person with the same id and name, as on the console.
    pub fn named(name: &str) -> Self {
        Self {
            id: name.into(),
            name: name.into(),
        }
    }

    /// The person at a console, under their operating system name: all of them are one person.
    pub fn at_console(name: &str) -> Self {
        Self {
            id: AT_CONSOLE.into(),
            name: name.into(),
        }
    }

    /// Whether this is somebody at a console.
    pub fn is_at_console(&self) -> bool {
        self.id.as_str() == AT_CONSOLE
    }

    /// A chat user, by id and by a display name of their choice, shortened and without characters that hide or reorder text. An
    /// empty name becomes the id.
    pub fn known_as(id: &str, name: &str) -> Self {
        let name: String = name
            .chars()
            .filter(|c| !is_unprintable(*c))
            .map(unticked)
            .take(MAX_NAME_CHARS)
            .collect();
        let name = name.trim();
        Self {
            id: id.into(),
            name: if name.is_empty() { id } else { name }.into(),
        }
    }
}

impl fmt::Display for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}
