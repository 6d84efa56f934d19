//! The arguments of each verb.

use clap::Args;
use serde::Serialize;

use super::value::{import_number, known_or, notice_number, page_number, request_number, word};
use super::{
    Ack, AckTarget, ChangeRef, CheckIntent, Evidence, Facts, InstanceRef, NoticeText, OrUnknown,
    Reason, Span, TargetRef, When, WordingWord, print,
};
use crate::domain::change::{Route, Step};
use crate::domain::id::{InstanceId, InstanceName, Label, Region, TeamName};
use crate::domain::instance::{Edition, InstanceOrder, PostExpirationAction};
use crate::domain::notice::DateRole;
use crate::domain::rules::RuleId;

/// The Post-expiration Action that a person saw.
#[derive(Debug, Clone, PartialEq, Eq, Args, Serialize)]
pub struct ActionArgs {
    /// Name, region/name, full id or commodity id
    pub instance: InstanceRef,
    /// The action that the vendor's console shows
    #[arg(value_parser = word(PostExpirationAction::WORDS))]
    pub action: PostExpirationAction,
}

/// The intent to be judged.
#[derive(Debug, Clone, PartialEq, Eq, Args, Serialize)]
pub struct Check {
    /// The intended step
    #[arg(value_parser = word(CheckIntent::WORDS))]
    pub intent: CheckIntent,
    /// Name, region/name, id, or an unambiguous beginning of one
    pub instance: InstanceRef,
    /// The acknowledgement, if one is needed
    #[command(flatten)]
    #[serde(flatten)]
    pub ack: Ack,
}

/// An upgrade to open.
#[derive(Debug, Clone, PartialEq, Eq, Args, Serialize)]
pub struct OpenUpgrade {
    /// Name, region/name, full id or commodity id
    pub instance: InstanceRef,
    /// The purpose, for those who approve
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<Reason>,
}

/// A downgrade to open, or to look at.
#[derive(Debug, Clone, PartialEq, Eq, Args, Serialize)]
pub struct Downgrade {
    /// Name, region/name, full id or commodity id
    pub instance: InstanceRef,
    /// The route; without it both are compared and nothing is opened
    #[arg(long, value_parser = word(Route::WORDS))]
    pub by: Option<Route>,
    /// The purpose, for those who approve
    #[arg(long, value_name = "TEXT", requires = "by")]
    pub reason: Option<Reason>,
    /// The acknowledgement, if one is needed
    #[command(flatten)]
    #[serde(flatten)]
    pub ack: Ack,
}

/// The permit that is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Args, Serialize)]
pub struct Unsubscribe {
    /// Name, region/name, full id or commodity id
    pub instance: InstanceRef,
    /// The acknowledgement, if one is needed
    #[command(flatten)]
    #[serde(flatten)]
    pub ack: Ack,
}

#[derive(Debug, Clone, PartialEq, Eq, Args, Serialize)]
pub struct Next {
    /// An instance, or a change such as #12
    #[arg(value_name = "INSTANCE|CHANGE")]
    pub target: TargetRef,
    /// The acknowledgement, if one is needed
    #[command(flatten)]
    #[serde(flatten)]
    pub ack: Ack,
}

/// A report that a step was done.
#[derive(Debug, Clone, PartialEq, Eq, Args, Serialize)]
pub struct Confirm {
    /// The change, such as #12
    pub change: ChangeRef,
    /// The step; may be left out for the next one, except for upgrade, unsubscribe and verify-standard
    #[arg(value_parser = word(Step::WORDS))]
    pub step: Option<Step>,
    /// When the new subscription expires (for record-expiry)
    #[arg(long, value_name = "WHEN")]
    pub expires: Option<When>,
    /// A link to the proof
    #[arg(long, value_name = "URL")]
    pub evidence: Option<Evidence>,
    /// It happened without a permit
    #[arg(long, requires = "reason")]
    pub outside: bool,
    /// Why it happened without a permit
    #[arg(long, value_name = "TEXT", requires = "outside")]
    pub reason: Option<Reason>,
    /// Accept a date that looks like a mistake: before the upgrade, more than a year back, or more than six years ahead
    #[arg(long, requires = "expires")]
    pub yes_really: bool,
}

/// A report that a confirmed step was not done after all.
#[derive(Debug, Clone, PartialEq, Eq, Args, Serialize)]
pub struct Reopen {
    /// The change, such as #12
    pub change: ChangeRef,
    /// The step whose confirmation was a mistake
    #[arg(value_parser = word(Step::WORDS))]
    pub step: Step,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub reason: Reason,
}

/// A change that ends, and why.
#[derive(Debug, Clone, PartialEq, Eq, Args, Serialize)]
pub struct StopArgs {
    /// The change, such as #12
    pub change: ChangeRef,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub reason: Reason,
}

