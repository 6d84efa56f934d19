//! The console's greeting.

use std::net::SocketAddr;

use super::Input;
use crate::store::{Holding, Totals};

pub(super) fn text(database: &str, totals: Totals, input: Input, sandbox: bool) -> String {
    let Totals {
        instances,
        open_changes,
    } = totals;
    let next = match (instances, sandbox) {
        (_, true) => {
            "Sandbox: everything is forgotten at the end. :as NAME ROLES says who speaks, :clock +8d moves the time, `exit` ends."
        }
        (0, false) => {
            "Begin with `import FILE` or `instance add MQ_INST_… --name N --region R --edition <standard|platinum>`."
        }
        (_, false) => "`changes` shows what is open, `instance list` what is tracked.",
    };
    let leave = match (input, sandbox) {
        (Input::Terminal, false) => " `exit` or Ctrl-D ends.",
        (Input::Terminal, true) => " So does Ctrl-D.",
        (Input::Piped, _) => "",
    };
    format!(
        "edition-warden: it sees nothing in the vendor's console and blocks nothing there; it protects those who ask first.\nDatabase {database}: {instances} {}, {open_changes} open {}.\n{next}{leave} `help` lists the verbs.",
        plural(instances, "instance"),
        plural(open_changes, "change"),
    )
}

fn plural(count: u64, word: &str) -> String {
    if count == 1 {
        word.to_owned()
    } else {
        format!("{word}s")
    }
}

/// The startup message of a process without a chat: what it serves, and the messages that wait.
pub fn headless(holdings: &[Holding], at: Option<SocketAddr>, waiting: u64) -> String {
    let at = at.map_or_else(
        || "nothing over HTTP, since http.listen is not set".to_owned(),
        |at| format!("HTTP on {at}"),
    );
    format!(
        "warden: serving {at}, and what time decides. There is no chat: what is meant for people waits ({waiting} {} now) until `warden discord` or the prompt runs on this database.\n{}",
        plural(waiting, "message"),
        in_discord(holdings)
    )
}

/// A summary of the database for the startup log, so that a wrong database is noticed at once.
pub fn in_discord(holdings: &[Holding]) -> String {
    let instances: u64 = holdings.iter().map(|held| held.totals.instances).sum();
    let each: Vec<String> = holdings
        .iter()
        .map(|held| {
            let paused = if held.paused { ", paused" } else { "" };
            format!("{}: {}{paused}", held.workspace, held.totals.instances)
        })
        .collect();
    let each = if each.is_empty() {
        String::new()
    } else {
        format!(" ({})", each.join("; "))
    };
    format!(
        "instances: {instances} in {} {}{each}",
        holdings.len(),
        plural(holdings.len() as u64, "workspace")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Totals;

    #[test]
    fn numbers_agree_with_their_words() {
        let held = |workspace: &str, instances| Holding {
            workspace: workspace.into(),
            totals: Totals {
                instances,
                open_changes: 0,
            },
            paused: false,
        };
        let one = [held("local", 20)];
        assert_eq!(in_discord(&one), "instances: 20 in 1 workspace (local: 20)");
        let two = [held("local", 20), held("7", 1)];
        assert_eq!(
            in_discord(&two),
            "instances: 21 in 2 workspaces (local: 20; 7: 1)"
        );
    }
}
