//! Handling of commands, mentions and buttons: one grammar, one parser, the same answers.

use std::sync::Arc;

use serenity::all::{
    CommandDataOption, CommandDataOptionValue, CommandDataResolved, CommandInteraction,
    CommandType, Event, Interaction, Message, User,
};
use tokio::sync::oneshot;
use tracing::Instrument as _;

use super::api::ApiResult;
use super::buttons;
use super::card::{Card, is_private};
use super::carried::SaidLine;
use super::chat::link;
use super::commands::{self, Given};
use super::guild_queues::{Full, QueueKind, QueueWait};
use super::import::Attached;
use super::names;
use super::pages;
use super::press::{self, Pressed};
use super::respond::{Response, Ticket, is_final, ticket_of};
use super::watch::text::{self, MessageContent};
use super::workspace_of;
use super::{Asker, Shared};
use crate::answer::{Answer, Reply, UserError};
use crate::app::Permits;
use crate::clock::tick;
use crate::command::{Command, NoticeText};
use crate::domain::authority::Permission;
use crate::domain::case::Case;
use crate::domain::id::Person;
use crate::render::Reader;
use crate::trace;

/// Handles one event. Slow work runs in its own task.
pub(super) fn dispatch(bot: &Shared, event: Event) {
    match event {
        Event::InteractionCreate(event) => interaction(bot, event.interaction),
        Event::MessageCreate(event) => {
            super::watch::dispatch(bot, &event.message);
            super::mention::dispatch(bot, event.message);
        }
        Event::MessageDelete(event) => bot.deleted(event.guild_id, &[event.message_id]),
        Event::MessageDeleteBulk(event) => bot.deleted(event.guild_id, &event.ids),
        Event::GuildCreate(event) => bot.joined(&event.guild),
        Event::GuildUpdate(event) => bot.guilds.update(&event.guild),
        Event::GuildDelete(event) => bot.left(event.guild.id, event.guild.unavailable),
        Event::GuildRoleCreate(event) => {
            bot.guilds.take_role(&event.role);
            bot.looks_at_roles(event.role.guild_id.get());
        }
        Event::GuildRoleUpdate(event) => bot.guilds.take_role(&event.role),
        Event::GuildRoleDelete(event) => {
            bot.guilds.drop_role(event.guild_id, event.role_id);
            bot.looks_at_roles(event.guild_id.get());
        }
        Event::Ready(event) => {
            bot.present_in(&event.ready.guilds);
            bot.reconnected();
        }
        Event::Resumed(_) => bot.reconnected(),
        Event::Unknown(event) => {
            tracing::warn!(event = %event.kind, "an event of Discord's cannot be read");
        }
        _ => {}
    }
}

fn interaction(bot: &Shared, interaction: Interaction) {
    if !bot.heard.is_new(interaction.id().get()) {
        return;
    }
    match interaction {
        Interaction::Command(asked) => slash(bot, &asked),
        Interaction::Autocomplete(asked) => {
            let bot = Arc::clone(bot);
            tokio::spawn(async move { super::suggest::suggest(&bot, &asked).await });
        }
        Interaction::Component(pressed) => {
            let ticket = ticket_of!(pressed);
            let Some((guild, member)) = pressed.guild_id.zip(pressed.member.as_ref()) else {
                return;
            };
            let asker = bot.asker(guild.get(), member, member.permissions);
            press::pressed(bot, ticket, asker, Pressed::of(&pressed));
        }
        Interaction::Modal(filled) => {
            let ticket = ticket_of!(filled);
            let Some((guild, member)) = filled.guild_id.zip(filled.member.as_ref()) else {
                return;
            };
            let asker = bot.asker(guild.get(), member, member.permissions);
            press::filled(bot, ticket, asker, &filled);
        }
        _ => {}
    }
}

/// The words of a slash command, and its options.
pub(super) fn said(asked: &CommandInteraction) -> (Vec<&str>, Vec<Given>) {
    let mut path = vec![asked.data.name.as_str()];
    let mut options: &[CommandDataOption] = &asked.data.options;
    while let [only] = options
        && let CommandDataOptionValue::SubCommand(inner)
        | CommandDataOptionValue::SubCommandGroup(inner) = &only.value
    {
        path.push(only.name.as_str());
        options = inner;
    }
    let given = options.iter().filter_map(|option| {
        let value = value(&option.value)?;
        Some(Given {
            name: option.name.clone(),
            value,
        })
    });
    (path, given.collect())
}

