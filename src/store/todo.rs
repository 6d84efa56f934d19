//! To-do lists, worst first, each from an index; and concerns settled since the last digest.

use super::code::{Row, instant};
use super::{StoreResult, Tx, sql};
use crate::domain::Timestamp;
use crate::domain::concern::ConcernKind;
use crate::domain::id::{InstanceId, TeamName};

macro_rules! worst_first {
    ($($narrowed:literal)?) => {
        concat!(
            // The deletion is already part of the expiry's row.
            "SELECT instance_id, kind, rank, presses_ms FROM concern WHERE workspace = $1 AND kind <> 'deletes'",
            $($narrowed,)?
            " ORDER BY rank, presses_ms, instance_id, kind LIMIT $2"
        )
    };
}

/// The concerns of a workspace.
pub(super) const OF_ALL: &str = worst_first!();

/// The concerns of a team's instances.
pub(super) const OF_TEAM: &str = worst_first!(" AND team = $3");

/// The concerns with one of `n` words, of a team or of all. Ordered by an expression, so that the index on words is used instead
/// of a scan in list order.
pub(super) fn under(n: usize, of_team: bool) -> String {
    let words = sql::placeholders(4, n);
    let team = if of_team { " AND team = $3" } else { "" };
    format!(
        "SELECT instance_id, kind, rank, presses_ms FROM concern WHERE workspace = $1{team} AND owner IN ({words}) \
         AND kind <> 'deletes' \
         ORDER BY rank + 0, presses_ms, instance_id, kind LIMIT $2"
    )
}

/// A concern of a team that began between two moments. Concerns that depend on the days around an expiry count from their time.
pub(super) const BEGUN: &str = "SELECT instance_id FROM concern WHERE workspace = $1 AND team = $2 \
     AND rank BETWEEN 1 AND 4 AND rank <> 2 AND since_ms > $3 AND since_ms <= $4 LIMIT 1";

/// Records `n` settled concerns of an instance for the next digest.
fn insert_settled(n: usize) -> String {
    let rows: Vec<String> = (0..n)
        .map(|row| format!("($1, $2, $3, ${})", 4 + row))
        .collect();
    format!(
        "INSERT INTO settled (workspace, at_ms, instance_id, kind) VALUES {} \
         ON CONFLICT (workspace, at_ms, instance_id, kind) DO NOTHING",
        rows.join(", ")
    )
}

/// The concerns settled since a moment, latest first.
pub(super) const SETTLED: &str = "SELECT instance_id, kind, at_ms FROM settled WHERE workspace = $1 AND at_ms > $2 \
     ORDER BY at_ms DESC, instance_id DESC, kind DESC LIMIT $3";

/// Removes concerns that an earlier digest reported.
pub(super) const PRUNE: &str = "DELETE FROM settled WHERE workspace = $1 AND at_ms <= $2";

/// The scope of a list; all concerns by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// Of instances of this team.
    pub team: Option<TeamName>,
    /// With one of these words.
    pub words: Option<Vec<String>>,
}

/// An entry of a list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TodoRow {
    /// The severity; lower is worse.
    pub rank: i64,
    /// The time by which it is urgent.
    pub presses: Timestamp,
    pub instance: InstanceId,
    pub kind: ConcernKind,
}

#[derive(Debug, sqlx::FromRow)]
struct ListedRow {
    instance_id: String,
    kind: String,
    rank: i64,
    presses_ms: i64,
}

impl ListedRow {
    /// Decodes the row; `None` for a kind unknown to this version.
    fn read(&self) -> StoreResult<Option<TodoRow>> {
        let row = Row::of("concern", &self.instance_id);
        let instance = InstanceId::parse(&self.instance_id);
        let instance = row.need("instance_id", instance.ok())?;
        let presses = row.need("presses_ms", instant(self.presses_ms))?;
        Ok(ConcernKind::from_word(&self.kind).map(|kind| TodoRow {
            rank: self.rank,
            presses,
            instance,
            kind,
        }))
    }
}

#[derive(Debug, sqlx::FromRow)]
struct SettledRow {
    instance_id: String,
    kind: String,
    at_ms: i64,
}

impl Tx {
    /// The concerns, worst first, up to `limit`.
    pub async fn to_do(&mut self, scope: &Scope, limit: u32) -> StoreResult<Vec<TodoRow>> {
        let of_team = scope.team.is_some();
        let text = match &scope.words {
            None if of_team => OF_TEAM.to_owned(),
            None => OF_ALL.to_owned(),
            Some(words) => under(words.len(), of_team),
        };
        let query = self
            .rows::<ListedRow>(text)
            .bind(i64::from(limit))
            .bind(scope.team.as_ref().map(ToString::to_string));
        let words = scope.words.iter().flatten();
        let query = words.fold(query, |query, word| query.bind(word.clone()));
        let rows = self.all(query).await?;
        let read = rows.iter().map(ListedRow::read);
        Ok(read
            .collect::<Result<Vec<_>, _>>()?
            .into_iter()
            .flatten()
            .collect())
    }

    /// Whether a concern of a team began between two moments, except for those that depend on an expiry.
    pub async fn has_begun(
        &mut self,
        team: &TeamName,
        after: Timestamp,
        upto: Timestamp,
    ) -> StoreResult<bool> {
        let query = self
            .rows::<(String,)>(BEGUN)
            .bind(team.to_string())
            .bind(after.timestamp_millis())
            .bind(upto.timestamp_millis());
        Ok(!self.all(query).await?.is_empty())
    }

    pub(super) async fn note_settled(
        &mut self,
        id: &InstanceId,
        kinds: &[ConcernKind],
        at: Timestamp,
    ) -> StoreResult<()> {
        let query = self
            .statement(insert_settled(kinds.len()))
            .bind(at.timestamp_millis())
            .bind(id.to_string());
        let query = kinds
            .iter()
            .fold(query, |query, kind| query.bind(kind.as_str()));
        self.later(query).await
    }

    /// The concerns settled since a moment, latest first, up to `limit`.
    pub async fn settled_since(
        &mut self,
        since: Timestamp,
        limit: u32,
    ) -> StoreResult<Vec<(InstanceId, ConcernKind)>> {
        let query = self
            .rows::<SettledRow>(SETTLED)
            .bind(since.timestamp_millis())
            .bind(i64::from(limit));
        let rows = self.all(query).await?;
        let read = rows.iter().map(|settled| {
            let row = Row::of("settled", &settled.instance_id);
            let id = InstanceId::parse(&settled.instance_id).ok();
            row.need("at_ms", instant(settled.at_ms))?;
            let id = row.need("instance_id", id)?;
            Ok(ConcernKind::from_word(&settled.kind).map(|kind| (id, kind)))
        });
        Ok(read
            .collect::<StoreResult<Vec<_>>>()?
            .into_iter()
            .flatten()
            .collect())
    }

    /// Removes the concerns settled up to a moment.
    pub async fn forget_settled(&mut self, upto: Timestamp) -> StoreResult<()> {
        let query = self.statement(PRUNE).bind(upto.timestamp_millis());
        self.later(query).await
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::concern::Rank;

    /// The ranks used in `BEGUN`.
    #[test]
    fn what_goes_by_an_expiry_has_other_numbers() {
        let numbers = [Rank::Urgent, Rank::Ladder, Rank::Digest].map(Rank::number);
        assert_eq!(numbers, [1, 3, 4]);
    }
}
