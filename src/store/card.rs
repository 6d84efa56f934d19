//! The table `card`: the chat message that shows the current state of a change.

use serde::{Deserialize, Serialize};

use super::code::Row;
use super::sql::StoredId;
use super::{StoreResult, Tx, sql};
use crate::domain::approval::Told;
use crate::domain::event::EventKind;
use crate::domain::id::{ChannelId, InstanceId};

/// Sets the post with the latest state of a change. A new channel means a new message.
pub(super) const WANT: &str = "INSERT INTO card (workspace, change_number, channel, wanted) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (workspace, change_number) DO UPDATE SET wanted = excluded.wanted, \
     message = CASE WHEN card.channel = excluded.channel THEN card.message END, channel = excluded.channel";

/// The card of a change.
pub(super) const OF: &str = "SELECT wanted, channel, message, told, requests FROM card WHERE workspace = $1 AND change_number = $2";

/// The change whose card is in a message.
pub(super) const IN: &str = "SELECT change_number FROM card WHERE workspace = $1 AND message = $2";

/// The cards of the open changes.
pub(super) const OPEN: &str = "SELECT change.number, change.instance_id, card.channel FROM change \
     JOIN card ON card.workspace = change.workspace AND card.change_number = change.number \
     WHERE change.workspace = $1 AND change.status = 'open' AND change.number > 0 ORDER BY change.number";

/// Records the message if the card is still in that channel, and the progress of its thread.
pub(super) const SHOWN: &str = "UPDATE card SET message = CASE channel WHEN $4 THEN $3 ELSE message END, told = CASE WHEN told < $5 THEN $5 ELSE told END, requests = $6 \
     WHERE workspace = $1 AND change_number = $2";

/// The message of an approval request, which is updated with the outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestMessage {
    /// The number of the request in its change.
    pub request: u32,
    /// Whether it was the first message or a repetition.
    #[serde(default = "first")]
    pub told: Told,
    /// The name of the channel in the outbox.
    pub channel: ChannelId,
    /// The chat's id of the message.
    pub message: String,
    /// The changed values, for a repetition.
    pub moved: Vec<EventKind>,
    /// Whether it calls the owner of the change, as the request has its approvals.
    #[serde(default)]
    pub is_call: bool,
}

/// The default for rows from before this field was added.
const fn first() -> Told {
    Told::Asked
}

/// The card of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardRow {
    /// The key of the post with the latest state.
    pub wanted: String,
    pub channel: ChannelId,
    /// The chat's id of the message, once it is posted.
    pub message: Option<String>,
    /// The number of the last event posted to the change's thread.
    pub told: i64,
    /// The requests whose messages do not show the outcome yet.
    pub requests: Vec<RequestMessage>,
}

/// The result of posting the card of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardShown {
    pub change: u64,
    /// The number of the last event posted to the change's thread.
    pub told: i64,
    /// The requests whose messages show the outcome now.
    pub settled: Vec<u32>,
}

#[derive(Debug, sqlx::FromRow)]
struct OpenCardRow {
    number: i64,
    instance_id: String,
    #[sqlx(try_from = "StoredId<ChannelId>")]
    channel: ChannelId,
}

/// The card of an open change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenCard {
    pub change: u64,
    pub instance: InstanceId,
    pub channel: ChannelId,
}

impl Tx {
    /// The cards of the open changes; costs a row for each.
    pub async fn open_cards(&mut self) -> StoreResult<Vec<OpenCard>> {
        let query = self.rows::<OpenCardRow>(OPEN);
        let rows = self.all(query).await?;
        let read = |open: OpenCardRow| {
            let key = format!("change {}", open.number);
            let row = Row::of("card", &key);
            Ok(OpenCard {
                change: row.need("change_number", u64::try_from(open.number).ok())?,
                instance: row.need("instance_id", InstanceId::parse(&open.instance_id).ok())?,
                channel: open.channel,
            })
        };
        rows.into_iter().map(read).collect()
    }

    /// Sets the key of the post with the latest state of a change.
    pub async fn want_card(
        &mut self,
        change: u64,
        channel: &ChannelId,
        key: &str,
    ) -> StoreResult<()> {
        let query = self
            .statement(WANT)
            .bind(sql::number(change)?)
            .bind(channel.to_string())
            .bind(key.to_owned());
        self.later(query).await
    }

    /// The card of a change; `None` if it was never posted.
    pub async fn card(&mut self, change: u64) -> StoreResult<Option<CardRow>> {
        let query = self
            .rows::<(String, StoredId<ChannelId>, Option<String>, i64, String)>(OF)
            .bind(sql::number(change)?);
        let Some((wanted, StoredId(channel), message, told, requests)) =
            self.all(query).await?.pop()
        else {
            return Ok(None);
        };
        let key = format!("change {change}");
        let row = Row::of("card", &key);
        Ok(Some(CardRow {
            wanted,
            channel,
            message,
            told,
            requests: row.need("requests", serde_json::from_str(&requests).ok())?,
        }))
    }

    /// The change whose card a message shows.
    pub async fn card_in(&mut self, message: &str) -> StoreResult<Option<u64>> {
        let query = self.rows::<(i64,)>(IN).bind(message.to_owned());
        let found = self.all(query).await?.pop();
        Ok(found.and_then(|(number,)| u64::try_from(number).ok()))
    }

    /// Forgets the message of a request, which is gone; `false` where it is not the latest one, or shows its outcome.
    pub async fn request_gone(&mut self, change: u64, message: &str) -> StoreResult<bool> {
        let Some(mut card) = self.card(change).await? else {
            return Ok(false);
        };
        let asked = card.requests.iter().find(|asked| asked.message == message);
        let Some(is_call) = asked.map(|asked| asked.is_call) else {
            return Ok(false);
        };
        let latest = card.requests.iter().rfind(|asked| asked.is_call == is_call);
        let was_latest = latest.is_some_and(|latest| latest.message == message);
        card.requests.retain(|asked| asked.message != message);
        self.keep_requests(change, card).await?;
        Ok(was_latest)
    }

    /// Records the message of a card, and the progress of its thread.
    pub async fn card_shown(
        &mut self,
        shown: &CardShown,
        channel: &ChannelId,
        message: &str,
    ) -> StoreResult<()> {
        let Some(mut card) = self.card(shown.change).await? else {
            return Ok(());
        };
        card.requests
            .retain(|asked| !shown.settled.contains(&asked.request));
        let query = self
            .statement(SHOWN)
            .bind(sql::number(shown.change)?)
            .bind(message.to_owned())
            .bind(channel.to_string())
            .bind(shown.told)
            .bind(sql::json(&card.requests)?);
        self.later(query).await
    }

    /// Records the message of an approval request.
    pub async fn request_shown(&mut self, change: u64, asked: RequestMessage) -> StoreResult<()> {
        let Some(mut card) = self.card(change).await? else {
            return Ok(());
        };
        // Of several calls the last one has the button.
        card.requests
            .retain(|other| other.message != asked.message && !(other.is_call && asked.is_call));
        card.requests.push(asked);
        self.keep_requests(change, card).await
    }

    async fn keep_requests(&mut self, change: u64, card: CardRow) -> StoreResult<()> {
        let query = self
            .statement(SHOWN)
            .bind(sql::number(change)?)
            .bind(card.message)
            .bind(card.channel.to_string())
            .bind(card.told)
            .bind(sql::json(&card.requests)?);
        self.later(query).await
    }
}
