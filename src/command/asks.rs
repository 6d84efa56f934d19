//! What a command asks for: to be told something, or that something is decided.

use super::{
    ChangeRef, Command, Import, InstanceCommand, InstanceRef, SetCommand, SettingsCommand,
    TargetRef, args,
};
use crate::domain::authority::Permission;
use crate::domain::change::Route;

/// What a command asks for. A new verb does not compile until it is placed here.
#[derive(Debug, Clone, Copy)]
pub enum Asked<'a> {
    /// How something is said, which needs no role.
    Help(&'a args::Help),
    /// To be told something.
    Query(Query<'a>),
    /// That something is decided, in one transaction.
    Decision(Decision<'a>),
    /// That notices are taken, each decided for itself.
    Notice(&'a args::NoticeArgs),
    /// That facts are taken from a file, in batches.
    Import(&'a Import),
    /// That a file is taken back, in batches.
    ImportUndo(&'a args::ImportUndo),
    /// What waits for somebody; or that it is handed over, in batches.
    Handover(&'a args::HandoverArgs),
}

/// What is only looked at.
#[derive(Debug, Clone, Copy)]
pub enum Query<'a> {
    ShowInstance(&'a args::OfInstance),
    ListInstances(&'a args::ListInstances),
    Check(&'a args::Check),
    /// The two routes of a downgrade.
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
    Wordings,
    Audit(&'a args::Audit),
    Settings,
}

/// What is decided.
#[derive(Debug, Clone, Copy)]
pub enum Decision<'a> {
    AddInstance(&'a args::AddInstance),
    SetInstance(&'a args::SetInstance),
    RemoveInstance(&'a args::Remove),
    LoseInstance(&'a args::Lose),
    Action(&'a args::ActionArgs),
    Upgrade(&'a args::ExactInstance),
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
    Wording(&'a args::TeachWording),
    Set(&'a SetCommand),
}

impl Command {
    /// What it asks for.
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
            Self::Import(import) => A::Import(import),
            Self::ImportUndo(undo) => A::ImportUndo(undo),
            Self::Handover(handover) => A::Handover(handover),
            Self::Imports => A::Query(Q::Imports),
            Self::Notice(notice) => A::Notice(notice),
            Self::Notices(notices) => A::Query(Q::Notices(notices)),
            Self::Suppressed(suppressed) => A::Query(Q::Suppressed(suppressed)),
            Self::Wording(wording) => A::Decision(D::Wording(wording)),
            Self::Wordings => A::Query(Q::Wordings),
            Self::Audit(audit) => A::Query(Q::Audit(audit)),
            Self::Settings(SettingsCommand::Show) => A::Query(Q::Settings),
            Self::Settings(SettingsCommand::Set(set)) => A::Decision(D::Set(set)),
            Self::Help(help) => A::Help(help),
        }
    }

    /// What saying this does; `None` for what needs no role.
    pub const fn permission(&self) -> Option<Permission> {
        self.asked().permission()
    }

    /// The change that a decision names by its number.
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
    /// What saying this does; `None` for what needs no role.
    pub const fn permission(self) -> Option<Permission> {
        Some(match self {
            Self::Help(_) => return None,
            Self::Query(_) => Permission::Read,
            Self::Decision(decision) => decision.permission(),
            Self::Notice(_) => Permission::FileNotice,
            Self::Import(_) => Permission::Import,
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
            Self::Wording(_) => Permission::Teach,
            Self::Set(_) => Permission::Settings,
        }
    }
}
