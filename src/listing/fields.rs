//! One instance of a JSON document, with the vendor's keys, those of a billing document, or the names of the CSV columns.

use std::collections::HashMap;
use std::sync::LazyLock;

use chrono_tz::Tz;

use super::error::{RowProblem, ValueProblem};
use super::node::{Node, key};
use super::{RowContent, RowId, cell, taken, when};
use crate::domain::Timestamp;
use crate::domain::facts::{FactKind, each_fact};
use crate::domain::id::excerpt;
use crate::domain::instance::{Edition, PostExpirationAction, Switch};
use crate::domain::written::lists;

/// Parses a fact's value from its own key by the kind of the value.
macro_rules! fact {
    (At, $fields:expr, $field:expr, $name:expr) => {
        $fields.date($field, $name)
    };
    (Tps, $fields:expr, $field:expr, $name:expr) => {
        $fields.size($field, $name)
    };
    (Count, $fields:expr, $field:expr, $name:expr) => {
        $fields.count($field, $name)
    };
    ($Value:ident, $fields:expr, $field:expr, $name:expr) => {
        $fields
            .text($field, $name)
            .and_then(|text| cell::fact!($Value, $name, text))
    };
}

/// Parses a fact from the vendor's own form.
macro_rules! vendors {
    (Edition, $fields:expr) => {
        $fields.edition()
    };
    (Expires, $fields:expr) => {
        $fields.release()
    };
    (AutoRenew, $fields:expr) => {
        $fields.renewal()
    };
    (Busy, $fields:expr) => {
        $fields.busy()
    };
    ($ListKind:ident, $fields:expr) => {
        Ok::<_, RowProblem>(None)
    };
}
pub(super) use vendors;

/// The kind of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ListKind {
    /// Instances by id.
    Ons,
    /// Subscriptions by commodity id.
    Billing,
}

/// The meaning of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RowField {
    Id,
    Name,
    Region,
    Fact(FactKind),
    Type,
    Status,
    SubStatus,
    Release,
    /// The end that a subscription had, or has before its term.
    Released,
    Stopped,
    RenewStatus,
    Team,
    Channel,
    Subscription,
    /// Known, but without a tracked value.
    Nothing,
}

/// A parsed row, with its unknown keys.
pub(super) struct ParsedRow<'a> {
    pub(super) id_text: String,
    pub(super) entry: Result<RowContent, RowProblem>,
    pub(super) unknown: Vec<(&'a str, &'a Node)>,
    pub(super) is_billing: bool,
}

/// Parses one object; `region` is the region that its document states for all rows.
pub(super) fn row<'a>(
    pairs: &'a [(String, Node)],
    kind: ListKind,
    region: Option<&str>,
    zone: Tz,
) -> ParsedRow<'a> {
    let id = pairs.iter().find(|(name, _)| is_id(&key(name)));
    let id_text = id.map_or_else(String::new, |(_, id)| id.shown());
    let is_billing = kind == ListKind::Billing || id_text.trim().starts_with("ons-");
    let mut fields = Fields {
        values: Vec::new(),
        twice: Vec::new(),
        region,
        zone,
    };
    let mut unknown = Vec::new();
    let released = !is_billing && pairs.iter().any(|(name, value)| tells_loss(name, value));
    for (name, value) in pairs {
        let field = if is_billing {
            billing_field(&key(name))
        } else {
            field(&key(name))
        };
        match field {
            Some(field) => {
                if is_billing && is_strange_status(field, value) {
                    unknown.push((name.as_str(), value));
                }
                fields.take_field(field, name, value);
            }
            // A value understood as a loss is reported as one.
            None if !is_billing && tells_loss(name, value) => {}
            None => unknown.push((name.as_str(), value)),
        }
    }
    let twice = std::mem::take(&mut fields.twice);
    let id = twice.iter().find(|(field, _)| *field == RowField::Id);
    let entry = match id {
        Some((_, name)) => Err(RowProblem::KeyTwice(name.clone())),
        None => {
            let is_clear = |of: RowField| twice.iter().all(|(field, _)| *field != of);
            fields.values.retain(|(field, _)| is_clear(*field));
            fields.read(is_billing, &twice)
        }
    };
    let entry = entry.map(|entry| RowContent {
        released: entry.released || released,
        ..entry
    });
    // Rows of 5.x instances are ignored, including their unknown keys.
    if entry.as_ref().is_ok_and(|entry| entry.id == RowId::Series5) {
        unknown.clear();
    }
    ParsedRow {
        id_text,
        entry,
        unknown,
        is_billing,
    }
}

