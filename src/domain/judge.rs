//! The judge: returns a verdict with its rules for an instance, an intent and a moment.
//!
//! Cost: a verdict reads one instance and makes one small allocation.

use super::Timestamp;
use super::change::Route;
use super::fact::Known;
use super::instance::{ActionView, AtExpiry, Edition, Instance, PostExpirationAction, Switch};
use super::rules::{FactKind, Finding, Found, Intent, RuleId, Severity, Terms, Verdict};
use super::team::{BUSY_COUNTS, Limits, RELEASE_AFTER, STANDARD_TPS};

/// Judges an intent by the documented rules alone.
///
/// The caller refuses an instance that is not tracked.
pub fn judge(instance: &Instance, intent: Intent, terms: &Terms<'_>, now: Timestamp) -> Verdict {
    let mut evaluation = Evaluation {
        instance,
        terms,
        now,
        findings: Vec::with_capacity(12),
    };
    evaluation.holds(RuleId::Series4x, &[]);
    match intent {
        Intent::Upgrade => evaluation.upgrade(),
        Intent::Downgrade(route) => evaluation.open_downgrade(route),
        Intent::SetAction => evaluation.set_action(),
        Intent::Unsubscribe => evaluation.exit(Route::Unsubscribe),
        Intent::Expiry => evaluation.exit(Route::Expiry),
    }
    Verdict::of(evaluation.findings)
}

/// How a downgrade may be opened now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Openings {
    pub by_unsubscribe: bool,
    pub by_expiry: bool,
    /// Whether its size has to be acknowledged with it (`fits-standard`).
    pub acknowledging: bool,
}

/// The ways to open a downgrade of this instance now.
pub fn openings(instance: &Instance, limits: &Limits, now: Timestamp) -> Openings {
    let by = |route| opens_with(instance, Intent::Downgrade(Some(route)), limits, now);
    let (by_unsubscribe, by_expiry) = (by(Route::Unsubscribe), by(Route::Expiry));
    let ways = [by_unsubscribe, by_expiry];
    Openings {
        by_unsubscribe: by_unsubscribe.is_some(),
        by_expiry: by_expiry.is_some(),
        acknowledging: ways.contains(&Some(true)) && !ways.contains(&Some(false)),
    }
}

/// How a change is opened now by an intent, if it may be: `true` where its size has to be acknowledged with it (`fits-standard`).
pub fn opens_with(
    instance: &Instance,
    intent: Intent,
    limits: &Limits,
    now: Timestamp,
) -> Option<bool> {
    let allows = |acknowledged_tps| {
        let terms = Terms {
            limits,
            acknowledged_tps,
            unsubscribed: false,
        };
        judge(instance, intent, &terms, now).allows()
    };
    if allows(None) {
        Some(false)
    } else {
        allows(Some(u32::MAX)).then_some(true)
    }
}

struct Evaluation<'a> {
    instance: &'a Instance,
    terms: &'a Terms<'a>,
    now: Timestamp,
    findings: Vec<Finding>,
}

/// Whether later rules still apply.
#[derive(PartialEq, Eq)]
enum Remaining {
    GoOn,
    Settled,
}

