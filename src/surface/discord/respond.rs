//! Answering an interaction: at once when the answer is ready soon, otherwise after saying that it is being worked on.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Map, Value, json};
use tokio::time::Instant;

use super::api::{Api, ApiError, Call};
use super::card::Card;
use super::retry::{Lost, send_with_retries};
use crate::clock::tick;

/// How long an answer may take before Discord is told that it comes later. Discord waits for 3 s.
pub(super) const SOON: Duration = Duration::from_millis(1_500);
/// How long an interaction can be answered through its token; Discord's 15 minutes, less the time a request takes.
const TOKEN_LIVES: Duration = Duration::from_secs(14 * 60 + 30);

/// Until when a first answer is tried again, and how long after the last try.
const LATEST: Duration = Duration::from_millis(2_500);
const AGAIN: Duration = Duration::from_millis(150);
/// How long one try of a first answer may take, so that there is time for another.
const FIRST_WITHIN: Duration = Duration::from_secs(1);
/// What Discord says to a second answer.
const ANSWERED: u64 = 40_060;
/// What Discord says where an interaction cannot be answered any more: unknown webhook, unknown interaction, invalid
/// webhook token.
const GONE: [u64; 3] = [10_015, 10_062, 50_027];
/// What is said where a private answer came too late.
const LATE: &str = "The answer came too late for Discord, and it is for you alone: please ask again. What was decided is recorded.";

const MESSAGE: u8 = 4;
const LATER: u8 = 5;
const CHANGE_LATER: u8 = 6;
const CHANGE: u8 = 7;
const SUGGESTIONS: u8 = 8;
const FORM: u8 = 9;
const PRIVATE: u64 = 1 << 6;

/// The interaction's token lets anybody answer it for 15 minutes: it is never shown.
#[derive(Clone)]
pub(super) struct Ticket {
    /// The interaction.
    pub(super) id: u64,
    token: String,
    application: u64,
    channel: u64,
    person: u64,
    received: Instant,
    /// The answer takes the place of the message that the pressed button is under.
    in_place: bool,
    /// It is asked away from the card of what it may be about.
    elsewhere: bool,
}

impl std::fmt::Debug for Ticket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Ticket({})", self.id)
    }
}

/// The ticket of an interaction of any kind: serenity's kinds have the same fields and nothing in common.
macro_rules! ticket_of {
    ($interaction:expr) => {
        $crate::surface::discord::respond::Ticket::new(
            $interaction.id.get(),
            &$interaction.token,
            $interaction.application_id.get(),
            $interaction.channel_id.get(),
            $interaction.user.id.get(),
        )
    };
}
pub(super) use ticket_of;

/// What is said.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Response {
    /// The card.
    pub(super) card: Card,
    /// Rows of buttons under it.
    pub(super) rows: Vec<Value>,
    /// Whether only the person who asked sees it.
    pub(super) private: bool,
}

impl Response {
    /// A card for everybody, or for one person.
    pub(super) const fn new(card: Card, private: bool) -> Self {
        Self {
            card,
            rows: Vec::new(),
            private,
        }
    }

    /// With rows of buttons.
    #[must_use]
    pub(super) fn with(mut self, rows: Vec<Value>) -> Self {
        self.rows = rows;
        self
    }

    /// As a message's body. Nobody is pinged by it.
    pub(super) fn body(&self) -> Value {
        let mut body = Map::new();
        body.insert("embeds".to_owned(), json!([self.card.embed]));
        body.insert("components".to_owned(), json!(self.rows));
        body.insert("allowed_mentions".to_owned(), json!({ "parse": [] }));
        if self.private {
            body.insert("flags".to_owned(), json!(PRIVATE));
        }
        if self.card.whole.is_some() {
            body.insert(
                "attachments".to_owned(),
                json!([{ "id": "0", "filename": FILE }]),
            );
        }
        Value::Object(body)
    }
}

/// What the whole text is called when it is attached.
pub(super) const FILE: &str = "answer.txt";

impl Ticket {
    /// An interaction that was received just now, in a channel, of a person.
    pub(super) fn new(id: u64, token: &str, application: u64, channel: u64, person: u64) -> Self {
        Self {
            id,
            token: token.to_owned(),
            application,
            channel,
            person,
            received: tick(),
            in_place: false,
            elsewhere: false,
        }
    }

