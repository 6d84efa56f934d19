//! Notices of the vendor's: taken, judged, and looked at again when facts move or time passes.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use sha2::{Digest, Sha256};

use super::announce::payload;
use super::resolve::{self, Naming};
use super::wake::{AGAIN, by_time};
use super::work::Work;
use super::{Actor, Desk, Settings, Warden};
use crate::answer::{Answer, Fatal, Found, Reply, UserError};
use crate::command::{InstanceRef, Span};
use crate::domain::Timestamp;
use crate::domain::announce::{Message, Whom};
use crate::domain::audit::AuditEntry;
use crate::domain::authority::{Deed, Role};
use crate::domain::effect::{Mention, Post, PostKind};
use crate::domain::event::{EventKind, FactValue};
use crate::domain::id::{CommodityId, InstanceId};
use crate::domain::instance::{Edition, Instance};
use crate::domain::notice::{
    Exit, Filed, HANDLED_WITHIN, NoticeVerdict, Read, Settlement, Standing, Turn,
};
use crate::domain::outcome::Outcome;
use crate::domain::rules::{FactKind, RuleId};
use crate::render::{self, Reader};
use crate::store::{OutboxRow, StoreError, Tx};

/// How much of a notice's text is kept, in characters.
const KEPT_CHARS: usize = 4_000;
/// How much of it the audit trail shows.
const SAID_CHARS: usize = 200;
/// How far back the expiry before an exit is looked for, in events of the instance.
const HISTORY: u32 = 200;
/// How many notices of an instance a view shows.
const SHOWN: u32 = 50;
const PLATINUM: FactValue = FactValue::Edition(Edition::Platinum);
/// How near the deadline is when people are called out of their quiet hours.
const URGENT: TimeDelta = TimeDelta::hours(48);

/// A notice as it comes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incoming {
    /// What it says: English or Chinese, plain or the vendor's JSON.
    pub text: String,
    /// What it came through, such as `console`, `mail` or the name a relay goes by.
    pub source: String,
    /// What its source calls it: one that came before is answered as it was then.
    pub id: Option<String>,
}

/// What a notice came to.
pub(super) enum Decided {
    /// It had come before.
    Before(Reply),
    /// It was judged at this moment.
    Now(Reply),
}

impl Incoming {
    /// What somebody typed or pasted.
    pub(super) fn said(actor: &Actor, text: &str) -> Self {
        Self {
            text: text.to_owned(),
            source: actor.surface.to_owned(),
            id: actor.message.clone(),
        }
    }

    pub(super) fn in_the_trail(&self) -> String {
        let words = self.text.split_whitespace().collect::<Vec<_>>().join(" ");
        let short: String = words.chars().take(SAID_CHARS).collect();
        let more = if words.chars().nth(SAID_CHARS).is_some() {
            "…"
        } else {
            ""
        };
        format!("notice \"{short}{more}\"")
    }
}

