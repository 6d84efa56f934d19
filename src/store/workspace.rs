//! The tables `observed` and `workspace_concern`: observations about a workspace that are in no other table, and the concerns of
//! the workspace as a whole.

use super::code::{Row, instant};
use super::sql::StoredId;
use super::{StoreResult, Tx, sql};
use crate::domain::Timestamp;
use crate::domain::concern::{ConcernRecord, RoleState, SeenRole, Unreadable};
use crate::domain::id::{RoleId, TeamName};

/// The most unreadable rows reported.
const UNREADABLE: i64 = 20;
/// The value for a deleted role.
const GONE: i64 = -1;

/// All observations of a kind.
pub(super) const SEEN: &str =
    "SELECT subject, members FROM observed WHERE workspace = $1 AND what = $2 ORDER BY subject";

/// Records an observation; nothing is written if it is known.
const SEE: &str = "INSERT INTO observed (workspace, what, subject, members, at_ms) VALUES ($1, $2, $3, $4, $5) \
     ON CONFLICT (workspace, what, subject) DO UPDATE SET members = excluded.members, at_ms = excluded.at_ms \
     WHERE observed.members IS DISTINCT FROM excluded.members";

/// Removes an observation.
pub(super) const UNSEE: &str =
    "DELETE FROM observed WHERE workspace = $1 AND what = $2 AND subject = $3";

/// All data for judging a workspace as a whole.
pub(super) const OPEN: &str = "SELECT what, subject, members AS number, CAST(NULL AS BIGINT) AS told FROM observed WHERE workspace = $1 AND what = $2 \
     UNION ALL SELECT $3, subject, NULL, NULL FROM (SELECT subject FROM observed WHERE workspace = $1 AND what = $3 \
     ORDER BY subject LIMIT $4) AS latest \
     UNION ALL SELECT 'concern', key, since_ms, told FROM workspace_concern WHERE workspace = $1 \
     UNION ALL SELECT 'team', word, NULL, NULL FROM (WITH RECURSIVE found (word) AS (\
     SELECT min(team) FROM instance WHERE workspace = $1 AND tracking = 'tracked' AND team IS NOT NULL \
     UNION ALL SELECT (SELECT min(team) FROM instance WHERE workspace = $1 AND tracking = 'tracked' AND team > found.word) \
     FROM found WHERE found.word IS NOT NULL) SELECT word FROM found WHERE word IS NOT NULL LIMIT $4) AS here \
     UNION ALL SELECT 'imported', '', imported_at_ms, NULL FROM workspace WHERE workspace = $1";

/// Stores a concern.
const KEEP: &str = "INSERT INTO workspace_concern (workspace, key, since_ms, told) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (workspace, key) DO UPDATE SET since_ms = excluded.since_ms, told = excluded.told \
     WHERE workspace_concern.since_ms <> excluded.since_ms OR workspace_concern.told <> excluded.told";

/// Removes a settled concern.
pub(super) const SETTLED: &str = "DELETE FROM workspace_concern WHERE workspace = $1 AND key = $2";

const ROLE: &str = "role";
/// The teams of tracked instances.
const TEAM: &str = "team";
const ROW: &str = "row";

/// The data for judging a workspace as a whole.
#[derive(Debug, Default)]
pub struct SeenOfWorkspace {
    /// The last observation of each chat role.
    pub roles: Vec<SeenRole>,
    /// The teams that tracked instances belong to.
    pub named: Vec<TeamName>,
    /// The time of the last import.
    pub imported: Option<Timestamp>,
    /// The first unreadable rows.
    pub unreadable: Vec<Unreadable>,
    /// The concerns as last recorded.
    pub kept: Vec<ConcernRecord>,
}

fn seen_role(role: RoleId, members: Option<i64>) -> SeenRole {
    SeenRole {
        role,
        seen: match members {
            None => RoleState::There,
            Some(count) => u64::try_from(count).map_or(RoleState::Gone, RoleState::Members),
        },
    }
}

