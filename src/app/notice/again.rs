//! The review of notices when facts change or time passes.

use std::sync::Arc;

use super::SHOWN;
use super::named::{alike, beside, cases, facts_of, instances, named_by, suggested};
use super::repeated::{paged_since, reminder_comes_today, reminder_is_near};
use super::tell::{page, tell_notice};

use crate::app::compose::{Composed, Outgoing};
use crate::app::schedule::by_time;
use crate::app::watch::show;
use crate::app::wording;
use crate::app::{Settings, Warden};
use crate::domain::Timestamp;
use crate::domain::audit::AuditEntry;
use crate::domain::fact::is_ahead;
use crate::domain::id::InstanceId;
use crate::domain::instance::Instance;
use crate::domain::notice::{
    Because, HANDLED_WITHIN, NoticeKind, NoticeRecord, NoticeStatus, NoticeTurn, Settlement,
};
use crate::domain::payload::Payload;
use crate::domain::rules::RuleId;
use crate::domain::team::RELEASE_AFTER;
use crate::render;
use crate::store::{OutboxRow, ScheduleSubject, StoreResult, Tx};

impl Warden {
    /// Reviews a notice that is due.
    pub(in crate::app) async fn review_notice(
        &self,
        mut tx: Tx,
        number: u64,
        now: Timestamp,
    ) -> StoreResult<()> {
        let settings = self.settings_in(&mut tx).await?;
        review(&settings, &mut tx, number, &by_time(now)).await?;
        review_older(&mut tx, number, now).await?;
        tx.commit().await
    }

    /// The text of a raised notice, or the reason why it is not posted.
    pub(in crate::app) async fn compose_notice(
        &self,
        row: &OutboxRow,
        settings: &Arc<Settings>,
        number: u64,
    ) -> StoreResult<Composed> {
        let mut tx = self.store.read(&row.workspace).await?;
        let Some(mut filed) = tx.notice(number).await? else {
            return Ok(Composed::skip("the notice is not there any more"));
        };
        if !filed.is_raised() {
            return Ok(Composed::skip("the notice is settled"));
        }
        let reader = settings.reader(self.clock.now());
        let cases = cases(&mut tx, settings, &filed.instances, reader.now).await?;
        let known: Vec<_> = cases.iter().map(|case| case.instance.clone()).collect();
        let mut before = wording::ReadBefore::default();
        let names = &mut before.names;
        let near = suggested(&mut tx, &filed.read, &filed.text, &known, names).await?;
        let left = wording::explain(settings, &mut tx, &mut filed, &known, &mut before).await?;
        let filed = filed;
        let on = filed.channel_message();
        let on = on.filter(|(channel, _)| *channel == row.post.channel.as_str());
        let answers = on.is_some() && matches!(row.post.payload, Payload::ChannelMessage { .. });
        let beside = beside(&mut tx, settings, &filed, &cases, reader.now).await?;
        let mut text = if answers {
            render::notice::channel_message(&filed, &known)
        } else {
            render::notice::raised(&filed, &known, &near, &beside, left.as_ref(), &reader)
        };
        let copies = copies(&mut tx, &filed).await?;
        if !answers && !copies.is_empty() {
            text.push('\n');
            text.push_str(&render::notice::told_with(&filed, &copies));
        }
        let offer = wording::offer(settings, &mut tx, &filed, &known, &mut before).await?;
        let settled_here: &[_] = if answers { &[] } else { &known };
        let mut actions = render::action::of_notice(&filed, settled_here, &beside, reader.now);
        if let Some(offer) = offer.filter(|_| !answers) {
            if !reader.has_buttons() {
                text.push('\n');
                text.push_str(&render::wording::offered(&filed, &offer));
            }
            actions.push(render::action::of_offer(&filed));
        }
        let said = Outgoing {
            gravity: filed.read.kind.into(),
            actions,
            on: on.map(|(_, message)| message.to_owned()),
            ..Outgoing::of(row, settings, reader.now, text)
        };
        Ok(said.into())
    }
}

