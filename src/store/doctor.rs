//! Checks and repairs of derived data, in pages: counters, look-up columns, the schedule, the heads of channel queues and their
//! numbers of waiting messages.

use super::code::Row;
use super::instance::LookUp;
use super::{ScheduleSubject, StoreError, StoreResult, Tx, document};
use crate::domain::id::{ChannelId, InstanceId};
use crate::domain::instance::Instance;

/// The number of rows per page.
const PAGE: i64 = 200;

/// The expected counters of a workspace. Assigned numbers are not reused, so these only grow.
pub(super) const COUNTED: &str = "SELECT \
     COALESCE((SELECT MAX(number) FROM change WHERE workspace = $1), 0) + 1 AS next_change, \
     (SELECT COUNT(*) FROM instance WHERE workspace = $1 AND tracking = 'tracked') AS tracked, \
     (SELECT COUNT(*) FROM change WHERE workspace = $1 AND status = 'open') AS open_changes, \
     COALESCE((SELECT MAX(seq) FROM event WHERE workspace = $1), 0) AS events";

/// Writes the counters.
pub(super) const COUNT_AGAIN: &str = "UPDATE workspace SET next_change = $2, tracked = $3, open_changes = $4, events = $5 \
     WHERE workspace = $1";

/// The look-up columns of a page of instances, with their documents.
pub(super) const LOOK_UPS: &str = "SELECT id, name, region, tracking, team, described_at_ms, edition, expires_at_ms, action, \
     commodity_id, other_commodity_id, decisive_at_ms, name_key, look_key, account, document \
     FROM instance WHERE workspace = $1 AND id > $2 ORDER BY id LIMIT $3";

/// The document of an instance.
pub(super) const DOCUMENT: &str = "SELECT document FROM instance WHERE workspace = $1 AND id = $2";

/// The open changes with their times in the schedule.
pub(super) const WAKES: &str = "SELECT change.number, schedule.due_ms FROM change LEFT JOIN schedule \
     ON schedule.workspace = change.workspace AND schedule.kind = 'change' \
     AND schedule.subject = CAST(change.number AS TEXT) \
     WHERE change.workspace = $1 AND change.status = 'open' AND change.number > $2 ORDER BY change.number LIMIT $3";

/// Tracked instances that are not in the schedule.
pub(super) const UNPLANNED: &str = "SELECT id FROM instance WHERE workspace = $1 AND tracking = 'tracked' AND id > $2 \
     AND NOT EXISTS (SELECT 1 FROM schedule WHERE schedule.workspace = instance.workspace AND kind = 'instance' \
     AND subject = instance.id) ORDER BY id LIMIT $3";

/// The earliest moments recorded for a workspace, and the actual ones.
pub(super) const EARLIEST: &str = "SELECT due_ms, send_ms, \
     (SELECT MIN(due_ms) FROM schedule WHERE schedule.workspace = $1), \
     (SELECT MIN(next_ms) FROM channel_queue WHERE channel_queue.workspace = $1 AND next_ms IS NOT NULL) \
     FROM workspace WHERE workspace = $1";

/// The first channel after one that has a queue or waiting messages.
pub(super) const CHANNEL: &str = "SELECT MIN(found.channel) AS channel FROM (\
     SELECT MIN(channel) AS channel FROM channel_queue WHERE workspace = $1 AND channel > $2 \
     UNION ALL SELECT MIN(channel) FROM outbox WHERE workspace = $1 AND channel > $2 AND state IN ('due', 'sending')\
     ) AS found";

/// The head of a channel's queue and the expected head, and the number of waiting messages: recorded and actual.
pub(super) const HEAD: &str = "SELECT \
     (SELECT head FROM channel_queue WHERE workspace = $1 AND channel = $2) AS held, \
     (SELECT id FROM outbox WHERE workspace = $1 AND channel = $2 AND state IN ('due', 'sending') \
     ORDER BY due_ms, id LIMIT 1) AS wanted, \
     (SELECT waiting FROM channel_queue WHERE workspace = $1 AND channel = $2) AS counted, \
     (SELECT COUNT(*) FROM outbox WHERE workspace = $1 AND channel = $2 AND state IN ('due', 'sending') \
     AND due_ms > -1) AS waiting";

/// A kind of derived data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Derived {
    /// A counter of the workspace.
    Counter,
    /// The look-up columns of an instance.
    LookUp,
    /// The time of a change in the schedule.
    Wake,
    /// The time of an instance in the schedule.
    Plan,
    /// The head of a channel's queue.
    Head,
    /// The number of waiting messages.
    Depth,
}

