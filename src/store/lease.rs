//! The table `lease`: who does what only one process may do on a database.

use chrono::TimeDelta;

use super::system::NOWHERE;
use super::{Kind, StoreError, System, Tx, sql};
use crate::domain::Timestamp;
use crate::domain::effect::Post;
use crate::domain::fact::is_ahead;
use crate::domain::setting::Overrides;

/// What the sending of messages is called in the table.
pub(super) const DELIVERY: &str = "delivery";

/// How the holder is called that has no chat, before what tells it apart: one that has a chat takes its place.
pub const HEADLESS: &str = "headless-";

/// Takes or renews it. One that runs further than any lease does comes from a clock that was wrong.
pub(super) const TAKE: &str = "INSERT INTO lease (name, holder, until_ms, seen_ms) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until_ms = excluded.until_ms, \
     seen_ms = excluded.seen_ms, before_ms = lease.seen_ms \
     WHERE lease.holder = excluded.holder OR lease.until_ms <= $4 OR lease.until_ms > $5 \
     OR (lease.holder LIKE 'headless-%' AND excluded.holder NOT LIKE 'headless-%') RETURNING before_ms";

/// Gives it back.
pub(super) const RELEASE: &str =
    "UPDATE lease SET until_ms = $3, seen_ms = $3 WHERE name = $1 AND holder = $2";

/// Every workspace there is, but those where the bot is not any more.
pub(super) const WORKSPACES: &str =
    "SELECT workspace FROM workspace WHERE workspace >= $1 AND paused = 0";

/// Every workspace there is.
pub(super) const EVERY_WORKSPACE: &str = "SELECT workspace FROM workspace WHERE workspace >= $1";

/// Has every instance looked at of which something is open and nothing is planned.
pub(super) const OPEN_AT_ONCE: &str = "INSERT INTO schedule (workspace, kind, subject, due_ms) \
     SELECT DISTINCT workspace, 'instance', instance_id, 0 FROM concern WHERE workspace = $1 \
     ON CONFLICT (workspace, kind, subject) DO NOTHING";

/// Has every open change looked at of which nothing is planned.
pub(super) const CHANGES_AT_ONCE: &str = "INSERT INTO schedule (workspace, kind, subject, due_ms) \
     SELECT workspace, 'change', CAST(number AS TEXT), $2 FROM change WHERE workspace = $1 AND status = 'open' \
     ON CONFLICT (workspace, kind, subject) DO NOTHING";

/// Has every raised notice looked at.
pub(super) const RAISED_AT_ONCE: &str = "UPDATE schedule SET due_ms = $2 WHERE workspace = $1 AND kind = 'notice' AND due_ms > $2 \
     AND subject IN (SELECT CAST(number AS TEXT) FROM notice WHERE workspace = $1 AND status = 'raised' AND settled_ms IS NULL)";

/// What a process asks for that wants to deliver.
#[derive(Debug, Clone, Copy)]
pub struct Bid<'a> {
    /// Who: unique among processes.
    pub holder: &'a str,
    /// The moment it is.
    pub now: Timestamp,
    pub until: Timestamp,
}

impl System<'_> {
    /// Takes or renews the lease to deliver; `false` when somebody else holds it. `back` says what to post in a
    /// workspace, given when the lease was last held and what is set there; it is in the same transaction.
    pub async fn take_lease(
        &self,
        bid: Bid<'_>,
        back: impl Fn(Timestamp, &Overrides) -> Option<Post>,
    ) -> Result<bool, StoreError> {
        let now = bid.now.timestamp_millis();
        let until = bid.until.timestamp_millis();
        let query = sql::rows::<(Option<i64>,)>(TAKE)
            .bind(DELIVERY)
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
            tx.plan_again(bid.now).await?;
        }
        if let Some(before) = before {
            tx.post_everywhere(|own| back(before, own)).await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Gives the lease back, if it is held.
    pub async fn release_lease(&self, holder: &str, now: Timestamp) -> Result<(), StoreError> {
        let query = sql::statement(RELEASE)
            .bind(DELIVERY)
            .bind(holder.to_owned())
            .bind(now.timestamp_millis());
        let mut tx = self.write().await?;
        tx.run(query).await?;
        tx.commit().await
    }
}

impl Tx {
    /// The clock was ahead when messages were last delivered: what was planned by it is planned again, in all workspaces.
    async fn plan_again(&mut self, now: Timestamp) -> Result<(), StoreError> {
        let now_ms = now.timestamp_millis();
        let in_a_week = now_ms + TimeDelta::days(7).num_milliseconds();
        let query = sql::rows::<(String,)>(EVERY_WORKSPACE).bind(NOWHERE);
        for (workspace,) in self.all(query).await? {
            self.turn_to(workspace).await?;
            for (kind, after, to) in [
                // At once, whatever was planned.
                (Kind::Instance, now_ms, 0),
                (Kind::Workspace, now_ms, 0),
                (Kind::Digest, in_a_week, in_a_week),
                (Kind::Change, now_ms, now_ms),
                (Kind::Retention, now_ms, now_ms),
            ] {
                self.move_due_after(kind, after, to).await?;
            }
            // By that clock everything was said of them, so that nothing is planned.
            let workspace = self.workspace();
            let query = sql::statement(OPEN_AT_ONCE).bind(workspace.clone());
            let instances = self.run(query).await?;
            let query = sql::statement(CHANGES_AT_ONCE).bind(workspace.clone());
            let changes = self.run(query.bind(now_ms)).await?;
            let query = sql::statement(RAISED_AT_ONCE).bind(workspace);
            let notices = self.run(query.bind(now_ms)).await?;
            if instances + changes + notices > 0 {
                self.planned(0);
            }
        }
        Ok(())
    }

    async fn post_everywhere(
        &mut self,
        post: impl Fn(&Overrides) -> Option<Post>,
    ) -> Result<(), StoreError> {
        // Whether there is anything to say is the same everywhere.
        if post(&Overrides::default()).is_none() {
            return Ok(());
        }
        let query = sql::rows::<(String,)>(WORKSPACES).bind(NOWHERE);
        for (workspace,) in self.all(query).await? {
            self.turn_to(workspace).await?;
            // What is damaged in one workspace must not keep the others waiting.
            let own = match self.own_settings().await {
                Err(StoreError::Damaged { .. }) => Overrides::default(),
                own => own?,
            };
            if let Some(post) = post(&own) {
                self.post(&post).await?;
            }
        }
        Ok(())
    }
}
