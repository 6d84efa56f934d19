//! The card of a change in the outbox: kept up to date, and brought back where it is gone.

use super::unit_of_work::SavedCase;
use super::{Settings, Warden};
use crate::domain::Timestamp;
use crate::domain::case::Case;
use crate::domain::effect::{Post, PostKind};
use crate::domain::id::{ChannelId, WorkspaceId};
use crate::domain::payload::Payload;
use crate::store::{OpenCard, StoreResult, Tx};

/// Posts the card of a change again.
pub(super) async fn keep_current(
    settings: &Settings,
    tx: &mut Tx,
    kept: &SavedCase,
    now: Timestamp,
) -> StoreResult<Option<Post>> {
    let Some(change) = &kept.case.change else {
        return Ok(None);
    };
    let home = settings.channel_of(&kept.case.instance);
    let card = OpenCard {
        change: change.number,
        instance: kept.case.instance.id.clone(),
        channel: place_of_card(tx, change.number, home).await?,
    };
    // A case saved without an event has no event number of its own: the next event gets the same one.
    let why = match kept.case.events.is_empty() {
        true => format!("{}-{}", kept.first_event, now.timestamp_millis()),
        false => kept.first_event.to_string(),
    };
    repost(tx, &card, &why, now).await.map(Some)
}

/// The channel of a change's card: the instance's own or, while that refuses posts, the one the card was moved to.
async fn place_of_card(tx: &mut Tx, change: u64, home: ChannelId) -> StoreResult<ChannelId> {
    if !tx.is_refusing(&home).await? {
        return Ok(home);
    }
    Ok(tx.card(change).await?.map_or(home, |card| card.channel))
}

fn key_of(change: u64, why: &str) -> String {
    format!("card:{change}:{why}")
}

/// The card of a change, as a new post.
async fn repost(tx: &mut Tx, card: &OpenCard, why: &str, now: Timestamp) -> StoreResult<Post> {
    post_of(tx, card, key_of(card.change, why), now).await
}

async fn post_of(tx: &mut Tx, card: &OpenCard, key: String, now: Timestamp) -> StoreResult<Post> {
    let post = Post {
        change: Some(card.change),
        instances: vec![card.instance.clone()],
        ..Post::new(
            PostKind::Card,
            &card.channel,
            key.clone(),
            now,
            Payload::Card,
        )
    };
    tx.want_card(card.change, &card.channel, &key).await?;
    Ok(post)
}

/// Posts the card of a change again, with its request, once a look that they show has become too old.
pub(super) async fn follow_looks(
    settings: &Settings,
    tx: &mut Tx,
    case: &Case,
    now: Timestamp,
) -> StoreResult<()> {
    let lapsed = case.looks_lapse().filter(|at| *at <= now).max();
    let (Some(change), Some(lapsed)) = (case.open_number(), lapsed.filter(|_| settings.cards))
    else {
        return Ok(());
    };
    let why = format!("look-{}", lapsed.timestamp_millis());
    if tx.was_posted(&key_of(change, &why)).await? {
        return Ok(());
    }
    let home = settings.channel_of(&case.instance);
    let card = OpenCard {
        change,
        instance: case.instance.id.clone(),
        channel: place_of_card(tx, change, home).await?,
    };
    let post = repost(tx, &card, &why, now).await?;
    tx.post(&post).await.map(drop)
}

/// The shortest interval between repeated posts of an unchanged card, in seconds.
const REPOST_EVERY_S: i64 = 3_600;
/// The end of the key of what was deleted and is posted again.
pub(super) const BACK: &str = "~back";

impl Warden {
    /// Posts the cards of all open changes of a workspace again: while the chat was unreachable they may have been deleted, or
    /// updates lost. At most once an hour, however often the connection is restored.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn repost_changes(&self, workspace: &WorkspaceId) -> StoreResult<()> {
        let now = self.clock.now();
        let mut tx = self.store.write(workspace).await?;
        let why = format!("repost-{}", now.timestamp() / REPOST_EVERY_S);
        for card in tx.open_cards().await? {
            if !tx.was_posted(&key_of(card.change, &why)).await? {
                let post = repost(&mut tx, &card, &why, now).await?;
                tx.post(&post).await?;
            }
        }
        tx.commit().await
    }

    /// Posts again at once, calling nobody, what somebody deleted: the card of an open change, and its open request. A card comes
    /// back once until its next update, and a request once: what deletes all that is posted must not make the bot post for ever.
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub async fn restore_deleted(
        &self,
        workspace: &WorkspaceId,
        messages: &[String],
    ) -> StoreResult<()> {
        let mut tx = self.store.read(workspace).await?;
        let mut ours = Vec::new();
        for message in messages {
            if tx.card_in(message).await?.is_some() || tx.request_in(message).await?.is_some() {
                ours.push(message);
            }
        }
        drop(tx);
        if ours.is_empty() {
            return Ok(());
        }
        let now = self.clock.now();
        let mut tx = self.store.write(workspace).await?;
        for message in ours {
            match tx.card_in(message).await? {
                Some(change) => bring_back(&mut tx, change, now).await?,
                None => ask_again(&mut tx, message, now).await?,
            }
        }
        tx.commit().await
    }
}

/// Posts the deleted card of a change again.
async fn bring_back(tx: &mut Tx, change: u64, now: Timestamp) -> StoreResult<()> {
    let case = tx.load_change_case(change).await?;
    let open = case.filter(|case| case.open_change().is_some());
    let (Some(case), Some(card)) = (open, tx.card(change).await?) else {
        return Ok(());
    };
    let before = card.wanted;
    if before.ends_with(BACK) {
        return Ok(());
    }
    let card = OpenCard {
        change,
        instance: case.instance.id,
        channel: card.channel,
    };
    let post = post_of(tx, &card, format!("{before}{BACK}"), now).await?;
    tx.post(&post).await.map(drop)
}

/// Posts a deleted request again, and has the card lead to it.
async fn ask_again(tx: &mut Tx, message: &str, now: Timestamp) -> StoreResult<()> {
    let Some(row) = tx.request_in(message).await? else {
        return Ok(());
    };
    let Some(change) = row.post.change.filter(|_| !row.post.key.ends_with(BACK)) else {
        return Ok(());
    };
    if !tx.request_gone(change, message).await? {
        return Ok(());
    }
    let post = Post {
        key: format!("{}{BACK}", row.post.key),
        due: now,
        mentions: Vec::new(),
        ..row.post
    };
    tx.post_moved(&post, row.moved.as_ref()).await?;
    let (Some(card), Some(instance)) = (tx.card(change).await?, post.instances.into_iter().next())
    else {
        return Ok(());
    };
    let card = OpenCard {
        change,
        instance,
        channel: card.channel,
    };
    let post = repost(tx, &card, &format!("asked-{message}"), now).await?;
    tx.post(&post).await.map(drop)
}
