//! HTTP, spoken to a real listener by real clients.

mod bounds;
mod census;
mod door;
mod figures;
mod intake;
mod log;
mod program;
mod watched;

use std::collections::BTreeMap;
use std::num::NonZeroU16;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use edition_warden::app::{Settings, Warden};
use edition_warden::clock::Clock;
use edition_warden::config::{Http, HttpKey, Secret};
use edition_warden::delivery::{Delivery, DeliveryOptions};
use edition_warden::domain::id::Label;
use edition_warden::domain::reminder::Cadence;
use edition_warden::domain::team::{Channels, Limits, Policy};
use edition_warden::store::{Served, Store};
use edition_warden::surface::http::{HttpLimits, Server};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::harness::{Ears, instant, next_notice};

/// The secret of every key in these tests. It must be seen nowhere.
pub(crate) const SECRET: &str = "canary-4f1d-secret-of-the-relay";
const BEARER: &str = "canary-77aa-secret-of-the-pipe";
const NOTICE: &str =
    r#"{"text":"Your instance MQ_INST_1080056302921134_BXuIbML7 will be released."}"#;

/// A bot that listens.
struct Bot {
    warden: Warden,
    store: Store,
    clock: Arc<Clock>,
    delivery: Delivery<Ears>,
    server: Server,
    client: Client,
}

/// How a bot is started.
struct Setup {
    per_minute: u16,
    terms: HttpLimits,
    /// The workspaces that it serves as one of several; `None`: all, alone.
    leased: Option<Served>,
    per_instance: bool,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            per_minute: 1_000,
            terms: HttpLimits::default(),
            leased: None,
            per_instance: false,
        }
    }
}

impl Bot {
    async fn start() -> Self {
        Self::with(Setup::default()).await
    }

    async fn with(setup: Setup) -> Self {
        Self::on(crate::harness::new_store().await, setup).await
    }

    async fn on_file(path: &Path) -> Self {
        Self::on(Store::open(path).await.unwrap(), Setup::default()).await
    }

    async fn on(store: Store, setup: Setup) -> Self {
        let clock = Arc::new(Clock::manual(instant("2026-01-01T00:00:00Z")));
        let settings = Settings {
            vendor_zone: chrono_tz::Asia::Shanghai,
            policy: Policy::alone(Limits::default()),
            at_prompt: None,
            is_alone: false,
            reader_zone: chrono_tz::Asia::Shanghai,
            cadence: Cadence {
                zone: chrono_tz::Asia::Shanghai,
                ..Cadence::default()
            },
            channels: Channels::default(),
            import_stale_after: Some(chrono::TimeDelta::days(3)),
            teams: BTreeMap::new(),
            audit_key: None,
            retention: Default::default(),
            cards: false,
            clockface: edition_warden::render::Clockface::Written,
            own: edition_warden::domain::setting::Overrides::default(),
            wordings: edition_warden::config::Config::load(None, [])
                .unwrap()
                .wordings,
        };
        let warden = Warden::new(store.clone(), Arc::clone(&clock), Arc::new(settings));
        let (bot, options) = (warden.clone(), DeliveryOptions::default());
        let delivery = match setup.leased {
            Some(served) => Delivery::leased(bot, Ears::default(), options, served),
            None => Delivery::alone(bot, Ears::default(), options),
        };
        let mut http = http(setup.per_minute);
        http.per_instance = setup.per_instance;
        let at = http.listen.unwrap();
        let (bot, terms) = (warden.clone(), setup.terms);
        let server = Server::start(at, &http, bot, delivery.clone(), terms);
        Self {
            server: server.await.unwrap(),
            client: Client::builder().no_proxy().build().unwrap(),
            warden,
            store,
            clock,
            delivery,
        }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.server.address())
    }

    /// A notice that nobody has signed yet.
    fn notice(&self, body: impl Into<reqwest::Body>) -> RequestBuilder {
        self.client
            .post(self.url("/v1/notices"))
            .header("content-type", "application/json")
            .body(body)
    }

    fn now(&self) -> i64 {
        self.clock.now().timestamp()
    }

    /// A notice as it should be.
    fn signed(&self, body: &str) -> RequestBuilder {
        self.signed_at(self.now(), body)
    }

    fn signed_at(&self, stamp: i64, body: &str) -> RequestBuilder {
        let request = self.notice(body.to_owned());
        sign(request, "relay", SECRET, stamp, body.as_bytes())
    }

    async fn get(&self, path: &str) -> (u16, String) {
        let response = self.client.get(self.url(path)).send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }

    /// How many notices were taken, in the database.
    async fn taken(&self) -> u64 {
        let mut tx = self.store.write(&"local".into()).await.unwrap();
        next_notice(&mut tx).await - 1
    }
}

fn http(per_minute: u16) -> Http {
    let key = |secret: &str, bearer| HttpKey {
        workspace: Label::parse("local").unwrap(),
        bearer,
        vendor: false,
        secret: Some(Secret::new(secret).unwrap()),
    };
    let shut = HttpKey {
        secret: None,
        ..key(SECRET, true)
    };
    let server = HttpKey {
        workspace: Label::parse("42").unwrap(),
        ..key(SECRET, false)
    };
    Http {
        without_secret: Vec::new(),
        listen: Some("127.0.0.1:0".parse().unwrap()),
        beyond_loopback: false,
        per_minute: NonZeroU16::new(per_minute).unwrap(),
        per_instance: false,
        keys: [
            ("relay".to_owned(), key(SECRET, false)),
            ("pipe".to_owned(), key(BEARER, true)),
            ("shut".to_owned(), shut),
            ("server".to_owned(), server),
        ]
        .into(),
    }
}

/// As the documentation's `openssl` line does it.
fn signature(secret: &str, stamp: i64, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{stamp}.").as_bytes());
    mac.update(body);
    format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
}

fn sign(
    request: RequestBuilder,
    key: &str,
    secret: &str,
    stamp: i64,
    body: &[u8],
) -> RequestBuilder {
    request
        .header("X-Warden-Key", key)
        .header("X-Warden-Timestamp", stamp.to_string())
        .header("X-Warden-Signature", signature(secret, stamp, body))
}

/// The status and the JSON of an answer, in which no secret is.
async fn heard(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    assert!(!text.contains("canary"), "{text}");
    (status, serde_json::from_str(&text).unwrap())
}

async fn sent(request: RequestBuilder) -> (u16, Value) {
    heard(request.send().await.unwrap()).await
}

/// Asserts that a request is refused, in JSON and with these words.
async fn refused(request: RequestBuilder, status: u16, words: &str) {
    let (got, said) = sent(request).await;
    let error = said["error"].as_str().unwrap();
    assert_eq!(got, status, "{error}");
    assert!(error.contains(words), "{error}");
    assert_eq!(said, json!({ "error": error }));
}

/// Cuts connections off soon, or, instead, bodies that do not arrive.
fn impatient(with_bodies: bool) -> HttpLimits {
    let short = Duration::from_millis(200);
    let long = Duration::from_secs(60);
    HttpLimits {
        connection_within: if with_bodies { long } else { short },
        body_within: if with_bodies { short } else { long },
        ..HttpLimits::default()
    }
}
