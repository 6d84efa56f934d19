//! The REST end: what is asked, whether it may be, and the answer.

mod about;
mod call;
mod callbacks;
mod channels;
mod commands;
mod compose;
mod guilds;
mod headers;
mod messages;
mod threads;
mod webhooks;

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;
use serde_json::{Value, json};

pub(crate) use self::call::Call;
use super::clock::Id;
use super::faults::Fault;
use super::record::{Authorization, Recorded};
use super::rejection::{NOT_FOUND, Rejection, UNAUTHORIZED};
use super::world::World;

/// What goes well.
pub(crate) enum Answer {
    Json(Value),
    /// As [`Answer::Json`], where something came to be.
    Created(Value),
    Nothing,
    File(String, Vec<u8>),
}

pub(crate) type Outcome = Result<Answer, Rejection>;

/// Does what was asked, and writes down what that was.
pub(crate) fn answer(world: &mut World, call: &Call) -> Response {
    let limited = headers::limit(world, call);
    let outcome = match limited {
        Ok(()) => route(world, call),
        Err(rejection) => Err(rejection),
    };
    let mut response = match outcome {
        Ok(Answer::Json(json)) => respond(200, Some(&json)),
        Ok(Answer::Created(json)) => respond(201, Some(&json)),
        Ok(Answer::Nothing) => respond(204, None),
        Ok(Answer::File(kind, bytes)) => {
            let mut response = Response::new(Body::from(bytes));
            response
                .headers_mut()
                .insert(CONTENT_TYPE, kind.parse().unwrap());
            response
        }
        Err(rejection) => {
            world.say(format!("  refused: {}", rejection.body));
            reject(rejection)
        }
    };
    headers::add(world, call, &mut response);
    world.record(call, response.status().as_u16());
    response
}

pub(crate) fn reject(rejection: Rejection) -> Response {
    let mut response = respond(rejection.status, Some(&rejection.body));
    for (name, value) in rejection.headers {
        response.headers_mut().insert(name, value.parse().unwrap());
    }
    response
}

/// The answer of a fault which is one.
pub(crate) fn fail(world: &mut World, call: &Call, fault: Fault) -> Response {
    let response = match fault {
        Fault::TooMany {
            retry_after,
            global,
        } => reject(headers::too_many(retry_after, global)),
        Fault::Status(status) => {
            let mut response = Response::new(Body::from("upstream connect error"));
            *response.status_mut() = status.try_into().unwrap();
            response
        }
        Fault::Hang | Fault::Closed | Fault::Lost => unreachable!("has no answer"),
    };
    world.record(call, response.status().as_u16());
    response
}

fn respond(status: u16, json: Option<&Value>) -> Response {
    let body = json.map_or_else(Body::empty, |json| Body::from(json.to_string()));
    let mut response = Response::new(body);
    *response.status_mut() = status.try_into().unwrap();
    if json.is_some() {
        let kind = "application/json".parse().unwrap();
        response.headers_mut().insert(CONTENT_TYPE, kind);
    }
    response
}

fn route(world: &mut World, call: &Call) -> Outcome {
    let parts: Vec<&str> = call.path.iter().map(String::as_str).collect();
    match (call.method.as_str(), parts.as_slice()) {
        ("GET", ["attachments", _, file, _]) => about::attachment(world, call, file),
        ("POST", ["interactions", id, token, "callback"]) => {
            callbacks::answer(world, call, number(id)?, token)
        }
        ("POST", ["webhooks", app, token]) => webhooks::follow_up(world, call, number(app)?, token),
        (_, ["webhooks", app, token, "messages", message]) => {
            webhooks::message(world, call, number(app)?, token, message)
        }
        (method, parts) => {
            authorized(world, call)?;
            with_token(world, call, method, parts)
        }
    }
}

/// Everything that needs the bot's token.
fn with_token(world: &mut World, call: &Call, method: &str, parts: &[&str]) -> Outcome {
    match (method, parts) {
        ("GET", ["gateway"]) => about::gateway(world),
        ("GET", ["gateway", "bot"]) => about::gateway_bot(world),
        ("GET", ["users", "@me"]) => about::me(world),
        ("GET", ["users", user]) => about::user(world, number(user)?),
        ("GET", ["users", "@me", "guilds"]) => about::guilds(world),
        ("POST", ["users", "@me", "channels"]) => about::direct(world, call),
        ("GET", ["oauth2", "applications", "@me"] | ["applications", "@me"]) => {
            about::application(world)
        }
        (_, ["applications", app, "commands"]) => commands::all(world, call, number(app)?, 0),
        (_, ["applications", app, "guilds", guild, "commands"]) => {
            commands::all(world, call, number(app)?, number(guild)?)
        }
        (_, ["guilds", guild, rest @ ..]) => guilds::about(world, call, number(guild)?, rest),
        (_, ["channels", channel, "messages", rest @ ..]) => {
            messages::about(world, call, number(channel)?, rest)
        }
        (_, ["channels", channel, rest @ ..]) => {
            channels::about(world, call, number(channel)?, rest)
        }
        _ => Err(NOT_FOUND.into()),
    }
}

fn authorized(world: &mut World, call: &Call) -> Result<(), Rejection> {
    if !call.agent.starts_with("DiscordBot (") {
        let violation = format!(
            "{} {} has no user agent of a bot: {:?}",
            call.method,
            call.shown_path(),
            call.agent
        );
        world.violations.push(violation);
    }
    match call.authorization(world) {
        Authorization::Bot => Ok(()),
        // Discord tells everybody where the gateway is.
        Authorization::None if call.path == ["gateway"] => Ok(()),
        _ => Err(UNAUTHORIZED.into()),
    }
}

/// An id in a path.
pub(crate) fn number(part: &str) -> Result<Id, Rejection> {
    part.parse().map_err(|_| {
        let message = format!("Value \"{part}\" is not snowflake.");
        Rejection::at("id", "NUMBER_TYPE_COERCE", &message)
    })
}

/// An id in a body.
pub(crate) fn id_in(value: &Value) -> Option<Id> {
    match value {
        Value::String(text) => text.parse().ok(),
        other => other.as_u64(),
    }
}

impl World {
    pub(crate) fn record(&mut self, call: &Call, status: u16) {
        let recorded = Recorded {
            method: call.method.clone(),
            path: call.shown_path(),
            query: call.query.clone(),
            body: call.body.clone(),
            files: call
                .files
                .iter()
                .map(|file| (file.name.clone(), file.bytes.len()))
                .collect(),
            authorization: call.authorization(self),
            status,
        };
        let body = if recorded.body.is_null() {
            json!("")
        } else {
            recorded.body.clone()
        };
        self.say(format!("REST: {} -> {status} {body}", recorded.line()));
        self.requests.push(recorded);
    }
}
