//! Verdicts: of one intent, of the two routes of a downgrade, and of all rules.

use std::fmt::Write as _;

use super::time::Reader;
use super::{approval, change, finding, handle, request, table};
use crate::domain::approval::Lacking;
use crate::domain::case::Case;
use crate::domain::change::{Change, ChangeKind, Route, Step};
use crate::domain::instance::PostExpirationAction;
use crate::domain::notice::NoticeVerdict;
use crate::domain::outcome::Outcome;
use crate::domain::rules::{Intent, RuleId, Verdict};
use crate::domain::team::Limits;

/// The verdict on an intent, with the approvals that it still needs.
pub(super) fn judged(
    case: &Case,
    intent: Intent,
    verdict: &Verdict,
    lacking: Option<&Lacking>,
    reader: &Reader,
) -> String {
    let mut out = format!(
        "{}: {}, by the documented rules at {}.\n",
        finding::headline(verdict.outcome),
        finding::intent_of(intent, &case.instance),
        reader.instant(reader.now)
    );
    out.push_str(&finding::verdict(verdict, case, reader));
    if verdict.outcome != Outcome::AlreadyDone {
        out.push_str(&request::no_permit(case, intent.step(), lacking, reader));
    }
    if let Some(number) = case.open_number() {
        let verb = match case.forbids_next(&Limits::default(), reader.now) {
            None => "next",
            Some(_) => "change",
        };
        let _ = write!(
            out,
            "Change #{number} is open: `{verb} {number}` shows its next step."
        );
    }
    out
}

/// The two routes of a downgrade, side by side.
pub(super) fn routes(case: &Case, verdicts: &[(Route, Verdict)], reader: &Reader) -> String {
    let (name, handle) = (case.instance.called(), handle(&case.instance));
    let expires = case.instance.expires.value().map(|at| reader.moment(*at));
    let expires = expires.unwrap_or_else(|| "a date that is not known".to_owned());
    let row = |what: &str, one: String, two: String| [what.to_owned(), one, two];
    let rows = [
        row("", "by unsubscribing".into(), "by expiry".into()),
        row(
            "when",
            "at once, on the day you choose".into(),
            format!("from {expires}, within 168 h"),
        ),
        row(
            "refund",
            "what is left, within the limits; irreversible".into(),
            "none: it is used up".into(),
        ),
        row(
            "downtime",
            "none expected".into(),
            "service may be suspended from expiry for up to 168 h".into(),
        ),
        row(
            "look at the action",
            "at most 24 h before".into(),
            "at most 7 d before expiry".into(),
        ),
        row(
            "auto-renewal",
            "does not matter".into(),
            "must be off before day 9".into(),
        ),
        row(
            "what can go wrong",
            "the wrong row, or action not Downgrade: deleted at once".into(),
            "action not Downgrade at expiry: deleted within days".into(),
        ),
        row("steps", steps(Route::Unsubscribe), steps(Route::Expiry)),
    ];
    let open = case.open_change();
    let mut out = open.map_or_else(String::new, |open| {
        format!("{}\n", one_at_a_time(case, open))
    });
    let _ = writeln!(
        out,
        "Two ways from Platinum to Standard for {name}; nothing was opened."
    );
    out.push_str(&table::compared(&rows, reader.columns));
    // Another one would be refused, whatever the rules say of it.
    if open.is_some() {
        return out;
    }
    for (route, verdict) in verdicts {
        let _ = writeln!(
            out,
            "Opening one by {route}: {}.{}",
            finding::headline(verdict.outcome),
            not_before_downgrade(case, *route)
        );
        out.push_str(&finding::deciding(verdict, case, reader));
    }
    let ways: Vec<String> = verdicts
        .iter()
        .filter(|(_, verdict)| matches!(verdict.outcome, Outcome::Allowed | Outcome::NeedsApproval))
        .map(|(route, _)| format!("`downgrade {handle} --by {route}`"))
        .collect();
    match ways.is_empty() {
        true => out.truncate(out.trim_end().len()),
        false => {
            let _ = write!(out, "Choose: {}.", ways.join(" or "));
        }
    }
    out
}

