//! Buttons and forms. A button is a command that somebody else wrote down: it says nothing that could not be typed, and
//! anyone who presses it is judged as if they had typed it. So it works for ever, and a forged one gains nothing.

use serde_json::{Value, json};
use serenity::all::{ComponentInteraction, Message, MessageFlags, ModalInteraction};

use super::card::Card;
use super::dispatch::LineUse;
use super::markdown::cut;
use super::pages::{pages, turned};
use super::respond::{Response, Ticket};
use super::{Asker, Shared};
use crate::answer::{Answer, Reply, Withheld};
use crate::app::Permits;
use crate::command::{
    Command, InstanceCommand, InstanceRef, TargetRef, parse_line, quoted_if_needed,
};
use crate::domain::case::Case;
use crate::domain::change::{ChangeKind, Route, Step};
use crate::domain::effect::{Action, Asks, Tone};
use crate::domain::instance::Edition;
use crate::domain::reminder::subject;
use crate::render;

/// Discord's bound on what a button carries.
pub(super) const LONGEST: usize = 100;
/// Discord's bound on what a button is called.
const LABEL: usize = 80;

pub(super) const BLUE: u8 = 1;
const GREY: u8 = 2;
const GREEN: u8 = 3;
const RED: u8 = 4;

/// What comes before a line that is carried out.
const DO: &str = "do:";
/// What comes before a line whose instance has to be named first.
const NAME: &str = "name:";
/// What comes before a line that wants a reason.
const REASON: &str = "reason:";
/// What comes before a line that wants an expiry.
const EXPIRY: &str = "expiry:";
/// What comes before the number of a change and the id of its instance, where it is asked what the console shows.
const EDITION: &str = "edition:";
/// What comes before what cannot be pressed.
const OFF: &str = "off:";
/// What comes before a line that approves.
const APPROVE: &str = "look:";
/// What comes before the interaction that brought a file.
const APPLY: &str = "apply:";
/// The field of a form.
const FIELD: &str = "text";

/// A press.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pressed {
    carried: String,
    /// Whether the button is under an answer that one person sees.
    alone: bool,
    /// The address of the card that it is under.
    beside: Option<String>,
    /// What it is called.
    label: Option<String>,
    /// The message that it is under, and when that was last changed, by Discord's clock.
    message: (u64, Option<i64>),
    /// When it was pressed, by Discord's clock.
    at_ms: i64,
}

impl Pressed {
    /// What the pressed button carries.
    pub(super) fn of(pressed: &ComponentInteraction) -> Self {
        use serenity::all::ComponentInteractionDataKind as Kind;
        let carried = match &pressed.data.kind {
            Kind::StringSelect { values } => values.first().cloned().unwrap_or_default(),
            _ => pressed.data.custom_id.clone(),
        };
        let edited = pressed.message.edited_timestamp;
        Self {
            label: label_of(pressed, &carried),
            carried,
            alone: is_seen_alone(&pressed.message),
            beside: pressed
                .message
                .embeds
                .first()
                .and_then(|embed| embed.url.clone()),
            message: (pressed.message.id.get(), edited.map(ms)),
            at_ms: ms(pressed.id.created_at()),
        }
    }

    /// The line that it says, if that decides something which a finger may have meant differently.
    fn decides(&self) -> Option<&str> {
        let prefixes = [DO, REASON, EXPIRY, APPROVE, EDITION];
        let mut lines = prefixes
            .iter()
            .map(|prefix| self.carried.strip_prefix(prefix));
        let line = lines.find_map(|line| line)?;
        let asks_edition = self.carried.starts_with(EDITION);
        let said = [line.to_owned(), format!("{line} --reason …")];
        let said = said.iter().find_map(|line| parse_line(line).ok());
        (asks_edition || said.is_none_or(|said| is_decision(&said))).then_some(line)
    }
}

/// A moment of Discord's.
fn ms(at: serenity::all::Timestamp) -> i64 {
    let at = at
        .to_rfc3339()
        .map(|at| chrono::DateTime::parse_from_rfc3339(&at));
    at.and_then(Result::ok)
        .map_or(i64::MIN, |at| at.timestamp_millis())
}

/// Whether one person sees a message.
fn is_seen_alone(message: &Message) -> bool {
    let flags = message.flags.unwrap_or_default();
    flags.contains(MessageFlags::EPHEMERAL)
}

