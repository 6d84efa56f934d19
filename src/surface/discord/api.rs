//! Requests to Discord's HTTP API through one client that obeys its rate limits. Failures return an [`ApiError`].
//!
//! The bot's own requests do not use serenity's limiter, which keeps a bucket for each interaction without end, has no timeout,
//! and prints URLs with their tokens in errors.

use std::time::Duration;

use reqwest::{Client, Method, StatusCode, header};
use serde_json::Value;
use tokio::sync::{Semaphore, watch};
use url::Url;

use super::request_pacer::{Limited, RequestPacer};
use crate::config::Token;
use crate::meter::{Meter, RouteClass};

/// The connection timeout.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// The request timeout.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// The most concurrent requests, to use few connections and reuse them.
const AT_ONCE: usize = 128;
/// Discord's base URL.
const DISCORD: &str = "https://discord.com";

/// The result of a request.
pub(super) type ApiResult<T> = Result<T, ApiError>;

/// The reason why a request failed. Its text contains no URL and no token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum ApiError {
    /// Rate limited; nothing is sent until the limit resets.
    #[error("Discord asks for a pause of {} ms", .0.wait.as_millis())]
    Limited(Limited),
    /// Discord rejected the request.
    #[error("Discord answers {status}, code {code}: {message}")]
    Refused {
        status: u16,
        /// Discord's error code, 0 without one.
        code: u64,
        /// Discord's message.
        message: String,
    },
    /// A temporary failure of Discord.
    #[error("Discord answers {0}")]
    Failing(u16),
    /// No response.
    #[error("Discord does not answer: {0}")]
    Silent(&'static str),
}

impl ApiError {
    /// Discord's error code, if it rejected the request.
    pub(super) const fn code(&self) -> Option<u64> {
        match self {
            Self::Refused { code, .. } => Some(*code),
            Self::Limited(_) | Self::Failing(_) | Self::Silent(_) => None,
        }
    }

    /// The HTTP status, if Discord rejected the request.
    pub(super) const fn status(&self) -> Option<u16> {
        match self {
            Self::Refused { status, .. } => Some(*status),
            Self::Limited(_) | Self::Failing(_) | Self::Silent(_) => None,
        }
    }
}

/// A request and its rate limit.
#[derive(Debug, Clone)]
pub(super) struct Call {
    method: Method,
    /// The path below `/api/v10`. It may contain an interaction's token, so it is never logged.
    path: String,
    /// The rate limit bucket: the method, and the path down to the channel, guild or webhook.
    pub(super) bucket: String,
    /// Interaction endpoints do not count towards the global limit.
    pub(super) counts_globally: bool,
    /// The timeout.
    within: Duration,
}

impl Call {
    /// A request with a separate limit for each channel or guild.
    pub(super) fn new(method: Method, path: String) -> Self {
        let kept = path.split('/').take(4).collect::<Vec<_>>().join("/");
        let rest = path.split('/').skip(4);
        let shape: String = rest
            .map(|part| {
                let plain = part.chars().all(|c| c.is_ascii_lowercase() || c == '-');
                if plain {
                    format!("/{part}")
                } else {
                    "/*".to_owned()
                }
            })
            .collect();
        Self {
            bucket: format!("{method} {kept}{shape}"),
            method,
            path,
            counts_globally: true,
            within: ANSWER_WITHIN,
        }
    }

    /// A request for one interaction, identified by its token.
    pub(super) fn of_interaction(method: Method, path: String) -> Self {
        Self {
            method,
            path,
            bucket: String::new(),
            counts_globally: false,
            within: ANSWER_WITHIN,
        }
    }

    /// Sets a shorter timeout.
    pub(super) const fn within(mut self, within: Duration) -> Self {
        self.within = within;
        self
    }
}

/// The client of Discord's HTTP API.
pub(super) struct Api {
    client: Client,
    base: Url,
    token: Token,
    request_pacer: RequestPacer,
    under_way: Semaphore,
    meter: Meter,
    /// Whether Discord has rejected the token.
    out: watch::Sender<bool>,
}

impl Api {
    /// A client of Discord, or of a substitute at `base`.
    ///
    /// # Errors
    /// When the HTTP client cannot be created.
    pub(super) fn new(token: Token, base: Option<&Url>, meter: Meter) -> Result<Self, String> {
        let client = client().map_err(|_| "the HTTP client cannot be set up".to_owned())?;
        let base = match base {
            Some(base) => base.clone(),
            None => Url::parse(DISCORD).map_err(|error| error.to_string())?,
        };
        Ok(Self {
            client,
            base,
            token,
            request_pacer: RequestPacer::default(),
            under_way: Semaphore::new(AT_ONCE),
            meter,
            out: watch::channel(false).0,
        })
    }

    /// Signals that Discord has rejected the token, after which no request succeeds.
    pub(super) fn out(&self) -> watch::Receiver<bool> {
        self.out.subscribe()
    }

    /// Sends a request and reads the response; `Value::Null` for an empty one.
    pub(super) async fn send(&self, call: &Call, body: Option<&Value>) -> ApiResult<Value> {
        self.request_pacer
            .wait(call)
            .await
            .map_err(ApiError::Limited)?;
        let request = self.request(call)?;
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        self.finish(call, request).await
    }