/// The open change of an instance, and how it goes on or ends.
fn one_at_a_time(case: &Case, open: &Change) -> String {
    let number = open.number;
    format!(
        "{} has an open change already, #{number} ({}). One at a time: `next {number}` continues it, `cancel {number} --reason TEXT` ends it.",
        case.instance.called(),
        change::kind(open.kind)
    )
}

/// The note that the steps before the exit are required while the action is not Downgrade.
fn not_before_downgrade(case: &Case, route: Route) -> &'static str {
    let downgrade = Some(&PostExpirationAction::Downgrade);
    match route {
        _ if case.instance.action.value() == downgrade => "",
        Route::Unsubscribe => {
            " Its first step sets the action; unsubscribing before that deletes it (action-before-exit)."
        }
        Route::Expiry => {
            " Its first step sets the action; expiring before that deletes it (release-after-7-days)."
        }
    }
}

fn steps(route: Route) -> String {
    let kind = ChangeKind::Downgrade(route);
    kind.steps().map(Step::as_str).join(" → ")
}

/// The rules on which the next step of a change rests.
pub(super) fn why_step(case: &Case, step: Step, verdict: &Verdict, reader: &Reader) -> String {
    let mut out = format!(
        "{}: `{step}` of {} (#{}), by the documented rules at {}.\n",
        finding::headline(verdict.outcome),
        case.instance.called(),
        case.number().unwrap_or_default(),
        reader.instant(reader.now)
    );
    out.push_str(&approval::override_of(case, reader));
    out.push_str(&finding::all(verdict, case, reader));
    let _ = writeln!(
        out,
        "`why {}` has every rule that applies to it.",
        handle(&case.instance)
    );
    out
}

/// Every rule that applies, and the verdict on a release notice.
pub(super) fn why(
    case: &Case,
    verdicts: &[(Intent, Verdict)],
    notice: NoticeVerdict,
    reader: &Reader,
) -> String {
    let mut out = format!(
        "Every rule that applies to {} at {}.\n",
        case.instance.called(),
        reader.instant(reader.now)
    );
    out.push_str(&approval::override_of(case, reader));
    // The intent of the open request comes first: a card may cut the rest.
    let request = case.open_change().and_then(Change::request_open);
    let asked = request.map(|request| request.step.permit_intent().unwrap_or(Intent::Expiry));
    let mut verdicts: Vec<&(Intent, Verdict)> = verdicts.iter().collect();
    verdicts.sort_by_key(|(intent, _)| asked != Some(*intent));
    for (intent, verdict) in verdicts {
        let _ = writeln!(
            out,
            "{}: {}.",
            finding::intent_of(*intent, &case.instance),
            finding::headline(verdict.outcome)
        );
        out.push_str(&finding::all(verdict, case, reader));
    }
    out.push_str(&release_notice(notice));
    out
}

/// The verdict on a release notice of the current expiry, if it were fully understood.
fn release_notice(verdict: NoticeVerdict) -> String {
    let id = RuleId::ReleaseNoticeRedundant.as_str();
    let why = match verdict {
        NoticeVerdict::RedundantByAction => {
            "would be redundant if all of it is understood: the action is attested Downgrade"
        }
        NoticeVerdict::RedundantByConversion => {
            "would be redundant if all of it is understood: Standard was seen after the exit"
        }
        NoticeVerdict::ProbablyRedundant => {
            "would be raised, as probably redundant, until Standard is seen"
        }
        NoticeVerdict::NotARelease
        | NoticeVerdict::NotOneInstance
        | NoticeVerdict::NotUnderstood
        | NoticeVerdict::Vetoed
        | NoticeVerdict::DateDoesNotFit
        | NoticeVerdict::NoProof => "would be raised: nothing proves it redundant",
    };
    format!("release notice: {why} ({id}).\n")
}