fn value(value: &CommandDataOptionValue) -> Option<String> {
    Some(match value {
        CommandDataOptionValue::Boolean(on) => on.to_string(),
        CommandDataOptionValue::Integer(number) => number.to_string(),
        CommandDataOptionValue::Number(number) => number.to_string(),
        CommandDataOptionValue::String(text)
        | CommandDataOptionValue::Autocomplete { value: text, .. } => text.clone(),
        CommandDataOptionValue::Attachment(id) => id.to_string(),
        CommandDataOptionValue::Channel(id) => id.to_string(),
        CommandDataOptionValue::Role(id) => id.to_string(),
        CommandDataOptionValue::User(id) => id.to_string(),
        _ => return None,
    })
}

fn slash(bot: &Shared, asked: &CommandInteraction) {
    let ticket = ticket_of!(asked);
    let Some((guild, member)) = asked.guild_id.zip(asked.member.as_ref()) else {
        return;
    };
    let mut asker = bot.asker(guild.get(), member, member.permissions);
    asker.people = picked(&asked.data.resolved);
    if asked.data.kind == CommandType::Message {
        let said = SaidLine::read(handed_in(asked));
        return bot.carry_out(ticket.of_command(), asker, said, LineUse::Said, None);
    }
    let (path, mut given) = said(asked);
    let file = Attached::of(asked);
    if let Some(file) = &file {
        for given in given.iter_mut().filter(|given| given.name == "file") {
            given.value = file.name();
        }
    }
    let said = SaidLine::read(commands::line(&path, &given));
    let wanted = file.map_or(LineUse::Said, LineUse::Tried);
    bot.carry_out(ticket.of_command(), asker, said, wanted, None);
}

/// The people whom a command names, as their server calls them.
fn picked(resolved: &CommandDataResolved) -> Vec<Person> {
    let person = |user: &User| {
        let member = resolved.members.get(&user.id);
        let nick = member.and_then(|member| member.nick.as_deref());
        let name = nick.unwrap_or_else(|| user.display_name());
        Person::known_as(&user.id.to_string(), name)
    };
    resolved.users.values().map(person).collect()
}

/// The line that hands in the message on which the command was used. A message without text results in an error, which names the
/// file that it has.
fn handed_in(asked: &CommandInteraction) -> String {
    let target = asked.data.target_id.map(|id| id.to_message_id());
    let message = target.and_then(|id| asked.data.resolved.messages.get(&id));
    let json = message.and_then(|message| serde_json::to_value(message).ok());
    let text = match json.as_ref().map(text::said) {
        Some(MessageContent::Text(text)) => Some(text),
        Some(MessageContent::Other | MessageContent::Nothing) | None => {
            let mut files = message.into_iter().flat_map(|message| &message.attachments);
            let names_file = |name: &str| name.parse().is_ok_and(|it: NoticeText| it.names_file());
            let file = files.find(|file| names_file(&file.filename));
            file.map(|file| file.filename.clone())
        }
    };
    format!("notice {}", text.unwrap_or_default())
}

/// The kind of request of a line.
#[derive(Debug, Clone)]
pub(super) enum LineUse {
    /// The line itself.
    Said,
    /// A file to try.
    Tried(Attached),
    /// Applies the file that was tried under this id.
    Applied(String),
}

impl super::Bot {
    /// Runs a line in the guild's queue, and answers the interaction. `typed` is the text typed to name an instance.
    pub(super) fn carry_out(
        self: &Arc<Self>,
        ticket: Ticket,
        mut asker: Asker,
        said: SaidLine,
        wanted: LineUse,
        typed: Option<&str>,
    ) {
        asker.permits = Permits::Named(typed.map(Arc::from));
        asker.message = Some(ticket.id.to_string());
        let guild = asker.guild;
        let heard = trace::command_span("discord", &workspace_of(guild));
        let _heard = heard.record("heard.message", ticket.id).clone().entered();
        let (reply, turn) = self.decide(asker, said.clone(), wanted);
        let bot = Arc::clone(self);
        let answering = async move {
            let answered = bot.answer(&ticket, reply, turn, guild, &said).await;
            if let Err(error) = answered {
                tracing::warn!(interaction = ticket.id, error = %error, "an answer did not get through");
            }
        };
        tokio::spawn(answering.in_current_span());
    }

