//! `POST /v1/notices`.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, EXPECT};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use mime::Mime;
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tokio::task::JoinError;
use tracing::{Instrument as _, Span};

use super::Room;
use super::authenticator::Sender;
use super::refusal::{HttpRefusal, Limit, json};
use crate::answer::{Answer, Fatal};
use crate::app::{Actor, Incoming, Role, Taken};
use crate::delivery::Chat;
use crate::domain::id::Person;
use crate::inbox::{self, Letter};
use crate::render::{self, Reader};
use crate::store::{Receipt, StoreError};

/// The bytes of an oversized body that are read and discarded, so that the sender receives the error.
const DROPPED: usize = 16 * 1024 * 1024;
/// The longest id or source, in characters.
const LONGEST: usize = 200;
/// The header that marks the response as that of an earlier request.
const REPLAY: &str = "x-warden-replay";

/// The format of a notice.
#[derive(Clone)]
enum NoticeForm {
    Json,
    /// An e-mail, which may contain several notices.
    Mail,
    /// URL-encoded form fields.
    Pairs,
    Text {
        charset: Option<String>,
    },
}

impl NoticeForm {
    /// The size limit of the body.
    const fn limit(&self) -> Limit {
        match self {
            Self::Mail => Limit::Mail,
            Self::Json | Self::Pairs | Self::Text { .. } => Limit::Text,
        }
    }
}

/// A notice with its sender's metadata.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JsonNotice {
    text: String,
    source: Option<String>,
    id: Option<String>,
}

pub(super) async fn take_notices<C: Chat>(
    State(room): State<Arc<Room<C>>>,
    request: Request,
) -> Result<Response, HttpRefusal> {
    let (head, body) = request.into_parts();
    // The keys in effect on arrival apply, even if the configuration is reread meanwhile.
    let authenticator = room.configured.authenticator();
    let log_key = |name: Option<&str>| {
        Span::current().record("http.key", name);
    };
    log_key(authenticator.claimed(&head.headers));
    let credentials = authenticator.credentials(&head.headers, room.warden.now())?;
    let form = form(&head.headers)?;
    let reading = read(&head.headers, body, form.limit());
    let read = tokio::time::timeout(room.terms.body_within, reading).await;
    let body = read.map_err(|_| HttpRefusal::TooSlow)??;
    let sender = credentials.verify(&body)?;
    log_key(Some(&sender.key.name));
    let taken = sender.key.rate.take_turn();
    taken.map_err(|wait| HttpRefusal::TooMany { wait })?;
    let unheard = room.delivery.unheard(&sender.key.workspace).await;
    if let Some(why) = unheard.map_err(|error| refusal(Fatal::Store(error), &room))? {
        let (key, workspace) = (sender.key.name.to_string(), sender.key.workspace.clone());
        tracing::error!(http.key = %key, workspace = %workspace, "a notice was refused: {why}");
        return Err(HttpRefusal::Unheard {
            key,
            workspace,
            why,
        });
    }
    let lists = matches!(form, NoticeForm::Mail);
    let incoming = incoming(&form, &body, &sender.key.name)?;
    let all: Vec<_> = (1..)
        .zip(incoming)
        .map(|(number, incoming)| {
            let receipt = receipt(&sender, &incoming, number);
            (actor(&sender, &incoming), receipt, incoming)
        })
        .collect();
    let warden = room.warden.clone();
    // Runs to completion, also if the sender disconnects. Each notice is its own decision: after an error, a repeated request
    // recognises the notices that were recorded.
    let taking = async move {
        let mut taken = Vec::new();
        for (actor, receipt, incoming) in &all {
            let one = warden.take_once(actor, receipt.as_ref(), incoming);
            taken.push(one.await?);
        }
        Ok(taken)
    };
    let taking = tokio::spawn(taking.in_current_span());
    let broken = |error: JoinError| Err(Fatal::Store(StoreError::Broken(error.into())));
    match taking.await.unwrap_or_else(broken) {
        Ok(taken) => Ok(answer(taken, lists)),
        Err(fatal) => Err(refusal(fatal, &room)),
    }
}

