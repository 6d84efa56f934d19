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
use sha2::{Digest as _, Sha256};
use tokio::task::JoinError;

use super::Room;
use super::door::Sender;
use super::refusal::{Refusal, json};
use crate::answer::{Answer, Fatal};
use crate::app::{Actor, Incoming, Role, Taken};
use crate::delivery::Chat;
use crate::domain::id::Person;
use crate::domain::notice::Message;
use crate::render::{self, Reader};
use crate::store::{Receipt, StoreError};

/// The largest body, in bytes.
const LARGEST: usize = 64 * 1024;
/// How much of a body that is too large is read and dropped, so that whoever sends it gets to hear why.
const DROPPED: usize = 16 * 1024 * 1024;
/// The longest id or source, in characters.
const LONGEST: usize = 200;
/// Says that the answer is that of an earlier request.
const REPLAY: &str = "x-warden-replay";

/// In which form the notice is.
#[derive(Clone, Copy)]
enum Form {
    Json,
    Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    text: String,
    source: Option<String>,
    id: Option<String>,
}

/// Takes a notice.
pub(super) async fn take<C: Chat>(
    State(room): State<Arc<Room<C>>>,
    request: Request,
) -> Result<Response, Refusal> {
    let (head, body) = request.into_parts();
    let claim = room.door.claim(&head.headers, room.warden.now())?;
    let form = form(&head.headers)?;
    let reading = read(&head.headers, body);
    let read = tokio::time::timeout(room.terms.body_within, reading).await;
    let body = read.map_err(|_| Refusal::TooSlow)??;
    let sender = claim.prove(&body)?;
    let taken = sender.key.rate.take();
    taken.map_err(|wait| Refusal::TooMany { wait })?;
    let incoming = incoming(form, &body, &sender.key.name)?;
    let receipt = receipt(&sender, &incoming);
    let (warden, actor) = (room.warden.clone(), actor(&sender, &incoming));
    // Once begun it is finished, also for a sender who does not wait for the answer.
    let taking = tokio::spawn(async move {
        let taken = warden.take_once(&actor, receipt.as_ref(), &incoming);
        taken.await
    });
    let broken = |error: JoinError| Err(Fatal::Store(StoreError::Broken(error.into())));
    match taking.await.unwrap_or_else(broken) {
        Ok(taken) => Ok(answer(taken)),
        Err(fatal) => Err(refusal(fatal, &room)),
    }
}

fn form(headers: &HeaderMap) -> Result<Form, Refusal> {
    let given = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let given = given.and_then(|text| text.parse::<Mime>().ok());
    let given = given.ok_or(Refusal::ContentType)?;
    let charset = given.get_param(mime::CHARSET);
    let plain = headers
        .get(CONTENT_ENCODING)
        .is_none_or(|encoding| encoding.as_bytes().eq_ignore_ascii_case(b"identity"));
    if !plain || charset.is_some_and(|charset| charset != mime::UTF_8) {
        return Err(Refusal::ContentType);
    }
    match given.essence_str() {
        "application/json" => Ok(Form::Json),
        "text/plain" => Ok(Form::Text),
        _ => Err(Refusal::ContentType),
    }
}

async fn read(headers: &HeaderMap, body: Body) -> Result<Vec<u8>, Refusal> {
    let declared = headers.get(CONTENT_LENGTH);
    let declared = declared.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if declared.is_some_and(|declared| declared > LARGEST as u64) {
        // Whoever asks before sending has not sent anything yet.
        if !headers.contains_key(EXPECT) {
            discard(body).await;
        }
        return Err(Refusal::TooLarge);
    }
    let mut body = body;
    let read = Limited::new(&mut body, LARGEST).collect().await;
    match read {
        Ok(read) => Ok(read.to_bytes().into()),
        Err(error) if error.is::<LengthLimitError>() => {
            discard(body).await;
            Err(Refusal::TooLarge)
        }
        Err(_) => Err(Refusal::Truncated),
    }
}

/// Reads on without keeping anything: a connection that is closed on somebody who is still sending loses the answer.
async fn discard(body: Body) {
    let mut body = Limited::new(body, DROPPED);
    while let Some(Ok(_)) = body.frame().await {}
}

fn incoming(form: Form, body: &[u8], key: &str) -> Result<Incoming, Refusal> {
    let text = std::str::from_utf8(body).map_err(|_| Refusal::NotUtf8)?;
    let sent = match form {
        Form::Json => {
            serde_json::from_str(text).map_err(|error| Refusal::NotJson(error.to_string()))?
        }
        Form::Text => Sent {
            text: text.to_owned(),
            source: None,
            id: None,
        },
    };
    if sent.text.trim().is_empty() {
        return Err(Refusal::Empty("text"));
    }
    Ok(Incoming {
        message: Message::plain(&sent.text),
        // Ids belong to the key that sends them, whatever the sender calls its source.
        source: match label("source", sent.source)? {
            Some(source) => format!("{key}: {source}"),
            None => key.to_owned(),
        },
        id: label("id", sent.id)?,
    })
}

fn label(name: &'static str, value: Option<String>) -> Result<Option<String>, Refusal> {
    let Some(value) = value else {
        return Ok(None);
    };
    if value.trim().is_empty() {
        return Err(Refusal::Empty(name));
    }
    if value.chars().count() > LONGEST || value.chars().any(char::is_control) {
        let most = LONGEST;
        return Err(Refusal::Odd { name, most });
    }
    Ok(Some(value))
}

/// What it is known again by: its id, else its signature. Who sends a bare secret and no id cannot be told apart from
/// somebody who says the same again.
fn receipt(sender: &Sender<'_>, incoming: &Incoming) -> Option<Receipt> {
    let signature = sender.signature.as_ref();
    let id = match &incoming.id {
        // The same id with another text is another notice.
        Some(id) => {
            let said = hex::encode(Sha256::digest(incoming.message.text()));
            format!("id:{id}:{said}")
        }
        None => format!("sig:{}", signature?),
    };
    let key = sender.key.name.clone();
    Some(Receipt { key, id })
}

/// Whoever holds a key passes on what the vendor says.
fn actor(sender: &Sender<'_>, incoming: &Incoming) -> Actor {
    let name = sender.key.name.as_str();
    Actor {
        manages: false,
        permits: crate::app::Permits::Elsewhere,
        person: Person {
            id: format!("http:{name}").into(),
            name: name.into(),
        },
        workspace: Arc::clone(&sender.key.workspace),
        roles: vec![Role::Requester],
        teams: Vec::new(),
        surface: "http",
        message: incoming.id.clone(),
        could_approve: None,
    }
}

fn answer(taken: Taken) -> Response {
    let Taken { answered, again } = taken;
    let status = StatusCode::from_u16(answered.status).unwrap_or(StatusCode::ACCEPTED);
    let mut response = json(status, answered.body);
    if again {
        let yes = HeaderValue::from_static("true");
        response.headers_mut().insert(REPLAY, yes);
    }
    response
}

fn refusal<C>(fatal: Fatal, room: &Room<C>) -> Refusal {
    let reply = fatal.into_reply(room.warden.now());
    if let Answer::Broken { id, .. } = reply.answer {
        return Refusal::Broken { id };
    }
    let zone = room.warden.settings().reader_zone;
    let now = reply.at;
    Refusal::Unusable(render::reply(&reply, &Reader::new(zone, now)))
}
