//! The errors that end a command.

use super::{Answer, CannotUndo, ChatItem, NotOfSeveral, Reply};
use crate::command::{ParseError, ValueError, WhenError};
use crate::domain::Timestamp;
use crate::domain::case::AttestError;
use crate::domain::id::{Clash, CommodityId, InstanceName, Namesake, Person, Region, TeamName};
use crate::domain::instance::Instance;
use crate::domain::outcome::Outcome;
use crate::domain::rules::RuleId;
use crate::listing::ListingError;
use crate::store::StoreError;
use crate::trace::short_id;

/// A mistake in a command. Its text also tells how to correct it.
#[derive(Debug)]
pub enum UserError {
    /// The line is not a valid command.
    Parse(ParseError),
    /// A local time that the zone skips or repeats.
    When(WhenError),
    /// No instance has this name or id.
    NoSuchInstance {
        text: String,
        /// The text to type for each similar instance.
        near: Vec<String>,
        exact: bool,
    },
    /// The id of a 5.x instance (rule `series-4x`).
    Series5(String),
    /// An id masked with asterisks.
    Masked(String),
    /// Digits that are both the number of a change and the name of instances.
    NumberOrName {
        number: u64,
        name: String,
        /// The text to type for each of the instances.
        ways: Vec<String>,
    },
    /// Another process has decided on this message.
    DecidedElsewhere,
    /// Several instances match.
    Ambiguous {
        text: String,
        /// Unambiguous text to type for each of them.
        ways: Vec<String>,
        /// Whether more match than these.
        more: bool,
    },
    /// An instance where the number of a change is asked for.
    NotItsChange {
        /// The name of the instance.
        called: String,
        /// The number of its open change.
        open: Option<u64>,
        /// The line to type instead.
        line: Option<String>,
    },
    /// No change has this number.
    NoSuchChange(u64),
    /// `ack notice` without a number.
    WhichNotice,
    /// No notice has this number.
    NoSuchNotice(u64),
    /// The notice is not about a loss.
    NotGone(u64),
    /// The text of a notice is almost the answer to this one.
    MeantAnswer(u64),
    /// The notice says that an instance is gone, which no acknowledgement settles.
    GoneNeedsAnswer(u64),
    /// No wording has this number.
    NoSuchWording(u64),
    /// Another instance has this name, or a similar one.
    NameClash {
        name: InstanceName,
        clash: Clash,
        other: Namesake,
    },
    /// Other tracked instances have this commodity id.
    CommodityTaken {
        id: CommodityId,
        by: Vec<Instance>,
    },
    /// The instance is tracked already.
    AlreadyTracked(Box<Instance>),
    /// The instance is recorded as deleted at the vendor.
    RecordedLost {
        name: InstanceName,
    },
    /// A region that was typed is not on the vendor's list, and no instance is in it.
    UnknownRegion(Region),
    /// The command gives no fact.
    NothingSaid,
    /// There is nothing in a notice.
    EmptyNotice,
    /// No known person has this id or name.
    NoSuchPerson {
        text: String,
        near: Option<String>,
    },
    /// Nobody with the id or name of a successor has done anything here.
    NoSuccessor {
        text: String,
        near: Option<String>,
    },
    /// Several people have this name.
    SeveralPeople {
        text: String,
        people: Vec<Person>,
    },
    /// A handover to the same person.
    HandedToSelf(Person),
    /// The command applies to one instance at a time.
    OneByOne(NotOfSeveral),
    /// Several instances where the command takes one.
    OneAtATime(String),
    /// More instances than one command accepts.
    TooManyAtOnce {
        most: usize,
    },
    /// The team has no tracked instances.
    NoneOfTeam {
        team: String,
    },
    /// A file with names that has none.
    NoneNamed,
    /// An invalid name in a file with names.
    Named(ValueError),
    /// An attestation that contradicts itself or known facts.
    Attest {
        error: AttestError,
        instance: Box<Instance>,
        /// Whether the edition was said with it.
        with_edition: bool,
    },
    /// The queue of commands is full.
    Busy,
    /// The bot does not work in this place.
    NotHere,
    /// The server has no role or channel of this name, or several.
    NoSuchPlace {
        what: ChatItem,
        name: String,
        near: Option<String>,
        several: bool,
    },
    /// The lookup of a channel on the server failed.
    PlaceUnknown,
    /// The bot's role was mentioned instead of the bot.
    RoleMentioned,
    /// The lookup of an approver's Discord roles failed.
    RolesUnknown,
    /// The file of a dry run is no longer kept.
    FileForgotten,
    /// Only the process's own command line reads files.
    NoFilesHere,
    /// `-` means standard input, and nothing is piped in.
    NothingPiped,
    /// `-` among the files of several notices.
    PipedAmongFiles,
    /// Of several words for notices, some are files and some are not.
    NotAllFiles {
        file: String,
        other: String,
    },
    /// The file cannot be read.
    File {
        path: String,
        reason: std::io::ErrorKind,
    },
    /// The file exceeds the size limit.
    FileTooLarge {
        path: String,
        limit_mib: u64,
    },
    /// A notice larger than what is read.
    NoticeTooLarge {
        path: String,
        limit_mib: u64,
    },
    /// A listing that was handed in as a notice.
    ListingAsNotice(String),
    /// The name of a file in the place of a notice's text.
    FileAsNotice(String),
    /// The content of a file is invalid.
    Listing {
        path: String,
        error: ListingError,
    },
    /// The file's facts are dated in the future.
    FutureFacts {
        at: Timestamp,
        from_file: bool,
    },
    /// `--complete` needs the region of the listing.
    CompleteNeedsRegion,
    /// `--complete` covers one region, and rows name others.
    CompleteOtherRegion {
        given: Option<Region>,
        found: Vec<Region>,
    },
    /// `--complete` needs a file that lists every instance of a region.
    CompleteInPart(InPart),
    /// An import cannot be undone.
    CannotUndo {
        number: u64,
        why: CannotUndo,
    },
    /// An invalid directive of the sandbox.
    Directive(DirectiveError),
    /// Input that is not valid text.
    NotText,
    Setting(SettingError),
}

