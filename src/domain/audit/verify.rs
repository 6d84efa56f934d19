//! Checking a trail, row by row.

use super::{AuditKey, AuditRow, Head};

/// What a check goes by.
#[derive(Debug, Clone, Copy, Default)]
pub struct VerifyOptions<'a> {
    /// The key of rows that were made with one.
    pub key: Option<&'a AuditKey>,
    /// Whether a row without a key is wrong wherever it stands.
    pub require_key: bool,
    /// Heads that were noted earlier, of any workspace.
    pub heads: &'a [Head],
}

/// What is wrong with a trail, at the first row where it shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tampering {
    /// The row does not fit its hash: its content was changed, or it belongs somewhere else.
    Changed(u64),
    /// The row is not there, and a later one is.
    Removed(u64),
    /// A row with a number that no row gets.
    Inserted(i64),
    /// The row holds what no column of it can hold.
    Unreadable(i64),
    /// The row has no key, and an earlier one has.
    Unkeyed(u64),
    /// The row has no key, and all were to have one.
    KeyRequired(u64),
    /// The row has a key, and none was given to check it with.
    KeyNeeded(u64),
    /// The first row with a key does not fit the one given: it is another one, or the row was changed.
    OtherKey(u64),
    /// The trail ends before a head that was noted.
    Cut {
        /// The first row that is missing.
        first: u64,
        /// The row that was the last one when the head was noted.
        noted: u64,
    },
    /// The row is sound, but has another hash than the head that was noted there: the trail was written again.
    HeadDiffers(u64),
}

/// A sound trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Where it ends; its `seq` is also the number of rows.
    pub head: Head,
    /// The first row that was made with a key.
    pub keyed_from: Option<u64>,
}

/// Checks one workspace's trail from its beginning, keeping nothing but where it is.
#[derive(Debug, Clone)]
pub struct Verifier<'a> {
    terms: VerifyOptions<'a>,
    so_far: Verified,
}

impl<'a> Verifier<'a> {
    /// Before the first row.
    pub fn new(workspace: &str, terms: VerifyOptions<'a>) -> Self {
        let so_far = Verified {
            head: Head::genesis(workspace),
            keyed_from: None,
        };
        Self { terms, so_far }
    }

    /// Takes the next row, in the order of their numbers.
    ///
    /// # Errors
    /// What shows at this row.
    pub fn take(&mut self, row: &AuditRow) -> Result<(), Tampering> {
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

    /// What a row with the first key is worth that [`Verifier::take`] refused, by the row behind it: if that one fits the
    /// key, the key is the right one, and the row was changed.
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

    /// What a row means that cannot even be read.
    pub fn unreadable(&self, seq: i64) -> Tampering {
        match self.place(seq) {
            Ok(_) => Tampering::Unreadable(seq),
            Err(tampering) => tampering,
        }
    }

    /// Ends the check, behind the last row.
    ///
    /// # Errors
    /// When rows are missing that a noted head speaks of.
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

    /// Whether the row with this number can be the next one.
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

    /// Whether a row was made without a key, and was given the mark of one later.
    fn was_unkeyed(&self, row: &AuditRow) -> bool {
        let unkeyed = AuditRow {
            keyed: false,
            ..row.clone()
        };
        unkeyed.hash_after(&self.so_far.head, None) == row.hash
    }
}