fn is_id(key: &str) -> bool {
    matches!(key, "instanceid" | "id")
}

/// The facts by key, normalised as by [`key`].
static FACTS: LazyLock<HashMap<String, FactKind>> = LazyLock::new(|| {
    let facts = FactKind::ALL.iter().copied();
    let keys = facts.flat_map(|fact| fact.keys().map(move |name| (key(name), fact)));
    keys.collect()
});

fn field(key: &str) -> Option<RowField> {
    Some(match key {
        "instanceid" | "id" => RowField::Id,
        "instancename" | "name" => RowField::Name,
        "region" | "regionid" => RowField::Region,
        "instancetype" => RowField::Type,
        "instancestatus" => RowField::Status,
        "releasetime" => RowField::Release,
        "renewstatus" => RowField::RenewStatus,
        "team" => RowField::Team,
        "channel" => RowField::Channel,
        "independentnaming" | "createtime" | "tags" | "remark" | "topiccapacity"
        | "spinstancetype" | "endpoints" => RowField::Nothing,
        key => RowField::Fact(fact(key)?),
    })
}

/// The fact that a key means.
pub(super) fn fact(name: &str) -> Option<FactKind> {
    FACTS.get(&key(name)).copied()
}

fn billing_field(key: &str) -> Option<RowField> {
    Some(match key {
        "instanceid" | "id" => RowField::Id,
        "region" | "regionid" => RowField::Region,
        "endtime" | "expires" => RowField::Fact(FactKind::Expires),
        "expectedreleasetime" => RowField::Release,
        "releasetime" => RowField::Released,
        "stoptime" => RowField::Stopped,
        "renewstatus" => RowField::RenewStatus,
        "subscriptiontype" => RowField::Subscription,
        "status" => RowField::Status,
        "substatus" => RowField::SubStatus,
        "ownerid"
        | "sellerid"
        | "seller"
        | "productcode"
        | "producttype"
        | "createtime"
        | "renewalduration"
        | "renewaldurationunit" => RowField::Nothing,
        _ => return None,
    })
}

/// Whether it is a word of the vendor's for how a subscription stands that is not known here.
fn is_strange_status(field: RowField, value: &Node) -> bool {
    let is_status = matches!(field, RowField::Status | RowField::SubStatus);
    let Node::Text(said) = value else {
        return is_status && !value.is_nothing();
    };
    let goes_on = lists(GOES_ON, &said.to_ascii_lowercase());
    is_status && !said.is_empty() && !goes_on && !is_released(said)
}

/// Whether a word for how a subscription or an instance stands says that it has ended.
fn is_released(status: &str) -> bool {
    let status = status.trim().to_lowercase();
    let mut words = status.split(|c: char| !c.is_alphanumeric()).peekable();
    let is_denied = words
        .peek()
        .is_some_and(|first| lists("not never no non pre", first));
    let said = |word: &str| lists(RELEASED, word) || (!word.is_ascii() && ends_in_loss(word));
    !is_denied && words.any(said)
}

/// Words for what is over, or is about to be.
const RELEASED: &str = "released release releasing deleted delete deleting refunded unsubscribed \
    terminated terminating destroyed destroying";
/// The same in Chinese, as they end a status.
const RELEASED_ZH: [&str; 12] = [
    "释放",
    "釋放",
    "删除",
    "刪除",
    "退订",
    "退訂",
    "退款",
    "销毁",
    "銷毀",
    "注销",
    "註銷",
    "释放中",
];

/// Whether a Chinese status says that it has ended: not what has not, or could.
fn ends_in_loss(status: &str) -> bool {
    let not = ["未", "不", "非", "没", "沒", "可"];
    let lost = RELEASED_ZH.iter().any(|loss| status.ends_with(loss));
    lost && !not.iter().any(|not| status.contains(not))
}

