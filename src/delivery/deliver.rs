//! Delivery of one message: claim, send, record the result.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use tracing::{Instrument as _, Span};

use super::DeliveryInner;
use super::backoff::backoff;
use super::chat::{Chat, OWNER, Outgoing, ReactionOn, Refused, SendError, Sent};
use crate::app::{Composed, Settings};
use crate::domain::Timestamp;
use crate::domain::announce::PostContent;
use crate::domain::approval::Told;
use crate::domain::audit::AuditEntry;
use crate::domain::effect::{Post, PostKind};
use crate::domain::id::{ChannelId, InstanceId, WorkspaceId};
use crate::domain::payload::Payload;
use crate::render;
use crate::store::{
    CardShown, Moved, OutboxRow, Queue, RequestMessage, Restoration, SendResult, StoreError,
    StoreResult, Tx,
};

impl<C: Chat> DeliveryInner<C> {
    /// Sends the next message of a channel. The claim is committed before the chat is called, and no transaction is open during
    /// the call.
    pub(super) async fn deliver(&self, queue: &Queue) -> StoreResult<()> {
        let mut tx = self.store.write(&queue.workspace).await?;
        let now = self.warden.now();
        let claimed = tx
            .claim(&queue.channel, &self.served, self.holder.as_deref(), now)
            .await?;
        let Some(row) = claimed else {
            // Another process may be delivering: the lease is checked before the next attempt.
            self.doubt_lease();
            return Ok(());
        };
        // Read once: composing, sending and recording go by the same.
        let settings = self.warden.settings_in(&mut tx).await?;
        tx.commit().await?;
        let delivering = async {
            let came = self.attempt(&row, &settings).await?;
            self.record(&row, came, &settings).await
        };
        Box::pin(delivering).instrument(span_of(&row)).await
    }

    async fn attempt(
        &self,
        row: &OutboxRow,
        settings: &Arc<Settings>,
    ) -> StoreResult<AttemptResult> {
        let restored = self.restored(&row.workspace).await?;
        if let Some(settled) = self.search_for(row, restored).await {
            return Ok(settled);
        }
        let composed = match self.warden.compose(row, settings).await {
            // The messages after it may be readable.
            Err(error @ StoreError::Damaged { .. }) => {
                let error = error.to_string();
                return Ok(SendResult::Failed { error }.into());
            }
            composed => composed?,
        };
        let message = match composed {
            Composed::Skip { reason } => return Ok(SendResult::Skipped { reason }.into()),
            Composed::Reaction(reaction) => return Ok(self.react(row, reaction).await),
            Composed::Say(message) => Outgoing {
                nonce: nonce(row, restored),
                ..*message
            },
        };
        match self.in_time(self.chat.send(&message)).await {
            Ok(sent) => Ok(AttemptResult::Settled {
                settled: seen(sent),
                shown: message.card.map(|card| card.shown),
            }),
            Err(error) => Ok(self.failed(row, error)),
        }
    }

    /// Adds a reaction; repeating it has no effect.
    async fn react(&self, row: &OutboxRow, reaction_on: ReactionOn) -> AttemptResult {
        match self.in_time(self.chat.react(&reaction_on)).await {
            Ok(()) => SendResult::Sent {
                message: reaction_on.message,
            }
            .into(),
            Err(error) => self.failed(row, error),
        }
    }

    /// The restoration of the workspace, if it was restored. No process uses a database during a restoration, so this is read
    /// once.
    async fn restored(&self, workspace: &WorkspaceId) -> StoreResult<Option<&Restoration>> {
        let read = || async { self.store.system().restorations().await };
        let all = self.restored.get_or_try_init(read).await?;
        Ok(all.iter().find(|one| one.workspace == *workspace))
    }

    /// Whether the message may have been sent between the copy and the restoration.
    fn was_perhaps_said(&self, row: &OutboxRow, restored: Option<&Restoration>) -> bool {
        restored.is_some_and(|restored| {
            let lately = self.warden.now() - restored.restored <= LOOKED_FOR;
            lately && (row.id <= restored.last_outbox || names_its_moment(row))
        })
    }

