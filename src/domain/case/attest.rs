//! A person's word on facts.

use super::{Case, Moment};
use crate::domain::Timestamp;
use crate::domain::event::EventKind;
use crate::domain::fact::{Fact, Gap};
use crate::domain::id::{CommodityId, InstanceName, Label, Region};
use crate::domain::instance::{AtExpiry, Edition, PostExpirationAction, Switch};
use crate::domain::rules::FactKind;

/// What somebody says of an instance. `None` leaves a fact as it is; `Some(None)` says that it is not known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attestation {
    /// What it is called.
    pub name: Option<InstanceName>,
    /// Where it lives.
    pub region: Option<Region>,
    /// The team it belongs to.
    pub team: Option<Option<Label>>,
    /// Where messages about it go.
    pub channel: Option<Option<Label>>,
    /// The edition.
    pub edition: Option<Edition>,
    /// The expiry.
    pub expires: Option<Timestamp>,
    /// The Post-expiration Action.
    pub action: Option<Option<PostExpirationAction>>,
    /// Auto-renewal.
    pub auto_renew: Option<Option<Switch>>,
    /// Whether the vendor works on it.
    pub busy: Option<Option<Switch>>,
    /// The size.
    pub max_tps: Option<u32>,
    /// The commodity id.
    pub commodity_id: Option<CommodityId>,
    /// How many topics it has.
    pub topics: Option<u32>,
    /// How many consumer groups it has.
    pub groups: Option<u32>,
}

/// Why an attestation contradicts itself or what is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttestError {
    /// Standard Edition has no such thing.
    OnlyPlatinum(FactKind),
    /// The instance is not followed any more.
    NotTracked,
}

impl Attestation {
    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The facts it speaks of.
    pub fn facts(&self) -> Vec<FactKind> {
        let said = [
            (FactKind::Edition, self.edition.is_some()),
            (FactKind::Expires, self.expires.is_some()),
            (FactKind::Action, self.action.is_some()),
            (FactKind::AutoRenew, self.auto_renew.is_some()),
            (FactKind::Busy, self.busy.is_some()),
            (FactKind::MaxTps, self.max_tps.is_some()),
            (FactKind::CommodityId, self.commodity_id.is_some()),
            (FactKind::Topics, self.topics.is_some()),
            (FactKind::Groups, self.groups.is_some()),
        ];
        said.into_iter()
            .filter(|(_, said)| *said)
            .map(|(fact, _)| fact)
            .collect()
    }

    fn platinum_fact(&self) -> Option<FactKind> {
        if self.expires.is_some() {
            Some(FactKind::Expires)
        } else if matches!(self.action, Some(Some(_))) {
            Some(FactKind::Action)
        } else if matches!(self.auto_renew, Some(Some(Switch::On))) {
            Some(FactKind::AutoRenew)
        } else {
            None
        }
    }
}

impl Case {
    /// Takes a person's word. An expiry that moves from one known value to another is a renewal and unsettles the
    /// action; an action given in the same breath comes after it.
    ///
    /// # Errors
    /// When Standard Edition is given what only Platinum has, or the instance is not followed any more.
    pub fn attest(&mut self, said: &Attestation, moment: &Moment<'_>) -> Result<(), AttestError> {
        if !self.instance.is_tracked() {
            return Err(AttestError::NotTracked);
        }
        let edition = said
            .edition
            .or_else(|| self.instance.edition.value().copied());
        if edition == Some(Edition::Standard)
            && let Some(fact) = said.platinum_fact()
        {
            return Err(AttestError::OnlyPlatinum(fact));
        }
        self.advance(moment.policy, moment.now);
        let before = self.instance.clone();
        let facts = said.facts();
        if !facts.is_empty() {
            self.note(moment.now, Some(moment.by), EventKind::Attested { facts });
        }
        self.describe(said, moment);
        self.take_facts(said, moment);
        self.react(&before, moment, false);
        Ok(())
    }

