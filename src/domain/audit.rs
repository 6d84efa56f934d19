//! The audit trail: what was decided, as rows of a chain that shows when somebody changed it.
//!
//! A row's hash covers every column of the row and the hash before it. With a key, which never enters the database, it is
//! an HMAC that nobody makes without the key; without one the chain shows accidents, but not a forger, who can make it again.

mod head;
mod verify;

pub use head::{Head, HeadError};
pub use verify::{Tampering, Verified, Verifier, VerifyOptions};

use std::fmt;

use chrono::DateTime;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

use super::Timestamp;
use super::event::EventKind;
use super::id::{InstanceId, Person};
use super::outcome::Outcome;
use super::rules::RuleId;

/// What the hash of every row begins with: which columns it covers, and in which form.
const FORM: &[u8] = b"edition-warden audit 1";

/// The key of a trail. It comes from outside the database, and is neither shown nor stored.
#[derive(Clone)]
pub struct AuditKey(Hmac<Sha256>);

impl AuditKey {
    /// The fewest bytes a key has.
    pub const SHORTEST: usize = 16;

    /// A key; `None` when it has fewer than [`AuditKey::SHORTEST`] bytes.
    pub fn new(secret: &str) -> Option<Self> {
        let long_enough = secret.len() >= Self::SHORTEST;
        let key = long_enough.then(|| Hmac::new_from_slice(secret.as_bytes()));
        key?.ok().map(Self)
    }

    fn mark(&self) -> [u8; 32] {
        self.0.clone().finalize().into_bytes().into()
    }
}

impl PartialEq for AuditKey {
    fn eq(&self, other: &Self) -> bool {
        self.mark() == other.mark()
    }
}

impl Eq for AuditKey {}

impl fmt::Debug for AuditKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuditKey(…)")
    }
}

/// Something for the trail, before it has its place there. It must hold no secret, and nothing that gives access, such as
/// the token of an interaction or an address with one: a trail cannot be cleaned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// When it was decided.
    pub at: Timestamp,
    /// Who asked for it; `None` when time, or the program of itself, did it.
    pub by: Option<Person>,
    /// Through which surface, such as `console`.
    pub surface: String,
    /// The id of the chat message it came from.
    pub message: Option<String>,
    /// The command in the grammar's own form, or one word for what happened by itself, such as `delivery`.
    pub said: String,
    /// What it came to: an outcome's word, or one of its own, such as `sent`.
    pub outcome: String,
    /// The rules that decided.
    pub rules: Vec<RuleId>,
    /// The instance it concerns.
    pub instance: Option<InstanceId>,
    /// The change it concerns.
    pub change: Option<u64>,
    /// What happened, with what was before and after.
    pub events: Vec<EventKind>,
    /// What else somebody must know later.
    pub detail: Option<String>,
}

/// An entry at its place in the trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditLine {
    /// Its place in the workspace's trail, from 1.
    pub seq: u64,
    /// What was recorded.
    pub entry: AuditEntry,
}

/// A row as it is stored, column by column: this is what the hash covers, whether it makes sense or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// Its place in the workspace's trail, from 1.
    pub seq: i64,
    /// When, in milliseconds since 1970 in UTC.
    pub at_ms: i64,
    /// Who, by their stable id.
    pub by_id: Option<String>,
    pub by_name: Option<String>,
    /// Through which surface.
    pub surface: String,
    /// The id of the chat message.
    pub message: Option<String>,
    pub said: String,
    /// What it came to.
    pub outcome: String,
    /// The ids of the rules, as a JSON array.
    pub rules: String,
    /// The instance's full id.
    pub instance_id: Option<String>,
    pub change_number: Option<i64>,
    /// What happened, as a JSON array.
    pub events: String,
    /// What else there is.
    pub detail: Option<String>,
    /// Whether the hash was made with a key.
    pub keyed: bool,
    /// The hash, in lower-case hexadecimal.
    pub hash: String,
}

impl AuditEntry {
    /// That something was done, by itself, where nothing else is said.
    pub fn done(at: Timestamp, surface: &str, said: impl Into<String>) -> Self {
        Self {
            at,
            by: None,
            surface: surface.to_owned(),
            message: None,
            said: said.into(),
            outcome: Outcome::Done.as_str().to_owned(),
            rules: Vec::new(),
            instance: None,
            change: None,
            events: Vec::new(),
            detail: None,
        }
    }