impl Tx {
    /// The last observation of each chat role.
    pub async fn seen_roles(&mut self) -> StoreResult<Vec<SeenRole>> {
        let query = self
            .rows::<(StoredId<RoleId>, Option<i64>)>(SEEN)
            .bind(ROLE);
        let rows = self.all(query).await?.into_iter();
        Ok(rows
            .map(|(StoredId(role), members)| seen_role(role, members))
            .collect())
    }

    /// Records an observation of a chat role.
    pub async fn see_role(&mut self, seen: &SeenRole, at: Timestamp) -> StoreResult<()> {
        let members = match seen.seen {
            RoleState::Members(count) => Some(sql::number(count)?),
            RoleState::There => None,
            RoleState::Gone => Some(GONE),
        };
        self.record_observation(ROLE, seen.role.to_string(), members, at)
            .await
    }

    /// Removes a chat role that the settings no longer use.
    pub async fn forget_role(&mut self, role: &RoleId) -> StoreResult<()> {
        self.forget_seen(ROLE, role.to_string()).await
    }

    /// Records an unreadable row, so that people are told.
    pub async fn note_unreadable(
        &mut self,
        subject: &Unreadable,
        at: Timestamp,
    ) -> StoreResult<()> {
        self.record_observation(ROW, subject.word(), None, at).await
    }

    /// Records that a row is readable again, or no longer exists.
    pub async fn note_readable(&mut self, subject: &Unreadable) -> StoreResult<()> {
        self.forget_seen(ROW, subject.word()).await
    }

    async fn record_observation(
        &mut self,
        what: &'static str,
        subject: String,
        members: Option<i64>,
        at: Timestamp,
    ) -> StoreResult<()> {
        let query = self
            .statement(SEE)
            .bind(what)
            .bind(subject)
            .bind(members)
            .bind(at.timestamp_millis());
        if self.run(query).await? > 0 {
            self.set_due(&super::ScheduleSubject::Workspace, Some(at))
                .await?;
        }
        Ok(())
    }

    async fn forget_seen(&mut self, what: &'static str, subject: String) -> StoreResult<()> {
        let query = self.statement(UNSEE).bind(what).bind(subject);
        self.later(query).await
    }

    /// The data for judging the workspace as a whole.
    pub async fn seen_of_workspace(&mut self) -> StoreResult<SeenOfWorkspace> {
        let query = self
            .rows::<(String, String, Option<i64>, Option<i64>)>(OPEN)
            .bind(ROLE)
            .bind(ROW)
            .bind(UNREADABLE);
        let mut seen = SeenOfWorkspace::default();
        for (what, subject, number, told) in self.all(query).await? {
            match what.as_str() {
                ROLE => seen.roles.push(seen_role(RoleId::stored(&subject), number)),
                ROW => seen.unreadable.extend(Unreadable::from_word(&subject)),
                // A name that cannot be read is reported with its instance.
                TEAM => seen.named.extend(TeamName::parse(&subject).ok()),
                "imported" => seen.imported = number.and_then(instant),
                _ => {
                    let row = Row::of("workspace_concern", &subject);
                    let since = row.need("since_ms", number.and_then(instant))?;
                    let told = told.and_then(|told| usize::try_from(told).ok());
                    let told = row.need("told", told)?;
                    let key = subject;
                    seen.kept.push(ConcernRecord { key, since, told });
                }
            }
        }
        Ok(seen)
    }

    /// Stores the concerns of the workspace; nothing is written if nothing changed.
    pub async fn keep_workspace(
        &mut self,
        before: &[ConcernRecord],
        open: &[ConcernRecord],
    ) -> StoreResult<()> {
        for kept in open.iter().filter(|kept| !before.contains(kept)) {
            let told = u64::try_from(kept.told).unwrap_or(u64::MAX);
            let query = self
                .statement(KEEP)
                .bind(kept.key.clone())
                .bind(kept.since.timestamp_millis())
                .bind(sql::number(told)?);
            self.later(query).await?;
        }
        let settled = |was: &&ConcernRecord| !open.iter().any(|kept| kept.key == was.key);
        for was in before.iter().filter(settled) {
            let query = self.statement(SETTLED).bind(was.key.clone());
            self.later(query).await?;
        }
        Ok(())
    }
}
