//! Settings: shown, or changed in one transaction with all consequences.

use super::policy::{self, Numbers, numbers};
use super::unit_of_work::UnitOfWork;
use super::workspace::open_of_workspace;
use super::{RequestContext, Settings};
use crate::answer::{Answer, AnswerResult, Keeping, Reply, SettingError, UserError};
use crate::command::{SetCommand, TeamChange, or_none};
use crate::domain::announce::PostContent;
use crate::domain::authority::Role;
use crate::domain::effect::{Post, PostKind};
use crate::domain::id::{RoleId, TeamName};
use crate::domain::instance::Switch;
use crate::domain::nearest::nearest;
use crate::domain::outcome::Outcome;
use crate::domain::setting::{Defaults, Guarded, InEffect, Overrides, Set, Setting};
use crate::domain::team::Team;
use crate::render;
use crate::store::{InstanceFilter, Kind, ScheduleSubject, StoreResult, Tx};

impl RequestContext<'_> {
    /// The settings in force.
    pub(super) async fn show_settings(&self, tx: &mut Tx) -> AnswerResult {
        let base = self.configured.of(&self.actor.workspace).base();
        let settings = base.in_effect(&self.settings.own);
        let open = open_of_workspace(self.settings, tx, self.now).await?;
        Ok(self.info(Answer::Settings {
            settings,
            open,
            is_alone: self.settings.is_alone,
        }))
    }

    /// Changes one setting, with its announcement and the replanning that follows.
    pub(super) async fn set(&self, work: &mut UnitOfWork, command: &SetCommand) -> AnswerResult {
        let setting = self.wanted(command)?;
        let before = self.in_effect(&setting.key());
        let same = before.as_ref().is_some_and(|held| held.setting == setting);
        let keeping = self.keeping(&mut work.tx, &setting).await?;
        let (outcome, set) = if same {
            let held = before.as_ref().and_then(|held| held.set.clone());
            (Outcome::AlreadyDone, held)
        } else {
            let set = Set {
                setting: setting.clone(),
                by: self.actor.person.clone(),
                at: self.now,
            };
            work.tx.put_setting(&set).await?;
            let mut own = self.settings.own.clone();
            own.put(set);
            self.keep_watch(&mut work.tx, &setting).await?;
            work.tx
                .set_due(&ScheduleSubject::Workspace, Some(self.now))
                .await?;
            self.follow_settings(
                &mut work.tx,
                &self.configured.of(&self.actor.workspace).under(own),
            )
            .await?;
            if matches!(setting, Setting::Channel { .. }) {
                self.hasten(&mut work.tx).await?;
            }
            (Outcome::Done, Some((self.actor.person.clone(), self.now)))
        };
        let answer = Answer::Set {
            setting,
            before: before.filter(|_| !same).map(|held| held.setting),
            keeping,
            unchanged: same,
            set,
        };
        Ok(Reply::new(outcome, self.now, answer))
    }

    /// Retries the posts that failed before the channels were set.
    async fn hasten(&self, tx: &mut Tx) -> StoreResult<()> {
        let (first, now) = (
            &self.configured.of(&self.actor.workspace).channels,
            &self.settings.channels,
        );
        for channel in [&first.default, &first.alerts, &now.default, &now.alerts] {
            tx.hasten_queue(channel).await?;
        }
        Ok(())
    }

    /// A channel is read from the moment it is watched.
    async fn keep_watch(&self, tx: &mut Tx, setting: &Setting) -> StoreResult<()> {
        match setting {
            Setting::Watch { channel, sources } if sources.is_empty() => {
                tx.end_watch(channel).await
            }
            Setting::Watch { channel, .. } => tx.begin_watch(channel, self.now).await,
            _ => Ok(()),
        }
    }

    fn in_effect(&self, key: &str) -> Option<InEffect> {
        let base = self.configured.of(&self.actor.workspace).base();
        let all = base.in_effect(&self.settings.own).into_iter();
        all.into_iter().find(|held| held.setting.key() == key)
    }

    /// The setting that a command asks for, validated.
    fn wanted(&self, command: &SetCommand) -> Result<Setting, UserError> {
        Ok(match command.clone() {
            SetCommand::Role { role, roles } => Setting::Role {
                role,
                means: ids(roles)?,
            },
            SetCommand::Team { name, change } => self.team(name, change)?,
            SetCommand::Channel { kind, channel } => Setting::Channel {
                kind,
                channel: or_none(channel),
            },
            SetCommand::Zone { zone } => Setting::Zone { zone },
            SetCommand::QuietHours { hours } => Setting::Quiet { hours },
            SetCommand::Approvals { step, number } => {
                if number == 0 && step == Guarded::Unsubscribe && !self.settings.is_alone {
                    return Err(SettingError::NeverAlone.into());
                }
                Setting::Approvals { step, number }
            }
            SetCommand::Observers { number } => Setting::Observers { number },
            SetCommand::Watch { channel, sources } => Setting::Watch {
                channel,
                sources: ids(sources)?,
            },
            SetCommand::Threads { switch } => Setting::Threads {
                on: switch == Switch::On,
            },
        })
    }

    /// A team after the change; unmentioned fields stay.
    fn team(&self, name: TeamName, change: TeamChange) -> Result<Setting, UserError> {
        let teams = &self.settings.teams;
        if change.remove {
            if !teams.contains_key(&name) {
                let near = nearest(name.as_str(), teams.keys().map(TeamName::as_str));
                return Err(SettingError::NoSuchTeam {
                    near: near.map(str::to_owned),
                    name,
                }
                .into());
            }
            return Ok(Setting::Team { name, team: None });
        }
        if or_none(name.as_str()).is_none() {
            return Err(SettingError::NoneIsNoTeam.into());
        }
        if change == TeamChange::default() {
            return Err(SettingError::NothingOfTeam { name }.into());
        }
        let mut team: Team = teams.get(&name).cloned().unwrap_or_default();
        if let Some(channel) = change.channel {
            team.channel = or_none(channel);
        }
        if let Some(mention) = change.mention {
            team.mention = or_none(mention);
        }
        if !change.members.is_empty() {
            team.members = ids(change.members)?;
        }
        let team = Some(team);
        Ok(Setting::Team { name, team })
    }

    /// The instances that keep the name of a removed team.
    async fn keeping(&self, tx: &mut Tx, setting: &Setting) -> StoreResult<Keeping> {
        let Setting::Team { name, team: None } = setting else {
            return Ok(Keeping::default());
        };
        let filter = InstanceFilter {
            team: Some(name.clone()),
            ..InstanceFilter::default()
        };
        let page = tx.list_instances(&filter, 1).await?;
        Ok(Keeping {
            instances: page.rows.len(),
            more: page.more,
        })
    }

    /// Consequences of a setting: schedules are replanned, and a lowered safeguard is announced in the alerts channel (the former
    /// one, if that is what changed).
    async fn follow_settings(&self, tx: &mut Tx, after: &Settings) -> StoreResult<()> {
        if after.cadence != self.settings.cadence {
            tx.move_all_due(Kind::Instance, None).await?;
            let last = tx.last_digest().await?;
            let digest = after.cadence.digest_from(last, self.now);
            tx.move_all_due(Kind::Digest, Some(digest)).await?;
        }
        let moved = numbers(&after.policy);
        if moved != numbers(&self.settings.policy) {
            tx.set_policy(&policy::written(&moved)?).await?;
        }
        if let Some(message) = self.announced(&moved, after) {
            let decision = tx.audit_head().await?.seq + 1;
            tx.post(&self.announcement(decision, message)).await?;
        }
        Ok(())
    }

    /// The announcement: a lowered safeguard, or a changed policy.
    fn announced(&self, moved: &Numbers, after: &Settings) -> Option<PostContent> {
        let by = self.actor.person.clone();
        let base = self.configured.of(&self.actor.workspace).base();
        let lines = lowered(&base, &self.settings.own, &after.own);
        if !lines.is_empty() {
            return Some(PostContent::SafeguardLowered { by, lines });
        }
        let lines = policy::differences(&numbers(&self.settings.policy), moved);
        let by = Some(by);
        (!lines.is_empty()).then_some(PostContent::PolicyChanged { by, lines })
    }

    fn announcement(&self, decision: u64, message: PostContent) -> Post {
        let alerts = &self.settings.channels.alerts;
        let key = format!("settings:{decision}");
        Post::new(PostKind::Alert, alerts, key, self.now, message.into())
    }
}