/// What the pressed button is called.
fn label_of(pressed: &ComponentInteraction, carried: &str) -> Option<String> {
    use serenity::all::{ActionRowComponent, ButtonKind};
    let mut parts = pressed
        .message
        .components
        .iter()
        .flat_map(|row| row.components.iter());
    parts.find_map(|part| match part {
        ActionRowComponent::Button(button) => match &button.data {
            ButtonKind::NonLink { custom_id, .. } if custom_id == carried => button.label.clone(),
            _ => None,
        },
        _ => None,
    })
}

/// Whether a command confirms, approves, rejects or attests something.
const fn is_decision(command: &Command) -> bool {
    matches!(
        command,
        Command::Confirm(_)
            | Command::Approve(_)
            | Command::Reject(_)
            | Command::Cancel(_)
            | Command::Action(_)
            | Command::Instance(InstanceCommand::Set(_) | InstanceCommand::Lost(_))
    )
}

/// Deals with a press.
pub(super) fn pressed(bot: &Shared, ticket: Ticket, asker: Asker, pressed: &Pressed) {
    let carried = pressed.carried.as_str();
    // A question that one person sees is replaced by its answer.
    let ticket = if pressed.alone {
        ticket.in_place()
    } else {
        ticket
    };
    let (message, edited_ms) = pressed.message;
    let fresh = || {
        bot.shown
            .has_just_changed(message, edited_ms, carried, pressed.at_ms)
    };
    if let Some(line) = pressed.decides().filter(|_| fresh()) {
        let said = meant(pressed, line);
        let bot = std::sync::Arc::clone(bot);
        tokio::spawn(async move {
            if let Err(error) = ticket.answer(&bot.api, &said).await {
                tracing::warn!(interaction = ticket.id, error = %error, "a question did not get through");
            }
        });
        return;
    }
    if let Some(line) = carried.strip_prefix(EDITION) {
        let Some((number, id)) = line.split_once(' ') else {
            return bot.carry_out(ticket, asker, "help".to_owned(), LineUse::Said, None);
        };
        let line = format!("confirm {number} verify-standard");
        let question = PressQuestion::Whether(what_is_left(&line, id));
        return ask_first(bot, ticket, asker, line.clone(), &line, question);
    }
    if let Some(line) = carried.strip_prefix(DO) {
        return bot.carry_out(ticket, asker, line.to_owned(), LineUse::Said, None);
    }
    if let Some(line) = turned(carried, pressed.beside.as_deref()) {
        // What others read too is not leafed through for them.
        return bot.carry_out(ticket, asker, line, LineUse::Said, None);
    }
    if let Some(id) = carried.strip_prefix(APPLY) {
        let (line, wanted) = ("import".to_owned(), LineUse::Applied(id.to_owned()));
        return bot.carry_out(ticket, asker, line, wanted, None);
    }
    if let Some(line) = carried.strip_prefix(NAME) {
        let form = name_form(line);
        if pressed.alone {
            // Who presses it has been told that a name is wanted.
            let question = PressQuestion::For(form);
            return ask_first(bot, ticket, asker, line.to_owned(), line, question);
        }
        return ask_name(bot, ticket, asker, line.to_owned(), form);
    }
    if let Some(line) = carried.strip_prefix(REASON) {
        let form = form(
            &format!("{REASON}{line}"),
            "Why?",
            "Reason",
            "In a few words; they are kept in the audit trail",
            true,
        );
        let whole = format!("{line} --reason …");
        return ask_first(bot, ticket, asker, whole, line, PressQuestion::For(form));
    }
    if let Some(line) = carried.strip_prefix(EXPIRY) {
        let carried = format!("{EXPIRY}{line}");
        let label = "The date that the vendor's console shows";
        let example = "2026-12-31, or 2026-12-31 18:00";
        let form = form(&carried, "When does it expire?", label, example, false);
        return ask_first(
            bot,
            ticket,
            asker,
            line.to_owned(),
            line,
            PressQuestion::For(form),
        );
    }
    if let Some(line) = carried.strip_prefix(APPROVE) {
        // The first ones carried the change alone.
        let bare = line.bytes().all(|byte| byte.is_ascii_digit());
        let line = &if bare {
            format!("approve {line}")
        } else {
            line.to_owned()
        };
        let question = PressQuestion::Whether(what_was_seen(line));
        return ask_first(bot, ticket, asker, line.clone(), line, question);
    }
    bot.carry_out(ticket, asker, "help".to_owned(), LineUse::Said, None);
}

