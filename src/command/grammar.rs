//! The verbs.

use clap::Subcommand;
use serde::Serialize;

use super::{Import, InstanceCommand, SettingsCommand, args};

/// Everything that can be said, whatever the surface.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Command {
    /// Track instances, record what is known of them, and look them up
    #[command(subcommand, before_help = "Instances")]
    Instance(InstanceCommand),
    /// Say that you looked, and what the Post-expiration Action is
    #[command(before_help = "Instances")]
    Action(args::ActionArgs),
    /// Judge an intent by the documented rules, at this moment; writes nothing
    #[command(before_help = "Rules")]
    Check(args::Check),
    /// Open an upgrade from Standard to Platinum
    #[command(before_help = "Edition changes")]
    Upgrade(args::ExactInstance),
    /// Open a downgrade from Platinum to Standard, or compare its two routes
    #[command(before_help = "Edition changes")]
    Downgrade(args::Downgrade),
    /// Ask for the permit to unsubscribe
    #[command(before_help = "Edition changes")]
    Unsubscribe(args::Unsubscribe),
    /// Show only the next legal step, with its permit where it needs one
    #[command(before_help = "Edition changes")]
    Next(args::Next),
    /// Say that a step is done
    #[command(before_help = "Edition changes")]
    Confirm(args::Confirm),
    /// Take a confirmation back, with the steps after it
    #[command(before_help = "Edition changes")]
    Reopen(args::Reopen),
    /// Say that a change went wrong
    #[command(before_help = "Edition changes")]
    Fail(args::StopArgs),
    /// Call a change off
    #[command(before_help = "Edition changes")]
    Cancel(args::StopArgs),
    /// Approve the step that is asked for
    #[command(before_help = "Approvals")]
    Approve(args::Approve),
    /// Say no: the change ends
    #[command(before_help = "Approvals")]
    Reject(args::Reject),
    /// Take your own approval back, as long as no permit was given on it
    #[command(before_help = "Approvals")]
    Revoke(args::OfChange),
    /// Replace missing approvals of an upgrade; everybody who approves is told
    #[command(before_help = "Approvals")]
    BreakGlass(args::BreakGlass),
    /// List what waits for somebody who leaves; --to hands it over
    #[command(before_help = "Edition changes")]
    Handover(args::HandoverArgs),
    /// Say that you know of reminders (nobody is mentioned any more) or of a notice (it does not come back)
    #[command(before_help = "Reminders")]
    Ack(args::Acknowledge),
    /// Have the last reminder come again after a while, never later than the next one
    #[command(before_help = "Reminders")]
    Snooze(args::SnoozeArgs),
    /// Show what is planned for an instance, and what was sent or skipped
    #[command(before_help = "Reminders")]
    Reminders(args::OfInstance),
    /// List what has to be done, by whom, by when and with which command, the worst first
    #[command(before_help = "Reminders")]
    Todo(args::TodoArgs),
    /// List the open changes
    #[command(before_help = "Edition changes")]
    Changes(args::Changes),
    /// Show a change with its history
    #[command(before_help = "Edition changes")]
    Change(args::OfChange),
    /// Show every rule that applies, with the facts it used
    #[command(before_help = "Rules")]
    Why(args::WhyArgs),
    /// List the documented rules
    #[command(before_help = "Rules")]
    Rules,
    /// Explain one documented rule
    #[command(before_help = "Rules")]
    Rule(args::Rule),
    /// Take facts from a listing of the vendor's API (JSON) or from CSV
    #[command(before_help = "Instances")]
    Import(Import),
    /// Take back what a file changed, where nobody has spoken since; `import undo 3` says it too
    #[command(name = "import-undo", before_help = "Instances")]
    ImportUndo(args::ImportUndo),
    /// List the files that were taken last
    #[command(before_help = "Instances")]
    Imports,
    /// Hand in a notice of the vendor's: it is suppressed where it is proved to mean nothing, else raised
    #[command(before_help = "Notices")]
    Notice(args::NoticeArgs),
    /// List the raised notices that nobody has settled; or those that name an instance, and what became of them
    #[command(before_help = "Notices")]
    Notices(args::Notices),
    /// List what was suppressed, with the proof
    #[command(before_help = "Notices")]
    Suppressed(args::Suppressed),
    /// Teach what a raised notice's text announces, so that its like is understood; or forget what was taught
    #[command(before_help = "Notices")]
    Wording(args::TeachWording),
    /// List the wordings that were taught: by whom, how often they were used, what they suppress
    #[command(before_help = "Notices")]
    Wordings,
    /// Show who decided what, and what came of it, newest first
    #[command(before_help = "Audit")]
    Audit(args::Audit),
    /// What this workspace decides for itself
    #[command(subcommand, before_help = "Settings")]
    Settings(SettingsCommand),
    /// Show the verbs, or explain one
    #[command(before_help = "Help")]
    Help(args::Help),
}