fn form(headers: &HeaderMap) -> Result<NoticeForm, HttpRefusal> {
    let plain = headers
        .get(CONTENT_ENCODING)
        .is_none_or(|encoding| encoding.as_bytes().eq_ignore_ascii_case(b"identity"));
    if !plain {
        return Err(HttpRefusal::Compressed);
    }
    let given = headers.get(CONTENT_TYPE);
    let given = given.and_then(|given| given.to_str().ok()?.parse::<Mime>().ok());
    let Some(given) = given else {
        return Ok(NoticeForm::Text { charset: None });
    };
    let charset = given.get_param(mime::CHARSET);
    let charset = charset.map(|charset| charset.as_str().to_owned());
    let is_json = given.subtype() == mime::JSON || given.suffix() == Some(mime::JSON);
    match (given.type_().as_str(), given.subtype().as_str()) {
        _ if is_json => Ok(NoticeForm::Json),
        ("message", "rfc822" | "global") => Ok(NoticeForm::Mail),
        ("application", "x-www-form-urlencoded") => Ok(NoticeForm::Pairs),
        // Whatever else it is called, it is taken whole rather than lost.
        _ => Ok(NoticeForm::Text { charset }),
    }
}

async fn read(headers: &HeaderMap, body: Body, limit: Limit) -> Result<Vec<u8>, HttpRefusal> {
    let declared = headers.get(CONTENT_LENGTH);
    let declared = declared.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if declared.is_some_and(|declared| declared > limit.bytes() as u64) {
        // A sender with `Expect: 100-continue` has not sent the body yet.
        if !headers.contains_key(EXPECT) {
            discard(body).await;
        }
        return Err(HttpRefusal::TooLarge(limit));
    }
    let mut body = body;
    let read = Limited::new(&mut body, limit.bytes()).collect().await;
    match read {
        Ok(read) => Ok(read.to_bytes().into()),
        Err(error) if error.is::<LengthLimitError>() => {
            discard(body).await;
            Err(HttpRefusal::TooLarge(limit))
        }
        Err(_) => Err(HttpRefusal::Truncated),
    }
}

/// Reads and discards the rest: closing a connection while the sender is still sending loses the response.
async fn discard(body: Body) {
    let mut body = Limited::new(body, DROPPED);
    while let Some(Ok(_)) = body.frame().await {}
}

fn incoming(form: &NoticeForm, body: &[u8], key: &str) -> Result<Vec<Incoming>, HttpRefusal> {
    let charset = match form {
        NoticeForm::Text { charset } => charset.as_deref(),
        NoticeForm::Json | NoticeForm::Mail | NoticeForm::Pairs => None,
    };
    let sent = match form {
        NoticeForm::Json => serde_json::from_slice::<JsonNotice>(body).ok(),
        NoticeForm::Mail | NoticeForm::Pairs | NoticeForm::Text { .. } => None,
    };
    let letters = match (&sent, form) {
        (Some(sent), _) => inbox::read(sent.text.as_bytes()),
        (None, NoticeForm::Pairs) => inbox::read(pairs(body).as_bytes()),
        // An unknown content type is read as a whole.
        (None, _) => inbox::read_in(body, charset),
    };
    if letters.iter().all(Letter::is_empty) {
        return Err(HttpRefusal::Empty("text"));
    }
    let (id, source) = match sent {
        Some(sent) => (sent.id.and_then(label), sent.source.and_then(label)),
        None => (None, None),
    };
    // Ids are scoped to the key, whatever source its sender states.
    let source = match source {
        Some(source) => format!("{key}: {source}"),
        None => key.to_owned(),
    };
    Ok(match form {
        NoticeForm::Mail => Incoming::mails(letters, &source),
        NoticeForm::Json | NoticeForm::Pairs | NoticeForm::Text { .. } => {
            Incoming::all(letters, &source, id.as_deref())
        }
    })
}

