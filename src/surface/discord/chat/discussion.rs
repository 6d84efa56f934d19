//! The discussion thread of a change.

use reqwest::Method;

use super::super::guild_of;
use super::{DiscordChat, mark};
use crate::app::{CardUpdate, Settings};
use crate::delivery::{Outgoing, SendError, Sent};
use crate::surface::discord::api::Call;
use crate::surface::discord::card::told;
use crate::surface::discord::names;
use crate::surface::discord::respond::send;
use crate::surface::discord::wire::{MessageBody, ThreadBody, json};

impl DiscordChat {
    /// Starts the discussion thread of a change on its message. A failure is logged and has no further effect.
    pub(super) async fn begin_thread(&self, channel: u64, sent: &Sent, message: &Outgoing) {
        let instances = message.instances.join(", ");
        let number = message.change.unwrap_or_default();
        let name: String = format!("#{number} {instances}").chars().take(100).collect();
        let path = format!("/channels/{channel}/messages/{}/threads", sent.message);
        let body = json(&ThreadBody {
            name,
            auto_archive_duration: 10_080,
        });
        let begun = self
            .bot
            .api
            .send(&Call::new(Method::POST, path), Some(&body))
            .await;
        if let Err(error) = begun {
            tracing::info!(channel, error = %error, "no discussion could be opened");
            if let (Some(403), Some(guild)) = (error.status(), guild_of(&message.workspace)) {
                self.bot.tell_lacking(guild, channel).await;
            }
        }
    }

    /// Posts the event to the change's thread. Without a thread nothing is posted: the card shows it.
    pub(super) async fn tell_discussion(
        &self,
        guild: u64,
        settings: &Settings,
        card: &Sent,
        update: &CardUpdate,
    ) -> Result<(), SendError> {
        let Some(text) = &update.discussion else {
            return Ok(());
        };
        let channels = names::settled(settings);
        let nonce = mark(&card.message, &update.shown.told.to_string());
        let body = MessageBody {
            content: Some(told(text, |text| self.bot.named(guild, &channels, text))),
            ..MessageBody::default()
        };
        let call = Call::new(Method::POST, format!("/channels/{}/messages", card.message));
        match send(&self.bot.api, &call, &body.once(nonce)).await {
            Ok(_) => Ok(()),
            Err(error) => match self.bot.told_no(&error) {
                SendError::Permanent(_) => Ok(()),
                later => Err(later),
            },
        }
    }
}
