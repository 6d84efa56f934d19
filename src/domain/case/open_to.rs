//! The steps that a command about a change can name: completion offers no others.

use super::{Case, Confirmation, Moment, Refusal};
use crate::change::Step;

impl Case {
    /// The steps that can be confirmed now: after a permit, or as done without one.
    pub fn confirmable(&self, moment: &Moment<'_>) -> Vec<Step> {
        let would_do = |step: &Step| {
            let tries = |outside: Option<&str>| {
                let said = Confirmation {
                    step: Some(*step),
                    outside: outside.map(str::to_owned),
                    ..Confirmation::default()
                };
                match self.clone().confirm(&said, moment) {
                    // The date follows the step.
                    Ok(_) | Err(Refusal::ExpiryMissing) => true,
                    Err(_) => false,
                }
            };
            tries(None) || tries(Some("completion"))
        };
        self.steps_that(would_do)
    }

    /// The steps whose confirmation can be taken back now.
    pub fn reopenable(&self, moment: &Moment<'_>) -> Vec<Step> {
        self.steps_that(|step| {
            let mut case = self.clone();
            case.reopen(*step, "completion", None, moment).is_ok()
        })
    }

    fn steps_that(&self, fits: impl FnMut(&Step) -> bool) -> Vec<Step> {
        let steps = self.change.as_ref().map(|change| change.kind.steps());
        steps.into_iter().flatten().filter(fits).collect()
    }
}
