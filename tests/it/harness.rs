//! Speaks like people do: in process, on a real in-memory database and a manual clock.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use edition_warden::answer::{Reply, UserError};
use edition_warden::app::{Actor, ImportSource, LOCAL_WORKSPACE, Role, Settings, Warden};
use edition_warden::clock::Clock;
use edition_warden::command::{Command, parse_line};
use edition_warden::delivery::{Chat, Delivery, DeliveryOptions, Outgoing, SendError, Sent};
use edition_warden::domain::Timestamp;
use edition_warden::domain::id::{ChannelId, Person, RoleId, WorkspaceId};
use edition_warden::domain::place::DatabasePlace;
use edition_warden::domain::reminder::Cadence;
use edition_warden::domain::setting::Overrides;
use edition_warden::domain::span::parse_span;
use edition_warden::domain::team::{Channels, Limits, Policy, Team};
use edition_warden::render::{self, Reader};
use edition_warden::store::{ContextQuery, Served, Store, Tx};

use crate::server;

pub(crate) const ORDERS: &str = "MQ_INST_1080056302921134_BXuIbML7";
pub(crate) const STOCK: &str = "MQ_INST_1080056302921134_CYvJcNM8";

/// A new database: in memory, or on the server that tests are given.
pub(crate) async fn new_store() -> Store {
    match server::new_database().await {
        Some(address) => Store::open_at(&DatabasePlace::parse(&address).unwrap()).await,
        None => Store::in_memory().await,
    }
    .unwrap()
}

/// Where a database is for several who work with it: a file that does not exist yet, or a new database on the server that
/// tests are given.
pub(crate) async fn new_place(directory: &Path) -> DatabasePlace {
    let address = server::new_database().await;
    let file = || directory.join("warden.db").display().to_string();
    DatabasePlace::parse(&address.unwrap_or_else(file)).unwrap()
}

/// The number that the next notice gets.
pub(crate) async fn next_notice(tx: &mut Tx) -> u64 {
    let of_none = ContextQuery {
        instance: None,
        of: Timestamp::UNIX_EPOCH,
        raised: 0,
        events: 0,
        likeness: "",
        since: Timestamp::UNIX_EPOCH,
        words: &[],
    };
    tx.notice_context(of_none).await.unwrap().number
}

/// A place where people talk to the bot.
pub(crate) struct Room {
    pub(crate) warden: Warden,
    pub(crate) store: Store,
    pub(crate) clock: Arc<Clock>,
    transcript: String,
    /// Where a team's room hears what the bot says unprompted.
    delivery: Option<Delivery<Ears>>,
    ears: Ears,
    /// What was said unprompted.
    posts: Vec<Outgoing>,
}

/// A chat that hears everything.
#[derive(Clone, Default)]
pub(crate) struct Ears(Arc<Mutex<Vec<Outgoing>>>, Arc<AtomicBool>);

impl Chat for Ears {
    async fn send(&self, message: &Outgoing) -> Result<Sent, SendError> {
        if self.1.load(Ordering::SeqCst) {
            return Err(SendError::Later {
                retry_after: None,
                reason: "503".to_owned(),
            });
        }
        self.0.lock().unwrap().push(message.clone());
        Ok(Sent {
            message: message.nonce.clone(),
        })
    }

    async fn find(
        &self,
        _: &WorkspaceId,
        _: &ChannelId,
        _: &str,
    ) -> Result<Option<Sent>, SendError> {
        Ok(None)
    }
}

/// What came back, as a script would see it.
#[derive(Debug)]
pub(crate) struct Heard {
    pub(crate) outcome: &'static str,
    pub(crate) rules: Vec<&'static str>,
    pub(crate) change: Option<u64>,
    pub(crate) text: String,
}

pub(crate) fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A team that is called by a role of its name.
fn called(role: &str) -> Team {
    Team {
        mention: Some(RoleId::stored(role)),
        ..Team::default()
    }
}

/// No quiet hours, in the zone of the room.
fn cadence() -> Cadence {
    Cadence {
        zone: chrono_tz::Asia::Shanghai,
        ..Cadence::default()
    }
}

