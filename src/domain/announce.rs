//! Messages that a decision, or the passing of time, makes the bot post: derived from events, sent later through the outbox.

use serde::{Deserialize, Serialize};

use super::Timestamp;
use super::approval::Told;
use super::case::Case;
use super::change::{Change, Step};
use super::event::{Disqualified, Event, EventKind, FactValue, Manner, OverrideEnd, Withdrawal};
use super::facts::FactKind;
use super::id::{Person, TeamName};
use super::import::alarming as alarming_by_file;
use super::instance::PostExpirationAction;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Place {
    /// The instance's channel: its own, else its team's, else the workspace's.
    Instance,
    /// The workspace's alerts channel.
    Alerts,
    /// A team's channel.
    Team(TeamName),
}

/// The people to mention.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Whom {
    /// The approvers; the instance's team too, where it has one.
    Approvers,
    /// The instance's team; the approvers, where it has none that is called.
    Team,
    Person(Person),
    /// A team that the instance no longer belongs to.
    Former(TeamName),
}

/// A message posted by the bot. Its text is composed when it is sent, from the facts of that moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "say",
    rename_all = "kebab-case",
    rename_all_fields = "snake_case"
)]
pub enum PostContent {
    /// A step waits for approvals.
    ApprovalAsked {
        step: Step,
        /// The request's number in its change.
        request: u32,
        /// The stage of the request: how often, and to whom, it has been announced.
        told: Told,
        /// The values that moved since the previous request.
        #[serde(default)]
        moved: Vec<EventKind>,
    },
    /// The request has enough approvals.
    ApprovalComplete {
        step: Step,
        /// The last approver.
        by: Person,
        /// The request's number in its change; 0 in what an earlier version said.
        #[serde(default)]
        request: u32,
    },
    /// The request lapsed with too few approvals.
    RequestLapsed {
        step: Step,
        /// Those whose approvals were enough, and lapsed with it before they were used.
        #[serde(default)]
        unused: Vec<Person>,
    },
    /// Approvals lapsed before they were used.
    ApprovalLapsed {
        step: Step,
        of: Person,
        /// The others whose approvals lapsed at that moment.
        #[serde(default)]
        others: Vec<Person>,
        /// Whether the request had all its approvals until then: the permit waited for who opened the change.
        #[serde(default)]
        complete: bool,
    },
    /// A person's approval does not count any more.
    ApproverGone {
        step: Step,
        of: Person,
        #[serde(default)]
        why: Disqualified,
        /// The person who decided it, if anybody.
        #[serde(default)]
        by: Option<Person>,
    },
    /// A person left, and their open work was handed over.
    HandedOver {
        of: Person,
        to: Person,
        /// The person who handed over.
        by: Option<Person>,
        reason: Option<String>,
        /// Whether what they saw of the action does not count any more either.
        #[serde(default)]
        observed: bool,
    },
    /// A person who observed the action has left.
    ObserverGone { of: Person },
    /// Facts that the approvals rest on moved.
    ApprovalsVoided {
        step: Step,
        of: Vec<Person>,
        moved: Vec<EventKind>,
        /// The person who moved them.
        by: Option<Person>,
        /// Whether that is Delete, seen while the downgrade rests on Downgrade: its owner is called too.
        #[serde(default)]
        on_delete: bool,
    },
    /// Somebody saw Delete while an open downgrade rests on Downgrade.
    SeenOnDelete { by: Person },
    /// The instance left its team.
    LeftTeam {
        /// The former team.
        team: String,
        /// The new team.
        to: Option<String>,
        /// The person who changed it.
        by: Option<Person>,
    },
    /// The instance joined a team, which hears what is open of it.
    JoinedTeam {
        team: String,
        /// The former team.
        from: String,
        /// The person who changed it.
        by: Option<Person>,
    },
    /// An approver rejected the change.
    Rejected { by: Person, reason: String },
    /// An admin overrode missing approvals.
    #[serde(rename = "glass-broken")]
    ApprovalsOverridden {
        by: Person,
        reason: String,
        ticket: String,
    },
    /// An emergency override ended before a permit was given on it.
    #[serde(rename = "glass-void")]
    OverrideEnded {
        step: Step,
        /// The person who had replaced the approvals.
        of: Person,
        why: OverrideEnd,
        /// The person who caused it; `None` when time did.
        by: Option<Person>,
    },
    /// An outstanding permit was withdrawn.
    PermitWithdrawn {
        step: Step,
        holder: Person,
        why: Withdrawal,
        moved: Vec<EventKind>,
        /// The person who caused it.
        by: Option<Person>,
    },
    /// A permit lapsed, and no outcome was reported.
    OutcomeAsked { step: Step, holder: Person },
    /// A step was done without the approvals it needs.
    Unapproved { step: Step },
    /// A step was done without a permit.
    Outside {
        step: Step,
        /// The person who reported it.
        by: Option<Person>,
        reason: Option<String>,
    },
    /// Standard has ended the change, although no exit was recorded in it.
    EndedOutside {
        /// The person who said that it is Standard.
        by: Option<Person>,
    },
    /// It is not known to be Standard any more, which had ended a change.
    PlatinumAgain {
        /// The number of the change.
        ended: u64,
        /// Whether it may be Standard all the same.
        #[serde(default)]
        doubted: bool,
        /// The person who said so.
        by: Option<Person>,
    },
    /// The instance expired while Downgrade was not known.
    Waiting,
    /// Seven days after expiry, Downgrade was still not known.
    PresumedDeleted,
    /// That it is presumed deleted was said by a clock that was ahead.
    PresumedTooEarly,
    /// The instance was deleted at the vendor.
    Lost {
        /// The person who reported it.
        by: Person,
        reason: String,
    },
    /// The number of approvals or observers that the policy requires changed.
    PolicyChanged {
        /// The person who changed it; `None` when the configuration did.
        #[serde(default)]
        by: Option<Person>,
        /// The changed values, one per line, such as `approvals_for_unsubscribe: 2, was 3`.
        lines: Vec<String>,
    },
    /// A person lowered a safeguard of the workspace.
    SafeguardLowered {
        by: Person,
        /// The changed values, one per line, such as `observers: 1, was 2`.
        lines: Vec<String>,
    },
}

