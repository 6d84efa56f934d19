//! Derivation of the concerns of an instance from its facts, its change and its notices.

use chrono::TimeDelta;

use super::{Concern, ConcernKind, Opened, Owner, Remedy, Rhythm, Weight};
use crate::Timestamp;
use crate::approval::RequestState;
use crate::case::Case;
use crate::change::{Change, ChangeKind, Step};
use crate::fact::{Fact, Gap};
use crate::facts::FactKind;
use crate::instance::{ActionView, AtExpiry, Edition, Instance, PostExpirationAction};
use crate::reminder::{ReminderRow, Situation};
use crate::team::{RELEASE_AFTER, auto_renewal_charges_from};

/// The time before a dated event at which it becomes a concern.
pub(super) const NEAR: TimeDelta = TimeDelta::days(30);
/// The time before an expiry at which auto-renewal during a downgrade becomes a concern.
pub(super) const CHARGES_AHEAD: TimeDelta = TimeDelta::days(14);
/// The time before an expiry at which the approvers are told of missing approvals.
pub(super) const UNAPPROVED_AHEAD: TimeDelta = TimeDelta::days(3);
/// The time within which what time alone decides is looked at, unless nobody was there to look.
const A_LOOK: TimeDelta = TimeDelta::hours(1);

/// The concerns of an instance, the worst first. The case must have been advanced to `now`.
pub fn concerns(situation: &Situation<'_>, now: Timestamp) -> Vec<Concern> {
    let instance = &situation.case.instance;
    let mut found = Derivation {
        situation,
        now,
        all: Vec::new(),
    };
    if !instance.is_tracked() {
        found.listed_lost();
        found.notices();
        return found.all;
    }
    found.notices();
    found.permit_withdrawn();
    found.unknown_outcome();
    if instance.edition.value() != Some(&Edition::Standard) {
        found.unsubscribed();
        found.edition();
        found.expiry();
        found.upgraded();
        found.action();
        found.deletes();
        found.charges();
    } else if instance.announced().next().is_some() {
        found.expiry();
    }
    found.unapproved();
    found.change_waits();
    found.disputed();
    found.unsaid();
    let mut all = found.all;
    all.sort_by_key(|concern| (concern.urgency(), concern.kind));
    all
}

struct Derivation<'a, 's> {
    situation: &'a Situation<'s>,
    now: Timestamp,
    all: Vec<Concern>,
}

impl Derivation<'_, '_> {
    fn instance(&self) -> &Instance {
        &self.situation.case.instance
    }

    /// An open concern that the team settles: since it was first seen, told at growing intervals, due at the deadline.
    fn concern(&self, kind: ConcernKind, way: Remedy) -> Concern {
        Concern {
            kind,
            since: self.first_seen(kind),
            weight: Weight::Open,
            rhythm: Rhythm::Ladder,
            by: self.deadline(),
            owner: Owner::Team,
            way,
        }
    }

    fn open(&mut self, concern: Concern) {
        self.all.push(concern);
    }

    /// The time at which a concern of this kind was first seen, by the last evaluation.
    fn seen(&self, kind: ConcernKind) -> Option<&Opened> {
        let mut seen = self.situation.opened.iter();
        seen.find(|opened| opened.kind == kind)
    }

    /// The time since which a concern of this kind has been open, and not only noted.
    fn seen_open(&self, kind: ConcernKind) -> Option<Timestamp> {
        let seen = self.seen(kind);
        let open = seen.filter(|opened| opened.weight == Weight::Open);
        open.map(|opened| opened.since)
    }

    /// The start of one that opens now: an acknowledgement of this moment came before it.
    fn opens_now(&self) -> Timestamp {
        let acked = self.situation.attention.acked.as_ref();
        let acked = acked.filter(|acked| acked.at == self.now);
        acked.map_or(self.now, |acked| acked.at + TimeDelta::milliseconds(1))
    }

    /// The start of a concern that the facts do not date.
    fn first_seen(&self, kind: ConcernKind) -> Timestamp {
        let seen = self.seen(kind);
        seen.map_or_else(|| self.opens_now(), |opened| opened.since)
    }

    /// The start of a concern that the facts date: what was settled and opens again begins again.
    fn begun(&self, kind: ConcernKind, by_facts: Option<Timestamp>) -> Timestamp {
        let opened = self.seen_open(kind).unwrap_or_else(|| self.opens_now());
        by_facts.map_or(opened, |at| at.max(opened))
    }