/// What a hint leaves open stands in brackets: a shell would run the first word, and hand it to the second.
pub(crate) fn refuse_open_pipes(text: &str) {
    let hints = text.split('`').skip(1).step_by(2);
    for hint in hints.filter(|hint| !hint.contains(['[', '\n'])) {
        let mut rest = hint.to_owned();
        while let Some((before, behind)) = rest.split_once('<') {
            let after = behind.split_once('>').map_or("", |(_, after)| after);
            rest = format!("{before}{after}");
        }
        assert!(!rest.contains('|'), "`{hint}` in:\n{text}");
    }
}

impl Room {
    /// Midnight UTC of 2026-01-01, nothing stored.
    pub(crate) async fn open() -> Self {
        let store = new_store().await;
        Self::on(store)
    }

    /// As [`Room::of_team`], of a team that nobody has described.
    pub(crate) async fn of_nobody_called() -> Self {
        let mut room = Self::of_team().await;
        let settings = Settings {
            teams: BTreeMap::new(),
            ..(*room.warden.settings()).clone()
        };
        let clock = Arc::clone(&room.clock);
        room.warden = Warden::new(room.store.clone(), clock, Arc::new(settings));
        room.listening()
    }

    /// As [`Room::open`], hearing what the bot says unprompted.
    pub(crate) async fn alone() -> Self {
        Self::open().await.listening()
    }

    /// As [`Room::alone`], asking for as many people as a team does.
    pub(crate) async fn alone_as_a_team() -> Self {
        let policy = Policy::default();
        Self::with(new_store().await, policy.clone(), Some(policy), cadence()).listening()
    }

    /// As [`Room::open`], where a team's policy is in force.
    pub(crate) async fn of_team() -> Self {
        Self::of_team_on(new_store().await)
    }

    pub(crate) fn of_team_on(store: Store) -> Self {
        Self::with(store, Policy::default(), None, cadence()).listening()
    }

    /// As [`Room::of_team`], with what a chat with buttons shows.
    pub(crate) async fn with_cards() -> Self {
        let mut room = Self::of_team().await;
        let settings = Settings {
            cards: true,
            clockface: edition_warden::render::Clockface::Marked,
            ..(*room.warden.settings()).clone()
        };
        let clock = Arc::clone(&room.clock);
        room.warden = Warden::new(room.store.clone(), clock, Arc::new(settings));
        room.listening()
    }

    /// As [`Room::of_team`], of a team with hours of its own.
    pub(crate) async fn of_team_with(cadence: Cadence) -> Self {
        let store = new_store().await;
        Self::with(store, Policy::default(), None, cadence).listening()
    }

    /// Sets the clock, also back, as an administrator might: a warden that starts again on the same database.
    pub(crate) fn set_clock(mut self, to: &str) -> Self {
        self.clock = Arc::new(Clock::manual(instant(to)));
        let settings = self.warden.settings();
        self.warden = Warden::new(self.store.clone(), Arc::clone(&self.clock), settings);
        let _ = writeln!(self.transcript, "--- the clock is set to {to} ---\n");
        self.listening()
    }

    /// From now on nothing is delivered: what is measured then is the decision alone.
    pub(crate) fn undelivered(mut self) -> Self {
        self.delivery = None;
        self
    }

    /// Delivers as one of several processes: the one that takes the lease sees that the clock was wrong before.
    pub(crate) fn shared(mut self) -> Self {
        let (warden, ears) = (self.warden.clone(), self.ears.clone());
        let options = DeliveryOptions::default();
        self.delivery = Some(Delivery::leased(warden, ears, options, Served::All));
        self
    }

    fn listening(mut self) -> Self {
        let room = &mut self;
        let terms = DeliveryOptions {
            side_by_side: 1,
            ..DeliveryOptions::default()
        };
        room.delivery = Some(Delivery::alone(
            room.warden.clone(),
            room.ears.clone(),
            terms,
        ));
        self
    }

