//! A notice as received, in units that must each be understood (invariant 11).

use serde::{Deserialize, Serialize};

use super::normal::Normal;
use super::said::Searched;

/// A notice as received. To understand it, every unit must be understood and nothing may be unread.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The text, in order.
    pub units: Vec<Unit>,
    /// The parts that could not be read, by display name: attachments, pictures, bytes in an unknown encoding.
    pub unread: Vec<String>,
    /// The digests of the content of those parts, by which two of one name are told apart.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread_digests: Vec<String>,
    /// Words of its headers and file names. They are not read, but the name of another tracked instance among them counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<String>,
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
    /// Where a link leads that the text does not show.
    Link,
}

impl Message {
    /// A message of one body.
    pub fn plain(text: &str) -> Self {
        let text = text.to_owned();
        let part = Part::Body;
        Self {
            units: vec![Unit { part, text }],
            ..Self::default()
        }
    }

    /// The whole text, for ids, names and display.
    pub fn text(&self) -> String {
        let texts: Vec<&str> = self.texts().map(|unit| unit.text.as_str()).collect();
        texts.join("\n\n")
    }

    /// The units that are text.
    pub fn texts(&self) -> impl Iterator<Item = &Unit> {
        self.units.iter().filter(|unit| unit.part != Part::Link)
    }

    /// Whether its text has a word for a release.
    pub fn mentions_release(&self) -> bool {
        self.texts()
            .any(|unit| Searched::of(&Normal::of(&unit.text).text()).mentions_release())
    }

    /// The targets of links that the text does not show.
    pub fn links(&self) -> impl Iterator<Item = &str> {
        let links = self.units.iter().filter(|unit| unit.part == Part::Link);
        links.map(|unit| unit.text.as_str())
    }

    /// Adds where a link leads. Within the page itself, or nowhere, it leads to nothing else.
    pub fn add_link(&mut self, target: &str) {
        let target = target.trim();
        let leads = !target.is_empty() && !target.starts_with('#');
        if leads && !self.links().any(|known| known == target) {
            self.units.push(Unit {
                part: Part::Link,
                text: target.to_owned(),
            });
        }
    }
}