/// Schedules the review of the next older raised notice once this one is settled: the same facts may settle it.
async fn review_older(tx: &mut Tx, number: u64, now: Timestamp) -> StoreResult<()> {
    let filed = tx.notice(number).await?;
    let settled = filed.filter(|filed| !filed.is_raised());
    for id in settled.iter().flat_map(|filed| &filed.instances) {
        for older in tx.raised_before(id, Some(number), 1).await? {
            tx.set_due(&ScheduleSubject::Notice(older), Some(now))
                .await?;
        }
    }
    Ok(())
}

/// The unsettled notices that say the same, or that the same fact has raised, oldest first.
pub(super) async fn copies(tx: &mut Tx, filed: &NoticeRecord) -> StoreResult<Vec<NoticeRecord>> {
    let Some(id) = filed.instances.first() else {
        return Ok(Vec::new());
    };
    // The first ones by their content, however many came since; the latest also where a wording was taught between them.
    let mut all = tx.with_content_of(filed.number, SHOWN).await?;
    all.extend(tx.notices_of(id, SHOWN).await?);
    all.retain(|one| {
        let is_copy = matches!(one.status, NoticeStatus::Duplicate(_));
        !is_copy && one.settled.is_none() && filed.is_told_with(one)
    });
    all.sort_by_key(|one| one.number);
    all.dedup_by_key(|one| one.number);
    Ok(all)
}

/// Whether the posts of a notice that says the same go on: of those that come back only the first does.
async fn goes_with_another(
    tx: &mut Tx,
    filed: &NoticeRecord,
    known: &[Instance],
    turn: NoticeTurn,
) -> StoreResult<bool> {
    let returns = turn == NoticeTurn::Returned;
    let copies = copies(tx, filed).await?;
    let mut copies = copies.iter();
    Ok(copies.any(|one| filed.goes_with(one, known) && (!returns || one.number < filed.number)))
}

