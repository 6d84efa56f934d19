//! The verbs: their syntax, their kind, and the permission that each needs.

use clap::Subcommand;
use serde::Serialize;

use super::{
    ChangeRef, Import, InstanceRef, SetCommand, SettingsCommand, TargetRef, WordingWord, args,
};
use crate::domain::authority::Permission;
use crate::domain::change::Route;

/// Everything that can be said, whatever the surface.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Command {
    /// Track instances, record what is known of them, and look them up
    #[command(subcommand, before_help = "Instances")]
    Instance(InstanceCommand),
    /// Record the Post-expiration Action that you saw in the console
    #[command(before_help = "Instances", after_help = "action orders downgrade")]
    Action(args::ActionArgs),
    /// Check an intended step against the documented rules; records nothing
    #[command(
        before_help = "Rules",
        after_help = "check upgrade orders\n\
            check unsubscribe cn-hangzhou/orders"
    )]
    Check(args::Check),
    /// Open an upgrade from Standard to Platinum
    #[command(
        before_help = "Edition changes",
        after_help = "upgrade orders\n\
            upgrade orders --reason \"SQL filters are needed\""
    )]
    Upgrade(args::OpenUpgrade),
    /// Open a downgrade from Platinum to Standard, or compare its two routes
    #[command(
        before_help = "Edition changes",
        after_help = "downgrade orders\n\
            downgrade orders --by unsubscribe --reason \"traffic fell\"\n\
            downgrade orders --by expiry --ack fits-standard"
    )]
    Downgrade(args::Downgrade),
    /// Request the permit to unsubscribe
    #[command(before_help = "Edition changes", after_help = "unsubscribe orders")]
    Unsubscribe(args::Unsubscribe),
    /// Show the next allowed step, with its permit where it needs one
    #[command(
        before_help = "Edition changes",
        after_help = "next orders\n\
            next 12"
    )]
    Next(args::Next),
    /// Record that a step is done
    #[command(
        before_help = "Edition changes",
        after_help = "confirm 12\n\
            confirm 12 record-expiry --expires 2027-03-01\n\
            confirm 12 unsubscribe --outside --reason done by hand last night"
    )]
    Confirm(args::Confirm),
    /// Withdraw a confirmation, and those of the steps after it
    #[command(
        before_help = "Edition changes",
        after_help = "reopen 12 set-action --reason that was another instance"
    )]
    Reopen(args::Reopen),
    /// Record that a change failed
    #[command(
        before_help = "Edition changes",
        after_help = "fail 12 --reason the vendor rejected the order"
    )]
    Fail(args::StopArgs),
    /// Cancel a change
    #[command(
        before_help = "Edition changes",
        after_help = "cancel 12 --reason no longer needed"
    )]
    Cancel(args::StopArgs),
    /// Approve the requested step
    #[command(
        before_help = "Approvals",
        after_help = "approve 12\n\
            approve 12 --seen downgrade"
    )]
    Approve(args::Approve),
    /// Reject the requested step; this ends the change
    #[command(
        before_help = "Approvals",
        after_help = "reject 12 --reason not during the sale"
    )]
    Reject(args::Reject),
    /// Revoke your own approval, as long as no permit was given on it
    #[command(before_help = "Approvals", after_help = "revoke 12")]
    Revoke(args::OfChange),
    /// Override missing approvals of an upgrade in an emergency; all approvers are told
    #[command(
        before_help = "Approvals",
        after_help = "break-glass 12 --reason the shop is down --ticket OPS-42"
    )]
    BreakGlass(args::BreakGlass),
    /// List the open work of somebody who leaves; --to hands it over
    #[command(
        before_help = "Edition changes",
        after_help = "handover alice\n\
            handover alice --to bob --reason she moves to another team"
    )]
    Handover(args::HandoverArgs),
    /// Acknowledge reminders (nobody is mentioned any more) or a notice (it is not repeated)
    #[command(
        before_help = "Reminders",
        after_help = "ack orders\n\
            ack notice 7"
    )]
    Ack(args::Acknowledge),
    /// Repeat the last reminder after a while, at the latest when the next one is due
    #[command(before_help = "Reminders", after_help = "snooze orders 12h")]
    Snooze(args::SnoozeArgs),
    /// Show an instance's reminders: planned, sent and skipped
    #[command(before_help = "Reminders", after_help = "reminders orders")]
    Reminders(args::OfInstance),
    /// List open work, worst first: what, by whom, by when, with which command
    #[command(
        before_help = "Reminders",
        after_help = "todo\n\
            todo --mine\n\
            todo --team payments"
    )]
    Todo(args::TodoArgs),
    /// List the open changes
    #[command(
        before_help = "Edition changes",
        after_help = "changes\n\
            changes --all --page 2\n\
            changes --stuck --team payments"
    )]
    Changes(args::Changes),
    /// Show a change with its history
    #[command(before_help = "Edition changes", after_help = "change 12")]
    Change(args::OfChange),
    /// Show every rule that applies to an instance or to a change's next step, with the facts
    #[command(
        before_help = "Rules",
        after_help = "why orders\n\
            why 12"
    )]
    Why(args::WhyArgs),
    /// List the documented rules
    #[command(before_help = "Rules", after_help = "rules")]
    Rules,
    /// Explain one documented rule
    #[command(before_help = "Rules", after_help = "rule action-before-exit")]
    Rule(args::Rule),
    /// Import facts from a listing of the vendor's API (JSON) or from CSV
    #[command(
        before_help = "Instances",
        after_help = "import instances.csv --dry-run\n\
            import - --region cn-hangzhou --complete"
    )]
    Import(Import),
    /// Undo an import, except facts that somebody has recorded since; also `import undo 3`
    #[command(
        name = "import-undo",
        before_help = "Instances",
        after_help = "import-undo 12"
    )]
    ImportUndo(args::ImportUndo),
    /// List the latest imports
    #[command(before_help = "Instances", after_help = "imports")]
    Imports,
    /// Hand in a vendor's notice: it is suppressed if proved redundant, and raised otherwise
    #[command(
        before_help = "Notices",
        after_help = "notice Your instance MQ_INST_1080056302921134_BXuIbML7 will be released on 2027-03-08.\n\
            notice 7 still-there"
    )]
    Notice(args::NoticeArgs),
    /// List the raised notices that nobody has settled; or all that name an instance, with their outcome
    #[command(
        before_help = "Notices",
        after_help = "notices orders\n\
            notices"
    )]
    Notices(args::Notices),
    /// List the suppressed notices, with the proof
    #[command(
        before_help = "Notices",
        after_help = "suppressed\n\
            suppressed --since 30d"
    )]
    Suppressed(args::Suppressed),
    /// Teach what the wording of a raised notice announces, or forget a taught wording
    #[command(
        before_help = "Notices",
        after_help = "wording 7\n\
            wording 7 release --first expiry\n\
            wording 2 forget"
    )]
    Wording(args::TeachWording),
    /// List the taught wordings: by whom, how often used, what they suppress
    #[command(before_help = "Notices", after_help = "wordings")]
    Wordings,
    /// Show who decided what, with the outcome, newest first
    #[command(
        before_help = "Audit",
        after_help = "audit orders\n\
            audit 12\n\
            audit --since 7d --by alice"
    )]
    Audit(args::Audit),
    /// Show or change the settings of this workspace
    #[command(subcommand, before_help = "Settings")]
    Settings(SettingsCommand),
    /// Show the verbs, or explain one
    #[command(
        before_help = "Help",
        after_help = "help\n\
            help instance add"
    )]
    Help(args::Help),
}