    fn take_facts(&mut self, said: &Attestation, moment: &Moment<'_>) {
        let Moment { by, now, .. } = *moment;
        if let Some(edition) = said.edition {
            self.take_edition(Fact::attested(edition, by, now), now);
        }
        if let Some(expires) = said.expires {
            self.take_expiry(Fact::attested(expires, by, now), now);
        }
        if let Some(action) = said.action {
            self.take_action(spoken(action, moment), moment);
        }
        if let Some(auto_renew) = said.auto_renew {
            self.instance.auto_renew = spoken(auto_renew, moment);
        }
        if let Some(busy) = said.busy {
            self.instance.busy = spoken(busy, moment);
        }
        if let Some(max_tps) = said.max_tps {
            self.instance.max_tps = Fact::attested(max_tps, by, now);
        }
        if let Some(commodity_id) = &said.commodity_id {
            self.instance.commodity_id = Fact::attested(commodity_id.clone(), by, now);
        }
        if let Some(topics) = said.topics {
            self.instance.topics = Fact::attested(topics, by, now);
        }
        if let Some(groups) = said.groups {
            self.instance.groups = Fact::attested(groups, by, now);
        }
    }

    /// Sets the edition, with what follows for the facts that only Platinum has.
    pub(in crate::domain) fn take_edition(&mut self, edition: Fact<Edition>, now: Timestamp) {
        let was = self.instance.edition.value().copied();
        let becomes = edition.value().copied();
        self.instance.edition = edition;
        if becomes == Some(Edition::Standard) {
            self.instance.clear_platinum_facts(Gap::OnlyPlatinum, now);
        } else if was == Some(Edition::Standard) && becomes == Some(Edition::Platinum) {
            self.instance.clear_platinum_facts(Gap::Upgraded, now);
        }
    }

    /// Sets the expiry. A known one that changes its value is a renewal.
    pub(in crate::domain) fn take_expiry(&mut self, expires: Fact<Timestamp>, now: Timestamp) {
        let was = self.instance.expires.held().map(|held| held.value);
        let becomes = expires.value().copied();
        self.instance.expires = expires;
        if was != becomes {
            self.instance.at_expiry = None;
        }
        if was.is_some() && becomes.is_some() && was != becomes {
            self.instance.set_action(Fact::gone(Gap::Renewed, now));
            self.instance.action_hearsay = None;
        }
    }

    pub(super) fn take_action(&mut self, action: Fact<PostExpirationAction>, moment: &Moment<'_>) {
        // Downgrade known at the instant of expiry stays known until somebody says otherwise.
        if action.value() != Some(&PostExpirationAction::Downgrade)
            && self.instance.expired_at(moment.now).is_some()
        {
            self.instance.at_expiry = Some(AtExpiry::AtRisk);
        }
        self.instance.set_action(action);
        self.instance.action_hearsay = None;
    }

    pub(in crate::domain) fn describe(&mut self, said: &Attestation, moment: &Moment<'_>) {
        let spoken = said.name.is_some() || said.team.is_some() || said.channel.is_some();
        if spoken {
            self.instance.described_at = Some(moment.now);
        }
        let mut told = Vec::new();
        if let Some(name) = said
            .name
            .as_ref()
            .filter(|name| **name != self.instance.name)
        {
            self.instance.name = name.clone();
            told.push(("name", name.to_string()));
        }
        if let Some(region) = said
            .region
            .as_ref()
            .filter(|region| **region != self.instance.region)
        {
            self.instance.region = region.clone();
            told.push(("region", region.to_string()));
        }
        let labels = [
            ("team", &said.team, &mut self.instance.team),
            ("channel", &said.channel, &mut self.instance.channel),
        ];
        for (what, said, held) in labels {
            if let Some(said) = said.as_ref().filter(|said| *said != held) {
                held.clone_from(said);
                let to = said.as_ref().map_or("none", Label::as_str);
                told.push((what, to.to_owned()));
            }
        }
        for (what, to) in told {
            self.note(
                moment.now,
                Some(moment.by),
                EventKind::Described {
                    what: what.to_owned(),
                    to,
                },
            );
        }
    }
}

fn spoken<T>(value: Option<T>, moment: &Moment<'_>) -> Fact<T> {
    match value {
        Some(value) => Fact::attested(value, moment.by, moment.now),
        None => Fact::gone(Gap::SaidUnknown, moment.now),
    }
}
