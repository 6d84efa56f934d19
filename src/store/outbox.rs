//! The table `outbox`: messages to send, and their results.

use super::code::{Row, instant};
use super::sql::StoredId;
use super::{Served, StoreResult, Tx, sql};
use crate::domain::Timestamp;
use crate::domain::effect::{Mention, Post, PostKind};
use crate::domain::fact::CLOCKS_DIFFER;
use crate::domain::id::{ChannelId, InstanceId, WorkspaceId};
use crate::domain::payload::Payload;

macro_rules! columns {
    () => {
        "workspace, id, kind, channel, key, due_ms, change_number, instances, mentions, payload, moved_from, \
         moved_why, attempts"
    };
}
pub(super) use columns;

/// The message with a key.
pub(super) const POSTED: &str = "SELECT id FROM outbox WHERE workspace = $1 AND key = $2";

/// The row about approvals that a message shows. An index finds its number first: `SQLite` would otherwise scan the workspace's
/// messages.
pub(super) const REQUEST_IN: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM outbox WHERE workspace = $1 AND id = \
     (SELECT MAX(id) FROM outbox WHERE workspace = $1 AND kind = 'approval' AND message = $2)"
);

/// The last message with mentions whose key is from `$2` to `$3`, of those that wait or were sent up to a moment.
pub(super) const CALLED: &str = "SELECT COALESCE(MAX(due_ms), 0) FROM outbox WHERE workspace = $1 AND key >= $2 AND key < $3 \
     AND mentions <> '[]' AND (done_ms IS NULL OR done_ms <= $4)";

/// Inserts `n` messages, except for keys that exist already.
pub(super) fn insert(n: usize) -> String {
    let rows = (0..n).map(|row| {
        let values = sql::placeholders(2 + row * VALUES, VALUES);
        let id = format!(
            "(SELECT COALESCE(MAX(id), 0) + {} FROM outbox WHERE workspace = $1)",
            row + 1
        );
        format!("($1, {id}, {values}, 'due', 0)")
    });
    let rows: Vec<String> = rows.collect();
    format!(
        "INSERT INTO outbox (workspace, id, kind, channel, key, due_ms, change_number, instances, mentions, payload, \
         moved_from, moved_why, state, attempts) VALUES {} ON CONFLICT (workspace, key) DO NOTHING",
        rows.join(", ")
    )
}

/// The number of bound values per message.
const VALUES: usize = 10;

/// Claims the head of a channel, if it may be tried now and the lease, if required, is held.
pub(super) const CLAIM: &str = concat!(
    "UPDATE outbox SET state = 'sending', attempts = attempts + 1 WHERE workspace = $1 \
     AND id = (SELECT head FROM channel_queue WHERE workspace = $1 AND channel = $2 AND next_ms <= $3) \
     AND state IN ('due', 'sending') AND NOT EXISTS (SELECT 1 FROM workspace WHERE workspace = $1 AND paused = 1) \
     AND ($4 IS NULL OR EXISTS (SELECT 1 FROM lease WHERE name = $5 AND holder = $4 AND until_ms > $3)) RETURNING ",
    columns!()
);

/// Records the result of a claimed message.
pub(super) const SETTLE: &str = "UPDATE outbox SET state = $3, last_error = COALESCE($4, last_error), message = $5, \
     done_ms = $6, attempts = attempts - $8 WHERE workspace = $1 AND id = $2 AND state = 'sending' AND attempts = $7";

/// The most messages inserted by one statement.
const TOGETHER: usize = 20;

#[derive(Debug, sqlx::FromRow)]
pub(super) struct MessageRow {
    #[sqlx(try_from = "StoredId<WorkspaceId>")]
    workspace: WorkspaceId,
    id: i64,
    kind: String,
    #[sqlx(try_from = "StoredId<ChannelId>")]
    channel: ChannelId,
    key: String,
    due_ms: i64,
    change_number: Option<i64>,
    instances: String,
    mentions: String,
    payload: String,
    moved_from: Option<StoredId<ChannelId>>,
    moved_why: Option<String>,
    attempts: i64,
}

/// A claimed message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxRow {
    pub workspace: WorkspaceId,
    /// The number in the workspace, in the order of posting.
    pub id: u64,
    pub post: Post,
    /// The channel in which it could not be posted, if it was moved.
    pub moved: Option<Moved>,
    /// The number of attempts, including this one.
    pub attempts: u32,
}

