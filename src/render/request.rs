//! Requests for approvals, and the approvals that a step would need.

use std::fmt::Write as _;

use super::approval::{
    consequence, count, emergency_override, names, nobody_else, observations, progress,
};
use super::error::sentence;
use super::time::Reader;
use super::{card, change, fact, finding, permit, remedy};
use crate::answer::TooFew;
use crate::domain::Timestamp;
use crate::domain::approval::{Lacking, Request, team_to_approve};
use crate::domain::case::Case;
use crate::domain::change::{Change, Route, Step};
use crate::domain::instance::Instance;
use crate::domain::rules::{FactKind, Intent};
use crate::domain::team::Limits;

/// The request of a newly opened change.
pub(super) fn asked(case: &Case, too_few: Option<TooFew>, reader: &Reader) -> String {
    let request = case.open_change().and_then(Change::request_open);
    let mut out = request.map_or_else(String::new, |request| {
        format!(
            "  asked: {} of `{}`, from somebody else, until {}\n",
            count(request.needed, "approval"),
            request.step.as_str(),
            reader.moment(request.lapses_at())
        )
    });
    if let Some(TooFew {
        step,
        able,
        needed,
        looks,
    }) = too_few
    {
        let step = step.as_str();
        let _ = match able {
            _ if looks => writeln!(
                out,
                "  Warning: {needed} different people must have looked before `{step}`, and there are fewer here. An admin says `settings observers 1`, or track it where the others are, in the workspace of their Discord server."
            ),
            0 => writeln!(
                out,
                "  Warning: nobody else could approve here, and `{step}` needs {needed}. At a terminal there is one person, whatever the name. An admin says `settings approvals {step} 0`, then `cancel` this one and open it again; or track it where the others are, in the workspace of their Discord server."
            ),
            able => writeln!(
                out,
                "  Warning: {able} other people could approve here, and `{step}` needs {needed}. Ask an admin for approvers."
            ),
        };
    }
    out
}

/// The request in full: the approvers, the facts it rests on, and how it is answered.
pub(super) fn request(case: &Case, change: &Change, request: &Request, reader: &Reader) -> String {
    let (instance, number) = (&case.instance, change.number);
    let step = request.step.as_str();
    let what = if reader.has_buttons() {
        format!("`{step}` of {} (#{number})", instance.called())
    } else {
        let kind = change::kind(change.kind);
        format!(
            "`{step}` of {} ({}), {kind} #{number}",
            instance.name, instance.id
        )
    };
    // Informing rules do not depend on the age limits of facts.
    let intent = request.step.permit_intent().unwrap_or(Intent::Expiry);
    let verdict = case.judge(intent, &Limits::default(), reader.now);
    // Who looks before an expiry compares the row as well, though there is no permit for it.
    let has_row = request.basis.row.is_some() || reader.has_buttons();
    let row = has_row.then(|| permit::row(case, request.step, reader));
    let row = row.unwrap_or_default();
    let consequence = consequence_and_look(instance, request.step, reader);
    let owners = names(std::iter::once(&change.opened_by).chain(&change.owners));
    let team = team_to_approve(instance, request.step);
    let doubt = in_doubt(case, request, reader);
    if reader.has_buttons() {
        let mut out = format!("{what}.\n{doubt}{consequence}\n{row}");
        if request.step != Step::Upgrade {
            out.push_str(&permit::becomes_standard(case, request.step));
        }
        // Deciding facts come above informative ones.
        if request.step == Step::AwaitExpiry {
            out.push_str(&card::expires(instance, reader));
        }
        out.push_str(&card::approvals_asked(change, request, team, reader));
        out.push_str(&card::opened(change));
        // Last: who approves looks for themselves, and copies nobody's look.
        if request.step != Step::Upgrade {
            out.push_str(&card::looks(case, request, reader));
        }
        out.push_str(&finding::in_brief(&verdict, case, request.step, reader));
        out.push_str(&emergency_override(change, reader));
        out.truncate(out.trim_end().len());
        return out;
    }
    let mut out = format!(
        "{what}, opened {}{}.\n{doubt}{consequence}\n{row}",
        change::opened_by(change),
        change::reason(change)
    );
    out.push_str(&finding::informing(&verdict, case, reader));
    out.push_str(&emergency_override(change, reader));
    let team = team.map_or_else(String::new, |team| {
        format!(", one of them of the team {team}")
    });
    let from = format!(
        "{} needed from approvers other than {owners}{team}",
        count(request.needed, "approval")
    );
    let _ = writeln!(out, "{from}; {}.", progress(case, change, request, reader));
    if request.step != Step::Upgrade {
        for kind in [FactKind::Expires, FactKind::Action] {
            let _ = writeln!(out, "{}", sentence(&fact::phrase(instance, kind, reader)));
        }
    }
    if request.observers > 1 {
        let observations = instance.observations.iter();
        let looked = names(observations.map(|observation| &observation.by));
        let _ = writeln!(
            out,
            "{} needed who looked at the action themselves; so far {looked}.",
            count(request.observers, "observer")
        );
    }
    if reader.is_alone {
        let looks = request.observers > 1;
        let approvals = !case.is_approved(reader.now);
        out.push_str(&nobody_else(case, request.step, approvals, looks));
        return out;
    }
    let seen = if request.step == Step::Upgrade {
        ""
    } else {
        " --seen <downgrade|delete>"
    };
    let _ = write!(
        out,
        "{} `approve {number}{seen}`, or `reject {number} --reason TEXT`.",
        if seen.is_empty() {
            "Answer:"
        } else {
            "After your look:"
        }
    );
    out
}

