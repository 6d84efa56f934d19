//! The console's output: replies, and posts as a chat.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rustyline::ExternalPrinter;
use tokio::sync::MutexGuard;

use super::{Format, json, pager};
use crate::delivery::{Chat, Outgoing, SendError, Sent};
use crate::domain::effect::PostKind;
use crate::domain::id::{ChannelId, WorkspaceId};
use crate::domain::outcome::Outcome;
use crate::render;

/// The number of recent posts that are recognised.
const REMEMBERED: usize = 1_000;

type Above = Box<dyn ExternalPrinter + Send>;

/// Standard output, shared by replies and delivery. Clones share it.
#[derive(Clone)]
pub struct Screen {
    inner: Arc<ScreenInner>,
}

struct ScreenInner {
    format: Format,
    line: tokio::sync::Mutex<()>,
    reply: tokio::sync::Mutex<()>,
    /// Workspace and nonce of each post in this session.
    posted: Mutex<VecDeque<(WorkspaceId, String)>>,
    /// The printer above the prompt, if there is one.
    above: Mutex<Option<Above>>,
    /// Whether the prompt is visible while a reply is written.
    prompting: AtomicBool,
    /// The posts that are due while the prompt opens; `None` once it is open.
    opening: Mutex<Option<OpeningPosts>>,
    /// Whether more lines of a paste wait, so that a pager would stop them.
    more_pasted: AtomicBool,
    interrupts: pager::Interrupts,
}

/// The posts that are due while the prompt opens.
#[derive(Debug, Default)]
struct OpeningPosts {
    /// The lines on the screen so far, without those of the reminders.
    lines: usize,
    /// The reminders, which wait until it is known how long they are together.
    reminders: Vec<String>,
    /// The instances that they are about.
    instances: usize,
}

impl Screen {
    /// Standard output in this format.
    pub fn new(format: Format) -> Self {
        let inner = ScreenInner {
            format,
            line: tokio::sync::Mutex::default(),
            reply: tokio::sync::Mutex::default(),
            posted: Mutex::default(),
            above: Mutex::default(),
            prompting: AtomicBool::new(false),
            opening: Mutex::default(),
            more_pasted: AtomicBool::new(false),
            interrupts: pager::Interrupts::default(),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    pub(super) fn format(&self) -> Format {
        self.inner.format
    }

    /// A lock held while a line is handled, and at shutdown, so that no further line starts.
    pub async fn line(&self) -> MutexGuard<'_, ()> {
        self.inner.line.lock().await
    }

    /// A lock held from a command until its reply is written, so that no post precedes the reply that caused it.
    pub(super) async fn reply(&self) -> MutexGuard<'_, ()> {
        self.inner.reply.lock().await
    }

    /// From here on reminders wait for [`Screen::opened`], on a terminal.
    pub(super) fn opens(&self) {
        *lock(&self.inner.opening) = self.columns().map(|_| OpeningPosts::default());
    }

    /// Shows the reminders that have waited; where they are longer than a screen with what was posted beside them, how many
    /// instances they are about: a list shows each.
    pub(super) fn opened(&self) -> io::Result<()> {
        let Some(opening) = lock(&self.inner.opening).take() else {
            return Ok(());
        };
        let lines: usize = opening
            .reminders
            .iter()
            .map(|text| text.lines().count())
            .sum();
        if pager::size().is_some_and(|size| size.rows < opening.lines + lines) && lines > 0 {
            let text = render::reminder::were_due(opening.instances);
            return self.tell_reader(&text);
        }
        opening
            .reminders
            .iter()
            .try_for_each(|text| self.write(text))
    }

    /// Takes a post while the prompt opens; whether it waits.
    fn waits(&self, message: &Outgoing, text: &str) -> bool {
        let mut opening = lock(&self.inner.opening);
        let Some(opening) = opening.as_mut() else {
            return false;
        };
        let text = self.shown(None, text);
        let waits = message.kind == PostKind::Reminder;
        if waits {
            opening.instances += message.instances.len();
            opening.reminders.push(text);
        } else {
            opening.lines += text.lines().count();
        }
        waits
    }

    /// Prints further posts above a prompt; `None` once there is none.
    pub(super) fn post_above(&self, printer: Option<Above>) {
        *lock(&self.inner.above) = printer;
    }

    /// Whether replies go above the prompt too, because it is visible already.
    pub(super) fn above_prompt(&self, yes: bool) {
        self.inner.prompting.store(yes, Ordering::SeqCst);
    }

    /// Whether more lines of a paste wait for their turn: then no reply is paged.
    pub(super) fn more_is_pasted(&self, yes: bool) {
        self.inner.more_pasted.store(yes, Ordering::SeqCst);
    }