#[derive(Debug, Clone, PartialEq, Eq, Args, Serialize)]
pub struct Approve {
    /// The change, such as #12
    pub change: ChangeRef,
    /// The Post-expiration Action that the vendor's console shows: you looked yourself
    #[arg(long, value_parser = word(PostExpirationAction::WORDS))]
    pub seen: Option<PostExpirationAction>,
    /// Only if this is still the current request; buttons set it
    #[arg(long, value_name = "N", value_parser = request_number)]
    pub request: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq, Args, Serialize)]
pub struct Reject {
    /// The change, such as #12
    pub change: ChangeRef,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub reason: Reason,
    /// Only if this is still the current request; buttons set it
    #[arg(long, value_name = "N", value_parser = request_number)]
    pub request: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq, Args, Serialize)]
pub struct OfChange {
    /// The change, such as #12
    pub change: ChangeRef,
}

/// The reason and ticket of an emergency override.
#[derive(Debug, Clone, PartialEq, Eq, Args, Serialize)]
pub struct BreakGlass {
    /// The change, such as #12
    pub change: ChangeRef,
    /// Why it cannot wait
    #[arg(long, value_name = "TEXT")]
    pub reason: Reason,
    /// The ticket for the review afterwards
    #[arg(long)]
    pub ticket: Label,
}

/// The person who leaves, and the person who takes over.
#[derive(Debug, Clone, PartialEq, Eq, Args, Serialize)]
pub struct HandoverArgs {
    /// Who leaves, by id or name
    pub person: Label,
    /// Who takes it over, by id or name
    #[arg(long, value_name = "PERSON")]
    pub to: Option<Label>,
    /// Why
    #[arg(long, value_name = "TEXT", requires = "to")]
    pub reason: Option<Reason>,
    /// Hand it to somebody who has done nothing here so far
    #[arg(long, requires = "to")]
    pub yes_really: bool,
}

/// The subject of an acknowledgement.
#[derive(Debug, Clone, PartialEq, Eq, Args, Serialize)]
pub struct Acknowledge {
    /// The subject that you know of
    #[command(flatten)]
    #[serde(flatten)]
    pub what: AckTarget,
    /// Only if its reminders are still about this expiry; buttons set it
    #[arg(long, value_name = "WHEN", conflicts_with = "number")]
    pub about: Option<When>,
}

/// A snoozed instance, and for how long.
#[derive(Debug, Clone, PartialEq, Eq, Args, Serialize)]
pub struct SnoozeArgs {
    /// Name, region/name, full id or commodity id
    pub instance: InstanceRef,
    /// After how long, such as 12h
    #[arg(value_name = "DURATION")]
    pub span: Span,
    /// Only if its reminders are still about this expiry; buttons set it
    #[arg(long, value_name = "WHEN")]
    pub about: Option<When>,
}

#[derive(Debug, Clone, PartialEq, Eq, Args, Serialize)]
pub struct OfInstance {
    /// Name, region/name, id, or an unambiguous beginning of one
    pub instance: InstanceRef,
}

/// Which part of what is to be done.
#[derive(Debug, Clone, PartialEq, Eq, Args, Serialize)]
pub struct TodoArgs {
    /// Only instances of this team
    #[arg(long)]
    pub team: Option<TeamName>,
    /// Only what you can settle, and what nobody owns
    #[arg(long)]
    pub mine: bool,
    /// Each item separately, however many are alike
    #[arg(long)]
    pub each: bool,
    /// The page, from 1
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = page_number)]
    pub page: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Args, Serialize)]
pub struct Changes {
    /// Include ended changes
    #[arg(long, conflicts_with_all = ["stuck", "team"])]
    pub all: bool,
    /// Only changes in doubt, without an answer, or without progress for three days
    #[arg(long)]
    pub stuck: bool,
    /// Only instances of this team
    #[arg(long)]
    pub team: Option<TeamName>,
    /// The page, from 1
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = page_number)]
    pub page: u32,
}

/// The subject of an explanation.
#[derive(Debug, Clone, PartialEq, Eq, Args, Serialize)]
pub struct WhyArgs {
    /// An instance, or a change such as #12
    #[arg(value_name = "INSTANCE|CHANGE")]
    pub target: TargetRef,
}

#[derive(Debug, Clone, PartialEq, Eq, Args, Serialize)]
pub struct Rule {
    /// Its id, such as action-before-exit
    #[arg(value_parser = word(RuleId::WORDS))]
    pub id: RuleId,
}

/// A file that is taken back.
#[derive(Debug, Clone, PartialEq, Eq, Args, Serialize)]
pub struct ImportUndo {
    /// Its number, as `imports` lists it
    #[arg(value_name = "N", value_parser = import_number)]
    pub number: u64,
}

/// A notice that is handed in.
#[derive(Debug, Clone, PartialEq, Eq, Args, Serialize)]
pub struct NoticeArgs {
    /// Its text, to the end of the line: English or Chinese, plain or JSON. `N still-there` answers notice N, that
    /// something is gone
    #[arg(value_name = "TEXT")]
    pub text: NoticeText,
}

#[derive(Debug, Clone, PartialEq, Eq, Args, Serialize)]
pub struct Notices {
    /// Name, region/name, id, or an unambiguous beginning of one
    pub instance: Option<InstanceRef>,
    /// The page, from 1
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = page_number)]
    pub page: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Args, Serialize)]
