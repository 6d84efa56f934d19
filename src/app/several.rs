//! Commands for several instances, such as `ack orders,search`: one decision per instance, in the order of the command. Never for
//! facts from an instance's own page in the console: those are looked up and attested one by one.

use super::{Actor, Warden};
use crate::answer::{Answer, Each, EachReply, Fatal, NotOfSeveral, Reply, UserError};
use crate::command::{AckTarget, COMMAS, Command, FILE, InstanceCommand, InstanceRef, TEAM, args};
use crate::domain::authority::Permission;
use crate::domain::id::TeamName;
use crate::domain::outcome::Outcome;
use crate::domain::said::Said;
use crate::store::{InstanceFilter, StoreError, Tx};

/// The most instances of a command: the requester waits for all the decisions.
const MOST: usize = 500;

/// An instance from a list, with an unambiguous reference to it.
struct NamedOnce {
    shown: String,
    instance: InstanceRef,
}

impl From<InstanceRef> for NamedOnce {
    fn from(instance: InstanceRef) -> Self {
        let shown = instance.as_str().to_owned();
        Self { shown, instance }
    }
}

impl Warden {
    /// The path of the file with names in a command such as `instance set @names.txt`.
    pub async fn file_of_names(&self, actor: &Actor, command: &Command) -> Option<String> {
        let Command::Instance(InstanceCommand::Set(set)) = command else {
            return None;
        };
        let path = set.instance.as_str().strip_prefix(FILE)?;
        if path.is_empty() {
            return None;
        }
        let mut tx = self.store().read(&actor.workspace).await.ok()?;
        let found = tx.find_exact(set.instance.as_str()).await.ok()?;
        found.is_empty().then(|| path.to_owned())
    }

    /// Answers a command for each instance in the text, one per line; blank lines and lines beginning with `#` are skipped.
    pub async fn handle_named(&self, actor: &Actor, command: &Command, text: &str) -> Reply {
        let lines = text
            .lines()
            .map(|line| line.trim_matches(['\u{feff}', ' ', '\t', '\r']));
        let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        let named: Result<Vec<InstanceRef>, _> = lines.map(str::parse).collect();
        match named {
            _ if !may(actor, command) => self.handle_one(actor, command, 0).await,
            Ok(named) => self.each(actor, command, once(named)).await,
            Err(error) => self.misunderstood(UserError::Named(error)),
        }
    }

    /// The answer to a command that names several instances; `None` for one, even with a comma in its name.
    pub(super) async fn handle_several(&self, actor: &Actor, command: &Command) -> Option<Reply> {
        let text = named(command)?.as_str();
        if !may(actor, command) {
            return None;
        }
        match self.several(actor, command, text).await {
            Ok(Some(named)) => Some(self.each(actor, command, named).await),
            Ok(None) => None,
            Err(Fatal::User(error)) => Some(self.misunderstood(error)),
            Err(Fatal::Store(error)) => Some(self.broken(error)),
        }
    }

    async fn several(
        &self,
        actor: &Actor,
        command: &Command,
        text: &str,
    ) -> Result<Option<Vec<NamedOnce>>, Fatal> {
        let is_set = matches!(command, Command::Instance(InstanceCommand::Set(_)));
        let takes_team = is_set || matches!(command, Command::Action(_));
        let team = text.strip_prefix(TEAM).filter(|_| takes_team);
        let parts: Vec<InstanceRef> = text
            .split(COMMAS)
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .filter_map(|part| part.parse().ok())
            .collect();
        let is_file = is_set && text.starts_with(FILE) && text.len() > 1;
        if team.is_none() && !is_file && parts.len() < 2 {
            return Ok(None);
        }
        let mut tx = self.store().read(&actor.workspace).await?;
        if !tx.find_exact(text).await?.is_empty() {
            return Ok(None);
        }
        match team {
            Some(team) => Ok(Some(of_team(&mut tx, team).await?)),
            None if is_file => Err(UserError::NoFilesHere.into()),
            None => Ok(Some(once(parts))),
        }
    }

