//! The table `card`: which message of the chat a change is kept current in.

use serde::{Deserialize, Serialize};

use super::code::Row;
use super::{StoreError, Tx, sql};
use crate::domain::approval::Told;
use crate::domain::event::EventKind;
use crate::domain::id::InstanceId;

/// Says which post says the latest of a change. In another channel it becomes another message.
pub(super) const WANT: &str = "INSERT INTO card (workspace, change_number, channel, wanted) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (workspace, change_number) DO UPDATE SET wanted = excluded.wanted, \
     message = CASE WHEN card.channel = excluded.channel THEN card.message END, channel = excluded.channel";

/// The message of a change.
pub(super) const OF: &str = "SELECT wanted, channel, message, told, requests FROM card WHERE workspace = $1 AND change_number = $2";

/// The messages of the changes that are open.
pub(super) const OPEN: &str = "SELECT change.number, change.instance_id, card.channel FROM change \
     JOIN card ON card.workspace = change.workspace AND card.change_number = change.number \
     WHERE change.workspace = $1 AND change.status = 'open' AND change.number > 0 ORDER BY change.number";

/// Says which message it is, if it is still kept current there, and what was told beside it.
pub(super) const SHOWN: &str = "UPDATE card SET message = CASE channel WHEN $4 THEN $3 ELSE message END, told = CASE WHEN told < $5 THEN $5 ELSE told END, requests = $6 \
     WHERE workspace = $1 AND change_number = $2";

/// The message that asks for approvals, which shows the outcome once there is one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestMessage {
    /// The request, as its change counts them.
    pub request: u32,
    /// Whether it asked first, or again.
    #[serde(default = "first")]
    pub told: Told,
    /// The channel, as the outbox calls it.
    pub channel: String,
    /// The message, as the chat calls it.
    pub message: String,
    /// What had moved, where it was asked again.
    pub moved: Vec<EventKind>,
}

/// What was shown before this was kept asked first.
const fn first() -> Told {
    Told::Asked
}

/// Where a change is kept current.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardRow {
    /// The key of the post that says the latest.
    pub wanted: String,
    /// Where it is kept current.
    pub channel: String,
    /// What the chat calls the message, once it can be seen.
    pub message: Option<String>,
    /// Up to which event of the change its discussion has been told.
    pub told: i64,
    /// The requests whose messages do not show an outcome yet.
    pub requests: Vec<RequestMessage>,
}

/// What became visible with the message of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardShown {
    /// The change.
    pub change: u64,
    /// Up to which event its discussion has been told.
    pub told: i64,
    /// The requests whose outcome can be read in their messages.
    pub settled: Vec<u32>,
}

/// The message of an open change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenCard {
    /// The change.
    pub change: u64,
    /// What it is about.
    pub instance: InstanceId,
    /// Where it is kept current.
    pub channel: String,
}

impl Tx {
    /// The messages of the open changes; costs a row for each of these.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn open_cards(&mut self) -> Result<Vec<OpenCard>, StoreError> {
        let query = sql::rows::<(i64, String, String)>(OPEN).bind(self.workspace());
        let rows = self.all(query).await?;
        let read = |(number, instance, channel): (i64, String, String)| {
            let key = format!("change {number}");
            let row = Row {
                table: "card",
                key: &key,
            };
            Ok(OpenCard {
                change: row.need("change_number", u64::try_from(number).ok())?,
                instance: row.need("instance_id", InstanceId::parse(&instance).ok())?,
                channel,
            })
        };
        rows.into_iter().map(read).collect()
    }

    /// Says that a post with this key says the latest of a change.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn want_card(
        &mut self,
        change: u64,
        channel: &str,
        key: &str,
    ) -> Result<(), StoreError> {
        let query = sql::statement(WANT)
            .bind(self.workspace())
            .bind(sql::number(change)?)
            .bind(channel.to_owned())
            .bind(key.to_owned());
        self.run(query).await.map(drop)
    }

    /// Where a change is kept current; `None` when it was never shown.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn card(&mut self, change: u64) -> Result<Option<CardRow>, StoreError> {
        let query = sql::rows::<(String, String, Option<String>, i64, String)>(OF)
            .bind(self.workspace())
            .bind(sql::number(change)?);
        let Some((wanted, channel, message, told, requests)) = self.all(query).await?.pop() else {
            return Ok(None);
        };
        let key = format!("change {change}");
        let row = Row {
            table: "card",
            key: &key,
        };
        Ok(Some(CardRow {
            wanted,
            channel,
            message,
            told,
            requests: row.need("requests", serde_json::from_str(&requests).ok())?,
        }))
    }

    /// Says which message of a channel a change can be seen in, and what was told beside it.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn card_shown(
        &mut self,
        shown: &CardShown,
        channel: &str,
        message: &str,
    ) -> Result<(), StoreError> {
        let Some(mut card) = self.card(shown.change).await? else {
            return Ok(());
        };
        card.requests
            .retain(|asked| !shown.settled.contains(&asked.request));
        let query = sql::statement(SHOWN)
            .bind(self.workspace())
            .bind(sql::number(shown.change)?)
            .bind(message.to_owned())
            .bind(channel.to_owned())
            .bind(shown.told)
            .bind(as_json(&card.requests)?);
        self.run(query).await.map(drop)
    }

    /// Says which message asks for approvals of a change.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn request_shown(
        &mut self,
        change: u64,
        asked: RequestMessage,
    ) -> Result<(), StoreError> {
        let Some(mut card) = self.card(change).await? else {
            return Ok(());
        };
        card.requests.retain(|other| other.message != asked.message);
        card.requests.push(asked);
        let query = sql::statement(SHOWN)
            .bind(self.workspace())
            .bind(sql::number(change)?)
            .bind(card.message)
            .bind(card.channel)
            .bind(card.told)
            .bind(as_json(&card.requests)?);
        self.run(query).await.map(drop)
    }
}

fn as_json(requests: &[RequestMessage]) -> Result<String, StoreError> {
    serde_json::to_string(requests).map_err(|error| StoreError::Broken(error.into()))
}
