//! The handover of open work from one person to another: a listing, then one decision per change, in batches.
//!
//! Costs one pass over the open changes and over the acknowledgements, and one look-up of the person's attestations that are still
//! recent.

use std::collections::BTreeMap;

use super::actor::DISCORD;
use super::{RequestContext, finish};
use crate::answer::{
    Answer, AnswerResult, Fatal, HandedOver, HandoverReport, Reply, UserError, logged,
};
use crate::command::{Command, args};
use crate::domain::case::{Case, Handover};
use crate::domain::id::{Person, PersonId};
use crate::domain::nearest::nearest;
use crate::domain::notice::{Stands, Teaching};
use crate::domain::outcome::Outcome;
use crate::store::Tx;

/// Instances per transaction: other writers get their turn in between.
const BATCH: usize = 20;

impl RequestContext<'_> {
    pub(super) async fn handover(
        &self,
        command: &Command,
        asked: &args::HandoverArgs,
    ) -> AnswerResult {
        let (mut report, settings) = {
            let mut tx = self.read().await?;
            let settings = self.settings_in(&mut tx).await?;
            let report = self.by(&settings).survey(&mut tx, asked).await?;
            (report, settings)
        };
        let Some(to) = report.to.clone() else {
            return Ok(settings.read_by(self.info(Answer::Handover(report))));
        };
        let found = std::mem::take(&mut report.all);
        if found.is_empty() && report.words.is_empty() {
            let reply = Reply::new(Outcome::AlreadyDone, self.now, Answer::Handover(report));
            let work = self.begin_once().await?;
            let reply = self.by(&settings).finish(work, command, reply).await?;
            return Ok(settings.read_by(reply));
        }
        let handover = Handover {
            of: &report.of.clone(),
            to: &to,
            reason: asked.reason.as_ref().map(|reason| reason.as_str()),
        };
        // The first batch also voids the person's statements about wordings, and may contain nothing else.
        let batches = std::iter::once(found.chunks(BATCH).next().unwrap_or_default())
            .chain(found.chunks(BATCH).skip(1));
        for (at, batch) in batches.enumerate() {
            let words = if at == 0 { &*report.words } else { &[] };
            let handed = self
                .hand_batch(command, &handover, batch, words, at == 0)
                .await;
            match handed {
                Ok(handed) => report.all.extend(handed),
                Err(Fatal::Store(error)) if at > 0 => {
                    let left = found.len().saturating_sub(at * BATCH);
                    report.left = Some((logged(&error), left));
                    break;
                }
                Err(fatal) => return Err(fatal),
            }
        }
        let outcome = match report.left {
            None => Outcome::Done,
            Some(_) => Outcome::Inconclusive,
        };
        let reply = Reply::new(outcome, self.now, Answer::Handover(report));
        self.meter.decided(reply.outcome, &reply.rules);
        Ok(settings.read_by(reply))
    }

    async fn hand_batch(
        &self,
        command: &Command,
        handover: &Handover<'_>,
        batch: &[HandedOver],
        words: &[Teaching],
        is_first: bool,
    ) -> Result<Vec<HandedOver>, Fatal> {
        let mut work = match is_first {
            true => self.begin_once().await?,
            false => self.begin().await?,
        };
        let settings = self.settings_in(&mut work.tx).await?;
        let context = self.by(&settings);
        let mut handed = Vec::new();
        for one in batch {
            let found = match one.case.open_number() {
                Some(number) => work.tx.load_change_case(number).await?,
                None => work.tx.load_case(&one.case.instance.id).await?,
            };
            let Some(mut case) = found else { continue };
            let mut held = case.hand_over(handover, &context.moment());
            held.acked = one.held.acked;
            if held.is_nothing() {
                continue;
            }
            if held.acked {
                work.tx.end_ack(&case.instance.id).await?;
            }
            work.keep_case(&case).await?;
            handed.push(HandedOver { case, held });
        }
        let mut is_void = false;
        for word in words {
            is_void |= context.void_word(&mut work, word.number).await?;
        }
        if work.is_idle() && !is_void {
            return Ok(handed);
        }
        finish::commit(&settings, work, &self.done(command.to_string())).await?;
        Ok(handed)
    }

    /// The work that waits for a person, or rests on their word.
    async fn survey(
        &self,
        tx: &mut Tx,
        asked: &args::HandoverArgs,
    ) -> Result<HandoverReport, Fatal> {
        let mut open = Vec::new();
        for page in 1.. {
            let listed = tx.list_changes(false, None, page).await?;
            let rows = listed.rows.into_iter().map(|mut case| {
                case.advance(self.policy(), self.now);
                case
            });
            open.extend(rows.filter(|case| case.open_change().is_some()));
            if !listed.more {
                break;
            }
        }
        let mut people = BTreeMap::new();
        for case in &open {
            let each = people_of(case).map(|person| (person.id.clone(), person.clone()));
            people.extend(each);
        }
        let of = self.leaver(tx, asked.person.as_str(), &people).await?;
        let to = match &asked.to {
            Some(to) => {
                let sure = asked.yes_really;
                Some(self.successor(tx, to.as_str(), &people, sure).await?)
            }
            None => None,
        };
        if let Some(to) = to.as_ref().filter(|to| to.id == of.id) {
            return Err(UserError::HandedToSelf(to.clone()).into());
        }
        let limits = self.limits();
        let since = self.now - limits.action_for_unsubscribe.max(limits.action_for_expiry);
        let acked = tx.acked_by(&of).await?;
        let mut touched = tx.touched_by(&of, since).await?;
        touched.extend(acked.iter().cloned());
        touched.sort();
        touched.dedup();
        touched.retain(|id| !open.iter().any(|case| case.instance.id == *id));
        open.extend(tx.load_cases(&touched).await?);
        let held = open.into_iter().map(|case| {
            let mut held = case.held_by(&of);
            held.acked = case.instance.is_tracked() && acked.contains(&case.instance.id);
            HandedOver { case, held }
        });
        let words = tx.wordings().await?.into_iter();
        let words =
            words.filter(|it| it.stands(self.now) == Stands::Asked && it.asked.by.id == of.id);
        Ok(HandoverReport {
            words: words.collect(),
            all: held.filter(|one| !one.held.is_nothing()).collect(),
            of,
            to,
            left: None,
        })
    }

    /// The person who hands over: named by an open change or by the trail.
    async fn leaver(
        &self,
        tx: &mut Tx,
        text: &str,
        people: &BTreeMap<PersonId, Person>,
    ) -> Result<Person, Fatal> {
        let found = known(tx, text, people).await?;
        let near = nearest(text, people.values().map(|person| &*person.name));
        let near = near.map(str::to_owned);
        let named = self.resolved(text);
        let text = named.map_or_else(|| text.to_owned(), |person| person.name.to_string());
        found.ok_or_else(|| UserError::NoSuchPerson { text, near }.into())
    }

    /// The person with this id, if the surface knows the name.
    fn resolved(&self, id: &str) -> Option<&Person> {
        self.actor
            .people
            .iter()
            .find(|person| person.id.as_str() == id)
    }

    /// The successor. The name of somebody who has done nothing here may be a mistake, and nobody would act on the changes: it is
    /// refused without `--yes-really`. On Discord, where people are picked, it is refused in any case.
    async fn successor(
        &self,
        tx: &mut Tx,
        text: &str,
        people: &BTreeMap<PersonId, Person>,
        sure: bool,
    ) -> Result<Person, Fatal> {
        if let Some(person) = known(tx, text, people).await? {
            return Ok(person);
        }
        if let Some(person) = self.resolved(text) {
            return Ok(person.clone());
        }
        if self.actor.person.id.as_str() == text || self.actor.person.name.as_ref() == text {
            return Ok(self.actor.person.clone());
        }
        let is_id = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if sure && (self.actor.surface != DISCORD || is_id) {
            return Ok(Person::known_as(text, text));
        }
        let of_trail = tx.people_of_trail().await?;
        let names = people.values().map(|person| &*person.name);
        let near = nearest(text, names.chain(of_trail.iter().map(String::as_str)));
        let (near, text) = (near.map(str::to_owned), text.to_owned());
        Err(UserError::NoSuccessor { text, near }.into())
    }
}