impl OutboxRow {
    /// The key under which it is posted to another channel.
    pub fn key_elsewhere(&self) -> String {
        format!("moved:{}", self.id)
    }
}

/// The original channel of a moved message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    pub from: ChannelId,
    /// The reason why it could not be posted there.
    pub why: String,
}

/// The result of a claimed message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendResult {
    Sent {
        /// The chat's id of the message.
        message: String,
    },
    /// No longer relevant.
    Skipped { reason: String },
    /// Undeliverable.
    Failed { error: String },
    /// Rejected by its channel, and replaced by a message in another.
    Moved { error: String },
    /// To be retried.
    Later {
        error: String,
        /// The earliest time of the retry.
        retry_at: Timestamp,
        /// Whether it may have been posted nevertheless; if not, the attempt is not counted.
        tried: bool,
    },
}

impl SendResult {
    /// The column value of the resulting state.
    pub const fn state(&self) -> &'static str {
        match self {
            Self::Sent { .. } => "sent",
            Self::Skipped { .. } => "skipped",
            Self::Failed { .. } => "failed",
            Self::Moved { .. } => "moved",
            Self::Later { .. } => "due",
        }
    }

    /// The error, or the reason for skipping.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Sent { .. } => None,
            Self::Skipped { reason: text }
            | Self::Failed { error: text }
            | Self::Moved { error: text }
            | Self::Later { error: text, .. } => Some(text),
        }
    }
}

impl MessageRow {
    pub(super) fn read(self) -> StoreResult<OutboxRow> {
        let key = format!("message {}", self.id);
        let row = Row::of("outbox", &key);
        let number = |number: i64| u64::try_from(number).ok();
        let ids: Option<Vec<String>> = serde_json::from_str(&self.instances).ok();
        let ids = ids.and_then(|ids| ids.iter().map(|id| InstanceId::parse(id).ok()).collect());
        let mentions: Option<Vec<Mention>> = serde_json::from_str(&self.mentions).ok();
        let post = Post {
            kind: row.need("kind", PostKind::from_word(&self.kind))?,
            channel: self.channel,
            key: self.key,
            due: row.need("due_ms", instant(self.due_ms))?,
            change: row.may("change_number", self.change_number, number)?,
            instances: row.need("instances", ids)?,
            mentions: row.need("mentions", mentions)?,
            payload: Payload::read(&self.payload),
        };
        let moved = self.moved_from.map(ChannelId::from).zip(self.moved_why);
        Ok(OutboxRow {
            workspace: self.workspace,
            id: row.need("id", number(self.id))?,
            post,
            moved: moved.map(|(from, why)| Moved { from, why }),
            attempts: row.need("attempts", u32::try_from(self.attempts).ok())?,
        })
    }
}

pub(super) fn ids_column(instances: &[InstanceId]) -> StoreResult<String> {
    sql::json(&instances.iter().map(InstanceId::as_str).collect::<Vec<_>>())
}

impl Tx {
    /// Queues a message for its due time; `false` when its key exists already, so that it is sent once however often it is
    /// posted.
    pub async fn post(&mut self, post: &Post) -> StoreResult<bool> {
        self.post_moved(post, None).await
    }

    /// Like [`Tx::post`], for what its own channel rejected.
    pub async fn post_moved(&mut self, post: &Post, moved: Option<&Moved>) -> StoreResult<bool> {
        self.insert_posts(std::slice::from_ref(post), moved).await
    }

    /// The row about approvals that a message of the chat shows.
    pub async fn request_in(&mut self, message: &str) -> StoreResult<Option<OutboxRow>> {
        let query = self.rows::<MessageRow>(REQUEST_IN).bind(message.to_owned());
        let found = self.all(query).await?.pop();
        found.map(MessageRow::read).transpose()
    }

    /// Whether a message with this key was posted.
    pub async fn was_posted(&mut self, key: &str) -> StoreResult<bool> {
        let query = self.rows::<(i64,)>(POSTED).bind(key.to_owned());
        let rows = self.all(query).await?;
        Ok(rows.first().is_some_and(|(id,)| *id > 0))
    }

    /// When people were last mentioned for a notice, or will be; `None` if never, by a clock that was ahead, or if the message is
    /// not kept any more.
    pub async fn called_for(
        &mut self,
        notice: u64,
        now: Timestamp,
    ) -> StoreResult<Option<Timestamp>> {
        let query = sql::rows::<(i64,)>(CALLED)
            .bind(self.workspace().to_string())
            .bind(format!("notice:{notice}:"))
            // The character behind the colon.
            .bind(format!("notice:{notice};"))
            .bind((now + CLOCKS_DIFFER).timestamp_millis());
        let last = self.all(query).await?.pop().map_or(0, |(ms,)| ms);
        Ok(instant(last).filter(|_| last > 0))
    }

