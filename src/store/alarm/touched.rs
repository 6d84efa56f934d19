//! Tells when files of a directory are written, so that nobody has to look for it again and again. On Linux only.

use std::io::{self, ErrorKind};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};
use tokio::net::unix::pipe::Receiver;

/// The watched events of a directory: writes to its files, and files created, deleted or moved. Writes through shared memory cause
/// no events.
const TOLD: AddWatchFlags = AddWatchFlags::IN_MODIFY
    .union(AddWatchFlags::IN_CREATE)
    .union(AddWatchFlags::IN_DELETE)
    .union(AddWatchFlags::IN_MOVE)
    .union(AddWatchFlags::IN_DELETE_SELF)
    .union(AddWatchFlags::IN_MOVE_SELF);

/// After one of these nothing more is told.
const LOST: AddWatchFlags = AddWatchFlags::IN_IGNORED.union(AddWatchFlags::IN_UNMOUNT);

/// A watch on the directory of a file.
#[derive(Debug)]
pub(super) struct FileWatch {
    told: Receiver,
    /// Whether something was told that nobody has taken.
    pending: AtomicBool,
    lost: AtomicBool,
}

impl FileWatch {
    /// Watches the directory of a file, and the one that it is a link into. Something counts as told from the start.
    ///
    /// # Errors
    /// Where the system cannot tell.
    pub(super) fn of(file: &Path) -> io::Result<Self> {
        let told = Inotify::init(InitFlags::IN_NONBLOCK | InitFlags::IN_CLOEXEC)?;
        for file in [file.to_owned(), file.canonicalize()?] {
            let directory = file.parent().filter(|it| !it.as_os_str().is_empty());
            told.add_watch(directory.unwrap_or(Path::new(".")), TOLD)?;
        }
        Ok(Self {
            told: Receiver::from_owned_fd_unchecked(OwnedFd::from(told))?,
            pending: AtomicBool::new(true),
            lost: AtomicBool::new(false),
        })
    }

    /// Whether it still tells of what is written.
    pub(super) fn is_watching(&self) -> bool {
        !self.lost.load(Ordering::Relaxed)
    }

    /// Whether anything was told since the last call.
    pub(super) fn take_pending(&self) -> bool {
        self.read();
        self.pending.swap(false, Ordering::Relaxed)
    }

    /// Waits until something is told that was not taken yet. Without end once nothing more is told.
    pub(super) async fn touched(&self) {
        while self.is_watching() {
            // Unread events would not be reported again.
            self.read();
            if self.pending.load(Ordering::Relaxed) {
                return;
            }
            if self.told.readable().await.is_err() {
                self.lost.store(true, Ordering::Relaxed);
            }
        }
        std::future::pending().await
    }

    fn read(&self) {
        let mut events = [0; 4_096];
        loop {
            match self.told.try_read(&mut events) {
                Ok(read @ 1..) => {
                    self.pending.store(true, Ordering::Relaxed);
                    if has_ended(events.get(..read).unwrap_or_default()) {
                        self.lost.store(true, Ordering::Relaxed);
                    }
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Ok(0) | Err(_) => {
                    self.lost.store(true, Ordering::Relaxed);
                    return;
                }
            }
        }
    }
}

/// Whether one of these events is the last that is told. An event is four numbers, of which the second says what happened and the
/// fourth how long the name is that follows.
fn has_ended(mut events: &[u8]) -> bool {
    while let Some((event, rest)) = events.split_first_chunk::<16>() {
        let [_, _, _, _, a, b, c, d, _, _, _, _, e, f, g, h] = *event;
        let what = AddWatchFlags::from_bits_truncate(u32::from_ne_bytes([a, b, c, d]));
        if what.intersects(LOST) {
            return true;
        }
        let name = usize::try_from(u32::from_ne_bytes([e, f, g, h]));
        events = name
            .ok()
            .and_then(|name| rest.get(name..))
            .unwrap_or_default();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_end_of_a_watch_is_known() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("warden.db");
        std::fs::write(&file, "").unwrap();
        let watch = FileWatch::of(&file).unwrap();
        assert!(watch.take_pending() && watch.is_watching());
        std::fs::write(directory.path().join("a-file-with-another-name"), "x").unwrap();
        watch.touched().await;
        assert!(watch.take_pending() && watch.is_watching());
        directory.close().unwrap();
        while watch.is_watching() {
            watch.touched().await;
            watch.take_pending();
        }
    }
}