    /// Decides for each instance. After a failure of the database, the rest is listed and left.
    async fn each(&self, actor: &Actor, command: &Command, named: Vec<NamedOnce>) -> Reply {
        if let Some(error) = refusal(command, named.len()) {
            return self.misunderstood(error);
        }
        let mut each = Each::default();
        let mut rest = named.into_iter().enumerate();
        for (part, NamedOnce { shown, instance }) in rest.by_ref() {
            let reply = self.handle_one(actor, &of(command, instance), part).await;
            let is_broken = reply.is_broken();
            each.replies.push(EachReply { shown, reply });
            if is_broken {
                break;
            }
        }
        each.untried = rest.map(|(_, named)| named.shown).collect();
        let refused = each.replies.iter().find(|one| !one.is_done());
        let Some(shown) = refused.or(each.replies.last()).map(|one| &one.reply) else {
            return self.misunderstood(UserError::NoneNamed);
        };
        let (at, zone, rules) = (shown.at, shown.zone, shown.rules.clone());
        let outcome = match refused {
            Some(one) => one.reply.outcome,
            None => Outcome::Done,
        };
        Reply {
            zone,
            rules,
            ..Reply::new(outcome, at, Answer::Each(each))
        }
    }
}

/// Each instance once, in the order in which they are named first.
fn once(named: Vec<InstanceRef>) -> Vec<NamedOnce> {
    let mut once: Vec<InstanceRef> = Vec::new();
    for one in named {
        if !once.contains(&one) {
            once.push(one);
        }
    }
    once.into_iter().map(NamedOnce::from).collect()
}

/// Whether the person may use the command at all; if not, it is refused once, not per instance.
fn may(actor: &Actor, command: &Command) -> bool {
    let needed = command.permission().unwrap_or(Permission::Read);
    actor.may(Permission::Read) && actor.may(needed)
}

/// The tracked instances of a team, up to one more than the limit.
async fn of_team(tx: &mut Tx, team: &str) -> Result<Vec<NamedOnce>, Fatal> {
    let nobody = || UserError::NoneOfTeam {
        team: team.to_owned(),
    };
    let filter = InstanceFilter {
        team: Some(TeamName::parse(team).map_err(|_| nobody())?),
        ..InstanceFilter::default()
    };
    let mut named = Vec::new();
    for page in 1.. {
        let listed = tx.list_instances(&filter, page).await?;
        for case in listed.rows {
            let id = case.instance.id.to_string();
            let broken = |_| StoreError::damaged("instance", id.clone(), "id");
            named.push(NamedOnce {
                shown: case.instance.place(),
                instance: id.parse().map_err(broken)?,
            });
        }
        if !listed.more || named.len() > MOST {
            break;
        }
    }
    if named.is_empty() {
        return Err(nobody().into());
    }
    Ok(named)
}

/// The instance of a command that accepts several.
const fn named(command: &Command) -> Option<&InstanceRef> {
    match command {
        Command::Ack(ack) => match &ack.what {
            AckTarget::Instance(instance) => Some(instance),
            AckTarget::Notice(_) => None,
        },
        Command::Action(action) => Some(&action.instance),
        Command::Snooze(snooze) => Some(&snooze.instance),
        Command::Instance(InstanceCommand::Set(set)) => Some(&set.instance),
        _ => None,
    }
}

/// The refusal of a command that does not apply to several instances, or to so many.
fn refusal(command: &Command, count: usize) -> Option<UserError> {
    if let Command::Instance(InstanceCommand::Set(set)) = command
        && own_of_each(set).is_none()
        && set.facts.0
            == (Said {
                sure: set.facts.0.sure,
                ..Said::default()
            })
    {
        return Some(UserError::NothingSaid);
    }
    let why = match command {
        Command::Action(_) => Some(NotOfSeveral::Action),
        Command::Instance(InstanceCommand::Set(set)) => own_of_each(set),
        _ => None,
    };
    match why {
        Some(why) => Some(UserError::OneByOne(why)),
        None if count > MOST => Some(UserError::TooManyAtOnce { most: MOST }),
        None => None,
    }
}

/// The argument that belongs to a single instance.
const fn own_of_each(set: &args::SetInstance) -> Option<NotOfSeveral> {
    let args::SetInstance {
        instance: _,
        name,
        region,
        edition,
        facts,
    } = set;
    let Said {
        action,
        commodity_id,
        ..
    } = &facts.0;
    if action.is_some() {
        Some(NotOfSeveral::Action)
    } else if edition.is_some() {
        Some(NotOfSeveral::Edition)
    } else if name.is_some() {
        Some(NotOfSeveral::Name)
    } else if region.is_some() {
        Some(NotOfSeveral::Region)
    } else if commodity_id.is_some() {
        Some(NotOfSeveral::CommodityId)
    } else {
        None
    }
}

/// The command with another instance.
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