/// Whether an earlier notice already mentions people for the same instance.
async fn other_pages(tx: &mut Tx, filed: &NoticeRecord) -> StoreResult<bool> {
    for id in &filed.instances {
        let all = tx.calling_gone(id, SHOWN).await?;
        let earlier = |one: &NoticeRecord| one.number < filed.number && one.is_raised();
        if all.iter().any(earlier) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether people were reminded of an instance on this day.
async fn told_today(
    settings: &Settings,
    tx: &mut Tx,
    id: &InstanceId,
    now: Timestamp,
) -> StoreResult<bool> {
    let told = tx.last_told(id).await?;
    let (day, today) = (
        told.map(|told| settings.cadence.day(told)),
        settings.cadence.day(now),
    );
    Ok(day == Some(today))
}

/// Whether people were reminded today of every instance of a notice, or are later today; those reminders also show that it is
/// raised.
async fn all_told(
    settings: &Settings,
    tx: &mut Tx,
    known: &[Instance],
    now: Timestamp,
) -> StoreResult<bool> {
    let mut any = false;
    for instance in known.iter().filter(|instance| instance.is_tracked()) {
        let told = told_today(settings, tx, &instance.id, now).await?;
        if !told && !reminder_comes_today(settings, tx, &instance.id, now).await? {
            return Ok(false);
        }
        any = true;
    }
    Ok(any)
}

/// Whether a returning notice that mentions more people waits for the next day: each of its instances has a post of its own today,
/// and none has expired where it may be deleted.
async fn waits(
    settings: &Settings,
    tx: &mut Tx,
    known: &[Instance],
    now: Timestamp,
) -> StoreResult<bool> {
    let may_be_deleted = |instance: &Instance| {
        let expired = instance.reminded_expiry();
        expired.is_some_and(|at| at <= now && now < at + RELEASE_AFTER)
            && !instance.expired_on_downgrade(&settings.policy.limits, now)
    };
    Ok(!known.iter().any(may_be_deleted) && all_told(settings, tx, known, now).await?)
}

/// Whether a later notice of the same kind about the same instances is raised, and comes back for both.
async fn is_overtaken(tx: &mut Tx, filed: &NoticeRecord, known: &[Instance]) -> StoreResult<bool> {
    let Some(id) = filed.instances.first() else {
        return Ok(false);
    };
    for one in tx.notices_of(id, SHOWN).await? {
        let same = one.read.kind == filed.read.kind && one.instances == filed.instances;
        let later = one.number > filed.number && one.is_raised() && one.comes_back(known);
        // Of copies the first one comes back.
        if same && later && copies(tx, &one).await?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a notice was to call the approvers, waited for the next day, and has called nobody since.
async fn has_waited(
    tx: &mut Tx,
    filed: &NoticeRecord,
    known: &[Instance],
    now: Timestamp,
) -> StoreResult<bool> {
    let due = filed.approvers_due(known, now);
    let Some(due) = due.filter(|_| filed.is_raised()) else {
        return Ok(false);
    };
    let called = tx.called_for(filed.number, now).await?;
    Ok(called.is_none_or(|called| called < due))
}

/// Whether a notice that comes back is told now.
#[derive(PartialEq, Eq)]
enum Returning {
    Told,
    /// People were told of all its instances, or are today.
    Covered,
    /// Another notice says the same.
    WithAnother,
    Tomorrow,
}

/// Several notices of loss mention people together, once a day. One whose instance is reminded of its expiry today, or within a
/// day, is covered by that, which calls whom it would call, and so it is by another post that calls them; one whose instances were told of
/// otherwise, until it mentions more people.
async fn returning(
    settings: &Settings,
    tx: &mut Tx,
    filed: &NoticeRecord,
    known: &[Instance],
    now: Timestamp,
) -> StoreResult<Returning> {
    // A command of the same moment has it looked at once more.
    let called = tx.called_for(filed.number, now).await?;
    if called.is_some_and(|at| at >= now) {
        return Ok(Returning::Covered);
    }
    if filed.pages(known) {
        let within = now - HANDLED_WITHIN;
        let paged =
            other_pages(tx, filed).await? || paged_since(tx, filed, within, now).await?.is_some();
        return Ok(if paged {
            Returning::Covered
        } else {
            Returning::Told
        });
    }
    if let [one] = known
        && filed.read.kind != NoticeKind::Expiry
        && reminder_is_near(settings, tx, &one.id, filed.circle(now), now).await?
    {
        return Ok(Returning::Covered);
    }
    if !filed.calls_approvers(now) && is_overtaken(tx, filed, known).await? {
        return Ok(Returning::Covered);
    }
    if filed.calls_approvers(now) {
        let waits = waits(settings, tx, known, now).await?;
        return Ok(if waits {
            Returning::Tomorrow
        } else {
            Returning::Told
        });
    }
    let told = all_told(settings, tx, known, now).await?;
    Ok(if told {
        Returning::Covered
    } else {
        Returning::Told
    })
}

/// Reviews one notice with the current facts, and carries out the result.
async fn review(
    settings: &Settings,
    tx: &mut Tx,
    number: u64,
    decision: &AuditEntry,
) -> StoreResult<()> {
    let now = decision.at;
    let Some(mut filed) = tx.notice(number).await? else {
        return tx.set_due(&ScheduleSubject::Notice(number), None).await;
    };
    // A settlement recorded while the clock was ahead does not count until that time.
    let settled = filed.settled.as_ref();
    if settled.is_some_and(|it| it.by.is_some() && is_ahead(it.at, now)) {
        tx.set_due(&ScheduleSubject::Notice(number), None).await?;
        distrust(settings, tx, number, Because::AheadOfClock, decision).await?;
        return Ok(());
    }
    if filed.instances.is_empty() {
        let ids = named_by(tx, &filed.read).await?;
        let found = instances(tx, settings, &ids, now).await?;
        // Tracked since it was filed.
        filed.instances = found.into_iter().map(|found| found.id).collect();
        let alike = alike(tx, &filed.read, &filed.instances).await?;
        filed.instances.extend(alike);
        let known = instances(tx, settings, &filed.instances, now).await?;
        wording::read_found(settings, tx, &mut filed, &known, now).await?;
        tx.name_instances(&filed).await?;
    }
    let known = instances(tx, settings, &filed.instances, now).await?;
    let facts = facts_of(settings, tx, &filed, &known, now).await?;
    wording::forget_reading(settings, tx, &mut filed, &facts, now).await?;
    let mut turn = filed.review(&facts, now);
    if turn.is_none() && has_waited(tx, &filed, &known, now).await? {
        turn = Some(filed.come_back());
    }
    let is_told = match turn {
        Some(turn) if turn.tells() && !filed.pages(&known) => {
            goes_with_another(tx, &filed, &known, turn).await?
        }
        Some(_) | None => false,
    };
    if is_told {
        filed.leave_to_another();
    }
    let returning = match turn {
        Some(NoticeTurn::Returned) if is_told => Returning::WithAnother,
        Some(NoticeTurn::Returned) => returning(settings, tx, &filed, &known, now).await?,
        _ => Returning::Told,
    };
    match returning {
        Returning::Told | Returning::WithAnother => {}
        Returning::Covered => filed.hold_back(),
        Returning::Tomorrow => {
            filed.wait_until(settings.cadence.disturbable(settings.cadence.next_day(now)));
        }
    }
    tx.save_notice(&filed).await?;
    let Some(turn) = turn.filter(|_| returning == Returning::Told) else {
        return Ok(());
    };
    let explained = filed.explained_by(&facts, now);
    // An urgent notice mentions everybody when it is raised; after that it follows the ladder like any other.
    let pages = filed.pages(&known) && (turn != NoticeTurn::Returned || explained.is_some());
    if is_told {
        // It is raised, and one post is enough.
    } else if turn.tells() && pages {
        page(settings, tx, &filed, &known, explained, now).await?;
    } else if turn.tells() {
        tell_notice(settings, tx, &filed, &known, now).await?;
    }
    carry_out(settings, tx, &filed, &known, turn, decision).await
}

/// Distrusts the judgement of a notice from before a restore, or an answer to it, and posts it; returns whether that raises it.
pub(in crate::app) async fn distrust(
    settings: &Settings,
    tx: &mut Tx,
    number: u64,
    because: Because,
    decision: &AuditEntry,
) -> StoreResult<bool> {
    let now = decision.at;
    let Some(mut filed) = tx.notice(number).await? else {
        return Ok(false);
    };
    let known = instances(tx, settings, &filed.instances, now).await?;
    let facts = facts_of(settings, tx, &filed, &known, now).await?;
    wording::forget_reading(settings, tx, &mut filed, &facts, now).await?;
    let Some(turn) = filed.distrust(&known, because, now) else {
        return Ok(false);
    };
    let pages = filed.pages(&known);
    let is_told = !pages && goes_with_another(tx, &filed, &known, turn).await?;
    if is_told {
        filed.leave_to_another();
    }
    tx.save_notice(&filed).await?;
    if pages {
        page(settings, tx, &filed, &known, None, now).await?;
    } else if !is_told {
        tell_notice(settings, tx, &filed, &known, now).await?;
    }
    carry_out(settings, tx, &filed, &known, turn, decision).await?;
    Ok(true)
}

/// Carries out the result of a review, besides the post about it.
pub(in crate::app) async fn carry_out(
    settings: &Settings,
    tx: &mut Tx,
    filed: &NoticeRecord,
    known: &[Instance],
    turn: NoticeTurn,
    decision: &AuditEntry,
) -> StoreResult<()> {
    let (number, now) = (filed.number, decision.at);
    if matches!(turn, NoticeTurn::Raised(_) | NoticeTurn::Quieted) {
        show(settings, tx, filed, known, now).await?;
    }
    if turn == NoticeTurn::Quieted {
        wording::used(settings, tx, filed, now).await?;
    }
    let why = match turn {
        NoticeTurn::Raised(because) => because.as_str(),
        NoticeTurn::Settled(how) => how.as_str(),
        NoticeTurn::Quieted => filed.verdict.as_str(),
        NoticeTurn::Returned => "still raised",
    };
    let entry = AuditEntry {
        said: format!("notice {number}"),
        outcome: turn.as_str().to_owned(),
        rules: match turn {
            NoticeTurn::Quieted | NoticeTurn::Settled(Settlement::Converted) => {
                vec![RuleId::ReleaseNoticeRedundant]
            }
            NoticeTurn::Raised(_) | NoticeTurn::Returned | NoticeTurn::Settled(_) => Vec::new(),
        },
        instance: filed.instances.first().cloned(),
        change: None,
        events: Vec::new(),
        detail: Some(why.to_owned()),
        ..decision.clone()
    };
    tx.append_audit(&entry, settings.audit_key.as_ref()).await
}
