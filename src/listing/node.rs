//! Lossless JSON: repeated keys are kept, and reading a value never fails, so that each row can report its own errors.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use super::error::RowProblem;

/// The largest float that is certainly an exact integer.
const EXACT: f64 = 9_007_199_254_740_991.0;

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    /// null.
    Nothing,
    Text(String),
    /// A whole number.
    Number(i64),
    /// A boolean, or a number that is not whole, as written.
    Other(String),
    List(Vec<Self>),
    Object(Vec<(String, Self)>),
}

/// A key normalised for comparison: `InstanceId`, `instanceId` and `instance_id` are equal.
pub(super) fn key(name: &str) -> String {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|c| c.to_ascii_lowercase()).collect()
}

impl Node {
    /// The value of a key that is given normalised by [`key`].
    pub(super) fn get(&self, wanted: &str) -> Option<&Self> {
        let Self::Object(pairs) = self else {
            return None;
        };
        let found = pairs.iter().find(|(name, _)| key(name) == wanted);
        found.map(|(_, value)| value)
    }

    /// Whether it is null or empty text.
    pub(super) fn is_nothing(&self) -> bool {
        match self {
            Self::Nothing => true,
            Self::Text(text) => text.trim().is_empty(),
            Self::Number(_) | Self::Other(_) | Self::List(_) | Self::Object(_) => false,
        }
    }

    /// Its whole number, also when written as text.
    pub(super) fn number(&self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(*number),
            // Programs for tables write `.0` behind each number of a column with gaps.
            Self::Text(text) => {
                let (whole, part) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
                let is_whole = part.bytes().all(|digit| digit == b'0');
                whole.parse().ok().filter(|_| is_whole)
            }
            Self::Nothing | Self::Other(_) | Self::List(_) | Self::Object(_) => None,
        }
    }

    /// Its text; empty for null.
    pub(super) fn text(&self, field: &'static str) -> Result<&str, RowProblem> {
        match self {
            Self::Nothing => Ok(""),
            Self::Text(text) => Ok(text.trim()),
            Self::Number(_) | Self::Other(_) | Self::List(_) | Self::Object(_) => {
                Err(RowProblem::NotText { field })
            }
        }
    }

    /// The value for a message.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Nothing => String::new(),
            Self::Text(text) | Self::Other(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::List(_) => "a list".to_owned(),
            Self::Object(_) => "an object".to_owned(),
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(AnyNode)
    }
}

struct AnyNode;

impl<'de> Visitor<'de> for AnyNode {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Nothing)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Other(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Number(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(i64::try_from(value).map_or_else(|_| Node::Other(value.to_string()), Node::Number))
    }

    /// Some programs write every number with an exponent.
    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        let whole = (value.fract() == 0.0 && value.abs() <= EXACT).then(|| format!("{value:.0}"));
        let whole = whole.and_then(|digits| digits.parse().ok());
        Ok(whole.map_or_else(|| Node::Other(value.to_string()), Node::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = items.next_entry()? {
            pairs.push(pair);
        }
        Ok(Node::Object(pairs))
    }
}
