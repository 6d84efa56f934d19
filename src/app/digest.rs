//! The digest of a week: posted in every workspace, even when there is little to say.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::compose::Composed;
use super::notice::instances;
use super::wake::AGAIN;
use super::{Settings, Warden};
use crate::domain::Timestamp;
use crate::domain::case::Case;
use crate::domain::effect::{Post, PostKind};
use crate::domain::instance::{ActionView, Edition};
use crate::render::{self, Reader};
use crate::store::{OutboxRow, StoreError, Tx};

/// The most lines a part of it has.
const LINES: u32 = 10;
/// How far it looks back.
const WEEK: TimeDelta = TimeDelta::days(7);
/// How far it looks ahead.
const AHEAD: TimeDelta = TimeDelta::days(30);

/// What it is made from when it is sent: the moment it was due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Digest {
    digest: Timestamp,
}

impl Warden {
    /// Posts the digest of one workspace that is due by now; `false` when there is none. After a while without the bot
    /// there is one, not one a week.
    pub(super) async fn digest_due(&self, now: Timestamp) -> Result<bool, StoreError> {
        let next = self.store.next_digest().await?;
        let Some((workspace, due)) = next.filter(|(_, at)| *at <= now) else {
            return Ok(false);
        };
        match self.post_digest(&workspace, (due, now)).await {
            // What is damaged in one workspace must not keep the others waiting.
            Err(error @ StoreError::Damaged { .. }) => {
                tracing::error!(workspace = %workspace, error = ?error, "what a workspace has set cannot be read");
                let mut tx = self.store.write(&workspace).await?;
                tx.set_digest(now + AGAIN).await?;
                tx.commit().await?;
            }
            posted => posted?,
        }
        Ok(true)
    }

    async fn post_digest(
        &self,
        workspace: &str,
        (due, now): (Timestamp, Timestamp),
    ) -> Result<(), StoreError> {
        let mut tx = self.store.write(workspace).await?;
        let settings = self.settings_in(&mut tx).await?;
        let payload = serde_json::to_string(&Digest { digest: due });
        tx.post(&Post {
            kind: PostKind::Digest,
            channel: settings.channels.default.to_string(),
            key: format!("digest:{}", due.timestamp_millis()),
            due: now,
            change: None,
            instances: Vec::new(),
            mentions: Vec::new(),
            payload: payload.map_err(|error| StoreError::Broken(error.into()))?,
        })
        .await?;
        tx.set_digest(settings.cadence.next_digest(now)).await?;
        tx.commit().await
    }

    /// Makes it from what is known when it is sent.
    pub(super) async fn compose_digest(
        &self,
        row: &OutboxRow,
        _: &Digest,
    ) -> Result<Composed, StoreError> {
        let now = self.clock.now();
        let mut tx = self.store.read(&row.workspace).await?;
        let settings = self.settings_in(&mut tx).await?;
        let expiring = tx.expiring((now, now + AHEAD), LINES + 1).await?;
        let unknown = unknown(&settings, &mut tx, now).await?;
        let reader = settings.reader(now);
        let suppressed = suppressed(&settings, &mut tx, &reader).await?;
        let week = render::digest::Week {
            expiring: &expiring,
            unknown: &unknown,
            suppressed: &suppressed,
            imported: tx.last_import().await?,
            head: &tx.audit_head().await?,
            lines: LINES as usize,
        };
        Ok(Composed::Say {
            text: render::digest::digest(&week, &reader),
            mentions: Vec::new(),
            instances: Vec::new(),
            change: None,
            actions: Vec::new(),
            over: None,
            on: None,
        })
    }
}

/// What was suppressed in the week and why, newest first.
async fn suppressed(
    settings: &Settings,
    tx: &mut Tx,
    reader: &Reader,
) -> Result<Vec<String>, StoreError> {
    let page = tx.suppressed(reader.now - WEEK).await?;
    let mut lines = Vec::new();
    for filed in &page.rows {
        let known = instances(tx, settings, &filed.instances, reader.now).await?;
        lines.push(render::notice::in_digest(filed, &known, reader));
    }
    Ok(lines)
}

/// Whose action nobody knows, and, of those that expire soon or have lately, whose is too old to rely on.
async fn unknown(
    settings: &Settings,
    tx: &mut Tx,
    now: Timestamp,
) -> Result<Vec<Case>, StoreError> {
    let limits = &settings.policy.limits;
    let near = tx.expiring((now - AHEAD, now + AHEAD), 4 * LINES).await?;
    let stale = near.into_iter().filter(|case| {
        let view = case
            .instance
            .action_view(limits.action_for_expiry, limits, now);
        let standard = case.instance.edition.value() == Some(&Edition::Standard);
        matches!(view, ActionView::Stale(_)) && !standard
    });
    let mut unknown = tx.in_the_dark(LINES + 1).await?;
    unknown.extend(stale);
    Ok(unknown)
}