/// The risk, and where approvers look for themselves before they see other people's observations. Standard Edition has no action.
fn consequence_and_look(instance: &Instance, step: Step, reader: &Reader) -> String {
    let name = instance.console_name();
    match (step, reader.has_buttons()) {
        (Step::Upgrade, _) => consequence(step, reader).to_owned(),
        _ if reader.is_alone => consequence(step, reader).to_owned(),
        (_, true) => format!(
            "If on Delete, it is gone for good. Look: Instances > {name} > Post-expiration Action."
        ),
        (_, false) => format!(
            "{} Look yourself first, in the console: Instances > {name}, Post-expiration Action.",
            consequence(step, reader)
        ),
    }
}

/// That the step may have happened already, under a permit whose outcome nobody has reported: who agrees to it has to know.
fn in_doubt(case: &Case, request: &Request, reader: &Reader) -> String {
    let step = request.step;
    let change = case.open_change();
    let permit = change.and_then(|change| change.permit.as_ref());
    let Some(permit) = permit.filter(|permit| permit.step == step) else {
        return String::new();
    };
    let withdrawn = case.instance.in_doubt.as_ref();
    let withdrawn = withdrawn.is_some_and(|doubt| doubt.step == step);
    if case.unknown_outcome() != Some(step) && !withdrawn {
        return String::new();
    }
    format!(
        "It may have happened already: {}'s permit for it, given {}, {}, and nobody has reported the outcome. Look first.\n",
        permit.holder,
        reader.relative(permit.shown_at),
        permit::ended(permit.state)
    )
}

/// A requirement of a permit for a step beside the rules.
pub enum MissingForPermit<'a> {
    /// An open change to which the step belongs.
    Change {
        /// The number of another one, as there is one at a time.
        other: Option<u64>,
        /// The command that opens it.
        opens: Option<String>,
    },
    Approvals(&'a Lacking),
    Observers(&'a Lacking),
    Permit {
        /// The change of which `next` gives it, where the rules let that through.
        next: Option<u64>,
    },
}

impl MissingForPermit<'_> {
    /// One word for it.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Change { .. } => "change",
            Self::Approvals(_) => "approvals",
            Self::Observers(_) => "observers",
            Self::Permit { .. } => "permit",
        }
    }

    /// A clause that says it.
    pub fn told(&self, reader: &Reader) -> String {
        match self {
            Self::Change { other, opens } => match (other, opens) {
                (Some(other), _) => {
                    format!("an open change of this kind (#{other} is open, one at a time)")
                }
                (None, Some(opens)) => format!("an open change ({opens} opens it)"),
                (None, None) => "an open change".to_owned(),
            },
            Self::Approvals(lacking) => {
                let given = match lacking.given.as_slice() {
                    [] => "nobody has".to_owned(),
                    given => format!("so far {}", names(given)),
                };
                let team = lacking.team.as_ref();
                let team = team.map(|team| format!(", one from the team {team}"));
                format!(
                    "{}{} ({given})",
                    count(lacking.needed, "approval"),
                    team.unwrap_or_default()
                )
            }
            Self::Observers(lacking) => format!(
                "{} who looked at the action (so far {})",
                count(lacking.observers, "observer"),
                observations(&lacking.observations, reader)
            ),
            Self::Permit { next: Some(number) } => format!("the permit itself (`next {number}`)"),
            Self::Permit { next: None } => "the permit itself".to_owned(),
        }
    }
}

/// The requirements of a permit for a step beside the rules.
pub fn missing<'a>(
    case: &Case,
    step: Option<Step>,
    lacking: Option<&'a Lacking>,
    now: Timestamp,
) -> Vec<MissingForPermit<'a>> {
    let by = |intent| remedy::opening_of(&case.instance, intent, now);
    let opens = match step {
        Some(Step::Upgrade) => by(Intent::Upgrade),
        Some(Step::Unsubscribe) => by(Intent::Downgrade(Some(Route::Unsubscribe))),
        Some(Step::AwaitExpiry) => by(Intent::Downgrade(Some(Route::Expiry))),
        _ => remedy::opening(&case.instance, now),
    };
    let change = case.open_change();
    let belongs = |change: &Change| step.is_none_or(|step| change.kind.steps().contains(&step));
    let other = change.map(|other| other.number);
    let opened = !change.is_some_and(belongs);
    let opened = opened.then_some(MissingForPermit::Change { other, opens });
    let approvals = lacking.filter(|lacking| !lacking.has_approvals());
    let observers = lacking.filter(|lacking| !lacking.has_observations());
    let needs_permit = step.is_some_and(|step| step.permit_intent().is_some());
    let permit = change.filter(|_| needs_permit).map(|change| {
        let allowed = case.forbids_next(&Limits::default(), now).is_none();
        let next = allowed.then_some(change.number);
        MissingForPermit::Permit { next }
    });
    let people = approvals.map(MissingForPermit::Approvals).into_iter();
    let people = people.chain(observers.map(MissingForPermit::Observers));
    opened.into_iter().chain(people).chain(permit).collect()
}

/// The note that the answer is no permit, and the conditions for one.
pub(super) fn no_permit(
    case: &Case,
    step: Option<Step>,
    lacking: Option<&Lacking>,
    reader: &Reader,
) -> String {
    let missing = missing(case, step, lacking, reader.now);
    let missing: Vec<String> = missing.iter().map(|one| one.told(reader)).collect();
    if missing.is_empty() {
        "This is no permit.\n".to_owned()
    } else {
        format!("This is no permit. Missing: {}.\n", missing.join("; "))
    }
}