    /// Searches for the message, which a crash or a failed response may have left posted; if found, it is not sent again.
    async fn search_for(
        &self,
        row: &OutboxRow,
        restored: Option<&Restoration>,
    ) -> Option<AttemptResult> {
        // The card's sender searches for its message itself and updates it in any case; repeating a reaction has no effect.
        let tried = row.attempts > 1 || self.was_perhaps_said(row, restored);
        if !tried || is_aside(row.post.kind) {
            return None;
        }
        let (channel, nonce) = (&row.post.channel, nonce(row, restored));
        let found = self.chat.find(&row.workspace, channel, &nonce);
        match self.in_time(found).await {
            Ok(found) => found.map(seen).map(AttemptResult::from),
            Err(error) => Some(self.failed(row, error)),
        }
    }

    async fn in_time<T>(
        &self,
        answer: impl Future<Output = Result<T, SendError>>,
    ) -> Result<T, SendError> {
        let answered = tokio::time::timeout(self.terms.answer_within, answer).await;
        answered.unwrap_or_else(|_| Err(SendError::later("the chat does not answer")))
    }

    fn failed(&self, row: &OutboxRow, error: SendError) -> AttemptResult {
        match error {
            SendError::Later {
                retry_after,
                reason,
            } => {
                let (first, longest) = (self.terms.retry_first, self.terms.retry_longest);
                let wait = backoff(row.attempts, first, longest, fastrand::f64());
                SendResult::Later {
                    error: reason,
                    retry_at: after(self.warden.now(), retry_after.unwrap_or(wait)),
                    tried: true,
                }
                .into()
            }
            SendError::TooMany {
                retry_after,
                reason,
            } => SendResult::Later {
                error: reason,
                retry_at: after(self.warden.now(), retry_after),
                tried: false,
            }
            .into(),
            // A reaction belongs on that message only.
            SendError::Permanent(why) if row.post.kind == PostKind::Reaction => {
                SendResult::Failed {
                    error: why.to_string(),
                }
                .into()
            }
            SendError::Permanent(why) => AttemptResult::Refused(why),
        }
    }

    /// Records the result of a message and its consequences in one transaction.
    async fn record(
        &self,
        row: &OutboxRow,
        came: AttemptResult,
        settings: &Settings,
    ) -> StoreResult<()> {
        let now = self.warden.now();
        let mut tx = self.store.write(&row.workspace).await?;
        let alerts = &settings.channels.alerts;
        let refused = matches!(came, AttemptResult::Refused(_));
        let shown = match &came {
            AttemptResult::Settled { shown, .. } => shown.clone(),
            AttemptResult::Refused(_) => None,
        };
        let settled = &came.at_the_end(row.post.channel == *alerts, now);
        if !tx.settle_message(row, settled, now).await? {
            return Ok(());
        }
        match settled {
            SendResult::Moved { error } => {
                move_to_alerts(&mut tx, row, alerts, error, now).await?;
            }
            SendResult::Later { error, .. } if refused => {
                tell_owner(&mut tx, row, alerts, error, now).await?;
            }
            _ => {}
        }
        if let (PostKind::Reaction, SendResult::Failed { error }) = (row.post.kind, settled) {
            let watch = settings.own.watch(&row.post.channel);
            let since = watch.map_or(0, |(set, _)| set.at.timestamp_millis());
            tell_unmarked(&mut tx, row, alerts, error, since, now).await?;
        }
        if let (Some(shown), SendResult::Sent { message }) = (&shown, settled) {
            tx.card_shown(shown, &row.post.channel, message).await?;
        }
        if let (Some(change), SendResult::Sent { message }) = (row.post.change, settled)
            && let Some(asked) = request_message(row, message)
        {
            tx.request_shown(change, asked).await?;
        }
        // The content of a card or reaction is in the trail already.
        if !matches!(settled, SendResult::Later { .. }) && !is_aside(row.post.kind) {
            let key = settings.audit_key.as_ref();
            tx.append_audit(&entry(row, settled, now), key).await?;
        }
        tx.commit().await?;
        if let SendResult::Sent { .. } = settled {
            self.warden.meter().sent(now - row.post.due);
        }
        log(settled, now - row.post.due);
        Ok(())
    }
}

