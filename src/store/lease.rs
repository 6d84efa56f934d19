//! The table `lease`: leases on tasks that only one process may do per database.

use chrono::TimeDelta;

use super::sql::StoredId;
use super::system::NOWHERE;
use super::{Kind, StoreError, StoreResult, System, Tx, postgres, sql};
use crate::domain::Timestamp;
use crate::domain::effect::Post;
use crate::domain::fact::{CLOCKS_DIFFER, is_ahead};
use crate::domain::id::{ChannelId, WorkspaceId};
use crate::domain::setting::Overrides;

/// The lease of those that deliver for the servers of a chat.
const DELIVERY: &str = "delivery";
/// The lease of those that deliver at a terminal.
const TERMINAL: &str = "terminal";

/// The prefix of holders without a chat: a process with a chat replaces them.
pub const HEADLESS: &str = "headless-";

/// Takes or renews the lease. One that ends later than any lease can comes from a wrong clock.
pub(super) const TAKE: &str = "INSERT INTO lease (name, holder, until_ms, seen_ms) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until_ms = excluded.until_ms, \
     seen_ms = excluded.seen_ms, before_ms = lease.seen_ms \
     WHERE lease.holder = excluded.holder OR lease.until_ms <= $4 OR lease.until_ms > $5 \
     OR (lease.holder LIKE 'headless-%' AND excluded.holder NOT LIKE 'headless-%') RETURNING before_ms";

pub(super) const RELEASE: &str =
    "UPDATE lease SET until_ms = $3, seen_ms = $3 WHERE name = $1 AND holder = $2";

/// The quiet hours hold nothing back for longer.
const QUIET_AT_MOST: TimeDelta = TimeDelta::days(2);

/// All workspaces except paused ones.
pub(super) const WORKSPACES: &str =
    "SELECT workspace FROM workspace WHERE workspace >= $1 AND paused = 0";

pub(super) const EVERY_WORKSPACE: &str = "SELECT workspace FROM workspace WHERE workspace >= $1";

/// Schedules all instances with concerns, and those that may have been said to be Standard by the wrong clock, that are not in the
/// schedule.
pub(super) const OPEN_AT_ONCE: &str = "INSERT INTO schedule (workspace, kind, subject, due_ms) \
     SELECT workspace, 'instance', instance_id, 0 FROM concern WHERE workspace = $1 \
     UNION SELECT workspace, 'instance', id, 0 FROM instance WHERE workspace = $1 AND tracking = 'tracked' \
     AND edition = 'standard' \
     ON CONFLICT (workspace, kind, subject) DO NOTHING";

/// Schedules all changes that are open, or have failed, and are not in the schedule: that an instance is presumed deleted may
/// have been said by the wrong clock.
pub(super) const CHANGES_AT_ONCE: &str = "INSERT INTO schedule (workspace, kind, subject, due_ms) \
     SELECT workspace, 'change', CAST(number AS TEXT), $2 FROM change WHERE workspace = $1 AND status IN ('open', 'failed') \
     ON CONFLICT (workspace, kind, subject) DO NOTHING";

/// Schedules all raised notices at once.
pub(super) const RAISED_AT_ONCE: &str = "UPDATE schedule SET due_ms = $2 WHERE workspace = $1 AND kind = 'notice' AND due_ms > $2 \
     AND subject IN (SELECT CAST(number AS TEXT) FROM notice WHERE workspace = $1 AND status = 'raised' AND settled_ms IS NULL)";

/// The channels with messages that wait for a time later than `$2`.
pub(super) const WAITING_AHEAD: &str = "SELECT DISTINCT channel FROM outbox \
     WHERE workspace = $1 AND state IN ('due', 'sending') AND due_ms > $2";

/// The times at which processes were last seen.
pub(super) const LAST_SEEN: &str = "SELECT MAX(seen_ms) FROM lease";

/// Forgets the reminders and digests that wait for a time at which a clock that was ahead would have sent them: they are planned
/// again. What the end of the quiet hours holds back waits for less than that.
pub(super) const FORGET_WAITING: &str = "DELETE FROM outbox WHERE workspace = $1 AND state IN ('due', 'sending') AND due_ms > $2 \
     AND (key LIKE 'remind:%' OR key LIKE 'attest:%' OR key LIKE 'digest:%')";

/// Sends at once the other messages that wait for such a time.
pub(super) const SEND_WAITING: &str = "UPDATE outbox SET due_ms = $2 WHERE workspace = $1 \
     AND state IN ('due', 'sending') AND due_ms > $3";