/// Whether a key or column of any name says of an instance that it is gone: a status, or a mark that it is.
pub(super) fn tells_loss(name: &str, value: &Node) -> bool {
    let name = name.to_lowercase();
    let states = ["status", "state", "状态", "狀態", "状況", "狀況", "phase"];
    if states.iter().any(|state| name.contains(state)) {
        return matches!(value, Node::Text(said) if is_released(said));
    }
    let name = name.trim_start_matches("is");
    let name = name.trim_matches(|c: char| !c.is_alphanumeric());
    let said = value.shown().trim().to_lowercase();
    let marks = "deleted released unsubscribed refunded terminated destroyed 已释放 已釋放 已删除 \
        已刪除 已退订 已退訂 已退款";
    lists(marks, name) && !lists("false no n 0 off none 否", &said) && !value.is_nothing()
}

/// Words for one that goes on, or has expired, which its end says.
const GOES_ON: &str = "normal creating waitforexpire expired renewing running active inuse";

/// The values of a row, by what they mean.
pub(super) struct Fields<'a> {
    values: Vec<(RowField, &'a Node)>,
    twice: Vec<(RowField, String)>,
    region: Option<&'a str>,
    zone: Tz,
}

/// Whether a column has the name of a key of the vendor's that means nothing else in a table.
pub(super) fn is_vendors(column: &str) -> bool {
    use RowField as F;
    let field = field(&key(column));
    field.is_some_and(|field| {
        matches!(
            field,
            F::Type | F::Status | F::Release | F::RenewStatus | F::Nothing
        )
    })
}

impl<'a> Fields<'a> {
    /// The values in columns of a table that are named like the vendor's keys.
    pub(super) fn of_cells(cells: &'a [(String, Node)], zone: Tz) -> Self {
        let mut fields = Self {
            values: Vec::new(),
            twice: Vec::new(),
            region: None,
            zone,
        };
        for (column, value) in cells.iter().filter(|(column, _)| is_vendors(column)) {
            if let Some(field) = field(&key(column)) {
                fields.take_field(field, column, value);
            }
        }
        let is_twice = |field: RowField| fields.twice.iter().any(|(twice, _)| *twice == field);
        let values = fields.values.iter().copied();
        fields.values = values.filter(|(field, _)| !is_twice(*field)).collect();
        fields
    }

    /// The columns that are there more than once, with different values in them, which are not read.
    pub(super) fn twice(&self) -> impl Iterator<Item = RowProblem> {
        self.twice
            .iter()
            .map(|(_, name)| RowProblem::KeyTwice(name.clone()))
    }

    fn take_field(&mut self, field: RowField, name: &str, value: &'a Node) {
        if field == RowField::Nothing || value.is_nothing() {
            return;
        }
        match self.get(field) {
            Some(before) if before != value => self.twice.push((field, excerpt(name))),
            Some(_) => {}
            None => self.values.push((field, value)),
        }
    }

