//! Commands after a mention of the bot, in a channel: the answer is public.

use std::sync::Arc;

use reqwest::Method;
use serde_json::json;
use serenity::all::Message;

use super::again::{Lost, persist};
use super::api::{ApiError, Call};
use super::hear::{Wanted, is_from_a_person};
use super::respond::Said;
use super::{Asker, Bot, Shared, labels};
use crate::answer::UserError;
use crate::app::Permits;
use crate::domain::id::Person;

/// Hears a message; most are not meant for the bot.
pub(super) fn hear(bot: &Shared, message: Message) {
    let Some(guild) = message.guild_id.map(serenity::all::GuildId::get) else {
        return;
    };
    if !bot.serves(guild) || !is_from_a_person(&message) {
        return;
    }
    let line = addressed(&message.content, bot.user);
    let means_role = || {
        bot.guilds
            .is_role_of(guild, bot.user, &message.mention_roles)
    };
    if line.is_none() && !means_role() || !bot.heard.is_new(message.id.get()) {
        return;
    }
    let (bot, line) = (Arc::clone(bot), line.map(ToOwned::to_owned));
    let asker = speaker(&bot, guild, &message);
    let (channel, id) = (message.channel_id.get(), message.id.get());
    tokio::spawn(async move {
        let reply = match &line {
            Some(line) => {
                let (reply, _) = bot.decide(asker, line.clone(), Wanted::Said);
                let reply = reply.await.ok();
                reply.unwrap_or_else(|| bot.warden.misunderstood(UserError::Busy))
            }
            None => bot.warden.misunderstood(UserError::RoleMentioned),
        };
        let said = bot.said(&reply, (guild, &line.unwrap_or_default()), id);
        if let Err(error) = answer(&bot, (channel, id), said).await {
            tracing::warn!(channel, error = %error, "an answer did not get through");
            if error.status() == Some(403) {
                bot.tell_lacking(guild, channel).await;
            }
        }
    });
}

/// The command in a message that begins with a mention of the bot. A lone mention asks for help.
fn addressed(content: &str, me: u64) -> Option<&str> {
    let content = content.trim_start();
    let plain = format!("<@{me}>");
    let by_name = format!("<@!{me}>");
    let rest = content
        .strip_prefix(plain.as_str())
        .or_else(|| content.strip_prefix(by_name.as_str()))?;
    let line = rest.trim();
    Some(if line.is_empty() { "help" } else { line })
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
        roles: labels(roles),
        manages,
        message: Some(message.id.to_string()),
        permits: Permits::Elsewhere,
    }
}

/// Answers in the channel, as a reply, pinging nobody.
async fn answer(bot: &Bot, (channel, id): (u64, u64), said: Said) -> Result<(), ApiError> {
    let said = Said {
        private: false,
        ..said
    };
    let mut body = said.body();
    if let Some(fields) = body.as_object_mut() {
        let reference = json!({ "message_id": id.to_string(), "fail_if_not_exists": false });
        fields.insert("message_reference".to_owned(), reference);
        let none = json!({ "parse": [], "replied_user": false });
        fields.insert("allowed_mentions".to_owned(), none);
        // The same message is answered once, however often Discord tells of it.
        fields.insert("nonce".to_owned(), json!(format!("re{id}")));
        fields.insert("enforce_nonce".to_owned(), json!(true));
    }
    let call = Call::new(Method::POST, format!("/channels/{channel}/messages"));
    let sent = persist(&bot.api, &call, (&body, &said.card), Lost::Repeat).await;
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
