//! Why a command comes to nothing.

use super::{Answer, CannotUndo, ChatItem, InstanceMatch, NotOfSeveral, Reply};
use crate::command::{ParseError, ValueError, WhenError};
use crate::domain::Timestamp;
use crate::domain::case::AttestError;
use crate::domain::id::{Clash, CommodityId, InstanceName, Label, Namesake, Person, Region};
use crate::domain::instance::Instance;
use crate::domain::outcome::Outcome;
use crate::domain::rules::RuleId;
use crate::listing::ListingError;
use crate::store::StoreError;
use crate::trace::short_id;

/// What a person did wrong: shown word for word, with the way out.
#[derive(Debug)]
pub enum UserError {
    /// The line is not a command.
    Parse(ParseError),
    /// A local time without exact meaning.
    When(WhenError),
    /// No instance is called so.
    NoSuchInstance {
        text: String,
        near: Vec<InstanceMatch>,
        exact: bool,
    },
    /// It is the id of a 5.x instance (rule `series-4x`).
    Series5(String),
    /// It is an id masked with asterisks.
    Masked(String),
    /// Digits that are the number of a change and the name of instances.
    NumberOrName {
        number: u64,
        found: Vec<InstanceMatch>,
    },
    /// Another process has decided on this already.
    DecidedElsewhere,
    /// Several instances are called so.
    Ambiguous {
        text: String,
        found: Vec<InstanceMatch>,
    },
    /// No change has this number.
    NoSuchChange(u64),
    /// No notice has this number.
    NoSuchNotice(u64),
    /// A notice does not say that something is gone.
    NotGone(u64),
    /// No wording has this number.
    NoSuchWording(u64),
    /// The name is another instance's, or nearly.
    NameClash {
        name: InstanceName,
        clash: Clash,
        other: Namesake,
    },
    /// The commodity id belongs to other tracked instances.
    CommodityTaken { id: CommodityId, by: Vec<Instance> },
    /// The instance is tracked already.
    AlreadyTracked { name: InstanceName, region: Region },
    /// It was recorded as deleted at the vendor.
    RecordedLost { name: InstanceName },
    /// Nothing was said about the instance.
    NothingSaid,
    /// Nobody is known by that id or name.
    NoSuchPerson { text: String, near: Option<String> },
    /// Several people are called so.
    SeveralPeople { text: String, people: Vec<Person> },
    /// What waits for somebody would be handed to them.
    HandedToSelf(Person),
    /// It cannot be said of several instances at once.
    OneByOne(NotOfSeveral),
    /// More instances are named than are taken at once.
    TooManyAtOnce { most: usize },
    /// No tracked instance is of the team.
    NoneOfTeam { team: String },
    /// A file with names has none.
    NoneNamed,
    /// A line of a file with names cannot name an instance.
    Named(ValueError),
    /// An attestation contradicts itself or what is known.
    Attest {
        error: AttestError,
        name: InstanceName,
    },
    /// Too much waits to be done.
    Busy,
    /// The bot is not meant to work where it was asked.
    NotHere,
    /// The server has no role or channel that is called so, or several.
    NoSuchPlace {
        what: ChatItem,
        name: String,
        near: Option<String>,
        several: bool,
    },
    /// Whether the server has a channel could not be found out.
    PlaceUnknown,
    /// The bot's role was mentioned in the place of the bot.
    RoleMentioned,
    /// Anyone who approved could not be looked up in the chat.
    RolesUnknown,
    /// A file that was tried is not held any more.
    FileForgotten,
    /// Files are read by the process's own command line only.
    NoFilesHere,
    /// `-` stands for what is piped in, and nothing is.
    NothingPiped,
    /// A file cannot be read.
    File {
        path: String,
        reason: std::io::ErrorKind,
    },
    /// A file is larger than is read.
    FileTooLarge { path: String, limit_mib: u64 },
    /// A file's content cannot be used.
    Listing { path: String, error: ListingError },
    /// The file's facts would lie in the future.
    FutureFacts { at: Timestamp, from_file: bool },
    /// `--complete` needs to know which region the file lists.
    CompleteNeedsRegion,
    /// `--complete` speaks of one region, and rows name others.
    CompleteOtherRegion {
        given: Option<Region>,
        found: Vec<Region>,
    },
    /// `--complete` needs a file that surely lists every instance of a region.
    CompleteInPart(InPart),
    /// A file cannot be taken back.
    CannotUndo { number: u64, why: CannotUndo },
    /// A directive of the sandbox cannot be used.
    Directive(DirectiveError),
    /// A line of input is not text.
    NotText,
    /// Something cannot be set so.
    Setting(SettingError),
}

/// Why a file cannot list every instance of a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InPart {
    /// It lists subscriptions.
    Billing,
    /// It holds several listings, and does not say which region each is of.
    Listings(usize),
}

/// Why something cannot be set so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingError {
    /// `none` stands among others.
    NoneAmongOthers,
    /// Nothing was said of the team.
    NothingOfTeam { name: Label },
    /// No team is called so.
    NoSuchTeam { name: Label, near: Option<String> },
    /// One person must not be able to destroy data.
    NeverAlone,
}

impl From<SettingError> for UserError {
    fn from(error: SettingError) -> Self {
        Self::Setting(error)
    }
}

/// What is wrong with a line that starts with `:`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DirectiveError {
    /// Directives exist in the sandbox only.
    SandboxOnly,
    /// There is no such directive.
    Unknown(String),
    /// `:as` needs a name and known roles.
    As(String),
    /// `:clock` needs a duration or an instant.
    Clock(String),
    /// The clock only moves forward.
    Backwards(Timestamp),
}

/// Why a command ended early.
#[derive(Debug)]
pub enum Fatal {
    /// The person's doing.
    User(UserError),
    /// Ours.
    Store(StoreError),
}

impl From<UserError> for Fatal {
    fn from(error: UserError) -> Self {
        Self::User(error)
    }
}

impl From<StoreError> for Fatal {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<ParseError> for Fatal {
    fn from(error: ParseError) -> Self {
        Self::User(UserError::Parse(error))
    }
}

/// Logs what broke, once. The person sees the id.
pub fn logged(error: &StoreError) -> String {
    let id = short_id();
    tracing::error!(error.id = %id, error = ?error, "a command failed");
    id
}

impl Fatal {
    /// As an answer. What broke is logged once, with the id that the person sees.
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