    fn get(&self, field: RowField) -> Option<&'a Node> {
        let found = self.values.iter().find(|(name, _)| *name == field);
        found.map(|(_, value)| *value)
    }

    fn text(&self, field: RowField, name: &'static str) -> Result<&'a str, RowProblem> {
        self.get(field).map_or(Ok(""), |value| value.text(name))
    }

    fn parsed<T>(&self, field: RowField, name: &'static str) -> Result<Option<T>, RowProblem>
    where
        T: std::str::FromStr<Err = crate::domain::id::IdError>,
    {
        cell::parsed(name, self.text(field, name)?)
    }

    fn region(&self) -> Result<Option<crate::domain::id::Region>, RowProblem> {
        let own = self.text(RowField::Region, "Region")?;
        let said = if own.is_empty() {
            self.region.unwrap_or_default()
        } else {
            own
        };
        cell::region("Region", said)
    }

    /// The remaining values are used when keys occur `twice` and differ.
    fn read(
        &self,
        is_billing: bool,
        twice: &[(RowField, String)],
    ) -> Result<RowContent, RowProblem> {
        let id = self.text(RowField::Id, "InstanceId")?;
        let id = if is_billing {
            cell::billed(id)?
        } else {
            cell::id(id)?
        };
        let mut entry = RowContent::of(id);
        let is_read = matches!(entry.id, RowId::FourX(_) | RowId::Billed(_));
        if is_read {
            let twice = twice.iter().map(|(_, name)| name.clone());
            entry.unread.extend(twice.map(RowProblem::KeyTwice));
            match is_billing {
                true => self.billing(&mut entry),
                false => self.ons(&mut entry),
            }
        }
        Ok(entry)
    }

    fn ons(&self, entry: &mut RowContent) {
        macro_rules! facts {
            ($(#[$about:meta] $field:ident: $ListKind:ident = $Value:ident($Type:ty) [$($Only:ident)?];)+) => {
                $(
                    let name = FactKind::$ListKind.key();
                    let own = name.map_or(Ok(None), |name| {
                        fact!($Value, self, RowField::Fact(FactKind::$ListKind), name)
                    });
                    let own = taken!($Value, entry, name.unwrap_or_default(), own);
                    let vendors = vendors!($ListKind, self);
                    let vendors = taken!($Value, entry, "ReleaseTime", vendors);
                    let both = agreed(own, vendors, FactKind::$ListKind);
                    entry.said.$field = entry.value(both).map(Some);
                )+
            };
        }
        each_fact!(facts);
        let name = self.text(RowField::Name, "InstanceName");
        entry.take_name(name.as_ref().copied().unwrap_or_default(), self.name());
        entry.said.region = entry.value(self.region());
        entry.said.team = entry.value(self.parsed(RowField::Team, "team")).map(Some);
        entry.said.channel = entry
            .value(self.parsed(RowField::Channel, "channel"))
            .map(Some);
    }

    /// Reads a subscription. A pay-as-you-go instance is Standard, or does not exist; a stop or release before the end date ends
    /// the subscription at that time.
    fn billing(&self, entry: &mut RowContent) {
        let kind = entry.value(
            self.text(RowField::Subscription, "SubscriptionType")
                .map(Some),
        );
        let status = [
            (RowField::Status, "Status"),
            (RowField::SubStatus, "SubStatus"),
        ];
        let mut in_doubt = false;
        for (field, name) in status {
            let said = entry.value(self.text(field, name).map(Some));
            entry.released |= said.is_some_and(is_released);
            in_doubt |= self
                .get(field)
                .is_some_and(|said| is_strange_status(field, said));
        }
        let is_kind = |wanted| kind.is_some_and(|kind: &str| kind.eq_ignore_ascii_case(wanted));
        entry.released |= is_kind("PayAsYouGo");
        entry.subscribed = is_kind("Subscription");
        if !entry.released {
            let expires = RowField::Fact(FactKind::Expires);
            let ends = entry.value(self.date(expires, "EndTime"));
            let sooner = [
                (RowField::Release, "ExpectedReleaseTime"),
                (RowField::Released, "ReleaseTime"),
                (RowField::Stopped, "StopTime"),
            ]
            .map(|(field, name)| entry.value(self.date(field, name)));
            let [_, release, _] = sooner;
            entry.release = release;
            let sooner = sooner.into_iter().flatten();
            let sooner = sooner
                .filter(|at| ends.is_some_and(|ends| *at < ends))
                .min();
            entry.said.expires = sooner.or(ends).map(Some);
            let renews = entry.value(self.renewal());
            // Where it is not understood how it stands, that lowers no attention.
            let renews = renews.filter(|renews| *renews == Switch::On || !in_doubt);
            entry.said.auto_renew = renews.map(Some);
        }
        entry.said.region = entry.value(self.region());
    }

    fn name(&self) -> Result<Option<crate::domain::id::InstanceName>, RowProblem> {
        cell::name("InstanceName", self.text(RowField::Name, "InstanceName")?)
    }

    pub(super) fn edition(&self) -> Result<Option<Edition>, RowProblem> {
        self.get(RowField::Type).map_or(Ok(None), edition)
    }

    pub(super) fn release(&self) -> Result<Option<Timestamp>, RowProblem> {
        self.date(RowField::Release, "ReleaseTime")
    }

    pub(super) fn busy(&self) -> Result<Option<Switch>, RowProblem> {
        busy(self.get(RowField::Status))
    }

    pub(super) fn renewal(&self) -> Result<Option<Switch>, RowProblem> {
        let status = self.text(RowField::RenewStatus, "RenewStatus")?;
        let allowed = "AutoRenewal, ManualRenewal, NotRenewal";
        cell::word("RenewStatus", status, Switch::WORDS, allowed)
    }

    /// A moment in milliseconds since 1970, or a date.
    fn date(&self, field: RowField, name: &'static str) -> Result<Option<Timestamp>, RowProblem> {
        let Some(given) = self.get(field) else {
            return Ok(None);
        };
        let Some(ms) = given.number() else {
            return match given {
                Node::Text(text)
                    if field != RowField::Release || text.contains(['-', '/', '年']) =>
                {
                    when::moment(name, text.trim(), self.zone).map(Some)
                }
                Node::Text(text) if when::is_shortened(text.trim()) => {
                    Err(RowProblem::value(name, text, ValueProblem::Shortened))
                }
                _ => Err(RowProblem::value(
                    name,
                    &given.shown(),
                    ValueProblem::Moment,
                )),
            };
        };
        if ms == 0 {
            return Ok(None);
        }
        when::at(ms).map(Some).ok_or_else(|| {
            let why = match ms.checked_mul(1_000).and_then(when::at) {
                Some(_) => ValueProblem::Seconds,
                None => ValueProblem::Moment,
            };
            RowProblem::value(name, &given.shown(), why)
        })
    }

    fn count(&self, field: RowField, name: &'static str) -> Result<Option<u32>, RowProblem> {
        let Some(given) = self.get(field) else {
            return Ok(None);
        };
        let count = given.number().and_then(|number| u32::try_from(number).ok());
        let count = count.map(Some);
        count.ok_or_else(|| cell::not_count(name, &given.shown()))
    }

    fn size(&self, field: RowField, name: &'static str) -> Result<Option<u32>, RowProblem> {
        let given = self.get(field);
        if given.and_then(Node::number) == Some(0) {
            return Ok(None);
        }
        let size = self.count(field, name);
        size.map_err(|_| cell::not_size(name, &given.map_or_else(String::new, Node::shown)))
    }
}

/// The common value of a fact's two keys.
pub(super) fn agreed<T: PartialEq>(
    own: Option<T>,
    vendors: Option<T>,
    fact: FactKind,
) -> Result<Option<T>, RowProblem> {
    match (own, vendors) {
        (Some(own), Some(vendors)) if own != vendors => {
            let name = fact.column().unwrap_or_else(|| fact.as_str());
            Err(RowProblem::KeyTwice(name.to_owned()))
        }
        (own, vendors) => Ok(vendors.or(own)),
    }
}

fn edition(given: &Node) -> Result<Option<Edition>, RowProblem> {
    match given.number() {
        Some(1) => Ok(Some(Edition::Standard)),
        Some(2) => Ok(Some(Edition::Platinum)),
        Some(_) | None => Err(RowProblem::Word {
            field: "InstanceType",
            given: excerpt(&given.shown()),
            allowed: "1 (Standard), 2 (Platinum)",
            nearest: None,
        }),
    }
}

/// Deploying and upgrading are busy, running is not, and overdue says nothing of it. The vendor does not document other numbers.
fn busy(given: Option<&Node>) -> Result<Option<Switch>, RowProblem> {
    let Some(given) = given else {
        return Ok(None);
    };
    match given.number() {
        Some(0 | 7) => Ok(Some(Switch::On)),
        Some(5) => Ok(Some(Switch::Off)),
        Some(2) => Ok(None),
        Some(_) | None => Err(RowProblem::Word {
            field: "InstanceStatus",
            given: excerpt(&given.shown()),
            allowed: "0 (deploying), 2 (overdue), 5 (running), 7 (upgrading)",
            nearest: None,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_of_a_fact_says_that_fact_alone() {
        for fact in FactKind::ALL {
            for name in fact.keys() {
                for written in [name.to_owned(), name.to_uppercase(), name.replace('_', "-")] {
                    assert_eq!(
                        field(&key(&written)),
                        Some(RowField::Fact(*fact)),
                        "{written}"
                    );
                }
            }
        }
    }
}
