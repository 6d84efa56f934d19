//! The audit trail: decisions as rows of a hash chain that reveals tampering.
//!
//! A row's hash covers every column of the row and the previous hash. With a key, which never enters the database, it is an HMAC
//! that cannot be forged without the key. Without one, the chain reveals accidents, but a forger can rebuild it.

mod head;
mod verify;

pub use head::{Head, HeadError};
pub use verify::{Tampering, Verified, Verifier, VerifyOptions};

use std::fmt;

use chrono::DateTime;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use super::Timestamp;
use super::event::EventKind;
use super::id::{InstanceId, Person, without_nul};
use super::outcome::Outcome;
use super::rules::RuleId;

/// The prefix of every hashed row: the version of the columns and their encoding.
const FORM: &[u8] = b"edition-warden audit 1";

/// The key of a trail. It comes from outside the database, and is never shown or stored.
#[derive(Clone)]
pub struct AuditKey(Hmac<Sha256>);

impl AuditKey {
    /// The minimum length of a key, in bytes.
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

/// A record for the trail, before it has a place there. It must hold no secret and no credential, such as an interaction token or
/// a webhook URL: a trail cannot be redacted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// The time of the decision.
    pub at: Timestamp,
    /// The requester; `None` for time-driven and internal work.
    pub by: Option<Person>,
    /// The surface, such as `console`.
    pub surface: String,
    /// The id of the chat message.
    pub message: Option<String>,
    /// The command in canonical form, or one word for internal work, such as `delivery`.
    pub said: String,
    /// The outcome, or a word of its own, such as `sent`.
    pub outcome: String,
    /// The rules that decided.
    pub rules: Vec<RuleId>,
    pub instance: Option<InstanceId>,
    /// The number of the change.
    pub change: Option<u64>,
    /// The events, with old and new values.
    pub events: Vec<EventKind>,
    pub detail: Option<String>,
}

/// An entry at its place in the trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditLine {
    /// Its place in the workspace's trail, from 1.
    pub seq: u64,
    pub entry: AuditEntry,
}

/// A row as stored, column by column: the input of the hash, even if unreadable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// Its place in the workspace's trail, from 1.
    pub seq: i64,
    /// The time of the decision, in milliseconds since 1970 in UTC.
    pub at_ms: i64,
    /// The requester's stable id.
    pub by_id: Option<String>,
    pub by_name: Option<String>,
    pub surface: String,
    pub message: Option<String>,
    pub said: String,
    pub outcome: String,
    /// The rule ids, as a JSON array.
    pub rules: String,
    /// The full instance id.
    pub instance_id: Option<String>,
    pub change_number: Option<i64>,
    /// The events, as a JSON array.
    pub events: String,
    pub detail: Option<String>,
    /// Whether the hash was made with a key.
    pub keyed: bool,
    /// The hash, in lower-case hexadecimal.
    pub hash: String,
}

impl AuditEntry {
    /// An entry for internal work that succeeded, without other details.
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

    /// The row that this entry becomes after `head`; `None` when the trail is full or the entry cannot be serialised.
    pub fn link(&self, head: &Head, key: Option<&AuditKey>) -> Option<AuditRow> {
        let rules: Vec<&str> = self.rules.iter().map(|rule| rule.as_str()).collect();
        let mut row = AuditRow {
            seq: i64::try_from(head.seq).ok()?.checked_add(1)?,
            at_ms: self.at.timestamp_millis(),
            by_id: self.by.as_ref().map(|by| by.id.to_string()),
            by_name: self.by.as_ref().map(|by| without_nul(&by.name)),
            surface: self.surface.clone(),
            message: self.message.clone(),
            said: without_nul(&self.said),
            outcome: self.outcome.clone(),
            rules: serde_json::to_string(&rules).ok()?,
            instance_id: self.instance.as_ref().map(ToString::to_string),
            change_number: self.change.map(i64::try_from).transpose().ok()?,
            events: serde_json::to_string(&self.events).ok()?,
            detail: self.detail.as_deref().map(without_nul),
            keyed: key.is_some(),
            hash: String::new(),
        };
        row.hash = row.hash_after(head, key);
        Some(row)
    }
}

impl AuditRow {
    /// Whether this row was made with this key after `before`.
    pub fn fits(&self, before: &Head, key: &AuditKey) -> bool {
        self.keyed && self.hash == self.hash_after(before, Some(key))
    }

    /// The time of the decision; `None` when it is beyond the calendar.
    pub fn at(&self) -> Option<Timestamp> {
        DateTime::from_timestamp_millis(self.at_ms)
    }

    /// Parses the row.
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

    /// The hash of this row after `head`, with or without a key.
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

    /// Encodes the previous hash and every column, each with its length, so that bytes cannot move between columns; absent and
    /// empty differ.
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
        text(put, Some(head.workspace.as_str()));
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
