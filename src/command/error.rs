//! The reasons why a line is not a command, as text for people.

use std::fmt;

use super::ValueError;
use super::tree::Verb;
use crate::domain::id::excerpt;
use crate::domain::rules::RuleId;

/// The reason why a line is not a command. Its display text is shown to people unchanged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// An empty line.
    #[error("nothing was said; `help` lists the verbs")]
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
    #[error(
        "there is no verb `{given}`{}",
        or_else(
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
    /// A word that ends a prompt, with something after it or where there is no prompt.
    #[error("there is no verb `{0}`: it ends a prompt, where it stands alone on its line")]
    EndsAlone(String),
    /// A command of the program, such as `doctor`, at its prompt.
    #[error(
        "there is no verb `{0}`: it is a command of the program itself, in a shell: `warden {0}`"
    )]
    InShell(String),
    /// A whole line in quotes.
    #[error("there is no verb `{0}`: the quotes around it make it one word; leave them out")]
    QuotedLine(String),
    /// A word for a renewal, which is done at the vendor.
    #[error(
        "there is no verb `{0}`: a subscription is renewed in the vendor's console; then say its new expiry, `instance set NAME --expires WHEN`"
    )]
    Renews(String),
    /// The first word of a longer verb, alone or followed by a wrong word.
    #[error(
        "{}`{verb}` is followed by {}{near}",
        if_given(given.as_deref(), verb),
        joined(words, "or")
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
    #[error("`{verb}` has no option `{given}`; {}", near_or_all(near, options))]
    UnknownOption {
        verb: String,
        /// The option as given.
        given: String,
        /// The suggested option.
        near: Near,
        /// The options of the verb.
        options: Vec<String>,
    },
    /// The format of replies, which the program is told, not the verb.
    #[error(
        "`{verb}` has no option `{given}`: replies as JSON are an option of the program, in a shell: `warden {verb} --format json`, or `warden --format json` for all lines that are piped in"
    )]
    FormatOfProgram {
        verb: String,
        /// The option as given.
        given: String,
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
    #[error("`{verb}` needs {}; usage: `{usage}`{hint}", joined(missing, "and"))]
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
        joined(missing, "and")
    )]
    Alone {
        option: String,
        /// The usage of each option that it requires.
        missing: Vec<String>,
    },
    /// More words than the verb accepts.
    #[error("`{given}` is one word too many; usage: `{usage}` ({}){}", about_text(*takes_text), of_one(singular))]
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
    /// The name of an option without its dashes.
    #[error("`{given}` has no place here: the option is `{option}`; usage: `{usage}`")]
    NoDashes {
        given: String,
        /// The option so called.
        option: String,
        /// The usage of the verb.
        usage: String,
    },
    /// Free text where the verb accepts it only after an option.
    #[error("`{given}` has no place here: put the reason behind `{option}`; usage: `{usage}`")]
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
        "`{given}` has no place here: more or less TPS, topics or storage within Platinum is a specification change, not an edition change; it is made in the vendor's console, and `instance set <instance> --max-tps N` records it; usage: `{usage}`"
    )]
    Specification {
        /// The words without a place.
        given: String,
        /// The usage of the verb.
        usage: String,
    },
    #[error("`{0}` is given more than once; give it once")]
    Repeated(String),
    /// Two options that exclude each other.
    #[error("`{0}` and `{1}` exclude each other; leave one out")]
    Excluded(String, String),
    /// A value outside an argument's list of words.
    #[error("`{arg}` can be {}, not `{given}`{near}", joined(words, "or"))]
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
    #[error("{}{text}", prefix(option.as_deref()))]
    BadValue {
        option: Option<String>,
        /// The reason.
        text: String,
        /// The rules that reject it.
        rules: &'static [RuleId],
    },
    /// Not the number of a change where one is asked for: perhaps the name of an instance.
    #[error("{}", ValueError::NotChange(excerpt(.0)))]
    NotChange(String),
    /// Any other error of grammar.
    #[error("`{verb}` is not used like that; usage: `{usage}`")]
    Unreadable { verb: String, usage: String },
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

/// The suggestion, or another way out.
fn or_else(near: &Near, other: &str) -> String {
    match near {
        Near(Some(_)) => near.to_string(),
        Near(None) => format!("; {other}"),
    }
}

const fn about_text(takes_text: bool) -> &'static str {
    if takes_text {
        "text with blanks needs quotes"
    } else {
        "it takes no text"
    }
}

fn of_one(singular: &[String]) -> String {
    match singular {
        [] => String::new(),
        all => format!("; of one it is {}", joined(all, "or")),
    }
}

/// A list in words: `a`, `b` and `c`.
fn joined(words: &[String], and: &str) -> String {
    match words {
        [] => String::new(),
        [only] => format!("`{only}`"),
        [all @ .., last] => format!("`{}` {and} `{last}`", all.join("`, `")),
    }
}

fn near_or_all(near: &Near, all: &[String]) -> String {
    match (near, all) {
        (Near(Some(near)), _) => format!("did you mean `{near}`?"),
        (Near(None), []) => "it takes none".to_owned(),
        (Near(None), all) => format!("it takes {}", joined(all, "and")),
    }
}

fn if_given(given: Option<&str>, verb: &str) -> String {
    given.map_or_else(String::new, |given| {
        format!("there is no `{verb} {given}`; ")
    })
}

fn prefix(option: Option<&str>) -> String {
    option.map_or_else(String::new, |option| format!("`{option}`: "))
}