/// Deals with a form that was filled in.
pub(super) fn filled(bot: &Shared, ticket: Ticket, asker: Asker, filled: &ModalInteraction) {
    let carried = filled.data.custom_id.as_str();
    let text = field(filled).unwrap_or_default();
    let text = text.replace(['\r', '\n'], " ");
    let ticket = if filled.message.as_deref().is_some_and(is_seen_alone) {
        ticket.in_place()
    } else {
        ticket
    };
    if let Some(line) = carried.strip_prefix(NAME) {
        bot.carry_out(ticket, asker, line.to_owned(), LineUse::Said, Some(&text));
    } else if let Some(line) = carried.strip_prefix(REASON) {
        let line = format!("{line} --reason {}", quoted(&text));
        bot.carry_out(ticket, asker, line, LineUse::Said, None);
    } else if let Some(line) = carried.strip_prefix(EXPIRY) {
        let line = format!("{line} --expires {}", quoted(&text));
        bot.carry_out(ticket, asker, line, LineUse::Said, None);
    } else {
        bot.carry_out(ticket, asker, "help".to_owned(), LineUse::Said, None);
    }
}

fn field(filled: &ModalInteraction) -> Option<String> {
    let rows = filled.data.components.iter();
    let mut parts = rows.flat_map(|row| row.components.iter());
    parts.find_map(|part| match part {
        serenity::all::ActionRowComponent::InputText(input) if input.custom_id == FIELD => {
            input.value.clone()
        }
        _ => None,
    })
}

/// A text as one word of a line, whatever is in it.
fn quoted(text: &str) -> String {
    let text = text.trim();
    let quoted = quoted_if_needed(text);
    if quoted == text && (text.contains('"') || text.contains('\\')) {
        return format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    }
    quoted
}

/// What is asked before an approval or a rejection is carried out.
enum PressQuestion {
    Whether(Response),
    For(Value),
}

/// Asks, unless what is asked for would be in vain: then that is said. `whole` is the line with something in the place of
/// what is asked for.
fn ask_first(
    bot: &Shared,
    ticket: Ticket,
    asker: Asker,
    whole: String,
    line: &str,
    asked: PressQuestion,
) {
    let (bot, line) = (std::sync::Arc::clone(bot), line.to_owned());
    tokio::spawn(async move {
        let guild = asker.guild;
        // Anyone who would wait too long for that is asked: the decision looks again.
        let ahead = tokio::time::timeout_at(ticket.soon(), bot.ahead(asker, &whole, &line));
        let told = match (ahead.await.unwrap_or_default(), asked) {
            (Some(reply), _) => {
                let said = bot.said(&reply, guild, &line, ticket.id);
                ticket.answer(&bot.api, &said).await
            }
            (None, PressQuestion::Whether(said)) => ticket.answer(&bot.api, &said).await,
            (None, PressQuestion::For(form)) => ticket.form(&bot.api, &form).await,
        };
        if let Err(error) = told {
            tracing::warn!(interaction = ticket.id, error = %error, "a question did not get through");
        }
    });
}

fn name_form(line: &str) -> Value {
    let label = "Its name, or the end of its commodity id";
    let example = "orders, or pp1abc2d34";
    form(
        &format!("{NAME}{line}"),
        "Which instance?",
        label,
        example,
        false,
    )
}

/// Asks for the name of the instance where a permit is to be had for it; everything else is carried out as it is.
fn ask_name(bot: &Shared, ticket: Ticket, mut asker: Asker, line: String, form: Value) {
    asker.permits = Permits::Named(None);
    let bot = std::sync::Arc::clone(bot);
    tokio::spawn(async move {
        let wants = bot.wants_name(asker.clone(), &line);
        let wants = tokio::time::timeout_at(ticket.soon(), wants).await;
        if wants != Ok(true) {
            return bot.carry_out(ticket, asker, line, LineUse::Said, None);
        }
        if let Err(error) = ticket.form(&bot.api, &form).await {
            tracing::warn!(interaction = ticket.id, error = %error, "a question did not get through");
        }
    });
}

/// Before something is decided by a button that came to mean it just before it was pressed.
fn meant(pressed: &Pressed, line: &str) -> Response {
    let label = pressed.label.as_deref().unwrap_or(line);
    let label = cut(label, LABEL).0;
    let text = format!(
        "Did you mean this? Nothing was done.\nThe message changed less than 2 s before you pressed: the button under your finger now says {label}. If that is what you mean, press it here."
    );
    let again = button(&label, GREY, &pressed.carried);
    Response::new(Card::of(&text, 0, ""), true).with(rows([again]))
}