    /// The next possible expiry, else the last one that passed.
    fn deadline(&self) -> Option<Timestamp> {
        let ahead = self.situation.expiries().filter(|at| *at > self.now).min();
        ahead.or_else(|| self.situation.expiry())
    }

    fn is_near(&self) -> bool {
        self.deadline().is_some_and(|at| at <= self.now + NEAR)
    }

    fn has(&self, kind: ConcernKind) -> bool {
        self.all.iter().any(|concern| concern.kind == kind)
    }

    /// Nothing else warns of an instance that is recorded as deleted.
    fn listed_lost(&mut self) {
        let instance = self.instance();
        let seen = instance.seen_since_lost.as_ref().map(|seen| seen.at);
        let back = [
            (ConcernKind::ListedLost, instance.listed_since_lost),
            (ConcernKind::SeenLost, seen),
        ];
        for (kind, since) in back {
            let Some(since) = since else { continue };
            self.open(Concern {
                since,
                by: self.deadline().filter(|at| *at > self.now),
                ..self.concern(kind, Remedy::SayWhetherThere)
            });
        }
    }

    fn notices(&mut self) {
        for notice in self.situation.raised {
            let number = notice.number;
            let way = match notice.is_gone {
                true => Remedy::SayWhetherGone {
                    number,
                    of_several: notice.names_several,
                },
                false => Remedy::Notice { number },
            };
            self.open(Concern {
                since: notice.since,
                by: notice.by,
                ..self.concern(ConcernKind::Notice, way)
            });
        }
    }

    /// An irreversible step that may have happened under a permit that was withdrawn, or before its change ended.
    fn permit_withdrawn(&mut self) {
        let case = self.situation.case;
        let Some(doubt) = &case.instance.in_doubt else {
            return;
        };
        let change = case.open_change();
        let change = change.filter(|change| change.number == doubt.change);
        let owner = change.map_or(&doubt.holder, |change| change.in_charge(&doubt.holder));
        let way = Remedy::SayWhetherDone {
            change: doubt.change,
            step: doubt.step,
            open: change.is_some(),
        };
        let owner = Owner::Person(owner.clone());
        let concern = if doubt.is_exit() {
            self.said_to_be_left(doubt.since, way)
        } else {
            Concern {
                since: doubt.since,
                ..self.concern(ConcernKind::PermitWithdrawn, way)
            }
        };
        self.open(Concern {
            rhythm: Rhythm::Urgent,
            owner,
            ..concern
        });
    }

    /// Somebody has said that it was unsubscribed, and nobody has seen what happened to it.
    fn said_to_be_left(&self, said: Timestamp, way: Remedy) -> Concern {
        if self.instance().was_on_delete() {
            // Also where that is seen long after it.
            return self.concern(ConcernKind::UnsubscribedOnDelete, way);
        }
        Concern {
            since: said,
            ..self.concern(ConcernKind::UnsubscribedUnseen, way)
        }
    }

    fn unknown_outcome(&mut self) {
        let asked = self.instance().in_doubt.as_ref().map(|doubt| doubt.step);
        let Some(change) = self.situation.case.open_change() else {
            return;
        };
        let doubt = change
            .outcome_unknown
            .filter(|unknown| unknown.permit_lapsed);
        let lapsed = change
            .unknown_outcome()
            .filter(|step| step.is_irreversible());
        let Some(step) = doubt.map(|unknown| unknown.step).or(lapsed) else {
            return;
        };
        let permit = change.permit.as_ref().filter(|permit| permit.step == step);
        let seen = self.instance().edition.known();
        let settled =
            permit.is_some_and(|permit| seen.is_some_and(|seen| seen.at > permit.lapses_at()));
        if settled || asked == Some(step) {
            return;
        }
        let holder = permit.map_or(&change.opened_by, |permit| &permit.holder);
        let way = Remedy::Confirm {
            change: change.number,
            step,
        };
        let concern = self.concern(ConcernKind::StepOutcomeUnknown, way);
        self.open(Concern {
            since: permit.map_or(concern.since, |permit| permit.shown_at),
            rhythm: Rhythm::Urgent,
            owner: Owner::Person(change.in_charge(holder).clone()),
            ..concern
        });
    }

