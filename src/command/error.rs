//! Why a line is not a command, in the words people read.

use std::fmt;

use super::tree::Verb;
use crate::domain::id::excerpt;
use crate::domain::rules::RuleId;

/// Why a line is not a command. What it displays is shown to people as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// Nothing but blanks.
    #[error("nothing was said; `help` lists what can be")]
    Empty,
    /// Longer than any command.
    #[error("the line has {0} characters, and 4000 are read; shorten it")]
    LongLine(usize),
    /// A line break.
    #[error("one line is one command, and this has a line break; send one after the other")]
    LineBreak,
    /// A character that does not show, or that is for private use, shown escaped.
    #[error(
        "the line holds the character `{0}`, which does not show or shows as something else; write it again without"
    )]
    Control(String),
    /// A quote that is never closed.
    #[error(
        "the quote before `{text}` (character {position}) is not closed; close it, or leave it out"
    )]
    Unclosed {
        /// Which character opens it, counted from 1.
        position: usize,
        /// What follows it.
        text: String,
    },
    /// No blank behind a closing quote.
    #[error("a blank is missing behind the quotes at `{text}` (character {position})")]
    Glued {
        /// Which character opens the quotes, counted from 1.
        position: usize,
        /// The text from there.
        text: String,
    },
    /// No such verb.
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
        /// What was probably meant.
        near: Near,
    },
    /// The first word of several, alone or followed by a wrong one.
    #[error(
        "{}`{verb}` goes on with {}{near}",
        IfGiven(given, verb),
        Joined(words, "or")
    )]
    IncompleteVerb {
        /// The words that are right.
        verb: String,
        /// The wrong word behind them.
        given: Option<String>,
        /// The words that can follow.
        words: Vec<String>,
        /// What was probably meant.
        near: Near,
    },
    /// The verb has no such option.
    #[error("`{verb}` has no option `{given}`; {}", NearOrAll(near, options))]
    UnknownOption {
        /// The verb.
        verb: String,
        /// The option as given.
        given: String,
        /// What was probably meant.
        near: Near,
        /// The options it has.
        options: Vec<String>,
    },
    /// An option without its value.
    #[error("`{option}` needs a value behind it: `{shape}`")]
    MissingValue {
        /// The option.
        option: String,
        /// How it is written.
        shape: String,
    },
    /// A value for an option that takes none.
    #[error("`{0}` takes no value; it is given or left out")]
    NoValueTaken(String),
    /// Arguments are missing.
    #[error("`{verb}` needs {}; it goes: `{usage}`{hint}", Joined(missing, "and"))]
    Missing {
        /// The verb.
        verb: String,
        /// How the missing arguments are written.
        missing: Vec<String>,
        /// How the whole verb is written.
        usage: String,
        /// Where a missing word may have gone.
        hint: Swallowed,
    },
    /// One option asks for another.
    #[error(
        "`{option}` is only understood together with {}",
        Joined(missing, "and")
    )]
    Alone {
        /// The option that is given.
        option: String,
        /// How the options it asks for are written.
        missing: Vec<String>,
    },
    /// More words than the verb takes.
    #[error("`{given}` is one word too many; it goes: `{usage}` ({}){}", AboutText(*takes_text), Singular(singular))]
    Extra {
        /// The first word that has no place.
        given: String,
        /// How the verb is written.
        usage: String,
        /// Whether any of its values may have blanks.
        takes_text: bool,
        /// How the verbs are written that are about one of what this one lists.
        singular: Vec<String>,
    },
    /// A text where the verb takes one behind an option only.
    #[error("`{given}` has no place here: put the reason behind `{option}`; it goes: `{usage}`")]
    TextBehindOption {
        /// The words that have no place.
        given: String,
        /// The option that takes it.
        option: String,
        /// How the verb is written.
        usage: String,
    },
    /// A size behind a verb that changes the edition.
    #[error(
        "`{given}` has no place here: more or less TPS, topics or storage within Platinum is a specification change, not an edition change; it is made in the vendor's console, and `instance set <instance> --max-tps N` records it; this goes: `{usage}`"
    )]
    Specification {
        /// The words that have no place.
        given: String,
        /// How the verb is written.
        usage: String,
    },
    /// An option given again.
    #[error("`{0}` is given more than once; say it once")]
    Repeated(String),
    /// Two options that exclude each other.
    #[error("`{0}` and `{1}` exclude each other; leave one out")]
    Excluded(String, String),
    /// Not one of the words an argument takes.
    #[error("`{arg}` can be {}, not `{given}`{near}", Joined(words, "or"))]
    NotAWord {
        /// The argument.
        arg: String,
        /// The value as given.
        given: String,
        /// The words it takes.
        words: Vec<String>,
        /// What was probably meant.
        near: Near,
    },
    /// A value that cannot be read; the text comes from the value itself.
    #[error("{}{text}", Prefix(option))]
    BadValue {
        /// The option it belongs to.
        option: Option<String>,
        /// What is wrong with it.
        text: String,
        /// The rules that refuse it.
        rules: &'static [RuleId],
    },
    /// Anything else that has no place in the grammar.
    #[error("this is not how `{verb}` goes: `{usage}`")]
    Unreadable {
        /// The verb.
        verb: String,
        /// How it is written.
        usage: String,
    },
}

impl ParseError {
    /// The documented rules that refuse what was said: `series-4x` for the id of a 5.x instance.
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

/// What was probably meant; empty when nothing is near.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Near(pub Option<String>);

impl fmt::Display for Near {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .as_ref()
            .map_or(Ok(()), |near| write!(f, "; did you mean `{near}`?"))
    }
}

/// What was probably meant, or what else to do.
struct OrElse<'a>(&'a Near, &'static str);

impl fmt::Display for OrElse<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Near(Some(_)) => self.0.fmt(f),
            Near(None) => write!(f, "; {}", self.1),
        }
    }
}

/// The option whose unquoted text took all words behind it; empty when there is none.
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

/// `a`, `b` and `c`.
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