/// A message with its place and its mentions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    /// The index of the case's event that it follows from, from 0.
    pub event: usize,
    pub at: Timestamp,
    pub place: Place,
    /// The people to mention.
    pub whom: Vec<Whom>,
    pub message: PostContent,
}

impl Announcement {
    /// The message to the new team of an instance, where this one is for the former team.
    pub fn to_new_team(&self) -> Option<Self> {
        let PostContent::LeftTeam { team, to, by } = &self.message else {
            return None;
        };
        Some(Self {
            place: Place::Instance,
            whom: vec![Whom::Team],
            message: PostContent::JoinedTeam {
                team: to.clone()?,
                from: team.clone(),
                by: by.clone(),
            },
            ..self.clone()
        })
    }

    /// A call for approvals as the last one: to the alerts channel.
    #[must_use]
    pub fn in_alerts(mut self) -> Self {
        if let PostContent::ApprovalAsked { told, .. } = &mut self.message {
            *told = Told::Escalated;
            self.place = Place::Alerts;
        }
        self
    }
}

/// The announcements for the events of a case since it was loaded, in order.
pub fn announcements(case: &Case) -> Vec<Announcement> {
    let each = case.events.iter().enumerate();
    each.filter_map(|(index, event)| {
        let (place, whom, message) = said_of(case, event)?;
        Some(Announcement {
            event: index,
            at: event.at,
            place,
            whom,
            message,
        })
    })
    .collect()
}

type Addressed = (Place, Vec<Whom>, PostContent);