    /// Unsubscribing is confirmed, but Standard has not been observed.
    fn unsubscribed(&mut self) {
        let change = self.situation.downgrade();
        let Some((change, record)) =
            change.and_then(|change| Some((change, change.record(Step::Unsubscribe)?)))
        else {
            return;
        };
        let way = self.situation.case.way_out_of_exit(change);
        let case = self.situation.case;
        // Delete that is seen after it is told at once, whatever else it shows.
        let on_delete = self.instance().was_on_delete() && !case.is_said_platinum();
        let concern = if case.is_still_platinum() && !on_delete {
            self.concern(ConcernKind::StillPlatinum, way)
        } else {
            self.said_to_be_left(record.at, way)
        };
        let by = record.by.as_ref().unwrap_or(&change.opened_by);
        let owner = Owner::Person(change.in_charge(by).clone());
        self.open(Concern {
            rhythm: Rhythm::Urgent,
            owner,
            ..concern
        });
    }

    fn edition(&mut self) {
        let in_doubt = self.all.iter().any(|open| open.kind.is_urgent());
        let kind = match &self.instance().edition {
            Fact::Contradictory { .. } => ConcernKind::EditionDisputed,
            Fact::Unknown {
                gap: Gap::Missing, ..
            } => ConcernKind::Missing,
            // A step in doubt already asks for it.
            Fact::Unknown { .. } if in_doubt => return,
            Fact::Unknown { .. } => ConcernKind::EditionUnknown,
            Fact::Known(_) => return,
        };
        let concern = self.concern(kind, Remedy::SayEdition);
        self.open(Concern {
            // The posts of the step in doubt ask for the same look.
            rhythm: if in_doubt {
                Rhythm::Once
            } else {
                concern.rhythm
            },
            ..concern
        });
    }

    fn expiry(&mut self) {
        let is_standard = self.instance().edition.value() == Some(&Edition::Standard);
        if self.instance().expires.held().is_none() && !is_standard {
            self.expiry_unknown();
        }
        let Some(first) = self.situation.expiry() else {
            return;
        };
        if self.instance().expires.is_contradictory() {
            let concern = self.concern(ConcernKind::ExpiryDisputed, Remedy::SayExpiry);
            self.open(match self.instance().renewed_from() {
                // The listing answers whether the renewal succeeded: only its date is to be confirmed.
                Some(_) => Concern {
                    weight: Weight::Noted,
                    rhythm: Rhythm::Digest,
                    by: None,
                    ..concern
                },
                None => concern,
            });
        }
        let now = self.now;
        let outlived = self.instance().outlived_release(now).is_some();
        if outlived && self.instance().is_standard_but_in_file() {
            // The dispute over its edition says it: no expiry has to be settled.
        } else if outlived {
            self.open(Concern {
                rhythm: Rhythm::AfterExpiry,
                by: first.checked_add_signed(RELEASE_AFTER),
                ..self.concern(ConcernKind::OutlivedRelease, Remedy::SayWhatBecame)
            });
        } else if first <= now {
            let way = match is_standard {
                true => Remedy::SayEdition,
                false => Remedy::SayWhatBecame,
            };
            let over = self
                .deadline()
                .is_none_or(|last| now >= last + RELEASE_AFTER);
            self.open(Concern {
                since: self.begun(ConcernKind::Expired, Some(first)),
                rhythm: if over {
                    Rhythm::Digest
                } else {
                    Rhythm::AfterExpiry
                },
                by: first.checked_add_signed(RELEASE_AFTER),
                ..self.concern(ConcernKind::Expired, way)
            });
        }
        let left = |at| self.situation.row(at) == ReminderRow::Left;
        if let Some(ahead) = self.deadline().filter(|at| *at > now && !left(now))
            && self.is_near()
        {
            let way = match self.situation.is_announced(ahead) {
                true if is_standard => Remedy::SayEdition,
                true => Remedy::SayExpiry,
                false => self.next_or_downgrade(),
            };
            self.open(Concern {
                since: self.begun(ConcernKind::Expires, ahead.checked_sub_signed(NEAR)),
                rhythm: Rhythm::Expiry,
                by: Some(ahead),
                ..self.concern(ConcernKind::Expires, way)
            });
        }
    }