    pub(crate) fn on(store: Store) -> Self {
        let policy = Policy::alone(Limits::default());
        Self::with(store, policy.clone(), Some(policy), cadence())
    }

    fn with(store: Store, policy: Policy, at_prompt: Option<Policy>, cadence: Cadence) -> Self {
        let clock = Arc::new(Clock::manual(instant("2026-01-01T00:00:00Z")));
        let settings = Settings {
            vendor_zone: chrono_tz::Asia::Shanghai,
            policy,
            at_prompt,
            is_alone: false,
            reader_zone: chrono_tz::Asia::Shanghai,
            cadence,
            channels: Channels::default(),
            import_stale_after: Some(chrono::TimeDelta::days(3)),
            teams: ["payments", "search"]
                .map(|team| (team.parse().unwrap(), called(team)))
                .into(),
            audit_key: None,
            retention: Default::default(),
            wordings: edition_warden::config::Config::load(None, [])
                .unwrap()
                .wordings,
            own: Overrides::default(),
            cards: false,
            clockface: edition_warden::render::Clockface::Written,
        };
        let warden = Warden::new(store.clone(), Arc::clone(&clock), Arc::new(settings));
        Self {
            warden,
            store,
            clock,
            transcript: String::new(),
            delivery: None,
            ears: Ears::default(),
            posts: Vec::new(),
        }
    }

    /// Moves the clock forward; nobody sleeps.
    pub(crate) fn advance(&mut self, span: &str) {
        let span = parse_span(span).unwrap();
        self.clock.advance_to(self.clock.now() + span).unwrap();
        let _ = writeln!(
            self.transcript,
            "--- {} ---",
            render::rfc3339(self.clock.now())
        );
    }

    /// From now on the chat takes nothing, or works again.
    pub(crate) fn chat_is_down(&mut self, down: bool) {
        self.ears.1.store(down, Ordering::SeqCst);
        let state = if down { "down" } else { "back" };
        let _ = writeln!(self.transcript, "--- the chat is {state} ---\n");
    }

    /// As [`Room::advance`], hearing on the way what the bot says unprompted.
    pub(crate) async fn passes(&mut self, span: &str) {
        let to = self.clock.now() + parse_span(span).unwrap();
        let delivery = self.delivery.clone().unwrap();
        delivery.travel(&self.clock, to).await.unwrap();
        self.listen();
        let _ = writeln!(self.transcript, "--- {} ---\n", render::rfc3339(to));
    }

    /// Takes what was said unprompted into the transcript.
    fn listen(&mut self) {
        for post in std::mem::take(&mut *self.ears.0.lock().unwrap()) {
            let at = render::rfc3339(post.at);
            let framed = render::post::framed(&post.channel, post.kind, &post.mentions, &post.text);
            refuse_open_pipes(&framed);
            let _ = writeln!(self.transcript, "{at}\n{framed}\n");
            self.posts.push(post);
        }
    }

    pub(crate) async fn says(&mut self, who: &str, line: &str) -> Heard {
        self.says_in(LOCAL_WORKSPACE, who, line).await
    }

    /// As an admin of any workspace.
    pub(crate) async fn says_in(&mut self, workspace: &str, who: &str, line: &str) -> Heard {
        let actor = Actor {
            person: Person::named(who),
            workspace: workspace.into(),
            roles: vec![Role::Admin],
            ..Actor::local(who)
        };
        self.says_as(&actor, line).await
    }

    /// As anybody: `bob approver team:payments`, the way the sandbox's `:as` has it.
    pub(crate) async fn as_says(&mut self, who: &str, line: &str) -> Heard {
        let mut actor = Actor::sandbox("nobody");
        actor.speak_as(who).unwrap();
        self.says_as(&actor, line).await
    }

    /// As [`Room::says`], where nothing that is due is carried out.
    pub(crate) async fn warden_says(&mut self, who: &str, line: &str) -> Heard {
        let actor = Actor {
            roles: vec![Role::Admin],
            ..Actor::local(who)
        };
        let reply = self.warden.handle(&actor, &parse_line(line).unwrap()).await;
        self.hear(who, line, &reply)
    }