    /// Sends a request with a file attachment.
    pub(super) async fn send_file(
        &self,
        call: &Call,
        body: &Value,
        name: &str,
        text: &str,
    ) -> ApiResult<Value> {
        self.request_pacer
            .wait(call)
            .await
            .map_err(ApiError::Limited)?;
        let file = reqwest::multipart::Part::text(text.to_owned())
            .file_name(name.to_owned())
            .mime_str("text/plain; charset=utf-8")
            .map_err(|_| ApiError::Silent("the file cannot be sent"))?;
        let form = reqwest::multipart::Form::new()
            .text("payload_json", body.to_string())
            .part("files[0]", file);
        let request = self.request(call)?.multipart(form);
        self.finish(call, request).await
    }

    fn request(&self, call: &Call) -> ApiResult<reqwest::RequestBuilder> {
        let mut url = self.base.clone();
        let (path, query) = call.path.split_once('?').unwrap_or((&call.path, ""));
        url.set_path(&format!("/api/v10{path}"));
        url.set_query((!query.is_empty()).then_some(query));
        let request = self.client.request(call.method.clone(), url);
        let mut request = request.timeout(call.within);
        if call.counts_globally {
            request = request.header(
                header::AUTHORIZATION,
                format!("Bot {}", self.token.reveal()),
            );
        }
        Ok(request)
    }

    async fn finish(&self, call: &Call, request: reqwest::RequestBuilder) -> ApiResult<Value> {
        // The semaphore is never closed; without a permit, the limit is exceeded by one.
        let _permit = self.under_way.acquire().await.ok();
        let answered = request.send().await;
        let status = answered
            .as_ref()
            .ok()
            .map(|answer| answer.status().as_u16());
        self.meter.asked_discord(RouteClass::of(&call.path), status);
        let answer = answered.map_err(|error| silent(&error))?;
        let status = answer.status();
        let headers = answer.headers().clone();
        self.request_pacer.learn(call, status, &headers);
        if status == StatusCode::UNAUTHORIZED && call.counts_globally {
            self.out.send_replace(true);
        }
        let text = answer.text().await.map_err(|error| silent(&error))?;
        let body: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
        if status == StatusCode::TOO_MANY_REQUESTS {
            return Err(ApiError::Limited(
                self.request_pacer.limited(call, &body, &headers),
            ));
        }
        if status.is_server_error() {
            return Err(ApiError::Failing(status.as_u16()));
        }
        if !status.is_success() {
            return Err(ApiError::Refused {
                status: status.as_u16(),
                code: body.get("code").and_then(Value::as_u64).unwrap_or(0),
                message: message(&body),
            });
        }
        Ok(body)
    }

    /// Downloads an attachment, without the token and up to `limit` bytes.
    ///
    /// # Errors
    /// [`ApiError`]; [`ApiError::Refused`] with status 413 when the file is larger.
    pub(super) async fn fetch(&self, url: &Url, limit: usize) -> ApiResult<Vec<u8>> {
        let request = self.client.get(url.clone());
        let mut answer = request.send().await.map_err(|error| silent(&error))?;
        let status = answer.status();
        if !status.is_success() {
            return Err(ApiError::Failing(status.as_u16()));
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| silent(&error))? {
            if bytes.len() + chunk.len() > limit {
                return Err(ApiError::Refused {
                    status: 413,
                    code: 0,
                    message: "it is longer than is read".to_owned(),
                });
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }

    /// Whether files may be downloaded from a URL: one of Discord, or of its substitute.
    pub(super) fn serves(&self, url: &Url) -> bool {
        let ours = (url.scheme(), url.host_str(), url.port_or_known_default())
            == (
                self.base.scheme(),
                self.base.host_str(),
                self.base.port_or_known_default(),
            );
        let theirs = ["cdn.discordapp.com", "media.discordapp.net"];
        let real = self.base.as_str().starts_with(DISCORD);
        let cdn =
            url.scheme() == "https" && url.host_str().is_some_and(|host| theirs.contains(&host));
        if real { cdn } else { ours }
    }
}

/// The HTTP client of the process. It follows no redirects, which could send the token to another host.
pub(super) fn client() -> reqwest::Result<Client> {
    Client::builder()
        .connect_timeout(CONNECT_WITHIN)
        .timeout(ANSWER_WITHIN)
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!(
            "DiscordBot (edition-warden, ",
            env!("CARGO_PKG_VERSION"),
            ")"
        ))
        .build()
}

/// The error without its URL, which may contain a token.
fn silent(error: &reqwest::Error) -> ApiError {
    ApiError::Silent(if error.is_timeout() {
        "no answer in time"
    } else if error.is_connect() {
        "it cannot be reached"
    } else {
        "the connection broke"
    })
}

/// Discord's error message with the errors of single fields; shortened, because it may repeat the request.
fn message(body: &Value) -> String {
    const LONGEST: usize = 300;
    let plain = body.get("message").and_then(Value::as_str);
    let errors = body.get("errors").map(ToString::to_string);
    let all = [plain.map(ToOwned::to_owned), errors];
    let text = all.into_iter().flatten().collect::<Vec<_>>().join(" ");
    text.chars().take(LONGEST).collect()
}
