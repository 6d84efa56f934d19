//! Arguments shared by several verbs.

use serde::Serialize;

use super::value::{acked_number, count, word};
use super::{InstanceRef, When};
use crate::domain::id::Region;
use crate::domain::rules::RuleId;
use crate::domain::words::words;

/// A value, or `None` for `unknown`.
pub type OrUnknown<T> = Option<T>;

/// An acknowledgement given with the command it lets pass.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::Args, Serialize)]
pub struct Ack {
    /// Accept what this rule warns of
    #[arg(long, value_name = "RULE", value_parser = word(ACKNOWLEDGEABLE))]
    pub ack: Option<RuleId>,
}

const ACKNOWLEDGEABLE: &[(&str, RuleId)] = &[(RuleId::FitsStandard.as_str(), RuleId::FitsStandard)];

words! {
    /// The intents of `check`.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum CheckIntent {
        /// Opening an upgrade.
        Upgrade = "upgrade",
        /// Opening a downgrade by either route.
        Downgrade = "downgrade",
        /// Unsubscribing now.
        Unsubscribe = "unsubscribe",
        /// Letting it expire.
        Expiry = "expiry",
    }
}

/// Taking facts from a file.
#[derive(Debug, Clone, PartialEq, Eq, clap::Args, Serialize)]
pub struct Import {
    /// The file, or - for standard input (in a piped session: the rest of it)
    pub file: String,
    /// The region of rows that name none
    #[arg(long)]
    pub region: Option<Region>,
    /// When the listing was made (default: the file's time)
    #[arg(long, value_name = "WHEN")]
    pub at: Option<When>,
    /// The file lists the whole region: what is missing in it is reported
    #[arg(long)]
    pub complete: bool,
    /// Where the file contradicts recorded facts, take the file's value
    #[arg(long)]
    pub accept: bool,
    /// Accept that this many instances are missing from the file
    #[arg(long, value_name = "N", requires = "complete", value_parser = count)]
    pub accept_missing: Option<u32>,
    /// Show what would change, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Report only changes and problems
    #[arg(long)]
    pub quiet: bool,
    /// Take a --region that is not on the vendor's list
    #[arg(long, requires = "region")]
    pub yes_really: bool,
}

/// The target of an acknowledgement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AckTarget {
    /// The reminders of an instance.
    Instance(InstanceRef),
    /// A notice, by its number.
    Notice(u64),
}

words! {
    /// The meaning taught for a notice's wording, or the removal of a taught one.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum WordingWord {
        /// It announces a release.
        Release = "release",
        /// It announces an expiry.
        Expiry = "expiry",
        /// It announces something else.
        Other = "other",
        /// Forgets a taught wording.
        Forget = "forget",
    }
}

impl AckTarget {
    pub(super) const WHAT: &str = "what";
    pub(super) const NUMBER: &str = "number";
    pub(super) const NOTICE: &str = "notice";

    pub const fn instance(&self) -> Option<&InstanceRef> {
        match self {
            Self::Instance(named) => Some(named),
            Self::Notice(_) => None,
        }
    }

    /// Whether an instance is named by the word that begins `ack notice 7`.
    pub fn is_notice(what: &InstanceRef) -> bool {
        what.as_str().eq_ignore_ascii_case(Self::NOTICE)
    }
}

/// `ack orders`, or `ack notice 7`: without a number, `notice` is the name of an instance.
impl clap::Args for AckTarget {
    fn augment_args(command: clap::Command) -> clap::Command {
        let what = clap::Arg::new(Self::WHAT)
            .help("Name, region/name, full id or commodity id; or `notice`")
            .required(true)
            .value_name("INSTANCE|notice")
            .value_parser(clap::value_parser!(InstanceRef));
        let number = clap::Arg::new(Self::NUMBER)
            .help("The number of a notice, such as 7")
            .value_name("N")
            .value_parser(acked_number);
        command.arg(what).arg(number)
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl clap::FromArgMatches for AckTarget {
    fn from_arg_matches(matches: &clap::ArgMatches) -> Result<Self, clap::Error> {
        use clap::error::ErrorKind::{MissingRequiredArgument, TooManyValues};
        let what = matches.get_one::<InstanceRef>(Self::WHAT).cloned();
        let what = what.ok_or_else(|| clap::Error::new(MissingRequiredArgument))?;
        match matches.get_one::<u64>(Self::NUMBER).copied() {
            None => Ok(Self::Instance(what)),
            Some(number) if Self::is_notice(&what) => Ok(Self::Notice(number)),
            Some(_) => Err(clap::Error::new(TooManyValues)),
        }
    }

    fn update_from_arg_matches(&mut self, matches: &clap::ArgMatches) -> Result<(), clap::Error> {
        *self = <Self as clap::FromArgMatches>::from_arg_matches(matches)?;
        Ok(())
    }
}
