//! Presses of buttons, and submitted forms. A button is a prepared command: it says nothing that could not be typed, and its
//! presser is judged as if they had typed it. So it works without end, and forging one gains nothing.

use std::sync::Arc;

use serenity::all::{
    ActionRowComponent, ButtonKind, ButtonStyle, ComponentInteraction,
    ComponentInteractionDataKind, CreateActionRow, CreateInputText, CreateModal, InputTextStyle,
    Message, MessageFlags, ModalInteraction,
};

use super::buttons::{button, rows};
use super::card::Card;
use super::carried::{Carried, DO, EXPIRY, NAME, REASON, SaidLine};
use super::dispatch::LineUse;
use super::markdown::cut;
use super::respond::{Response, Ticket};
use super::{Asker, Shared};
use crate::answer::Reply;
use crate::app::Permits;
use crate::command::{Command, InstanceCommand, InstanceRef, quoted_if_needed};
use crate::domain::Timestamp;
use crate::domain::case::Case;
use crate::domain::change::ChangeKind;
use crate::domain::gravity::Gravity;
use crate::render;

/// Discord's limit for a button's label.
const LABEL: usize = 80;
/// The field of a form.
const FIELD: &str = "text";

#[derive(Debug, Clone)]
pub(super) struct Pressed {
    carried: String,
    what: Carried,
    /// Whether the button is in a private message.
    alone: bool,
    label: Option<String>,
    /// The message with the button, and its last edit by Discord's clock.
    message: (u64, Option<i64>),
    /// The time of the press, by Discord's clock.
    at_ms: i64,
}

impl Pressed {
    pub(super) fn of(pressed: &ComponentInteraction) -> Self {
        let carried = match &pressed.data.kind {
            ComponentInteractionDataKind::StringSelect { values } => {
                values.first().cloned().unwrap_or_default()
            }
            _ => pressed.data.custom_id.clone(),
        };
        let card = pressed.message.embeds.first();
        let chooses = matches!(
            pressed.data.kind,
            ComponentInteractionDataKind::StringSelect { .. }
        );
        Self {
            label: label_of(pressed, &carried),
            what: Carried::read(&carried, card.and_then(|card| card.url.as_deref())),
            carried,
            // A choice from a list leaves the list there for the next choice.
            alone: is_seen_alone(&pressed.message) && !chooses,
            message: (
                pressed.message.id.get(),
                pressed.message.edited_timestamp.map(ms),
            ),
            at_ms: ms(pressed.id.created_at()),
        }
    }
}

/// A Discord timestamp in milliseconds.
fn ms(at: serenity::all::Timestamp) -> i64 {
    let at = at
        .to_rfc3339()
        .map(|at| chrono::DateTime::parse_from_rfc3339(&at));
    at.and_then(Result::ok)
        .map_or(i64::MIN, |at| at.timestamp_millis())
}

/// Whether only one person sees a message.
fn is_seen_alone(message: &Message) -> bool {
    let flags = message.flags.unwrap_or_default();
    flags.contains(MessageFlags::EPHEMERAL)
}

/// The label of the pressed button.
fn label_of(pressed: &ComponentInteraction, carried: &str) -> Option<String> {
    let rows = pressed.message.components.iter();
    let mut parts = rows.flat_map(|row| row.components.iter());
    parts.find_map(|part| match part {
        ActionRowComponent::Button(button) => match &button.data {
            ButtonKind::NonLink { custom_id, .. } if custom_id == carried => button.label.clone(),
            _ => None,
        },
        _ => None,
    })
}

