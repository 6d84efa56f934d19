//! Helpers for building statements. The SQL text never contains user input, which is always bound.

use std::fmt::Write as _;

use serde::Serialize;
use sqlx::any::{Any, AnyArguments, AnyRow, AnyTypeInfo, AnyValueRef};
use sqlx::error::BoxDynError;
use sqlx::query::{Query, QueryAs};
use sqlx::{Arguments as _, AssertSqlSafe, Decode, Execute, FromRow, Type};

use super::{Engine, StoreError, StoreResult};
use crate::domain::id::{ChannelId, RoleId, WorkspaceId};

/// The most rows of a list's page.
pub(super) const PAGE_ROWS: usize = 50;

/// A statement without result rows.
pub(super) type Statement = Query<'static, Any, AnyArguments>;
/// A statement with result rows.
pub(super) type Rows<R> = QueryAs<'static, Any, R, AnyArguments>;

/// An id in a column.
#[derive(Debug)]
pub(super) struct StoredId<T>(pub(super) T);

macro_rules! stored {
    ($($Id:ident::$made:ident),+) => {$(
        impl Type<Any> for StoredId<$Id> {
            fn type_info() -> AnyTypeInfo {
                <String as Type<Any>>::type_info()
            }
        }

        impl<'r> Decode<'r, Any> for StoredId<$Id> {
            fn decode(value: AnyValueRef<'r>) -> Result<Self, BoxDynError> {
                <String as Decode<Any>>::decode(value).map(|id| Self($Id::$made(id.as_str())))
            }
        }

        impl From<StoredId<$Id>> for $Id {
            fn from(StoredId(id): StoredId<$Id>) -> Self {
                id
            }
        }
    )+};
}

stored!(WorkspaceId::from, ChannelId::stored, RoleId::stored);

/// Builds a statement without result rows.
pub(super) fn statement(text: impl Into<String>) -> Statement {
    sqlx::query(AssertSqlSafe(text.into()))
}

/// Builds a statement with result rows.
pub(super) fn rows<R>(text: impl Into<String>) -> Rows<R>
where
    R: for<'r> FromRow<'r, AnyRow>,
{
    sqlx::query_as(AssertSqlSafe(text.into()))
}

/// Statements to be sent together, with one list of values.
#[derive(Default)]
pub(super) struct Joint {
    text: String,
    values: AnyArguments,
    many: usize,
}

impl Joint {
    /// Adds a statement, with its placeholders moved on by the values before its own. Returns the number of its values.
    pub(super) fn push<'q>(&mut self, mut query: impl Execute<'q, Any>) -> StoreResult<usize> {
        let values = query.take_arguments();
        let values =
            values.map_err(|error| StoreError::Broken(sqlx::Error::Encode(error).into()))?;
        let mut values = values.unwrap_or_default();
        let text = query.sql();
        let before = self.values.len();
        if !self.text.is_empty() {
            self.text.push(';');
        }
        let mut parts = text.as_str().split('$');
        self.text.push_str(parts.next().unwrap_or_default());
        for part in parts {
            let end = part.find(|letter: char| !letter.is_ascii_digit());
            let (number, rest) = part
                .split_at_checked(end.unwrap_or(part.len()))
                .unwrap_or((part, ""));
            let _ = match number.parse::<usize>() {
                Ok(number) => write!(self.text, "${}{rest}", number + before),
                Err(_) => write!(self.text, "${part}"),
            };
        }
        self.many += 1;
        let many = values.len();
        self.values.values.0.append(&mut values.values.0);
        Ok(many)
    }

    /// The number of statements.
    pub(super) const fn many(&self) -> usize {
        self.many
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.many == 0
    }

    /// The statements as one query, between others that have no values.
    pub(super) fn query(
        self,
        before: Option<&str>,
        after: Option<&str>,
    ) -> (AssertSqlSafe<String>, Option<AnyArguments>) {
        let own = Some(self.text).filter(|text| !text.is_empty());
        let all = [before, own.as_deref(), after];
        let all: Vec<&str> = all.into_iter().flatten().collect();
        (AssertSqlSafe(all.join(";")), Some(self.values))
    }
}