/// Gives another key to the reminders and digests that a clock which was ahead has sent: of one key only one is ever posted, and
/// they are posted again when their time has come.
pub(super) const REKEY_EARLY: &str = "UPDATE outbox SET key = key || $3 WHERE workspace = $1 AND done_ms > $2 \
     AND state NOT IN ('due', 'sending') AND (key LIKE 'remind:%' OR key LIKE 'attest:%' OR key LIKE 'digest:%')";

/// The prefix of the keys of messages about a gap in delivery.
pub const AWAY: &str = "away:";

/// The messages about a gap in delivery that wait to be sent.
pub(super) const AWAY_UNREAD: &str = "SELECT id FROM outbox WHERE workspace = $1 AND key >= 'away:' AND key < 'away;' \
     AND state IN ('due', 'sending')";

/// The workspaces whose messages a process sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Served {
    All,
    /// The terminal's own: nobody reads there what is meant for a server.
    Only(WorkspaceId),
    /// A chat's: nobody reads there what is meant for the terminal's own.
    AllBut(WorkspaceId),
}

impl Served {
    /// The lease under which one process sends them.
    pub(super) const fn lease(&self) -> &'static str {
        match self {
            Self::Only(_) => TERMINAL,
            Self::All | Self::AllBut(_) => DELIVERY,
        }
    }

    fn includes(&self, workspace: &WorkspaceId) -> bool {
        match self {
            Self::All => true,
            Self::Only(own) => own == workspace,
            Self::AllBut(other) => other != workspace,
        }
    }
}

/// A request for a lease.
#[derive(Debug, Clone, Copy)]
pub struct Bid<'a> {
    pub served: &'a Served,
    /// The name of the process, unique among processes.
    pub holder: &'a str,
    pub now: Timestamp,
    pub until: Timestamp,
}

