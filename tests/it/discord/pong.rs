//! The smallest bot, with serenity as the real one has it: what it understands of the fake is what the bot will.

use std::sync::{Arc, Mutex};

use serenity::all::{
    ActionRowComponent, AutocompleteChoice, ClientBuilder, CommandInteraction, CommandOptionType,
    ComponentInteraction, ComponentInteractionDataKind, Context, CreateActionRow,
    CreateAutocompleteResponse, CreateButton, CreateCommand, CreateCommandOption, CreateInputText,
    CreateInteractionResponse, CreateInteractionResponseFollowup, CreateInteractionResponseMessage,
    CreateModal, CreateSelectMenu, CreateSelectMenuKind, CreateSelectMenuOption,
    EditInteractionResponse, Event, EventHandler, GatewayIntents, HttpBuilder, InputTextStyle,
    Interaction, Message, ModalInteraction, Permissions, RawEventHandler, Ready,
};
use serenity::async_trait;
use tokio::task::JoinHandle;

use super::fake::FakeDiscord;

/// A connected bot; it is gone when dropped.
pub(super) struct Pong {
    task: JoinHandle<()>,
    heard: Heard,
}

/// What came over the gateway: the names of events serenity understood, and those it did not.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<(Vec<String>, Vec<String>)>>);

impl Drop for Pong {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Pong {
    pub(super) async fn start(discord: &FakeDiscord) -> Self {
        let intents = GatewayIntents::GUILDS
            | GatewayIntents::GUILD_MESSAGES
            | GatewayIntents::GUILD_MESSAGE_REACTIONS
            | GatewayIntents::DIRECT_MESSAGES;
        Self::with(discord, intents).await
    }

    pub(super) async fn with(discord: &FakeDiscord, intents: GatewayIntents) -> Self {
        let http = HttpBuilder::new(discord.token())
            .proxy(discord.api_url())
            .ratelimiter_disabled(true)
            .build();
        let heard = Heard::default();
        let mut client = ClientBuilder::new_with_http(http, intents)
            .event_handler(Answers)
            .raw_event_handler(heard.clone())
            .await
            .unwrap();
        assert_eq!(*client.ws_url.lock().await, discord.gateway_url());
        let task = tokio::spawn(async move {
            let _ = client.start().await;
        });
        Self { task, heard }
    }

    /// Every event that serenity could not make anything of.
    pub(super) fn unknown(&self) -> Vec<String> {
        self.heard.0.lock().unwrap().1.clone()
    }

    /// The names of the events it understood.
    pub(super) fn events(&self) -> Vec<String> {
        self.heard.0.lock().unwrap().0.clone()
    }
}

#[async_trait]
impl RawEventHandler for Heard {
    async fn raw_event(&self, _: Context, event: Event) {
        let mut heard = self.0.lock().unwrap();
        match &event {
            Event::Unknown(unknown) => heard.1.push(format!("{unknown:?}")),
            known => heard.0.push(known.name().unwrap_or_default()),
        }
    }
}

struct Answers;

#[async_trait]
impl EventHandler for Answers {
    async fn ready(&self, context: Context, ready: Ready) {
        let commands = commands();
        for guild in ready.guilds {
            guild
                .id
                .set_commands(&context, commands.clone())
                .await
                .unwrap();
        }
    }

    async fn message(&self, context: Context, message: Message) {
        if !message.author.bot && !message.content.is_empty() {
            let _ = message
                .reply(&context, format!("You said: {}", message.content))
                .await;
        }
    }