    pub(crate) async fn says_as(&mut self, actor: &Actor, line: &str) -> Heard {
        let who = actor.person.name.to_string();
        let reply = match parse_line(line) {
            Ok(command) => self.warden.handle(actor, &command).await,
            Err(error) => self.warden.misunderstood(UserError::Parse(error)),
        };
        let heard = self.hear(&who, line, &reply);
        if let Some(delivery) = self.delivery.clone() {
            delivery.pass().await.unwrap();
            self.listen();
        }
        heard
    }

    /// Imports what a file holds, with the rest of the line as options.
    pub(crate) async fn imports(&mut self, options: &str, bytes: &str) -> Heard {
        let actor = Actor::local("alice");
        self.imports_as(&actor, options, bytes).await
    }

    /// A person hands a file in.
    pub(crate) async fn hands_in(&mut self, who: &str, options: &str, bytes: &str) -> Heard {
        let mut actor = Actor::sandbox("nobody");
        actor.speak_as(who).unwrap();
        self.imports_as(&actor, options, bytes).await
    }

    async fn imports_as(&mut self, actor: &Actor, options: &str, bytes: &str) -> Heard {
        let line = format!("import list.csv {options}");
        let Ok(Command::Import(request)) = parse_line(line.trim()) else {
            panic!("`{line}` is no import");
        };
        let source = ImportSource {
            label: "list.csv".to_owned(),
            bytes: bytes.as_bytes().to_vec(),
            modified: None,
        };
        let reply = self.warden.import(actor, &request, &source).await;
        let who = actor.person.name.to_string();
        self.hear(&who, &line, &reply)
    }

    /// What a reply sounds like.
    pub(crate) fn hear(&mut self, who: &str, line: &str, reply: &Reply) -> Heard {
        let reader = Reader::new(chrono_tz::Asia::Shanghai, reply.at);
        let heard = Heard {
            outcome: reply.outcome.as_str(),
            rules: reply.rules.iter().map(|rule| rule.as_str()).collect(),
            change: reply.change,
            text: render::reply(reply, &reader),
        };
        let _ = writeln!(
            self.transcript,
            "{who}> {line}\n[{}] {:?}\n{}\n",
            heard.outcome, heard.rules, heard.text
        );
        refuse_open_pipes(&heard.text);
        heard
    }

    /// Everything said unprompted so far.
    pub(crate) fn posts(&self) -> &[Outgoing] {
        &self.posts
    }

    /// Everything said so far.
    pub(crate) fn transcript(&self) -> &str {
        &self.transcript
    }

    /// Tracks `orders`, Platinum until 2026-03-01 in the vendor's zone.
    pub(crate) async fn add_platinum(&mut self, options: &str) {
        let line = format!(
            "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01 {options}"
        );
        let heard = self.says("alice", &line).await;
        assert_eq!(heard.outcome, "done", "{}", heard.text);
    }

    pub(crate) async fn add_standard(&mut self, options: &str) {
        let line = format!(
            "instance add {ORDERS} --name orders --region cn-hangzhou --edition standard {options}"
        );
        let heard = self.says("alice", &line).await;
        assert_eq!(heard.outcome, "done", "{}", heard.text);
    }
}

impl Heard {
    #[track_caller]
    pub(crate) fn is(&self, outcome: &str, rules: &[&str]) -> &Self {
        assert_eq!(
            (self.outcome, self.rules.as_slice()),
            (outcome, rules),
            "{}",
            self.text
        );
        self
    }

    #[track_caller]
    pub(crate) fn has(&self, words: &str) -> &Self {
        assert!(
            self.text.contains(words),
            "`{words}` is missing in:\n{}",
            self.text
        );
        self
    }

    #[track_caller]
    pub(crate) fn lacks(&self, words: &str) -> &Self {
        assert!(
            !self.text.contains(words),
            "`{words}` must not be in:\n{}",
            self.text
        );
        self
    }
}
