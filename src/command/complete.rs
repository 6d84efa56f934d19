//! Completion at the end of an unfinished line.

use clap::builder::ValueParser;
use clap::{Arg, ArgAction};

use super::tree::{self, Named, Verb};
use super::words::Cursor;
use super::{AckTarget, ChangeRef, InstanceRef, TargetRef};

/// The candidates at a position in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// The start of the word to complete, in bytes.
    pub start: usize,
    /// The part of the word before the candidate: both are quoted together where the candidate needs quotes.
    pub kept: String,
    pub kind: Candidates,
}

/// The candidates for a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Candidates {
    /// Words with the typed prefix. Empty when the position is unknown.
    Words(Vec<String>),
    /// An instance whose name contains this.
    Instances(String),
    /// A change whose number starts with this, with or without `#`, or whose instance contains it.
    Changes(String),
    /// A team that contains this.
    Teams(String),
    /// A region that contains this.
    Regions(String),
    /// A person whose name contains this, but for one.
    People {
        typed: String,
        /// Who is named already, and can be nobody else.
        besides: Option<String>,
    },
    /// A step that a command about a change can name.
    Steps(StepPlace),
    /// A file whose path starts with this.
    Files(String),
}

/// The place of a step in a command about a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepPlace {
    /// The change as it is written.
    pub change: String,
    pub of: StepUse,
    /// The beginning of the step.
    pub typed: String,
    /// The options that may stand here instead.
    pub options: Vec<String>,
}

/// The use of a step in a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepUse {
    Confirm,
    Reopen,
}

impl StepUse {
    /// Of a verb; `None` where it names no step.
    pub fn of(path: &[&str]) -> Option<Self> {
        match path {
            ["confirm"] => Some(Self::Confirm),
            ["reopen"] => Some(Self::Reopen),
            _ => None,
        }
    }
}

/// The words that contain a text, ignoring case: first those that start with it, then those of which a part does.
pub fn fitting<T: AsRef<str>>(words: impl IntoIterator<Item = T>, typed: &str) -> Vec<String> {
    let typed = typed.to_lowercase();
    let place = |word: &str| {
        let word = word.to_lowercase();
        let begins_part = |at: usize| {
            let before = word.get(..at).and_then(|before| before.chars().next_back());
            before.is_none_or(|before| !before.is_alphanumeric())
        };
        let mut found = word.match_indices(&typed).map(|found| found.0);
        match word.find(&typed)? {
            0 => Some(0),
            _ if found.any(begins_part) => Some(1),
            _ => Some(2),
        }
    };
    let words = words.into_iter().map(|word| word.as_ref().to_owned());
    let mut found: Vec<(u8, String)> = words
        .filter_map(|word| Some((place(&word)?, word)))
        .collect();
    found.sort_by_key(|(place, _)| *place);
    found.into_iter().map(|(_, word)| word).collect()
}

/// The zones for display of times.
pub fn zones() -> impl Iterator<Item = &'static str> {
    chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name())
}

/// The candidates at this byte of the line. The text after it is ignored.
pub fn complete(line: &str, pos: usize) -> Completion {
    let written = line.get(..pos).unwrap_or(line);
    let mut place = CompletionPoint::at_end_of(written);
    let verb = place.verb();
    let kind = if verb.is_group() {
        place.words(
            verb.children()
                .filter_map(|child| child.path.last().copied()),
        )
    } else if verb.path == ["help"] {
        place.help()
    } else {
        place.argument(&verb)
    };
    Completion {
        start: place.start,
        kept: place.kept,
        kind,
    }
}

/// Between instances of one command: the last two are how Chinese keyboards write it.
pub const COMMAS: [char; 3] = [',', '，', '、'];
/// `team:NAME` is all instances of a team.
pub const TEAM: &str = "team:";
/// `@FILE` is the instances of a file, one a line.
pub const FILE: char = '@';

/// Options of `instance set` that are said of one instance only.
pub const OF_ONE: [&str; 5] = [
    "--name",
    "--region",
    "--edition",
    "--action",
    "--commodity-id",
];

/// The unfinished end of a word that names several instances: what stands before it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastPart {
    /// Its start in the word, in bytes.
    pub start: usize,
    pub names: PartOf,
}

/// The kind of name in an unfinished part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartOf {
    Instances,
    Teams,
    Files,
}

impl LastPart {
    /// Of the first argument of a verb; `None` where the word is of one instance, or the verb takes one only.
    pub fn of(path: &[&str], written: &str) -> Option<Self> {
        let is_set = path == ["instance", "set"];
        let part = |start, names| Some(Self { start, names });
        if is_set && written.starts_with(FILE) {
            return part(FILE.len_utf8(), PartOf::Files);
        }
        if is_set && written.starts_with(TEAM) {
            return part(TEAM.len(), PartOf::Teams);
        }
        let (at, comma) = written.rmatch_indices(COMMAS).next()?;
        let takes_several = is_set || matches!(path, ["ack" | "snooze"]);
        let blanks = |rest: &str| rest.len() - rest.trim_start().len();
        let start = at + comma.len();
        let start = start + written.get(start..).map_or(0, blanks);
        takes_several.then_some(Self {
            start,
            names: PartOf::Instances,
        })
    }
}

