//! Free text and evidence.

use std::fmt;
use std::str::FromStr;

use url::Url;

use super::ValueError;
use crate::domain::id::{excerpt, is_invisible, is_private_use};
use crate::domain::written::plain;

pub(super) const MAX_REASON_CHARS: usize = 1_000;
pub(super) const MAX_NOTICE_CHARS: usize = 4_000;
pub(super) const MAX_EVIDENCE_CHARS: usize = 500;

/// A reason: 1 to 1,000 characters without control characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason(String);

impl Reason {
    /// The text, trimmed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Reason {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let text = text.trim();
        let chars = text.chars().count();
        if text.is_empty() {
            Err(ValueError::NoText)
        } else if chars > MAX_REASON_CHARS {
            Err(ValueError::LongText(chars))
        } else if let Some(control) = text.chars().find(|c| breaks_text(*c)) {
            let shown = control.escape_unicode().to_string();
            Err(ValueError::ControlInText(shown))
        } else {
            Ok(Self(text.to_owned()))
        }
    }
}

/// Control and private-use characters, and those that break or reorder a line. Joiners are allowed: scripts and emoji need them.
fn breaks_text(c: char) -> bool {
    let breaks = matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    c.is_control() || is_private_use(c) || breaks
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The text of a vendor notice: 1 to 4,000 characters, with line feeds but no other control characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeText(String);

impl NoticeText {
    /// The text, trimmed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number of the notice when the text is the reply `N still-there` instead of a notice.
    pub fn still_there(&self) -> Option<u64> {
        let said = plain(&self.0).to_lowercase();
        let said = said.trim_end_matches(['.', '!', ' ']);
        let mut words = said.split([' ', '-']).filter(|word| !word.is_empty());
        let number = words.next()?.trim_start_matches('#').parse().ok()?;
        let answers = words.eq(["still", "there"]);
        answers.then_some(number)
    }
}

impl FromStr for NoticeText {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let text = text.trim();
        let chars = text.chars().count();
        if text.is_empty() {
            Err(ValueError::NoText)
        } else if chars > MAX_NOTICE_CHARS {
            Err(ValueError::LongNotice(chars))
        } else if let Some(control) = text.chars().find(|c| c.is_control() && *c != '\n') {
            let shown = control.escape_unicode().to_string();
            Err(ValueError::ControlInText(shown))
        } else {
            Ok(Self(text.to_owned()))
        }
    }
}

impl fmt::Display for NoticeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The http or https address of evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence(String);

impl Evidence {
    /// The address as given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Evidence {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        // In chat, `<https://…>` suppresses the preview.
        let inner = text
            .strip_prefix('<')
            .and_then(|text| text.strip_suffix('>'));
        let address = inner.unwrap_or(text);
        match check_address(address) {
            Ok(()) => Ok(Self(address.to_owned())),
            Err(Flaw::Login) => Err(ValueError::Login),
            Err(Flaw::Shape(why)) => Err(ValueError::NotAddress {
                given: excerpt(text),
                why,
            }),
        }
    }
}

enum Flaw {
    Shape(&'static str),
    Login,
}

fn check_address(address: &str) -> Result<(), Flaw> {
    if address.chars().count() > MAX_EVIDENCE_CHARS {
        return Err(Flaw::Shape("it has more than 500 characters"));
    }
    let blank = |c: char| c.is_whitespace() || is_invisible(c);
    if address.chars().any(blank) {
        return Err(Flaw::Shape("it holds a blank or an invisible character"));
    }
    let url = Url::parse(address).map_err(|_| Flaw::Shape("it cannot be read as one"))?;
    if !matches!(url.scheme(), "http" | "https") {
        Err(Flaw::Shape("it does not begin with http:// or https://"))
    } else if !url.username().is_empty() || url.password().is_some() {
        Err(Flaw::Login)
    } else {
        Ok(())
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
