//! Autocompletion of slash command fields.

use serenity::all::{AutocompleteChoice, CommandInteraction};

use super::Bot;
use super::dispatch::said;
use super::respond::ticket_of;
use super::workspace_of;
use crate::answer::InstanceMatch;
use crate::command::{self, ArgKind};
use crate::domain::case::Case;
use crate::render;

/// Discord's limit for the number of choices.
const MOST: usize = 25;
/// Discord's limit for the length of a choice.
const LONGEST: usize = 100;

/// Responds to an autocompletion; without candidates, with an empty list.
pub(super) async fn suggest(bot: &Bot, asked: &CommandInteraction) {
    let ticket = ticket_of!(asked);
    let choices = choices(bot, asked).await.unwrap_or_default();
    if let Err(error) = ticket.suggest(&bot.api, choices).await {
        tracing::debug!(interaction = ticket.id, error = %error, "suggestions did not get through");
    }
}

async fn choices(bot: &Bot, asked: &CommandInteraction) -> Option<Vec<AutocompleteChoice>> {
    let (guild, member) = asked.guild_id.zip(asked.member.as_ref())?;
    let asker = bot.asker(guild.get(), member, member.permissions);
    let settings = bot
        .warden
        .settings_of(&workspace_of(guild.get()))
        .await
        .ok()?;
    let actor = asker.actor(&settings);
    let focused = asked.data.autocomplete()?;
    let (path, _) = said(asked);
    let verbs = command::verbs();
    let verb = verbs.iter().find(|verb| verb.path == path)?;
    let arg = verb.args.iter().find(|arg| arg.name == focused.name)?;
    let written = focused.value;
    match &arg.kind {
        ArgKind::Words(words) => Some(of_words(words, written)),
        ArgKind::Instance => instances(bot, &actor, written).await,
        ArgKind::Change => changes(bot, &actor, written).await,
        ArgKind::Target => {
            let mut all = changes(bot, &actor, written).await?;
            let instances = instances(bot, &actor, written).await?;
            // Neither kind may crowd out the other.
            all.truncate(MOST.saturating_sub(instances.len()).max(MOST / 2));
            all.extend(instances);
            all.truncate(MOST);
            Some(all)
        }
        ArgKind::Team => {
            let teams = bot.warden.teams(&actor).await;
            Some(of_words(&teams.map_err(|error| log(&error)).ok()?, written))
        }
        ArgKind::Region => {
            let regions = bot.warden.regions(&actor).await;
            Some(of_words(
                &regions.map_err(|error| log(&error)).ok()?,
                written,
            ))
        }
        ArgKind::Zone => Some(of_words(command::zones(), written)),
        ArgKind::Verb => {
            let names = verbs.iter().map(|verb| verb.path.join(" "));
            Some(of_words(names, written))
        }
        ArgKind::Flag
        | ArgKind::Number
        | ArgKind::File
        | ArgKind::Person
        | ArgKind::Channel
        | ArgKind::Role { .. }
        | ArgKind::Text => None,
    }
}

fn of_words<T: AsRef<str>>(
    words: impl IntoIterator<Item = T>,
    written: &str,
) -> Vec<AutocompleteChoice> {
    let words = command::fitting(words, written);
    let shown = words.iter().take(MOST);
    shown
        .map(|word| AutocompleteChoice::new(shortened(word), word.as_str()))
        .collect()
}

async fn instances(
    bot: &Bot,
    actor: &crate::app::Actor,
    written: &str,
) -> Option<Vec<AutocompleteChoice>> {
    let found = bot.warden.suggest_instances(actor, written).await;
    let found = found.map_err(|error| log(&error)).ok()?;
    Some(found.iter().map(|found| instance(bot, found)).collect())
}

/// The description of an instance: name, region, edition, expiry.
fn instance(bot: &Bot, found: &InstanceMatch) -> AutocompleteChoice {
    let shown = render::suggestion(found, bot.zone);
    AutocompleteChoice::new(shortened(&shown), found.id.as_str())
}

async fn changes(
    bot: &Bot,
    actor: &crate::app::Actor,
    written: &str,
) -> Option<Vec<AutocompleteChoice>> {
    let found = bot.warden.suggest_changes(actor, written).await;
    let found = found.map_err(|error| log(&error)).ok()?;
    let choice = |case: &Case| {
        let number = case.open_number()?;
        let shown = render::change_suggestion(case)?;
        Some(AutocompleteChoice::new(
            shortened(&shown),
            format!("#{number}"),
        ))
    };
    Some(found.iter().filter_map(choice).collect())
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    let kept: String = text.chars().take(LONGEST - 1).collect();
    format!("{kept}…")
}

fn log(error: &crate::store::StoreError) {
    tracing::warn!(error = ?error, "nothing can be suggested");
}