fn said_of(case: &Case, event: &Event) -> Option<Addressed> {
    match &event.kind {
        EventKind::ApprovalAsked {
            step,
            request,
            moved,
            ..
        } => Some(asked_after_rejection(
            case,
            asked(*step, *request, Told::Asked, moved),
        )),
        EventKind::ApprovalAwaited {
            step,
            request,
            told,
        } => Some(asked(*step, *request, *told, &[])),
        EventKind::RequestLapsed { step } => {
            let (step, unused) = (*step, lapsed_with(case, event));
            to_opener(case, PostContent::RequestLapsed { step, unused })
        }
        EventKind::Approved { step, complete, .. } => {
            complete.then(|| completed(case, event, *step))?
        }
        EventKind::ApprovalLapsed { step, of } => approvals_lapsed(case, event, *step, of),
        EventKind::ApproverGone { step, of, why } => {
            let message = PostContent::ApproverGone {
                step: *step,
                of: of.clone(),
                why: *why,
                by: event.by.clone(),
            };
            // Its request lacks an approval now, so the approvers are asked for it.
            let open = case.open_change().and_then(Change::request_open).is_some();
            let lacks = open && !case.is_approved(event.at);
            let whom = lacks.then_some(Whom::Approvers).into_iter().collect();
            Some((Place::Instance, whom, message))
        }
        EventKind::HandedOver { of, to, reason } => {
            let observed = |event: &Event| matches!(event.kind, EventKind::ObserverGone { .. });
            let message = PostContent::HandedOver {
                observed: case.events.iter().any(observed),
                of: of.clone(),
                to: to.clone(),
                by: event.by.clone(),
                reason: reason.clone(),
            };
            Some((Place::Instance, vec![Whom::Person(to.clone())], message))
        }
        EventKind::ObserverGone { of } => {
            case.open_change()?;
            // The post of the handover says it.
            let handed = |event: &Event| matches!(event.kind, EventKind::HandedOver { .. });
            if case.events.iter().any(handed) {
                return None;
            }
            let message = PostContent::ObserverGone { of: of.clone() };
            Some((Place::Instance, Vec::new(), message))
        }
        EventKind::ApprovalsVoided { step, of, moved } => {
            Some(voided(case, event, *step, of, moved))
        }
        EventKind::ApprovalsOverridden { reason, ticket } => {
            let message = PostContent::ApprovalsOverridden {
                by: event.by.clone()?,
                reason: reason.clone(),
                ticket: ticket.clone(),
            };
            Some((Place::Instance, vec![Whom::Approvers], message))
        }
        EventKind::OverrideEnded { step, of, why } => {
            let message = PostContent::OverrideEnded {
                step: *step,
                of: of.clone(),
                why: why.clone(),
                by: event.by.clone(),
            };
            let whom = (*why != OverrideEnd::Left).then(|| Whom::Person(of.clone()));
            Some((Place::Instance, whom.into_iter().collect(), message))
        }
        EventKind::Rejected { reason } => {
            let (by, reason) = (event.by.clone()?, reason.clone());
            to_opener(case, PostContent::Rejected { by, reason })
        }
        EventKind::PermitWithdrawn { step, why } => withdrawn(case, event, *step, *why),
        EventKind::PermitLapsed { step } => to_holder(case, |holder| PostContent::OutcomeAsked {
            step: *step,
            holder,
        }),
        // Recorded late, one post says both.
        EventKind::Unapproved { .. } if case.events.iter().any(is_presumed_deleted) => None,
        EventKind::Waiting if happened_with(case, event, is_unapproved) => None,
        // Recorded late: it has waited in vain by now.
        EventKind::Waiting if case.events.iter().any(is_presumed_deleted) => None,
        EventKind::StepDone {
            step: Step::VerifyStandard,
            manner: Manner::Outside,
            ..
        } => {
            let by = event.by.clone();
            let told = !happened_with(case, event, is_import);
            let message = PostContent::EndedOutside { by };
            told.then_some((Place::Alerts, vec![Whom::Approvers], message))
        }
        // A file that says so raises an alarm of its own.
        EventKind::PlatinumAgain { .. }
            if happened_with(case, event, is_import) && !alarming_by_file(case).is_empty() =>
        {
            None
        }
        EventKind::PlatinumAgain { ended, doubted } => {
            let message = PostContent::PlatinumAgain {
                ended: (*ended)?,
                doubted: *doubted,
                by: event.by.clone(),
            };
            Some((Place::Alerts, vec![Whom::Approvers], message))
        }
        EventKind::PresumedTooEarly => Some((
            Place::Alerts,
            vec![Whom::Team],
            PostContent::PresumedTooEarly,
        )),
        EventKind::Unapproved { .. }
        | EventKind::StepDone { .. }
        | EventKind::Waiting
        | EventKind::PresumedDeleted
        | EventKind::Lost { .. } => {
            alarming(event).map(|message| (Place::Alerts, vec![Whom::Team], message))
        }
        EventKind::Described { what, from, .. } => left_team(case, event, what, from.as_deref()),
        // The post about the approvals says it.
        kind if is_now_delete(kind) && happened_with(case, event, is_voided) => None,
        kind if is_now_delete(kind) => seen_on_delete(case, event),
        EventKind::Restored { .. }
        | EventKind::Tracked
        | EventKind::Attested { .. }
        | EventKind::Imported { .. }
        | EventKind::Missing
        | EventKind::Moved { .. }
        | EventKind::Removed { .. }
        | EventKind::UpgradeOpened
        | EventKind::DowngradeOpened { .. }
        | EventKind::Acknowledged { .. }
        | EventKind::AcknowledgementVoid { .. }
        | EventKind::ApprovalRevoked { .. }
        | EventKind::PermitShown { .. }
        | EventKind::StepTakenBack { .. }
        | EventKind::Done { .. }
        | EventKind::Outlived
        | EventKind::Failed { .. }
        | EventKind::Cancelled { .. }
        | EventKind::Reopened { .. } => None,
    }
}

