//! The properties of every reachable state.

use super::*;

/// The change is done, and this step of it as it should be.
pub(super) fn completed(world: &World, kind: ChangeKind, step: Step) -> bool {
    world.case.change.as_ref().is_some_and(|change| {
        let ordinary = change
            .record(step)
            .is_some_and(|record| matches!(record.how, How::Confirmed | How::Elapsed));
        change.kind == kind && change.status == Status::Done && ordinary
    })
}

/// Calling it off, giving it up and finding the target reached each end whatever is open.
pub(super) fn can_end(play: &Play, world: &World) -> bool {
    let Some(change) = world.case.open_change() else {
        return true;
    };
    let moment = play.alice();
    let ends = |end: &dyn Fn(&mut Case) -> bool| {
        let mut trial = world.case.clone();
        end(&mut trial) && trial.open_change().is_none()
    };
    let reached = match change.kind {
        ChangeKind::Upgrade => Said {
            edition: Some(Some(Edition::Platinum)),
            expires: Some(Some(now() + LATER)),
            sure: true,
            action: Some(Some(PostExpirationAction::Delete)),
            ..Said::default()
        },
        ChangeKind::Downgrade(_) => Said {
            edition: Some(Some(Edition::Standard)),
            ..Said::default()
        },
    };
    ends(&|case| case.cancel("off", &moment).is_ok())
        && ends(&|case| case.fail("broken", &moment).is_ok())
        // Without an exit that explains it, one word is not enough.
        && ends(&|case| {
            case.attest(&reached, &moment).is_ok() && case.attest(&reached, &moment).is_ok()
        })
}

/// Of whatever is open a post is due within a day, or was: by its ladder, or by the days around an expiry. Not where it is
/// known to end well, or has been told for a week, or where those who approve were asked by the request, or who opened it was told
/// of the lapse.
pub(super) fn open_is_told(play: &Play, world: &World) -> bool {
    with_situation(play, world, |situation| {
        let planned = plan(situation, now());
        let due = |concern: &Concern, each: &Planned| {
            // A concern told in a reply is due after a day, together with other posts of that day.
            let told = concern.kind.is_told_in_reply();
            let soon = now() + if told { DAY * 2 } else { DAY };
            let told = match each.level().topic {
                Topic::Concern(kind) => kind == concern.kind && each.point.of == concern.since,
                // From three days before the expiry on a reminder of it calls people.
                Topic::Expiry | Topic::Charge => {
                    concern.rhythm != Rhythm::Ladder
                        || each.level().hours >= -72 && each.due > now()
                }
                Topic::Attest => false,
            };
            told && each.due <= soon && each.mute.is_none_or(|mute| mute == Mute::ExpiryTells)
        };
        let is_told = |concern: &Concern| {
            let well =
                concern.kind == ConcernKind::Expires && situation.row(now()) != ReminderRow::AtRisk;
            well || planned.iter().any(|each| due(concern, each))
        };
        let all = concerns(situation, now());
        let told_by_others = [Rhythm::Digest, Rhythm::Followed];
        let mut open = all.iter().filter(|concern| {
            concern.weight == Weight::Open && !told_by_others.contains(&concern.rhythm)
        });
        open.all(is_told)
    })
}

/// A possible loss, or a doubt, is an open concern, so that people hear of it unasked.
pub(super) fn danger_is_open(play: &Play, world: &World) -> bool {
    let instance = &world.case.instance;
    let change = world.case.open_change();
    let done = |step| change.is_some_and(|change| change.record(step).is_some());
    let unknown = change.and_then(Change::unknown_outcome);
    let platinum = instance.edition.value() != Some(&Edition::Standard);
    let near = |at: DateTime<_>| at <= now() + DAY * 30;
    let mut expiries = instance.expires.candidates();
    let near = expiries.any(|known| near(known.value)) || instance.expires.held().is_none();
    let danger = instance.is_tracked()
        && (unknown.is_some_and(Step::is_irreversible)
            || done(Step::Unsubscribe)
            || done(Step::Upgrade)
            || instance.edition.value().is_none()
            || platinum && near);
    let open = with_situation(play, world, |situation| concerns(situation, now()));
    !danger || open.iter().any(|concern| concern.weight == Weight::Open)
}

fn with_situation<R>(play: &Play, world: &World, look: impl FnOnce(&Situation<'_>) -> R) -> R {
    let (cadence, attention) = (Cadence::default(), Attention::default());
    look(&Situation {
        case: &world.case,
        limits: &play.policy.limits,
        cadence: &cadence,
        attention: &attention,
        since: SinceExpiry::default(),
        suppresses: false,
        opened: &[],
        raised: &[],
        told: None,
        done: &[],
    })
}
