//! What can stand at the end of a line that is being written.

use clap::Arg;
use clap::builder::ValueParser;

use super::tree::{self, Named, Verb};
use super::words::Cursor;
use super::{ChangeRef, InstanceRef, TargetRef};

/// What can be put at a place in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// Where the word that is completed begins, in bytes.
    pub start: usize,
    /// What can stand there.
    pub kind: Candidates,
}

/// What can stand at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Candidates {
    /// One of these; all begin with what is written. Empty when nothing is known of the place.
    Words(Vec<String>),
    /// An instance that this stands in.
    Instances(String),
    /// A change whose number begins with this, with or without `#`, or whose instance this stands in.
    Changes(String),
    /// A team that this stands in.
    Teams(String),
    /// A region that this stands in.
    Regions(String),
    /// A file whose path begins with this.
    Files(String),
}

/// The words that a text stands in, in whatever case: those first that begin with it.
pub fn fitting<T: AsRef<str>>(words: impl IntoIterator<Item = T>, typed: &str) -> Vec<String> {
    let typed = typed.to_lowercase();
    let (begin, hold): (Vec<_>, Vec<_>) = words
        .into_iter()
        .map(|word| word.as_ref().to_owned())
        .filter(|word| word.to_lowercase().contains(&typed))
        .partition(|word| word.to_lowercase().starts_with(&typed));
    begin.into_iter().chain(hold).collect()
}

/// The zones that times can be shown in.
pub fn zones() -> impl Iterator<Item = &'static str> {
    chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name())
}

/// What can stand at this byte of the line; what follows it is not looked at.
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
        kind,
    }
}

/// The words before the place, and the one that is being written.
struct CompletionPoint {
    before: std::vec::IntoIter<String>,
    start: usize,
    written: String,
    /// In quotes, so that its bytes are not those of the line.
    quoted: bool,
}

impl CompletionPoint {
    fn at_end_of(written: &str) -> Self {
        let mut cursor = Cursor::new(written);
        let mut words = Vec::new();
        loop {
            cursor.is_done();
            let start = cursor.at();
            // A quote that is still open is the word being written.
            let open = cursor.rest().chars().skip(1).collect();
            let (written, quoted, is_open) = match cursor.quoted() {
                Ok(Some(word)) => (word, true, false),
                Ok(None) => (cursor.plain().to_owned(), false, false),
                Err(_) => (open, true, true),
            };
            if is_open || cursor.rest().is_empty() {
                return Self {
                    before: words.into_iter(),
                    start,
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

    /// Words that begin with what is written.
    fn words<'a>(&self, words: impl IntoIterator<Item = &'a str>) -> Candidates {
        // A wrong word before this one: nothing is known of the place.
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
        let said = Preceding::of(verb, self.before.by_ref());
        let begins_option = self.written.starts_with('-');
        if let Some(arg) = said.awaiting.filter(|_| !begins_option) {
            return self.value(arg);
        }
        if let Some((option, value)) = self.inline_value() {
            self.start += self.written.len() - value.len();
            let arg = verb.option(&option);
            self.written = value;
            return arg.map_or_else(|| Candidates::Words(Vec::new()), |arg| self.value(arg));
        }
        let place = verb.positionals().nth(said.positionals);
        let place = place.filter(|_| !begins_option);
        if place.is_some() && said.positionals == 0 {
            match (verb.path.as_slice(), self.written.as_str()) {
                (["instance", "set"], written) if written.starts_with('@') => {
                    return Candidates::Files(self.behind('@'));
                }
                (["instance", "set"], written) if written.starts_with("team:") => {
                    return Candidates::Teams(self.behind(':'));
                }
                (["ack" | "snooze"] | ["instance", "set"], written) if written.contains(',') => {
                    return Candidates::Instances(self.behind(','));
                }
                _ => {}
            }
        }
        let options = said.options_left(verb);
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

    /// What is written behind the last of these, which is what is completed then.
    fn behind(&mut self, mark: char) -> String {
        if let Some((done, rest)) = self.written.rsplit_once(mark).filter(|_| !self.quoted) {
            self.start += done.len() + mark.len_utf8();
            self.written = rest.to_owned();
        }
        self.written.clone()
    }

    /// The option and the beginning of its value in `--by=ex`.
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
                Some(Named::Zone) => Candidates::Words(fitting(zones(), &written)),
                None => {
                    let words = tree::words_of(arg);
                    self.beginning(words.iter().map(String::as_str))
                }
            }
        }
    }
}

/// Whether an argument's values are read by the same parser.
pub(super) fn reads(arg: &Arg, parser: impl Into<ValueParser>) -> bool {
    arg.get_value_parser().type_id() == parser.into().type_id()
}

/// What stands between the verb and the place.
struct Preceding {
    given: Vec<&'static str>,
    positionals: usize,
    awaiting: Option<&'static Arg>,
}

impl Preceding {
    fn of(verb: &Verb, words: impl Iterator<Item = String>) -> Self {
        let mut said = Self {
            given: Vec::new(),
            positionals: 0,
            awaiting: None,
        };
        for word in words {
            let option = Cursor::new(&word).option_head();
            if let Some(head) = option {
                let arg = verb.option(head.name);
                said.given.extend(arg.and_then(Arg::get_long));
                said.awaiting = arg.filter(|arg| tree::takes_value(arg) && !head.inline);
            } else if said.awaiting.is_some_and(tree::is_free_text) {
                // The text goes on until the next option.
            } else if said.awaiting.take().is_none() {
                said.positionals += 1;
            }
        }
        said
    }

    fn options_left(&self, verb: &Verb) -> Vec<String> {
        let longs = verb.options().filter_map(Arg::get_long);
        let left = longs.filter(|long| !self.given.contains(long));
        left.map(|long| format!("--{long}")).collect()
    }
}
