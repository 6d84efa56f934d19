//! Request bodies for Discord for which serenity has no type, or one with unwanted fields. Discord's numeric constants are only
//! in this module.

use serde::Serialize;
use serde_json::Value;
use serenity::all::{
    AutocompleteChoice, ChannelType, CommandOptionType, CommandType, CreateActionRow,
    CreateAllowedMentions, CreateModal, InstallationContext, InteractionContext, MessageFlags,
};

/// The file name of an attached text.
pub(super) const FILE: &str = "answer.txt";

/// A body as JSON.
pub(super) fn json(body: &impl Serialize) -> Value {
    serde_json::to_value(body).unwrap_or_default()
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Embed {
    pub(super) description: String,
    pub(super) color: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) footer: Option<Footer>,
    /// A URL, which is not displayed without a title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) url: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Footer {
    pub(super) text: String,
}

/// A message. Only explicitly allowed mentions ping.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(super) struct MessageBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) content: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) embeds: Vec<Embed>,
    pub(super) components: Vec<CreateActionRow>,
    pub(super) allowed_mentions: CreateAllowedMentions,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) flags: Option<MessageFlags>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) attachments: Option<Vec<Attachment>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) message_reference: Option<RepliedTo>,
    #[serde(flatten)]
    pub(super) nonce: Option<Nonce>,
    /// The text to attach as a file.
    #[serde(skip)]
    pub(super) whole: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Attachment {
    id: &'static str,
    filename: &'static str,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct RepliedTo {
    message_id: String,
    fail_if_not_exists: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Nonce {
    nonce: String,
    enforce_nonce: bool,
}

impl MessageBody {
    /// Attaches a text as a file.
    #[must_use]
    pub(super) fn attaching(mut self, whole: Option<String>) -> Self {
        let file = Attachment {
            id: "0",
            filename: FILE,
        };
        self.attachments = whole.is_some().then(|| vec![file]);
        self.whole = whole;
        self
    }

    /// Makes the message private.
    #[must_use]
    pub(super) fn private(mut self, private: bool) -> Self {
        self.flags = private.then_some(MessageFlags::EPHEMERAL);
        self
    }

    /// Makes the message a reply, if the other message still exists.
    #[must_use]
    pub(super) fn replying_to(mut self, message: Option<String>) -> Self {
        self.message_reference = message.map(|message_id| RepliedTo {
            message_id,
            fail_if_not_exists: false,
        });
        self
    }

    /// Sets a nonce, so that the message is posted once even if it is sent repeatedly.
    #[must_use]
    pub(super) fn once(mut self, nonce: String) -> Self {
        self.nonce = Some(Nonce {
            nonce,
            enforce_nonce: true,
        });
        self
    }

    /// Converts the body for an edit: its visibility is fixed, and attachments that it does not list are removed.
    #[must_use]
    pub(super) fn into_edit(mut self) -> Self {
        self.flags = None;
        self.attachments.get_or_insert_default();
        self
    }
}

/// The first response to an interaction.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Callback {
    #[serde(rename = "type")]
    kind: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<CallbackData>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
enum CallbackData {
    Message(Box<MessageBody>),
    Later { flags: MessageFlags },
    Suggestions { choices: Vec<AutocompleteChoice> },
    Form(CreateModal),
}

impl Callback {
    const fn of(kind: u8, data: CallbackData) -> Self {
        let data = Some(data);
        Self { kind, data }
    }

    /// Responds with a message.
    pub(super) fn message(body: MessageBody) -> Self {
        Self::of(4, CallbackData::Message(Box::new(body)))
    }

    /// Defers a private message.
    pub(super) const fn later() -> Self {
        let flags = MessageFlags::EPHEMERAL;
        Self::of(5, CallbackData::Later { flags })
    }

    /// Defers an edit of the message with the pressed button.
    pub(super) const fn change_later() -> Self {
        Self {
            kind: 6,
            data: None,
        }
    }

    /// Edits the message with the pressed button.
    pub(super) fn change(body: MessageBody) -> Self {
        Self::of(7, CallbackData::Message(Box::new(body.into_edit())))
    }

    /// Responds with autocompletion choices.
    pub(super) const fn suggestions(choices: Vec<AutocompleteChoice>) -> Self {
        Self::of(8, CallbackData::Suggestions { choices })
    }

    /// Opens a form.
    pub(super) const fn form(form: CreateModal) -> Self {
        Self::of(9, CallbackData::Form(form))
    }
}

/// A new thread.
#[derive(Debug, Serialize)]
pub(super) struct ThreadBody {
    pub(super) name: String,
    /// In minutes.
    pub(super) auto_archive_duration: u32,
}

/// The recipient of a direct message.
#[derive(Debug, Serialize)]
pub(super) struct RecipientBody {
    pub(super) recipient_id: String,
}

/// A command, available only in guilds with the bot installed.
#[derive(Debug, Clone, Serialize)]
pub(super) struct CommandBody {
    #[serde(rename = "type")]
    kind: CommandType,
    pub(super) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) options: Vec<OptionBody>,
    contexts: [InteractionContext; 1],
    integration_types: [InstallationContext; 1],
}

impl CommandBody {
    const fn of(kind: CommandType, name: String) -> Self {
        Self {
            kind,
            name,
            description: None,
            options: Vec::new(),
            contexts: [InteractionContext::Guild],
            integration_types: [InstallationContext::Guild],
        }
    }

    /// A slash command. It is visible to all: permissions depend on the roles of the settings.
    pub(super) fn typed(name: &str, description: String, options: Vec<OptionBody>) -> Self {
        Self {
            description: Some(description),
            options,
            ..Self::of(CommandType::ChatInput, name.to_owned())
        }
    }

    /// A command in the context menu of a message.
    pub(super) fn on_message(name: &str) -> Self {
        Self::of(CommandType::Message, name.to_owned())
    }
}

/// An option of a command, or a subcommand with options of its own.
#[derive(Debug, Clone, Serialize)]
pub(super) struct OptionBody {
    #[serde(rename = "type")]
    pub(super) kind: CommandOptionType,
    pub(super) name: String,
    pub(super) description: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) required: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) options: Vec<Self>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) choices: Vec<AutocompleteChoice>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) autocomplete: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) max_length: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) min_value: Option<u32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) channel_types: Vec<ChannelType>,
}

impl OptionBody {
    pub(super) fn new(kind: CommandOptionType, name: &str, description: String) -> Self {
        Self {
            kind,
            name: name.to_owned(),
            description,
            required: false,
            options: Vec::new(),
            choices: Vec::new(),
            autocomplete: false,
            max_length: None,
            min_value: None,
            channel_types: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_edit_names_the_files_that_stay_and_leaves_who_sees_it() {
        let short = MessageBody::default().private(true);
        let edit = json(&short.clone().into_edit());
        assert_eq!(edit["attachments"], json!([]), "what was attached goes");
        assert_eq!(edit.get("flags"), None);
        assert_eq!(json(&short)["flags"], json!(64));
        let long = MessageBody::default().attaching(Some("long".to_owned()));
        let edit = json(&long.into_edit());
        assert_eq!(edit["attachments"][0]["filename"], json!(FILE));
    }
}
