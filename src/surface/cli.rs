//! The process's command line: its subcommands, and every verb of the grammar.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use clap::{CommandFactory as _, Parser, Subcommand};

use super::serve::Serve;
use super::{AuditTask, Backup, Format, Migrate, Restore, UsageError};
use crate::command::{self, Import, When};
use crate::domain::id::WorkspaceId;

/// Keeps edition changes of ApsaraMQ for RocketMQ in their documented order.
///
/// Without a subcommand it opens the prompt on an embedded database. Every verb works as arguments too: `warden help` lists
/// the verbs, `warden help VERB` explains one.
#[derive(Debug, Parser)]
#[command(
    name = "warden",
    version = VERSION,
    disable_help_subcommand = true,
    after_long_help = AFTER_HELP
)]
pub struct Cli {
    /// The database: a file, created on first start, or an address such as postgres://HOST/DATABASE
    #[arg(long, global = true, value_name = "PATH")]
    pub db: Option<PathBuf>,
    /// A configuration file, instead of config/warden.toml where that exists
    #[arg(long, global = true, value_name = "PATH")]
    pub config: Option<PathBuf>,
    /// How replies are written.
    #[command(flatten)]
    pub replies: Replies,
    /// The mode to run in.
    #[command(subcommand)]
    pub mode: Option<Mode>,
}

/// The version, with the commit and date of the build where known.
const VERSION: &str = env!("WARDEN_VERSION");

const AFTER_HELP: &str = "\
Exit status of a verb, of `import`, of `notice` and of lines that are piped in: 0; 1 if anything that was said is invalid, or \
could not be answered because something is broken; 75 where `notice -` could not record a mail because something is broken; 2 for \
unusable arguments, configuration or database; 143, 130 or 129 when \
a signal ended it.

A verb that only reads takes --workspace ID, a Discord server's id, instead of the console's own workspace.";

/// Stands before and behind the subcommands that reply; `audit export` has a format of its own.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Replies {
    /// The format of replies [default: text]
    #[arg(long, value_enum)]
    pub format: Option<Format>,
}

/// One file, taken without a prompt.
#[derive(Debug, clap::Args)]
pub struct ImportOnce {
    /// The file to import.
    #[command(flatten)]
    pub request: Import,
    /// The workspace: a Discord server's id, instead of the console's own
    #[arg(long, value_name = "ID")]
    pub workspace: Option<WorkspaceId>,
    /// How the reply is written.
    #[command(flatten)]
    pub replies: Replies,
}

/// The bot in Discord.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct InDiscord {
    /// Create the database if there is none
    #[arg(long)]
    pub init: bool,
    /// The base URL of Discord's API, for tests and proxies
    #[arg(long, value_name = "URL")]
    pub api_base: Option<url::Url>,
}

/// Notices, taken without a prompt.
#[derive(Debug, clap::Args)]
pub struct NoticeOnce {
    /// The files, one notice after the other, or - for what is piped in; a text with blanks, or several words that are no files, are
    /// the notice itself
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<String>,
    /// How the reply is written.
    #[command(flatten)]
    pub replies: Replies,
}

/// The modes of the process.
#[derive(Debug, Subcommand)]
pub enum Mode {
    /// Open the console (the default): a prompt on a terminal, a command a line when piped
    Console {
        /// An in-memory database and a manual clock, for trying things out
        #[arg(long, conflicts_with = "db")]
        sandbox: bool,
        /// Where the sandbox's clock starts
        #[arg(
            long,
            value_name = "RFC3339",
            requires = "sandbox",
            default_value = "2026-01-01T00:00:00Z"
        )]
        at: When,
        /// How replies are written.
        #[command(flatten)]
        replies: Replies,
    },
    /// Run the bot in Discord
    Discord(InDiscord),
    /// Serve HTTP and run the schedule, without a chat and without a terminal
    ///
    /// Posts for people wait until `warden discord` or the prompt runs on the database.
    Serve(Serve),
    /// Import facts from a listing of the vendor's API (JSON) or from CSV
    Import(ImportOnce),
    /// Hand in a vendor's notice: an e-mail or a text
    Notice(NoticeOnce),
    /// Check, note and export the audit trail; `audit` with anything else is the verb
    #[command(subcommand)]
    Audit(AuditTask),
    /// Check that the database is sound
    ///
    /// Changes nothing without --repair. Exit status: 0 sound, 1 something differs or is damaged, 2 cannot be checked.
    Doctor {
        /// Rebuild derived data that differs: counters, look-up columns, the schedule, the queues
        #[arg(long)]
        repair: bool,
    },
    /// Check over HTTP whether the program running here is ready
    ///
    /// For health checks. Exit status: 0 ready, 1 not ready or not there, 2 where `http.listen` is not set.
    Ready,
    /// Copy the database, also while the bot runs, and check the copy
    ///
    /// Exit status: 0 copied and sound, 2 not copied; nothing is left behind then.
    Backup(Backup),
    /// Replace the database with a copy, and distrust what the copy knew
    ///
    /// No process may work with the database. It is kept beside the new one. Exit status: 0 restored, 2 not restored.
    Restore(Restore),
    /// Move all data into another database, and compare both
    ///
    /// No process may work with either. Interrupted, it goes on when it is run again. Exit status: 0 moved and the same, 2 not.
    Migrate(Migrate),
    /// Check the configuration and print what is in effect
    CheckConfig {
        /// How replies are written.
        #[command(flatten)]
        replies: Replies,
    },
    /// Print the documented rules
    Rules {
        /// As a Markdown table
        #[arg(long)]
        markdown: bool,
        /// How replies are written.
        #[command(flatten)]
        replies: Replies,
    },
    /// Print the completion script for a shell
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: Shell,
    },
    /// Print the manual page
    Man,
    /// Say one line of the grammar
    #[command(hide = true)]
    Say {
        /// A Discord server's id, instead of the console's own workspace: for what only reads.
        #[arg(long)]
        workspace: Option<WorkspaceId>,
        /// Its words.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        words: Vec<String>,
    },
}