/// Handles a press.
pub(super) fn pressed(bot: &Shared, ticket: Ticket, asker: Asker, pressed: Pressed) {
    // In a private message, the answer replaces the question.
    let ticket = if pressed.alone {
        ticket.in_place()
    } else {
        ticket
    };
    let (message, edited_ms) = pressed.message;
    let fresh = || {
        let carried = pressed.carried.as_str();
        bot.shown
            .has_just_changed(message, edited_ms, carried, pressed.at_ms)
    };
    if let Some(said) = pressed.what.decides().filter(|_| fresh()) {
        let said = said.clone();
        return ask_again(bot, ticket, asker, said, pressed);
    }
    match pressed.what {
        // A list that others read too is not replaced.
        Carried::Do(said) | Carried::Turn(said) => {
            bot.carry_out(ticket, asker, said, LineUse::Said, None);
        }
        Carried::Apply(id) => {
            let said = SaidLine::read("import");
            bot.carry_out(ticket, asker, said, LineUse::Applied(id), None);
        }
        Carried::Name(said) => {
            if pressed.alone {
                // The presser has been told that a name is required.
                ask_first(bot, ticket, asker, said, FirstAsked::Name);
            } else {
                let form = name_form(&said.text);
                ask_name(bot, ticket, asker, said, form);
            }
        }
        Carried::Reason(said) => ask_first(bot, ticket, asker, said, FirstAsked::Reason),
        Carried::Expiry(said) => ask_first(bot, ticket, asker, said, FirstAsked::Expiry),
        Carried::Edition { said, instance } => {
            ask_first(bot, ticket, asker, said, FirstAsked::Edition { instance });
        }
        Carried::Approve(said) => ask_first(bot, ticket, asker, said, FirstAsked::Seen),
        Carried::Nothing => bot.carry_out(ticket, asker, SaidLine::help(), LineUse::Said, None),
    }
}

/// Handles a submitted form.
pub(super) fn filled(bot: &Shared, ticket: Ticket, asker: Asker, filled: &ModalInteraction) {
    let text = field(filled).unwrap_or_default();
    let text = text.replace(['\r', '\n'], " ");
    let ticket = if filled.message.as_deref().is_some_and(is_seen_alone) {
        ticket.in_place()
    } else {
        ticket
    };
    let carried = filled.data.custom_id.as_str();
    let (said, typed) = if let Some(line) = carried.strip_prefix(NAME) {
        (SaidLine::read(line), Some(text.as_str()))
    } else if let Some(line) = carried.strip_prefix(REASON) {
        let line = format!("{line} --reason {}", quoted(&text));
        (SaidLine::read(line), None)
    } else if let Some(line) = carried.strip_prefix(EXPIRY) {
        let line = format!("{line} --expires {}", quoted(&text));
        (SaidLine::read(line), None)
    } else {
        (SaidLine::help(), None)
    };
    bot.carry_out(ticket, asker, said, LineUse::Said, typed);
}

fn field(filled: &ModalInteraction) -> Option<String> {
    let rows = filled.data.components.iter();
    let mut parts = rows.flat_map(|row| row.components.iter());
    parts.find_map(|part| match part {
        ActionRowComponent::InputText(input) if input.custom_id == FIELD => input.value.clone(),
        _ => None,
    })
}

/// Quotes a text as one word of a line.
fn quoted(text: &str) -> String {
    let text = text.trim();
    let quoted = quoted_if_needed(text);
    if quoted == text && (text.contains('"') || text.contains('\\')) {
        return format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    }
    quoted
}

/// The question before an approval or rejection.
enum PressQuestion {
    Whether(Response),
    For(CreateModal),
}

/// The question before a line is run.
enum FirstAsked {
    Name,
    Reason,
    Expiry,
    /// The edition of this instance that the console shows.
    Edition {
        instance: String,
    },
    /// The action that the console shows.
    Seen,
}

impl FirstAsked {
    /// The question; it names what it is about, since the answer comes after a look elsewhere.
    fn question(&self, said: &SaidLine, about: Option<&Case>, now: Timestamp) -> PressQuestion {
        let line = &said.text;
        match self {
            Self::Name => PressQuestion::For(name_form(line)),
            Self::Reason => PressQuestion::For(reason_form(said, about)),
            Self::Expiry => PressQuestion::For(expiry_form(line, about)),
            Self::Edition { instance } => {
                PressQuestion::Whether(what_is_left(said, instance, about))
            }
            Self::Seen => PressQuestion::Whether(match &said.command {
                Ok(Command::Action(action)) => what_it_shows(&action.instance, about),
                _ => what_was_seen(line, about, now),
            }),
        }
    }
}

/// Asks whether a button was meant that changed just before the press.
fn ask_again(bot: &Shared, ticket: Ticket, asker: Asker, said: SaidLine, pressed: Pressed) {
    let bot = Arc::clone(bot);
    tokio::spawn(async move {
        let about = tokio::time::timeout_at(ticket.soon(), bot.about(asker, &said));
        let about = about.await.unwrap_or_default();
        let question = meant(&pressed, &said.text, about.as_ref());
        bot.put(&ticket, &PressQuestion::Whether(question)).await;
    });
}