impl Desk<'_> {
    pub(super) async fn take_notice(&self, incoming: &Incoming) -> Result<Reply, Fatal> {
        let said = incoming.in_the_trail();
        if !self.actor.may(Deed::FileNotice) {
            return self.deny_said(said, Deed::FileNotice).await;
        }
        let mut work = self.begin().await?;
        let settings = self.settings_in(&mut work).await?;
        let desk = self.by(&settings);
        let reply = match desk.decide_notice(&mut work, incoming).await? {
            Decided::Before(reply) => reply,
            Decided::Now(reply) => desk.finish_notice(work, said, reply).await?,
        };
        Ok(settings.read_by(reply))
    }

    /// Judges a notice within a decision; one that came before is answered as it was then.
    pub(super) async fn decide_notice(
        &self,
        work: &mut Work,
        incoming: &Incoming,
    ) -> Result<Decided, Fatal> {
        if let Some(id) = &incoming.id
            && let Some(filed) = work.notice_of(&incoming.source, id).await?
        {
            let known = instances(work, self.settings, &filed.instances, self.now).await?;
            return Ok(Decided::Before(self.taken(filed, known, Vec::new())));
        }
        let (filed, known, near) = self.file(work, incoming).await?;
        Ok(Decided::Now(self.taken(filed, known, near)))
    }

    /// Commits what a notice came to.
    pub(super) async fn finish_notice(
        &self,
        work: Work,
        said: String,
        reply: Reply,
    ) -> Result<Reply, Fatal> {
        let reply = self.finish_said(work, said, reply).await?;
        if let Answer::NoticeTaken { filed, .. } = &reply.answer
            && filed.first == Standing::Suppressed
        {
            self.meter.suppressed(filed.verdict);
        }
        Ok(reply)
    }

    async fn file(
        &self,
        work: &mut Work,
        incoming: &Incoming,
    ) -> Result<(Filed, Vec<Instance>, Vec<Found>), Fatal> {
        let zone = self.settings.vendor_zone;
        let read = Read::of(&incoming.text, &self.settings.patterns, zone, self.now);
        let known = self.named(work, &read).await?;
        let near = suggested(work, &read, &known).await?;
        let exit = match known.as_slice() {
            [one] => exit_of(work, &one.id).await?,
            _ => None,
        };
        let likeness = likeness(&read, &incoming.text);
        let mut filed = Filed {
            number: work.next_notice_number().await?,
            text: incoming.text.chars().take(KEPT_CHARS).collect(),
            source: incoming.source.clone(),
            external: incoming.id.clone(),
            received: self.now,
            by: self.actor.person.clone(),
            first: Standing::Raised,
            standing: Standing::Raised,
            verdict: NoticeVerdict::NoProof,
            because: None,
            proof: None,
            instances: known.iter().map(|known| known.id.clone()).collect(),
            duplicates: 0,
            told: 0,
            raised: None,
            settled: None,
            next: None,
            read,
        };
        filed.judge(&known, exit, self.limits());
        let handled = self.now - HANDLED_WITHIN;
        let like = work.notice_like(&likeness, handled).await?;
        match like.filter(|like| like.is_judged_like(&filed)) {
            Some(mut original) => {
                filed.duplicate(original.number);
                original.duplicates = original.duplicates.saturating_add(1);
                work.save_notice(&original).await?;
            }
            None if filed.is_raised() => {
                tell(self.settings, work, &filed, &known, self.now).await?
            }
            None => {}
        }
        work.file_notice(&filed, &likeness).await?;
        Ok((filed, known, near))
    }

    /// The known instances that a notice names by id; a commodity id that several have names none.
    async fn named(&self, work: &mut Work, read: &Read) -> Result<Vec<Instance>, StoreError> {
        let mut ids: Vec<InstanceId> = Vec::new();
        for written in &read.ids {
            let id = match InstanceId::parse(written) {
                Ok(id) => work.load_case(&id).await?.map(|_| id),
                Err(_) => of_commodity(work, written).await?,
            };
            ids.extend(id.filter(|id| !ids.contains(id)));
        }
        instances(work, self.settings, &ids, self.now).await
    }

    fn taken(&self, filed: Filed, known: Vec<Instance>, near: Vec<Found>) -> Reply {
        let outcome = match filed.first {
            Standing::Suppressed => Outcome::Suppressed,
            Standing::Raised => Outcome::Raised,
            Standing::Duplicate(_) => Outcome::Duplicate,
        };
        let redundant = filed.verdict.is_redundant();
        let answer = Answer::NoticeTaken {
            filed: Box::new(filed),
            known,
            near,
        };
        let mut reply = Reply::new(outcome, self.now, answer);
        if redundant {
            reply.rules.push(RuleId::ReleaseNoticeRedundant);
        }
        reply
    }

    pub(super) async fn list_notices(&self, instance: &InstanceRef) -> Result<Reply, Fatal> {
        let mut tx = self.read().await?;
        let case = resolve::instance(&mut tx, instance, Naming::Beginning).await?;
        let all = tx.notices_of(&case.instance.id, SHOWN).await?;
        let case = Box::new(case);
        Ok(self.info(Answer::Notices { case, all }))
    }

    pub(super) async fn list_suppressed(&self, since: Span) -> Result<Reply, Fatal> {
        let since = self.now - since.0;
        let page = self.read().await?.suppressed(since).await?;
        Ok(self.info(Answer::Suppressed { page, since }))
    }

    /// Takes note of a notice that was raised.
    pub(super) async fn ack_notice(&self, work: &mut Work, number: u64) -> Result<Reply, Fatal> {
        let filed = work.notice(number).await?;
        let mut filed = filed.ok_or(UserError::NoSuchNotice(number))?;
        let anew = filed.is_raised();
        if anew {
            filed.settle(Settlement::Acknowledged, Some(&self.actor.person), self.now);
            work.save_notice(&filed).await?;
        }
        let outcome = if anew {
            Outcome::Done
        } else {
            Outcome::AlreadyDone
        };
        let filed = Box::new(filed);
        Ok(Reply::new(
            outcome,
            self.now,
            Answer::NoticeAcked { filed, anew },
        ))
    }
}

