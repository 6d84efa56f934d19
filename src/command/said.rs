//! The part of a line after the verb: options with values, and positional arguments.

use clap::{Arg, FromArgMatches};

use super::clap_error;
use super::error::{Near, ParseError, Swallowed};
use super::tree::{self, Verb};
use super::typed;
use super::words::{Cursor, OptionHead, is_dash};
use super::{Command, Span};
use crate::domain::id::excerpt;
use crate::domain::written::plain;

/// The kind of a line.
pub(super) enum LineKind {
    Help,
    Command,
}

/// The words after a verb, sorted for clap.
pub(super) struct TypedLine {
    pub(super) verb: Verb,
    options: Vec<String>,
    positionals: Vec<String>,
    swallowing: Option<String>,
}

impl TypedLine {
    pub(super) const fn of(verb: Verb) -> Self {
        Self {
            verb,
            options: Vec::new(),
            positionals: Vec::new(),
            swallowing: None,
        }
    }

    pub(super) fn read(&mut self, cursor: &mut Cursor<'_>) -> Result<LineKind, ParseError> {
        let mut options_over = false;
        while !cursor.is_done() {
            // The rest of the line is one free text.
            if self.slot().is_some_and(tree::is_free_text) && !asks_help_alone(*cursor) {
                let text = cursor.rest_of_line();
                self.positionals
                    .extend(Some(text).filter(|text| !text.is_empty()));
                return Ok(LineKind::Command);
            }
            if let Some(text) = cursor.quoted()? {
                self.positional(text, cursor)?;
            } else if options_over {
                self.word(cursor)?;
            } else if is_help_flag(cursor) {
                return Ok(LineKind::Help);
            } else if let Some(head) = self.option_head(cursor) {
                cursor.advance(head.length);
                if let LineKind::Help = self.option(head, cursor)? {
                    return Ok(LineKind::Help);
                }
            } else {
                match cursor.peek_plain() {
                    "--" => {
                        cursor.plain();
                        options_over = true;
                    }
                    dashed if dashed.len() > 1 && dashed.starts_with('-') => {
                        return Err(self.unknown_option(dashed));
                    }
                    _ => self.word(cursor)?,
                }
            }
        }
        Ok(LineKind::Command)
    }