    /// The next step of the open change; a downgrade, where none is open. Where an unsubscription is in doubt, the next step of
    /// its change would be the happy end.
    fn next_or_downgrade(&self) -> Remedy {
        match self.situation.case.open_change() {
            None => Remedy::Downgrade,
            Some(change) if change.is_unsubscribed() => self.situation.case.way_out_of_exit(change),
            Some(change) => Remedy::Next {
                change: change.number,
            },
        }
    }

    /// An unknown expiry, of which nothing can warn. After an upgrade `record-expiry` asks for it, and after the exit there is
    /// none.
    fn expiry_unknown(&mut self) {
        let change = self.situation.case.open_change();
        let asked = change.is_some_and(|change| {
            change.kind == ChangeKind::Upgrade && change.record(Step::Upgrade).is_some()
        });
        let left = change.is_some_and(Change::exit_confirmed);
        if asked || left {
            return;
        }
        self.open(Concern {
            by: None,
            ..self.concern(ConcernKind::ExpiryUnknown, Remedy::SayExpiry)
        });
    }

    /// An incomplete upgrade: its expiry is not recorded, or its action not chosen.
    fn upgraded(&mut self) {
        let change = self.situation.case.open_change();
        let change = change.filter(|change| change.kind == ChangeKind::Upgrade);
        let Some((change, done)) =
            change.and_then(|change| Some((change, change.record(Step::Upgrade)?)))
        else {
            return;
        };
        let recorded = change.record(Step::RecordExpiry);
        let (kind, since, way) = if self.instance().reminded_expiry().is_none() {
            let way = Remedy::Confirm {
                change: change.number,
                step: Step::RecordExpiry,
            };
            (ConcernKind::RecordExpiry, done.at, way)
        } else {
            let since = recorded.map_or(done.at, |recorded| recorded.at);
            (ConcernKind::ChooseAction, since, Remedy::SayAction)
        };
        let owner = Owner::Person(change.opened_by.clone());
        self.open(Concern {
            since,
            owner,
            ..self.concern(kind, way)
        });
    }

    /// The action: always noted with its age, and announced near the expiry, with an open change, or where a notice depends on
    /// it.
    fn action(&mut self) {
        let ahead = self.instance().action_is_ahead(self.now);
        let sure = !ahead && matches!(self.situation.view(self.now), ActionView::Known(_));
        let expired = self.situation.expiry().is_some_and(|at| at <= self.now);
        let asked = self.has(ConcernKind::ChooseAction) || self.has(ConcernKind::RecordExpiry);
        let left = self
            .situation
            .downgrade()
            .is_some_and(Change::exit_confirmed);
        if sure || expired || asked || left {
            return;
        }
        // Until then there is nothing to be done: another look would be too old by the expiry as well.
        let rests_on_notice = self.situation.suppresses;
        let waits = !rests_on_notice && self.situation.waits_for_last_days(self.now);
        let near = self.is_near() && !waits;
        let change = self.situation.downgrade();
        let disputed = self.instance().action.is_contradictory();
        let rests = (change.is_some() && !waits) || rests_on_notice || disputed;
        let (owner, way) = match change {
            Some(change) => (
                Owner::Person(change.opened_by.clone()),
                Remedy::Next {
                    change: change.number,
                },
            ),
            None => (Owner::Team, Remedy::SayAction),
        };
        let concern = self.concern(ConcernKind::ActionUnsure, way);
        let from = self.deadline().filter(|_| near);
        let from = from.and_then(|at| at.checked_sub_signed(NEAR));
        self.open(Concern {
            // Only noted until then.
            since: from.map_or(concern.since, |from| {
                if change.is_none() && self.was_told_of_delete() {
                    from
                } else {
                    self.begun(ConcernKind::ActionUnsure, Some(from))
                }
            }),
            weight: if near || rests {
                Weight::Open
            } else {
                Weight::Noted
            },
            rhythm: match (near, rests) {
                (true, _) => Rhythm::Expiry,
                // Where the change waits for a person anyway, that concern covers it.
                (false, true)
                    if change.is_none() || self.situation.case.waits_for_time(self.now) =>
                {
                    Rhythm::Ladder
                }
                // That concern began earlier, and its next post may be days away.
                (false, true) if change.is_some_and(|it| concern.since > it.last_moved()) => {
                    Rhythm::Once
                }
                (false, _) => Rhythm::Digest,
            },
            owner,
            ..concern
        });
    }