impl Warden {
    /// Looks at one notice, of any workspace, that is due; `false` when none is.
    pub(super) async fn notice_due(&self, now: Timestamp) -> Result<bool, StoreError> {
        let Some((workspace, number)) = self.store.notice_due(now).await? else {
            return Ok(false);
        };
        let mut tx = self.store.write(&workspace).await?;
        match self.look_at(&mut tx, number, now).await {
            // What is damaged in one notice must not keep the others waiting.
            Err(error @ StoreError::Damaged { .. }) => {
                tracing::error!(notice.id = number, error = ?error, "a notice cannot be read");
                drop(tx);
                tx = self.store.write(&workspace).await?;
                tx.postpone_notice(number, now + AGAIN).await?;
            }
            looked => looked?,
        }
        tx.commit().await?;
        Ok(true)
    }

    async fn look_at(&self, tx: &mut Tx, number: u64, now: Timestamp) -> Result<(), StoreError> {
        let settings = self.settings_in(tx).await?;
        look(&settings, tx, number, &by_time(now)).await
    }

    /// What is said of a notice that is raised, or why nothing is.
    pub(super) async fn notice_words(
        &self,
        row: &OutboxRow,
        number: u64,
        reader: &Reader,
    ) -> Result<Result<String, String>, StoreError> {
        let mut tx = self.store.read(&row.workspace).await?;
        let Some(filed) = tx.notice(number).await? else {
            return Ok(Err("the notice is not there any more".to_owned()));
        };
        if !filed.is_raised() {
            return Ok(Err("the notice is settled".to_owned()));
        }
        let settings = self.settings_in(&mut tx).await?;
        let known = instances(&mut tx, &settings, &filed.instances, reader.now).await?;
        let near = suggested(&mut tx, &filed.read, &known).await?;
        Ok(Ok(render::notice::raised(&filed, &known, &near, reader)))
    }
}

/// Looks again at the notices that facts of an instance may change. Belongs into the transaction that saves the facts.
pub(super) async fn look_after_facts(
    settings: &Settings,
    tx: &mut Tx,
    id: &InstanceId,
    decision: &AuditEntry,
) -> Result<(), StoreError> {
    for number in tx.open_notices(id).await? {
        look(settings, tx, number, decision).await?;
    }
    Ok(())
}

/// Looks at one notice with the facts of this moment, and carries out what comes of it.
async fn look(
    settings: &Settings,
    tx: &mut Tx,
    number: u64,
    decision: &AuditEntry,
) -> Result<(), StoreError> {
    let now = decision.at;
    let Some(mut filed) = tx.notice(number).await? else {
        return Ok(());
    };
    let known = instances(tx, settings, &filed.instances, now).await?;
    let turn = filed.look(&known, &settings.policy.limits, now);
    tx.save_notice(&filed).await?;
    let Some(turn) = turn else {
        return Ok(());
    };
    if turn.tells() {
        tell(settings, tx, &filed, &known, now).await?;
    }
    let why = match turn {
        Turn::Raised(because) => because.as_str(),
        Turn::Settled(how) => how.as_str(),
        Turn::Quieted => filed.verdict.as_str(),
        Turn::Returned => "still raised",
    };
    let entry = AuditEntry {
        said: format!("notice {number}"),
        outcome: turn.as_str().to_owned(),
        rules: match turn {
            Turn::Quieted | Turn::Settled(Settlement::Converted) => {
                vec![RuleId::ReleaseNoticeRedundant]
            }
            Turn::Raised(_) | Turn::Returned | Turn::Settled(_) => Vec::new(),
        },
        instance: filed.instances.first().cloned(),
        change: None,
        events: Vec::new(),
        detail: Some(why.to_owned()),
        ..decision.clone()
    };
    tx.append_audit(&entry, settings.audit_key.as_ref()).await
}

/// The instances with these ids, as they are at this moment.
pub(super) async fn instances(
    tx: &mut Tx,
    settings: &Settings,
    ids: &[InstanceId],
    now: Timestamp,
) -> Result<Vec<Instance>, StoreError> {
    let mut found = Vec::new();
    for id in ids {
        if let Some(mut case) = tx.load_case(id).await? {
            case.advance(&settings.policy, now);
            found.push(case.instance);
        }
    }
    Ok(found)
}

