//! Responses to interactions: immediate if the answer is ready soon, otherwise deferred.

use std::time::Duration;

use reqwest::Method;
use serde_json::Value;
use serenity::all::{
    AutocompleteChoice, CreateActionRow, CreateAllowedMentions, CreateModal, UserId,
};
use tokio::time::Instant;

use super::api::{Api, ApiError, ApiResult, Call};
use super::card::Card;
use super::retry::{Lost, send_with_retries};
use super::wire::{Callback, FILE, MessageBody, json};
use crate::clock::tick;
use crate::domain::gravity::Gravity;

/// The time after which a response is deferred. Discord's limit is 3 s.
pub(super) const SOON: Duration = Duration::from_millis(1_500);
/// The lifetime of an interaction's token: Discord's 15 minutes, less the time of a request.
const TOKEN_LIVES: Duration = Duration::from_secs(14 * 60 + 30);

/// The time limit for repeating a first response, and the wait between attempts.
const LATEST: Duration = Duration::from_millis(2_500);
const AGAIN: Duration = Duration::from_millis(150);
/// The timeout of one attempt at a first response, which leaves time for another.
const FIRST_WITHIN: Duration = Duration::from_secs(1);
/// Discord's code for a second response.
const ANSWERED: u64 = 40_060;
/// Discord's codes for an expired interaction: unknown webhook, unknown interaction, invalid webhook token.
const GONE: [u64; 3] = [10_015, 10_062, 50_027];
/// The text when a private answer came too late.
const LATE: &str = "The answer came too late for Discord, and it is for you alone: please ask again. What was decided is recorded.";

/// An interaction to respond to. Its token lets anybody respond for 15 minutes, so it is never shown.
#[derive(Clone)]
pub(super) struct Ticket {
    pub(super) id: u64,
    token: String,
    application: u64,
    channel: u64,
    person: u64,
    received: Instant,
    /// Whether the response replaces the message with the pressed button.
    in_place: bool,
    /// Whether it was asked away from the change's card.
    elsewhere: bool,
}

impl std::fmt::Debug for Ticket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Ticket({})", self.id)
    }
}

/// The ticket of any interaction type: serenity's types have the same fields but no common trait.
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

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Response {
    pub(super) card: Card,
    /// Rows of buttons under the card.
    pub(super) rows: Vec<CreateActionRow>,
    /// Whether only the requester sees it.
    pub(super) private: bool,
}

impl Response {
    /// A public or private card.
    pub(super) const fn new(card: Card, private: bool) -> Self {
        Self {
            card,
            rows: Vec::new(),
            private,
        }
    }

    /// Adds rows of buttons.
    #[must_use]
    pub(super) fn with(mut self, rows: Vec<CreateActionRow>) -> Self {
        self.rows = rows;
        self
    }

    /// The body of a message, which pings nobody.
    pub(super) fn body(&self) -> MessageBody {
        let body = MessageBody {
            components: self.rows.clone(),
            ..self.card.clone().into_body()
        };
        body.private(self.private)
    }
}

impl Ticket {
    /// An interaction received now.
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

    /// Marks a slash command, which may be used in any channel: its response links to the change's card.
    #[must_use]
    pub(super) fn of_command(mut self) -> Self {
        self.elsewhere = true;
        self
    }

    /// Whether the response links to the change's card.
    pub(super) const fn is_elsewhere(&self) -> bool {
        self.elsewhere
    }

    /// Responds with a new message.
    #[must_use]
    pub(super) fn apart(&self) -> Self {
        Self {
            in_place: false,
            ..self.clone()
        }
    }

    /// Responds by editing the message with the pressed button.
    #[must_use]
    pub(super) fn in_place(mut self) -> Self {
        self.in_place = true;
        self
    }

    /// The deadline for a first response or deferral.
    pub(super) fn soon(&self) -> Instant {
        self.received + SOON
    }