/// Asks, or answers at once if the command would be refused anyway, or if there is nothing to ask.
fn ask_first(bot: &Shared, ticket: Ticket, asker: Asker, said: SaidLine, asked: FirstAsked) {
    let bot = Arc::clone(bot);
    tokio::spawn(async move {
        let guild = asker.guild;
        let checks = async {
            let refusal = bot.ahead(asker.clone(), &said).await;
            let about = bot.about(asker.clone(), &said).await;
            FirstCheck { refusal, about }
        };
        // If the check takes too long, the question is asked: the decision checks again.
        let checked = tokio::time::timeout_at(ticket.soon(), checks).await;
        let FirstCheck { refusal, about } = checked.unwrap_or_default();
        let question = match &refusal {
            Some(reply) => PressQuestion::Whether(bot.said(reply, guild, &said, ticket.id)),
            // Requests from before a version that asks nothing there.
            None if matches!(said.command, Ok(Command::Approve(_)))
                && is_upgrade(about.as_ref()) =>
            {
                return bot.carry_out(ticket, asker, said, LineUse::Said, None);
            }
            None => asked.question(&said, about.as_ref(), bot.warden.now()),
        };
        bot.put(&ticket, &question).await;
    });
}

/// The result of the check before a question.
#[derive(Default)]
struct FirstCheck {
    /// The answer, if asking would be in vain.
    refusal: Option<Reply>,
    /// The subject of the line.
    about: Option<Case>,
}

fn is_upgrade(about: Option<&Case>) -> bool {
    let change = about.and_then(Case::open_change);
    change.is_some_and(|change| change.kind == ChangeKind::Upgrade)
}

/// A question under what it is about.
fn headed(about: Option<&Case>, text: &str) -> String {
    match about {
        Some(case) => format!("{}\n{text}", render::asked_about(case)),
        None => text.to_owned(),
    }
}

/// Where the Post-expiration Action is seen.
fn where_it_stands(about: Option<&Case>) -> String {
    let name = about.map(|case| format!(" > {}", case.instance.console_name()));
    format!("Look under Instances{}.", name.unwrap_or_default())
}

/// Discord's limit for the title of a form.
const TITLE: usize = 45;

/// The title of a form, with what it is about as far as there is room.
fn titled(question: &str, about: Option<&Case>) -> String {
    match about {
        Some(case) => cut(&format!("{question} {}", render::subject(case)), TITLE).0,
        None => question.to_owned(),
    }
}

/// Asks for the instance's name if the command gives a permit; otherwise runs it directly.
fn ask_name(bot: &Shared, ticket: Ticket, mut asker: Asker, said: SaidLine, form: CreateModal) {
    asker.permits = Permits::Named(None);
    let bot = Arc::clone(bot);
    tokio::spawn(async move {
        let wants = bot.wants_name(asker.clone(), &said);
        let wants = tokio::time::timeout_at(ticket.soon(), wants).await;
        if wants != Ok(true) {
            return bot.carry_out(ticket, asker, said, LineUse::Said, None);
        }
        bot.put(&ticket, &PressQuestion::For(form)).await;
    });
}

impl super::Bot {
    /// Asks the presser.
    async fn put(&self, ticket: &Ticket, question: &PressQuestion) {
        let put = match question {
            PressQuestion::Whether(said) => ticket.answer(&self.api, said).await,
            PressQuestion::For(form) => ticket.form(&self.api, form).await,
        };
        if let Err(error) = put {
            tracing::warn!(interaction = ticket.id, error = %error, "a question did not get through");
        }
    }
}

fn name_form(line: &str) -> CreateModal {
    let input = CreateInputText::new(
        InputTextStyle::Short,
        "Its name, or the end of its commodity id",
        FIELD,
    );
    let input = input.placeholder("orders, or pp1abc2d34").max_length(100);
    form(
        &format!("{NAME}{line}"),
        "Which instance?".to_owned(),
        input,
    )
}

fn reason_form(said: &SaidLine, about: Option<&Case>) -> CreateModal {
    let line = &said.text;
    let question = match said.command {
        Ok(Command::Instance(InstanceCommand::Lost(_))) => "Gone, why?",
        _ => "Why?",
    };
    let input = CreateInputText::new(InputTextStyle::Paragraph, "Reason", FIELD);
    let example = "In a few words; they are kept in the audit trail";
    let input = input.placeholder(example).max_length(1_000);
    form(&format!("{REASON}{line}"), titled(question, about), input)
}