/// A shell whose completion is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Shell {
    /// Bash.
    Bash,
    /// Z shell.
    Zsh,
    /// Fish.
    Fish,
}

/// Global options, allowed anywhere among the words of a verb.
const GLOBAL: [&str; 3] = ["--db", "--config", "--format"];

impl Cli {
    /// The subcommand that a line for a shell names, with or without `warden` before it.
    pub(super) fn subcommand_of(line: &str) -> Option<String> {
        let mut words = line.split_whitespace().skip_while(|word| *word == "warden");
        let named = words.next()?;
        let tree = Self::command();
        tree.find_subcommand(named)
            .map(|found| found.get_name().to_owned())
    }

    /// Parses the command line. Words that are not a subcommand are a line of the grammar. Help and the version are printed, and
    /// end the process.
    ///
    /// # Errors
    /// [`UsageError`] for arguments that cannot be read.
    pub fn read(args: impl IntoIterator<Item = OsString>) -> Result<Self, UsageError> {
        Self::of(args.into_iter().collect()).map_err(|wrong| match wrong {
            Misread::Usage(usage) => usage,
            Misread::Asked(help) => help.exit(),
        })
    }

    fn of(args: Vec<OsString>) -> Result<Self, Misread> {
        let given = args.clone();
        let args = arranged(args).map_err(Misread::Usage)?;
        Self::try_parse_from(args).map_err(|error| {
            if error.use_stderr() {
                Misread::Usage(UsageError::of(&error, &given, &Self::command()))
            } else {
                Misread::Asked(error)
            }
        })
    }

    /// The format of replies: the option closest to the subcommand wins.
    pub fn format(&self) -> Format {
        let nearest = match &self.mode {
            Some(
                Mode::Console { replies, .. }
                | Mode::Import(ImportOnce { replies, .. })
                | Mode::Notice(NoticeOnce { replies, .. })
                | Mode::CheckConfig { replies }
                | Mode::Rules { replies, .. },
            ) => replies.format,
            Some(
                Mode::Audit(_)
                | Mode::Doctor { .. }
                | Mode::Ready
                | Mode::Backup(_)
                | Mode::Restore(_)
                | Mode::Migrate(_)
                | Mode::Discord(_)
                | Mode::Serve(_)
                | Mode::Completions { .. }
                | Mode::Man
                | Mode::Say { .. },
            )
            | None => None,
        };
        nearest.or(self.replies.format).unwrap_or(Format::Text)
    }
}

/// The reason why a command line is no [`Cli`].
#[derive(Debug)]
enum Misread {
    Usage(UsageError),
    /// It asks for help or the version.
    Asked(clap::Error),
}

/// Stands anywhere among the words of a verb, and belongs to `say`.
const WORKSPACE: &str = "--workspace";