    /// Queues a line for the guild. Also returns whether the wait is short.
    pub(super) fn decide(
        self: &Arc<Self>,
        asker: Asker,
        said: SaidLine,
        wanted: LineUse,
    ) -> (oneshot::Receiver<Reply>, QueueWait) {
        let (told, reply) = oneshot::channel();
        let bot = Arc::clone(self);
        let guild = asker.guild;
        let kind = queue_kind(&said, &wanted);
        let work = async move {
            let reply = bot.handle(asker, said, wanted).await;
            bot.watches_what_was_set(guild, &reply);
            bot.looks_at_what_was_set(guild, &reply);
            bot.looks_at_roles_that_were_set(guild, &reply);
            // The receiver may be gone; the decision stays.
            let _ = told.send(reply);
        };
        let pushed = match kind {
            QueueKind::Decisions => self.guild_queues.push(guild, kind, work),
            QueueKind::Files => {
                let bot = Arc::clone(self);
                // Commands that arrived before the file are decided before it.
                let turn = async move {
                    if bot.guild_queues.push(guild, kind, work) == Err(Full) {
                        tracing::warn!(guild, "too many files wait; one is turned away");
                    }
                };
                self.guild_queues.push(guild, QueueKind::Decisions, turn)
            }
        };
        let turn = pushed.unwrap_or_else(|Full| {
            tracing::warn!(guild, "too many requests wait; one is turned away");
            QueueWait::Soon
        });
        (reply, turn)
    }

    /// The reply before a line's author is asked for more, if asking would be in vain; `None` if the question makes sense.
    pub(super) async fn ahead(&self, asker: Asker, said: &SaidLine) -> Option<Reply> {
        let guild = asker.guild;
        if !self.serves(guild) {
            return Some(self.warden.misunderstood(UserError::NotHere));
        }
        let settings = match self.warden.settings_of(&workspace_of(guild)).await {
            Ok(settings) => settings,
            Err(error) => return Some(self.warden.broken(error)),
        };
        let actor = asker.actor(&settings);
        match &said.command {
            Ok(command) => self.warden.ahead(&actor, command, &said.text).await,
            Err(error) => Some(self.warden.misread(&actor, &said.text, error.clone()).await),
        }
    }

    /// The instance and change that a line is about, if its author may see them.
    pub(super) async fn about(&self, asker: Asker, said: &SaidLine) -> Option<Case> {
        let guild = asker.guild;
        let command = said.command.as_ref().ok()?;
        let settings = self.warden.settings_of(&workspace_of(guild)).await.ok()?;
        if !self.serves(guild) {
            return None;
        }
        let actor = asker.actor(&settings);
        self.warden.named_by(&actor, command).await.ok().flatten()
    }

    /// Whether a line gives a permit once its instance is named. If that cannot be determined in time, the line runs as it is.
    pub(super) async fn wants_name(&self, asker: Asker, said: &SaidLine) -> bool {
        let guild = asker.guild;
        let Ok(settings) = self.warden.settings_of(&workspace_of(guild)).await else {
            return false;
        };
        let Ok(command) = &said.command else {
            return false;
        };
        let actor = asker.actor(&settings);
        self.serves(guild) && self.warden.wants_name(&actor, command).await
    }

    /// The author's roles are interpreted when it is their turn, so that earlier settings apply.
    async fn handle(&self, asker: Asker, said: SaidLine, wanted: LineUse) -> Reply {
        let guild = asker.guild;
        if !self.serves(guild) {
            return self.warden.misunderstood(UserError::NotHere);
        }
        let settings = match self.warden.settings_of(&workspace_of(guild)).await {
            Ok(settings) => settings,
            Err(error) => return self.warden.broken(error),
        };
        let actor = &asker.actor(&settings);
        let command = match (wanted, said.command) {
            (LineUse::Tried(file), command) => {
                let line = &said.text;
                return match command {
                    Ok(command) => self.try_file(actor, command, line, &file).await,
                    Err(error) => self.warden.misunderstood(UserError::Parse(error)),
                };
            }
            (LineUse::Applied(id), _) => return self.apply_file(actor, &id).await,
            (LineUse::Said, Ok(Command::Import(_))) => {
                return self.warden.misunderstood(UserError::NoFilesHere);
            }
            (LineUse::Said, Ok(command)) => command,
            (LineUse::Said, Err(error)) => {
                return self.warden.misread(actor, &said.text, error).await;
            }
        };
        let command = match self.resolve_references(guild, actor, command).await {
            Ok(command) => command,
            Err(error) => return self.warden.misunderstood(error),
        };
        if actor.may(Permission::TakePermit) {
            let looked = self.look_up_approvers(guild, actor, &settings, &command);
            if let Err(error) = looked.await {
                return self.warden.misunderstood(error);
            }
        }
        if actor.may(Permission::Teach) {
            let looked = self.look_up_teacher(guild, actor, &settings, &command);
            if let Err(error) = looked.await {
                return self.warden.misunderstood(error);
            }
        }
        self.warden.handle(actor, &command).await
    }