/// Before a change is said to have come to its end: what does the vendor's console show?
fn what_is_left(line: &str, id: &str) -> Response {
    let text = "What does the vendor's console show as the edition, at this moment?\nStandard ends the change. Say Still Platinum if it does not show Standard yet, and Gone if the instance is not there any more.";
    let buttons = [
        button("Standard", GREEN, &format!("{DO}{line}")),
        button(
            "Still Platinum",
            GREY,
            &format!("{DO}instance set {id} --edition platinum"),
        ),
        button("Gone", RED, &format!("{REASON}instance lost {id}")),
    ];
    Response::new(Card::of(text, 0, ""), true).with(rows(buttons))
}

/// Before an approval is given: what does the vendor's console show?
fn what_was_seen(line: &str) -> Response {
    let text = "What does the vendor's console show as Post-expiration Action, at this moment?\nYour answer is recorded as your own look. Say \"I did not look\" if you approve without one, as an upgrade is approved: Standard has no such action. Delete sends the change back.";
    let seen = |what: &str| format!("{DO}{line} --seen {what}");
    let buttons = [
        button("Downgrade", GREEN, &seen("downgrade")),
        button("Delete", RED, &seen("delete")),
        button("I did not look", GREY, &format!("{DO}{line}")),
    ];
    Response::new(Card::of(text, 0, ""), true).with(rows(buttons))
}

fn form(carried: &str, title: &str, label: &str, example: &str, long: bool) -> Value {
    let style = if long { 2 } else { 1 };
    let most = if long { 1_000 } else { 100 };
    json!({
        "custom_id": carried, "title": title,
        "components": [{ "type": 1, "components": [{
            "type": 4, "custom_id": FIELD, "style": style, "label": label,
            "placeholder": example, "min_length": 1, "max_length": most, "required": true,
        }]}],
    })
}

pub(super) fn button(label: &str, style: u8, carried: &str) -> Option<Value> {
    let fits = carried.chars().count() <= LONGEST;
    fits.then(|| json!({ "type": 2, "style": style, "label": label, "custom_id": carried }))
}

/// Buttons in rows of five; what Discord would not take is left out.
pub(super) fn rows(buttons: impl IntoIterator<Item = Option<Value>>) -> Vec<Value> {
    let buttons: Vec<Value> = buttons.into_iter().flatten().collect();
    buttons
        .chunks(5)
        .take(5)
        .map(|row| json!({ "type": 1, "components": row }))
        .collect()
}

/// What can be done about a post: buttons, or a menu of what there is to choose from.
pub(super) fn of_actions(actions: &[Action]) -> Vec<Value> {
    let (choices, actions): (Vec<&Action>, Vec<&Action>) = actions
        .iter()
        .partition(|action| action.asks == Asks::Choice);
    if !choices.is_empty() {
        return menus(&choices);
    }
    let numbers = actions.iter().map(|action| action.row);
    let numbers: std::collections::BTreeSet<u8> = numbers.collect();
    let of_row = |number: u8| {
        let actions = actions.iter().filter(move |action| action.row == number);
        rows(actions.map(|action| of_action(action)))
    };
    numbers.into_iter().flat_map(of_row).take(5).collect()
}

fn of_action(action: &Action) -> Option<Value> {
    let carried = match action.asks {
        Asks::Nothing | Asks::Choice => format!("{DO}{}", action.line),
        Asks::Reason => format!("{REASON}{}", action.line),
        Asks::Expiry => format!("{EXPIRY}{}", action.line),
        Asks::Edition => format!("{EDITION}{}", action.line),
        Asks::WhatIsSeen => format!("{APPROVE}{}", action.line),
        Asks::Name => format!("{NAME}{}", action.line),
    };
    let style = match action.tone {
        Tone::Plain => GREY,
        Tone::Strong => BLUE,
        Tone::Good => GREEN,
        Tone::Bad => RED,
    };
    if action.enabled {
        return button(&action.label, style, &carried);
    }
    // What cannot be pressed carries nothing, and keeps its place.
    let mut off = button(&action.label, style, &format!("{OFF}{}", action.label))?;
    off.as_object_mut()?
        .insert("disabled".to_owned(), json!(true));
    Some(off)
}

/// Menus of 25, five at the most, which is what Discord takes; what is chosen is a line like a button's.
fn menus(choices: &[&Action]) -> Vec<Value> {
    const OPTIONS: usize = 25;
    let several = choices.len() > OPTIONS;
    let menus = choices.chunks(OPTIONS).take(5).enumerate();
    menus
        .map(|(number, choices)| {
            let options: Vec<Value> = choices
                .iter()
                .map(|choice| {
                    let label = cut(&choice.label, LONGEST).0;
                    json!({ "label": label, "value": format!("{DO}{}", choice.line) })
                })
                .collect();
            let which = match (choices.first(), choices.last()) {
                (Some(first), Some(last)) if several => {
                    format!("Which one? {} … {}", first.label, last.label)
                }
                _ => "Which one?".to_owned(),
            };
            json!({ "type": 1, "components": [{
                "type": 3, "custom_id": format!("which:{number}"), "options": options,
                "placeholder": cut(&which, LONGEST).0,
            }]})
        })
        .collect()
}

