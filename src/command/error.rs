//! The reasons why a line is not a command, as text for people.

use std::fmt;

use super::tree::Verb;
use crate::domain::id::excerpt;
use crate::domain::rules::RuleId;

/// The reason why a line is not a command. Its display text is shown to people unchanged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// An empty line.
    #[error("nothing was said; `help` lists what can be")]
    Empty,
    #[error("the line has {0} characters, and 4000 are read; shorten it")]
    LongLine(usize),
    #[error("one line is one command, and this has a line break; send one after the other")]
    LineBreak,
    /// An invisible or private-use character, shown escaped.
    #[error(
        "the line holds the character `{0}`, which does not show or shows as something else; write it again without"
    )]
    Control(String),
    /// An unclosed quote.
    #[error(
        "the quote before `{text}` (character {position}) is not closed; close it, or leave it out"
    )]
    Unclosed {
        /// The position of the opening quote in characters, from 1.
        position: usize,
        /// The text after it.
        text: String,
    },
    /// No blank after a closing quote.
    #[error("a blank is missing behind the quotes at `{text}` (character {position})")]
    Glued {
        /// The position of the opening quote in characters, from 1.
        position: usize,
        /// The text from there.
        text: String,
    },
    /// An unknown verb.
    #[error(
        "there is no verb `{given}`{}",
        OrElse(
            near,
            "`help` lists them all, and a notice of the vendor's goes behind `notice`"
        )
    )]
    UnknownVerb {
        /// The word as given.
        given: String,
        /// The suggested verb.
        near: Near,
    },
    /// The first word of a longer verb, alone or followed by a wrong word.
    #[error(
        "{}`{verb}` goes on with {}{near}",
        IfGiven(given, verb),
        Joined(words, "or")
    )]
    IncompleteVerb {
        /// The valid words.
        verb: String,
        /// The wrong word after them.
        given: Option<String>,
        /// The words that may follow.
        words: Vec<String>,
        /// The suggested word.
        near: Near,
    },
    /// An option that the verb does not have.
    #[error("`{verb}` has no option `{given}`; {}", NearOrAll(near, options))]
    UnknownOption {
        verb: String,
        /// The option as given.
        given: String,
        /// The suggested option.
        near: Near,
        /// The options of the verb.
        options: Vec<String>,
    },
    /// An option without its value.
    #[error("`{option}` needs a value behind it: `{shape}`")]
    MissingValue {
        option: String,
        /// Its usage.
        shape: String,
    },
    /// A value for an option that takes none.
    #[error("`{0}` takes no value; it is given or left out")]
    NoValueTaken(String),
    /// Missing arguments.
    #[error("`{verb}` needs {}; it goes: `{usage}`{hint}", Joined(missing, "and"))]
    Missing {
        verb: String,
        /// The usage of each missing argument.
        missing: Vec<String>,
        /// The usage of the verb.
        usage: String,
        /// The option that may have taken a missing word.
        hint: Swallowed,
    },
    /// An option that requires another one.
    #[error(
        "`{option}` is only understood together with {}",
        Joined(missing, "and")
    )]
    Alone {
        /// The given option.
        option: String,
        /// The usage of each option that it requires.
        missing: Vec<String>,
    },
    /// More words than the verb accepts.
    #[error("`{given}` is one word too many; it goes: `{usage}` ({}){}", AboutText(*takes_text), Singular(singular))]
    Extra {
        /// The first word without a place.
        given: String,
        /// The usage of the verb.
        usage: String,
        /// Whether any of its values may contain blanks.
        takes_text: bool,
        /// The usage of the verbs for a single item of the list that this verb shows.
        singular: Vec<String>,
    },
    /// Free text where the verb accepts it only after an option.
    #[error("`{given}` has no place here: put the reason behind `{option}`; it goes: `{usage}`")]
    TextBehindOption {
        /// The words without a place.
        given: String,
        /// The option that accepts it.
        option: String,
        /// The usage of the verb.
        usage: String,
    },
    /// A size after a verb that changes the edition.
    #[error(
        "`{given}` has no place here: more or less TPS, topics or storage within Platinum is a specification change, not an edition change; it is made in the vendor's console, and `instance set <instance> --max-tps N` records it; this goes: `{usage}`"
    )]
    Specification {
        /// The words without a place.
        given: String,
        /// The usage of the verb.
        usage: String,
    },
    /// A repeated option.
    #[error("`{0}` is given more than once; say it once")]
    Repeated(String),
    /// Two options that exclude each other.
    #[error("`{0}` and `{1}` exclude each other; leave one out")]
    Excluded(String, String),
    /// A value outside an argument's list of words.
    #[error("`{arg}` can be {}, not `{given}`{near}", Joined(words, "or"))]
    NotAWord {
        arg: String,
        /// The value as given.
        given: String,
        /// The allowed words.
        words: Vec<String>,
        /// The suggested word.
        near: Near,
    },
    /// A value that cannot be parsed; the text comes from its parser.
    #[error("{}{text}", Prefix(option))]
    BadValue {
        /// Its option.
        option: Option<String>,
        /// The reason.
        text: String,
        /// The rules that reject it.
        rules: &'static [RuleId],
    },
    /// Any other error of grammar.
    #[error("this is not how `{verb}` goes: `{usage}`")]
    Unreadable {
        verb: String,
        /// Its usage.
        usage: String,
    },
}