    /// Whether the look that has become too old saw Delete, and that was open and told: nothing is worse than it was.
    fn was_told_of_delete(&self) -> bool {
        let deletes = ActionView::Stale(PostExpirationAction::Delete);
        let kinds = [ConcernKind::Deletes, ConcernKind::DeletesUnlessRenewed];
        let mut open = kinds.iter().filter_map(|kind| self.seen_open(*kind));
        let seen = self.instance().action.known();
        let told = self.situation.told;
        self.situation.view(self.now) == deletes
            && open.next().is_some()
            && seen.is_some_and(|seen| told.is_some_and(|told| told >= seen.at))
    }

    /// Delete at a near expiry. Where the action was doubtful before, it answers that; else it is announced. With auto-renewal it is
    /// a concern of its own, so that the end of the auto-renewal is announced too.
    fn deletes(&mut self) {
        let deletes = ActionView::Known(PostExpirationAction::Delete);
        let Some(expiry) = self.deadline().filter(|at| *at > self.now) else {
            return;
        };
        let kind = match self.situation.row(self.now) {
            ReminderRow::AtRisk => ConcernKind::Deletes,
            ReminderRow::Renews => ConcernKind::DeletesUnlessRenewed,
            ReminderRow::Left | ReminderRow::Downgrades => return,
        };
        if self.situation.view(self.now) != deletes || !self.is_near() {
            return;
        }
        let from = expiry.checked_sub_signed(NEAR);
        let was_unsure =
            self.seen(kind).is_none() && self.seen_open(ConcernKind::ActionUnsure).is_some();
        let begun = self.begun(kind, from);
        self.open(Concern {
            since: from.filter(|_| was_unsure).unwrap_or(begun),
            rhythm: Rhythm::Expiry,
            by: Some(expiry),
            ..self.concern(kind, self.next_or_downgrade())
        });
    }

    fn charges(&mut self) {
        let Some(expiry) = self.deadline().filter(|at| *at > self.now) else {
            return;
        };
        if !self.situation.may_charge() || expiry > self.now + CHARGES_AHEAD {
            return;
        }
        let concern = self.concern(ConcernKind::Charges, Remedy::SwitchOff);
        let since = expiry.checked_sub_signed(CHARGES_AHEAD);
        self.open(Concern {
            since: self.begun(ConcernKind::Charges, since),
            rhythm: Rhythm::Expiry,
            by: auto_renewal_charges_from(expiry),
            ..concern
        });
    }

    /// Missing approvals near the expiry.
    fn unapproved(&mut self) {
        let Some(change) = self.situation.downgrade().filter(|it| !it.exit_confirmed()) else {
            return;
        };
        let Some(expiry) = self.deadline().filter(|at| *at > self.now) else {
            return;
        };
        let asked = change.request.as_ref();
        let asked = asked.is_some_and(|request| {
            matches!(request.state, RequestState::Open | RequestState::Lapsed)
        });
        if !asked
            || self.situation.case.is_approved(self.now)
            || expiry > self.now + UNAPPROVED_AHEAD
        {
            return;
        }
        let number = change.number;
        let way = match change.request_open() {
            Some(_) => Remedy::Approve { change: number },
            None => Remedy::Next { change: number },
        };
        self.open(Concern {
            by: Some(expiry),
            owner: Owner::Approvers,
            ..self.concern(ConcernKind::Unapproved, way)
        });
    }