/// The words before the position, and the word to complete.
struct CompletionPoint {
    before: std::vec::IntoIter<String>,
    start: usize,
    /// The parts of the word before the one to complete.
    kept: String,
    written: String,
    /// Whether the word is quoted, so that its bytes differ from those of the line.
    quoted: bool,
}

impl CompletionPoint {
    fn at_end_of(written: &str) -> Self {
        let mut cursor = Cursor::new(written);
        let mut words = Vec::new();
        loop {
            cursor.is_done();
            let start = cursor.at();
            // An open quote is the word to complete.
            let open = cursor.rest_of_text().chars().skip(1).collect();
            let (written, quoted, is_open) = match cursor.quoted() {
                Ok(Some(word)) => (word, true, false),
                Ok(None) => (cursor.plain().to_owned(), false, false),
                Err(_) => (open, true, true),
            };
            if is_open || cursor.rest_of_text().is_empty() {
                return Self {
                    before: words.into_iter(),
                    start,
                    kept: String::new(),
                    written,
                    quoted,
                };
            }
            words.push(written);
        }
    }

    fn verb(&mut self) -> Verb {
        let mut verb = Verb::root();
        while verb.is_group() {
            let Some(child) = self
                .before
                .as_slice()
                .first()
                .and_then(|word| verb.child(word))
            else {
                break;
            };
            self.before.next();
            verb = child;
        }
        verb
    }

    /// Words with the typed prefix.
    fn words<'a>(&self, words: impl IntoIterator<Item = &'a str>) -> Candidates {
        // After a wrong word the position is unknown.
        if self.before.len() > 0 {
            return Candidates::Words(Vec::new());
        }
        self.beginning(words)
    }

    fn beginning<'a>(&self, words: impl IntoIterator<Item = &'a str>) -> Candidates {
        let written = self.written.to_lowercase();
        let fits = |word: &&str| word.starts_with(&written);
        Candidates::Words(words.into_iter().filter(fits).map(str::to_owned).collect())
    }

    fn help(&mut self) -> Candidates {
        let verb = self.verb();
        self.words(
            verb.children()
                .filter_map(|child| child.path.last().copied()),
        )
    }

    fn argument(&mut self, verb: &Verb) -> Candidates {
        if let (["notice"], [number]) = (verb.path.as_slice(), self.before.as_slice())
            && number.trim_start_matches('#').parse::<u64>().is_ok()
        {
            return self.beginning(["still-there"]);
        }
        // The next argument is a number, which has no candidates.
        let numbered = match (verb.path.as_slice(), self.before.as_slice()) {
            (["import"], [first, ..]) => first.eq_ignore_ascii_case("undo"),
            (["ack"], [first, ..]) => first.eq_ignore_ascii_case(AckTarget::NOTICE),
            _ => false,
        };
        if numbered {
            return Candidates::Words(Vec::new());
        }
        let said = Preceding::of(verb, self.before.by_ref());
        let begins_option = self.written.starts_with('-');
        if said.is_repeated {
            return Candidates::Words(Vec::new());
        }
        let besides = said.named.first().cloned();
        let offers = |candidates| match candidates {
            Candidates::People { typed, .. } if verb.path == ["handover"] => Candidates::People {
                typed,
                besides: besides.clone(),
            },
            others => others,
        };
        if let Some(arg) = said.awaiting.filter(|_| !begins_option) {
            return offers(self.value(arg));
        }
        if let Some((option, value)) = self.inline_value() {
            self.start += self.written.len() - value.len();
            let arg = verb.option(&option);
            self.written = value;
            let values = arg.map(|arg| offers(self.value(arg)));
            return values.unwrap_or_else(|| Candidates::Words(Vec::new()));
        }
        let place = verb.positionals().nth(said.named.len());
        let place = place.filter(|_| !begins_option);
        let part = LastPart::of(&verb.path, &self.written);
        if let Some(part) = part.filter(|_| place.is_some() && said.named.is_empty()) {
            let written = self.behind(part.start);
            return match part.names {
                PartOf::Files => Candidates::Files(written),
                PartOf::Teams => Candidates::Teams(written),
                PartOf::Instances => Candidates::Instances(written),
            };
        }
        let mut options = said.options_left(verb);
        let first = said.named.first();
        if first.is_some_and(|first| LastPart::of(&verb.path, first).is_some()) {
            options.retain(|option| !OF_ONE.contains(&option.as_str()));
        }
        if let (Some(of), [change], Some(arg)) =
            (StepUse::of(&verb.path), said.named.as_slice(), place)
        {
            let written = self.written.to_lowercase();
            options.retain(|option| !arg.is_required_set() && option.starts_with(&written));
            return Candidates::Steps(StepPlace {
                change: change.clone(),
                of,
                typed: written,
                options,
            });
        }
        match place.map(|arg| (arg.is_required_set(), self.value(arg))) {
            Some((false, Candidates::Words(mut words))) => {
                let written = self.written.to_lowercase();
                let fits = |option: &String| option.starts_with(&written);
                words.extend(options.into_iter().filter(fits));
                Candidates::Words(words)
            }
            Some((_, candidates)) => candidates,
            None => self.beginning(options.iter().map(String::as_str)),
        }
    }

    /// The text from this byte of the word on, which is completed; what stands before it is kept.
    fn behind(&mut self, start: usize) -> String {
        if let Some((kept, rest)) = self.written.split_at_checked(start) {
            self.kept = kept.to_owned();
            self.written = rest.to_owned();
        }
        self.written.clone()
    }

    /// The option and the start of its value in `--by=ex`.
    fn inline_value(&self) -> Option<(String, String)> {
        let head = Cursor::new(&self.written).option_head()?;
        let value = self.written.get(head.text.len()..)?.strip_prefix('=')?;
        (!self.quoted).then(|| (head.name.to_owned(), value.to_owned()))
    }

    fn value(&mut self, arg: &Arg) -> Candidates {
        if !self.quoted
            && let Some(delimiter) = arg.get_value_delimiter()
            && let Some((done, rest)) = self.written.rsplit_once(delimiter)
        {
            self.start += done.len() + delimiter.len_utf8();
            self.written = rest.to_owned();
        }
        let target = reads(arg, clap::value_parser!(TargetRef));
        let numbered = self
            .written
            .starts_with(|c: char| c == '#' || c.is_ascii_digit());
        if reads(arg, clap::value_parser!(ChangeRef)) || (target && numbered) {
            Candidates::Changes(self.written.clone())
        } else if reads(arg, clap::value_parser!(InstanceRef)) || target {
            Candidates::Instances(self.written.clone())
        } else {
            let written = self.written.clone();
            match tree::named(arg) {
                Some(Named::Team) => Candidates::Teams(written),
                Some(Named::Region) => Candidates::Regions(written),
                Some(Named::File) => Candidates::Files(written),
                Some(Named::Person) => Candidates::People {
                    typed: written,
                    besides: None,
                },
                Some(Named::Zone) => Candidates::Words(fitting(zones(), &written)),
                None => {
                    let words = tree::words_of(arg);
                    self.beginning(words.iter().map(String::as_str))
                }
            }
        }
    }
}

