//! One line for several instances, such as `ack orders,search`: each is decided for itself, in the order in which they are named.
//! Never what the vendor's console shows of an instance: that is looked at, and said, one by one.

use super::{Actor, Warden};
use crate::answer::{Answer, Reply};
use crate::command::{AckTarget, Command, Facts, InstanceCommand, InstanceRef, args};
use crate::domain::authority::Permission;
use crate::domain::outcome::Outcome;

/// What stands between them.
const COMMAS: [char; 3] = [',', '，', '、'];

impl Warden {
    /// The commands that a line stands for; nothing where it names one instance, also one with a comma in its name.
    pub(super) async fn one_by_one(
        &self,
        actor: &Actor,
        command: &Command,
    ) -> Option<Vec<Command>> {
        let named = named(command)?.as_str();
        let parts = named.split(COMMAS).map(str::trim);
        let parts = parts.filter(|part| !part.is_empty());
        let parts: Vec<InstanceRef> = parts.filter_map(|part| part.parse().ok()).collect();
        if parts.len() < 2 || !actor.may(Permission::Read) {
            return None;
        }
        let mut tx = self.store().read(&actor.workspace).await.ok()?;
        let is_one = !tx.find_exact(named).await.ok()?.is_empty();
        (!is_one).then(|| parts.into_iter().map(|part| of(command, part)).collect())
    }
}

/// The instance that a command names which may name several.
fn named(command: &Command) -> Option<&InstanceRef> {
    match command {
        Command::Ack(ack) => match &ack.what {
            AckTarget::Instance(instance) => Some(instance),
            AckTarget::Notice(_) => None,
        },
        Command::Snooze(snooze) => Some(&snooze.instance),
        Command::Instance(InstanceCommand::Set(set)) => {
            is_settled_alike(set).then_some(&set.instance)
        }
        _ => None,
    }
}

/// Whether it says team or channel, and nothing else: that can be true of several.
fn is_settled_alike(set: &args::SetInstance) -> bool {
    let alike = Facts {
        team: set.facts.team.clone(),
        channel: set.facts.channel.clone(),
        ..Facts::default()
    };
    set.name.is_none() && set.region.is_none() && set.edition.is_none() && set.facts == alike
}

/// The same command, of this instance.
fn of(command: &Command, instance: InstanceRef) -> Command {
    let mut command = command.clone();
    match &mut command {
        Command::Ack(ack) => ack.what = AckTarget::Instance(instance),
        Command::Snooze(snooze) => snooze.instance = instance,
        Command::Instance(InstanceCommand::Set(set)) => set.instance = instance,
        _ => {}
    }
    command
}

/// What they come to together: done, unless one of them is not.
pub(super) fn together(replies: Vec<Reply>) -> Option<Reply> {
    let failed = replies.iter().find(|reply| reply.outcome != Outcome::Done);
    let shown = failed.or(replies.last())?;
    let (outcome, at, zone) = (shown.outcome, shown.at, shown.zone);
    Some(Reply {
        zone,
        rules: shown.rules.clone(),
        ..Reply::new(outcome, at, Answer::Several(replies))
    })
}