/// What can be done next, under an answer.
pub(super) fn under(reply: &Reply, line: &str, asked: u64) -> Vec<Value> {
    match &reply.answer {
        Answer::Withheld { case, why, .. } => {
            let line = shortest(line, case.instance.id.as_str());
            let (label, carried) = match why {
                Withheld::Elsewhere => ("Get permit", format!("{DO}{line}")),
                Withheld::NotNamed | Withheld::NamedWrongly => {
                    ("Type its name", format!("{NAME}{line}"))
                }
            };
            rows([button(label, RED, &carried)])
        }
        Answer::Permit { case, shown, .. } => {
            let number = case.open_number().unwrap_or_default();
            let step = shown.permit.step;
            of_actions(&render::action::of_permit(number, step, &case.instance.id))
        }
        Answer::Imported(report) if report.dry_run && !report.aborted => {
            rows([button("Apply", GREEN, &format!("{APPLY}{asked}"))])
        }
        Answer::Reminders { case, planned, .. } if !planned.is_empty() => {
            of_actions(&render::action::of_reminder(
                &case.instance.id,
                subject(case),
                case.instance.action.value().copied(),
            ))
        }
        Answer::Recorded { case, .. } => rows([reopens(case)]),
        Answer::Instances { page, .. } => pages(line, page.page, page.more),
        Answer::Changes { page, .. } => pages(line, page.page, page.more),
        Answer::Raised { page } => pages(line, page.page, page.more),
        Answer::Todo(todo) => pages(line, todo.page.page, todo.page.more),
        Answer::Audit { page, .. } => pages(line, page.page, page.more),
        _ => Vec::new(),
    }
}

/// Somebody saw that an instance is still Platinum after a change is said to have taken it out of that: the way back.
fn reopens(case: &Case) -> Option<Value> {
    let change = case
        .open_change()
        .filter(|change| change.exit_confirmed())?;
    let step = match change.kind {
        ChangeKind::Downgrade(Route::Unsubscribe) => Step::Unsubscribe,
        ChangeKind::Downgrade(Route::Expiry) => Step::AwaitExpiry,
        ChangeKind::Upgrade => return None,
    };
    if case.instance.edition.value() != Some(&Edition::Platinum) {
        return None;
    }
    let line = format!("reopen {} {}", change.number, step.as_str());
    button("Reopen", RED, &format!("{REASON}{line}"))
}

/// A line that asks for a permit, as short as it can be said, so that a button can carry it.
fn shortest(line: &str, id: &str) -> String {
    let (Ok(mut command), Ok(by_id)) = (parse_line(line), id.parse::<InstanceRef>()) else {
        return line.to_owned();
    };
    if command.to_string().chars().count() + NAME.len() > LONGEST {
        match &mut command {
            Command::Unsubscribe(it) => it.instance = by_id,
            Command::Next(it) => it.target = TargetRef::Instance(by_id),
            _ => {}
        }
    }
    command.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The longest ids there are, and an instant to the millisecond.
    #[test]
    fn what_is_under_a_reminder_fits() {
        let id = format!("MQ_INST_{}_{}", "1".repeat(20), "A".repeat(20));
        let id = crate::domain::id::InstanceId::parse(&id).unwrap();
        let of = chrono::DateTime::from_timestamp_millis(1_772_294_400_123);
        let actions = render::action::of_reminder(&id, of, None);
        let rows = of_actions(&actions);
        let shown: usize = rows
            .iter()
            .map(|row| row["components"].as_array().unwrap().len())
            .sum();
        assert_eq!(shown, actions.len());
    }

    #[test]
    fn what_discord_would_refuse_is_no_button() {
        assert_eq!(button("x", GREY, &"x".repeat(101)), None);
    }

    #[test]
    fn a_reason_stays_one_word_of_the_line() {
        for text in [
            "no",
            "it's 5\" off",
            "a \\ b",
            "--force",
            "two words",
            "\"x\"",
        ] {
            let line = format!("reject 1 --reason {}", quoted(text));
            let command = parse_line(&line).unwrap();
            let Command::Reject(reject) = command else {
                unreachable!()
            };
            assert_eq!(reject.reason.as_str(), text);
        }
    }
}
