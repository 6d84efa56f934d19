//! The gauges read from the database. A read costs the same however large the database is: it counts one further part of the
//! instances, and reports the last complete count.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Mutex;

use super::Warden;
use crate::domain::Timestamp;
use crate::domain::change::Step;
use crate::domain::concern::ConcernKind;
use crate::domain::instance::{Edition, PostExpirationAction};
use crate::meter::{Distribution, Readings, name, seconds};
use crate::store::{
    CensusPart, CensusPlace, CensusTerms, GROUP_SIZES, Gauges, Horizon, InstanceCount, OneExpiry,
    Served, StoreResult,
};

/// The most instances counted in one read.
const PART: u32 = 10_000;
/// The label of an unknown value.
const UNKNOWN: &str = "unknown";

/// Reads the gauges, and holds the count in progress.
pub struct Figures {
    warden: Warden,
    per_instance: AtomicBool,
    count: Mutex<Counting>,
}

/// The state of this process's link to the chat.
#[derive(Debug, Clone, Copy)]
pub struct ChatLink {
    /// Whether the chat can be posted to.
    pub is_up: bool,
    /// Whether another process delivers.
    pub stands_by: bool,
}

/// The count in progress, and the last complete one.
#[derive(Debug, Default)]
struct Counting {
    at: CensusPlace,
    under_way: Census,
    complete: Option<(Census, Timestamp)>,
}

/// The counts of one pass.
#[derive(Debug, Default)]
struct Census {
    /// By edition, action and horizon.
    instances: BTreeMap<[String; 3], i64>,
    /// The earliest future expiry, by action.
    next_ms: BTreeMap<String, i64>,
    /// By kind: the number, and the opening of the oldest.
    concerns: BTreeMap<String, (i64, i64)>,
    /// The open changes, by step.
    steps: BTreeMap<&'static str, i64>,
    each: Vec<OneExpiry>,
}

impl Counting {
    /// Adds a part; the last part completes the count, and the next count begins.
    fn add(&mut self, part: CensusPart, now: Timestamp) {
        let next = part.next.clone();
        self.under_way.add(part);
        if next.is_none() {
            self.complete = Some((std::mem::take(&mut self.under_way), now));
        }
        self.at = next.unwrap_or_default();
    }
}

impl Census {
    fn add(&mut self, part: CensusPart) {
        for alike in part.instances {
            self.add_instances(alike);
        }
        for concern in part.concerns {
            let held = self.concerns.entry(concern.kind);
            let (many, since_ms) = held.or_insert((0, concern.since_ms));
            *many += concern.many;
            *since_ms = concern.since_ms.min(*since_ms);
        }
        for step in part.steps {
            let step = step.map_or(UNKNOWN, Step::as_str);
            *self.steps.entry(step).or_default() += 1;
        }
        self.each.extend(part.each);
    }

    fn add_instances(&mut self, alike: InstanceCount) {
        let or_unknown = |word: Option<String>| word.unwrap_or_else(|| UNKNOWN.to_owned());
        let (edition, action) = (or_unknown(alike.edition), or_unknown(alike.action));
        let is_past = alike.horizon == Horizon::Past.as_str();
        if let Some(first_ms) = alike.first_ms.filter(|_| !is_past) {
            let held = self.next_ms.entry(action.clone()).or_insert(first_ms);
            *held = first_ms.min(*held);
        }
        let key = [edition, action, alike.horizon];
        *self.instances.entry(key).or_default() += alike.many;
    }

    fn measure(&self, at: Timestamp, now: Timestamp, readings: &mut Readings) {
        let count =
            |many: Option<&i64>| many.map_or(0, |many| u64::try_from(*many).unwrap_or_default());
        let actions = PostExpirationAction::WORDS.iter().map(|(word, _)| *word);
        let actions: Vec<&str> = actions.chain([UNKNOWN]).collect();
        let editions = Edition::WORDS.iter().map(|(word, _)| *word);
        for edition in editions.chain([UNKNOWN]) {
            for action in &actions {
                for (horizon, _) in Horizon::WORDS {
                    let labels = [edition, action, horizon];
                    let many = self.instances.get(&labels.map(str::to_owned));
                    readings.set_count(&name::INSTANCES, &labels, count(many));
                }
            }
        }
        for action in actions {
            let next_ms = self.next_ms.get(action).copied().unwrap_or_default();
            readings.set(&name::NEXT_EXPIRY, &[action], seconds_of(next_ms));
        }
        for (kind, _) in ConcernKind::WORDS {
            let held = self.concerns.get(*kind);
            let oldest = held.map_or(0.0, |(_, since_ms)| {
                (seconds_of(now.timestamp_millis()) - seconds_of(*since_ms)).max(0.0)
            });
            let many = held.map(|(many, _)| many);
            readings.set_count(&name::CONCERNS, &[kind], count(many));
            readings.set(&name::CONCERNS_OLDEST, &[kind], oldest);
        }
        for step in (Step::WORDS.iter().map(|(word, _)| *word)).chain([UNKNOWN]) {
            readings.set_count(&name::OPEN_CHANGES, &[step], count(self.steps.get(step)));
        }
        readings.set(&name::CENSUS, &[], seconds_of(at.timestamp_millis()));
        for one in &self.each {
            let word = |word: &Option<String>| word.clone().unwrap_or_else(|| UNKNOWN.to_owned());
            let (edition, action) = (word(&one.edition), word(&one.action));
            let labels = [one.workspace.as_str(), &one.id, &edition, &action];
            let expires = seconds_of(one.expires_at_ms);
            readings.set(&name::INSTANCE_EXPIRY, &labels, expires);
        }
    }
}