fn asked(step: Step, request: u32, told: Told, moved: &[EventKind]) -> Addressed {
    let place = match told {
        Told::Asked | Told::Reminded => Place::Instance,
        Told::Escalated => Place::Alerts,
    };
    let message = PostContent::ApprovalAsked {
        step,
        request,
        told,
        moved: moved.to_vec(),
    };
    (place, vec![Whom::Approvers], message)
}

/// Who rejected the change before is asked too.
fn asked_after_rejection(case: &Case, (place, mut whom, message): Addressed) -> Addressed {
    let rejected = case.open_change().and_then(|it| it.rejected.as_ref());
    whom.extend(rejected.map(|it| Whom::Person(it.by.clone())));
    (place, whom, message)
}

/// The message to the owner of a downgrade that somebody else's look sends back to its first step. The holder of a permit is told
/// to stop.
fn seen_on_delete(case: &Case, event: &Event) -> Option<Addressed> {
    let change = case.open_change()?;
    let by = event.by.as_ref()?;
    let owner = &change.opened_by;
    let goes_back = change.kind.route().is_some() && !change.exit_confirmed();
    let looked = |kind: &EventKind| matches!(kind, EventKind::Attested { facts } if facts.contains(&FactKind::Action));
    let stopped = |kind: &EventKind| matches!(kind, EventKind::PermitWithdrawn { .. });
    let holder = change.permit.as_ref().map(|permit| &permit.holder);
    let told =
        holder.is_some_and(|holder| holder.id == owner.id) && happened_with(case, event, stopped);
    let tells = goes_back
        && case.instance.at_expiry.is_none()
        && by.id != owner.id
        && happened_with(case, event, looked)
        && !told;
    tells.then(|| {
        let message = PostContent::SeenOnDelete { by: by.clone() };
        (Place::Instance, vec![Whom::Person(owner.clone())], message)
    })
}

/// The message to the former team of an instance.
fn left_team(case: &Case, event: &Event, what: &str, from: Option<&str>) -> Option<Addressed> {
    let team = TeamName::parse(from.filter(|_| what == "team")?).ok()?;
    let message = PostContent::LeftTeam {
        team: team.to_string(),
        to: case.instance.team.as_ref().map(ToString::to_string),
        by: event.by.clone(),
    };
    Some((Place::Team(team.clone()), vec![Whom::Former(team)], message))
}

/// Those whose approvals lapsed at the moment of an event.
fn lapsed_with(case: &Case, event: &Event) -> Vec<Person> {
    let same = case.events.iter().filter(|other| other.at == event.at);
    let lapsed = same.filter_map(|other| {
        if let EventKind::ApprovalLapsed { of, .. } = &other.kind {
            Some(of.clone())
        } else {
            None
        }
    });
    lapsed.collect()
}

/// One message for all approvals that lapse at a moment: to those who gave them or, where they were enough, to who could have
/// taken the permit. While they were not, the next call for approvals says what is missing.
fn approvals_lapsed(case: &Case, event: &Event, step: Step, of: &Person) -> Option<Addressed> {
    let lapsed = lapsed_with(case, event);
    let (first, others) = lapsed.split_first()?;
    let change = case.open_change()?;
    let request = change.request_open()?;
    let held = request.counted(change, event.at).count() + lapsed.len();
    let complete = held >= usize::from(request.needed);
    let is_called_again = request.told != Told::Escalated || request.rests(event.at);
    if first.id != of.id || (!complete && is_called_again) {
        return None;
    }
    let whom = if complete {
        vec![Whom::Person(change.opened_by.clone())]
    } else {
        lapsed.iter().cloned().map(Whom::Person).collect()
    };
    let message = PostContent::ApprovalLapsed {
        step,
        of: of.clone(),
        others: others.to_vec(),
        complete,
    };
    Some((Place::Instance, whom, message))
}

fn to_opener(case: &Case, message: PostContent) -> Option<Addressed> {
    let opener = case.change.as_ref()?.opened_by.clone();
    Some((Place::Instance, vec![Whom::Person(opener)], message))
}

