//! JSON as it is: every key of an object, also twice, and values whose reading never fails, so that each row can say what is
//! wrong with its own.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use super::error::RowProblem;

/// The largest whole number that a JSON number with a point or an exponent surely is.
const EXACT: f64 = 9_007_199_254_740_991.0;

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    /// null.
    Nothing,
    Text(String),
    /// A whole number.
    Number(i64),
    /// A truth, or a number that is not whole, as it is written.
    Other(String),
    List(Vec<Self>),
    Object(Vec<(String, Self)>),
}

/// How keys are compared: `InstanceId`, `instanceId` and `instance_id` are one.
pub(super) fn key(name: &str) -> String {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|c| c.to_ascii_lowercase()).collect()
}

impl Node {
    /// The value of a key, given as [`key`] has it.
    pub(super) fn get(&self, wanted: &str) -> Option<&Self> {
        let Self::Object(pairs) = self else {
            return None;
        };
        let found = pairs.iter().find(|(name, _)| key(name) == wanted);
        found.map(|(_, value)| value)
    }

    /// Whether it says nothing: null, or empty text.
    pub(super) fn is_nothing(&self) -> bool {
        match self {
            Self::Nothing => true,
            Self::Text(text) => text.trim().is_empty(),
            Self::Number(_) | Self::Other(_) | Self::List(_) | Self::Object(_) => false,
        }
    }

    /// The whole number it is, also when written as text.
    pub(super) fn number(&self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => text.trim().parse().ok(),
            Self::Nothing | Self::Other(_) | Self::List(_) | Self::Object(_) => None,
        }
    }

    /// The text it is; empty when it says nothing.
    pub(super) fn text(&self, field: &'static str) -> Result<&str, RowProblem> {
        match self {
            Self::Nothing => Ok(""),
            Self::Text(text) => Ok(text.trim()),
            Self::Number(_) | Self::Other(_) | Self::List(_) | Self::Object(_) => {
                Err(RowProblem::NotText { field })
            }
        }
    }

    /// For a message.
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
