//! Normal forms of states: ages that no rule can tell apart become one.

use super::*;

/// Does it to what an instance was before it was said to be Standard.
pub(super) fn within(before: &mut Option<Box<PlatinumFacts>>, does: impl Fn(&mut Instance)) {
    if let Some(before) = before {
        let mut instance = BLANK.clone();
        before.as_ref().clone().give_back(&mut instance);
        does(&mut instance);
        **before = PlatinumFacts::of(&instance);
    }
}

/// The state before Standard matters once Standard is taken back: whether the expiry has passed and how long ago, and the action.
pub(super) fn normalise_before(instance: &mut Instance, mark: Timestamp) {
    normalise_instance(instance);
    instance.auto_renew = Fact::never();
    if let Fact::Known(known) = &mut instance.expires {
        known.value = if known.value > now() {
            mark + SOON
        } else {
            pull_expiry(known.value - DAY)
        };
    }
    // One that has passed is reminded of as long as that may still be its own.
    instance.unsaid_expires = instance.unsaid_expires.map(|at| {
        if at > now() {
            mark + SOON
        } else {
            pull_expiry(at - DAY)
        }
    });
    if let Fact::Known(known) = &mut instance.action {
        known.at = now() - DAY * 2;
    }
}

pub(super) fn normalise_instance(instance: &mut Instance) {
    instance.past = domain::past::Past::NOTHING;
    // People are asked because of it, and nothing is permitted or refused.
    instance.in_doubt = None;
    let is_standard = instance.edition.value() == Some(&Edition::Standard);
    forget_provenance(&mut instance.edition, is_standard);
    forget_provenance(&mut instance.expires, is_standard);
    forget_provenance(&mut instance.auto_renew, is_standard);
    forget_reason(&mut instance.action, is_standard);
    if let Fact::Known(known) = &mut instance.expires {
        let pulled = pull_expiry(known.value);
        if let Fact::Known(action) = &mut instance.action
            && action.at >= known.value
        {
            action.at = action.at.max(pulled);
        }
        known.value = pulled;
    }
    instance.unsaid_expires = instance.unsaid_expires.map(pull_expiry);
    // Only reminders go by it.
    instance.earlier_expires = None;
    if let Fact::Known(known) = &mut instance.action {
        known.at = match known.value {
            PostExpirationAction::Downgrade => pull_age(known.at),
            PostExpirationAction::Delete => now(),
        };
    }
    // That it stops by itself a day later is the same as somebody saying so the moment before: its age is no state.
    let busy = |busy: &Known<Switch>| busy.value == Switch::On && now() - busy.at <= DAY;
    match &mut instance.busy {
        Fact::Known(known) if busy(known) => known.at = now(),
        other => *other = Fact::never(),
    }
    // Off is what the expiry route asks for; On and unknown both refuse it.
    if instance.auto_renew.value() != Some(&Switch::Off) {
        instance.auto_renew = Fact::never();
    }
}

/// Of the days after an expiry only the first and the seventh differ, of an age only a day, two, seven and more.
pub(super) fn pull_expiry(expires: Timestamp) -> Timestamp {
    match now() - expires {
        gone if gone >= WEEK => now() - WEEK,
        gone if gone >= DAY => now() - DAY,
        _ => expires,
    }
}

fn pull_age(at: Timestamp) -> Timestamp {
    match now() - at {
        age if age > WEEK => now() - WEEK - DAY * 2,
        age if age > DAY && age < WEEK => now() - DAY * 2,
        _ => at,
    }
}

pub(super) fn normalise_change(change: &mut Change, decided_on: Fingerprint) {
    change.opened_at = now();
    change.fell_at = None;
    // Nobody approves here, so whose it is makes no difference.
    change.owners.clear();
    change.left.clear();
    change.opened_by = ALICE.clone();
    change.opener = None;
    change.ended_by = None;
    change.ended_at = change.ended_at.map(|_| now());
    change.decided_on = decided_on;
    // Whether `set-action` is done the facts say.
    change
        .records
        .retain(|record| record.step != Step::SetAction);
    for record in &mut change.records {
        record.at = now();
        record.by = None;
        if record.how == How::Shown {
            record.how = How::Confirmed;
        }
        if record.how == How::Outside(None) {
            record.how = How::Outside(Some("seen".to_owned()));
        }
    }
    let open = change.is_open();
    change.permit.take_if(|permit| match permit.state {
        PermitState::Used => true,
        PermitState::Withdrawn => !open || permit.step == Step::SetAction,
        PermitState::Out | PermitState::Lapsed => false,
    });
    if let Some(permit) = &mut change.permit {
        permit.serial = 1;
        if permit.state != PermitState::Out {
            permit.shown_at = now();
            permit.holder = ALICE.clone();
        }
    }
    if matches!(change.status, Status::Failed(_)) {
        change.status = Status::Cancelled("it broke".to_owned());
    }
}

/// Of the reasons only that Standard has none says something of another fact: on Standard it is as good as any.
fn forget_reason<T>(fact: &mut Fact<T>, is_standard: bool) {
    if let Fact::Unknown { gap, since } = fact {
        *since = None;
        if is_standard {
            *gap = Gap::OnlyPlatinum;
        } else if *gap != Gap::OnlyPlatinum {
            *gap = Gap::SaidUnknown;
        }
    }
}

fn forget_provenance<T>(fact: &mut Fact<T>, is_standard: bool) {
    forget_reason(fact, is_standard);
    let known = match fact {
        Fact::Known(known) => [Some(known), None],
        Fact::Contradictory { held, other } => [Some(held), Some(other)],
        Fact::Unknown { .. } => [None, None],
    };
    for known in known.into_iter().flatten() {
        known.at = now();
        known.source = Source::Attested;
    }
}

/// Moves everything `time` into the past.
pub(super) fn shift(case: &mut Case, time: TimeDelta) {
    shift_instance(&mut case.instance, time);
    within(&mut case.instance.before_standard, |instance| {
        shift_instance(instance, time);
    });
    if let Some(change) = &mut case.change {
        within(&mut change.before_standard, |instance| {
            shift_instance(instance, time);
        });
    }
    if let Some(permit) = case
        .change
        .as_mut()
        .and_then(|change| change.permit.as_mut())
    {
        permit.shown_at -= time;
    }
}

fn shift_instance(instance: &mut Instance, time: TimeDelta) {
    if let Fact::Known(known) = &mut instance.expires {
        known.value -= time;
    }
    instance.unsaid_expires = instance.unsaid_expires.map(|at| at - time);
    if let Fact::Known(known) = &mut instance.action {
        known.at -= time;
    }
    if let Fact::Known(known) = &mut instance.busy {
        known.at -= time;
    }
}