fn to_holder(case: &Case, message: impl Fn(Person) -> PostContent) -> Option<Addressed> {
    let holder = case.change.as_ref()?.permit.as_ref()?.holder.clone();
    let message = message(holder.clone());
    Some((Place::Instance, vec![Whom::Person(holder)], message))
}

fn completed(case: &Case, event: &Event, step: Step) -> Option<Addressed> {
    let by = event.by.clone()?;
    let request = case
        .open_change()
        .and_then(|change| change.request.as_ref());
    let request = request.map_or(0, |request| request.serial);
    to_opener(case, PostContent::ApprovalComplete { step, by, request })
}

/// The message to those whose approvals are void. Where Delete was seen, it calls the owner as well, who has to set the action.
fn voided(case: &Case, event: &Event, step: Step, of: &[Person], moved: &[EventKind]) -> Addressed {
    let same = case.events.iter().filter(|other| other.at == event.at);
    let mut deletes = same.filter(|other| is_now_delete(&other.kind));
    let owner = deletes.find_map(|other| seen_on_delete(case, other));
    let message = PostContent::ApprovalsVoided {
        step,
        of: of.to_vec(),
        moved: moved.to_vec(),
        by: event.by.clone(),
        on_delete: owner.is_some(),
    };
    let owner = owner.into_iter().flat_map(|addressed| addressed.1);
    let mut whom: Vec<Whom> = owner.collect();
    whom.extend(of.iter().cloned().map(Whom::Person));
    (Place::Instance, whom, message)
}

fn withdrawn(case: &Case, event: &Event, step: Step, why: Withdrawal) -> Option<Addressed> {
    let holder = &case.change.as_ref()?.permit.as_ref()?.holder;
    // The holder who withdraws their own permit sees that in the reply.
    if event.by.as_ref().is_some_and(|by| by.id == holder.id) {
        return None;
    }
    to_holder(case, |holder| PostContent::PermitWithdrawn {
        step,
        holder,
        why,
        moved: moved_with(case, event),
        by: event.by.clone(),
    })
}

/// The message to the alerts channel.
fn alarming(event: &Event) -> Option<PostContent> {
    if let EventKind::Unapproved { step } = &event.kind {
        return Some(PostContent::Unapproved { step: *step });
    }
    if let EventKind::Lost { reason } = &event.kind {
        let (by, reason) = (event.by.clone()?, reason.clone());
        return Some(PostContent::Lost { by, reason });
    }
    if let EventKind::StepDone {
        step,
        manner: Manner::Outside,
        reason,
        ..
    } = &event.kind
        && step.is_irreversible()
    {
        let (by, reason) = (event.by.clone(), reason.clone());
        return Some(PostContent::Outside {
            step: *step,
            by,
            reason,
        });
    }
    if event.kind == EventKind::Waiting {
        return Some(PostContent::Waiting);
    }
    (event.kind == EventKind::PresumedDeleted).then_some(PostContent::PresumedDeleted)
}

/// Whether something else happened at the same instant.
fn happened_with(case: &Case, event: &Event, is: impl Fn(&EventKind) -> bool) -> bool {
    let mut others = case.events.iter();
    others.any(|other| other.at == event.at && is(&other.kind))
}

const fn is_import(kind: &EventKind) -> bool {
    matches!(kind, EventKind::Imported { .. })
}

const fn is_voided(kind: &EventKind) -> bool {
    matches!(kind, EventKind::ApprovalsVoided { .. })
}

const fn is_now_delete(kind: &EventKind) -> bool {
    matches!(
        kind,
        EventKind::Moved {
            fact: FactKind::Action,
            from: FactValue::Action(PostExpirationAction::Downgrade),
            to: FactValue::Action(PostExpirationAction::Delete),
        }
    )
}

const fn is_unapproved(kind: &EventKind) -> bool {
    matches!(kind, EventKind::Unapproved { .. })
}

fn is_presumed_deleted(event: &Event) -> bool {
    event.kind == EventKind::PresumedDeleted
}

/// The facts that moved at the same instant.
fn moved_with(case: &Case, event: &Event) -> Vec<EventKind> {
    let same = case.events.iter().filter(|other| other.at == event.at);
    same.map(|other| &other.kind)
        .filter(|kind| matches!(kind, EventKind::Moved { .. } | EventKind::Described { .. }))
        .cloned()
        .collect()
}
