//! When something is due next, as far as this process knows; and whether another one has written.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use sqlx::AnyPool;
use tokio::sync::Notify;

use super::postgres;
use crate::domain::Timestamp;

/// Tells the one who delivers that something is due sooner than they know, once the commit is done that says so.
#[derive(Debug, Clone)]
pub struct Alarm {
    inner: Arc<AlarmInner>,
}

#[derive(Debug)]
struct AlarmInner {
    /// When the one who delivers looks next anyway; later than all time while that is not known.
    next_ms: Mutex<i64>,
    sooner: Notify,
    elsewhere: Elsewhere,
}

/// Where others may write that this process does not hear of.
#[derive(Debug)]
enum Elsewhere {
    Nowhere,
    File(Files),
    Server(Server),
}

impl Alarm {
    /// Of a database that nobody else writes to.
    pub(super) fn alone() -> Self {
        Self::with(Elsewhere::Nowhere)
    }

    /// Of a file that other processes may write to.
    pub(super) fn of_file(path: &Path, writer: AnyPool) -> Self {
        Self::with(Elsewhere::File(Files::of(path, writer)))
    }

    /// Of a database on a server.
    pub(super) fn of_server(reader: AnyPool) -> Self {
        Self::with(Elsewhere::Server(Server {
            reader,
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

    /// Something is due at a moment: rings if that is sooner than is known.
    pub(super) fn due_at(&self, at_ms: i64) {
        let mut next_ms = self.lock();
        if at_ms < *next_ms {
            *next_ms = at_ms;
            self.inner.sooner.notify_one();
        }
    }

    /// Has the one who delivers look at once, whatever they know.
    pub fn ring(&self) {
        *self.lock() = i64::MIN;
        self.inner.sooner.notify_one();
    }

    /// When the one who delivers is to look next, as far as commits have said; `None` while they look.
    pub fn next(&self) -> Option<Timestamp> {
        let next_ms = *self.lock();
        let at = Timestamp::from_timestamp_millis(next_ms);
        (next_ms != i64::MAX).then(|| at.unwrap_or(Timestamp::MIN_UTC))
    }

    /// To be called before looking for what is due: whatever is committed from here on rings.
    pub fn looking(&self) {
        *self.lock() = i64::MAX;
        // What has rung is seen by looking.
        let mut heard = std::pin::pin!(self.inner.sooner.notified());
        heard.as_mut().enable();
    }

    /// To be called after looking: what is due then needs no ring.
    pub fn next_is(&self, at: Timestamp) {
        let mut next_ms = self.lock();
        *next_ms = at.timestamp_millis().min(*next_ms);
    }

    /// Waits until something is due sooner than is known.
    pub async fn rung(&self) {
        self.inner.sooner.notified().await;
    }

    /// Whether another process may have written since this was asked last; asking costs next to nothing where nobody has.
    pub async fn written_elsewhere(&self) -> bool {
        match &self.inner.elsewhere {
            Elsewhere::Nowhere => false,
            Elsewhere::File(files) => files.written_elsewhere().await,
            Elsewhere::Server(server) => server.written().await,
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, i64> {
        let locked = self.inner.next_ms.lock();
        locked.unwrap_or_else(PoisonError::into_inner)
    }
}

/// Says how often others have committed, as the connection sees it that asks. It does not count what it wrote itself.
const VERSION: &str = "PRAGMA data_version";

/// A database on a server, where what this process wrote itself cannot be told from the rest.
#[derive(Debug)]
struct Server {
    reader: AnyPool,
    seen: Mutex<Option<String>>,
}

impl Server {
    async fn written(&self) -> bool {
        let now = postgres::snapshot(&self.reader).await;
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = now.is_none() || *seen != now;
        *seen = now;
        is_new
    }
}

/// The files of a database. That they were written to is seen without asking the database.
#[derive(Debug)]
struct Files {
    paths: [PathBuf; 2],
    writer: AnyPool,
    seen: Mutex<FileStamps>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct FileStamps {
    /// When each was last written to, and how long it was.
    stamps: [Option<(SystemTime, u64)>; 2],
    /// They were written to just now: what is written in the same breath has the same time.
    fresh: bool,
    /// How often others have committed.
    version: Option<i64>,
}

impl Files {
    fn of(path: &Path, writer: AnyPool) -> Self {
        let mut ahead = path.as_os_str().to_owned();
        ahead.push("-wal");
        Self {
            paths: [path.to_owned(), ahead.into()],
            writer,
            seen: Mutex::default(),
        }
    }

    async fn written_elsewhere(&self) -> bool {
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
        // Where that cannot be told, it is looked.
        version.is_none() || version != before.version
    }

    /// Waits its turn: as long as this process writes, no other one does.
    async fn version(&self) -> Option<i64> {
        let mut connection = self.writer.acquire().await.ok()?;
        let version = sqlx::query_scalar(VERSION).fetch_one(&mut *connection);
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

    /// Whether it has rung since this was asked last.
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

    #[tokio::test]
    async fn what_another_process_writes_is_noticed_and_what_this_one_writes_is_not() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("warden.db");
        let (ours, theirs) = (
            Store::open(&path).await.unwrap(),
            Store::open(&path).await.unwrap(),
        );
        async fn writes(store: &Store, to: i64) {
            let mut tx = store.write("w").await.unwrap();
            let due = Some(at(to));
            tx.set_due(&crate::store::ScheduleSubject::Digest, due)
                .await
                .unwrap();
            tx.commit().await.unwrap();
        }
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
        let turn = ours.write("w").await.unwrap();
        assert!(
            !ours.alarm().written_elsewhere().await,
            "nobody has written"
        );
        drop(turn);
        writes(&theirs, 99).await;
        assert!(ours.alarm().written_elsewhere().await);
    }
}