    /// Whether an interrupt just heard is the pager's, so that the session goes on.
    pub(super) fn interrupt_is_of_pager(&self) -> bool {
        self.inner.interrupts.is_of_pager()
    }

    /// The width of the terminal; `None` if there is none, or the format is not text.
    pub(super) fn columns(&self) -> Option<usize> {
        let size = pager::size().filter(|_| self.inner.format == Format::Text);
        size.map(|size| size.columns)
    }

    /// Writes a reply, wrapped to the terminal's width, and paged if it is longer than the screen.
    pub(super) fn write_reply(&self, outcome: Outcome, text: &str) -> io::Result<()> {
        let text = self.shown(Some(outcome), text);
        let waits = |flag: &AtomicBool| flag.load(Ordering::SeqCst);
        let pages = !waits(&self.inner.prompting) && !waits(&self.inner.more_pasted);
        match pager::size().filter(|_| pages) {
            Some(size) if pager::page(&text, size, &self.inner.interrupts) => Ok(()),
            _ => self.write(&text),
        }
    }

    /// Writes a message that is not a reply.
    pub(super) fn tell_reader(&self, text: &str) -> io::Result<()> {
        self.write(&self.shown(None, text))
    }

    /// A text as displayed: coloured and wrapped on a terminal only.
    fn shown(&self, outcome: Option<Outcome>, text: &str) -> String {
        let text = match pager::is_plain() {
            true => text.to_owned(),
            false => pager::coloured(outcome, text),
        };
        match self.columns() {
            Some(columns) => render::wrapped(&text, columns),
            None => text,
        }
    }

    /// Writes a question, behind which its answer is typed.
    pub(super) fn write_question(&self, question: &str) -> io::Result<()> {
        let mut out = anstream::stdout().lock();
        write!(out, "{question}")?;
        out.flush()
    }

    pub(super) fn write(&self, text: &str) -> io::Result<()> {
        if self.inner.prompting.load(Ordering::SeqCst)
            && let Some(printer) = &mut *lock(&self.inner.above)
        {
            return printer.print(format!("{text}\n")).map_err(io::Error::other);
        }
        // Colours only on a terminal and without NO_COLOR: otherwise the stream removes them.
        let mut out = anstream::stdout().lock();
        writeln!(out, "{text}")?;
        out.flush()
    }

    fn write_post(&self, text: &str) -> io::Result<()> {
        let text = match self.inner.format {
            Format::Text => self.shown(None, text),
            Format::Json => text.to_owned(),
        };
        match &mut *lock(&self.inner.above) {
            Some(printer) => printer.print(format!("{text}\n")).map_err(io::Error::other),
            None => self.write(&text),
        }
    }

    fn remember(&self, message: &Outgoing) {
        let mut posted = lock(&self.inner.posted);
        posted.push_back((message.workspace.clone(), message.nonce.clone()));
        if posted.len() > REMEMBERED {
            posted.pop_front();
        }
    }

    fn forget_last(&self) {
        lock(&self.inner.posted).pop_back();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Chat for Screen {
    async fn send(&self, message: &Outgoing) -> Result<Sent, SendError> {
        let text = match self.inner.format {
            Format::Json => json::post(message),
            Format::Text => {
                let Outgoing {
                    channel,
                    kind,
                    mentions,
                    text,
                    ..
                } = message;
                render::post::framed(channel, *kind, mentions, text)
            }
        };
        let replied = self.inner.reply.lock().await;
        self.remember(message);
        if self.waits(message, &text) {
            return Ok(Sent {
                message: message.nonce.clone(),
            });
        }
        let screen = self.clone();
        // The prompt prints a post when it is ready; replies do not wait for that.
        let above = lock(&self.inner.above).is_some();
        let written = if above {
            drop(replied);
            let writing = tokio::task::spawn_blocking(move || screen.write_post(&text));
            writing
                .await
                .unwrap_or_else(|error| Err(io::Error::other(error)))
        } else {
            screen.write_post(&text)
        };
        match written {
            Ok(()) => Ok(Sent {
                message: message.nonce.clone(),
            }),
            Err(error) => {
                self.forget_last();
                Err(SendError::later(error.to_string()))
            }
        }
    }

    async fn find(
        &self,
        workspace: &WorkspaceId,
        _: &ChannelId,
        nonce: &str,
    ) -> Result<Option<Sent>, SendError> {
        let posted = lock(&self.inner.posted);
        let known = posted
            .iter()
            .any(|(of, known)| of == workspace && known == nonce);
        Ok(known.then(|| Sent {
            message: nonce.to_owned(),
        }))
    }
}
