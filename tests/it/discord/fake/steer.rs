//! How a test makes things go wrong.

use std::time::Duration;

use serde_json::{Value, json};

use super::FakeDiscord;
use super::faults::{Fault, Target};
use super::gateway::Out;
use super::world::Shared;

/// What goes wrong with requests.
#[derive(Debug)]
pub(crate) struct Requests(Shared);

/// What goes wrong with the gateway.
#[derive(Debug)]
pub(crate) struct Connections(Shared);

impl FakeDiscord {
    pub(crate) fn faults(&self) -> Requests {
        Requests(self.shared.clone())
    }

    pub(crate) fn gateway(&self) -> Connections {
        Connections(self.shared.clone())
    }

    /// Switches the privileged intents in the developer portal.
    pub(crate) fn portal_allows(&self, privileged: u64) {
        self.shared
            .touch(|world| world.options.privileged = privileged);
    }

    /// The token is reset: what the bot holds is worth nothing any more.
    pub(crate) fn resets_token(&self, token: &str) {
        self.shared
            .touch(|world| world.options.token = token.to_owned());
    }
}

impl Requests {
    pub(crate) fn next_message_posts(&self, times: u32, fault: Fault) {
        self.next("POST /channels/*/messages", times, fault);
    }

    /// `PATCH /channels/*/messages/*`: the method, and the path below `/api/v10` with a star for what may be anything.
    pub(crate) fn next(&self, route: &'static str, times: u32, fault: Fault) {
        self.add(Target::Route(route), fault, Some(times));
    }

    /// Every request of a route until [`Requests::clear`].
    pub(crate) fn every(&self, route: &'static str, fault: Fault) {
        self.add(Target::Route(route), fault, None);
    }

    /// Every request of any route until [`Requests::clear`]: Discord is down.
    pub(crate) fn all(&self, fault: Fault) {
        self.add(Target::All, fault, None);
    }

    pub(crate) fn clear(&self) {
        self.0.touch(|world| {
            world.say("--- requests succeed again ---");
            world.faults.clear();
        });
    }

    fn add(&self, target: Target, fault: Fault, times: Option<u32>) {
        self.0.touch(|world| {
            world.say(format!("--- {fault:?} for {target:?}, {times:?} times ---"));
            world.faults.add(target, fault, times);
        });
    }
}

impl Connections {
    fn all(&self, out: &Out) {
        self.0.touch(|world| {
            world.say(format!("--- every connection: {out:?} ---"));
            for link in world.gateway.links.values() {
                let _ = link.sender.send(out.clone());
            }
        });
    }

    /// Closes every connection with a code: 4000, 4004, 4014…
    pub(crate) fn close(&self, code: u16) {
        self.all(&Out::Close(code, "as the test has it"));
    }

    /// The sockets are gone without a word.
    pub(crate) fn cut(&self) {
        self.all(&Out::Cut);
    }

    /// The connections stay open, but nothing is heard or said on them any more.
    pub(crate) fn zombie(&self) {
        self.all(&Out::Die);
    }

    /// The heartbeat's interval on later connections.
    pub(crate) fn hello_names(&self, interval: Duration) {
        self.0
            .touch(|world| world.options.heartbeat_interval = interval);
    }

    /// Asks every client to reconnect and resume.
    pub(crate) fn reconnect(&self) {
        self.all(&Out::Frame(
            json!({ "op": 7, "d": null, "s": null, "t": null }),
        ));
    }

    /// The sessions are invalid; `resumable` says whether they may be taken up again all the same.
    pub(crate) fn invalid_session(&self, resumable: bool) {
        if !resumable {
            self.forget_sessions();
        }
        self.all(&Out::Frame(
            json!({ "op": 9, "d": resumable, "s": null, "t": null }),
        ));
    }

    /// What was missed so far will never be replayed.
    pub(crate) fn forget_sessions(&self) {
        self.0.touch(|world| {
            world.gateway.sessions.clear();
            for link in world.gateway.links.values_mut() {
                link.session = None;
            }
        });
    }

    /// Whether each event comes twice from now on.
    pub(crate) fn doubles(&self, twice: bool) {
        self.0.touch(|world| world.gateway.twice = twice);
    }

    /// Keeps events back until [`Connections::releases_reversed`].
    pub(crate) fn holds(&self) {
        self.0.touch(|world| world.gateway.held = Some(Vec::new()));
    }

    /// Sends what was kept back, the latest first.
    pub(crate) fn releases_reversed(&self) {
        self.0.touch(|world| {
            let held = world.gateway.held.take().unwrap_or_default();
            for event in held.into_iter().rev() {
                world.emit_event(event);
            }
        });
    }

    /// Sends any event at all, also one that nobody knows.
    pub(crate) fn sends(&self, name: &str, data: Value) {
        self.0.touch(|world| world.emit(name, 0, data));
    }

    /// The list of servers that begins a session comes once more, as if it had been made before any of them.
    pub(crate) fn lists_no_server(&self) {
        self.0.touch(|world| {
            let session = world.gateway.sessions.keys().next().cloned().unwrap();
            let mut ready = world.ready_json(&session, &Value::Null);
            ready["guilds"] = json!([]);
            world.emit("READY", 0, ready);
        });
    }

    pub(crate) fn identifies(&self) -> Vec<Value> {
        self.0.look(|world| world.gateway.identifies.clone())
    }

    pub(crate) fn resumes(&self) -> Vec<Value> {
        self.0.look(|world| world.gateway.resumes.clone())
    }

    /// How many connections are open.
    pub(crate) fn open(&self) -> usize {
        self.0.look(|world| world.gateway.links.len())
    }
}