    /// The option at the cursor; with a single dash only a known one.
    fn option_head<'a>(&self, cursor: &Cursor<'a>) -> Option<OptionHead<'a>> {
        let single = || {
            let head = cursor.any_option_head();
            head.filter(|head| self.verb.option(head.name).is_some())
        };
        cursor.option_head().or_else(single)
    }

    /// An unquoted positional argument, including the words after it that belong to it.
    fn word(&mut self, cursor: &mut Cursor<'_>) -> Result<(), ParseError> {
        let slot = self.slot();
        if slot.is_none_or(|arg| !arg.is_required_set()) && ends_sentence(*cursor) {
            cursor.plain();
            return Ok(());
        }
        let begun = *cursor;
        let mut word = typed::word(slot, cursor);
        if let Some(end) =
            slot.and_then(|arg| end_of_name(&self.verb, self.positionals.len(), arg, &word, begun))
        {
            *cursor = begun;
            cursor.advance(end);
            word.truncate(end);
            let mark = cursor.rest_of_text().chars().next();
            if let Some(mark) = mark.filter(|mark| MARKS.contains(mark)) {
                cursor.advance(mark.len_utf8());
                // No name ends with a comma. With a colon one may: it is asked about, where another one is called so.
                word.extend(Some(mark).filter(|mark| matches!(mark, ':' | '：')));
            }
        }
        self.positional(word, cursor)
    }

    /// The argument that the next word is for.
    fn slot(&self) -> Option<&'static Arg> {
        let next = self.verb.positionals().nth(self.positionals.len());
        next.or_else(|| self.verb.positionals().find(|arg| tree::takes_many(arg)))
    }

    fn positional(&mut self, text: String, behind: &Cursor<'_>) -> Result<(), ParseError> {
        if self.has_room() {
            let text = match self.slot() {
                Some(arg) => typed::plain_value(arg, &text),
                None => text,
            };
            self.positionals.push(text);
            return Ok(());
        }
        Err(self.no_place(&text, behind.rest_of_text()))
    }

    /// The error for words without a place, with the option that accepts a text, if there is one.
    fn no_place(&self, word: &str, behind: &str) -> ParseError {
        let usage = self.verb.usage();
        let given = format!("{word}{}", behind.split(" --").next().unwrap_or_default());
        let given = given.trim_end();
        let wants_text = |arg: &&Arg| {
            let said = format!("{}=", tree::label(arg));
            let is_said = self.options.iter().any(|option| option.starts_with(&said));
            // One extra word is taken for a reason only if the verb requires one.
            tree::is_free_text(arg) && !is_said && (arg.is_required_set() || given.contains(' '))
        };
        if matches!(self.verb.path.as_slice(), ["upgrade" | "downgrade"]) && is_of_size(given) {
            return ParseError::Specification {
                given: excerpt(given),
                usage,
            };
        }
        let chosen = |arg: &&Arg| typed::is_choice(arg, word);
        let said_already = |arg: &Arg| {
            let label = format!("{}=", tree::label(arg));
            self.options.iter().any(|option| option.starts_with(&label))
        };
        if let Some(arg) = self
            .verb
            .options()
            .filter(|arg| !said_already(arg))
            .find(chosen)
        {
            return ParseError::NoDashes {
                given: excerpt(word),
                option: format!("{} {}", tree::label(arg), plain(word).to_lowercase()),
                usage,
            };
        }
        let bare = |arg: &&Arg| {
            tree::label(arg)
                .strip_prefix("--")
                .is_some_and(|bare| plain(word).eq_ignore_ascii_case(bare))
        };
        if let Some(arg) = self.verb.options().find(bare) {
            return ParseError::NoDashes {
                given: excerpt(word),
                option: tree::label(arg),
                usage,
            };
        }
        match self.verb.options().find(wants_text) {
            None => ParseError::Extra {
                given: excerpt(word),
                usage,
                takes_text: self.verb.spec.get_arguments().any(typed::is_own_text),
                singular: self.singular(),
            },
            Some(arg) => ParseError::TextBehindOption {
                given: excerpt(given),
                option: tree::label(arg),
                usage,
            },
        }
    }

    /// The usage of the verbs for a single item of this verb's list: `wording` for `wordings`.
    fn singular(&self) -> Vec<String> {
        let [name] = self.verb.path.as_slice() else {
            return Vec::new();
        };
        let Some(one) = name.strip_suffix('s') else {
            return Vec::new();
        };
        let is_of_one = |verb: &Verb| {
            let rest = verb.path.first().and_then(|word| word.strip_prefix(one));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        };
        let all = tree::verbs().into_iter().filter(is_of_one);
        all.map(|verb| verb.usage()).collect()
    }

    /// A number and a word of a fixed list may come in either order: no number is such a word.
    fn number_first(&mut self) -> Result<(), ParseError> {
        let mut places = self.verb.positionals();
        let (Some(number), Some(word)) = (places.next(), places.next()) else {
            return Ok(());
        };
        let is_number = tree::is_number(number);
        let begins = self.positionals.first();
        if !is_number || !begins.is_some_and(|begins| typed::is_choice(word, begins)) {
            return Ok(());
        }
        if self.positionals.len() < 2 {
            return Err(ParseError::Missing {
                verb: self.verb.name(),
                missing: vec![tree::shape(number)],
                usage: self.verb.usage(),
                hint: Swallowed(self.swallowing.clone()),
            });
        }
        self.positionals.swap(0, 1);
        Ok(())
    }

    /// A word of a fixed list that belongs before a name may come behind it: `check orders unsubscribe`.
    fn choice_first(&mut self) {
        let Some(choice) = self
            .verb
            .positionals()
            .next()
            .filter(|arg| !tree::is_number(arg))
        else {
            return;
        };
        if let [name, word] = self.positionals.as_mut_slice()
            && !typed::is_choice(choice, name)
            && typed::is_choice(choice, word)
        {
            *word = typed::plain_value(choice, word);
            std::mem::swap(name, word);
        }
    }

    fn has_room(&self) -> bool {
        let many = self.verb.positionals().any(tree::takes_many);
        many || self.positionals.len() < self.verb.positionals().count()
    }

    fn option(
        &mut self,
        head: OptionHead<'_>,
        cursor: &mut Cursor<'_>,
    ) -> Result<LineKind, ParseError> {
        let Some(arg) = self.verb.option(head.name) else {
            return Err(self.unknown_option(head.text));
        };
        if !tree::takes_value(arg) {
            if head.inline {
                return Err(ParseError::NoValueTaken(tree::label(arg)));
            }
            self.options.push(tree::label(arg));
            return Ok(LineKind::Command);
        }
        let missing = || ParseError::MissingValue {
            option: tree::label(arg),
            shape: tree::shape(arg),
        };
        let gap = cursor.rest_of_text().starts_with(char::is_whitespace);
        if cursor.is_done() || (head.inline && gap && !tree::is_free_text(arg)) {
            return Err(missing());
        }
        if !head.inline && is_help_flag(cursor) {
            return Ok(LineKind::Help);
        }
        let value = self.value(arg, cursor, head.inline)?.ok_or_else(missing)?;
        let value = typed::plain_value(arg, &value);
        self.options.push(format!("{}={value}", tree::label(arg)));
        Ok(LineKind::Command)
    }

    fn value(
        &mut self,
        arg: &Arg,
        cursor: &mut Cursor<'_>,
        inline: bool,
    ) -> Result<Option<String>, ParseError> {
        if tree::is_free_text(arg) {
            let is_option = |name: &str| self.verb.option(name).is_some();
            let free = cursor.free_text(is_option, self.has_room())?;
            if !free.quoted {
                self.swallowing = Some(tree::label(arg));
            }
            let given = free.quoted || !free.text.is_empty();
            return Ok(given.then_some(free.text));
        }
        if let Some(text) = cursor.quoted()? {
            return Ok(Some(text));
        }
        if !inline && (cursor.option_head().is_some() || cursor.peek_plain() == "--") {
            return Ok(None);
        }
        Ok(Some(typed::word(Some(arg), cursor)))
    }

    fn unknown_option(&self, given: &str) -> ParseError {
        let name = given.trim_start_matches(is_dash);
        if matches!(name, "json" | "format") {
            return ParseError::FormatOfProgram {
                verb: self.verb.name(),
                given: excerpt(given),
            };
        }
        let longs = || self.verb.options().filter_map(Arg::get_long);
        let near = tree::nearest(&name.replace('_', "-"), longs());
        ParseError::UnknownOption {
            verb: self.verb.name(),
            given: excerpt(given),
            near: Near(near.map(|near| format!("--{near}"))),
            options: longs().map(|long| format!("--{long}")).collect(),
        }
    }

    pub(super) fn command(mut self) -> Result<Command, ParseError> {
        self.number_first()?;
        self.choice_first();
        self.matches(&self.options)
            .and_then(|matches| Command::from_arg_matches(&matches))
            .map_err(|error| clap_error::translate(&error, &self.verb, &self.context()))
    }

    fn matches(&self, options: &[String]) -> Result<clap::ArgMatches, clap::Error> {
        let path = self.verb.path.iter().map(|word| (*word).to_owned());
        let options = options.iter().cloned();
        let positionals = std::iter::once("--".to_owned()).chain(self.positionals.iter().cloned());
        tree::matches(path.chain(options).chain(positionals))
    }

    fn context(&self) -> clap_error::Context {
        // The option that requires the missing one: without it nothing is missing.
        let asking = self.options.iter().enumerate().find_map(|(index, option)| {
            let mut others = self.options.clone();
            others.remove(index);
            let name = option.split('=').next().unwrap_or_default();
            self.matches(&others).is_ok().then(|| name.to_owned())
        });
        clap_error::Context {
            asking,
            swallowing: Swallowed(self.swallowing.clone()),
        }
    }
}