    /// The row that this entry becomes behind `head`; `None` when the trail has no place left, or it cannot be written down.
    pub fn link(&self, head: &Head, key: Option<&AuditKey>) -> Option<AuditRow> {
        let rules: Vec<&str> = self.rules.iter().map(|rule| rule.as_str()).collect();
        let mut row = AuditRow {
            seq: i64::try_from(head.seq).ok()?.checked_add(1)?,
            at_ms: self.at.timestamp_millis(),
            by_id: self.by.as_ref().map(|by| by.id.to_string()),
            by_name: self.by.as_ref().map(|by| by.name.to_string()),
            surface: self.surface.clone(),
            message: self.message.clone(),
            said: self.said.clone(),
            outcome: self.outcome.clone(),
            rules: serde_json::to_string(&rules).ok()?,
            instance_id: self.instance.as_ref().map(ToString::to_string),
            change_number: self.change.map(i64::try_from).transpose().ok()?,
            events: serde_json::to_string(&self.events).ok()?,
            detail: self.detail.clone(),
            keyed: key.is_some(),
            hash: String::new(),
        };
        row.hash = row.hash_after(head, key);
        Some(row)
    }
}

impl AuditRow {
    /// Whether it is the row that was made with this key behind `before`.
    pub fn fits(&self, before: &Head, key: &AuditKey) -> bool {
        self.keyed && self.hash == self.hash_after(before, Some(key))
    }

    /// When it was decided; `None` when the number is beyond the calendar.
    pub fn at(&self) -> Option<Timestamp> {
        DateTime::from_timestamp_millis(self.at_ms)
    }

    /// Reads the entry back.
    ///
    /// # Errors
    /// The name of the column that cannot be read.
    pub fn read(self) -> Result<AuditLine, &'static str> {
        let at = self.at().ok_or("at_ms")?;
        let person = |id: String, name: String| Person {
            id: id.into(),
            name: name.into(),
        };
        let rules: Vec<String> = serde_json::from_str(&self.rules).map_err(|_| "rules")?;
        let rules = rules.iter().map(|rule| RuleId::from_word(rule));
        let instance = self.instance_id.map(|id| InstanceId::parse(&id));
        let entry = AuditEntry {
            at,
            by: self
                .by_id
                .zip(self.by_name)
                .map(|(id, name)| person(id, name)),
            surface: self.surface,
            message: self.message,
            said: self.said,
            outcome: self.outcome,
            rules: rules.collect::<Option<_>>().ok_or("rules")?,
            instance: instance.transpose().map_err(|_| "instance_id")?,
            change: self
                .change_number
                .map(u64::try_from)
                .transpose()
                .map_err(|_| "change_number")?,
            events: serde_json::from_str(&self.events).map_err(|_| "events")?,
            detail: self.detail,
        };
        let seq = u64::try_from(self.seq).map_err(|_| "seq")?;
        Ok(AuditLine { seq, entry })
    }

    /// The hash that this row has behind `head`, made with this key or with none.
    fn hash_after(&self, head: &Head, key: Option<&AuditKey>) -> String {
        match key {
            Some(AuditKey(fresh)) => {
                let mut mac = fresh.clone();
                self.spell(head, &mut |bytes| Mac::update(&mut mac, bytes));
                hex::encode(mac.finalize().into_bytes())
            }
            None => {
                let mut digest = Sha256::new();
                self.spell(head, &mut |bytes| Digest::update(&mut digest, bytes));
                hex::encode(digest.finalize())
            }
        }
    }

    /// Every column and what is before it, each with its length, so that nothing can move from one to the next; what is
    /// absent differs from what is empty.
    fn spell(&self, head: &Head, put: &mut dyn FnMut(&[u8])) {
        put(FORM);
        let number = |put: &mut dyn FnMut(&[u8]), number: i64| {
            put(b"n");
            put(&number.to_be_bytes());
        };
        let text = |put: &mut dyn FnMut(&[u8]), text: Option<&str>| match text {
            Some(text) => {
                put(b"t");
                put(&(text.len() as u64).to_be_bytes());
                put(text.as_bytes());
            }
            None => put(b"-"),
        };
        text(put, Some(&head.hash));
        text(put, Some(&head.workspace));
        number(put, self.seq);
        number(put, self.at_ms);
        text(put, self.by_id.as_deref());
        text(put, self.by_name.as_deref());
        text(put, Some(&self.surface));
        text(put, self.message.as_deref());
        text(put, Some(&self.said));
        text(put, Some(&self.outcome));
        text(put, Some(&self.rules));
        text(put, self.instance_id.as_deref());
        match self.change_number {
            Some(change) => number(put, change),
            None => put(b"-"),
        }
        text(put, Some(&self.events));
        text(put, self.detail.as_deref());
        number(put, i64::from(self.keyed));
    }
}