async fn of_commodity(tx: &mut Tx, written: &str) -> Result<Option<InstanceId>, StoreError> {
    let Ok(commodity) = CommodityId::parse(written) else {
        return Ok(None);
    };
    let mut having = Vec::new();
    for found in tx.find_exact(written).await? {
        let case = tx.load_case(&found.id).await?;
        // An instance may be called so.
        let has = |instance: &Instance| instance.commodity_id.value() == Some(&commodity);
        having.extend(case.filter(|case| has(&case.instance)).map(|_| found.id));
    }
    Ok(match having.as_slice() {
        [one] => Some(one.clone()),
        _ => None,
    })
}

/// The instances that a notice's names suggest, where it names none by id.
async fn suggested(tx: &mut Tx, read: &Read, known: &[Instance]) -> Result<Vec<Found>, StoreError> {
    let mut near: Vec<Found> = Vec::new();
    if known.is_empty() {
        for name in read.names.iter().take(3) {
            let found = tx.find_exact(name).await?;
            near.extend(found);
        }
    }
    near.truncate(3);
    Ok(near)
}

/// The subscription that an instance has left, as its history tells.
pub(super) async fn exit_of(tx: &mut Tx, id: &InstanceId) -> Result<Option<Exit>, StoreError> {
    let history = tx.instance_history(id, HISTORY).await?;
    let was_platinum = history.iter().any(|event| match &event.kind {
        EventKind::Moved { from, to, .. } => [from, to].contains(&&PLATINUM),
        _ => false,
    });
    let expired = history.iter().rev().find_map(|event| match &event.kind {
        EventKind::Moved {
            fact: FactKind::Expires,
            from: FactValue::At(expired),
            ..
        } => Some(*expired),
        _ => None,
    });
    Ok(was_platinum.then_some(Exit { expired }))
}

/// What a notice that says the same has too: kind, ids as written and dates; without an id the text.
fn likeness(read: &Read, text: &str) -> String {
    let mut ids = read.ids.clone();
    ids.sort_unstable();
    let said = if ids.is_empty() {
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    } else {
        format!("{ids:?} {:?}", read.dates)
    };
    let digest = Sha256::new()
        .chain_update(read.kind.as_str())
        .chain_update([0])
        .chain_update(said);
    hex::encode(digest.finalize())
}

/// When people are called by a notice that is posted now: at once, but in quiet hours, which last until `quiet_until`,
/// only if the deadline is near or not known.
fn mentions_now(
    deadline: Option<Timestamp>,
    now: Timestamp,
    quiet_until: Option<Timestamp>,
) -> bool {
    let urgent = deadline.is_none_or(|deadline| deadline <= now + URGENT);
    quiet_until.is_none() || urgent
}

/// Posts a notice that is raised: one message a channel.
async fn tell(
    settings: &Settings,
    tx: &mut Tx,
    filed: &Filed,
    known: &[Instance],
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut channels: BTreeMap<String, Vec<&Instance>> = BTreeMap::new();
    for instance in known.iter().filter(|instance| instance.is_tracked()) {
        let channel = settings.channel_of(instance);
        channels.entry(channel).or_default().push(instance);
    }
    if channels.is_empty() {
        channels.insert(settings.channels.default.to_string(), Vec::new());
    }
    let disturbable = settings.cadence.disturbable(now);
    let quiet_until = Some(disturbable).filter(|end| *end > now);
    let (number, told) = (filed.number, filed.told);
    let calls = mentions_now(filed.deadline(known), now, quiet_until);
    for (channel, instances) in channels {
        let mut post = Post {
            kind: PostKind::Notice,
            key: format!("notice:{number}:{told}:{channel}"),
            channel,
            due: now,
            change: None,
            instances: instances.iter().map(|one| one.id.clone()).collect(),
            mentions: if calls {
                mentions(settings, &instances)
            } else {
                Vec::new()
            },
            payload: payload(&Message::Notice { number })?,
        };
        tx.post(&post).await?;
        if let Some(end) = quiet_until.filter(|_| !calls) {
            post.key.push_str(":called");
            post.due = end;
            post.mentions = mentions(settings, &instances);
            tx.post(&post).await?;
        }
    }
    Ok(())
}

/// The instances' teams, else those who approve.
fn mentions(settings: &Settings, instances: &[&Instance]) -> Vec<Mention> {
    let approvers = Mention::Role(Role::Approver.as_str().to_owned());
    let teams = |instance: &&Instance| settings.mentions(&Whom::Team, instance);
    let mut all: Vec<Mention> = instances.iter().flat_map(teams).collect();
    if instances.is_empty() || instances.iter().any(|instance| instance.team.is_none()) {
        all.push(approvers);
    }
    all.sort_unstable();
    all.dedup();
    all
}
