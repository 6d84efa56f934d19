//! That an instance has left a subscription in the order of the manual, as its history tells.

use crate::domain::Timestamp;
use crate::domain::change::Step;
use crate::domain::event::{Event, EventKind, FactValue};
use crate::domain::instance::{Edition, PostExpirationAction};
use crate::domain::rules::FactKind;
use crate::domain::team::Limits;

/// That an instance has left a subscription: by a step that a change recorded, or by an expiry that found a valid look at
/// Downgrade. Standard that is seen afterwards is what was to be expected; without this it proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exit {
    /// When.
    pub at: Timestamp,
    /// When the subscription would have expired, or did, where that is known.
    pub expired: Option<Timestamp>,
    /// The change that recorded that it was unsubscribed.
    pub unsubscribed: Option<u64>,
}

/// What is known of a subscription while its history is read.
#[derive(Default)]
struct Course {
    expires: Option<Timestamp>,
    /// The last look at the action.
    look: Option<Timestamp>,
    /// Whether it shows Downgrade.
    downgrade: bool,
    standard: bool,
    exit: Option<Exit>,
    /// Whether nothing but an expiry makes it an exit: that is no longer one when somebody says otherwise.
    by_expiry: bool,
}

impl Exit {
    /// The last exit of an instance, from its history, oldest first.
    pub fn of<'a>(
        history: impl IntoIterator<Item = &'a Event>,
        limits: &Limits,
        now: Timestamp,
    ) -> Option<Self> {
        let mut course = Course::default();
        for event in history {
            course.pass(event.at, limits);
            course.take(event);
        }
        course.pass(now, limits);
        course.exit
    }
}

impl Course {
    /// An expiry that lies behind, with a look that was valid then, is an exit.
    fn pass(&mut self, until: Timestamp, limits: &Limits) {
        let (Some(expired), Some(look)) = (self.expires, self.look) else {
            return;
        };
        let valid = look <= expired && expired - look <= limits.action_for_expiry;
        if self.exit.is_none() && self.downgrade && valid && expired <= until {
            self.leave(expired, None);
            self.by_expiry = true;
        }
    }

    fn leave(&mut self, at: Timestamp, unsubscribed: Option<u64>) {
        self.exit = Some(Exit {
            at,
            expired: self.expires,
            unsubscribed,
        });
        self.by_expiry = false;
    }

    fn doubt(&mut self) {
        self.exit = self.exit.filter(|_| !self.by_expiry);
    }

    fn take(&mut self, event: &Event) {
        if let EventKind::Moved { fact, to, .. } = &event.kind {
            self.take_move(*fact, to);
        }
        if let EventKind::Attested { facts } = &event.kind
            && facts.contains(&FactKind::Action)
        {
            self.look = Some(event.at);
        }
        if let EventKind::StepDone { step, .. } = &event.kind {
            match step {
                Step::SetAction => self.look = Some(event.at),
                Step::Unsubscribe => self.leave(event.at, event.change),
                Step::AwaitExpiry => self.leave(self.expires.unwrap_or(event.at), None),
                Step::Upgrade | Step::RecordExpiry | Step::ChooseAction | Step::VerifyStandard => {}
            }
        }
        if let EventKind::StepTakenBack {
            step: Step::Unsubscribe | Step::AwaitExpiry,
            ..
        } = &event.kind
        {
            self.exit = None;
        }
    }

    fn take_move(&mut self, fact: FactKind, to: &FactValue) {
        if fact == FactKind::Edition {
            self.standard = *to == FactValue::Edition(Edition::Standard);
            // A new subscription, or the old one after all.
            if *to == FactValue::Edition(Edition::Platinum) {
                self.exit = None;
                self.expires = None;
            }
        }
        if fact == FactKind::Expires {
            self.expires = if let FactValue::At(expires) = to {
                Some(*expires)
            } else {
                None
            };
            if !self.standard {
                self.doubt();
            }
        }
        if fact == FactKind::Action {
            self.downgrade = *to == FactValue::Action(PostExpirationAction::Downgrade);
            if !self.downgrade && !self.standard {
                self.doubt();
            }
        }
    }
}
