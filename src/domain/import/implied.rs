//! The edition that a row implies, where it leaves it out.

use super::ImportTerms;
use crate::case::Case;
use crate::facts::FactKind;
use crate::instance::{Edition, Switch};
use crate::said::Said;
use crate::team::Limits;

impl Case {
    /// Whether a row gives what only Platinum has to what is known to be Standard, and leaves out the edition:
    /// then it says Platinum. A subscription that was over before Standard was seen, or is that of the recorded exit, shows no
    /// more than the history that is known.
    pub(super) fn is_called_platinum(
        &self,
        row: &Said,
        terms: ImportTerms,
        limits: &Limits,
    ) -> bool {
        let standard = self.instance.edition.known();
        let Some(standard) = standard.filter(|known| known.value == Edition::Standard) else {
            return false;
        };
        // The vendor deploys and upgrades nothing but Platinum, and what is being upgraded need not be that yet.
        let busy = row.busy == Some(Some(Switch::On)) && self.open_change().is_none();
        let mut facts = FactKind::ALL.iter();
        let given =
            busy || terms.subscribed || facts.any(|fact| fact.is_platinums() && row.has(*fact));
        let ImportTerms { at, .. } = terms;
        let exit = self.instance.past.exit(limits, at);
        let known_until = exit.and_then(|exit| exit.expired).max(Some(standard.at));
        let ends = row.expires.flatten();
        let is_past = ends.is_some_and(|ends| ends <= at && Some(ends) <= known_until);
        row.edition.is_none() && given && !is_past
    }
}
