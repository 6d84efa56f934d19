//! Buttons and menus under messages.

use std::collections::BTreeSet;

use serenity::all::{
    ButtonStyle, CreateActionRow, CreateButton, CreateSelectMenu, CreateSelectMenuKind,
    CreateSelectMenuOption,
};

use super::carried::{APPLY, DO, LONGEST, NAME, REASON, SaidLine, carried_by};
use super::markdown::cut;
use super::pages::{each, pages};
use crate::answer::{Answer, Reply, Task, Withheld};
use crate::command::{Command, InstanceRef, TargetRef};
use crate::domain::case::Case;
use crate::domain::change::{ChangeKind, Route, Step};
use crate::domain::effect::{Action, Asks, Tone};
use crate::domain::instance::Edition;
use crate::domain::reminder::subject;
use crate::render;

pub(super) fn button(label: &str, style: ButtonStyle, carried: &str) -> Option<CreateButton> {
    let fits = carried.chars().count() <= LONGEST;
    fits.then(|| CreateButton::new(carried).style(style).label(label))
}

/// Buttons in rows of five; those beyond Discord's limit are dropped.
pub(super) fn rows(
    buttons: impl IntoIterator<Item = Option<CreateButton>>,
) -> Vec<CreateActionRow> {
    let buttons: Vec<CreateButton> = buttons.into_iter().flatten().collect();
    let rows = buttons.chunks(5).take(5);
    rows.map(|row| CreateActionRow::Buttons(row.to_vec()))
        .collect()
}

/// The actions of a post: buttons, or a menu of choices.
pub(super) fn of_actions(actions: &[Action]) -> Vec<CreateActionRow> {
    let (choices, actions): (Vec<&Action>, Vec<&Action>) = actions
        .iter()
        .partition(|action| action.asks == Asks::Choice);
    let menus = menus(&choices);
    let numbers: BTreeSet<u8> = actions.iter().map(|action| action.row).collect();
    let of_row = |number: u8| {
        let actions = actions.iter().filter(move |action| action.row == number);
        rows(actions.map(|action| of_action(action)))
    };
    let buttons = numbers.into_iter().flat_map(of_row);
    menus.into_iter().chain(buttons).take(5).collect()
}

fn of_action(action: &Action) -> Option<CreateButton> {
    let style = match action.tone {
        Tone::Plain => ButtonStyle::Secondary,
        Tone::Strong => ButtonStyle::Primary,
        Tone::Good => ButtonStyle::Success,
        Tone::Bad => ButtonStyle::Danger,
    };
    let button = button(&action.label, style, &carried_by(action))?;
    Some(button.disabled(!action.enabled))
}

/// Select menus of 25 options, five at most by Discord's limits. A choice is a command line, like a button's.
fn menus(choices: &[&Action]) -> Vec<CreateActionRow> {
    const OPTIONS: usize = 25;
    let several = choices.len() > OPTIONS;
    let menus = choices.chunks(OPTIONS).take(5).enumerate();
    menus
        .map(|(number, choices)| {
            let option = |choice: &&Action| {
                let label = cut(&choice.label, LONGEST).0;
                CreateSelectMenuOption::new(label, carried_by(choice))
            };
            let options = choices.iter().map(option).collect();
            let which = match (choices.first(), choices.last()) {
                (Some(first), Some(last)) if several => {
                    format!("Which one? {} … {}", first.label, last.label)
                }
                _ => "Which one?".to_owned(),
            };
            let kind = CreateSelectMenuKind::String { options };
            let menu = CreateSelectMenu::new(format!("which:{number}"), kind);
            CreateActionRow::SelectMenu(menu.placeholder(cut(&which, LONGEST).0))
        })
        .collect()
}

