//! Free text and evidence.

use std::path::Path;
use std::str::FromStr;

use url::Url;

use super::ValueError;
use super::value::checked_text;
use crate::domain::id::{excerpt, is_invisible, is_private_use, shows_nothing};
use crate::domain::written::plain;

pub(super) const MAX_REASON_CHARS: usize = 1_000;
pub(super) const MAX_NOTICE_CHARS: usize = 4_000;
/// The digits of a number of a notice: more are an id, or a date.
const MAX_NUMBER_DIGITS: usize = 6;
pub(super) const MAX_EVIDENCE_CHARS: usize = 500;

checked_text! {
    /// A reason: 1 to 1,000 characters without control characters.
    Reason
}

impl FromStr for Reason {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let chars = text.trim().chars().count();
        if chars > MAX_REASON_CHARS {
            return Err(ValueError::LongText(chars));
        }
        visible(text.trim(), breaks_text).map(Self)
    }
}

/// A text that is not empty and holds no such character.
fn visible(text: &str, breaks: impl Fn(char) -> bool) -> Result<String, ValueError> {
    if shows_nothing(text) {
        return Err(ValueError::NoText);
    }
    match text.chars().find(|c| breaks(*c)) {
        Some(control) => {
            let shown = control.escape_unicode().to_string();
            Err(ValueError::ControlInText(shown))
        }
        None => Ok(text.to_owned()),
    }
}

/// Control and private-use characters, and those that break or reorder a line. Joiners are allowed: scripts and emoji need them.
fn breaks_text(c: char) -> bool {
    let breaks = matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    c.is_control() || is_private_use(c) || breaks
}

checked_text! {
    /// The text of a vendor notice: 1 to 4,000 characters, with line feeds; other control characters are replaced.
    NoticeText
}

impl NoticeText {
    /// Whether it is the name of a file in the place of a text: one word that ends as e-mails and texts do.
    pub fn names_file(&self) -> bool {
        const ENDINGS: [&str; 4] = ["eml", "emlx", "msg", "txt"];
        let ending = Path::new(&self.0).extension();
        let is_text =
            ending.is_some_and(|ending| ENDINGS.iter().any(|one| ending.eq_ignore_ascii_case(one)));
        is_text && !self.0.contains(char::is_whitespace)
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

    /// The number of the notice when the text is almost that reply, or another answer of a few words, to one or to several, and so
    /// no notice either.
    pub fn meant_answer(&self) -> Option<u64> {
        const ANSWERS: &str = "still there stillthere it is gone lost exists here yes not";
        const BETWEEN: &str = "and both all notice notices n";
        const LONGEST: usize = 4;
        let said = plain(&self.0).to_lowercase();
        let parts = |c: char| c.is_whitespace() || ",，、;；_&.!。！".contains(c);
        let words = said.split(parts).flat_map(|word| {
            let is_word = !word.contains(|c: char| c.is_ascii_digit());
            word.split(move |c| is_word && c == '-')
        });
        let words = words.filter(|word| !word.is_empty());
        let number = |word: &str| -> Option<u64> {
            let digits = word.trim_start_matches(['#', 'n']);
            digits
                .parse()
                .ok()
                .filter(|_| digits.len() <= MAX_NUMBER_DIGITS)
        };
        let slips = |known: &str| usize::from(known.len() > 3);
        let is_answer = |word: &&str| {
            let mut known = ANSWERS.split(' ').map(|known| (known, slips(known)));
            known.any(|it| strsim::damerau_levenshtein(word, it.0) <= it.1)
        };
        let is_between = |word: &&str| BETWEEN.split(' ').any(|known| known == *word);
        let first = words.clone().find_map(number);
        let answers = words.filter(|word| number(word).is_none() && !is_between(word));
        let answers: Vec<&str> = answers.collect();
        let is_short = answers.len() <= LONGEST && answers.iter().all(is_answer);
        first.filter(|_| is_short)
    }
}

impl FromStr for NoticeText {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let chars = text.trim().chars().count();
        if chars > MAX_NOTICE_CHARS {
            return Err(ValueError::LongNotice(chars));
        }
        visible(&legible(text.trim()), |c| c.is_control() && c != '\n').map(Self)
    }
}

/// A notice with the sign for what could not be read in place of control characters: it is kept, and never understood.
pub(super) fn legible(text: &str) -> String {
    text.replace(|c: char| c.is_control() && c != '\n', "\u{fffd}")
}

checked_text! {
    /// The http or https address of evidence.
    Evidence
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
