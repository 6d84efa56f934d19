//! What a decision, or time, makes the bot say unprompted: derived from what happened, sent later through the outbox.

use serde::{Deserialize, Serialize};

use super::Timestamp;
use super::approval::Told;
use super::case::Case;
use super::change::Step;
use super::event::{Event, EventKind, Manner, Withdrawal};
use super::id::{Label, Person};

/// Where something is said.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Place {
    /// The instance's channel: its own, else its team's, else the workspace's.
    Instance,
    /// The workspace's alerts channel.
    Alerts,
    /// A team's channel.
    Team(Label),
}

/// Who is to notice it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Whom {
    /// Those who may approve; the instance's team too, where it has one.
    Approvers,
    /// The instance's team, where it has one.
    Team,
    Person(Person),
    /// A team that is not the instance's any more.
    Former(Label),
}

/// Something that is said unprompted. Its words are made when it is sent, from the facts of that moment.
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
        /// For the how manieth time, and before whom.
        told: Told,
        /// What moved since they were asked for the last time.
        #[serde(default)]
        moved: Vec<EventKind>,
    },
    /// Enough people approved.
    ApprovalComplete {
        step: Step,
        /// Who was the last of them.
        by: Person,
    },
    /// Nobody, or not enough people, approved in time.
    RequestLapsed { step: Step },
    /// An approval's time was over before it was used.
    ApprovalLapsed { step: Step, of: Person },
    /// Anyone who gave an approval may not approve any more.
    ApproverGone { step: Step, of: Person },
    /// What waited for somebody who has left waits for somebody else.
    HandedOver {
        of: Person,
        to: Person,
        /// Who said so.
        by: Option<Person>,
        /// In their words, where they gave any.
        reason: Option<String>,
    },
    /// Anyone who looked at the action has left.
    ObserverGone { of: Person },
    /// Facts moved that approvals were given on.
    ApprovalsVoided {
        step: Step,
        of: Vec<Person>,
        moved: Vec<EventKind>,
        /// Who said so.
        by: Option<Person>,
    },
    /// It was taken out of its team.
    LeftTeam {
        /// The team that it leaves.
        team: String,
        /// The one it belongs to now.
        to: Option<String>,
        /// Who said so.
        by: Option<Person>,
    },
    /// An approver said no.
    Rejected {
        by: Person,
        /// In their words.
        reason: String,
    },
    /// Missing approvals were replaced.
    GlassBroken {
        by: Person,
        /// In their words.
        reason: String,
        ticket: String,
    },
    /// A permit that is out is no longer valid.
    PermitWithdrawn {
        step: Step,
        holder: Person,
        why: Withdrawal,
        moved: Vec<EventKind>,
        /// Who said so.
        by: Option<Person>,
    },
    /// A permit's time is over, and nobody said what happened.
    OutcomeAsked { step: Step, holder: Person },
    /// A step went on without the approvals it needed.
    Unapproved { step: Step },
    /// A step was taken without a permit.
    Outside {
        step: Step,
        /// Who said so.
        by: Option<Person>,
        /// In their words, where they gave any.
        reason: Option<String>,
    },
    /// It expired while Downgrade was not known.
    Waiting,
    /// Seven days after expiry Downgrade was still not known.
    PresumedDeleted,
    /// It was deleted at the vendor.
    Lost {
        /// Who said so.
        by: Person,
        /// In their words.
        reason: String,
    },
    /// What the team asks for before a step is another number now.
    PolicyChanged {
        /// Who said so; nobody where the configuration does.
        #[serde(default)]
        by: Option<Person>,
        /// What it was and is, a line each, such as `approvals_for_unsubscribe: 2, was 3`.
        lines: Vec<String>,
    },
    /// Somebody had the workspace ask for less.
    SafeguardLowered {
        by: Person,
        /// What it was and is, a line each, such as `observers: 1, was 2`.
        lines: Vec<String>,
    },
}

/// A message with its place and those who are to notice it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    /// Which of the case's events it follows from, counted from 0.
    pub event: usize,
    pub at: Timestamp,
    /// Where it is said.
    pub place: Place,
    /// Who is to notice it.
    pub whom: Vec<Whom>,
    /// What is said.
    pub message: PostContent,
}

