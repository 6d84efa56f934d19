//! The verbs.

use clap::Subcommand;

use super::value::{import_number, notice_number, page_number, request_number, word};
use super::{
    Ack, AckTarget, ChangeRef, CheckIntent, Evidence, Import, InstanceCommand, InstanceRef,
    NoticeText, Reason, SettingsCommand, Span, TargetRef, When, WordingWord,
};
use crate::domain::change::{Route, Step};
use crate::domain::id::Label;
use crate::domain::instance::PostExpirationAction;
use crate::domain::notice::DateRole;
use crate::domain::rules::RuleId;

/// Everything that can be said, whatever the surface.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Track instances, record what is known of them, and look them up
    #[command(subcommand, before_help = "Instances")]
    Instance(InstanceCommand),
    /// Say that you looked, and what the Post-expiration Action is
    #[command(before_help = "Instances")]
    Action {
        /// Name, region/name, full id or commodity id
        instance: InstanceRef,
        /// What the vendor's console shows
        #[arg(value_parser = word(PostExpirationAction::WORDS))]
        action: PostExpirationAction,
    },
    /// Judge an intent by the documented rules, at this moment; writes nothing
    #[command(before_help = "Rules")]
    Check {
        /// What would be done
        #[arg(value_parser = word(CheckIntent::WORDS))]
        intent: CheckIntent,
        /// Name, region/name, id, or an unambiguous beginning of one
        instance: InstanceRef,
        /// The acknowledgement, if one is needed
        #[command(flatten)]
        ack: Ack,
    },
    /// Open an upgrade from Standard to Platinum
    #[command(before_help = "Edition changes")]
    Upgrade {
        /// Name, region/name, full id or commodity id
        instance: InstanceRef,
    },
    /// Open a downgrade from Platinum to Standard, or compare its two routes
    #[command(before_help = "Edition changes")]
    Downgrade {
        /// Name, region/name, full id or commodity id
        instance: InstanceRef,
        /// The route; without it the two are laid side by side and nothing is opened
        #[arg(long, value_parser = word(Route::WORDS))]
        by: Option<Route>,
        /// The acknowledgement, if one is needed
        #[command(flatten)]
        ack: Ack,
    },
    /// Ask for the permit to unsubscribe
    #[command(before_help = "Edition changes")]
    Unsubscribe {
        /// Name, region/name, full id or commodity id
        instance: InstanceRef,
        /// The acknowledgement, if one is needed
        #[command(flatten)]
        ack: Ack,
    },
    /// Show only the next legal step, with its permit where it needs one
    #[command(before_help = "Edition changes")]
    Next {
        /// An instance, or a change such as #12
        #[arg(value_name = "INSTANCE|CHANGE")]
        target: TargetRef,
        /// The acknowledgement, if one is needed
        #[command(flatten)]
        ack: Ack,
    },
    /// Say that a step is done
    #[command(before_help = "Edition changes")]
    Confirm {
        /// The change, such as #12
        change: ChangeRef,
        /// The step; may be left out for the next one, except for upgrade, unsubscribe and verify-standard
        #[arg(value_parser = word(Step::WORDS))]
        step: Option<Step>,
        /// When the new subscription expires (for record-expiry)
        #[arg(long, value_name = "WHEN")]
        expires: Option<When>,
        /// Where the proof is
        #[arg(long, value_name = "URL")]
        evidence: Option<Evidence>,
        /// It happened without a permit
        #[arg(long, requires = "reason")]
        outside: bool,
        /// Why it happened without a permit
        #[arg(long, value_name = "TEXT", requires = "outside")]
        reason: Option<Reason>,
        /// Take a date that looks like a slip: before the upgrade, or more than six years ahead
        #[arg(long, requires = "expires")]
        yes_really: bool,
    },
    /// Take a confirmation back, with the steps after it
    #[command(before_help = "Edition changes")]
    Reopen {
        /// The change, such as #12
        change: ChangeRef,
        /// The step whose confirmation was a mistake
        #[arg(value_parser = word(Step::WORDS))]
        step: Step,
        /// Why
        #[arg(long, value_name = "TEXT")]
        reason: Reason,
    },
    /// Say that a change went wrong
    #[command(before_help = "Edition changes")]
    Fail {
        /// The change, such as #12
        change: ChangeRef,
        /// Why
        #[arg(long, value_name = "TEXT")]
        reason: Reason,
    },
    /// Call a change off
    #[command(before_help = "Edition changes")]
    Cancel {
        /// The change, such as #12
        change: ChangeRef,
        /// Why
        #[arg(long, value_name = "TEXT")]
        reason: Reason,
    },
    /// Approve the step that is asked for
    #[command(before_help = "Approvals")]
    Approve {
        /// The change, such as #12
        change: ChangeRef,
        /// What the vendor's console shows as Post-expiration Action: you looked yourself
        #[arg(long, value_parser = word(PostExpirationAction::WORDS))]
        seen: Option<PostExpirationAction>,
        /// Only if this is still the request that is asked; buttons say it
        #[arg(long, value_name = "N", value_parser = request_number)]
        request: Option<u32>,
    },
    /// Say no: the change ends
    #[command(before_help = "Approvals")]
    Reject {
        /// The change, such as #12
        change: ChangeRef,
        /// Why
        #[arg(long, value_name = "TEXT")]
        reason: Reason,
        /// Only if this is still the request that is asked; buttons say it
        #[arg(long, value_name = "N", value_parser = request_number)]
        request: Option<u32>,
    },
    /// Take your own approval back, as long as no permit was given on it
    #[command(before_help = "Approvals")]
    Revoke {
        /// The change, such as #12
        change: ChangeRef,
    },
    /// Replace missing approvals of an upgrade; everybody who approves is told
    #[command(before_help = "Approvals")]
    BreakGlass {
        /// The change, such as #12
        change: ChangeRef,
        /// Why it cannot wait
        #[arg(long, value_name = "TEXT")]
        reason: Reason,
        /// The ticket that will be looked at afterwards
        #[arg(long)]
        ticket: Label,
    },
    /// Say that you know of reminders (nobody is mentioned any more) or of a notice (it does not come back)
    #[command(before_help = "Reminders")]
    Ack {
        /// What it is that you know of
        #[command(flatten)]
        what: AckTarget,
        /// Only if its reminders are still about this expiry; buttons say it
        #[arg(long, value_name = "WHEN", conflicts_with = "number")]
        about: Option<When>,
    },
    /// Have the last reminder come again after a while, never later than the next one
    #[command(before_help = "Reminders")]
    Snooze {
        /// Name, region/name, id, or an unambiguous beginning of one
        instance: InstanceRef,
        /// After how long, such as 12h
        #[arg(value_name = "DURATION")]
        span: Span,
        /// Only if its reminders are still about this expiry; buttons say it
        #[arg(long, value_name = "WHEN")]
        about: Option<When>,
    },
    /// Show what is planned for an instance, and what was sent or skipped
    #[command(before_help = "Reminders")]
    Reminders {
        /// Name, region/name, id, or an unambiguous beginning of one
        instance: InstanceRef,
    },
    /// List what has to be done, by whom, by when and with which command, the worst first
    #[command(before_help = "Reminders")]
    Todo {
        /// Only of the instances of a team
        #[arg(long)]
        team: Option<Label>,
        /// Only what you can settle, and what nobody owns
        #[arg(long)]
        mine: bool,
        /// Which page, from 1
        #[arg(long, value_name = "N", default_value_t = 1, value_parser = page_number)]
        page: u32,
    },
    /// List the open changes
    #[command(before_help = "Edition changes")]
    Changes {
        /// The ended ones too
        #[arg(long)]
        all: bool,
        /// Which page, from 1
        #[arg(long, value_name = "N", default_value_t = 1, value_parser = page_number)]
        page: u32,
    },
    /// Show a change with its history
    #[command(before_help = "Edition changes")]
    Change {
        /// The change, such as #12
        change: ChangeRef,
    },
    /// Show every rule that applies, with the facts it used
    #[command(before_help = "Rules")]
    Why {
        /// An instance, or a change such as #12
        #[arg(value_name = "INSTANCE|CHANGE")]
        target: TargetRef,
    },
    /// List the documented rules
    #[command(before_help = "Rules")]
    Rules,
    /// Explain one documented rule
    #[command(before_help = "Rules")]
    Rule {
        /// Its id, such as action-before-exit
        #[arg(value_parser = word(RuleId::WORDS))]
        id: RuleId,
    },
    /// Take facts from a listing of the vendor's API (JSON) or from CSV
    #[command(before_help = "Instances")]
    Import(Import),
    /// Take back what a file changed, where nobody has spoken since; `import undo 3` says it too
    #[command(name = "import-undo", before_help = "Instances")]
    ImportUndo {
        /// Its number, as `imports` lists it
        #[arg(value_name = "N", value_parser = import_number)]
        number: u64,
    },
    /// List the files that were taken last
    #[command(before_help = "Instances")]
    Imports,
    /// Hand in a notice of the vendor's: it is suppressed where it is proved to mean nothing, else raised
    #[command(before_help = "Notices")]
    Notice {
        /// What it says, to the end of the line: English or Chinese, plain or JSON. `N still-there` answers notice N, that
        /// something is gone
        #[arg(value_name = "TEXT")]
        text: NoticeText,
    },
    /// List the raised notices that nobody has settled; or those that name an instance, and what became of them
    #[command(before_help = "Notices")]
    Notices {
        /// Name, region/name, id, or an unambiguous beginning of one
        instance: Option<InstanceRef>,
        /// Which page, from 1
        #[arg(long, value_name = "N", default_value_t = 1, value_parser = page_number, conflicts_with = "instance")]
        page: u32,
    },
    /// List what was suppressed, with the proof
    #[command(before_help = "Notices")]
    Suppressed {
        /// Only what came in the last while
        #[arg(long, value_name = "DURATION", default_value = "7d")]
        since: Span,
    },
    /// Teach what a raised notice's text announces, so that its like is understood; or forget what was taught
    #[command(before_help = "Notices")]
    Wording {
        /// The number of the notice; to forget, that of the wording, which `wordings` lists
        #[arg(value_name = "N", value_parser = notice_number)]
        number: u64,
        /// What it announces; or forget
        #[arg(value_parser = word(WordingWord::WORDS))]
        what: WordingWord,
        /// What the first of its dates is
        #[arg(long, value_parser = word(DateRole::WORDS))]
        first: Option<DateRole>,
        /// There is nobody else to agree
        #[arg(long, requires = "reason")]
        alone: bool,
        /// Why it is taught alone
        #[arg(long, value_name = "TEXT", requires = "alone")]
        reason: Option<Reason>,
    },
    /// List the wordings that were taught: by whom, how often they were used, what they suppress
    #[command(before_help = "Notices")]
    Wordings,
    /// Show who decided what, and what came of it, newest first
    #[command(before_help = "Audit")]
    Audit {
        /// Only an instance, or a change such as #12
        #[arg(value_name = "INSTANCE|CHANGE")]
        target: Option<TargetRef>,
        /// Only the last while, such as 7d
        #[arg(long, value_name = "DURATION")]
        since: Option<Span>,
        /// Only one person, by id or name
        #[arg(long, value_name = "WHO")]
        by: Option<Label>,
        /// Which page, from 1
        #[arg(long, value_name = "N", default_value_t = 1, value_parser = page_number)]
        page: u32,
    },
    /// What this workspace decides for itself
    #[command(subcommand, before_help = "Settings")]
    Settings(SettingsCommand),
    /// Show the verbs, or explain one
    #[command(before_help = "Help")]
    Help {
        /// The verb, such as `instance add`
        verb: Vec<String>,
    },
}