/// Moves the words of a verb after `say --`, and global options before it; other command lines are unchanged.
fn arranged(args: Vec<OsString>) -> Result<Vec<OsString>, UsageError> {
    let mut given = args.iter();
    let mut own: Vec<OsString> = given.next().cloned().into_iter().collect();
    let mut words: Vec<OsString> = Vec::new();
    let mut place: Vec<OsString> = Vec::new();
    while let Some(arg) = given.next() {
        let text = arg.to_string_lossy();
        let inline = GLOBAL.iter().any(|name| {
            text.strip_prefix(name)
                .is_some_and(|rest| rest.starts_with('='))
        });
        if inline {
            own.push(arg.clone());
        } else if GLOBAL.contains(&text.as_ref()) {
            let value = given.next().cloned();
            let value = value.ok_or_else(|| UsageError::without_value(&text))?;
            own.extend([arg.clone(), value]);
        } else if text == WORKSPACE {
            let value = given.next().cloned();
            let value = value.ok_or_else(|| UsageError::without_value(&text))?;
            place.extend([arg.clone(), value]);
        } else if text.starts_with("--workspace=") {
            place.push(arg.clone());
        } else if text == "--" {
            words.extend(given.by_ref().cloned());
        } else if words.is_empty() && text.starts_with('-') {
            return Ok(args);
        } else {
            words.push(arg.clone());
        }
    }
    let said: Vec<_> = words.iter().map(|word| word.to_string_lossy()).collect();
    let said: Vec<&str> = said.iter().map(AsRef::as_ref).collect();
    if is_own(&said) {
        return Ok(args);
    }
    own.push("say".into());
    own.extend(place);
    own.push("--".into());
    own.extend(words);
    Ok(own)
}

/// Whether these words are for the process itself instead of the grammar.
fn is_own(words: &[&str]) -> bool {
    let own = Cli::command();
    let is_mode = |word: &str| own.get_subcommands().any(|mode| mode.get_name() == word);
    match words {
        [] => true,
        ["help", ..] => false,
        ["audit", task, ..] => AuditTask::is_named(task) || matches!(*task, "--help" | "-h"),
        ["audit"] => false,
        ["import"] | ["import", "undo", ..] => false,
        ["notice", files @ ..] => are_files(files),
        // The verb wraps and pages; the process itself has the table.
        ["rules", option] => option.starts_with('-'),
        ["rules", ..] => false,
        [first, ..] => is_mode(first),
    }
}

/// Whether the words behind `notice` are files: several are, where one is a file that exists, or each looks like one.
fn are_files(words: &[&str]) -> bool {
    match words {
        [] => false,
        [file] => file.starts_with('-') || is_file(file),
        several => {
            let line: Vec<String> = ["notice"]
                .iter()
                .chain(several)
                .map(|word| (*word).to_owned())
                .collect();
            let is_text = command::begun_notice(&command::line_of(&line)).is_some();
            let may_be_file = |word: &&str| {
                let ending = Path::new(word).extension();
                *word == "-" || ending.is_some_and(|ending| !ending.is_empty()) && is_file(word)
            };
            is_text
                && (several.iter().any(|word| Path::new(word).is_file())
                    || several.iter().all(may_be_file))
        }
    }
}