/// The one person with this id or, failing that, this name.
async fn known(
    tx: &mut Tx,
    text: &str,
    people: &BTreeMap<PersonId, Person>,
) -> Result<Option<Person>, Fatal> {
    if let Some(person) = people.get(text) {
        return Ok(Some(person.clone()));
    }
    let mut found = tx.people_called(text).await?;
    let named = people
        .values()
        .filter(|person| person.name.eq_ignore_ascii_case(text));
    found.extend(named.cloned());
    found.sort_by(|one, other| one.id.cmp(&other.id));
    found.dedup_by(|one, other| one.id == other.id);
    if found.len() > 1 {
        let text = text.to_owned();
        let people = found;
        return Err(UserError::SeveralPeople { text, people }.into());
    }
    Ok(found.pop())
}

/// The people whom the open change of a case names.
fn people_of(case: &Case) -> impl Iterator<Item = &Person> {
    let change = case.open_change();
    let opened = change.map(|change| &change.opened_by);
    let holder = change.and_then(|change| change.permit.as_ref());
    let holder = holder.map(|permit| &permit.holder);
    let request = change.and_then(|change| change.request.as_ref());
    let approved = request
        .into_iter()
        .flat_map(|request| &request.approvals)
        .map(|approval| &approval.by);
    let records = change.into_iter().flat_map(|change| &change.records);
    let confirmed = records.filter_map(|record| record.by.as_ref());
    let seen = case.instance.observations.iter().map(|seen| &seen.by);
    opened
        .into_iter()
        .chain(holder)
        .chain(approved)
        .chain(confirmed)
        .chain(seen)
}
