//! The table `schedule`: due moments, each with what it is about. Two indexes, so that no tick ever looks at all of them.

use super::code::instant;
use super::pause::shift;
use super::{Store, StoreError, Tx, sql};
use crate::domain::Timestamp;
use crate::domain::id::InstanceId;

/// What is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// An instance is to be looked at, because something may be due then.
    Instance,
    /// The digest of a week.
    Digest,
    /// What is open for the workspace as a whole is to be looked at.
    Workspace,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Instance => "instance",
            Self::Digest => "digest",
            Self::Workspace => "workspace",
        }
    }
}

/// Says when something is due.
pub(super) const UPSERT: &str = concat!(
    "INSERT INTO schedule (workspace, kind, subject, due_ms) VALUES ($1, $2, $3, $4 - ",
    shift!(),
    ") ON CONFLICT (workspace, kind, subject) DO UPDATE SET due_ms = excluded.due_ms"
);

/// Says when something is due, unless that is known.
pub(super) const BEGIN: &str = concat!(
    "INSERT INTO schedule (workspace, kind, subject, due_ms) VALUES ($1, $2, $3, $4 - ",
    shift!(),
    ") ON CONFLICT (workspace, kind, subject) DO NOTHING"
);

/// Says that everything of a kind in a workspace is due at a moment, as far as there is any.
pub(super) const MOVE_ALL: &str = concat!(
    "UPDATE schedule SET due_ms = $3 - ",
    shift!(),
    " WHERE workspace = $1 AND kind = $2"
);

/// Says that nothing is due.
pub(super) const DELETE: &str =
    "DELETE FROM schedule WHERE workspace = $1 AND kind = $2 AND subject = $3";

/// The earliest of a kind, of all workspaces.
pub(super) const NEXT: &str = "SELECT workspace, subject, due_ms FROM schedule WHERE kind = $1 AND due_ms > -1 \
     ORDER BY due_ms, workspace, subject LIMIT 1";

/// What is due of a kind in a workspace, earliest first.
pub(super) const DUE: &str = "SELECT workspace, subject, due_ms FROM schedule WHERE workspace = $1 AND kind = $2 \
     AND due_ms > -1 AND due_ms <= $3 ORDER BY due_ms, subject LIMIT $4";

#[derive(Debug, sqlx::FromRow)]
struct DueRow {
    workspace: String,
    subject: String,
    due_ms: i64,
}

impl DueRow {
    fn damaged(&self, column: &'static str) -> StoreError {
        StoreError::Damaged {
            table: "schedule",
            key: self.subject.clone(),
            column,
        }
    }

    fn at(&self) -> Result<Timestamp, StoreError> {
        instant(self.due_ms).ok_or_else(|| self.damaged("due_ms"))
    }

    fn whose(self) -> Result<(String, Timestamp), StoreError> {
        let at = self.at()?;
        Ok((self.workspace, at))
    }

    fn nudge(self) -> Result<Nudge, StoreError> {
        let instance = InstanceId::parse(&self.subject);
        let at = self.at()?;
        Ok(Nudge {
            instance: instance.map_err(|_| self.damaged("subject"))?,
            at: (self.due_ms > 0).then_some(at),
            workspace: self.workspace,
        })
    }
}

/// An instance that is to be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nudge {
    /// Where.
    pub workspace: String,
    /// Which instance.
    pub instance: InstanceId,
    /// When something was planned; `None`: it was written, and is to be planned again.
    pub at: Option<Timestamp>,
}

impl Store {
    async fn next_of(&self, kind: Kind) -> Result<Option<DueRow>, StoreError> {
        let mut tx = self.read("").await?;
        let query = sql::rows::<DueRow>(NEXT).bind(kind.as_str());
        Ok(tx.all(query).await?.pop())
    }