/// What is to be said of what happened to a case since it was loaded, in order.
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
        } => Some(asked(*step, *request, Told::Asked, moved)),
        EventKind::ApprovalAwaited {
            step,
            request,
            told,
        } => Some(asked(*step, *request, *told, &[])),
        EventKind::RequestLapsed { step } => {
            to_opener(case, PostContent::RequestLapsed { step: *step })
        }
        EventKind::Approved { step, complete } => {
            complete.then(|| completed(case, event, *step))?
        }
        EventKind::ApprovalLapsed { step, of } => {
            let (step, of) = (*step, of.clone());
            let whom = vec![Whom::Person(of.clone())];
            Some((
                Place::Instance,
                whom,
                PostContent::ApprovalLapsed { step, of },
            ))
        }
        EventKind::ApproverGone { step, of } => {
            let (step, of) = (*step, of.clone());
            Some((
                Place::Instance,
                Vec::new(),
                PostContent::ApproverGone { step, of },
            ))
        }
        EventKind::HandedOver { of, to, reason } => {
            let message = PostContent::HandedOver {
                of: of.clone(),
                to: to.clone(),
                by: event.by.clone(),
                reason: reason.clone(),
            };
            Some((Place::Instance, vec![Whom::Person(to.clone())], message))
        }
        EventKind::ObserverGone { of } => {
            case.open_change()?;
            let message = PostContent::ObserverGone { of: of.clone() };
            Some((Place::Instance, Vec::new(), message))
        }
        EventKind::ApprovalsVoided { step, of, moved } => Some(voided(event, *step, of, moved)),
        EventKind::GlassBroken { reason, ticket } => {
            let message = PostContent::GlassBroken {
                by: event.by.clone()?,
                reason: reason.clone(),
                ticket: ticket.clone(),
            };
            Some((Place::Instance, vec![Whom::Approvers], message))
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
        EventKind::Unapproved { .. }
        | EventKind::StepDone { .. }
        | EventKind::Waiting
        | EventKind::PresumedDeleted
        | EventKind::Lost { .. } => {
            // Anyone who approves, where no team is in charge: an alarm that calls nobody is none.
            let whom = match case.instance.team {
                Some(_) => Whom::Team,
                None => Whom::Approvers,
            };
            alarming(event).map(|message| (Place::Alerts, vec![whom], message))
        }
        EventKind::Described { what, from, .. } => left_team(case, event, what, from.as_deref()),
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

/// Anyone who looked after an instance is told that it is not theirs any more.
fn left_team(case: &Case, event: &Event, what: &str, from: Option<&str>) -> Option<Addressed> {
    let team = Label::parse(from.filter(|_| what == "team")?).ok()?;
    let message = PostContent::LeftTeam {
        team: team.to_string(),
        to: case.instance.team.as_ref().map(ToString::to_string),
        by: event.by.clone(),
    };
    Some((Place::Team(team.clone()), vec![Whom::Former(team)], message))
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
    to_opener(case, PostContent::ApprovalComplete { step, by })
}

fn voided(event: &Event, step: Step, of: &[Person], moved: &[EventKind]) -> Addressed {
    let message = PostContent::ApprovalsVoided {
        step,
        of: of.to_vec(),
        moved: moved.to_vec(),
        by: event.by.clone(),
    };
    let whom = of.iter().cloned().map(Whom::Person).collect();
    (Place::Instance, whom, message)
}

fn withdrawn(case: &Case, event: &Event, step: Step, why: Withdrawal) -> Option<Addressed> {
    let holder = &case.change.as_ref()?.permit.as_ref()?.holder;
    // Who withdraws their own permit reads it in the reply.
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

/// What the alerts channel is told.
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

/// The facts that moved in the same breath.
fn moved_with(case: &Case, event: &Event) -> Vec<EventKind> {
    let same = case.events.iter().filter(|other| other.at == event.at);
    same.map(|other| &other.kind)
        .filter(|kind| matches!(kind, EventKind::Moved { .. } | EventKind::Described { .. }))
        .cloned()
        .collect()
}