/// Where a name at a place of the verb ends that the next value, or an option, follows without a blank: `snooze orders，12h`,
/// `instance set orders--auto-renew on`.
pub(super) fn end_of_name(
    verb: &Verb,
    place: usize,
    arg: &Arg,
    word: &str,
    begun: Cursor<'_>,
) -> Option<usize> {
    if !typed::is_own_text(arg) || begun.peek_plain() != word {
        return None;
    }
    let next = verb.positionals().nth(place + 1);
    let mut marks = word.char_indices().skip(1);
    let (end, _) = marks.find(|(at, mark)| {
        let mut behind = begun;
        behind.advance(*at);
        if MARKS.contains(mark) {
            behind.advance(mark.len_utf8());
        }
        if is_dash(behind.rest_of_text().chars().next().unwrap_or_default()) {
            let head = behind.option_head();
            return head.is_some_and(|head| verb.option(head.name).is_some());
        }
        MARKS.contains(mark)
            && next.is_some_and(|next| {
                let value = typed::plain_value(next, &typed::word(Some(next), &mut behind));
                typed::is_choice(next, &value)
                    || tree::is_span(next) && value.parse::<Span>().is_ok()
            })
    })?;
    Some(end)
}

/// Punctuation that keyboards add after a name in the place of a blank.
const MARKS: [char; 5] = [',', '，', '、', ':', '：'];

/// Whether nothing is left but the end of a sentence.
fn ends_sentence(mut cursor: Cursor<'_>) -> bool {
    let end = cursor.plain();
    cursor.is_done()
        && end
            .chars()
            .all(|c| matches!(c, '.' | '。' | '．' | '!' | '！'))
}

/// Whether the words describe the size of an instance.
fn is_of_size(words: &str) -> bool {
    let words = plain(words).to_lowercase();
    let named = ["tps", "spec", "topic", "storage", "规格", "規格", "size"];
    words.contains(|c: char| c.is_ascii_digit()) || named.iter().any(|word| words.contains(word))
}

/// Whether `--help` or `-h` is at the cursor.
pub(super) fn is_help_flag(cursor: &Cursor<'_>) -> bool {
    let long = cursor
        .option_head()
        .is_some_and(|head| head.name.eq_ignore_ascii_case("help") && !head.inline);
    long || cursor.peek_plain() == "-h"
}

/// Whether the line asks for help and nothing else.
fn asks_help_alone(mut cursor: Cursor<'_>) -> bool {
    let asks = !cursor.is_done() && is_help_flag(&cursor);
    cursor.plain();
    asks && cursor.is_done()
}