impl ParseError {
    /// The documented rules that reject the line: `series-4x` for the id of a 5.x instance.
    pub const fn rules(&self) -> &[RuleId] {
        if let Self::BadValue { rules, .. } = self {
            rules
        } else {
            &[]
        }
    }

    pub(super) fn unclosed(line: &str, at: usize) -> Self {
        let text: String = line.get(at..).unwrap_or_default().chars().skip(1).collect();
        Self::Unclosed {
            position: position(line, at),
            text: excerpt(text.trim()),
        }
    }

    pub(super) fn glued(line: &str, at: usize) -> Self {
        let text = excerpt(line.get(at..).unwrap_or_default());
        Self::Glued {
            position: position(line, at),
            text,
        }
    }

    pub(super) fn unreadable(verb: &Verb) -> Self {
        Self::Unreadable {
            verb: verb.name(),
            usage: verb.usage(),
        }
    }
}

fn position(line: &str, at: usize) -> usize {
    line.get(..at).map_or(0, |before| before.chars().count()) + 1
}

/// The suggested spelling; empty when no word is similar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Near(pub Option<String>);

impl fmt::Display for Near {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .as_ref()
            .map_or(Ok(()), |near| write!(f, "; did you mean `{near}`?"))
    }
}

/// The suggestion, or another way out.
struct OrElse<'a>(&'a Near, &'static str);

impl fmt::Display for OrElse<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Near(Some(_)) => self.0.fmt(f),
            Near(None) => write!(f, "; {}", self.1),
        }
    }
}

/// The option whose unquoted text took all words after it; empty when there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Swallowed(pub Option<String>);

impl fmt::Display for Swallowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_ref().map_or(Ok(()), |option| {
            write!(
                f,
                "; put it before `{option}`, which takes all words behind it"
            )
        })
    }
}

struct AboutText(bool);

impl fmt::Display for AboutText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0 {
            "text with blanks needs quotes"
        } else {
            "it takes no text"
        })
    }
}

struct Singular<'a>(&'a [String]);

impl fmt::Display for Singular<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            [] => Ok(()),
            all => write!(f, "; of one it is {}", Joined(all, "or")),
        }
    }
}

/// A list in words: `a`, `b` and `c`.
struct Joined<'a>(&'a [String], &'static str);

impl fmt::Display for Joined<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last = self.0.len().saturating_sub(1);
        for (index, word) in self.0.iter().enumerate() {
            match index {
                0 => {}
                _ if index == last => write!(f, " {} ", self.1)?,
                _ => f.write_str(", ")?,
            }
            write!(f, "`{word}`")?;
        }
        Ok(())
    }
}

struct NearOrAll<'a>(&'a Near, &'a [String]);

impl fmt::Display for NearOrAll<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self(Near(Some(near)), _) => write!(f, "did you mean `{near}`?"),
            Self(Near(None), []) => f.write_str("it takes none"),
            Self(Near(None), all) => write!(f, "it takes {}", Joined(all, "and")),
        }
    }
}

struct IfGiven<'a>(&'a Option<String>, &'a str);

impl fmt::Display for IfGiven<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(given, verb) = self;
        given
            .as_ref()
            .map_or(Ok(()), |given| write!(f, "there is no `{verb} {given}`; "))
    }
}

struct Prefix<'a>(&'a Option<String>);

impl fmt::Display for Prefix<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .as_ref()
            .map_or(Ok(()), |option| write!(f, "`{option}`: "))
    }
}