impl Figures {
    /// Sets whether each instance gets a gauge of its own, from the next count on.
    pub fn name_each(&self, each: bool) {
        self.per_instance.store(each, Ordering::Relaxed);
    }

    /// `per_instance` gives each instance a gauge of its own.
    pub fn new(warden: Warden, per_instance: bool) -> Self {
        Self {
            warden,
            per_instance: AtomicBool::new(per_instance),
            count: Mutex::default(),
        }
    }

    /// The gauges as of now, with the last complete count.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn read(&self, link: ChatLink) -> StoreResult<Readings> {
        let now = self.warden.now();
        let store = self.warden.store();
        let mut readings = Readings::default();
        {
            let mut count = self.count.lock().await;
            // The first count runs to its end: without it, missing values would look like zeros.
            loop {
                let terms = CensusTerms {
                    now,
                    part: PART,
                    each: self.per_instance.load(Ordering::Relaxed),
                };
                let part = store.system().census(&count.at, terms).await?;
                count.add(part, now);
                if let Some((census, at)) = &count.complete {
                    census.measure(*at, now, &mut readings);
                    break;
                }
            }
        }
        measure(&store.system().gauges().await?, now, &mut readings);
        let (raised, resting) = store.system().notices().await?;
        readings.set_count(&name::NOTICES, &["raised"], raised);
        readings.set_count(&name::NOTICES, &["suppressed"], resting);
        let due = store.system().next_due(&Served::All).await?;
        readings.set(&name::SCHEDULE_LAG, &[], age(due, now));
        readings.set_count(&name::GATEWAY_UP, &[], u64::from(link.is_up));
        readings.set_count(&name::STANDS_BY, &[], u64::from(link.stands_by));
        for (kind, many) in store.failures() {
            readings.set_count(&name::DATABASE_ERRORS, &[kind], many);
        }
        readings.set_distribution(&name::COMMIT_GROUP, self.groups());
        let version = env!("WARDEN_VERSION");
        let (version, build) = version.split_once(' ').unwrap_or((version, ""));
        let build = build.trim_matches(['(', ')']);
        readings.set(&name::BUILD_INFO, &[version, build], 1.0);
        Ok(readings)
    }

    fn groups(&self) -> Distribution {
        let (counts, served) = self.warden.store().commit_groups();
        Distribution::of(&GROUP_SIZES, &counts, served)
    }
}

fn measure(gauges: &Gauges, now: Timestamp, readings: &mut Readings) {
    readings.set_count(&name::OUTBOX_MESSAGES, &[], gauges.waiting);
    let moment = |at: Option<Timestamp>| at.map_or(0.0, |at| seconds_of(at.timestamp_millis()));
    for (metric, value) in [
        (&name::OUTBOX_AGE, age(gauges.oldest_due, now)),
        (&name::DECISIVE_AGE, age(gauges.oldest_decisive, now)),
        (&name::IMPORT_LAST, moment(gauges.last_import)),
        (&name::IMPORT_OLDEST, moment(gauges.oldest_import)),
    ] {
        readings.set(metric, &[], value);
    }
}

/// Seconds since a moment; 0 for none, or one in the future.
fn age(since: Option<Timestamp>, now: Timestamp) -> f64 {
    since.map_or(0.0, |since| seconds(now - since))
}

/// Milliseconds to seconds.
#[expect(
    clippy::cast_precision_loss,
    reason = "a double has room for every moment of the calendar"
)]
fn seconds_of(ms: i64) -> f64 {
    ms as f64 / 1_000.0
}
