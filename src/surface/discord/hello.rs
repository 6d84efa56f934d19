//! The heartbeat interval that the gateway names in each HELLO.
//!
//! When serenity resumes a session on another connection, it keeps the interval of the first HELLO and gives its user no access to
//! the new one. If that is shorter, a silent connection would be noticed too late. serenity logs each HELLO, so the interval is read
//! from there, and such a session is started again with the right interval.

use std::fmt::{Debug, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tracing::dispatcher::{self, Dispatch};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::{Interest, Subscriber};
use tracing::{Event, Level, Metadata};

/// Where serenity logs a HELLO.
const TARGET: &str = "serenity::gateway::shard";
/// The text that serenity logs before the interval in milliseconds.
const HELLO: &str = "Received a Hello; interval: ";

/// The heartbeat intervals of one connection, in milliseconds; 0 before the first HELLO.
#[derive(Debug, Default)]
pub(super) struct HeartbeatIntervals {
    /// The one of the last HELLO.
    named: AtomicU64,
    /// The one that serenity keeps to.
    kept: AtomicU64,
}

impl HeartbeatIntervals {
    /// Records that a session was started: serenity keeps to the interval of its HELLO.
    pub(super) fn started(&self) {
        let named = self.named.load(Ordering::Relaxed);
        self.kept.store(named, Ordering::Relaxed);
    }

    /// Whether the last HELLO asks for a heartbeat more often than serenity sends it.
    pub(super) fn is_shorter(&self) -> bool {
        self.named.load(Ordering::Relaxed) < self.kept.load(Ordering::Relaxed)
    }

    /// Runs the work of the current thread while reading what serenity logs there; everything logged goes on to the log.
    pub(super) fn reading<R>(self: Arc<Self>, work: impl FnOnce() -> R) -> R {
        let log = dispatcher::get_default(Dispatch::clone);
        let reader = HelloReader {
            log,
            intervals: self,
        };
        tracing::subscriber::with_default(reader, work)
    }
}

/// A subscriber in front of the log.
struct HelloReader {
    log: Dispatch,
    intervals: Arc<HeartbeatIntervals>,
}

/// Whether this can be the log event of a HELLO.
fn may_be_hello(said: &Metadata<'_>) -> bool {
    said.is_event() && said.target() == TARGET && *said.level() == Level::DEBUG
}

impl Subscriber for HelloReader {
    fn register_callsite(&self, said: &'static Metadata<'static>) -> Interest {
        let log = self.log.register_callsite(said);
        if may_be_hello(said) {
            Interest::sometimes()
        } else {
            log
        }
    }

    fn enabled(&self, said: &Metadata<'_>) -> bool {
        may_be_hello(said) || self.log.enabled(said)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        // The log gives its own hint.
        Some(LevelFilter::DEBUG)
    }

    fn event(&self, event: &Event<'_>) {
        let said = event.metadata();
        if may_be_hello(said) {
            event.record(&mut Hello(&self.intervals.named));
        }
        if !may_be_hello(said) || self.log.enabled(said) {
            self.log.event(event);
        }
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.log.new_span(span)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        self.log.record(span, values);
    }

    fn record_follows_from(&self, span: &Id, follows: &Id) {
        self.log.record_follows_from(span, follows);
    }

    fn enter(&self, span: &Id) {
        self.log.enter(span);
    }

    fn exit(&self, span: &Id) {
        self.log.exit(span);
    }

    fn clone_span(&self, id: &Id) -> Id {
        self.log.clone_span(id)
    }

    fn try_close(&self, id: Id) -> bool {
        self.log.try_close(id)
    }
}

/// Takes the interval from a HELLO's log event.
struct Hello<'a>(&'a AtomicU64);

impl Visit for Hello<'_> {
    fn record_debug(&mut self, _: &Field, value: &dyn Debug) {
        let mut line = String::new();
        let written = write!(line, "{value:?}");
        let interval = line
            .rsplit_once(HELLO)
            .map(|(_, interval)| interval.parse());
        if let (Ok(()), Some(Ok(interval))) = (written, interval) {
            self.0.store(interval, Ordering::Relaxed);
        }
    }
}
