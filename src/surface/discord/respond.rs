//! Answering an interaction: at once when the answer is ready soon, otherwise after saying that it is being worked on.

use std::time::Duration;

use reqwest::Method;
use serde_json::Value;
use serenity::all::{
    AutocompleteChoice, CreateActionRow, CreateAllowedMentions, CreateModal, UserId,
};
use tokio::time::Instant;

use super::api::{Api, ApiError, Call};
use super::card::Card;
use super::retry::{Lost, send_with_retries};
use super::wire::{Callback, FILE, MessageBody, json};
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
    pub(super) rows: Vec<CreateActionRow>,
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
    pub(super) fn with(mut self, rows: Vec<CreateActionRow>) -> Self {
        self.rows = rows;
        self
    }

    /// As a message's body. Nobody is pinged by it.
    pub(super) fn body(&self) -> MessageBody {
        let body = MessageBody {
            components: self.rows.clone(),
            ..self.card.clone().into_body()
        };
        body.private(self.private)
    }
}

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
        let body = said.body();
        let file = body.whole.clone();
        let answer = if self.in_place {
            Callback::change(body)
        } else {
            Callback::message(body)
        };
        let told = match self.first(api, &answer, file.as_deref()).await {
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
    async fn first(
        &self,
        api: &Api,
        answer: &Callback,
        file: Option<&str>,
    ) -> Result<(), ApiError> {
        let (body, mut tried) = (json(answer), false);
        loop {
            match send_beside(api, &self.call(), &body, file).await {
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
        let answer = if self.in_place {
            Callback::change_later()
        } else {
            Callback::later()
        };
        self.first(api, &answer, None).await
    }

    /// Opens a form.
    ///
    /// # Errors
    /// [`ApiError`].
    pub(super) async fn form(&self, api: &Api, form: &CreateModal) -> Result<(), ApiError> {
        self.first(api, &Callback::form(form.clone()), None).await
    }

    /// Offers what a field can be completed to.
    ///
    /// # Errors
    /// [`ApiError`].
    pub(super) async fn suggest(
        &self,
        api: &Api,
        choices: Vec<AutocompleteChoice>,
    ) -> Result<(), ApiError> {
        let body = json(&Callback::suggestions(choices));
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
        match send_with_retries(api, &call, &said.body(), Lost::GiveUp).await {
            Ok(_) => Ok(()),
            Err(error) if is_final(&error) => Err(error),
            // Whether the others see it is not known; anyone who asked does.
            Err(_) => self.edit_own(api, said).await,
        }
    }

    /// Says it in the channel, once the token is worth nothing any more. What only one person was to see is not shown to
    /// everybody: they are told to ask again.
    async fn say_late(&self, api: &Api, said: &Response) -> Result<(), ApiError> {
        let mut body = if said.private {
            MessageBody {
                content: Some(format!("<@{}>", self.person)),
                allowed_mentions: CreateAllowedMentions::new()
                    .users([UserId::new(self.person.max(1))]),
                ..Card::of(LATE, 0, "").into_body()
            }
        } else {
            said.body()
        };
        body = body.once(format!("re{}", self.id));
        let call = Call::new(Method::POST, format!("/channels/{}/messages", self.channel));
        let sent = send_with_retries(api, &call, &body, Lost::Repeat).await;
        sent.map(drop)
    }

    async fn edit_own(&self, api: &Api, said: &Response) -> Result<(), ApiError> {
        let path = format!(
            "/webhooks/{}/{}/messages/@original",
            self.application, self.token
        );
        let call = Call::of_interaction(Method::PATCH, path);
        let body = said.body().into_edit();
        let sent = send_with_retries(api, &call, &body, Lost::Repeat).await;
        sent.map(drop)
    }

    fn call(&self) -> Call {
        let path = format!("/interactions/{}/{}/callback", self.id, self.token);
        Call::of_interaction(Method::POST, path).within(FIRST_WITHIN)
    }
}

/// Whether Discord has said no; otherwise it may have done what it was asked, or may yet do it.
pub(super) const fn is_final(error: &ApiError) -> bool {
    matches!(error, ApiError::Refused { .. })
}

/// Sends a message, with the whole text beside it where its card does not hold it.
///
/// # Errors
/// [`ApiError`].
pub(super) async fn send(api: &Api, call: &Call, body: &MessageBody) -> Result<Value, ApiError> {
    send_beside(api, call, &json(body), body.whole.as_deref()).await
}

async fn send_beside(
    api: &Api,
    call: &Call,
    body: &Value,
    file: Option<&str>,
) -> Result<Value, ApiError> {
    match file {
        Some(whole) => api.send_file(call, body, FILE, whole).await,
        None => api.send(call, Some(body)).await,
    }
}