impl std::fmt::Debug for Joint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

/// A value as JSON, which the database keeps as text.
pub(super) fn json<T: Serialize + ?Sized>(value: &T) -> StoreResult<String> {
    serde_json::to_string(value).map_err(|error| StoreError::Broken(error.into()))
}

/// Converts a number for the database.
pub(super) fn number(number: u64) -> StoreResult<i64> {
    i64::try_from(number)
        .map_err(|_| StoreError::fault("a number is beyond what the database keeps"))
}

/// `n` placeholders, starting at `$first`.
pub(super) fn placeholders(first: usize, n: usize) -> String {
    let mut text = String::new();
    for at in first..first + n {
        let comma = if at == first { "" } else { ", " };
        // Writing to a `String` does not fail.
        let _ = write!(text, "{comma}${at}");
    }
    text
}

/// A table `said` with one column, `value`: the texts of a JSON array, which is bound at `$at` as one value however many they are.
pub(super) fn texts(engine: Engine, at: usize) -> String {
    match engine {
        Engine::Sqlite => format!("json_each(${at}) AS said"),
        Engine::Postgres => {
            format!("jsonb_array_elements_text(CAST(${at} AS jsonb)) AS said(value)")
        }
    }
}

/// `n` rows of an insert: the workspace as `$1`, and `values` further placeholders each.
pub(super) fn tuples(n: usize, values: usize) -> String {
    tuples_from(2, n, values)
}

/// Like [`tuples`], with `$first` as the first of the further placeholders.
pub(super) fn tuples_from(first: usize, n: usize, values: usize) -> String {
    let mut text = String::new();
    for row in 0..n {
        let comma = if row == 0 { "" } else { ", " };
        let values = placeholders(first + row * values, values);
        let _ = write!(text, "{comma}($1, {values})");
    }
    text
}

/// The most rows per insert. Larger statements cost more, because `SQLite` searches its list of parameter names linearly.
const AT_ONCE: usize = 10;

/// Splits rows into chunks for one insert, or single rows, so that only two statements are prepared.
pub(super) fn pieces<T>(rows: &[T]) -> impl Iterator<Item = &[T]> {
    let whole = rows.chunks_exact(AT_ONCE);
    let rest = whole.remainder();
    whole.chain(rest.chunks(1))
}

/// Splits keys into batches of one or of a whole page, with the last key repeated, so that only two statements are prepared.
pub(super) fn batches<T: Clone>(keys: &[T]) -> impl Iterator<Item = Vec<T>> {
    keys.chunks(PAGE_ROWS).map(|chunk| {
        let mut batch = chunk.to_vec();
        if let ([_, _, ..], Some(last)) = (chunk, chunk.last()) {
            batch.resize(PAGE_ROWS, last.clone());
        }
        batch
    })
}

/// The least text greater than all texts with this prefix, by code points.
pub(super) fn after_prefix(prefix: &str) -> String {
    let mut chars: Vec<char> = prefix.chars().collect();
    while let Some(last) = chars.pop() {
        if let Some(next) = (last..=char::MAX).nth(1) {
            chars.push(next);
            return chars.into_iter().collect();
        }
    }
    char::MAX.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_with_the_prefix_lies_below_its_bound() {
        for (prefix, bound) in [
            ("ab", "ac"),
            ("a\u{d7ff}", "a\u{e000}"),
            ("a\u{10ffff}", "b"),
            ("", "\u{10ffff}"),
        ] {
            assert_eq!(after_prefix(prefix), bound);
        }
    }

    #[test]
    fn there_are_two_lengths_of_batch() {
        let lengths = |n: usize| -> Vec<usize> {
            let keys: Vec<usize> = (0..n).collect();
            batches(&keys).map(|batch| batch.len()).collect()
        };
        assert_eq!(lengths(0), [0; 0]);
        assert_eq!(lengths(1), [1]);
        assert_eq!(lengths(2), [50]);
        assert_eq!(lengths(51), [50, 1]);
    }
}
