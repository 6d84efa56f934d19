//! Autocompletion of slash command fields.

use serenity::all::{AutocompleteChoice, CommandInteraction};

use super::Bot;
use super::dispatch::said;
use super::respond::ticket_of;
use super::workspace_of;
use crate::answer::InstanceMatch;
use crate::app::Actor;
use crate::command::{self, ArgKind, COMMAS, LastPart, PartOf};
use crate::domain::case::Case;
use crate::domain::id::folded;
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
    let (path, given) = said(asked);
    let verbs = command::verbs();
    let verb = verbs.iter().find(|verb| verb.path == path)?;
    let arg = verb.args.iter().find(|arg| arg.name == focused.name)?;
    let written = focused.value;
    match &arg.kind {
        ArgKind::Words(words) => Some(of_words(words, "", written)),
        ArgKind::Step(of) => {
            let change = given.iter().find(|given| given.name == "change")?;
            let steps = bot.warden.steps(&actor, &change.value, *of).await;
            let steps = steps.map_err(|error| log(&error)).ok()?;
            Some(of_words(
                steps.iter().map(|step| step.as_str()),
                "",
                written,
            ))
        }
        ArgKind::AnyOf(words) => {
            let start = written.rfind(',').map_or(0, |comma| comma + 1);
            let (kept, last) = written.split_at_checked(start)?;
            let chosen: Vec<&str> = kept.split(',').map(str::trim).collect();
            let left = words.iter().filter(|word| !chosen.contains(&word.as_str()));
            Some(of_words(left, kept, last.trim_start()))
        }
        ArgKind::Instance if !arg.is_option => references(bot, &actor, &verb.path, written).await,
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
        ArgKind::Team => teams(bot, &actor, "", written).await,
        ArgKind::Region => {
            let regions = bot.warden.regions(&actor).await;
            let regions = regions.map_err(|error| log(&error)).ok()?;
            Some(of_words(&regions, "", written))
        }
        ArgKind::Zone => Some(of_words(command::zones(), "", written)),
        ArgKind::Verb => {
            let names = verbs.iter().map(|verb| verb.path.join(" "));
            Some(of_words(names, "", written))
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

/// The words that fit what was written, each behind what is kept; those that have no room there are left out.
fn of_words<T: AsRef<str>>(
    words: impl IntoIterator<Item = T>,
    kept: &str,
    written: &str,
) -> Vec<AutocompleteChoice> {
    let words = command::fitting(words, written);
    let values = words.into_iter().map(|word| format!("{kept}{word}"));
    values
        .filter(|value| fits(value))
        .take(MOST)
        .map(|value| AutocompleteChoice::new(value.as_str(), value.as_str()))
        .collect()
}

/// The instances of an argument that may take several: the last one is completed, and what stands before it is kept.
async fn references(
    bot: &Bot,
    actor: &Actor,
    path: &[&str],
    written: &str,
) -> Option<Vec<AutocompleteChoice>> {
    let Some(part) = LastPart::of(path, written) else {
        return instances(bot, actor, written).await;
    };
    let (kept, last) = written.split_at_checked(part.start)?;
    match part.names {
        // Discord has no files of the bot's.
        PartOf::Files => None,
        PartOf::Teams => teams(bot, actor, kept, last).await,
        PartOf::Instances => {
            // A comma may be part of a name.
            let mut all = instances(bot, actor, written).await?;
            let found = bot.warden.suggest_instances(actor, last).await;
            let found = found.map_err(|error| log(&error)).ok()?;
            let chosen: Vec<String> = kept.split(COMMAS).map(|one| folded(one.trim())).collect();
            let is_chosen = |one: &InstanceMatch| {
                let names = [one.id.to_string(), one.called(), one.handle()];
                names.iter().any(|name| chosen.contains(&folded(name)))
            };
            let left = found.iter().filter(|one| !is_chosen(one));
            all.extend(left.filter_map(|one| one_more(bot, kept, one)));
            all.truncate(MOST);
            Some(all)
        }
    }
}

/// An instance behind those that are kept: by its id, or, where that has no room in a choice, by its name.
fn one_more(bot: &Bot, kept: &str, found: &InstanceMatch) -> Option<AutocompleteChoice> {
    let plain = |name: &String| !name.contains(COMMAS);
    let names = [
        Some(found.id.to_string()),
        Some(found.handle()).filter(plain),
    ];
    let mut values = names
        .into_iter()
        .flatten()
        .map(|name| format!("{kept}{name}"));
    let value = values.find(|value| fits(value))?;
    let shown = format!("{kept}{}", render::suggestion(found, bot.zone));
    Some(AutocompleteChoice::new(shortened(&shown), value))
}

fn fits(value: &str) -> bool {
    value.chars().count() <= LONGEST
}

async fn teams(
    bot: &Bot,
    actor: &Actor,
    kept: &str,
    written: &str,
) -> Option<Vec<AutocompleteChoice>> {
    let teams = bot.warden.teams(actor).await;
    let teams = teams.map_err(|error| log(&error)).ok()?;
    Some(of_words(&teams, kept, written))
}

async fn instances(bot: &Bot, actor: &Actor, written: &str) -> Option<Vec<AutocompleteChoice>> {
    let found = bot.warden.suggest_instances(actor, written).await;
    let found = found.map_err(|error| log(&error)).ok()?;
    Some(found.iter().map(|found| instance(bot, found)).collect())
}

/// The description of an instance: name, region, edition, expiry.
fn instance(bot: &Bot, found: &InstanceMatch) -> AutocompleteChoice {
    let shown = render::suggestion(found, bot.zone);
    AutocompleteChoice::new(shortened(&shown), found.id.as_str())
}

async fn changes(bot: &Bot, actor: &Actor, written: &str) -> Option<Vec<AutocompleteChoice>> {
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
    tracing::warn!(error = %crate::trace::causes(&error), "nothing can be suggested");
}
