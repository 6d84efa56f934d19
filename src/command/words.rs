//! Reading of a chat line word by word.
//!
//! Unlike in a shell, `#` never starts a comment, a backslash is literal outside quotes, a quote opens only at the start of a
//! word (so `don't` is one word), and typographic quotes and dashes count as their ASCII equivalents.

use super::error::ParseError;

/// A position in a line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'a> {
    line: &'a str,
    at: usize,
}

/// The start of an option: `--by`, `--by=`, `—by`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OptionHead<'a> {
    /// The name without its dashes.
    pub(super) name: &'a str,
    /// The text in the line, without a `=` or `:`.
    pub(super) text: &'a str,
    /// Whether a value follows a `=`.
    pub(super) inline: bool,
    /// Its length in the line in bytes, including a `=` or `:`.
    pub(super) length: usize,
}

/// A kind of quote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quote {
    Double,
    TypographicDouble,
    /// A double quote of any form, where one form opens and another closes: `“…"`.
    AnyDouble,
    Single,
    TypographicSingle,
    Corner,
    WhiteCorner,
}

impl Quote {
    const fn opened_by(c: char) -> Option<Self> {
        match c {
            '"' | '＂' => Some(Self::Double),
            '“' | '”' | '„' => Some(Self::TypographicDouble),
            '\'' | '＇' => Some(Self::Single),
            '‘' | '’' | '‚' => Some(Self::TypographicSingle),
            '「' => Some(Self::Corner),
            '『' => Some(Self::WhiteCorner),
            _ => None,
        }
    }

    const fn matches(self, c: char) -> bool {
        match self {
            Self::Double => matches!(c, '"' | '＂'),
            Self::TypographicDouble => matches!(c, '“' | '”'),
            Self::AnyDouble => matches!(c, '"' | '＂' | '“' | '”'),
            Self::Single => matches!(c, '\'' | '＇'),
            Self::TypographicSingle => matches!(c, '‘' | '’'),
            Self::Corner => c == '」',
            Self::WhiteCorner => c == '』',
        }
    }

    const fn is_double(self) -> bool {
        matches!(
            self,
            Self::Double | Self::TypographicDouble | Self::AnyDouble
        )
    }

    fn escapes(self, c: char, next: Option<char>) -> bool {
        let special = |next| next == '\\' || self.matches(next);
        self.is_double() && c == '\\' && next.is_some_and(special)
    }
}

/// Whether this character opens a quoted word.
pub(super) const fn opens_quote(c: char) -> bool {
    Quote::opened_by(c).is_some()
}

/// Whether the character is a dash: editors turn `--` and `-` into others.
pub(super) const fn is_dash(c: char) -> bool {
    matches!(
        c,
        '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}'
    )
}

impl<'a> Cursor<'a> {
    pub(super) const fn new(line: &'a str) -> Self {
        Self { line, at: 0 }
    }

    /// The position in the line, in bytes.
    pub(super) const fn at(&self) -> usize {
        self.at
    }

