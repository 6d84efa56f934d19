//! Verification of a trail, row by row.

use super::{AuditKey, AuditRow, Head};
use crate::id::WorkspaceId;

/// The options of a verification.
#[derive(Debug, Clone, Copy, Default)]
pub struct VerifyOptions<'a> {
    /// The key for keyed rows.
    pub key: Option<&'a AuditKey>,
    /// Whether unkeyed rows are rejected everywhere.
    pub require_key: bool,
    /// Heads noted earlier, of any workspace.
    pub heads: &'a [Head],
}

/// The first sign of tampering in a trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tampering {
    /// The row does not match its hash: its content was changed, or it belongs elsewhere.
    Changed(u64),
    /// The row is missing, and a later one exists.
    Removed(u64),
    /// A row with an impossible number.
    Inserted(i64),
    /// A row with values that its columns cannot hold.
    Unreadable(i64),
    /// An unkeyed row after a keyed one.
    Unkeyed(u64),
    /// An unkeyed row where a key is required.
    KeyRequired(u64),
    /// A keyed row, but no key was given to verify it with.
    KeyNeeded(u64),
    /// The first keyed row does not match the given key: the key is wrong, or the row was changed.
    OtherKey(u64),
    /// The trail ends before a noted head.
    Cut {
        /// The first missing row.
        first: u64,
        /// The place of the noted head.
        noted: u64,
    },
    /// The row is valid, but its hash differs from the noted head: the trail was rewritten.
    HeadDiffers(u64),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Its head; `seq` is also the number of rows.
    pub head: Head,
    /// The first keyed row.
    pub keyed_from: Option<u64>,
}

/// A verification of one workspace's trail from its start, holding only the current head.
#[derive(Debug, Clone)]
pub struct Verifier<'a> {
    terms: VerifyOptions<'a>,
    so_far: Verified,
}

impl<'a> Verifier<'a> {
    /// A verification before the first row.
    pub fn new(workspace: &WorkspaceId, terms: VerifyOptions<'a>) -> Self {
        let so_far = Verified {
            head: Head::genesis(workspace),
            keyed_from: None,
        };
        Self { terms, so_far }
    }

    /// Verifies the next row, in order of number.
    ///
    /// # Errors
    /// The tampering found at this row.
    pub fn take_row(&mut self, row: &AuditRow) -> Result<(), Tampering> {
        let seq = self.place(row.seq)?;
        self.check_key(row, seq)?;
        let key = self.terms.key.filter(|_| row.keyed);
        if row.hash != row.hash_after(&self.so_far.head, key) {
            let first_keyed = row.keyed && self.so_far.keyed_from.is_none();
            return Err(if first_keyed && !self.was_unkeyed(row) {
                Tampering::OtherKey(seq)
            } else {
                Tampering::Changed(seq)
            });
        }
        if self
            .noted()
            .any(|noted| noted.seq == seq && noted.hash != row.hash)
        {
            return Err(Tampering::HeadDiffers(seq));
        }
        if row.keyed {
            self.so_far.keyed_from.get_or_insert(seq);
        }
        self.so_far.head.seq = seq;
        self.so_far.head.hash.clone_from(&row.hash);
        Ok(())
    }

    /// Decides on a first keyed row that [`Verifier::take_row`] refused, by the next row: if that one matches the key, the key is
    /// right and the row was changed.
    pub fn second_look(&self, found: Tampering, row: &AuditRow, next: &AuditRow) -> Tampering {
        let Tampering::OtherKey(seq) = found else {
            return found;
        };
        let before = Head {
            workspace: self.so_far.head.workspace.clone(),
            seq,
            hash: row.hash.clone(),
        };
        if self.terms.key.is_some_and(|key| next.fits(&before, key)) {
            Tampering::Changed(seq)
        } else {
            found
        }
    }

    /// The kind of tampering of an unreadable row.
    pub fn unreadable(&self, seq: i64) -> Tampering {
        match self.place(seq) {
            Ok(_) => Tampering::Unreadable(seq),
            Err(tampering) => tampering,
        }
    }

    /// Ends the verification after the last row.
    ///
    /// # Errors
    /// When rows up to a noted head are missing.
    pub fn finish(self) -> Result<Verified, Tampering> {
        let end = self.so_far.head.seq;
        match self.noted().map(|noted| noted.seq).max() {
            Some(noted) if noted > end => Err(Tampering::Cut {
                first: end + 1,
                noted,
            }),
            _ => Ok(self.so_far),
        }
    }

    fn noted(&self) -> impl Iterator<Item = &Head> {
        let workspace = &self.so_far.head.workspace;
        let heads = self.terms.heads.iter();
        heads.filter(move |noted| noted.workspace == *workspace)
    }

    /// The place of a row, if it is the next one.
    fn place(&self, seq: i64) -> Result<u64, Tampering> {
        let expected = self.so_far.head.seq + 1;
        match u64::try_from(seq) {
            Ok(seq) if seq == expected => Ok(seq),
            Ok(seq) if seq > expected => Err(Tampering::Removed(expected)),
            _ => Err(Tampering::Inserted(seq)),
        }
    }

    fn check_key(&self, row: &AuditRow, seq: u64) -> Result<(), Tampering> {
        match (row.keyed, self.terms.key) {
            (false, _) if self.so_far.keyed_from.is_some() => Err(Tampering::Unkeyed(seq)),
            (false, _) if self.terms.require_key => Err(Tampering::KeyRequired(seq)),
            (true, None) if self.was_unkeyed(row) => Err(Tampering::Changed(seq)),
            (true, None) => Err(Tampering::KeyNeeded(seq)),
            _ => Ok(()),
        }
    }

    /// Whether a row was made without a key and marked as keyed later.
    fn was_unkeyed(&self, row: &AuditRow) -> bool {
        let unkeyed = AuditRow {
            keyed: false,
            ..row.clone()
        };
        unkeyed.hash_after(&self.so_far.head, None) == row.hash
    }
}