    /// The instance of all workspaces that is to be looked at first.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn next_nudge(&self) -> Result<Option<Nudge>, StoreError> {
        let row = self.next_of(Kind::Instance).await?;
        row.map(DueRow::nudge).transpose()
    }

    /// Which workspace has the next digest, and when.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn next_digest(&self) -> Result<Option<(String, Timestamp)>, StoreError> {
        let row = self.next_of(Kind::Digest).await?;
        row.map(DueRow::whose).transpose()
    }

    /// Which workspace as a whole is to be looked at first, and when.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn next_workspace(&self) -> Result<Option<(String, Timestamp)>, StoreError> {
        let row = self.next_of(Kind::Workspace).await?;
        row.map(DueRow::whose).transpose()
    }
}

impl Tx {
    async fn schedule(
        &mut self,
        text: &'static str,
        (kind, subject): (Kind, String),
        due: Option<i64>,
    ) -> Result<(), StoreError> {
        let query = sql::statement(text)
            .bind(self.workspace())
            .bind(kind.as_str())
            .bind(subject);
        let query = match due {
            Some(due) => query.bind(due),
            None => query,
        };
        self.run(query).await.map(drop)
    }

    async fn move_all(&mut self, kind: Kind, due: i64) -> Result<(), StoreError> {
        let query = sql::statement(MOVE_ALL)
            .bind(self.workspace())
            .bind(kind.as_str())
            .bind(due);
        self.run(query).await.map(drop)
    }

    /// The instances that are to be looked at by now, at most so many, earliest first.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn nudges_due(
        &mut self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Nudge>, StoreError> {
        let query = sql::rows::<DueRow>(DUE)
            .bind(self.workspace())
            .bind(Kind::Instance.as_str())
            .bind(now.timestamp_millis())
            .bind(i64::from(limit));
        let rows = self.all(query).await?;
        rows.into_iter().map(DueRow::nudge).collect()
    }

    /// Says when an instance is to be looked at next; `None`: not until something is written.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn set_nudge(
        &mut self,
        id: &InstanceId,
        at: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let what = (Kind::Instance, id.to_string());
        match at {
            // 0 is for what was written.
            Some(at) => {
                let due = at.timestamp_millis().max(1);
                self.schedule(UPSERT, what, Some(due)).await
            }
            None => self.schedule(DELETE, what, None).await,
        }
    }

    /// Says that every instance for which something is planned is to be looked at, because it may be due at another moment
    /// now. One write for each, and they are looked at in batches afterwards.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn replan_reminders(&mut self) -> Result<(), StoreError> {
        self.stir();
        self.move_all(Kind::Instance, 0).await
    }

    /// Says that an instance is to be looked at, whatever was planned.
    pub(super) async fn nudge_at_once(&mut self, id: &InstanceId) -> Result<(), StoreError> {
        let what = (Kind::Instance, id.to_string());
        self.schedule(UPSERT, what, Some(0)).await
    }

    /// Says when the workspace as a whole is to be looked at; `None`: not until something is written.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn look_at_workspace(&mut self, at: Option<Timestamp>) -> Result<(), StoreError> {
        let what = (Kind::Workspace, String::new());
        match at {
            Some(at) => {
                self.stir();
                let due = Some(at.timestamp_millis());
                self.schedule(UPSERT, what, due).await
            }
            None => self.schedule(DELETE, what, None).await,
        }
    }

    /// Says when this workspace's next digest is.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn set_digest(&mut self, at: Timestamp) -> Result<(), StoreError> {
        let what = (Kind::Digest, String::new());
        self.schedule(UPSERT, what, Some(at.timestamp_millis()))
            .await
    }

    /// Says when this workspace's next digest is, if it has one.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn move_digest(&mut self, at: Timestamp) -> Result<(), StoreError> {
        self.move_all(Kind::Digest, at.timestamp_millis()).await
    }

    /// Says when this workspace's first digest is; one that has a next one keeps it.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn begin_digests(&mut self, at: Timestamp) -> Result<(), StoreError> {
        let what = (Kind::Digest, String::new());
        self.schedule(BEGIN, what, Some(at.timestamp_millis()))
            .await
    }
}
