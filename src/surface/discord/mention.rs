//! Commands after a mention of the bot in a channel, with public answers.

use std::sync::Arc;

use reqwest::Method;
use serenity::all::{CreateAllowedMentions, Message, User};
use tracing::Instrument as _;

use super::api::{ApiResult, Call};
use super::carried::SaidLine;
use super::dispatch::{LineUse, is_elsewhere, is_from_a_person};
use super::respond::Response;
use super::retry::{Lost, send_with_retries};
use super::wire::MessageBody;
use super::workspace_of;
use super::{Asker, Bot, Shared, role_ids};
use crate::answer::UserError;
use crate::app::Permits;
use crate::domain::id::Person;
use crate::trace;

/// Handles a message; most are not addressed to the bot.
pub(super) fn dispatch(bot: &Shared, message: Message) {
    let Some(guild) = message.guild_id.map(serenity::all::GuildId::get) else {
        return;
    };
    if !bot.serves(guild) || !is_from_a_person(&message) {
        return;
    }
    let line = match addressed(&message.content, bot.user) {
        Some(line) => Some(line),
        None => match of_role(bot, guild, &message) {
            Some(line) => line,
            None => return,
        },
    };
    if !bot.heard.is_new(message.id.get()) {
        return;
    }
    let (bot, said) = (Arc::clone(bot), line.map(SaidLine::read));
    let heard = trace::command_span("discord", &workspace_of(guild));
    let _heard = heard
        .record("heard.message", message.id.get())
        .clone()
        .entered();
    // Queued before the next event is handled, so that decisions keep the order of messages.
    let reply = said.as_ref().map(|said| {
        let asker = speaker(&bot, guild, &message);
        bot.decide(asker, said.clone(), LineUse::Said).0
    });
    let (channel, id) = (message.channel_id.get(), message.id.get());
    let answering = async move {
        let reply = match reply {
            Some(reply) => reply.await.map_err(|_| UserError::Busy),
            None => Err(UserError::RoleMentioned),
        };
        let reply = reply.unwrap_or_else(|error| bot.warden.misunderstood(error));
        // The process that decided answers.
        if is_elsewhere(&reply) {
            return;
        }
        let said = said.unwrap_or_else(|| SaidLine::read(""));
        let said = bot.said(&reply, guild, &said, id);
        if let Err(error) = answer(&bot, channel, id, said).await {
            tracing::warn!(channel, error = %error, "an answer did not get through");
            if error.status() == Some(403) {
                bot.tell_lacking(guild, channel).await;
            }
        }
    };
    tokio::spawn(answering.in_current_span());
}

/// The command in a message that mentions the bot's managed role instead of the bot; `Some(None)` if Discord withholds the
/// content.
fn of_role<'a>(bot: &Bot, guild: u64, message: &'a Message) -> Option<Option<&'a str>> {
    if !bot
        .guilds
        .is_role_of(guild, bot.user, &message.mention_roles)
    {
        return None;
    }
    let content = message.content.trim_start();
    if content.is_empty() {
        return Some(None);
    }
    let (role, line) = content.strip_prefix("<@&")?.split_once('>')?;
    let role = serenity::all::RoleId::new(role.parse::<u64>().ok()?.max(1));
    let own = bot.guilds.is_role_of(guild, bot.user, &[role]);
    own.then(|| Some(or_help(line)))
}

/// The command in a message that begins with a mention of the bot. A mention alone asks for help.
fn addressed(content: &str, me: u64) -> Option<&str> {
    let content = content.trim_start();
    let plain = format!("<@{me}>");
    let by_name = format!("<@!{me}>");
    let rest = content
        .strip_prefix(plain.as_str())
        .or_else(|| content.strip_prefix(by_name.as_str()))?;
    Some(or_help(rest))
}

fn or_help(line: &str) -> &str {
    let line = line.trim();
    if line.is_empty() { "help" } else { line }
}

fn speaker(bot: &Bot, guild: u64, message: &Message) -> Asker {
    let member = message.member.as_deref();
    let roles = member.map_or(&[][..], |member| member.roles.as_slice());
    let nick = member.and_then(|member| member.nick.as_deref());
    let name = nick.unwrap_or_else(|| message.author.display_name());
    let id = message.author.id;
    let manages = bot
        .guilds
        .manages(serenity::all::GuildId::new(guild.max(1)), id, roles);
    Asker {
        guild,
        person: Person::known_as(&id.to_string(), name),
        roles: role_ids(roles),
        manages,
        message: Some(message.id.to_string()),
        people: message.mentions.iter().map(called).collect(),
        permits: Permits::Elsewhere,
    }
}

fn called(user: &User) -> Person {
    Person::known_as(&user.id.to_string(), user.display_name())
}

/// Answers with a reply in the channel, which pings nobody.
async fn answer(bot: &Bot, channel: u64, id: u64, said: Response) -> ApiResult<()> {
    let said = Response {
        private: false,
        ..said
    };
    let body = MessageBody {
        allowed_mentions: CreateAllowedMentions::new().replied_user(false),
        ..said.body()
    };
    // The nonce prevents a second answer when Discord delivers a message twice.
    let body = body
        .replying_to(Some(id.to_string()))
        .once(format!("re{id}"));
    let call = Call::new(Method::POST, format!("/channels/{channel}/messages"));
    let sent = send_with_retries(&bot.api, &call, &body, Lost::Repeat).await;
    sent.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_begins_with_a_mention_is_meant() {
        assert_eq!(addressed("<@7> list", 7), Some("list"));
        assert_eq!(addressed(" <@!7>   changes ", 7), Some("changes"));
        assert_eq!(addressed("<@7>", 7), Some("help"));
        assert_eq!(addressed("hello <@7> list", 7), None);
        assert_eq!(addressed("<@77> list", 7), None);
    }
}