fn expiry_form(line: &str, about: Option<&Case>) -> CreateModal {
    let label = "The date that the vendor's console shows";
    let input = CreateInputText::new(InputTextStyle::Short, label, FIELD);
    let example = "2026-12-31, or 2026-12-31 18:00";
    let input = input.placeholder(example).max_length(100);
    let title = titled("When does it expire?", about);
    form(&format!("{EXPIRY}{line}"), title, input)
}

fn form(carried: &str, title: String, input: CreateInputText) -> CreateModal {
    let input = CreateActionRow::InputText(input.min_length(1));
    CreateModal::new(carried, title).components(vec![input])
}

/// The question before a decision by a button that changed just before the press.
fn meant(pressed: &Pressed, line: &str, about: Option<&Case>) -> Response {
    let label = pressed.label.as_deref().unwrap_or(line);
    let label = cut(label, LABEL).0;
    let text = format!(
        "Did you mean this? Nothing was done.\nThe message changed less than 2 s before you pressed: the button under your finger now says {label}. If that is what you mean, press it here."
    );
    let again = button(&label, ButtonStyle::Secondary, &pressed.carried);
    let text = headed(about, &text);
    Response::new(Card::of(&text, Gravity::Waiting, ""), true).with(rows([again]))
}

/// The question before Standard is said, or the end of a change is confirmed: the edition that the vendor's console shows.
fn what_is_left(said: &SaidLine, id: &str, about: Option<&Case>) -> Response {
    let line = &said.text;
    let ends = match said.command {
        Ok(Command::Confirm(_)) => "Standard ends the change.",
        _ => "Your answer is recorded as your own look.",
    };
    let text = format!(
        "What does the vendor's console show as the edition, at this moment?\n{ends} Say Still Platinum if it does not show Standard yet, and Gone if the instance is not there any more."
    );
    let still = format!("{DO}instance set {id} --edition platinum");
    let gone = format!("{REASON}instance lost {id}");
    let buttons = [
        button("Standard", ButtonStyle::Success, &format!("{DO}{line}")),
        button("Still Platinum", ButtonStyle::Secondary, &still),
        button("Gone", ButtonStyle::Danger, &gone),
    ];
    let text = headed(about, &text);
    Response::new(Card::of(&text, Gravity::Waiting, ""), true).with(rows(buttons))
}

/// The question before Downgrade is attested: the action that the vendor's console shows.
fn what_it_shows(instance: &InstanceRef, about: Option<&Case>) -> Response {
    let text = format!(
        "What does the vendor's console show as Post-expiration Action, at this moment?\n{} Your answer is recorded as your own look.",
        where_it_stands(about)
    );
    let seen = |what: &str| format!("{DO}action {instance} {what}");
    let buttons = [
        button("Downgrade", ButtonStyle::Success, &seen("downgrade")),
        button("Delete", ButtonStyle::Danger, &seen("delete")),
    ];
    let text = headed(about, &text);
    Response::new(Card::of(&text, Gravity::Waiting, ""), true).with(rows(buttons))
}

/// The question before an approval, or a look where only looks are missing: the action that the vendor's console shows.
fn what_was_seen(line: &str, about: Option<&Case>, now: Timestamp) -> Response {
    let is_look = about.is_some_and(|case| case.is_approved(now));
    let then = match is_look {
        true => "Delete stops it.",
        false => "Downgrade approves, Delete stops it.",
    };
    let text = format!(
        "What does the vendor's console show as Post-expiration Action, at this moment?\n{} Your answer is recorded as your own look: {then}",
        where_it_stands(about)
    );
    let seen = |what: &str| format!("{DO}{line} --seen {what}");
    let unseen = button(
        "Approve without a look",
        ButtonStyle::Secondary,
        &format!("{DO}{line}"),
    );
    let looks = [
        button("Downgrade", ButtonStyle::Success, &seen("downgrade")),
        button("Delete", ButtonStyle::Danger, &seen("delete")),
    ];
    let buttons = looks.into_iter().chain((!is_look).then_some(unseen));
    let text = headed(about, &text);
    Response::new(Card::of(&text, Gravity::Waiting, ""), true).with(rows(buttons))
}

#[cfg(test)]
mod tests {
    use super::*;

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
            let said = SaidLine::read(format!("reject 1 --reason {}", quoted(text)));
            let Ok(Command::Reject(reject)) = said.command else {
                unreachable!()
            };
            assert_eq!(reject.reason.as_str(), text);
        }
    }
}