/// Verbs about instances themselves.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum InstanceCommand {
    /// Track an instance; the facts given are recorded as yours
    #[command(
        after_help = "instance add MQ_INST_1080056302921134_BXuIbML7 --name orders --region cn-hangzhou --edition platinum --expires 2027-03-01 --action delete"
    )]
    Add(args::AddInstance),
    /// Record facts of an instance; a renewal is a new --expires
    #[command(after_help = "instance set orders --expires 2028-03-01\n\
            instance set orders --auto-renew off --max-tps 4000\n\
            instance set team:payments --auto-renew off")]
    Set(args::SetInstance),
    /// List instances
    #[command(after_help = "instance list --expiring 30d\n\
            instance list --edition platinum --action delete,unknown\n\
            instance list --team payments --sort expires")]
    List(args::ListInstances),
    /// Show an instance's facts, with their age and source
    #[command(after_help = "instance show orders")]
    Show(args::OfInstance),
    /// Stop tracking an instance; its history stays
    #[command(after_help = "instance remove orders --reason moved to another account")]
    Remove(args::Remove),
    /// Record that an instance was deleted at the vendor
    #[command(
        after_help = "instance lost orders --reason \"the vendor's console no longer lists it\""
    )]
    Lost(args::Lose),
}

/// The kind of a command. A new verb does not compile until it is added here.
#[derive(Debug, Clone, Copy)]
pub enum Asked<'a> {
    /// Help, which needs no role.
    Help(&'a args::Help),
    Query(Query<'a>),
    /// A decision in one transaction.
    Decision(Decision<'a>),
    /// Notices, each decided in its own transaction.
    Notice(&'a args::NoticeArgs),
    /// An import of facts from a file, in batches.
    Import,
    /// The undo of an import, in batches.
    ImportUndo(&'a args::ImportUndo),
    /// A list of a person's open work, or its handover, in batches.
    Handover(&'a args::HandoverArgs),
}

/// The read-only commands.
#[derive(Debug, Clone, Copy)]
pub enum Query<'a> {
    ShowInstance(&'a args::OfInstance),
    ListInstances(&'a args::ListInstances),
    Check(&'a args::Check),
    /// A comparison of a downgrade's two routes.
    Routes(&'a InstanceRef),
    /// The next step, without a permit.
    Peek(&'a TargetRef),
    Reminders(&'a args::OfInstance),
    Todo(&'a args::TodoArgs),
    Changes(&'a args::Changes),
    Change(&'a args::OfChange),
    Why(&'a args::WhyArgs),
    Rules,
    Rule(&'a args::Rule),
    Imports,
    Notices(&'a args::Notices),
    Suppressed(&'a args::Suppressed),
    /// The wording of a notice, as it would be taught.
    Wording(u64),
    Wordings,
    Audit(&'a args::Audit),
    Settings,
}

#[derive(Debug, Clone, Copy)]
pub enum Decision<'a> {
    AddInstance(&'a args::AddInstance),
    SetInstance(&'a args::SetInstance),
    RemoveInstance(&'a args::Remove),
    LoseInstance(&'a args::Lose),
    Action(&'a args::ActionArgs),
    Upgrade(&'a args::OpenUpgrade),
    /// A downgrade by a route.
    Downgrade(&'a args::Downgrade, Route),
    Unsubscribe(&'a args::Unsubscribe),
    Next(&'a args::Next),
    Confirm(&'a args::Confirm),
    Reopen(&'a args::Reopen),
    Fail(&'a args::StopArgs),
    Cancel(&'a args::StopArgs),
    Approve(&'a args::Approve),
    Reject(&'a args::Reject),
    Revoke(&'a args::OfChange),
    BreakGlass(&'a args::BreakGlass),
    Ack(&'a args::Acknowledge),
    Snooze(&'a args::SnoozeArgs),
    Wording(&'a args::TeachWording, WordingWord),
    Set(&'a SetCommand),
}

impl Command {
    /// The kind of the command.
    pub const fn asked(&self) -> Asked<'_> {
        use Asked as A;
        use {Decision as D, Query as Q};
        match self {
            Self::Instance(command) => match command {
                InstanceCommand::Add(add) => A::Decision(D::AddInstance(add)),
                InstanceCommand::Set(set) => A::Decision(D::SetInstance(set)),
                InstanceCommand::List(list) => A::Query(Q::ListInstances(list)),
                InstanceCommand::Show(show) => A::Query(Q::ShowInstance(show)),
                InstanceCommand::Remove(remove) => A::Decision(D::RemoveInstance(remove)),
                InstanceCommand::Lost(lose) => A::Decision(D::LoseInstance(lose)),
            },
            Self::Action(action) => A::Decision(D::Action(action)),
            Self::Check(check) => A::Query(Q::Check(check)),
            Self::Upgrade(upgrade) => A::Decision(D::Upgrade(upgrade)),
            Self::Downgrade(downgrade) => match downgrade.by {
                Some(route) => A::Decision(D::Downgrade(downgrade, route)),
                None => A::Query(Q::Routes(&downgrade.instance)),
            },
            Self::Unsubscribe(unsubscribe) => A::Decision(D::Unsubscribe(unsubscribe)),
            Self::Next(next) => A::Decision(D::Next(next)),
            Self::Confirm(confirm) => A::Decision(D::Confirm(confirm)),
            Self::Reopen(reopen) => A::Decision(D::Reopen(reopen)),
            Self::Fail(stop) => A::Decision(D::Fail(stop)),
            Self::Cancel(stop) => A::Decision(D::Cancel(stop)),
            Self::Approve(approve) => A::Decision(D::Approve(approve)),
            Self::Reject(reject) => A::Decision(D::Reject(reject)),
            Self::Revoke(revoke) => A::Decision(D::Revoke(revoke)),
            Self::BreakGlass(emergency_override) => A::Decision(D::BreakGlass(emergency_override)),
            Self::Ack(known) => A::Decision(D::Ack(known)),
            Self::Snooze(snooze) => A::Decision(D::Snooze(snooze)),
            Self::Reminders(of) => A::Query(Q::Reminders(of)),
            Self::Todo(todo) => A::Query(Q::Todo(todo)),
            Self::Changes(changes) => A::Query(Q::Changes(changes)),
            Self::Change(change) => A::Query(Q::Change(change)),
            Self::Why(why) => A::Query(Q::Why(why)),
            Self::Rules => A::Query(Q::Rules),
            Self::Rule(rule) => A::Query(Q::Rule(rule)),
            Self::Import(_) => A::Import,
            Self::ImportUndo(undo) => A::ImportUndo(undo),
            Self::Handover(handover) => A::Handover(handover),
            Self::Imports => A::Query(Q::Imports),
            Self::Notice(notice) => A::Notice(notice),
            Self::Notices(notices) => A::Query(Q::Notices(notices)),
            Self::Suppressed(suppressed) => A::Query(Q::Suppressed(suppressed)),
            Self::Wording(wording) => match wording.what {
                Some(what) => A::Decision(D::Wording(wording, what)),
                None => A::Query(Q::Wording(wording.number)),
            },
            Self::Wordings => A::Query(Q::Wordings),
            Self::Audit(audit) => A::Query(Q::Audit(audit)),
            Self::Settings(SettingsCommand::Show) => A::Query(Q::Settings),
            Self::Settings(SettingsCommand::Set(set)) => A::Decision(D::Set(set)),
            Self::Help(help) => A::Help(help),
        }
    }

    /// Whether it records nothing.
    pub const fn only_reads(&self) -> bool {
        match self.asked() {
            Asked::Help(_) | Asked::Query(_) => true,
            Asked::Handover(it) => it.to.is_none(),
            Asked::Decision(_) | Asked::Notice(_) | Asked::Import | Asked::ImportUndo(_) => false,
        }
    }

    /// The permission that it needs; `None` when it needs no role.
    pub const fn permission(&self) -> Option<Permission> {
        self.asked().permission()
    }

    /// The text by which the most frequent commands name their instance.
    pub fn names_instance(&self) -> Option<&str> {
        let named = match self {
            Self::Check(check) => &check.instance,
            Self::Instance(InstanceCommand::Set(set)) => &set.instance,
            Self::Instance(InstanceCommand::Show(show)) => &show.instance,
            Self::Action(action) => &action.instance,
            Self::Downgrade(downgrade) => &downgrade.instance,
            Self::Upgrade(upgrade) => &upgrade.instance,
            Self::Snooze(snooze) => &snooze.instance,
            Self::Reminders(of) => &of.instance,
            Self::Next(args::Next {
                target: TargetRef::Instance(named),
                ..
            })
            | Self::Why(args::WhyArgs {
                target: TargetRef::Instance(named),
                ..
            }) => named,
            _ => return None,
        };
        Some(named.as_str())
    }

    /// The instance or change that it is about, as it is named.
    pub fn names(&self) -> Option<TargetRef> {
        use {Decision as D, Query as Q};
        let instance = |named: &InstanceRef| Some(TargetRef::Instance(named.clone()));
        let change = |named: ChangeRef| Some(TargetRef::Change(named));
        match self.asked() {
            Asked::Query(query) => match query {
                Q::ShowInstance(of) | Q::Reminders(of) => instance(&of.instance),
                Q::Check(it) => instance(&it.instance),
                Q::Routes(named) => instance(named),
                Q::Peek(target) => Some(target.clone()),
                Q::Change(it) => change(it.change),
                Q::Why(it) => Some(it.target.clone()),
                Q::Notices(it) => it.instance.as_ref().and_then(instance),
                Q::Audit(it) => it.target.clone(),
                Q::ListInstances(_)
                | Q::Todo(_)
                | Q::Changes(_)
                | Q::Rules
                | Q::Rule(_)
                | Q::Imports
                | Q::Suppressed(_)
                | Q::Wording(_)
                | Q::Wordings
                | Q::Settings => None,
            },
            Asked::Decision(decision) => match decision {
                D::SetInstance(it) => instance(&it.instance),
                D::RemoveInstance(it) => instance(&it.instance),
                D::LoseInstance(it) => instance(&it.instance),
                D::Action(it) => instance(&it.instance),
                D::Upgrade(it) => instance(&it.instance),
                D::Downgrade(it, _) => instance(&it.instance),
                D::Unsubscribe(it) => instance(&it.instance),
                D::Snooze(it) => instance(&it.instance),
                D::Ack(it) => it.what.instance().and_then(instance),
                D::Next(it) => Some(it.target.clone()),
                D::Confirm(_)
                | D::Reopen(_)
                | D::Fail(_)
                | D::Cancel(_)
                | D::Approve(_)
                | D::Reject(_)
                | D::Revoke(_)
                | D::BreakGlass(_) => self.names_change().map(TargetRef::Change),
                D::AddInstance(_) | D::Wording(..) | D::Set(_) => None,
            },
            Asked::Help(_)
            | Asked::Notice(_)
            | Asked::Import
            | Asked::ImportUndo(_)
            | Asked::Handover(_) => None,
        }
    }

    /// The change that a decision refers to by number.
    pub const fn names_change(&self) -> Option<ChangeRef> {
        let Asked::Decision(decision) = self.asked() else {
            return None;
        };
        Some(match decision {
            Decision::Confirm(it) => it.change,
            Decision::Reopen(it) => it.change,
            Decision::Fail(it) | Decision::Cancel(it) => it.change,
            Decision::Approve(it) => it.change,
            Decision::Reject(it) => it.change,
            Decision::Revoke(it) => it.change,
            Decision::BreakGlass(it) => it.change,
            Decision::Next(args::Next {
                target: TargetRef::Change(change) | TargetRef::Digits(change, _),
                ..
            }) => *change,
            _ => return None,
        })
    }
}

impl Asked<'_> {
    /// The permission that it needs; `None` when it needs no role.
    pub const fn permission(self) -> Option<Permission> {
        Some(match self {
            Self::Help(_) => return None,
            Self::Query(_) => Permission::Read,
            Self::Decision(decision) => decision.permission(),
            Self::Notice(_) => Permission::FileNotice,
            Self::Import => Permission::Import,
            Self::ImportUndo(_) => Permission::UndoImport,
            Self::Handover(it) if it.to.is_none() => Permission::Read,
            Self::Handover(_) => Permission::HandOver,
        })
    }
}

impl Decision<'_> {
    const fn permission(self) -> Permission {
        match self {
            Self::AddInstance(_) | Self::SetInstance(_) => Permission::Record,
            Self::RemoveInstance(_) => Permission::Remove,
            Self::LoseInstance(_) => Permission::Lose,
            Self::Action(_) => Permission::Attest,
            Self::Upgrade(_) | Self::Downgrade(..) => Permission::Open,
            Self::Unsubscribe(_) | Self::Next(_) => Permission::TakePermit,
            Self::Confirm(_) | Self::Reopen(_) => Permission::Confirm,
            Self::Fail(_) | Self::Cancel(_) => Permission::End,
            Self::Approve(_) | Self::Reject(_) | Self::Revoke(_) => Permission::Approve,
            Self::BreakGlass(_) => Permission::BreakGlass,
            Self::Ack(_) => Permission::Ack,
            Self::Snooze(_) => Permission::Snooze,
            Self::Wording(..) => Permission::Teach,
            Self::Set(_) => Permission::Settings,
        }
    }
}