pub struct Suppressed {
    /// How far back, such as 30d
    #[arg(long, value_name = "DURATION", default_value = "7d")]
    pub since: Span,
    /// The page, from 1
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = page_number)]
    pub page: u32,
}

/// The meaning of a wording.
#[derive(Debug, Clone, PartialEq, Eq, Args, Serialize)]
pub struct TeachWording {
    /// The number of the notice; to forget, that of the wording, which `wordings` lists
    #[arg(value_name = "N", value_parser = notice_number)]
    pub number: u64,
    /// The kind that it announces, or forget; without it, the wording is shown with its slots
    #[arg(value_parser = word(WordingWord::WORDS))]
    pub what: Option<WordingWord>,
    /// The meaning of its first date
    #[arg(long, requires = "what", value_parser = word(DateRole::WORDS))]
    pub first: Option<DateRole>,
    /// Teach without a second person
    #[arg(long, requires_all = ["what", "reason"])]
    pub alone: bool,
    /// Why no second person agrees
    #[arg(long, value_name = "TEXT", requires = "alone")]
    pub reason: Option<Reason>,
}

/// Which part of the trail.
#[derive(Debug, Clone, PartialEq, Eq, Args, Serialize)]
pub struct Audit {
    /// Only an instance, or a change such as #12
    #[arg(value_name = "INSTANCE|CHANGE")]
    pub target: Option<TargetRef>,
    /// How far back, such as 7d
    #[arg(long, value_name = "DURATION")]
    pub since: Option<Span>,
    /// Only one person, by id or name
    #[arg(long, value_name = "WHO")]
    pub by: Option<Label>,
    /// The page, from 1
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = page_number)]
    pub page: u32,
}

/// The verb to be explained.
#[derive(Debug, Clone, PartialEq, Eq, Args, Serialize)]
pub struct Help {
    /// The verb, such as `instance add`
    pub verb: Vec<String>,
}

/// An instance to track.
#[derive(Debug, Clone, PartialEq, Eq, Args, Serialize)]
pub struct AddInstance {
    /// The full id, MQ_INST_…
    pub id: InstanceId,
    /// Its name, unique in its region
    #[arg(long, value_parser = InstanceName::chosen)]
    pub name: InstanceName,
    /// Its region, such as cn-hangzhou
    #[arg(long)]
    pub region: Region,
    /// Its edition
    #[arg(long, value_parser = word(Edition::WORDS))]
    pub edition: Edition,
    /// Other known facts
    #[command(flatten)]
    #[serde(flatten)]
    pub facts: Facts,
}

/// New values for an instance.
#[derive(Debug, Clone, PartialEq, Eq, Args, Serialize)]
pub struct SetInstance {
    /// Name, region/name or id; several with commas, team:TEAM for its own, or @FILE with one a line
    pub instance: InstanceRef,
    /// Its name, unique in its region
    #[arg(long, value_parser = InstanceName::chosen)]
    pub name: Option<InstanceName>,
    /// Its region, such as cn-hangzhou
    #[arg(long)]
    pub region: Option<Region>,
    /// Its edition
    #[arg(long, value_parser = known_or(Edition::WORDS))]
    #[serde(serialize_with = "print::or_unknown")]
    pub edition: Option<OrUnknown<Edition>>,
    /// Other known facts
    #[command(flatten)]
    #[serde(flatten)]
    pub facts: Facts,
}

#[derive(Debug, Clone, PartialEq, Eq, Args, Serialize)]
pub struct ListInstances {
    /// Only this edition
    #[arg(long, value_parser = word(Edition::WORDS))]
    pub edition: Option<Edition>,
    /// Only those that expire within this time, such as 30d
    #[arg(long, value_name = "DURATION")]
    pub expiring: Option<Span>,
    /// Only these actions, separated by commas
    #[arg(long, value_delimiter = ',', value_parser = known_or(PostExpirationAction::WORDS))]
    #[serde(serialize_with = "print::each_or_unknown")]
    pub action: Vec<OrUnknown<PostExpirationAction>>,
    /// Only this team
    #[arg(long)]
    pub team: Option<TeamName>,
    /// The order: by name, by expiry (the default with --expiring), or by the age of the action, never seen first
    #[arg(long, value_name = "ORDER", value_parser = word(InstanceOrder::WORDS))]
    pub sort: Option<InstanceOrder>,
    /// The page, from 1
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = page_number)]
    pub page: u32,
}

/// An instance that is followed no more.
#[derive(Debug, Clone, PartialEq, Eq, Args, Serialize)]
pub struct Remove {
    /// Name, region/name, full id or commodity id
    pub instance: InstanceRef,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub reason: Reason,
}

/// An instance that was deleted.
#[derive(Debug, Clone, PartialEq, Eq, Args, Serialize)]
pub struct Lose {
    /// Name, region/name, full id or commodity id
    pub instance: InstanceRef,
    /// What happened
    #[arg(long, value_name = "TEXT")]
    pub reason: Reason,
}