/// The buttons under a reply, for the next commands.
pub(super) fn under(reply: &Reply, said: &SaidLine, asked: u64) -> Vec<CreateActionRow> {
    match &reply.answer {
        Answer::Withheld { case, why, .. } => {
            let line = shortest(said, case.instance.id.as_str());
            let (label, carried) = match why {
                Withheld::Elsewhere => ("Get permit", format!("{DO}{line}")),
                Withheld::NotNamed | Withheld::NamedWrongly => {
                    ("Type its name", format!("{NAME}{line}"))
                }
            };
            rows([button(label, ButtonStyle::Danger, &carried)])
        }
        Answer::Permit { case, shown, .. } => {
            let number = case.open_number().unwrap_or_default();
            let step = shown.permit.step;
            of_actions(&render::action::of_permit(number, step, &case.instance.id))
        }
        // The next step at the place where the one before it was said to be done.
        Answer::Confirmed { case, next, .. } | Answer::TakenBack { case, next } => {
            of_actions(&render::action::of_step(case, *next, reply.at))
        }
        Answer::Imported(report) if report.dry_run && !report.aborted => {
            let apply = format!("{APPLY}{asked}");
            rows([button("Apply", ButtonStyle::Success, &apply)])
        }
        Answer::Reminders {
            case,
            planned,
            open,
            ..
        } if !planned.is_empty() || !open.is_empty() => {
            let (instance, of) = (&case.instance, subject(case));
            of_actions(&render::action::of_reminder(instance, of, open))
        }
        Answer::NoticeTaken(taken) if taken.filed.is_raised() => {
            let (filed, beside) = (&taken.filed, &taken.beside);
            let mut actions = render::action::of_notice(filed, &taken.known, beside, reply.at);
            let offer = taken.offer.iter();
            actions.extend(offer.map(|_| render::action::of_offer(filed)));
            of_actions(&actions)
        }
        Answer::Teachable(it) => of_actions(&render::action::of_wording(it)),
        Answer::Recorded { case, .. } => rows([reopens(case)]),
        Answer::Instances { page, .. } => pages(said, page.page, page.more),
        Answer::Changes { page, .. } => pages(said, page.page, page.more),
        Answer::Raised { page }
        | Answer::Notices { page, .. }
        | Answer::Suppressed { page, .. } => pages(said, page.page, page.more),
        Answer::Todo(todo) if todo.is_counted => each(said),
        Answer::Todo(todo) => {
            let mut rows = pages(said, todo.page.page, todo.page.more);
            rows.extend(of_actions(&of_tasks(&todo.page.rows)));
            rows
        }
        Answer::Audit { page, .. } => pages(said, page.page, page.more),
        _ => Vec::new(),
    }
}

/// The choice among the instances of a page of tasks.
fn of_tasks(tasks: &[Task]) -> Vec<Action> {
    let mut seen = BTreeSet::new();
    let instances = tasks.iter().map(|task| &task.case.instance);
    render::action::of_reminders(instances.filter(|instance| seen.insert(&instance.id)))
}

/// A button that reopens a change: an instance is still Platinum although its exit was confirmed.
fn reopens(case: &Case) -> Option<CreateButton> {
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
    let carried = format!("{REASON}reopen {} {step}", change.number);
    button("Reopen", ButtonStyle::Danger, &carried)
}

/// The shortest line that asks for a permit, to fit into a button.
fn shortest(said: &SaidLine, id: &str) -> String {
    let (Ok(command), Ok(by_id)) = (&said.command, id.parse::<InstanceRef>()) else {
        return said.text.clone();
    };
    let line = command.to_string();
    if line.chars().count() + NAME.len() <= LONGEST {
        return line;
    }
    let mut command = command.clone();
    match &mut command {
        Command::Unsubscribe(it) => it.instance = by_id,
        Command::Next(it) => it.target = TargetRef::Instance(by_id),
        _ => {}
    }
    command.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::concern::{Concern, ConcernKind, Owner, Remedy, Rhythm, Weight};
    use crate::domain::id::{InstanceId, InstanceName, Region};
    use crate::domain::instance::Instance;

    /// With ids of maximum length, large numbers, and an instant to the millisecond.
    #[test]
    fn what_is_under_a_reminder_fits() {
        let id = format!("MQ_INST_{}_{}", "1".repeat(20), "A".repeat(20));
        let id = InstanceId::parse(&id).unwrap();
        let instance = Instance::new(
            id,
            InstanceName::parse("orders").unwrap(),
            Region::parse("cn-hangzhou").unwrap(),
        );
        let of = chrono::DateTime::from_timestamp_millis(1_772_294_400_123);
        let change = 999_999;
        let doubt = Remedy::SayWhetherDone {
            change,
            step: Step::Unsubscribe,
            open: true,
        };
        let reopen = Remedy::Reopen {
            change,
            step: Step::Unsubscribe,
        };
        let gone = Remedy::SayWhetherGone {
            number: 999_999,
            of_several: false,
        };
        for way in [
            Remedy::SayAction,
            Remedy::SayWhatBecame,
            doubt,
            reopen,
            gone,
        ] {
            let open = Concern {
                kind: ConcernKind::Expires,
                since: of.unwrap(),
                weight: Weight::Open,
                rhythm: Rhythm::Once,
                by: None,
                owner: Owner::Team,
                way,
            };
            let actions = render::action::of_reminder(&instance, of, &[open]);
            let shown: usize = of_actions(&actions)
                .iter()
                .map(|row| match row {
                    CreateActionRow::Buttons(buttons) => buttons.len(),
                    _ => 0,
                })
                .sum();
            assert_eq!(shown, actions.len());
        }
    }

    #[test]
    fn what_discord_would_refuse_is_no_button() {
        assert_eq!(button("x", ButtonStyle::Primary, &"x".repeat(101)), None);
    }
}