    /// Responds with a message. It is repeated if its fate is unknown, and posted in the channel if it came too late.
    pub(super) async fn answer(&self, api: &Api, said: &Response) -> ApiResult<()> {
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

    /// Posts in the channel if Discord reports that the interaction has expired.
    pub(super) async fn or_late(
        &self,
        api: &Api,
        said: &Response,
        told: ApiResult<()>,
    ) -> ApiResult<()> {
        match told {
            Err(error) if error.code().is_some_and(|code| GONE.contains(&code)) => {
                self.say_late(api, said).await
            }
            told => told,
        }
    }

    /// Sends the first response, and repeats it before the deadline if its fate is unknown: Discord accepts only one.
    async fn first(&self, api: &Api, answer: &Callback, file: Option<&str>) -> ApiResult<()> {
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

    /// Defers the response, visible only to the requester.
    pub(super) async fn defer(&self, api: &Api) -> ApiResult<()> {
        let answer = if self.in_place {
            Callback::change_later()
        } else {
            Callback::later()
        };
        self.first(api, &answer, None).await
    }

    pub(super) async fn form(&self, api: &Api, form: &CreateModal) -> ApiResult<()> {
        self.first(api, &Callback::form(form.clone()), None).await
    }

    /// Responds with autocompletion choices.
    pub(super) async fn suggest(
        &self,
        api: &Api,
        choices: Vec<AutocompleteChoice>,
    ) -> ApiResult<()> {
        let body = json(&Callback::suggestions(choices));
        api.send(&self.call(), Some(&body)).await.map(drop)
    }

    /// Responds after [`Ticket::defer`]. A public response is a new message, because the deferred one is private; after the token
    /// has expired, it is an ordinary message in the channel.
    pub(super) async fn follow_up(&self, api: &Api, said: &Response) -> ApiResult<()> {
        if tick() - self.received >= TOKEN_LIVES {
            return self.say_late(api, said).await;
        }
        let told = self.say_by_token(api, said).await;
        self.or_late(api, said, told).await
    }

    async fn say_by_token(&self, api: &Api, said: &Response) -> ApiResult<()> {
        if said.private {
            return self.edit_own(api, said).await;
        }
        let done = Card::of("Done; everybody sees the answer below.", Gravity::Done, "");
        self.edit_own(api, &Response::new(done, true)).await?;
        let path = format!("/webhooks/{}/{}", self.application, self.token);
        let call = Call::of_interaction(Method::POST, path);
        match send_with_retries(api, &call, &said.body(), Lost::GiveUp).await {
            Ok(_) => Ok(()),
            Err(error) if is_final(&error) => Err(error),
            // It is unknown whether the public message arrived, so the requester gets the private one.
            Err(_) => self.edit_own(api, said).await,
        }
    }

    /// Posts in the channel after the token has expired. A private response is not made public: the requester is told to ask
    /// again.
    async fn say_late(&self, api: &Api, said: &Response) -> ApiResult<()> {
        let mut body = if said.private {
            MessageBody {
                content: Some(format!("<@{}>", self.person)),
                allowed_mentions: CreateAllowedMentions::new()
                    .users([UserId::new(self.person.max(1))]),
                ..Card::of(LATE, Gravity::Waiting, "").into_body()
            }
        } else {
            said.body()
        };
        body = body.once(format!("re{}", self.id));
        let call = Call::new(Method::POST, format!("/channels/{}/messages", self.channel));
        let sent = send_with_retries(api, &call, &body, Lost::Repeat).await;
        sent.map(drop)
    }

    async fn edit_own(&self, api: &Api, said: &Response) -> ApiResult<()> {
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

/// Whether Discord rejected the request; after other errors it may have been carried out.
pub(super) const fn is_final(error: &ApiError) -> bool {
    matches!(error, ApiError::Refused { .. })
}

/// Sends a message, with the whole text attached if the card cannot hold it.
pub(super) async fn send(api: &Api, call: &Call, body: &MessageBody) -> ApiResult<Value> {
    send_beside(api, call, &json(body), body.whole.as_deref()).await
}

async fn send_beside(api: &Api, call: &Call, body: &Value, file: Option<&str>) -> ApiResult<Value> {
    match file {
        Some(whole) => api.send_file(call, body, FILE, whole).await,
        None => api.send(call, Some(body)).await,
    }
}
