//! A notice as received, in units that must each be understood (invariant 11).

use serde::{Deserialize, Serialize};

/// A notice as received. To understand it, every unit must be understood and nothing may be unread.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The text, in order.
    pub units: Vec<Unit>,
    /// The parts that could not be read, by display name: attachments, pictures, bytes in an unknown encoding.
    pub unread: Vec<String>,
}

/// A text that is read on its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    pub part: Part,
    /// The text. Line breaks separate its parts.
    pub text: String,
}

/// The part of a message that a unit comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// The subject, or the title of an embed.
    Subject,
    Body,
    /// The preceding body in another format.
    Alternative,
    /// The text of a forwarded, quoted or attached message.
    Forwarded,
    /// The text of an attached file.
    Attachment,
}

impl Message {
    /// A message of one body.
    pub fn plain(text: &str) -> Self {
        let text = text.to_owned();
        let part = Part::Body;
        Self {
            units: vec![Unit { part, text }],
            unread: Vec::new(),
        }
    }

    /// The whole text, for ids, names and display.
    pub fn text(&self) -> String {
        let texts: Vec<&str> = self.units.iter().map(|unit| unit.text.as_str()).collect();
        texts.join("\n\n")
    }
}
