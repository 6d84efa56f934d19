//! The table `upload`: uploaded files that were tried and may be applied.

use super::code::{Row, instant};
use super::{StoreResult, Tx, sql};
use crate::domain::Timestamp;

/// The most files kept per workspace; the oldest are removed.
pub(super) const KEPT: u32 = 8;

/// Inserts a file.
pub(super) const INSERT: &str = "INSERT INTO upload (workspace, id, line, name, modified_ms, bytes, taken_ms) \
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (workspace, id) DO NOTHING";

/// Removes all but the latest.
pub(super) const PRUNE: &str = "DELETE FROM upload WHERE workspace = $1 AND id <= \
     (SELECT id FROM upload WHERE workspace = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)";

/// A file by id.
pub(super) const OF: &str =
    "SELECT line, name, modified_ms, bytes FROM upload WHERE workspace = $1 AND id = $2";

#[derive(Debug, sqlx::FromRow)]
struct UploadRow {
    line: String,
    name: String,
    modified_ms: Option<i64>,
    bytes: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// The command line that uploaded it.
    pub line: String,
    pub name: String,
    /// The modification time, if the chat provides it.
    pub modified: Option<Timestamp>,
    pub bytes: Vec<u8>,
}

impl Tx {
    /// Stores a file under the id of its command, and removes the oldest.
    pub async fn keep_upload(
        &mut self,
        id: u64,
        upload: Upload,
        now: Timestamp,
    ) -> StoreResult<()> {
        let query = self
            .statement(INSERT)
            .bind(sql::number(id)?)
            .bind(upload.line)
            .bind(upload.name)
            .bind(upload.modified.map(|at| at.timestamp_millis()))
            .bind(upload.bytes)
            .bind(now.timestamp_millis());
        self.later(query).await?;
        let query = self.statement(PRUNE).bind(i64::from(KEPT));
        self.later(query).await
    }

    /// A file by id.
    pub async fn upload(&mut self, id: u64) -> StoreResult<Option<Upload>> {
        let query = self.rows::<UploadRow>(OF).bind(sql::number(id)?);
        let Some(found) = self.all(query).await?.pop() else {
            return Ok(None);
        };
        let key = id.to_string();
        let row = Row::of("upload", &key);
        let modified = found.modified_ms;
        let modified = modified.map(|ms| row.need("modified_ms", instant(ms)));
        Ok(Some(Upload {
            modified: modified.transpose()?,
            line: found.line,
            name: found.name,
            bytes: found.bytes,
        }))
    }
}
