//! Deliberate faults.

use super::rest::Call;

/// What happens to a request instead of its answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Fault {
    /// An error of Discord's own, 500 to 504.
    Status(u16),
    /// Too many requests, of one route or of the bot as a whole.
    TooMany { retry_after: f64, global: bool },
    /// No answer, ever.
    Hang,
    /// The connection closes without an answer and nothing was done.
    Closed,
    /// It was done, but the connection closes before the answer: the sender cannot know.
    Lost,
}

/// Which requests a fault is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    All,
    /// `POST /channels/*/messages`
    Route(&'static str),
}

#[derive(Debug, Default)]
pub(crate) struct Faults {
    waiting: Vec<(Target, Fault, Option<u32>)>,
}

impl Faults {
    /// `times` of `None` lasts until [`Faults::clear`].
    pub(crate) fn add(&mut self, target: Target, fault: Fault, times: Option<u32>) {
        self.waiting.push((target, fault, times));
    }

    pub(crate) fn clear(&mut self) {
        self.waiting.clear();
    }

    /// The fault that this request meets, used up.
    pub(crate) fn take(&mut self, call: &Call) -> Option<Fault> {
        let at = self
            .waiting
            .iter()
            .position(|(target, ..)| target.hits(call))?;
        let (_, fault, times) = &mut self.waiting[at];
        let fault = *fault;
        if let Some(left) = times {
            *left -= 1;
            if *left == 0 {
                self.waiting.remove(at);
            }
        }
        Some(fault)
    }
}

impl Target {
    fn hits(&self, call: &Call) -> bool {
        let Self::Route(route) = self else {
            return true;
        };
        let Some((method, path)) = route.split_once(' ') else {
            return false;
        };
        let wanted: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        method == call.method
            && wanted.len() == call.path.len()
            && wanted
                .iter()
                .zip(&call.path)
                .all(|(wanted, part)| *wanted == "*" || wanted == part)
    }
}
