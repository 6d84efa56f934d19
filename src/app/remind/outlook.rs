//! The basis of decisions on an instance's reminders: its facts, what is open of it, and what was settled.

use crate::app::Settings;
use crate::domain::Timestamp;
use crate::domain::case::Case;
use crate::domain::concern::{Concern, Opened, RaisedNotice, concerns};
use crate::domain::fact::{Fact, Gap, is_ahead};
use crate::domain::instance::Instance;
use crate::domain::reminder::{Attention, Planned, Point, SinceExpiry, Situation, plan, subject};
use crate::store::{Around, Settling, StoreResult, Tx};

/// The most notices looked at per instance.
pub(in crate::app) const NOTICES: u32 = 50;
/// The basis of decisions on an instance's reminders.
pub(in crate::app) struct Outlook {
    pub(in crate::app) case: Case,
    /// The expiry that the reminders are about; without one there are none of it.
    pub(in crate::app) of: Option<Timestamp>,
    pub(in crate::app) attention: Attention,
    pub(in crate::app) since: SinceExpiry,
    pub(in crate::app) plan: Vec<Planned>,
    pub(in crate::app) settled: Vec<Settling>,
    /// The levels of these.
    done: Vec<Point>,
    /// Whether more was settled, by a clock that was ahead.
    pub(super) has_settled_ahead: bool,
    /// Whether the suppression of a notice rests on its facts.
    pub(in crate::app) suppresses: bool,
    /// The concerns open when it was last looked at.
    pub(in crate::app) opened: Vec<Opened>,
    /// The raised notices that name it.
    pub(in crate::app) raised: Vec<RaisedNotice>,
    /// The last time people were reminded of it.
    pub(in crate::app) told: Option<Timestamp>,
    /// Whether the workspace's next digest is scheduled.
    pub(super) has_digest: bool,
    /// The open concerns, the most urgent first.
    pub(in crate::app) concerns: Vec<Concern>,
}

impl Outlook {
    /// The points settled.
    pub(in crate::app) fn done(&self) -> Vec<Point> {
        self.settled.iter().map(|settled| settled.point).collect()
    }
}

/// The outlook of an instance; reads only rows of this instance.
pub(in crate::app) async fn outlook(
    settings: &Settings,
    tx: &mut Tx,
    case: &mut Case,
    now: Timestamp,
) -> StoreResult<Outlook> {
    case.advance(&settings.policy, now);
    let of = subject(case);
    let key = of.unwrap_or(Timestamp::UNIX_EPOCH);
    let around = tx.around(&case.instance.id, key, NOTICES).await?;
    Ok(seen_with(settings, case, around, now))
}

/// Like [`outlook`], with the rows already read and the case already advanced.
pub(in crate::app) fn seen_with(
    settings: &Settings,
    case: &Case,
    around: Around,
    now: Timestamp,
) -> Outlook {
    let of = subject(case);
    let mut outlook = Outlook {
        of,
        attention: around.attention,
        since: SinceExpiry::default(),
        plan: Vec::new(),
        has_settled_ahead: around.settled.iter().any(|settled| settled.is_early(now)),
        done: around
            .settled
            .iter()
            .filter(|settled| !settled.is_early(now))
            .map(|settled| settled.point)
            .collect(),
        settled: around.settled,
        suppresses: around.suppresses,
        opened: around.opened,
        raised: around.raised,
        told: around.told,
        has_digest: around.has_digest,
        concerns: Vec::new(),
        case: Case::new(case.instance.clone(), case.change.clone()),
    };
    outlook.discount_ahead(now);
    if let Some(of) = of.filter(|of| *of <= now) {
        outlook.since = since(&case.instance, of);
    }
    outlook.concerns = concerns(&outlook.situation(settings), now);
    outlook.plan = plan(&outlook.situation(settings), now);
    let planned = |of: Timestamp| outlook.plan.iter().any(|each| each.point.of == of);
    let concerned: Vec<bool> = (outlook.settled.iter())
        .map(|settled| Some(settled.point.of) == of || planned(settled.point.of))
        .collect();
    let mut concerned = concerned.into_iter();
    outlook
        .settled
        .retain(|_| concerned.next().unwrap_or_default());
    // Reminders settled under a clock that ran ahead are planned again.
    outlook.settled.retain(|settled| !settled.is_early(now));
    outlook.settled.sort_by_key(|settled| settled.point.of);
    outlook
}

impl Outlook {
    /// Records the concerns that are open now.
    pub(super) async fn keep_concerns(&self, tx: &mut Tx, now: Timestamp) -> StoreResult<()> {
        let (instance, opened) = (&self.case.instance, &self.opened);
        tx.keep_concerns(instance, opened, &self.concerns, now)
            .await
    }

    /// The key of its acknowledgement and snooze; the epoch where no expiry is known.
    pub(in crate::app) fn key(&self) -> Timestamp {
        self.of.unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// Corrects timestamps in the future, which come from a wrong clock: they must not silence anything open. A look at the action,
    /// and auto-renewal off, count for nothing until their time has come.
    fn discount_ahead(&mut self, now: Timestamp) {
        let instance = &mut self.case.instance;
        if instance.action_is_ahead(now) {
            instance.forget_action(Gap::AheadOfClock, now);
        }
        if instance.auto_renew.value().is_some() && instance.auto_renew_at(now).is_none() {
            instance.auto_renew = Fact::gone(Gap::AheadOfClock, now);
        }
        let corrected = |at: Timestamp| if is_ahead(at, now) { now } else { at };
        for opened in &mut self.opened {
            opened.since = corrected(opened.since);
        }
        for raised in &mut self.raised {
            raised.since = corrected(raised.since);
        }
        self.told = self.told.filter(|at| !is_ahead(*at, now));
        let acked = self.attention.acked.take();
        self.attention.acked = acked.filter(|acked| !is_ahead(acked.at, now));
    }

    /// The input of the plan.
    pub(in crate::app) fn situation<'a>(&'a self, settings: &'a Settings) -> Situation<'a> {
        Situation {
            case: &self.case,
            limits: &settings.policy.limits,
            cadence: &settings.cadence,
            attention: &self.attention,
            since: self.since,
            suppresses: self.suppresses,
            opened: &self.opened,
            raised: &self.raised,
            told: self.told,
            done: &self.done,
        }
    }
}

/// Events since an expiry.
fn since(instance: &Instance, expiry: Timestamp) -> SinceExpiry {
    let [told_waiting, told_presumed] = instance.past.told_since(expiry);
    SinceExpiry {
        told_waiting,
        told_presumed,
    }
}