/// Derived data that differs from its expected value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Differs {
    pub derived: Derived,
    /// The name of the counter, instance, change or channel.
    pub of: String,
    pub held: String,
    pub wanted: String,
}

impl Differs {
    fn new(derived: Derived, of: &str, held: Option<i64>, wanted: Option<i64>) -> Self {
        let shown =
            |number: Option<i64>| number.map_or_else(|| "nothing".to_owned(), |n| n.to_string());
        Self {
            derived,
            of: of.to_owned(),
            held: shown(held),
            wanted: shown(wanted),
        }
    }

    /// The differences of look-up columns, in the order of the columns.
    fn columns(of: &str, held: &LookUp, wanted: &LookUp) -> Option<Self> {
        let pairs = held
            .columns()
            .into_iter()
            .zip(wanted.columns())
            .filter(|(held, wanted)| held != wanted)
            .map(|((name, held), (_, wanted))| {
                (format!("{name} {held}"), format!("{name} {wanted}"))
            });
        let (held, wanted): (Vec<String>, Vec<String>) = pairs.unzip();
        (!held.is_empty()).then(|| Self {
            derived: Derived::LookUp,
            of: of.to_owned(),
            held: held.join(", "),
            wanted: wanted.join(", "),
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
struct Counters {
    next_change: i64,
    tracked: i64,
    open_changes: i64,
    events: i64,
}

impl Counters {
    const fn named(self) -> [(&'static str, i64); 4] {
        [
            ("next_change", self.next_change),
            ("tracked", self.tracked),
            ("open_changes", self.open_changes),
            ("events", self.events),
        ]
    }
}

#[derive(Debug, sqlx::FromRow)]
struct Stored {
    id: String,
    document: String,
    #[sqlx(flatten)]
    found_by: LookUp,
}

/// An instance from its document.
fn kept(id: &str, text: &str) -> StoreResult<Instance> {
    let row = Row::of("instance", id);
    let instance: Instance = document::read(&row, text)?;
    let same = instance.id.as_str() == id;
    row.need("id", same.then_some(instance))
}

/// The result of checking a page.
#[derive(Debug, Default)]
pub struct Examined {
    pub differs: Vec<Differs>,
    /// Unreadable rows, one sentence each.
    pub damaged: Vec<String>,
    /// The number of tracked instances.
    pub tracked: i64,
    /// The start of the next page; `None` after the last.
    pub next: Option<String>,
}

impl Tx {
    /// The recorded and the expected counters.
    async fn counted(&mut self) -> StoreResult<(Counters, Counters)> {
        let query = self.rows::<Counters>(super::save::COUNTERS);
        let held = self.all(query).await?.pop();
        let query = self.rows::<Counters>(COUNTED);
        let found = self.all(query).await?.pop();
        let found = found.ok_or_else(|| StoreError::fault("nothing was counted"))?;
        let held = held.unwrap_or(Counters {
            next_change: 1,
            tracked: 0,
            open_changes: 0,
            events: 0,
        });
        let wanted = Counters {
            next_change: found.next_change.max(held.next_change),
            events: found.events.max(held.events),
            ..found
        };
        Ok((held, wanted))
    }

    /// The counters that differ, given the number of tracked instances.
    pub async fn counters_differ(&mut self, tracked: i64) -> StoreResult<Vec<Differs>> {
        let (held, wanted) = self.counted().await?;
        let wanted = Counters { tracked, ..wanted };
        let pairs = held.named().into_iter().zip(wanted.named());
        let pairs = pairs.filter(|(held, wanted)| held != wanted);
        let differs = pairs.map(|((name, held), (_, wanted))| {
            Differs::new(Derived::Counter, name, Some(held), Some(wanted))
        });
        let mut differs: Vec<Differs> = differs.collect();
        let query = self.rows::<(Option<i64>, Option<i64>, Option<i64>, Option<i64>)>(EARLIEST);
        for (due, send, first_due, first_send) in self.all(query).await? {
            for (name, held, wanted) in [("due_ms", due, first_due), ("send_ms", send, first_send)]
            {
                if held != wanted {
                    differs.push(Differs::new(Derived::Counter, name, held, wanted));
                }
            }
        }
        Ok(differs)
    }

    /// The instances of a page whose look-up columns differ from their documents.
    ///
    /// # Errors
    /// Any [`StoreError`]; damaged rows are reported in the result.
    pub async fn look_ups_differ(&mut self, from: &str) -> StoreResult<Examined> {
        let query = self
            .rows::<Stored>(LOOK_UPS)
            .bind(from.to_owned())
            .bind(PAGE);
        let mut page = Examined::default();
        for held in self.all(query).await? {
            match kept(&held.id, &held.document) {
                Ok(instance) => {
                    page.tracked += i64::from(instance.is_tracked());
                    let wanted = LookUp::of(&instance);
                    let differs = Differs::columns(&held.id, &held.found_by, &wanted);
                    page.differs.extend(differs);
                }
                Err(error) => page.damaged.push(error.to_string()),
            }
            page.next = Some(held.id);
        }
        Ok(page)
    }

    async fn look_up_again(&mut self, id: &str) -> StoreResult<()> {
        let query = self.rows::<(String,)>(DOCUMENT).bind(id.to_owned());
        for (document,) in self.all(query).await? {
            let kept = kept(id, &document)?;
            self.save_instances(std::iter::once(&kept)).await?;
        }
        Ok(())
    }

    /// Open changes that are missing in the schedule, or due later than they should be.
    ///
    /// # Errors
    /// Any [`StoreError`]; damaged rows are reported in the result.
    pub async fn wakes_differ(&mut self, from: &str) -> StoreResult<Examined> {
        let query = self
            .rows::<(i64, Option<i64>)>(WAKES)
            .bind(from.parse::<i64>().unwrap_or_default())
            .bind(PAGE);
        let mut page = Examined::default();
        for (number, held) in self.all(query).await? {
            page.next = Some(number.to_string());
            let case = match u64::try_from(number) {
                Ok(number) => self.load_change_case(number).await,
                Err(_) => Ok(None),
            };
            let case = match case {
                // A missing instance is reported as an orphaned reference.
                Ok(case) => case,
                Err(error @ StoreError::Damaged { table, .. }) => {
                    // Damaged instances are reported by the check of instances.
                    if table != "instance" {
                        page.damaged.push(error.to_string());
                    }
                    None
                }
                Err(error) => return Err(error),
            };
            let wanted = case.and_then(|case| case.wakes_at());
            let wanted = wanted.map(|at| at.timestamp_millis());
            if wanted.is_some_and(|wanted| held.is_none_or(|held| held > wanted)) {
                let of = number.to_string();
                page.differs
                    .push(Differs::new(Derived::Wake, &of, held, wanted));
            }
        }
        Ok(page)
    }

    /// Tracked instances of a page that are not in the schedule; the core decides whether they should be.
    pub async fn not_planned(&mut self, from: &str) -> StoreResult<Vec<String>> {
        let query = self
            .rows::<(String,)>(UNPLANNED)
            .bind(from.to_owned())
            .bind(PAGE);
        Ok(self.all(query).await?.into_iter().map(|(id,)| id).collect())
    }

    /// Channels whose queue has a wrong head or a wrong number of waiting messages.
    pub async fn queues_differ(&mut self) -> StoreResult<Vec<Differs>> {
        let (mut differs, mut channel) = (Vec::new(), String::new());
        loop {
            let query = self.rows::<(Option<String>,)>(CHANNEL).bind(channel);
            let Some((Some(next),)) = self.all(query).await?.pop() else {
                return Ok(differs);
            };
            let query = self
                .rows::<(Option<i64>, Option<i64>, Option<i64>, i64)>(HEAD)
                .bind(next.clone());
            for (held, wanted, counted, waiting) in self.all(query).await? {
                if held != wanted {
                    differs.push(Differs::new(Derived::Head, &next, held, wanted));
                }
                if counted.unwrap_or_default() != waiting {
                    differs.push(Differs::new(Derived::Depth, &next, counted, Some(waiting)));
                }
            }
            channel = next;
        }
    }

    /// Recomputes derived data from its current source.
    pub async fn mend(&mut self, differs: &Differs) -> StoreResult<()> {
        match differs.derived {
            Derived::Counter => {
                let (_, wanted) = self.counted().await?;
                let query = wanted
                    .named()
                    .into_iter()
                    .fold(self.statement(COUNT_AGAIN), |query, (_, number)| {
                        query.bind(number)
                    });
                self.run(query).await?;
            }
            Derived::LookUp => self.look_up_again(&differs.of).await?,
            Derived::Wake => {
                let number = differs.of.parse().unwrap_or_default();
                if let Some(case) = self.load_change_case(number).await? {
                    self.set_due(&ScheduleSubject::Change(number), case.wakes_at())
                        .await?;
                }
            }
            Derived::Plan => {
                if let Ok(id) = InstanceId::parse(&differs.of) {
                    self.look_at_once(&id);
                }
            }
            Derived::Head | Derived::Depth => self.requeue(&ChannelId::stored(&differs.of)).await?,
        }
        self.unplanned();
        Ok(())
    }
}
