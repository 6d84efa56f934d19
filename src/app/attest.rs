//! Tracking of instances, and attestations.

use std::collections::BTreeSet;

use super::RequestContext;
use super::notice::find_in_raised;
use super::remind::outlook;
use super::resolve::{self, Naming};
use super::unit_of_work::UnitOfWork;
use crate::answer::{Answer, AnswerResult, Fatal, Reply, UserError, Warning};
use crate::command::{Facts, InstanceRef, Reason, args};
use crate::domain::announce::Whom;
use crate::domain::case::{Case, Refusal};
use crate::domain::concern::{Concern, Weight};
use crate::domain::effect::{Post, PostKind};
use crate::domain::event::EventKind;
use crate::domain::id::{Namesake, Region, TeamName, called};
use crate::domain::instance::{Edition, Instance, PostExpirationAction, Switch, Tracking};
use crate::domain::nearest::nearest;
use crate::domain::payload::Payload;
use crate::domain::said::Said;
use crate::render;
use crate::store::Tx;

impl RequestContext<'_> {
    pub(super) async fn add_instance(
        &self,
        work: &mut UnitOfWork,
        add: &args::AddInstance,
    ) -> AnswerResult {
        let args::AddInstance {
            id,
            name,
            region,
            edition,
            facts,
        } = add;
        let mut said = self.said(facts)?;
        said.edition = Some(Some(*edition));
        require_known_region(&mut work.tx, Some(region), said.sure).await?;
        if let Some(held) = work.tx.load_case(id).await? {
            match &held.instance.tracking {
                Tracking::Removed(_) => {}
                Tracking::Lost(_) => {
                    return Err(UserError::RecordedLost {
                        name: held.instance.name,
                    }
                    .into());
                }
                Tracking::Tracked => {
                    return Err(UserError::AlreadyTracked(Box::new(held.instance)).into());
                }
            }
        }
        let mut instance = Instance::new(id.clone(), name.clone(), region.clone());
        instance.described_at = Some(self.now);
        let mut case = Case::new(instance, None);
        let shared = require_free_name(&mut work.tx, &mut case, &said).await?;
        require_free_commodity_id(&mut work.tx, &case, &said).await?;
        case.note_tracked(&self.moment());
        self.attest(&mut case, &said)?;
        let mut warnings = self.warnings(&case, &said);
        let read_as = self.read_as(facts.0.expires.flatten());
        warnings.extend(read_as.map(Warning::ReadAs));
        warnings.extend(shared);
        let instance = case.instance.clone();
        let mut reply = self.keep_recorded(work, case, true, warnings).await?;
        let known = std::slice::from_ref(&instance);
        let gone = find_in_raised(self.settings, work, known, self.now).await?;
        if let Answer::Recorded { warnings, .. } = &mut reply.answer {
            let gone = gone.into_iter();
            warnings.extend(gone.map(|(_, notices)| Warning::CalledGone(notices)));
        }
        Ok(reply)
    }

    pub(super) async fn set_instance(
        &self,
        work: &mut UnitOfWork,
        set: &args::SetInstance,
    ) -> AnswerResult {
        let args::SetInstance {
            instance,
            name,
            region,
            edition,
            facts,
        } = set;
        let mut said = self.said(facts)?;
        said.name.clone_from(name);
        said.region.clone_from(region);
        said.edition = *edition;
        if said.is_empty() {
            return Err(UserError::NothingSaid.into());
        }
        require_known_region(&mut work.tx, region.as_ref(), said.sure).await?;
        let mut case = resolve::instance(&mut work.tx, instance, Naming::Exact).await?;
        if !case.instance.is_tracked() {
            return Ok(Reply::refused(case, Refusal::NotTracked, self.now));
        }
        require_free_commodity_id(&mut work.tx, &case, &said).await?;
        // A request that is renewed for its new name says at once whether another row is called so too.
        let shared = match said.name.is_some() || said.region.is_some() {
            true => require_free_name(&mut work.tx, &mut case, &said).await?,
            false => None,
        };
        let before = case.instance.clone();
        self.attest(&mut case, &said)?;
        let mut warnings = self.warnings(&case, &said);
        let read_as = self.read_as(facts.0.expires.flatten());
        warnings.extend(read_as.map(Warning::ReadAs));
        warnings.extend(shared);
        let after = case.instance.clone();
        let reply = self.keep_recorded(work, case, false, warnings).await?;
        self.end_claims(work, &before, &after).await?;
        Ok(reply)
    }

    pub(super) async fn attest_action(
        &self,
        work: &mut UnitOfWork,
        instance: &InstanceRef,
        action: PostExpirationAction,
    ) -> AnswerResult {
        let said = Said {
            action: Some(Some(action)),
            ..Said::default()
        };
        let mut case = resolve::instance(&mut work.tx, instance, Naming::Exact).await?;
        if !case.instance.is_tracked() {
            return Ok(Reply::refused(case, Refusal::NotTracked, self.now));
        }
        self.attest(&mut case, &said)?;
        let warnings = self.warnings(&case, &said);
        self.keep_recorded(work, case, false, warnings).await
    }

    /// Stops tracking an instance, as lost or on request.
    pub(super) async fn drop_instance(
        &self,
        work: &mut UnitOfWork,
        instance: &InstanceRef,
        reason: &Reason,
        lost: bool,
    ) -> AnswerResult {
        let mut case = resolve::instance(&mut work.tx, instance, Naming::Exact).await?;
        let before = case.instance.clone();
        let was = (!lost && case.instance.is_tracked()).then(|| case.clone());
        let dropped = if lost {
            case.lose(reason.as_str(), &self.moment())
        } else {
            case.remove(reason.as_str(), &self.moment())
        };
        if let Some(was) = was.filter(|_| dropped.is_ok()) {
            self.tell_removed(work, was, reason).await?;
        }
        let after = dropped.is_ok().then(|| case.instance.clone());
        let answer = |case, ()| Answer::Dropped { case };
        let reply = self.keep_or_refuse(work, case, dropped, answer).await?;
        if let Some(after) = after {
            self.end_claims(work, &before, &after).await?;
        }
        Ok(reply)
    }

    /// Tells the people of an instance that is not tracked any more although something of it is open: nothing else does from then
    /// on.
    async fn tell_removed(
        &self,
        work: &mut UnitOfWork,
        mut was: Case,
        reason: &Reason,
    ) -> Result<(), Fatal> {
        let outlook = outlook(self.settings, &mut work.tx, &mut was, self.now).await?;
        let open = outlook.concerns.into_iter();
        let open: Vec<Concern> = open
            .filter(|concern| concern.weight == Weight::Open)
            .collect();
        if open.is_empty() {
            return Ok(());
        }
        let reader = self.settings.reader(self.now);
        let by = &self.actor.person;
        let text = render::concern::removed(&open, &was, by, reason.as_str(), &reader);
        let (id, at) = (&was.instance.id, self.now.timestamp_millis());
        let alerts = self.settings.channels.alerts.clone();
        let places = BTreeSet::from([self.settings.channel_of(&was.instance), alerts]);
        let posts = places.into_iter().map(|channel| {
            let key = format!("removed:{id}:{at}:{channel}");
            Post {
                instances: vec![id.clone()],
                mentions: self.settings.mentions(&Whom::Approvers, &was.instance),
                ..Post::new(
                    PostKind::Alert,
                    &channel,
                    key,
                    self.now,
                    Payload::ready(text.clone()),
                )
            }
        });
        work.tx.post_all(&posts.collect::<Vec<_>>()).await?;
        Ok(())
    }

    fn attest(&self, case: &mut Case, said: &Said) -> Result<(), UserError> {
        case.attest(said, &self.moment())
            .map_err(|error| UserError::Attest {
                error,
                instance: Box::new(case.instance.clone()),
                with_edition: said.edition.is_some(),
            })
    }

    async fn keep_recorded(
        &self,
        work: &mut UnitOfWork,
        case: Case,
        added: bool,
        warnings: Vec<Warning>,
    ) -> AnswerResult {
        let answer = |case, ()| Answer::Recorded {
            case,
            added,
            warnings,
        };
        self.keep_or_refuse(work, case, Ok(()), answer).await
    }

    fn said(&self, facts: &Facts) -> Result<Said, UserError> {
        facts.0.clone().resolve(|when| self.resolve_when(when))
    }

    fn warnings(&self, case: &Case, said: &Said) -> Vec<Warning> {
        let mut warnings = Vec::new();
        let described = case
            .events
            .iter()
            .any(|event| event.kind == EventKind::Tracked);
        if (described || said.region.is_some()) && !case.instance.region.is_known() {
            warnings.push(Warning::UnknownRegion(case.instance.region.clone()));
        }
        if let Some(expires) = said
            .expires
            .flatten()
            .filter(|expires| *expires <= self.now)
        {
            warnings.push(Warning::AlreadyExpired(expires));
        }
        if said.auto_renew.flatten() == Some(Switch::On)
            && let Some(expires) = case.instance.renewal_missed()
        {
            let handle = case.instance.place();
            warnings.push(Warning::RenewsTooLate { handle, expires });
        }
        warnings.extend(self.team_not_called(said.team.as_ref().and_then(Option::as_ref)));
        let standard = said.edition == Some(Some(Edition::Standard));
        if standard && case.instance.edition.is_contradictory() {
            warnings.push(Warning::OneWord {
                handle: case.instance.place(),
                change: case.open_number(),
                again: self.settings.policy.observers <= 1,
            });
        }
        if said.action.flatten().is_some() && case.instance.action_waits_for_edition() {
            let handle = case.instance.place();
            warnings.push(Warning::EditionFirst { handle });
        }
        warnings
    }

    /// The warning about a team by which nobody is called.
    fn team_not_called(&self, team: Option<&TeamName>) -> Option<Warning> {
        let team = team?.clone();
        let teams = &self.settings.teams;
        let held = teams.get(&team);
        if held.is_some_and(|held| held.mention.is_some()) {
            return None;
        }
        Some(Warning::TeamNotCalled {
            near: self.nearest_team(&team),
            described: held.is_some(),
            team,
        })
    }

    /// The warning about a team that is not configured although others are: probably a typo, and nobody could approve as its
    /// member.
    pub(super) fn unknown_team(&self, team: Option<&TeamName>) -> Option<Warning> {
        let team = team?.clone();
        let teams = &self.settings.teams;
        if teams.is_empty() || teams.contains_key(&team) {
            return None;
        }
        let near = self.nearest_team(&team);
        Some(Warning::UnknownTeam { team, near })
    }

    /// Refuses a list of a team that has nothing because no instance is of it: a misspelt name would stay silent for ever.
    /// Where teams are described, [`Self::unknown_team`] says so.
    pub(super) async fn require_team(
        &self,
        tx: &mut Tx,
        team: Option<&TeamName>,
        is_empty: bool,
    ) -> Result<(), Fatal> {
        let Some(team) = team.filter(|_| is_empty) else {
            return Ok(());
        };
        let are_described = !self.settings.teams.is_empty();
        if are_described || tx.seen_of_workspace().await?.named.contains(team) {
            return Ok(());
        }
        let team = team.to_string();
        Err(UserError::NoneOfTeam { team }.into())
    }

    /// The described team whose name is most similar.
    fn nearest_team(&self, team: &TeamName) -> Option<String> {
        let names = self.settings.teams.keys().map(TeamName::as_str);
        nearest(team.as_str(), names).map(str::to_owned)
    }
}