/// The message of an approval request, recorded so that it can show the outcome later.
fn request_message(row: &OutboxRow, message: &str) -> Option<RequestMessage> {
    match &row.post.payload {
        Payload::Event(PostContent::ApprovalAsked {
            request,
            told,
            moved,
            ..
        }) => Some(RequestMessage {
            request: *request,
            told: *told,
            channel: row.post.channel.clone(),
            message: message.to_owned(),
            moved: moved.clone(),
            is_call: false,
        }),
        Payload::Event(PostContent::ApprovalComplete { request, .. }) => Some(RequestMessage {
            request: *request,
            told: Told::Asked,
            channel: row.post.channel.clone(),
            message: message.to_owned(),
            moved: Vec::new(),
            is_call: true,
        }),
        _ => None,
    }
}

/// The result of an attempt to send a message.
enum AttemptResult {
    Settled {
        settled: SendResult,
        /// The state of the change that the card shows now.
        shown: Option<CardShown>,
    },
    /// The channel rejects it.
    Refused(Refused),
}

impl From<SendResult> for AttemptResult {
    fn from(settled: SendResult) -> Self {
        Self::Settled {
            settled,
            shown: None,
        }
    }
}

impl AttemptResult {
    /// The final result for a rejected message: it goes to the alert channel instead. If that rejects it too, it is retried
    /// seldom until somebody fixes the channel; only content that the chat would never accept is given up.
    fn at_the_end(self, in_alerts: bool, now: Timestamp) -> SendResult {
        match self {
            Self::Settled { settled, .. } => settled,
            Self::Refused(why) => {
                let error = why.to_string();
                match why {
                    _ if !in_alerts => SendResult::Moved { error },
                    Refused::Other(_) => SendResult::Failed { error },
                    Refused::Gone | Refused::Forbidden | Refused::Foreign => SendResult::Later {
                        error,
                        retry_at: now + REFUSED_AGAIN,
                        tried: true,
                    },
                }
            }
        }
    }
}

/// The time after a restoration during which messages are searched for before they are sent.
const LOOKED_FOR: TimeDelta = TimeDelta::days(7);
/// The wait before a message that the alert channel rejected is retried.
const REFUSED_AGAIN: TimeDelta = TimeDelta::minutes(30);

/// Tells the owner of the chat, once, that the alert channel cannot be posted to. The owner receives nothing else.
async fn tell_owner(
    tx: &mut Tx,
    row: &OutboxRow,
    alerts: &ChannelId,
    why: &str,
    now: Timestamp,
) -> StoreResult<()> {
    if !tx.tell_of_queue(alerts).await? {
        return Ok(());
    }
    tracing::error!(post.channel = %alerts, reason = %why, "nothing can be posted to the alerts channel: what is meant for people waits; let the bot post there, or set another (`settings channel alerts CHANNEL`)");
    let key = format!("alerts-unreachable:{}", row.id);
    let text = Payload::ready(render::post::alerts_unreachable(alerts, why));
    let post = Post::new(PostKind::Alert, &ChannelId::stored(OWNER), key, now, text);
    tx.post(&post).await.map(drop)
}

async fn move_to_alerts(
    tx: &mut Tx,
    row: &OutboxRow,
    alerts: &ChannelId,
    why: &str,
    now: Timestamp,
) -> StoreResult<()> {
    let from = &row.post.channel;
    if tx.tell_of_queue(from).await? {
        tracing::error!(post.channel = %from, reason = %why, "nothing can be posted to a channel: what is meant for it goes to the alerts channel; restore it or the permission to post there");
        let text = render::post::unreachable(from, why);
        let key = format!("unreachable:{}", row.id);
        tx.post(&Post::for_admins(alerts, key, now, text)).await?;
    }
    let moved = Moved {
        from: from.clone(),
        why: why.to_owned(),
    };
    if let (PostKind::Card, Some(change)) = (row.post.kind, row.post.change) {
        let card = tx.card(change).await?;
        if card.is_none_or(|card| card.wanted != row.post.key) {
            // A later update of the card has more, and takes the same path.
            return Ok(());
        }
        tx.want_card(change, alerts, &row.key_elsewhere()).await?;
    }
    tx.repost(row, alerts, &moved, now).await.map(drop)
}

/// Tells the admins that reactions cannot be added to messages there, once per watched channel that is set.
async fn tell_unmarked(
    tx: &mut Tx,
    row: &OutboxRow,
    alerts: &ChannelId,
    why: &str,
    since_ms: i64,
    now: Timestamp,
) -> StoreResult<()> {
    let channel = &row.post.channel;
    let key = format!("unmarked:{channel}:{since_ms}");
    let post = Post::for_admins(alerts, key, now, render::post::unmarked(channel, why));
    tx.post(&post).await.map(drop)
}