    /// An idle change that no other concern covers.
    fn change_waits(&mut self) {
        let Some(change) = self.situation.case.open_change() else {
            return;
        };
        let out = change
            .permit
            .as_ref()
            .is_some_and(|permit| change.permit_out(permit.step).is_some());
        let said = [
            ConcernKind::StepOutcomeUnknown,
            ConcernKind::PermitWithdrawn,
            ConcernKind::UnsubscribedUnseen,
            ConcernKind::UnsubscribedOnDelete,
            ConcernKind::StillPlatinum,
            ConcernKind::RecordExpiry,
            ConcernKind::ChooseAction,
            ConcernKind::Expired,
            ConcernKind::OutlivedRelease,
            ConcernKind::Unapproved,
        ];
        let said = said.iter().any(|kind| self.has(*kind));
        let asked = change
            .request_open()
            .filter(|_| !self.situation.case.is_approved(self.now));
        // A step in doubt is its holder's; what is asked again is the approvers'.
        let is_asked_too = asked.is_some() && !self.has(ConcernKind::Unapproved);
        if (said && !is_asked_too) || out || self.situation.case.waits_for_time(self.now) {
            return;
        }
        let number = change.number;
        let concern = match asked {
            // The request itself asks the approvers three times.
            Some(request) => Concern {
                since: request.asked_at,
                rhythm: Rhythm::Digest,
                by: Some(request.lapses_at()),
                owner: Owner::Approvers,
                ..self.concern(ConcernKind::ChangeWaits, Remedy::Approve { change: number })
            },
            None => {
                let since = self.begun(ConcernKind::ChangeWaits, Some(change.last_moved()));
                Concern {
                    since,
                    rhythm: match change.lapse_told_to_opener() {
                        Some(told) if since - told < A_LOOK => Rhythm::Followed,
                        Some(_) | None => Rhythm::Ladder,
                    },
                    by: self.deadline().filter(|at| *at > self.now),
                    owner: Owner::Person(change.opened_by.clone()),
                    ..self.concern(ConcernKind::ChangeWaits, Remedy::Next { change: number })
                }
            }
        };
        self.open(concern);
    }

    fn disputed(&mut self) {
        let instance = self.instance();
        if instance.disputed().next().is_none() && instance.region_in_file.is_none() {
            return;
        }
        self.open(Concern {
            by: None,
            ..self.concern(ConcernKind::FactDisputed, Remedy::SayFacts)
        });
    }

    /// Facts that somebody said are not known any more: noted, and announced where an open change rests on one.
    fn unsaid(&mut self) {
        let unsaid: Vec<FactKind> = self.instance().unsaid().collect();
        if unsaid.is_empty() {
            return;
        }
        let change = self
            .situation
            .downgrade()
            .filter(|change| !change.exit_confirmed());
        let rests = change.filter(|change| unsaid.iter().any(|fact| change.rests_on(*fact)));
        let concern = self.concern(ConcernKind::FactUnsaid, Remedy::SayFacts);
        self.open(match rests {
            Some(change) => Concern {
                // Only noted until then.
                since: concern.since.max(change.opened_at),
                owner: Owner::Person(change.opened_by.clone()),
                ..concern
            },
            None => Concern {
                weight: Weight::Noted,
                rhythm: Rhythm::Digest,
                by: None,
                ..concern
            },
        });
    }
}

impl Situation<'_> {
    /// Whether it has left its subscription: confirmed, or expired on Downgrade, without later facts to the contrary.
    pub fn has_left(&self) -> bool {
        let converts = self.case.instance.at_expiry == Some(AtExpiry::Converts);
        let left = |change: &Change| {
            change.is_unsubscribed() || converts && change.record(Step::AwaitExpiry).is_some()
        };
        self.downgrade().is_some_and(left)
            && !self.case.is_still_platinum()
            && !self.case.instance.was_on_delete()
    }
}

impl Case {
    /// Whether facts since the confirmed unsubscription show Platinum.
    pub fn is_still_platinum(&self) -> bool {
        // Only Platinum has an action that can be seen.
        let looked_at = |left| self.instance.looked_at_action() > Some(left);
        self.is_said_platinum() || self.said_unsubscribed().is_some_and(looked_at)
    }

    /// Whether somebody has said since the confirmed unsubscription that it is Platinum, or when it expires.
    fn is_said_platinum(&self) -> bool {
        let Some(left) = self.said_unsubscribed() else {
            return false;
        };
        let mut editions = self.instance.edition.candidates();
        let mut expiries = self.instance.expires.candidates();
        editions.any(|known| known.value == Edition::Platinum && known.at > left)
            || expiries.any(|known| known.at > left)
    }

    fn said_unsubscribed(&self) -> Option<Timestamp> {
        let record = self.open_change()?.record(Step::Unsubscribe)?;
        Some(record.at)
    }

    /// The remedy for a confirmed unsubscription that has not led to Standard so far.
    pub fn way_out_of_exit(&self, change: &Change) -> Remedy {
        let number = change.number;
        if self.is_still_platinum() {
            Remedy::Reopen {
                change: number,
                step: Step::Unsubscribe,
            }
        } else {
            Remedy::SayWhetherStandard { change: number }
        }
    }
}
