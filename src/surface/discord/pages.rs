//! Paging through lists: a page is the command that shows it. A command that is too long for a button is stored in the URL of the
//! card, which is not displayed.

use serenity::all::{ButtonStyle, CreateActionRow};

use super::buttons::{button, rows};
use super::carried::{LONGEST, SaidLine};
use crate::command::{Command, InstanceCommand, parse_line};

/// The prefix of a line whose answer replaces the message with the button.
const TURN: &str = "page:";
/// The prefix of a page number whose list is in the card's URL.
const BESIDE: char = '@';
/// The largest page number.
const LAST: u32 = 100_000;

/// Buttons to the previous and the next page.
pub(super) fn pages(said: &SaidLine, number: u32, more: bool) -> Vec<CreateActionRow> {
    let Ok(mut command) = said.command.clone() else {
        return Vec::new();
    };
    let mut to = |label: &str, wanted: u32| {
        turn(&mut command, wanted)?;
        let whole = format!("{TURN}{command}");
        let style = ButtonStyle::Primary;
        button(label, style, &whole)
            .or_else(|| button(label, style, &format!("{TURN}{BESIDE}{wanted}")))
    };
    let before = (number > 1).then(|| to("Previous page", number - 1));
    let after = more.then(|| to("Next page", number + 1));
    rows([before.flatten(), after.flatten()])
}

/// A button to the single tasks that an overview counts.
pub(super) fn each(said: &SaidLine) -> Vec<CreateActionRow> {
    let mut command = said.command.clone();
    if let Ok(Command::Todo(todo)) = &mut command {
        todo.each = true;
    }
    let line = command.map(|command| format!("{TURN}{command}"));
    let line = line.unwrap_or_default();
    rows([button("List each", ButtonStyle::Primary, &line)])
}

/// The URL of a card for a list whose line is too long for its buttons.
pub(super) fn address(guild: u64, said: &SaidLine) -> Option<String> {
    let mut command = said.command.clone().ok()?;
    turn(&mut command, LAST)?;
    let line = command.to_string();
    let is_long = TURN.len() + line.chars().count() > LONGEST;
    is_long.then(|| format!("https://discord.com/channels/{guild}#{}", hex::encode(line)))
}

/// The page of a button; `beside` is the URL of its card.
pub(super) fn turned(carried: &str, beside: Option<&str>) -> Option<Command> {
    let line = carried.strip_prefix(TURN)?;
    let (line, page) = match line.strip_prefix(BESIDE) {
        None => (line.to_owned(), None),
        Some(number) => {
            let (_, line) = beside?.rsplit_once('#')?;
            let line = String::from_utf8(hex::decode(line).ok()?).ok()?;
            let number: u32 = number.parse().ok()?;
            (line, Some(number.clamp(1, LAST)))
        }
    };
    let mut command = parse_line(&line).ok()?;
    match page {
        Some(page) => turn(&mut command, page)?,
        None => is_list(&command).then_some(())?,
    }
    Some(command)
}

/// Sets the page of a command; `None` if it shows no list in pages.
fn turn(command: &mut Command, page: u32) -> Option<()> {
    if !is_list(command) {
        return None;
    }
    match command {
        Command::Instance(InstanceCommand::List(list)) => list.page = page,
        Command::Changes(changes) => changes.page = page,
        Command::Todo(todo) => todo.page = page,
        Command::Notices(notices) => notices.page = page,
        Command::Suppressed(suppressed) => suppressed.page = page,
        Command::Audit(audit) => audit.page = page,
        _ => return None,
    }
    Some(())
}

/// Whether a command shows a list in pages.
const fn is_list(command: &Command) -> bool {
    matches!(
        command,
        Command::Instance(InstanceCommand::List(_))
            | Command::Changes(_)
            | Command::Todo(_)
            | Command::Notices(_)
            | Command::Suppressed(_)
            | Command::Audit(_)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn carried(line: &str, number: u32) -> Vec<String> {
        let rows = super::super::wire::json(&pages(&SaidLine::read(line), number, true));
        let buttons = rows[0]["components"].as_array().unwrap().iter();
        let carried = buttons.map(|button| button["custom_id"].as_str().unwrap().to_owned());
        carried.collect()
    }

    #[test]
    fn pages_turn_both_ways() {
        assert_eq!(
            carried("changes --all --page=2", 2),
            ["page:changes --all", "page:changes --all --page 3"]
        );
        assert_eq!(address(1, &SaidLine::read("changes --all --page=2")), None);
        let turned = turned("page:changes --all", None);
        assert_eq!(turned.unwrap().to_string(), "changes --all");
    }

    #[test]
    fn a_list_that_is_long_to_say_is_leafed_through_too() {
        let team = "a-team-with-a-name-that-goes-on-and-on-for-as-long-as-it-may";
        let line = format!(
            "instance list --edition platinum --expiring 30d --action delete,downgrade --team {team}"
        );
        let buttons = carried(&line, 3);
        assert_eq!(buttons, ["page:@2", "page:@4"]);
        let beside = address(17, &SaidLine::read(line)).unwrap();
        let back = turned(&buttons[1], Some(&beside)).unwrap().to_string();
        assert!(back.contains(team) && back.ends_with("--page 4"), "{back}");
        assert_eq!(carried(&back, 4), ["page:@3", "page:@5"]);
    }

    #[test]
    fn lists_of_notices_are_leafed_through() {
        for line in [
            "suppressed --page 2",
            "notices orders --page 2",
            "notices --page 2",
        ] {
            let buttons = carried(line, 2);
            assert!(buttons[1].ends_with("--page 3"), "{buttons:?}");
            assert!(turned(&buttons[1], None).is_some(), "{buttons:?}");
        }
    }

    /// A forged press can only show a list, or nothing.
    #[test]
    fn nothing_but_lists_is_leafed_through() {
        let hidden = format!(
            "https://discord.com/#{}",
            hex::encode("cancel 1 --reason x")
        );
        for (carried, beside) in [
            ("page:cancel 1 --reason x", None),
            ("page:@2", None),
            ("page:@2", Some("https://discord.com/channels/1#zz")),
            ("page:@2", Some("no address")),
            ("page:@x", Some(hidden.as_str())),
            ("page:@2", Some(hidden.as_str())),
            ("do:changes", None),
        ] {
            assert_eq!(turned(carried, beside), None, "{carried} {beside:?}");
        }
    }
}