/// Refuses a commodity id that another tracked instance holds.
async fn require_free_commodity_id(tx: &mut Tx, case: &Case, said: &Said) -> Result<(), Fatal> {
    let Some(Some(id)) = &said.commodity_id else {
        return Ok(());
    };
    let claims = tx.commodity_claims(id, Some(&case.instance.id)).await?;
    let holders = tx.load_cases(&claims).await?;
    if holders.is_empty() {
        return Ok(());
    }
    Err(UserError::CommodityTaken {
        id: id.clone(),
        by: holders.into_iter().map(|case| case.instance).collect(),
    }
    .into())
}

/// Refuses a region that is neither on the vendor's list nor that of another instance, unless `--yes-really` is given: it
/// may be misspelt.
pub(super) async fn require_known_region(
    tx: &mut Tx,
    region: Option<&Region>,
    sure: bool,
) -> Result<(), Fatal> {
    let Some(region) = region.filter(|region| !sure && !region.is_known()) else {
        return Ok(());
    };
    let held = tx.regions_of_instances().await?;
    if held.iter().any(|held| held == region.as_str()) {
        return Ok(());
    }
    let region = region.clone();
    Err(UserError::UnknownRegion(region).into())
}

/// Refuses a name that another instance of the region holds; warns of namesakes in other accounts.
async fn require_free_name(
    tx: &mut Tx,
    case: &mut Case,
    said: &Said,
) -> Result<Option<Warning>, Fatal> {
    let id = &case.instance.id;
    let name = said.name.as_ref().unwrap_or(&case.instance.name);
    let region = said.region.as_ref().unwrap_or(&case.instance.region);
    let others = tx.namesakes(name).await?;
    if let Some((clash, other)) = name.clash(id, region, &others) {
        return Err(UserError::NameClash {
            name: name.clone(),
            clash,
            other: other.clone(),
        }
        .into());
    }
    let mut others: Vec<Namesake> = others.into_iter().filter(|other| other.id != *id).collect();
    let alike = others.iter().position(|other| other.name != *name);
    let same = others
        .iter()
        .filter(|other| other.name == *name && other.region == *region);
    let same = same.count();
    let handle = format!("{region}/{}", called(id, name, same > 0));
    case.instance.shares_name = same > 0;
    case.instance.has_twin = others
        .iter()
        .any(|other| other.region == *region || other.id.account() == id.account());
    if let Some(alike) = alike {
        return Ok(Some(Warning::LooksLike(others.swap_remove(alike))));
    }
    Ok((same > 0).then_some(Warning::SharedName {
        handle,
        others: same,
    }))
}
