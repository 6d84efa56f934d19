//! The audit trail: every decision as a row of a chain that shows when it was tampered with.
//!
//! A row's hash covers the row and its predecessor's hash; with a key from outside the database it is an HMAC, which a
//! forger without the key cannot make. Without one the chain detects accidents only.

use std::fmt;
use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use super::Timestamp;
use super::event::EventKind;
use super::id::Person;
use super::outcome::Outcome;
use super::rules::RuleId;

/// A key for the trail. It never leaves the process: it is neither shown nor stored.
#[derive(Clone)]
pub struct AuditKey(Arc<[u8]>);

impl AuditKey {
    /// A key of at least 16 bytes; `None` when it is shorter.
    pub fn new(secret: &str) -> Option<Self> {
        (secret.len() >= 16).then(|| Self(secret.as_bytes().into()))
    }
}

impl fmt::Debug for AuditKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuditKey(…)")
    }
}

/// One decision, before it has its place in the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// When it was made.
    pub at: Timestamp,
    /// Who asked for it.
    pub by: Person,
    /// Through which surface.
    pub surface: &'static str,
    /// What was said, in the grammar's own form.
    pub said: String,
    /// What it came to.
    pub outcome: Outcome,
    /// The rules that decided.
    pub rules: Vec<RuleId>,
    /// The instance it concerns.
    pub instance: Option<String>,
    /// The change it concerns.
    pub change: Option<u64>,
    /// What happened, facts from … to … included.
    pub events: Vec<EventKind>,
}

/// A row as it is kept: the entry in its stored form, its place and its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// Its place in the workspace, from 1.
    pub seq: u64,
    /// Epoch milliseconds.
    pub at_ms: i64,
    /// Who, by id.
    pub by_id: String,
    /// Who, by name.
    pub by_name: String,
    /// Through which surface.
    pub surface: String,
    /// What was said.
    pub said: String,
    /// What it came to.
    pub outcome: String,
    /// The rules that decided, as JSON.
    pub rules: String,
    /// The instance it concerns.
    pub instance_id: Option<String>,
    /// The change it concerns.
    pub change_number: Option<i64>,
    /// What happened, as JSON.
    pub events: String,
    /// Whether the hash was made with a key.
    pub keyed: bool,
    /// The hash, in hexadecimal.
    pub hash: String,
}

/// The hash that the first row follows.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Where a chain ends: noted elsewhere, it shows later whether the tail was cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The last row's place; 0 when there is none.
    pub seq: u64,
    /// Its hash.
    pub hash: String,
}

impl Head {
    /// Before the first row.
    pub fn genesis() -> Self {
        Self {
            seq: 0,
            hash: GENESIS.to_owned(),
        }
    }

    /// Reads `SEQ:HASH`, as it is printed.
    pub fn parse(text: &str) -> Option<Self> {
        let (seq, hash) = text.trim().split_once(':')?;
        let hash_is_whole =
            hash.len() == GENESIS.len() && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        let seq = seq.parse().ok()?;
        hash_is_whole.then(|| Self {
            seq,
            hash: hash.to_ascii_lowercase(),
        })
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.seq, self.hash)
    }
}

impl AuditRow {
    /// The hash this row must have after `previous`: over the workspace, every field with its length, and that hash.
    pub fn hash_after(&self, workspace: &str, previous: &str, key: Option<&AuditKey>) -> String {
        let bytes = self.canonical(workspace, previous);
        let digest = match key {
            Some(AuditKey(secret)) => match Hmac::<Sha256>::new_from_slice(secret) {
                Ok(mac) => mac.chain_update(&bytes).finalize().into_bytes(),
                // An HMAC takes keys of every length.
                Err(_) => Sha256::digest(&bytes),
            },
            None => Sha256::digest(&bytes),
        };
        hex::encode(digest)
    }

    fn canonical(&self, workspace: &str, previous: &str) -> Vec<u8> {
        let numbers = [
            self.seq.to_string(),
            self.at_ms.to_string(),
            self.change_number
                .map(|number| number.to_string())
                .unwrap_or_default(),
            u8::from(self.keyed).to_string(),
        ];
        let texts = [
            previous,
            workspace,
            &self.by_id,
            &self.by_name,
            &self.surface,
            &self.said,
            &self.outcome,
            &self.rules,
            self.instance_id.as_deref().unwrap_or_default(),
            &self.events,
        ];
        let mut bytes = Vec::with_capacity(512);
        for text in texts.into_iter().chain(numbers.iter().map(String::as_str)) {
            bytes.extend_from_slice(&(text.len() as u64).to_be_bytes());
            bytes.extend_from_slice(text.as_bytes());
        }
        // Absent and empty are different.
        bytes.push(u8::from(self.instance_id.is_some()));
        bytes.push(u8::from(self.change_number.is_some()));
        bytes
    }
}

/// What is wrong with a trail: the first row where it shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tampering {
    /// The row's content or place does not fit its hash.
    Changed(u64),
    /// A row is missing before this one.
    Removed(u64),
    /// The row does not follow its predecessor.
    Inserted(u64),
    /// It was made without the key, after rows that were made with it.
    Unkeyed(u64),
    /// The trail ends before the head that was noted.
    Cut(u64),
    /// The row at the noted head has another hash.
    HeadDiffers(u64),
}

/// Checks a trail row by row, keeping only the last hash.
#[derive(Debug, Clone)]
pub struct Verifier<'a> {
    workspace: &'a str,
    key: Option<&'a AuditKey>,
    require_key: bool,
    head: Head,
    any_keyed: bool,
}

impl<'a> Verifier<'a> {
    /// A check of one workspace's trail from its beginning.
    pub fn new(workspace: &'a str, key: Option<&'a AuditKey>, require_key: bool) -> Self {
        Self {
            workspace,
            key,
            require_key,
            head: Head::genesis(),
            any_keyed: false,
        }
    }

    /// Takes the next row.
    ///
    /// # Errors
    /// The tampering that shows at this row.
    pub fn take(&mut self, row: &AuditRow, noted: Option<&Head>) -> Result<(), Tampering> {
        let expected = self.head.seq + 1;
        if row.seq != expected {
            return Err(if row.seq > expected {
                Tampering::Removed(expected)
            } else {
                Tampering::Inserted(row.seq)
            });
        }
        if !row.keyed && (self.any_keyed || self.require_key) {
            return Err(Tampering::Unkeyed(row.seq));
        }
        let key = self.key.filter(|_| row.keyed);
        if row.hash != row.hash_after(self.workspace, &self.head.hash, key) {
            return Err(Tampering::Changed(row.seq));
        }
        if noted.is_some_and(|noted| noted.seq == row.seq && noted.hash != row.hash) {
            return Err(Tampering::HeadDiffers(row.seq));
        }
        self.any_keyed |= row.keyed;
        self.head = Head {
            seq: row.seq,
            hash: row.hash.clone(),
        };
        Ok(())
    }

    /// Ends the check.
    ///
    /// # Errors
    /// When the trail ends before the head that was noted.
    pub fn finish(self, noted: Option<&Head>) -> Result<Head, Tampering> {
        match noted {
            Some(noted) if noted.seq > self.head.seq => Err(Tampering::Cut(self.head.seq + 1)),
            _ => Ok(self.head),
        }
    }

    /// Whether any row so far was made with a key.
    pub const fn any_keyed(&self) -> bool {
        self.any_keyed
    }
}