    /// Posts a message to another channel after its own rejected it.
    pub async fn repost(
        &mut self,
        row: &OutboxRow,
        to: &ChannelId,
        moved: &Moved,
        now: Timestamp,
    ) -> StoreResult<bool> {
        let post = Post {
            channel: to.clone(),
            key: row.key_elsewhere(),
            due: now,
            ..row.post.clone()
        };
        self.post_moved(&post, Some(moved)).await
    }

    /// Like [`Tx::post`], for several messages.
    pub async fn post_all(&mut self, posts: &[Post]) -> StoreResult<()> {
        for posts in posts.chunks(TOGETHER) {
            self.insert_posts(posts, None).await?;
        }
        Ok(())
    }

    /// Inserts messages; returns whether all of them are new.
    async fn insert_posts(&mut self, posts: &[Post], moved: Option<&Moved>) -> StoreResult<bool> {
        let mut query = self.statement(insert(posts.len()));
        for post in posts {
            query = query
                .bind(post.kind.as_str())
                .bind(post.channel.to_string())
                .bind(post.key.clone())
                .bind(post.due.timestamp_millis())
                .bind(post.change.map(sql::number).transpose()?)
                .bind(ids_column(&post.instances)?)
                .bind(sql::json(&post.mentions)?)
                .bind(sql::json(&post.payload)?)
                .bind(moved.map(|moved| moved.from.to_string()))
                .bind(moved.map(|moved| moved.why.clone()));
        }
        let Some(soonest) = posts.iter().map(|post| post.due.timestamp_millis()).min() else {
            return Ok(true);
        };
        let added = self.run(query).await?;
        if added == 0 {
            return Ok(false);
        }
        for post in posts {
            tracing::info!(post.key = %post.key, post.channel = %post.channel, post.kind = post.kind.as_str(), "a message is to be posted");
        }
        let all_new = usize::try_from(added) == Ok(posts.len());
        let mut channels: Vec<(&ChannelId, i64)> = Vec::new();
        for post in posts {
            match channels
                .iter_mut()
                .find(|(channel, _)| **channel == post.channel)
            {
                Some((_, waiting)) => *waiting += 1,
                None => channels.push((&post.channel, 1)),
            }
        }
        self.lengthen(&channels).await?;
        if !all_new {
            for (channel, _) in channels {
                self.recount(channel).await?;
            }
        }
        self.planned(soonest);
        Ok(all_new)
    }

    /// Claims the next message of a channel. `holder` is the holder of the lease, if one is required. `None` when nothing is due,
    /// or another process delivers.
    pub async fn claim(
        &mut self,
        channel: &ChannelId,
        served: &Served,
        holder: Option<&str>,
        now: Timestamp,
    ) -> StoreResult<Option<OutboxRow>> {
        let query = self
            .rows::<MessageRow>(CLAIM)
            .bind(channel.to_string())
            .bind(now.timestamp_millis())
            .bind(holder.map(str::to_owned))
            .bind(served.lease());
        let rows = self.all(query).await?;
        rows.into_iter().next().map(MessageRow::read).transpose()
    }

    /// Records the result of a claimed message; `false` when another process has claimed it since.
    pub async fn settle_message(
        &mut self,
        row: &OutboxRow,
        settled: &SendResult,
        now: Timestamp,
    ) -> StoreResult<bool> {
        let (message, done) = match settled {
            SendResult::Sent { message } => (Some(message.clone()), true),
            SendResult::Later { .. } => (None, false),
            SendResult::Skipped { .. } | SendResult::Failed { .. } | SendResult::Moved { .. } => {
                (None, true)
            }
        };
        let untried = matches!(settled, SendResult::Later { tried: false, .. });
        let query = self
            .statement(SETTLE)
            .bind(sql::number(row.id)?)
            .bind(settled.state())
            .bind(settled.reason().map(str::to_owned))
            .bind(message)
            .bind(done.then(|| now.timestamp_millis()))
            .bind(i64::from(row.attempts))
            .bind(i64::from(untried));
        if self.run(query).await? == 0 {
            return Ok(false);
        }
        self.shorten(&row.post.channel, settled).await?;
        Ok(true)
    }
}