/// Whether a post only repeats content that was sent elsewhere.
const fn is_aside(kind: PostKind) -> bool {
    matches!(kind, PostKind::Card | PostKind::Reaction)
}

/// The nonce of a message. A change has one for its card, however often it is updated. A restored database may assign a key again
/// that was used after the copy: its nonce is made different.
fn nonce(row: &OutboxRow, restored: Option<&Restoration>) -> String {
    let key = &row.post.key;
    match (row.post.kind, row.post.change, restored) {
        (PostKind::Card, Some(number), _) => format!("card:{number}"),
        (_, _, Some(restored)) if row.id > restored.last_outbox && !names_its_moment(row) => {
            format!("{key}~{}", restored.restored.timestamp_millis())
        }
        _ => key.clone(),
    }
}

/// Whether a key identifies content and moment, so that equal keys mean equal messages.
fn names_its_moment(row: &OutboxRow) -> bool {
    let key = row.post.key.as_str();
    match row.post.kind {
        // For several instances the key names only the first.
        PostKind::Reminder | PostKind::Alert => {
            key.starts_with("remind:") && row.post.instances.len() == 1
        }
        PostKind::Digest => key.starts_with("digest:"),
        // Numbers of notices are not reused.
        PostKind::Notice => key.starts_with("notice:"),
        PostKind::Approval
        | PostKind::Permit
        | PostKind::Status
        | PostKind::Card
        | PostKind::Reaction => false,
    }
}

/// The audit entry of a finished message.
fn entry(row: &OutboxRow, settled: &SendResult, at: Timestamp) -> AuditEntry {
    let Post {
        kind, channel, key, ..
    } = &row.post;
    let reason = settled.reason().map(|reason| format!(": {reason}"));
    AuditEntry {
        message: match settled {
            SendResult::Sent { message } => Some(message.clone()),
            SendResult::Skipped { .. }
            | SendResult::Failed { .. }
            | SendResult::Moved { .. }
            | SendResult::Later { .. } => None,
        },
        outcome: settled.state().to_owned(),
        instance: row.post.instances.first().cloned(),
        change: row.post.change,
        detail: Some(format!(
            "{kind} {key} in {channel}{}",
            reason.unwrap_or_default()
        )),
        ..AuditEntry::done(at, "delivery", "delivery")
    }
}

fn seen(sent: Sent) -> SendResult {
    SendResult::Sent {
        message: sent.message,
    }
}

/// A moment later by at least `wait`, rounded up to the millisecond.
fn after(now: Timestamp, wait: Duration) -> Timestamp {
    let wait = TimeDelta::from_std(wait).unwrap_or(TimeDelta::MAX);
    let at = now
        .checked_add_signed(wait)
        .and_then(|at| at.checked_add_signed(TimeDelta::milliseconds(1)));
    at.map_or(now + TimeDelta::days(36_500), crate::clock::to_millisecond)
}

/// The span of a delivery. Its key is the one that the posting command logged.
fn span_of(row: &OutboxRow) -> Span {
    let instance = row.post.instances.first();
    tracing::info_span!(
        "delivery",
        workspace = row.workspace.as_str(),
        post.key = row.post.key,
        post.channel = row.post.channel.as_str(),
        change = row.post.change,
        instance = instance.map(InstanceId::as_str),
        attempt = row.attempts,
    )
}

fn log(settled: &SendResult, late: TimeDelta) {
    let reason = settled.reason().unwrap_or_default();
    let late_ms = late.num_milliseconds();
    match settled {
        SendResult::Sent { message } => {
            tracing::info!(
                post.message = message,
                late.ms = late_ms,
                "a message was delivered"
            );
        }
        SendResult::Skipped { .. } => tracing::info!(reason, "a message was skipped"),
        SendResult::Later { .. } => {
            tracing::info!(reason, "a message could not be delivered; retrying later");
        }
        SendResult::Moved { .. } => {
            tracing::info!(reason, "a message went to the alerts channel instead");
        }
        SendResult::Failed { .. } => {
            tracing::error!(reason, "a message could not be posted anywhere");
        }
    }
}