/// Whether an argument's values have this parser.
pub(super) fn reads(arg: &Arg, parser: impl Into<ValueParser>) -> bool {
    arg.get_value_parser().type_id() == parser.into().type_id()
}

/// The arguments between the verb and the position.
struct Preceding {
    given: Vec<&'static Arg>,
    /// The words that belong to no option.
    named: Vec<String>,
    awaiting: Option<&'static Arg>,
    /// Whether the last option was given before and takes one value only, so that the line is refused.
    is_repeated: bool,
}

impl Preceding {
    fn of(verb: &Verb, words: impl Iterator<Item = String>) -> Self {
        let mut said = Self {
            given: Vec::new(),
            named: Vec::new(),
            awaiting: None,
            is_repeated: false,
        };
        for word in words {
            let option = Cursor::new(&word).option_head();
            if let Some(head) = option {
                let arg = verb.option(head.name);
                said.is_repeated = arg.is_some_and(|arg| {
                    let once = !matches!(arg.get_action(), ArgAction::Append);
                    once && said.is_given(arg)
                });
                said.given.extend(arg);
                said.awaiting = arg.filter(|arg| tree::takes_value(arg) && !head.inline);
            } else if said.awaiting.is_some_and(tree::is_free_text) {
                // The text continues up to the next option.
            } else if said.awaiting.take().is_none() {
                said.named.push(word);
            }
        }
        said
    }

    fn is_given(&self, arg: &Arg) -> bool {
        self.given
            .iter()
            .any(|given| given.get_id() == arg.get_id())
    }

    /// The options that are not given, and that what is given does not exclude.
    fn options_left(&self, verb: &Verb) -> Vec<String> {
        let excludes = |one: &Arg, other: &Arg| {
            let conflicts = verb.spec.get_arg_conflicts_with(one);
            conflicts.iter().any(|arg| arg.get_id() == other.get_id())
        };
        let is_free = |arg: &&Arg| {
            let mut given = self.given.iter();
            !self.is_given(arg) && !given.any(|given| excludes(given, arg) || excludes(arg, given))
        };
        let longs = verb.options().filter(is_free).filter_map(Arg::get_long);
        longs.map(|long| format!("--{long}")).collect()
    }
}