    async fn interaction_create(&self, context: Context, interaction: Interaction) {
        let _ = match interaction {
            Interaction::Command(one) => command(&context, &one).await,
            Interaction::Autocomplete(one) => suggest(&context, &one).await,
            Interaction::Component(one) => component(&context, &one).await,
            Interaction::Modal(one) => modal(&context, &one).await,
            _ => Ok(()),
        };
    }
}

fn commands() -> Vec<CreateCommand> {
    let text = |name, about| CreateCommandOption::new(CommandOptionType::String, name, about);
    let quiet = CreateCommandOption::new(CommandOptionType::Boolean, "quiet", "For you alone");
    let file =
        CreateCommandOption::new(CommandOptionType::Attachment, "file", "The list").required(true);
    let by = text("by", "How")
        .add_string_choice("At expiry", "expiry")
        .add_string_choice("Now", "now");
    let add = CreateCommandOption::new(CommandOptionType::SubCommand, "add", "Adds one")
        .add_sub_option(text("name", "Its name").required(true));
    vec![
        CreateCommand::new("ping")
            .description("Answers")
            .add_option(quiet),
        CreateCommand::new("menu")
            .description("Lets choose")
            .default_member_permissions(Permissions::MANAGE_GUILD),
        CreateCommand::new("import")
            .description("Takes a file")
            .add_option(file),
        CreateCommand::new("slow").description("Answers late"),
        CreateCommand::new("ask").description("Asks back"),
        CreateCommand::new("downgrade")
            .description("Downgrades")
            .add_option(
                text("instance", "Which")
                    .required(true)
                    .set_autocomplete(true),
            )
            .add_option(by),
        CreateCommand::new("instance")
            .description("Instances")
            .add_option(add),
    ]
}

fn says(text: impl Into<String>) -> CreateInteractionResponseMessage {
    CreateInteractionResponseMessage::new().content(text)
}

async fn command(context: &Context, one: &CommandInteraction) -> serenity::Result<()> {
    let option = one.data.options.first();
    let answer = match one.data.name.as_str() {
        "ping" => {
            let button = CreateButton::new("again:1").label("Again");
            let quiet = option
                .and_then(|quiet| quiet.value.as_bool())
                .unwrap_or_default();
            let message = says("pong").button(button).ephemeral(quiet);
            CreateInteractionResponse::Message(message)
        }
        "slow" => {
            one.defer_ephemeral(context).await?;
            let late = EditInteractionResponse::new().content("at last");
            return one.edit_response(context, late).await.map(drop);
        }
        "menu" => CreateInteractionResponse::Message(menus()),
        "import" => {
            return import(context, one).await;
        }
        "ask" => {
            let input = CreateInputText::new(InputTextStyle::Short, "Name", "name");
            let modal = CreateModal::new("ask:1", "Who is it?");
            CreateInteractionResponse::Modal(
                modal.components(vec![CreateActionRow::InputText(input)]),
            )
        }
        name => {
            CreateInteractionResponse::Message(says(format!("{name}: {:?}", one.data.options())))
        }
    };
    one.create_response(context, answer).await
}

fn menus() -> CreateInteractionResponseMessage {
    let option = CreateSelectMenuOption::new("Delete", "delete");
    let kind = CreateSelectMenuKind::String {
        options: vec![option],
    };
    let roles = CreateSelectMenuKind::Role {
        default_roles: None,
    };
    let shown = CreateSelectMenu::new("menu:1", kind).placeholder("What is shown?");
    let who = CreateSelectMenu::new("menu:2", roles).placeholder("Who approves?");
    says("choose").select_menu(shown).select_menu(who)
}

async fn import(context: &Context, one: &CommandInteraction) -> serenity::Result<()> {
    let file = one.data.resolved.attachments.values().next();
    let list = file.map(|file| file.download());
    let bytes = list.unwrap().await?;
    one.create_response(context, CreateInteractionResponse::Message(says("read")))
        .await?;
    let text = format!("{} bytes", bytes.len());
    let follow_up = CreateInteractionResponseFollowup::new()
        .content(text)
        .ephemeral(true);
    one.create_followup(context, follow_up).await.map(drop)
}

async fn suggest(context: &Context, one: &CommandInteraction) -> serenity::Result<()> {
    let typed = one
        .data
        .autocomplete()
        .map(|option| option.value)
        .unwrap_or_default();
    let all = ["orders", "stock"]
        .iter()
        .filter(|name| name.starts_with(typed));
    let choices = all
        .map(|name| AutocompleteChoice::new(*name, *name))
        .collect();
    let answer = CreateAutocompleteResponse::new().set_choices(choices);
    one.create_response(context, CreateInteractionResponse::Autocomplete(answer))
        .await
}

async fn component(context: &Context, one: &ComponentInteraction) -> serenity::Result<()> {
    let permissions = one.member.as_ref().and_then(|member| member.permissions);
    assert!(permissions.is_some(), "a member comes with permissions");
    let chosen = match &one.data.kind {
        ComponentInteractionDataKind::StringSelect { values } => values.join(","),
        ComponentInteractionDataKind::RoleSelect { values } => format!("{values:?}"),
        _ => String::new(),
    };
    let text = format!("{} pressed {} {chosen}", one.user.name, one.data.custom_id);
    one.create_response(
        context,
        CreateInteractionResponse::UpdateMessage(says(text)),
    )
    .await
}

async fn modal(context: &Context, one: &ModalInteraction) -> serenity::Result<()> {
    let inputs = one.data.components.iter().flat_map(|row| &row.components);
    let typed = inputs.filter_map(|input| match input {
        ActionRowComponent::InputText(text) => text.value.clone(),
        _ => None,
    });
    let text = format!("You are {}", typed.collect::<String>());
    one.create_response(
        context,
        CreateInteractionResponse::Message(says(text).ephemeral(true)),
    )
    .await
}