impl Evaluation<'_> {
    fn add(&mut self, rule: RuleId, severity: Severity, found: Found, facts: &'static [FactKind]) {
        self.findings.push(Finding {
            rule,
            severity,
            found,
            facts,
        });
    }

    fn holds(&mut self, rule: RuleId, facts: &'static [FactKind]) {
        self.add(rule, Severity::Holds, Found::Satisfied, facts);
    }

    fn informs(&mut self, rule: RuleId, found: Found, facts: &'static [FactKind]) {
        self.add(rule, Severity::Informs, found, facts);
    }

    fn inconclusive(&mut self, rule: RuleId, found: Found, facts: &'static [FactKind]) {
        self.add(rule, Severity::Inconclusive, found, facts);
    }

    fn blocks(&mut self, rule: RuleId, found: Found, facts: &'static [FactKind]) {
        self.add(rule, Severity::Blocks, found, facts);
    }

    fn already_done(&mut self, rule: RuleId, found: Found, facts: &'static [FactKind]) {
        self.add(rule, Severity::AlreadyDone, found, facts);
    }

    fn tell_of_rule(&mut self, rule: RuleId, facts: &'static [FactKind]) {
        self.informs(rule, Found::Told, facts);
    }

    fn upgrade(&mut self) {
        if self.starts_from(Edition::Standard, RuleId::UpgradeFromStandard) == Remaining::Settled {
            return;
        }
        self.busy();
        self.tell_of_rule(RuleId::UpgradeKeepsIdentity, &[]);
        self.tell_of_rule(RuleId::UpgradeNotReversibleNow, &[]);
        self.tell_of_rule(RuleId::BillingChanges, &[FactKind::Edition]);
    }

    fn open_downgrade(&mut self, route: Option<Route>) {
        if self.starts_from(Edition::Platinum, RuleId::DowngradeFromPlatinum) == Remaining::Settled
        {
            return;
        }
        let expired = self.instance.expired_at(self.now);
        if route == Some(Route::Unsubscribe) && self.after_expiry() == Remaining::Settled {
            return;
        }
        // After the expiry only the expiry route remains, to set the action while that may still save the instance.
        if let Some(expired) = expired {
            if self.too_late_to_open(expired) == Remaining::Settled {
                return;
            }
        } else if route == Some(Route::Expiry) {
            self.expiry_known();
            self.auto_renewal(Severity::Blocks);
            self.exit_ahead();
        } else {
            self.unclear_expiry();
            self.auto_renewal(Severity::Informs);
            self.exit_ahead();
        }
        self.busy();
        self.fits_standard();
        self.action_comes_first();
        self.tell_of_rule(RuleId::BillingChanges, &[FactKind::Edition]);
        if route != Some(Route::Expiry) && expired.is_none() {
            self.refund_limits(Severity::Informs);
        }
    }

    /// Whether its release after an expiry was due, and nobody has seen it as Platinum since.
    fn is_over(&self, expired: Timestamp) -> bool {
        self.now >= expired + RELEASE_AFTER && self.instance.outlived_release(self.now).is_none()
    }

    fn too_late_to_open(&mut self, expired: Timestamp) -> Remaining {
        let facts: &'static [FactKind] = &[FactKind::Expires, FactKind::Action];
        let converts =
            self.instance.at_expiry(self.terms.limits, self.now) == Some(AtExpiry::Converts);
        if !self.is_over(expired) {
            let rule = if converts {
                RuleId::ExitConverts
            } else {
                RuleId::ReleaseAfter7Days
            };
            let found = if converts {
                Found::ExitPassed
            } else {
                Found::MayBeDeleted
            };
            self.informs(rule, found, facts);
            Remaining::GoOn
        } else if converts {
            self.inconclusive(RuleId::ExitConverts, Found::ExitOverdue, facts);
            Remaining::Settled
        } else {
            self.blocks(RuleId::ReleaseAfter7Days, Found::PresumedDeleted, facts);
            Remaining::Settled
        }
    }

    fn set_action(&mut self) {
        if self.starts_from(Edition::Platinum, RuleId::DowngradeFromPlatinum) == Remaining::Settled
        {
            return;
        }
        let facts: &'static [FactKind] = &[FactKind::Expires];
        if let Some(expired) = self.instance.expired_at(self.now) {
            if !self.is_over(expired) {
                self.informs(RuleId::ReleaseAfter7Days, Found::MayBeDeleted, facts);
            } else {
                self.blocks(RuleId::ReleaseAfter7Days, Found::PresumedDeleted, facts);
            }
        }
        // Busy may mean that it is still being deployed.
        let facts: &'static [FactKind] = &[FactKind::Busy];
        match self.busy() {
            (Severity::Informs, _) => self.holds(RuleId::ActionAfterCreation, facts),
            (severity, found) => self.add(RuleId::ActionAfterCreation, severity, found, facts),
        }
    }

    fn exit(&mut self, route: Route) {
        if self.starts_from(Edition::Platinum, RuleId::DowngradeFromPlatinum) == Remaining::Settled
        {
            return;
        }
        if self.terms.unsubscribed {
            self.already_done(RuleId::ExitConverts, Found::ExitPassed, &[]);
            return;
        }
        if self.after_expiry() == Remaining::Settled {
            return;
        }
        match route {
            Route::Unsubscribe => {
                // With a disputed expiry, the instance may have been renewed since the action was observed.
                if self.instance.expires.is_contradictory() {
                    let found = Found::Contradictory(FactKind::Expires);
                    let facts: &'static [FactKind] = &[FactKind::Expires, FactKind::Action];
                    self.inconclusive(RuleId::ActionKnown, found, facts);
                }
                self.auto_renewal(Severity::Informs);
            }
            Route::Expiry => {
                self.expiry_known();
                self.auto_renewal(Severity::Blocks);
            }
        }
        self.action(route);
        self.busy();
        self.fits_standard();
        self.exit_ahead();
        self.tell_of_rule(RuleId::BillingChanges, &[FactKind::Edition]);
        if route == Route::Unsubscribe {
            self.refund_limits(Severity::Inconclusive);
        }
    }

    /// The refund page identifies instances by commodity id: while that or the region is disputed, the right row is unknown.
    fn refund_limits(&mut self, disputed: Severity) {
        let facts: &'static [FactKind] = &[FactKind::CommodityId];
        if self.instance.commodity_id.is_contradictory() {
            let found = Found::Contradictory(FactKind::CommodityId);
            self.add(RuleId::RefundLimits, disputed, found, facts);
        } else if self.instance.region_in_file.is_some() {
            self.add(RuleId::RefundLimits, disputed, Found::RegionDisputed, &[]);
        } else {
            self.tell_of_rule(RuleId::RefundLimits, facts);
        }
    }

    fn starts_from(&mut self, wanted: Edition, rule: RuleId) -> Remaining {
        let facts: &'static [FactKind] = &[FactKind::Edition];
        let edition = &self.instance.edition;
        if edition.is_contradictory() {
            self.inconclusive(rule, Found::Contradictory(FactKind::Edition), facts);
            return Remaining::GoOn;
        }
        match edition.value() {
            None => self.inconclusive(rule, Found::Unknown(FactKind::Edition), facts),
            Some(edition) if *edition == wanted => self.holds(rule, facts),
            Some(_) => {
                self.already_done(rule, Found::AlreadyThere, facts);
                return Remaining::Settled;
            }
        }
        Remaining::GoOn
    }

    /// Rules `exit-converts` and `release-after-7-days`, which decide after the expiry.
    fn after_expiry(&mut self) -> Remaining {
        let facts: &'static [FactKind] = &[FactKind::Expires, FactKind::Action];
        let Some(expired) = self.instance.expired_at(self.now) else {
            return Remaining::GoOn;
        };
        let over = self.is_over(expired);
        match self.instance.at_expiry(self.terms.limits, self.now) {
            Some(AtExpiry::Converts) if over => {
                self.inconclusive(RuleId::ExitConverts, Found::ExitOverdue, facts);
            }
            Some(AtExpiry::Converts) => {
                self.already_done(RuleId::ExitConverts, Found::ExitPassed, facts);
            }
            Some(AtExpiry::AtRisk) | None => {
                let found = if over {
                    Found::PresumedDeleted
                } else {
                    Found::MayBeDeleted
                };
                self.blocks(RuleId::ReleaseAfter7Days, found, facts);
            }
        }
        Remaining::Settled
    }

    fn expiry_known(&mut self) {
        let found = match &self.instance.expires {
            expires if expires.is_contradictory() => Found::Contradictory(FactKind::Expires),
            expires if expires.value().is_none() => Found::Unknown(FactKind::Expires),
            _ => return,
        };
        self.inconclusive(RuleId::ExitConverts, found, &[FactKind::Expires]);
    }

    /// Unsubscribing needs no known expiry, but excludes that it may have passed.
    fn unclear_expiry(&mut self) {
        if self.instance.expires.is_contradictory() && self.instance.may_be_expired(self.now) {
            let found = Found::Contradictory(FactKind::Expires);
            self.inconclusive(RuleId::ExitConverts, found, &[FactKind::Expires]);
        }
    }

    fn exit_ahead(&mut self) {
        let facts: &'static [FactKind] = &[FactKind::Expires];
        self.informs(RuleId::ExitConverts, Found::ExitAhead, facts);
        if self.instance.action.value() != Some(&PostExpirationAction::Downgrade)
            && self.instance.expires.held().is_some()
        {
            self.informs(RuleId::ReleaseAfter7Days, Found::DeadlineAhead, facts);
        }
    }

    /// Blocks on the expiry route; for unsubscribing it is mentioned only when on.
    fn auto_renewal(&mut self, when_on: Severity) {
        let fact = &self.instance.auto_renew;
        let (severity, found) = match self.instance.auto_renew_at(self.now) {
            Some(Switch::Off) => (Severity::Holds, Found::Satisfied),
            Some(Switch::On) => (when_on, Found::AutoRenewalOn),
            None if when_on == Severity::Informs => return,
            None if fact.is_contradictory() => {
                let found = Found::Contradictory(FactKind::AutoRenew);
                (Severity::Inconclusive, found)
            }
            None => (Severity::Inconclusive, Found::Unknown(FactKind::AutoRenew)),
        };
        self.add(RuleId::AutoRenewal, severity, found, &[FactKind::AutoRenew]);
    }

    /// Rules `action-known` and `action-before-exit` for an immediate exit.
    fn action(&mut self, route: Route) {
        let facts: &'static [FactKind] = &[FactKind::Action];
        let limit = route.action_limit(self.terms.limits);
        let known = match self
            .instance
            .action_view(limit, self.terms.limits, self.now)
        {
            ActionView::Known(_) | ActionView::Stale(_)
                if self.instance.action_is_ahead(self.now) =>
            {
                Err(Found::AheadAction)
            }
            ActionView::Known(action) => Ok(action),
            ActionView::Unknown => Err(Found::Unknown(FactKind::Action)),
            ActionView::Contradictory => Err(Found::Contradictory(FactKind::Action)),
            ActionView::Stale(_) => Err(Found::StaleAction(limit)),
        };
        match known {
            Err(found) => self.inconclusive(RuleId::ActionKnown, found, facts),
            Ok(action) => {
                self.holds(RuleId::ActionKnown, facts);
                let (severity, found) = match action {
                    PostExpirationAction::Downgrade => (Severity::Holds, Found::Satisfied),
                    PostExpirationAction::Delete => (Severity::Blocks, Found::ActionIsDelete),
                };
                self.add(RuleId::ActionBeforeExit, severity, found, facts);
            }
        }
    }

    fn action_comes_first(&mut self) {
        let set = self.instance.action.value() == Some(&PostExpirationAction::Downgrade);
        let (severity, found) = if set {
            (Severity::Holds, Found::Satisfied)
        } else {
            (Severity::Informs, Found::SetActionFirst)
        };
        self.add(
            RuleId::ActionBeforeExit,
            severity,
            found,
            &[FactKind::Action],
        );
    }

    /// Rule `busy`: its severity and finding.
    fn busy(&mut self) -> (Severity, Found) {
        let on = |known: &&Known<Switch>| known.value == Switch::On;
        let fact = &self.instance.busy;
        let (severity, found) = match fact.candidates().filter(on).max_by_key(|known| known.at) {
            None if fact.value().is_none() => (Severity::Holds, Found::NotKnownBusy),
            None => (Severity::Holds, Found::Satisfied),
            Some(on) if on.age(self.now) > BUSY_COUNTS => (Severity::Informs, Found::BusyOld),
            Some(_) if fact.is_contradictory() => {
                (Severity::Inconclusive, Found::Contradictory(FactKind::Busy))
            }
            Some(_) => (Severity::Blocks, Found::BusyNow),
        };
        self.add(RuleId::Busy, severity, found, &[FactKind::Busy]);
        (severity, found)
    }

    fn fits_standard(&mut self) {
        let (severity, found) = match self.instance.largest_tps() {
            None => (Severity::Informs, Found::Unknown(FactKind::MaxTps)),
            Some(tps) if tps <= STANDARD_TPS => (Severity::Holds, Found::Satisfied),
            Some(tps)
                if self
                    .terms
                    .acknowledged_tps
                    .is_some_and(|acknowledged| tps <= acknowledged) =>
            {
                (Severity::Informs, Found::Acknowledged(tps))
            }
            Some(tps) => (Severity::BlocksUntilAcknowledged, Found::TooLarge(tps)),
        };
        self.add(RuleId::FitsStandard, severity, found, &[FactKind::MaxTps]);
    }
}
