//! A notice as it came in, in the units that must each be understood (invariant 11).

use serde::{Deserialize, Serialize};

/// A notice as it came in. Anyone who judges it has to understand every unit, and nothing may be unread.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// What was read, in the order it came.
    pub units: Vec<Unit>,
    /// What came with it and could not be read, named for people: attachments, pictures, bytes in no known encoding.
    pub unread: Vec<String>,
}

/// A text that stands for itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// Which part of the message it was.
    pub part: Part,
    /// What it says. An empty line, or a line of its own, separates what stood apart.
    pub text: String,
}

/// Which part of a message a unit was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// The subject, or the title of a card.
    Subject,
    /// The text itself.
    Body,
    /// The same text once more in another form: it says what the body before it says.
    Alternative,
    /// The text of a message that was forwarded, quoted or attached.
    Forwarded,
    /// A text that came as a file.
    Attachment,
}

impl Message {
    /// A text alone.
    pub fn plain(text: &str) -> Self {
        let text = text.to_owned();
        let part = Part::Body;
        Self {
            units: vec![Unit { part, text }],
            unread: Vec::new(),
        }
    }

    /// All that was read: for ids, names and display.
    pub fn text(&self) -> String {
        let texts: Vec<&str> = self.units.iter().map(|unit| unit.text.as_str()).collect();
        texts.join("\n\n")
    }
}
