//! The alarm for delivery: the next due moment known to this process, and detection of commits by other processes.

#[cfg(target_os = "linux")]
mod touched;
#[cfg(not(target_os = "linux"))]
mod untold;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::SystemTime;

use tokio::sync::Notify;

use super::connections::Connections;
use super::postgres;
use crate::domain::Timestamp;
#[cfg(target_os = "linux")]
use touched::FileWatch;
#[cfg(not(target_os = "linux"))]
use untold::NoFileWatch as FileWatch;

/// Notifies delivery after a commit that makes something due sooner than delivery knows.
#[derive(Debug, Clone)]
pub struct Alarm {
    inner: Arc<AlarmInner>,
}

#[derive(Debug)]
struct AlarmInner {
    /// The moment of delivery's next look; the maximum while it is unknown.
    next_ms: Mutex<i64>,
    sooner: Notify,
    elsewhere: Elsewhere,
}

/// Possible writers outside this process.
#[derive(Debug)]
enum Elsewhere {
    Nowhere,
    File(Files),
    Server(AlarmServer),
}

impl Alarm {
    /// For a database without other writers.
    pub(super) fn alone() -> Self {
        Self::with(Elsewhere::Nowhere)
    }

    /// For a file that other processes may write to.
    pub(super) fn of_file(path: &Path, writer: Connections) -> Self {
        Self::with(Elsewhere::File(Files::of(path, writer)))
    }

    /// For a database on a server.
    pub(super) fn of_server(reader: Connections, ground: Arc<postgres::Ground>) -> Self {
        Self::with(Elsewhere::Server(AlarmServer {
            reader,
            ground,
            seen: Mutex::default(),
        }))
    }

    fn with(elsewhere: Elsewhere) -> Self {
        Self {
            inner: Arc::new(AlarmInner {
                next_ms: Mutex::new(i64::MAX),
                sooner: Notify::new(),
                elsewhere,
            }),
        }
    }

    /// Records a due moment; rings if it is sooner than the known one.
    pub(super) fn due_at(&self, at_ms: i64) {
        let mut next_ms = self.lock();
        if at_ms < *next_ms {
            *next_ms = at_ms;
            self.inner.sooner.notify_one();
        }
    }

    /// Makes delivery look at once, whatever it knows.
    pub fn ring(&self) {
        *self.lock() = i64::MIN;
        self.inner.sooner.notify_one();
    }

    /// The moment of delivery's next look, including later commits; `None` while it is looking.
    pub fn next(&self) -> Option<Timestamp> {
        let next_ms = *self.lock();
        let at = Timestamp::from_timestamp_millis(next_ms);
        (next_ms != i64::MAX).then(|| at.unwrap_or(Timestamp::MIN_UTC))
    }

    /// Called before a query for due work: every later commit rings.
    pub fn looking(&self) {
        *self.lock() = i64::MAX;
        // The query covers earlier rings.
        let mut heard = std::pin::pin!(self.inner.sooner.notified());
        heard.as_mut().enable();
    }

    /// Called after the query: work due at that moment needs no ring.
    pub fn next_is(&self, at: Timestamp) {
        let mut next_ms = self.lock();
        *next_ms = at.timestamp_millis().min(*next_ms);
    }

    /// Waits until something is due sooner than known.
    pub async fn rung(&self) {
        self.inner.sooner.notified().await;
    }

    /// Waits until a file of the database, or one beside it, was written to since the last [`Alarm::written_elsewhere`], also by
    /// this process. Without end where nobody tells.
    pub async fn touched(&self) {
        match self.watch() {
            Some(watch) => watch.touched().await,
            None => std::future::pending().await,
        }
    }

    /// Whether [`Alarm::touched`] tells of every write, so that nobody has to look for it.
    pub fn is_told(&self) -> bool {
        self.watch().is_some_and(FileWatch::is_watching)
    }

    fn watch(&self) -> Option<&FileWatch> {
        match &self.inner.elsewhere {
            Elsewhere::File(files) => files.watch(),
            Elsewhere::Nowhere | Elsewhere::Server(_) => None,
        }
    }

