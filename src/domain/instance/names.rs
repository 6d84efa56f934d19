//! The names of an instance, here and in the vendor's console.

use super::Instance;
use crate::id::{CommodityId, InstanceName, called, handle};

impl Instance {
    /// The unambiguous name.
    pub fn called(&self) -> String {
        called(&self.id, &self.name, self.shares_name)
    }

    /// [`Instance::called`] with the region: the reference to exactly this instance.
    pub fn place(&self) -> String {
        format!("{}/{}", self.region, self.called())
    }

    /// How it is named in a command that is proposed ([`handle`]).
    pub fn handle(&self) -> String {
        handle(&self.id, &self.region, &self.name, self.shares_name)
    }

    /// Whether another row of the console has the same name, or one like it.
    pub fn has_others(&self) -> bool {
        let is_twin = self.is_marked() && self.listed_as.is_some();
        self.has_twin || is_twin || self.shares_name
    }

    /// The region as it is shown: both, while a file gives another one.
    pub fn region_shown(&self) -> String {
        match &self.region_in_file {
            Some(other) => format!("{} or {} (two sources disagree)", self.region, other.value),
            None => self.region.to_string(),
        }
    }

    /// The name that the vendor's console shows: that of the last listing, where this one was made of it to tell two apart.
    pub fn console_name(&self) -> &str {
        let listed = self.listed_as.as_ref().filter(|_| self.is_marked());
        listed.map_or(self.name.as_str(), InstanceName::as_str)
    }

    /// Whether its name was given the end of its id, to tell it from another.
    pub fn is_marked(&self) -> bool {
        self.name.unmarked(&self.id) != self.name.as_str()
    }

    /// The names in vendor notices: the current one, and the one from the last listing.
    pub fn names(&self) -> [Option<&str>; 2] {
        let name = self.name.as_str();
        let marked = self.name.unmarked(&self.id);
        let listed = self.listed_as.as_ref().map_or(marked, InstanceName::as_str);
        [Some(name), (listed != name).then_some(listed)]
    }

    /// Whether a typed confirmation names this instance: its full name, or the last six characters of its commodity id, if known.
    pub fn is_named_by(&self, typed: &str) -> bool {
        const END: usize = 6;
        let typed = typed.trim();
        let commodity = self.commodity_id.value();
        let ends = |id: &CommodityId| typed.chars().count() == END && id.as_str().ends_with(typed);
        typed == self.name.as_str() || commodity.is_some_and(ends)
    }
}