/// Whether a single word is a file name, existing or not, instead of text. Chinese text has no blanks.
fn is_file(word: &str) -> bool {
    let path = Path::new(word);
    let ending = path.extension().and_then(OsStr::to_str);
    let has_ending = ending.is_some_and(|ending| ending.chars().all(|c| c.is_ascii_alphanumeric()));
    path.is_file() || !word.contains(char::is_whitespace) && (word.is_ascii() || has_ending)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn read(line: &[&str]) -> Vec<String> {
        let args = std::iter::once("warden").chain(line.iter().copied());
        let arranged = arranged(args.map(OsString::from).collect()).unwrap();
        let text = |arg: &OsString| arg.to_string_lossy().into_owned();
        arranged.iter().skip(1).map(text).collect()
    }

    #[rstest]
    #[case(&["todo", "--format", "json"], &["--format", "json", "say", "--", "todo"])]
    #[case(&["--db", "x.db", "todo"], &["--db", "x.db", "say", "--", "todo"])]
    #[case(&["instance", "list", "--db=x.db", "--expiring", "30d"], &["--db=x.db", "say", "--", "instance", "list", "--expiring", "30d"])]
    #[case(&["todo", "--workspace", "7", "--mine"], &["say", "--workspace", "7", "--", "todo", "--mine"])]
    #[case(&["--workspace=7", "changes", "--db", "x.db"], &["--db", "x.db", "say", "--workspace=7", "--", "changes"])]
    #[case(&["audit"], &["say", "--", "audit"])]
    #[case(&["audit", "orders"], &["say", "--", "audit", "orders"])]
    #[case(&["audit", "--since", "7d"], &["say", "--", "audit", "--since", "7d"])]
    #[case(&["import", "undo", "3"], &["say", "--", "import", "undo", "3"])]
    #[case(&["import"], &["say", "--", "import"])]
    #[case(&["notice", "Your instance will go"], &["say", "--", "notice", "Your instance will go"])]
    #[case(&["notice", "您的实例即将释放"], &["say", "--", "notice", "您的实例即将释放"])]
    #[case(&["notice", "Your", "instance.", "It", "goes"], &["say", "--", "notice", "Your", "instance.", "It", "goes"])]
    #[case(&["notice", "a.eml", "says", "released"], &["say", "--", "notice", "a.eml", "says", "released"])]
    #[case(&["notice", "7", "still-there"], &["say", "--", "notice", "7", "still-there"])]
    #[case(&["rules", "--format", "json"], &["--format", "json", "say", "--", "rules"])]
    #[case(&["rules", "--workspace", "7"], &["say", "--workspace", "7", "--", "rules"])]
    #[case(&["help"], &["say", "--", "help"])]
    #[case(&["nonsense"], &["say", "--", "nonsense"])]
    #[case(&["fail", "1", "--reason", "it broke", "--", "--db"], &["say", "--", "fail", "1", "--reason", "it broke", "--db"])]
    fn a_verb_is_said(#[case] line: &[&str], #[case] arranged: &[&str]) {
        assert_eq!(read(line), arranged);
    }

    #[rstest]
    #[case(&[])]
    #[case(&["--version"])]
    #[case(&["audit", "head"])]
    #[case(&["audit", "export", "--format", "csv"])]
    #[case(&["audit", "verify", "--head", "x"])]
    #[case(&["audit", "export", "--workspace", "7"])]
    #[case(&["import", "list.csv", "--workspace", "7"])]
    #[case(&["rules", "--markdown"])]
    #[case(&["import", "-", "--region", "cn-hangzhou"])]
    #[case(&["notice", "-"])]
    #[case(&["notice", "mail.eml"])]
    #[case(&["notice", "one.eml", "two.eml"])]
    #[case(&["notice", "-", "two.eml"])]
    #[case(&["notice", "Cargo.toml", "released"])]
    #[case(&["notice", "通知.eml"])]
    #[case(&["console", "--sandbox"])]
    #[case(&["check-config"])]
    #[case(&["ready"])]
    #[case(&["backup", "copies", "--keep", "7"])]
    #[case(&["restore", "copy.db"])]
    #[case(&["serve", "--init"])]
    #[case(&["--nonsense", "todo"])]
    fn what_is_for_the_process_stays_as_it_is(#[case] line: &[&str]) {
        assert_eq!(read(line), line);
    }

    #[rstest]
    #[case(
        "--nonsense",
        "`warden` has no option `--nonsense`. `warden --help` shows what there is."
    )]
    #[case(
        "backup --kep 3",
        "`warden backup` has no option `--kep`; did you mean `--keep`? `warden backup --help` shows what there is."
    )]
    #[case(
        "--format xml check-config",
        "`--format` is text or json, not `xml`. `warden check-config --help` shows what there is."
    )]
    #[case(
        "backup --keep",
        "`--keep <N>` lacks its value. `warden backup --help` shows what there is."
    )]
    #[case("todo --format", "`--format` lacks its value.")]
    #[case("todo --workspace", "`--workspace` lacks its value.")]
    #[case(
        "restore",
        "`warden restore` lacks `<PATH>`. `warden restore --help` shows what there is."
    )]
    #[case(
        "doctor --repair --repair",
        "`--repair` is given twice. `warden doctor --help` shows what there is."
    )]
    #[case(
        "console --sandbox --db x",
        "`--sandbox` and `--db` do not go together. `warden console --help` shows what there is."
    )]
    #[case(
        "completions tcsh",
        "`<SHELL>` is bash, zsh or fish, not `tcsh`; did you mean `zsh`? `warden completions --help` shows what there is."
    )]
    #[case(
        "ready 5",
        "`warden ready` takes no `5`. `warden ready --help` shows what there is."
    )]
    #[case(
        "audit verify --head",
        "`--head <HEAD>` lacks its value. `warden audit verify --help` shows what there is."
    )]
    fn what_is_wrong_is_said_in_own_words(#[case] line: &str, #[case] words: &str) {
        let args = std::iter::once("warden").chain(line.split(' '));
        match Cli::of(args.map(OsString::from).collect()) {
            Err(Misread::Usage(wrong)) => assert_eq!(wrong.to_string(), words),
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn the_command_line_holds_together() {
        Cli::command().debug_assert();
    }
}