    /// Whether another process may have committed since the last call. Cheap if none has.
    pub async fn written_elsewhere(&self) -> bool {
        match &self.inner.elsewhere {
            Elsewhere::Nowhere => false,
            Elsewhere::File(files) => files.written_elsewhere().await,
            Elsewhere::Server(server) => {
                let now = postgres::snapshot(server.reader.pool()).await;
                if server.is_other(now.as_ref()) {
                    server.ground.check_now(server.reader.pool()).await;
                }
                let mut seen = server.seen.lock().unwrap_or_else(PoisonError::into_inner);
                let is_new = now.is_none() || *seen != now;
                *seen = now;
                is_new
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, i64> {
        let locked = self.inner.next_ms.lock();
        locked.unwrap_or_else(PoisonError::into_inner)
    }
}

/// The number of commits by others, as this connection sees it; its own writes are not counted.
const VERSION: &str = "PRAGMA data_version";

/// A database on a server, where own commits cannot be told from others.
#[derive(Debug)]
struct AlarmServer {
    reader: Connections,
    ground: Arc<postgres::Ground>,
    seen: Mutex<Option<String>>,
}

impl AlarmServer {
    /// Whether a state of the database is not the one that was seen last.
    fn is_other(&self, now: Option<&String>) -> bool {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        now.is_some() && seen.as_ref() != now
    }
}

/// The files of a database, whose modification is detected without a query.
#[derive(Debug)]
struct Files {
    paths: [PathBuf; 2],
    writer: Connections,
    seen: Mutex<FileStamps>,
    /// Begun by the first that waits; `None` where it cannot begin.
    watch: OnceLock<Option<FileWatch>>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct FileStamps {
    /// The modification time and length of each file.
    stamps: [Option<(SystemTime, u64)>; 2],
    /// Whether they were modified just now: a further write may have the same time.
    fresh: bool,
    /// The number of commits by others.
    version: Option<i64>,
}

impl Files {
    fn of(path: &Path, writer: Connections) -> Self {
        let mut ahead = path.as_os_str().to_owned();
        ahead.push("-wal");
        Self {
            paths: [path.to_owned(), ahead.into()],
            writer,
            seen: Mutex::default(),
            watch: OnceLock::new(),
        }
    }

    fn watch(&self) -> Option<&FileWatch> {
        let [path, _] = &self.paths;
        let begun = self.watch.get_or_init(|| match FileWatch::of(path) {
            Ok(watch) => Some(watch),
            Err(error) => {
                tracing::debug!(error = %error, "the system does not tell of writes: they are looked for");
                None
            }
        });
        begun.as_ref()
    }

    async fn written_elsewhere(&self) -> bool {
        if let Some(Some(watch)) = self.watch.get()
            && watch.is_watching()
        {
            return watch.take_pending() && self.has_new_version().await;
        }
        let before = *self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let stamps = [0, 1].map(|at| {
            let file = self.paths.get(at)?.metadata().ok()?;
            Some((file.modified().ok()?, file.len()))
        });
        let fresh = stamps != before.stamps;
        if !fresh && !before.fresh {
            return false;
        }
        let version = self.version().await;
        let now = FileStamps {
            stamps,
            fresh,
            version,
        };
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = now;
        // If the version is unknown, a look is needed.
        version.is_none() || version != before.version
    }

    async fn has_new_version(&self) -> bool {
        let version = self.version().await;
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = version.is_none() || version != seen.version;
        seen.version = version;
        is_new
    }

    /// Waits for the writer's connection: no other process writes while this one does.
    async fn version(&self) -> Option<i64> {
        let mut held = self.writer.acquire().await.ok()?;
        let version = sqlx::query_scalar(VERSION).fetch_one(held.connection().ok()?);
        version.await.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_timestamp_millis(ms).unwrap()
    }

    /// Whether it has rung since the last call.
    fn has_rung(alarm: &Alarm) -> bool {
        std::pin::pin!(alarm.inner.sooner.notified())
            .as_mut()
            .enable()
    }

    #[test]
    fn it_rings_for_what_is_due_sooner_than_is_known() {
        let alarm = Alarm::alone();
        alarm.looking();
        alarm.next_is(at(1_000));
        for (due, rings) in [
            (2_000, false),
            (1_000, false),
            (999, true),
            (999, false),
            (0, true),
        ] {
            alarm.due_at(due);
            assert_eq!(has_rung(&alarm), rings, "{due}");
        }
    }

    #[test]
    fn what_is_committed_while_it_is_looked_is_heard() {
        let alarm = Alarm::alone();
        alarm.due_at(5);
        alarm.looking();
        assert!(!has_rung(&alarm), "looking sees it");
        alarm.due_at(3_000);
        alarm.next_is(at(9_000));
        assert!(has_rung(&alarm));
        alarm.due_at(4_000);
        assert!(!has_rung(&alarm), "it is looked at 3,000 anyway");
    }

    /// Nobody looks at the files meanwhile: the system tells, also of a link's target.
    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn what_another_process_writes_is_told() {
        let directory = tempfile::tempdir().unwrap();
        let (path, link) = (
            directory.path().join("warden.db"),
            directory.path().join("links").join("warden.db"),
        );
        let theirs = Store::open(&path).await.unwrap();
        std::fs::create_dir(directory.path().join("links")).unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        for path in [path, link] {
            let ours = Store::open(&path).await.unwrap();
            let alarm = ours.alarm();
            assert!(alarm.is_told());
            for turn in 1..4 {
                while alarm.written_elsewhere().await {}
                let mut touched = std::pin::pin!(alarm.touched());
                tokio::select! {
                    biased;
                    () = &mut touched => panic!("nobody has written"),
                    () = std::future::ready(()) => {}
                }
                writes(&theirs, turn).await;
                let told = tokio::time::timeout(std::time::Duration::from_secs(20), touched);
                told.await.unwrap();
                // Told again and again, until it is taken.
                alarm.touched().await;
                assert!(alarm.written_elsewhere().await);
            }
        }
    }

    async fn writes(store: &Store, to: i64) {
        let mut tx = store.write(&"w".into()).await.unwrap();
        let due = Some(at(to));
        tx.set_due(&crate::store::ScheduleSubject::Digest, due)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    #[tokio::test]
    async fn what_another_process_writes_is_noticed_and_what_this_one_writes_is_not() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("warden.db");
        let (ours, theirs) = (
            Store::open(&path).await.unwrap(),
            Store::open(&path).await.unwrap(),
        );
        writes(&ours, 1).await;
        while ours.alarm().written_elsewhere().await {}
        for turn in 2..5 {
            writes(&ours, turn * 10).await;
            assert!(!ours.alarm().written_elsewhere().await);
            assert!(!ours.alarm().written_elsewhere().await);
            writes(&theirs, turn * 10 + 1).await;
            assert!(ours.alarm().written_elsewhere().await);
        }
        assert!(!ours.alarm().written_elsewhere().await);
        let turn = ours.write(&"w".into()).await.unwrap();
        assert!(
            !ours.alarm().written_elsewhere().await,
            "nobody has written"
        );
        drop(turn);
        writes(&theirs, 99).await;
        assert!(ours.alarm().written_elsewhere().await);
    }
}