/// Form fields, each as a paragraph.
fn pairs(body: &[u8]) -> String {
    let pairs = url::form_urlencoded::parse(body);
    let lines = pairs.map(|(name, value)| match name.is_empty() {
        true => value.into_owned(),
        false => format!("{name}: {value}"),
    });
    lines.collect::<Vec<_>>().join("\n\n")
}

/// An id or a source. What stands beside a notice costs nobody the notice: an empty one is none, and of one that is too long, or
/// holds control characters, a hash tells it from others.
fn label(value: String) -> Option<String> {
    let is_plain = value.chars().count() <= LONGEST && !value.chars().any(char::is_control);
    let label = match is_plain {
        true => value,
        false => format!("sha256:{}", hex::encode(Sha256::digest(&value))),
    };
    Some(label).filter(|label| !label.trim().is_empty())
}

/// The receipt by which a repeated notice is recognised: its id, else its signature. With a bearer secret and no id, a retry
/// cannot be told from a new notice with the same text.
fn receipt(sender: &Sender<'_>, incoming: &Incoming, number: usize) -> Option<Receipt> {
    let signature = sender.signature.as_ref();
    let id = match &incoming.id {
        // The same id with a different text is a different notice.
        Some(id) => {
            let mut said = Sha256::new().chain_update(incoming.message.text());
            for unread in &incoming.message.unread {
                said.update([0]);
                said.update(unread);
            }
            format!("id:{id}:{}", hex::encode(said.finalize()))
        }
        None if number == 1 => format!("sig:{}", signature?),
        None => format!("sig:{}#{number}", signature?),
    };
    let key = sender.key.name.clone();
    Some(Receipt { key, id })
}

/// The actor for a key, which forwards the vendor's notices.
fn actor(sender: &Sender<'_>, incoming: &Incoming) -> Actor {
    let name = sender.key.name.as_str();
    Actor {
        manages: false,
        permits: crate::app::Permits::Elsewhere,
        person: Person {
            id: format!("http:{name}").into(),
            name: name.into(),
        },
        workspace: sender.key.workspace.clone(),
        roles: vec![Role::Requester],
        teams: Vec::new(),
        surface: "http",
        message: incoming.id.clone(),
        people: Vec::new(),
        could_approve: None,
    }
}

/// The response to all notices of a request: a notice that needs attention determines the status of the whole.
fn answer(taken: Vec<Taken>, lists: bool) -> Response {
    let again = taken.iter().all(|taken| taken.again);
    let status = taken.iter().map(|taken| taken.answered.status).max();
    let status = status.and_then(|status| StatusCode::from_u16(status).ok());
    let bodies = taken.into_iter().map(|taken| taken.answered.body);
    let mut response = json(
        status.unwrap_or(StatusCode::ACCEPTED),
        body(bodies.collect(), lists),
    );
    if again {
        let yes = HeaderValue::from_static("true");
        response.headers_mut().insert(REPLAY, yes);
    }
    response
}

fn body(mut bodies: Vec<String>, lists: bool) -> String {
    if !lists && bodies.len() == 1 {
        return bodies.remove(0);
    }
    let all = bodies.iter().map(|body| serde_json::from_str(body));
    let all: Vec<Value> = all.filter_map(Result::ok).collect();
    let calm = |one: &&Value| match one.get("outcome").and_then(Value::as_str) {
        Some("suppressed") => 2,
        Some("duplicate") => 1,
        _ => 0,
    };
    let mut whole = all.iter().min_by_key(calm).cloned().unwrap_or_default();
    if let Some(fields) = whole.as_object_mut() {
        fields.insert("notices".to_owned(), all.into());
    }
    whole.to_string()
}

fn refusal<C>(fatal: Fatal, room: &Room<C>) -> HttpRefusal {
    let reply = fatal.into_reply(room.warden.now());
    if let Answer::Broken { id, .. } = reply.answer {
        return HttpRefusal::Broken { id };
    }
    let zone = room.warden.settings().reader_zone;
    let now = reply.at;
    HttpRefusal::Unusable(render::reply(&reply, &Reader::new(zone, now)))
}