    /// Asked by a command, which may be typed anywhere: its answer leads to the card of the change that it is about.
    #[must_use]
    pub(super) fn of_command(mut self) -> Self {
        self.elsewhere = true;
        self
    }

    /// Whether the answer leads to the card of the change that it is about.
    pub(super) const fn is_elsewhere(&self) -> bool {
        self.elsewhere
    }

    /// Answered by a message of its own.
    #[must_use]
    pub(super) fn apart(&self) -> Self {
        Self {
            in_place: false,
            ..self.clone()
        }
    }

    /// Answered by changing the message that the pressed button is under.
    #[must_use]
    pub(super) fn in_place(mut self) -> Self {
        self.in_place = true;
        self
    }

    /// When Discord has to be told something.
    pub(super) fn soon(&self) -> Instant {
        self.received + SOON
    }

    /// Answers with a message. Where nobody knows whether Discord took it, it is said once more in the same place; where
    /// it came too late, in the channel.
    ///
    /// # Errors
    /// [`ApiError`].
    pub(super) async fn answer(&self, api: &Api, said: &Response) -> Result<(), ApiError> {
        let body = if self.in_place {
            json!({ "type": CHANGE, "data": as_edit(said.body()) })
        } else {
            json!({ "type": MESSAGE, "data": said.body() })
        };
        let told = match self.first(api, &body, Some(&said.card)).await {
            Err(error) if !is_final(&error) => self.edit_own(api, said).await,
            told => told,
        };
        self.or_late(api, said, told).await
    }

    /// In the channel, if Discord says that it is too late.
    ///
    /// # Errors
    /// [`ApiError`].
    pub(super) async fn or_late(
        &self,
        api: &Api,
        said: &Response,
        told: Result<(), ApiError>,
    ) -> Result<(), ApiError> {
        match told {
            Err(error) if error.code().is_some_and(|code| GONE.contains(&code)) => {
                self.say_late(api, said).await
            }
            told => told,
        }
    }