    pub(super) fn rest_of_text(&self) -> &'a str {
        self.line.get(self.at..).unwrap_or_default()
    }

    pub(super) fn advance(&mut self, bytes: usize) {
        self.at = self.line.len().min(self.at.saturating_add(bytes));
    }

    /// Moves back over the end of a word that does not belong to it.
    pub(super) const fn step_back(&mut self, bytes: usize) {
        self.at = self.at.saturating_sub(bytes);
    }

    /// Skips blanks; returns whether the line has ended.
    pub(super) fn is_done(&mut self) -> bool {
        let rest = self.rest_of_text();
        self.advance(rest.len() - rest.trim_start().len());
        self.rest_of_text().is_empty()
    }

    /// The characters up to the next blank.
    pub(super) fn peek_plain(&self) -> &'a str {
        self.rest_of_text()
            .split(char::is_whitespace)
            .next()
            .unwrap_or_default()
    }

    pub(super) fn plain(&mut self) -> &'a str {
        let word = self.peek_plain();
        self.advance(word.len());
        word
    }

    /// Reads a quoted word; `None` when no quote opens here.
    pub(super) fn quoted(&mut self) -> Result<Option<String>, ParseError> {
        let opens = self.rest_of_text().chars().next();
        let Some(quote) = opens.and_then(Quote::opened_by) else {
            return Ok(None);
        };
        match self.quoted_by(quote) {
            Ok(text) => Ok(Some(text)),
            // A keyboard closes with another form than it has opened with.
            Err(error) if quote.is_double() => match self.quoted_by(Quote::AnyDouble) {
                Ok(text) => Ok(Some(text)),
                Err(_) => Err(error),
            },
            // These also stand within a word: `confirm 「7」set-action`.
            Err(_) if matches!(quote, Quote::Corner | Quote::WhiteCorner) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn quoted_by(&mut self, quote: Quote) -> Result<String, ParseError> {
        let mut chars = self.rest_of_text().char_indices().peekable();
        chars.next();
        let mut text = String::new();
        while let Some((offset, c)) = chars.next() {
            let next = chars.peek().map(|(_, next)| *next);
            if quote.escapes(c, next) {
                text.extend(next);
                chars.next();
            // A single quote inside a word is an apostrophe.
            } else if !quote.matches(c)
                || !(quote.is_double() || next.is_none_or(char::is_whitespace))
            {
                text.push(c);
            } else if next.is_none_or(char::is_whitespace) {
                self.advance(offset + c.len_utf8());
                return Ok(text);
            } else {
                return Err(ParseError::glued(self.line, self.at));
            }
        }
        Err(ParseError::unclosed(self.line, self.at))
    }

    /// The option at the cursor, if there is one.
    pub(super) fn option_head(&self) -> Option<OptionHead<'a>> {
        let head = self.any_option_head()?;
        let dashes = head.text.strip_suffix(head.name).unwrap_or_default();
        let two = dashes == "--" || dashes.chars().any(|dash| dash != '-');
        two.then_some(head)
    }

    /// Like [`Cursor::option_head`], also with a single `-`.
    pub(super) fn any_option_head(&self) -> Option<OptionHead<'a>> {
        let word = self.peek_plain();
        let ends = |c: char| matches!(c, '=' | '＝' | ':' | '：' | '“' | '”' | '「' | '『');
        let text = word.split(ends).next().unwrap_or_default();
        let name = text.trim_start_matches(is_dash);
        let letter = name.chars().next().is_some_and(char::is_alphabetic);
        let sign = word.get(text.len()..).and_then(|rest| rest.chars().next());
        // A colon is only a separator before the value; a typographic quote starts the value itself.
        let part = sign.filter(|sign| !opens_quote(*sign));
        (letter && name.len() < text.len()).then_some(OptionHead {
            name,
            text,
            inline: sign.is_some_and(|sign| !matches!(sign, ':' | '：')),
            length: text.len() + part.map_or(0, char::len_utf8),
        })
    }

    /// Reads a free text: quoted, or everything up to the verb's next option.
    ///
    /// A quoted start is the whole text when `may_follow` says that another word is allowed after it, or when only an option
    /// follows; otherwise the quotes belong to the text.
    pub(super) fn free_text(
        &mut self,
        is_option: impl Fn(&str) -> bool,
        may_follow: bool,
    ) -> Result<FreeText, ParseError> {
        let mut probe = *self;
        match probe.quoted() {
            Ok(Some(text)) if may_follow || probe.is_done() || probe.at_option(&is_option) => {
                *self = probe;
                return Ok(FreeText { text, quoted: true });
            }
            Err(unclosed @ ParseError::Unclosed { .. })
                if !self.rest_of_text().starts_with(['\'', '‘', '’', '‚']) =>
            {
                return Err(unclosed);
            }
            Ok(_) | Err(_) => {}
        }
        let start = *self;
        while !self.is_done() && !self.at_option(&is_option) {
            self.plain();
        }
        let text = start
            .rest_of_text()
            .get(..self.at - start.at)
            .unwrap_or_default();
        Ok(FreeText {
            text: text.trim().to_owned(),
            quoted: false,
        })
    }

    /// Reads the rest of the line, without quotes around all of it.
    pub(super) fn rest_of_line(&mut self) -> String {
        let blank = self.is_done();
        let mut probe = *self;
        let text = match probe.quoted() {
            Ok(Some(text)) if probe.is_done() && !blank => text,
            Ok(_) | Err(_) => self.rest_of_text().trim_end().to_owned(),
        };
        self.advance(self.rest_of_text().len());
        text
    }

    fn at_option(&self, is_option: impl Fn(&str) -> bool) -> bool {
        self.option_head().is_some_and(|head| is_option(head.name))
    }
}

/// A free text, and whether quotes delimited it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FreeText {
    pub(super) text: String,
    pub(super) quoted: bool,
}