    async fn answer(
        &self,
        ticket: &Ticket,
        mut reply: oneshot::Receiver<Reply>,
        turn: QueueWait,
        guild: u64,
        asked: &SaidLine,
    ) -> ApiResult<()> {
        let until = match turn {
            QueueWait::Soon => ticket.soon(),
            // Deferred at once: in a crowd, not all can be deferred at the last moment.
            QueueWait::Later => tick(),
        };
        if let Ok(reply) = tokio::time::timeout_at(until, &mut reply).await {
            let reply = self.or_busy(reply.ok());
            // The process that decided answers.
            if is_elsewhere(&reply) {
                return Ok(());
            }
            let said = self.said(&reply, guild, asked, ticket.id);
            let said = self.leading_to_card(ticket, &reply, guild, said).await;
            // A public reply does not replace a private message.
            let ticket = if said.private || is_page(&reply) {
                ticket
            } else {
                &ticket.apart()
            };
            return ticket.answer(&self.api, &said).await;
        }
        let deferred = ticket.defer(&self.api).await;
        let reply = self.or_busy(reply.await.ok());
        let said = self.said(&reply, guild, asked, ticket.id);
        let said = self.leading_to_card(ticket, &reply, guild, said).await;
        match deferred {
            Err(error) if is_final(&error) => ticket.or_late(&self.api, &said, Err(error)).await,
            // After an error the deferral may have arrived nevertheless.
            Ok(()) | Err(_) => ticket.follow_up(&self.api, &said).await,
        }
    }

    /// Adds a link to the card of the change, or to the channel in which the card will be posted.
    async fn leading_to_card(
        &self,
        ticket: &Ticket,
        reply: &Reply,
        guild: u64,
        said: Response,
    ) -> Response {
        let Some(change) = reply.change.filter(|_| ticket.is_elsewhere()) else {
            return said;
        };
        let Ok(Some(place)) = self.warden.card_of(&workspace_of(guild), change).await else {
            return said;
        };
        let Ok(channel) = place.channel.as_str().parse::<u64>() else {
            return said;
        };
        let link = match place.message {
            Some(message) => link(guild, channel, &message),
            None => format!("<#{channel}>"),
        };
        Response {
            card: said.card.with_line(&format!("Its card: {link}")),
            ..said
        }
    }

    fn or_busy(&self, reply: Option<Reply>) -> Reply {
        reply.unwrap_or_else(|| self.warden.misunderstood(UserError::Busy))
    }

    /// A reply to a line, formatted for a guild.
    pub(super) fn said(&self, reply: &Reply, guild: u64, said: &SaidLine, asked: u64) -> Response {
        let reader = Reader::marked(self.zone, reply.at);
        let channels = names::spoken_of(reply);
        let card =
            Card::reply(reply, &said.text, &reader).told(|text| self.named(guild, &channels, text));
        let card = match pages::address(guild, said).filter(|_| is_page(reply)) {
            Some(address) => card.known_by(&address),
            None => card,
        };
        Response::new(card, is_private(reply)).with(buttons::under(reply, said, asked))
    }
}

/// The queue of a line: what works through a file, or takes one back, does so in batches and may take long.
const fn queue_kind(said: &SaidLine, wanted: &LineUse) -> QueueKind {
    match (wanted, &said.command) {
        (LineUse::Tried(_) | LineUse::Applied(_), _) => QueueKind::Files,
        (LineUse::Said, Ok(Command::ImportUndo(_))) => QueueKind::Files,
        (LineUse::Said, _) => QueueKind::Decisions,
    }
}

/// Whether another process has decided.
pub(super) const fn is_elsewhere(reply: &Reply) -> bool {
    matches!(reply.answer, Answer::Unusable(UserError::DecidedElsewhere))
}

/// Whether a reply is a page of a list.
const fn is_page(reply: &Reply) -> bool {
    matches!(
        reply.answer,
        Answer::Instances { .. }
            | Answer::Changes { .. }
            | Answer::Todo(_)
            | Answer::Raised { .. }
            | Answer::Notices { .. }
            | Answer::Suppressed { .. }
            | Answer::Audit { .. }
    )
}

/// Whether a message was written by a person.
pub(super) fn is_from_a_person(message: &Message) -> bool {
    !message.author.bot && message.webhook_id.is_none()
}
