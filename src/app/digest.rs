//! The digest of a week: posted in every workspace, even when there is little to say.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::compose::Composed;
use super::notice::instances;
use super::remind::{Outlook, circle_of, is_known, outlook};
use super::wake::AGAIN;
use super::{Settings, Warden};
use crate::domain::Timestamp;
use crate::domain::concern::{Circle, Weight};
use crate::domain::effect::{Mention, Post, PostKind};
use crate::render::{self, Reader};
use crate::store::{OutboxRow, StoreError, Tx};

/// The most instances it tells something open of; and, as many again, of which something is noted.
const MOST: u32 = 200;
/// How far it looks back.
const WEEK: TimeDelta = TimeDelta::days(7);

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
        let concerned = concerned(&settings, &mut tx, now).await?;
        let reader = settings.reader(now);
        let suppressed = suppressed(&settings, &mut tx, &reader).await?;
        let told: Vec<render::digest::Told<'_>> = concerned
            .iter()
            .map(|outlook| (&outlook.case, outlook.concerns.as_slice()))
            .collect();
        let week = render::digest::Week {
            concerned: &told,
            suppressed: &suppressed,
            imported: tx.last_import().await?,
            head: &tx.audit_head().await?,
            more: concerned.len() >= MOST as usize,
        };
        Ok(Composed::Say {
            text: render::digest::digest(&week, &reader),
            mentions: mentions(&settings, &concerned, now),
            instances: Vec::new(),
            change: None,
            actions: Vec::new(),
            over: None,
            on: None,
        })
    }
}

/// The instances of which something is open or noted, with what it is.
async fn concerned(
    settings: &Settings,
    tx: &mut Tx,
    now: Timestamp,
) -> Result<Vec<Outlook>, StoreError> {
    let mut ids = tx.concerned(Weight::Open, MOST).await?;
    for id in tx.concerned(Weight::Noted, MOST).await? {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    let mut all = Vec::new();
    for id in ids {
        if let Some(mut case) = tx.load_case(&id).await? {
            let outlook = outlook(settings, tx, &mut case, now).await?;
            if !outlook.concerns.is_empty() {
                all.push(outlook);
            }
        }
    }
    Ok(all)
}

/// Who can settle what is open, unless somebody knows of it.
fn mentions(settings: &Settings, concerned: &[Outlook], now: Timestamp) -> Vec<Mention> {
    let mut all: Vec<Mention> = Vec::new();
    for outlook in concerned {
        let situation = outlook.situation(settings);
        let open = outlook.concerns.iter().filter(|concern| {
            concern.weight == Weight::Open && !is_known(&situation, concern, now)
        });
        for concern in open {
            all.extend(circle_of(
                settings,
                concern,
                Circle::Owner,
                &outlook.case.instance,
            ));
        }
    }
    all.sort_unstable();
    all.dedup();
    all
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