/// The reason why a file does not list every instance of a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InPart {
    /// A list of subscriptions.
    Billing,
    /// Several listings without their regions.
    Listings(usize),
}

/// The reason why a setting is invalid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingError {
    /// `none` together with ids.
    NoneAmongOthers,
    /// `none` as the name of a team.
    NoneIsNoTeam,
    /// The command changes nothing of the team.
    NothingOfTeam { name: TeamName },
    /// No team has this name.
    NoSuchTeam {
        name: TeamName,
        near: Option<String>,
    },
    /// One person alone must not be able to destroy data.
    NeverAlone,
}

impl From<SettingError> for UserError {
    fn from(error: SettingError) -> Self {
        Self::Setting(error)
    }
}

/// The error in a line that starts with `:`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DirectiveError {
    /// Directives exist in the sandbox only.
    SandboxOnly,
    Unknown(String),
    /// `:as` needs a name and known roles.
    As(String),
    /// `:clock` needs a duration or an instant.
    Clock(String),
    /// The clock only moves forward.
    Backwards(Timestamp),
}

/// An error that ends a command early.
#[derive(Debug)]
pub enum Fatal {
    /// A mistake in the command.
    User(UserError),
    /// A failure of the database.
    Store(StoreError),
}

/// The reply to a command, or the error that ended it early.
pub type AnswerResult = Result<Reply, Fatal>;

impl From<UserError> for Fatal {
    fn from(error: UserError) -> Self {
        Self::User(error)
    }
}

impl From<StoreError> for Fatal {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::DecidedElsewhere => Self::User(UserError::DecidedElsewhere),
            error => Self::Store(error),
        }
    }
}

impl From<ParseError> for Fatal {
    fn from(error: ParseError) -> Self {
        Self::User(UserError::Parse(error))
    }
}

/// Logs a failure once; the person is shown the returned id.
pub fn logged(error: &StoreError) -> String {
    let id = short_id();
    tracing::error!(error.id = %id, error = %crate::trace::causes(&error), "a command failed");
    id
}

impl Fatal {
    /// The error as a reply. A failure is logged once, with the id that the person is shown.
    pub fn into_reply(self, now: Timestamp) -> Reply {
        match self {
            Self::User(error) => {
                let rules = error.rules();
                let mut reply = Reply::new(Outcome::Invalid, now, Answer::Unusable(error));
                reply.rules = rules;
                reply
            }
            Self::Store(error) => {
                let id = logged(&error);
                Reply::new(Outcome::Inconclusive, now, Answer::Broken { id, error })
            }
        }
    }
}

impl UserError {
    fn rules(&self) -> Vec<RuleId> {
        match self {
            Self::Parse(error) => error.rules().to_vec(),
            Self::Series5(_) => vec![RuleId::Series4x],
            Self::OneByOne(NotOfSeveral::Action) => vec![RuleId::ActionKnown],
            _ => Vec::new(),
        }
    }
}
