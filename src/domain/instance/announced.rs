//! Expiries that are not among the facts: announced by a notice, or listed of what was recorded as deleted.

use serde::{Deserialize, Serialize};

use super::{Edition, Instance, Tracking};
use crate::Timestamp;
use crate::notice::fits_expiry;

/// The most of them that are kept; the earliest.
const KEPT: usize = 4;

/// An expiry before any that is known, or of an instance that was recorded as deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Announced {
    pub expires: Timestamp,
    /// When that was said.
    pub at: Timestamp,
    /// The number of the notice; `None` where a listing says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<u64>,
    /// Whether the notice gives the release that follows it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_release: bool,
}

impl Instance {
    /// The expiries that are announced, and that nobody has looked at since: each may be right.
    pub fn announced(&self) -> impl Iterator<Item = &Announced> {
        let open = self.announced_expiries.iter();
        open.filter(|announced| !self.is_answered(announced))
    }

    /// Whether it was recorded as deleted, and a listing has it, somebody saw it, or a notice announces its expiry since.
    pub fn is_lost_in_doubt(&self) -> bool {
        let is_lost = matches!(self.tracking, Tracking::Lost(_));
        is_lost && (self.is_back() || self.announced().next().is_some())
    }

    /// Every expiry that may be right: by the facts, or announced. What was recorded as deleted has that of the facts only once a
    /// listing has it.
    pub fn possible_expiries(&self) -> impl Iterator<Item = Timestamp> + use<'_> {
        let is_there = self.is_tracked() || self.is_back();
        let known = self.reminded_expiries().filter(move |_| is_there);
        known.chain(self.announced().map(|announced| announced.expires))
    }

    /// Counts an expiry as possible, unless one of these days is. Returns whether that is new.
    pub(crate) fn announce(&mut self, announced: Announced) -> bool {
        let is_known = |expires| fits_expiry(announced.expires, expires);
        if self.possible_expiries().any(is_known) {
            return false;
        }
        let mut open: Vec<Announced> = self.announced().copied().collect();
        open.push(announced);
        open.sort_unstable();
        open.truncate(KEPT);
        let is_kept = open.contains(&announced);
        self.announced_expiries = open;
        is_kept
    }

    /// Whether somebody has looked since, or a listing was read: at the expiry, or at an edition that has none; or it is said once
    /// more to be gone.
    fn is_answered(&self, announced: &Announced) -> bool {
        let at = Some(announced.at);
        let expires = self.expires.known();
        let looked = expires.map(|known| known.at).max(self.listed_platinum);
        let standard = self.edition.known();
        let standard = standard.filter(|known| known.value == Edition::Standard);
        let lost = match &self.tracking {
            Tracking::Lost(lost) => Some(lost.at),
            Tracking::Tracked | Tracking::Removed(_) => None,
        };
        looked.max(standard.map(|known| known.at)).max(lost) > at
    }
}
