//! The table `card`: which message of the chat a change is kept current in.

use super::code::Row;
use super::{StoreError, Tx, sql};
use crate::domain::id::InstanceId;

/// Says which post says the latest of a change. In another channel it becomes another message.
pub(super) const WANT: &str = "INSERT INTO card (workspace, change_number, channel, wanted) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (workspace, change_number) DO UPDATE SET wanted = excluded.wanted, \
     message = CASE WHEN card.channel = excluded.channel THEN card.message END, channel = excluded.channel";

/// The message of a change.
pub(super) const OF: &str =
    "SELECT wanted, message FROM card WHERE workspace = $1 AND change_number = $2";

/// The messages of the changes that are open.
pub(super) const OPEN: &str = "SELECT change.number, change.instance_id, card.channel FROM change \
     JOIN card ON card.workspace = change.workspace AND card.change_number = change.number \
     WHERE change.workspace = $1 AND change.status = 'open' AND change.number > 0 ORDER BY change.number";

/// Says which message it is.
pub(super) const SHOWN: &str =
    "UPDATE card SET message = $3 WHERE workspace = $1 AND change_number = $2 AND channel = $4";

/// Where a change is kept current.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct CardRow {
    /// The key of the post that says the latest.
    pub wanted: String,
    /// What the chat calls the message, once it can be seen.
    pub message: Option<String>,
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
        let query = sql::rows::<CardRow>(OF)
            .bind(self.workspace())
            .bind(sql::number(change)?);
        Ok(self.all(query).await?.pop())
    }

    /// Says which message of a channel a change can be seen in.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn card_shown(
        &mut self,
        change: u64,
        channel: &str,
        message: &str,
    ) -> Result<(), StoreError> {
        let query = sql::statement(SHOWN)
            .bind(self.workspace())
            .bind(sql::number(change)?)
            .bind(message.to_owned())
            .bind(channel.to_owned());
        self.run(query).await.map(drop)
    }
}
