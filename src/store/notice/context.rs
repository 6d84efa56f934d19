//! The context of a new notice, besides the case of its instance and the wordings: read in one statement.

use super::row::damaged;
use super::{LAST, LIKE};
use crate::domain::Timestamp;
use crate::domain::event::Event;
use crate::domain::id::InstanceId;
use crate::store::around::{AROUND, Around, AroundRow};
use crate::store::event::{EventRow, oldest_first};
use crate::store::{Engine, StoreResult, Tx, sql};

/// The query for the context of a notice.
#[derive(Debug, Clone, Copy)]
pub struct ContextQuery<'a> {
    /// The one instance that it names, if it names one.
    pub instance: Option<&'a InstanceId>,
    /// The expiry of the instance's acknowledgement or snooze.
    pub of: Timestamp,
    /// The most raised notices of the instance.
    pub raised: u32,
    /// The most events of the instance.
    pub events: u32,
    /// Equal for notices with the same content.
    pub likeness: &'a str,
    /// Earlier notices with the same content do not count.
    pub since: Timestamp,
    /// The words that may be names of instances.
    pub words: &'a [String],
}

/// The context of a new notice.
#[derive(Debug, Clone)]
pub struct NoticeContext {
    pub number: u64,
    /// The number of the latest notice with the same content.
    pub like: Option<u64>,
    /// The holders of those words that are names of tracked instances.
    pub named: Vec<NameHolders>,
    /// The history of the one instance, oldest first.
    pub history: Vec<Event>,
    /// The data of the one instance outside its document; of none, whether there is a digest.
    pub around: Around,
}

/// The tracked instances that have a name.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct NameHolders {
    /// The name as names are compared, without case.
    pub name: String,
    /// The first of them by id.
    pub first: String,
    /// The last of them, which is the first where the name is no other's.
    pub last: String,
}

/// The holders of the names in the list `$2`.
pub(in crate::store) fn holders(engine: Engine) -> String {
    let columns = "name_key AS name, MIN(instance.id) AS first, MAX(instance.id) AS last";
    holders_of(columns, 2, engine)
}

/// The holders of the names in the list at this place among the bound values.
fn holders_of(columns: &str, list: usize, engine: Engine) -> String {
    let texts = sql::texts(engine, list);
    let index = match engine {
        // SQLite would walk a wider index for every word, because that one has all the columns.
        Engine::Sqlite => " INDEXED BY instance_by_name_key",
        Engine::Postgres => "",
    };
    format!(
        "SELECT {columns} FROM {texts} CROSS JOIN instance{index} \
         WHERE instance.workspace = $1 AND instance.tracking = 'tracked' \
         AND instance.name_key = said.value GROUP BY name_key"
    )
}

/// [`AROUND`] the instance `$2`, with its last `$8` events, the holders of the names in the list `$7`, and what [`LIKE`] and
/// [`LAST`] tell.
pub(in crate::store) fn context(engine: Engine) -> String {
    let columns = "'name', name_key, MIN(instance.id), MAX(instance.id), NULL, 0, NULL, NULL, NULL";
    let named = holders_of(columns, 7, engine);
    format!(
        "{AROUND} UNION ALL SELECT 'event', by_id, by_name, data, NULL, seq, change_number, at_ms, NULL FROM event \
         WHERE workspace = $1 AND seq IN (SELECT seq FROM event WHERE workspace = $1 AND instance_id = $2 \
         ORDER BY seq DESC LIMIT $8) \
         UNION ALL {named} \
         UNION ALL SELECT 'like', NULL, NULL, NULL, NULL, number, NULL, NULL, NULL FROM ({LIKE}) AS latest \
         UNION ALL SELECT 'last', NULL, NULL, NULL, NULL, ({LAST}), NULL, NULL, NULL"
    )
}

impl Tx {
    /// Reads what a new notice is judged by.
    pub async fn notice_context(&mut self, of: ContextQuery<'_>) -> StoreResult<NoticeContext> {
        let instance = of.instance.map(ToString::to_string);
        let query = self
            .rows::<AroundRow>(context(self.engine()))
            .bind(instance.unwrap_or_default())
            .bind(of.of.timestamp_millis())
            .bind(i64::from(of.raised))
            .bind(of.likeness.to_owned())
            .bind(of.since.timestamp_millis())
            .bind(sql::json(&of.words)?)
            .bind(i64::from(of.events));
        let rows = self.all(query).await?;
        let (mut events, mut named, mut around) = (Vec::new(), Vec::new(), Vec::new());
        let (mut last, mut like) = (0, None);
        for row in rows {
            match row.what.as_str() {
                "event" => events.push(event(row)),
                "name" => named.extend(
                    row.a
                        .zip(row.b)
                        .zip(row.c)
                        .map(|((name, first), last)| NameHolders { name, first, last }),
                ),
                "like" => like = Some(number(row.n1)?),
                "last" => last = number(row.n1)?,
                _ => around.push(row),
            }
        }
        events.sort_unstable_by_key(|event| std::cmp::Reverse(event.seq));
        let around = match of.instance {
            Some(id) => self.around_of(id, around)?,
            None => Around {
                has_digest: !around.is_empty(),
                ..Around::default()
            },
        };
        Ok(NoticeContext {
            number: last.saturating_add(1),
            like,
            named,
            history: oldest_first(events, of.events)?,
            around,
        })
    }

    /// The holders of those of the words, as names are compared, that are names of tracked instances.
    pub async fn name_holders(&mut self, words: &[String]) -> StoreResult<Vec<NameHolders>> {
        let query = self
            .rows::<NameHolders>(holders(self.engine()))
            .bind(sql::json(&words)?);
        self.all(query).await
    }
}

fn event(row: AroundRow) -> EventRow {
    EventRow {
        seq: row.n1,
        change_number: row.n2,
        at_ms: row.n3.unwrap_or_default(),
        by_id: row.a,
        by_name: row.b,
        data: row.c.unwrap_or_default(),
    }
}

fn number(read: i64) -> StoreResult<u64> {
    u64::try_from(read).map_err(|_| damaged(read, "number"))
}
