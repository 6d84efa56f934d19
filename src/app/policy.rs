//! The policy of a workspace: every change to its numbers is announced.

use std::collections::BTreeMap;

use super::{Settings, Warden};
use crate::domain::announce::PostContent;
use crate::domain::audit::AuditEntry;
use crate::domain::effect::{Post, PostKind};
use crate::domain::id::{ChannelId, WorkspaceId};
use crate::domain::payload::Payload;
use crate::domain::span::show_span;
use crate::domain::team::Policy;
use crate::render;
use crate::store::{StoreError, StoreResult};

pub(super) type Numbers = BTreeMap<String, String>;

/// A policy by the names of its settings.
pub(super) fn numbers(policy: &Policy) -> Numbers {
    let Policy {
        limits,
        approvals_for_upgrade,
        approvals_for_unsubscribe,
        approvals_for_await_expiry,
        observers,
    } = policy;
    [
        (
            "action_for_unsubscribe",
            show_span(limits.action_for_unsubscribe),
        ),
        ("action_for_expiry", show_span(limits.action_for_expiry)),
        ("approvals_for_upgrade", approvals_for_upgrade.to_string()),
        (
            "approvals_for_unsubscribe",
            approvals_for_unsubscribe.to_string(),
        ),
        (
            "approvals_for_await_expiry",
            approvals_for_await_expiry.to_string(),
        ),
        ("observers", observers.to_string()),
    ]
    .map(|(name, number)| (name.to_owned(), number))
    .into()
}

/// The most notices that are looked at when a process starts.
const LATEST: u32 = 1_000;
/// The key of the welcome message in a workspace.
const WELCOME: &str = "welcome";

impl Warden {
    /// Announces the policy of a workspace if it differs from the one last announced. Open requests keep the numbers they were
    /// made with.
    pub async fn announce_policy(&self, workspace: &WorkspaceId) -> StoreResult<()> {
        let mut tx = self.store.write(workspace).await?;
        let settings = self.settings_in(&mut tx).await?;
        let today = self.clock.now();
        // The former looks at all that the latter looks at.
        let doubted = tx.look_for_time_ahead(today).await?
            || tx.look_at_settled_ahead(Some(LATEST), today).await?;
        let now = numbers(&settings.policy);
        let written = written(&now)?;
        let last = tx.policy().await?;
        if last.as_ref() == Some(&written) {
            return if doubted { tx.commit().await } else { Ok(()) };
        }
        tx.set_policy(&written).await?;
        // The first policy of a workspace is no change.
        let last: Option<Numbers> = last.and_then(|last| serde_json::from_str(&last).ok());
        if let Some(last) = last {
            let entry = AuditEntry {
                detail: Some(differences(&last, &now).join("; ")),
                ..AuditEntry::done(self.clock.now(), "configuration", "policy")
            };
            tx.append_audit(&entry, self.settings().audit_key.as_ref())
                .await?;
            tx.review_all_suppressed(self.clock.now()).await?;
            tx.post(&self.policy_post(&settings, differences(&last, &now)))
                .await?;
        }
        tx.commit().await
    }

    /// Whether the welcome message was posted in a workspace.
    pub async fn was_greeted(&self, workspace: &WorkspaceId) -> StoreResult<bool> {
        self.store
            .glance(workspace)
            .await?
            .was_posted(WELCOME)
            .await
    }

    /// Posts the welcome message in a workspace, once.
    pub async fn greet(&self, workspace: &WorkspaceId, channel: &ChannelId) -> StoreResult<()> {
        let mut tx = self.store.write(workspace).await?;
        let words = Payload::ready(render::post::WELCOME.to_owned());
        let key = WELCOME.to_owned();
        let post = Post::new(PostKind::Status, channel, key, self.clock.now(), words);
        if tx.post(&post).await? {
            tx.commit().await?;
        }
        Ok(())
    }

    /// Tells the admins, at most once a month, which permissions the bot lacks in a channel: Discord's name of each, and the
    /// function that fails without it.
    pub async fn lacks(
        &self,
        workspace: &WorkspaceId,
        channel: &ChannelId,
        lacking: &[(&str, &str)],
    ) -> StoreResult<()> {
        let mut tx = self.store.write(workspace).await?;
        let settings = self.settings_in(&mut tx).await?;
        let names: Vec<&str> = lacking.iter().map(|(name, _)| *name).collect();
        let names = names.join(",");
        let now = self.clock.now();
        let key = format!("lacking:{channel}:{names}:{}", now.format("%Y-%m"));
        let text = render::post::lacking(channel, lacking);
        let alerts = &settings.channels.alerts;
        let post = Post::for_admins(alerts, key, now, text);
        if tx.post(&post).await? {
            tx.commit().await?;
            tracing::warn!(workspace = workspace.as_str(), channel = channel.as_str(), lacking = %names, "the bot lacks permissions in a channel");
        }
        Ok(())
    }

    fn policy_post(&self, settings: &Settings, lines: Vec<String>) -> Post {
        let due = self.clock.now();
        let alerts = &settings.channels.alerts;
        let key = format!("policy:{}", due.timestamp_millis());
        let changed = PostContent::PolicyChanged { by: None, lines };
        Post::new(PostKind::Alert, alerts, key, due, changed.into())
    }
}

/// The form in which the store keeps it.
pub(super) fn written(numbers: &Numbers) -> StoreResult<String> {
    serde_json::to_string(numbers).map_err(|error| StoreError::Broken(error.into()))
}

/// The name of a number as `settings` has it; the others are set in the configuration alone, under these names.
fn typed(name: &str) -> String {
    match name.strip_prefix("approvals_for_") {
        Some(step) => format!("approvals {}", step.replace('_', "-")),
        None => name.to_owned(),
    }
}

/// The changed numbers, one line each.
pub(super) fn differences(last: &Numbers, now: &Numbers) -> Vec<String> {
    let moved = now
        .iter()
        .filter(|(name, number)| last.get(*name) != Some(*number));
    moved
        .map(|(name, number)| {
            let was = last.get(name).map_or("not set", String::as_str);
            format!("{}: {number}, was {was}", typed(name))
        })
        .collect()
}