impl System<'_> {
    /// Takes or renews a lease; `false` when another process holds it. `back` returns the message to post in each workspace that
    /// it is about, from the end of the last lease and the workspace's settings; it is posted in the same transaction.
    pub async fn take_lease(
        &self,
        bid: Bid<'_>,
        back: impl Fn(Timestamp, &Overrides) -> Option<Post>,
    ) -> StoreResult<bool> {
        let now = bid.now.timestamp_millis();
        let until = bid.until.timestamp_millis();
        let text = match &self.0.presence {
            Some(presence) => {
                let shown = presence.show(bid.holder).await;
                shown.map_err(|error| self.0.failed(error))?;
                postgres::take_lease()
            }
            None => TAKE.to_owned(),
        };
        let query = sql::rows::<(Option<i64>,)>(text)
            .bind(bid.served.lease())
            .bind(bid.holder.to_owned())
            .bind(until)
            .bind(now)
            .bind(until.saturating_add(until.saturating_sub(now)));
        let mut tx = self.write().await?;
        let Some((before,)) = tx.all(query).await?.into_iter().next() else {
            return Ok(false);
        };
        let before = before.and_then(super::code::instant);
        if before.is_some_and(|before| is_ahead(before, bid.now)) {
            tx.plan_again(bid).await?;
        }
        if let Some(before) = before {
            tx.post_everywhere(bid.served, |own| back(before, own))
                .await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Whether others see that this process holds the lease, where they see such things at once. What they do not see they
    /// take.
    pub async fn shows_lease(&self) -> bool {
        match &self.0.presence {
            Some(presence) => presence.is_shown().await,
            None => true,
        }
    }

    /// Whether it is seen at once that a holder is gone; else its lease runs out.
    pub const fn sees_holder(&self) -> bool {
        self.0.presence.is_some()
    }

    /// Releases a lease, if it is held.
    pub async fn release_lease(
        &self,
        served: &Served,
        holder: &str,
        now: Timestamp,
    ) -> StoreResult<()> {
        let query = sql::statement(RELEASE)
            .bind(served.lease())
            .bind(holder.to_owned())
            .bind(now.timestamp_millis());
        let mut tx = self.write().await?;
        tx.run(query).await?;
        tx.commit().await
    }
}

impl Tx {
    /// Reschedules the workspaces of a lease after the clock was ahead during the last delivery.
    async fn plan_again(&mut self, bid: Bid<'_>) -> StoreResult<()> {
        let query = sql::rows::<(StoredId<WorkspaceId>,)>(EVERY_WORKSPACE).bind(NOWHERE);
        for (StoredId(workspace),) in self.all(query).await? {
            if bid.served.includes(&workspace) {
                self.turn_to(workspace).await?;
                self.plan_workspace_again(bid.now).await?;
            }
        }
        Ok(())
    }

    /// Reschedules everything of the workspace after the clock was ahead. Costs a write for each instance with something open.
    pub(super) async fn plan_workspace_again(&mut self, now: Timestamp) -> StoreResult<()> {
        let now_ms = now.timestamp_millis();
        let in_a_week = now_ms + TimeDelta::days(7).num_milliseconds();
        for (kind, after, to) in [
            // At once, whatever was scheduled.
            (Kind::Instance, now_ms, 0),
            (Kind::Workspace, now_ms, 0),
            // It is due on its day again.
            (Kind::Digest, in_a_week, 0),
            (Kind::Change, now_ms, now_ms),
            (Kind::Retention, now_ms, now_ms),
        ] {
            self.move_due_after(kind, after, to).await?;
        }
        let workspace = self.workspace().to_string();
        let ahead = (now + CLOCKS_DIFFER).timestamp_millis();
        let early = sql::statement(REKEY_EARLY)
            .bind(workspace.clone())
            .bind(ahead)
            .bind(format!(":early:{now_ms}"));
        self.run(early).await?;
        self.send_waiting_ahead(now).await?;
        // By the wrong clock all reminders were settled, so nothing is scheduled for these instances.
        let instances = sql::statement(OPEN_AT_ONCE).bind(workspace.clone());
        let changes = sql::statement(CHANGES_AT_ONCE).bind(workspace.clone());
        let notices = sql::statement(RAISED_AT_ONCE).bind(workspace);
        let mut moved = self.run(instances).await?;
        moved += self.run(changes.bind(now_ms)).await?;
        moved += self.run(notices.bind(now_ms)).await?;
        if moved > 0 {
            self.planned(0);
        }
        self.look_at_settled_ahead(None, now).await?;
        Ok(())
    }

    /// Sends at once what waits for a time of a clock that was ahead, except for what is planned again.
    async fn send_waiting_ahead(&mut self, now: Timestamp) -> StoreResult<()> {
        let workspace = self.workspace().to_string();
        let ahead = (now + CLOCKS_DIFFER).timestamp_millis();
        let far = (now + QUIET_AT_MOST).timestamp_millis();
        let query = sql::rows::<(StoredId<ChannelId>,)>(WAITING_AHEAD)
            .bind(workspace.clone())
            .bind(ahead);
        let waiting = self.all(query).await?;
        if waiting.is_empty() {
            return Ok(());
        }
        let forget = sql::statement(FORGET_WAITING)
            .bind(workspace.clone())
            .bind(far);
        self.run(forget).await?;
        let send = sql::statement(SEND_WAITING)
            .bind(workspace)
            .bind(now.timestamp_millis())
            .bind(ahead);
        self.run(send).await?;
        for (StoredId(channel),) in waiting {
            self.requeue(&channel).await?;
        }
        Ok(())
    }

    /// Whether a process was last seen later than now: a clock was ahead.
    pub(super) async fn is_seen_ahead(&mut self, now: Timestamp) -> StoreResult<bool> {
        let seen = self
            .all(sql::rows::<(Option<i64>,)>(LAST_SEEN))
            .await?
            .pop();
        let latest = (now + CLOCKS_DIFFER).timestamp_millis();
        Ok(seen
            .and_then(|(seen,)| seen)
            .is_some_and(|seen| seen > latest))
    }

    async fn post_everywhere(
        &mut self,
        served: &Served,
        post: impl Fn(&Overrides) -> Option<Post>,
    ) -> StoreResult<()> {
        // Whether there is a message does not depend on the workspace.
        if post(&Overrides::default()).is_none() {
            return Ok(());
        }
        let query = sql::rows::<(StoredId<WorkspaceId>,)>(WORKSPACES).bind(NOWHERE);
        for (StoredId(workspace),) in self.all(query).await? {
            if !served.includes(&workspace) {
                continue;
            }
            self.turn_to(workspace).await?;
            // Damage in one workspace must not hold up the others.
            let own = match self.own_settings().await {
                Err(StoreError::Damaged { .. }) => Overrides::default(),
                own => own?,
            };
            // One that nobody has read yet says it already: its gap began earlier, and has not ended.
            if !self.is_away_unread().await?
                && let Some(post) = post(&own)
            {
                self.post(&post).await?;
            }
        }
        Ok(())
    }

    /// Whether a message about a gap in delivery waits to be sent.
    async fn is_away_unread(&mut self) -> StoreResult<bool> {
        let query = self.rows::<(i64,)>(AWAY_UNREAD);
        Ok(!self.all(query).await?.is_empty())
    }
}