/// The ids of a list; `none` stands alone, for the empty list.
fn ids<T: PartialEq + ToString>(all: Vec<T>) -> Result<Vec<T>, UserError> {
    let mut ids: Vec<T> = Vec::new();
    for id in all {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    let is_none = |id: &T| or_none(id.to_string()).is_none();
    match ids.as_slice() {
        [only] if is_none(only) => Ok(Vec::new()),
        all if all.iter().any(is_none) => Err(SettingError::NoneAmongOthers.into()),
        _ => Ok(ids),
    }
}

/// The lowered safeguards, one line each.
fn lowered(base: &Defaults, before: &Overrides, after: &Overrides) -> Vec<String> {
    let was = base.in_effect(before);
    let mut lines = Vec::new();
    for InEffect { setting, .. } in base.in_effect(after) {
        let key = setting.key();
        // A role never mapped and a channel never set have not protected anything yet.
        let by_place = matches!(setting, Setting::Role { .. } | Setting::Channel { .. });
        if by_place && before.get(&key).is_none() {
            continue;
        }
        let was = was.iter().find(|held| held.setting.key() == key);
        if let Some(was) = was.filter(|was| setting.lowers(&was.setting)) {
            lines.push(match (&setting, &was.setting) {
                (Setting::Role { role, means }, Setting::Role { means: had, .. }) => {
                    mapped(*role, had, means)
                }
                (now, was) => render::setting_moved(now, Some(was)),
            });
        }
    }
    lines
}

/// The people who gain a role, and those who lose it.
fn mapped(role: Role, had: &[RoleId], has: &[RoleId]) -> String {
    let named = |ids: &[RoleId], but: &[RoleId]| {
        let ids = ids.iter().filter(|id| !but.contains(id));
        ids.map(RoleId::as_str).collect::<Vec<_>>().join(", ")
    };
    let (new, gone) = (named(has, had), named(had, has));
    match has {
        [] => format!("role {role}: everybody with Manage Server"),
        _ if gone.is_empty() => format!("role {role}: also {new}"),
        _ => format!("role {role}: {}, and no longer {gone}", named(has, &[])),
    }
}