    /// Tells Discord something for the first time, and again while it is not too late where nobody knows whether that
    /// was heard: Discord takes one answer only.
    async fn first(&self, api: &Api, body: &Value, card: Option<&Card>) -> Result<(), ApiError> {
        let mut tried = false;
        loop {
            let sent = match card {
                Some(card) => send(api, &self.call(), body.clone(), card).await,
                None => api.send(&self.call(), Some(body)).await,
            };
            match sent {
                Ok(_) => return Ok(()),
                Err(error) if tried && error.code() == Some(ANSWERED) => return Ok(()),
                Err(ApiError::Failing(_) | ApiError::Silent(_))
                    if tick() - self.received < LATEST =>
                {
                    tried = true;
                    tokio::time::sleep(AGAIN).await;
                }
                Err(ApiError::Limited(limited))
                    if tick() - self.received + limited.wait < LATEST =>
                {
                    tokio::time::sleep(limited.wait).await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Says that the answer comes, to be seen by the person who asked only.
    ///
    /// # Errors
    /// [`ApiError`].
    pub(super) async fn defer(&self, api: &Api) -> Result<(), ApiError> {
        let body = if self.in_place {
            json!({ "type": CHANGE_LATER })
        } else {
            json!({ "type": LATER, "data": { "flags": PRIVATE } })
        };
        self.first(api, &body, None).await
    }

    /// Opens a form.
    ///
    /// # Errors
    /// [`ApiError`].
    pub(super) async fn form(&self, api: &Api, form: &Value) -> Result<(), ApiError> {
        let body = json!({ "type": FORM, "data": form });
        self.first(api, &body, None).await
    }

    /// Offers what a field can be completed to.
    ///
    /// # Errors
    /// [`ApiError`].
    pub(super) async fn suggest(&self, api: &Api, choices: Vec<Value>) -> Result<(), ApiError> {
        let body = json!({ "type": SUGGESTIONS, "data": { "choices": choices } });
        api.send(&self.call(), Some(&body)).await.map(drop)
    }

    /// Answers after [`Ticket::defer`]. What everybody is to see is published as a message of its own, since what was
    /// deferred is seen by one person; once the token has run out, as an ordinary message in the channel.
    ///
    /// # Errors
    /// [`ApiError`].
    pub(super) async fn follow_up(&self, api: &Api, said: &Response) -> Result<(), ApiError> {
        if tick() - self.received >= TOKEN_LIVES {
            return self.say_late(api, said).await;
        }
        let told = self.say_by_token(api, said).await;
        self.or_late(api, said, told).await
    }

    async fn say_by_token(&self, api: &Api, said: &Response) -> Result<(), ApiError> {
        if said.private {
            return self.edit_own(api, said).await;
        }
        let done = Card::of("Done; everybody sees the answer below.", 0, "");
        self.edit_own(api, &Response::new(done, true)).await?;
        let path = format!("/webhooks/{}/{}", self.application, self.token);
        let call = Call::of_interaction(Method::POST, path);
        let body = said.body();
        match send_with_retries(api, &call, &body, &said.card, Lost::GiveUp).await {
            Ok(_) => Ok(()),
            Err(error) if is_final(&error) => Err(error),
            // Whether the others see it is not known; anyone who asked does.
            Err(_) => self.edit_own(api, said).await,
        }
    }

    /// Says it in the channel, once the token is worth nothing any more. What only one person was to see is not shown to
    /// everybody: they are told to ask again.
    async fn say_late(&self, api: &Api, said: &Response) -> Result<(), ApiError> {
        let (public, content) = if said.private {
            let card = Card::of(LATE, 0, "");
            (&Response::new(card, false), format!("<@{}>", self.person))
        } else {
            (said, String::new())
        };
        let mut body = public.body();
        if let Some(fields) = body.as_object_mut() {
            let users = if said.private {
                vec![self.person.to_string()]
            } else {
                Vec::new()
            };
            let allowed = json!({ "parse": [], "users": users });
            fields.insert("allowed_mentions".to_owned(), allowed);
            fields.insert("content".to_owned(), json!(content));
            fields.insert("nonce".to_owned(), json!(format!("re{}", self.id)));
            fields.insert("enforce_nonce".to_owned(), json!(true));
        }
        let call = Call::new(Method::POST, format!("/channels/{}/messages", self.channel));
        let sent = send_with_retries(api, &call, &body, &public.card, Lost::Repeat).await;
        sent.map(drop)
    }

    async fn edit_own(&self, api: &Api, said: &Response) -> Result<(), ApiError> {
        let path = format!(
            "/webhooks/{}/{}/messages/@original",
            self.application, self.token
        );
        let body = as_edit(said.body());
        let call = Call::of_interaction(Method::PATCH, path);
        let sent = send_with_retries(api, &call, &body, &said.card, Lost::Repeat).await;
        sent.map(drop)
    }

    fn call(&self) -> Call {
        let path = format!("/interactions/{}/{}/callback", self.id, self.token);
        Call::of_interaction(Method::POST, path).within(FIRST_WITHIN)
    }
}

/// The body of a message, for one that is there already: who sees it is settled, and a file that it does not name goes.
pub(super) fn as_edit(mut body: Value) -> Value {
    if let Some(fields) = body.as_object_mut() {
        fields.remove("flags");
        fields.entry("attachments").or_insert_with(|| json!([]));
    }
    body
}

/// Whether Discord has said no; otherwise it may have done what it was asked, or may yet do it.
pub(super) const fn is_final(error: &ApiError) -> bool {
    matches!(error, ApiError::Refused { .. })
}

/// Sends a message's body, with the whole text beside it where the card does not hold it.
///
/// # Errors
/// [`ApiError`].
pub(super) async fn send(
    api: &Api,
    call: &Call,
    body: Value,
    card: &Card,
) -> Result<Value, ApiError> {
    match &card.whole {
        Some(whole) => api.send_file(call, &body, FILE, whole).await,
        None => api.send(call, Some(&body)).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_names_the_files_that_stay_and_leaves_who_sees_it() {
        let short = Card::of("short", 0, "");
        let edit = as_edit(Response::new(short, true).body());
        assert_eq!(edit["attachments"], json!([]), "what was attached goes");
        assert_eq!(edit.get("flags"), None);
        let long = Card::of(&"long ".repeat(2_000), 0, "");
        let edit = as_edit(Response::new(long, false).body());
        assert_eq!(edit["attachments"][0]["filename"], json!(FILE));
    }
}
