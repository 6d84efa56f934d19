//! In each state of a change, every enabled button does something for somebody.

use std::collections::BTreeMap;

use edition_warden::domain::effect::{Action, Asks, PostKind};

use crate::harness::Room;

const ALICE: &str = "alice requester team:payments";
const DAVE: &str = "dave requester";
const BOB: &str = "bob approver";
const CAROL: &str = "carol approver team:payments";
const OLGA: &str = "olga admin";

/// Time passes.
const PASSES: &str = "";

type Deed = (&'static str, &'static str);

const BY_UNSUBSCRIBING: Deed = (DAVE, "downgrade orders --by unsubscribe");
const BY_EXPIRY: Deed = (DAVE, "downgrade orders --by expiry");
const UPGRADE: Deed = (DAVE, "upgrade orders");
const PERMIT: Deed = (DAVE, "next 1");
const SET: Deed = (DAVE, "confirm 1 set-action");
const BOB_LOOKS: Deed = (BOB, "approve 1 --seen downgrade");
const CAROL_LOOKS: Deed = (CAROL, "approve 1 --seen downgrade");
const BOB_AGREES: Deed = (BOB, "approve 1");
const CAROL_AGREES: Deed = (CAROL, "approve 1");

/// How a change comes to stand in each way.
struct State {
    name: &'static str,
    deeds: &'static [Deed],
}

const fn state(name: &'static str, deeds: &'static [Deed]) -> State {
    State { name, deeds }
}

const STATES: &[State] = &[
    state("opened", &[BY_UNSUBSCRIBING]),
    state("permit to set", &[BY_UNSUBSCRIBING, PERMIT]),
    state(
        "permit to set lapsed",
        &[BY_UNSUBSCRIBING, PERMIT, (PASSES, "31m")],
    ),
    state("asked", &[BY_UNSUBSCRIBING, PERMIT, SET]),
    state("one of two", &[BY_UNSUBSCRIBING, PERMIT, SET, BOB_LOOKS]),
    state(
        "not of the team",
        &[
            BY_UNSUBSCRIBING,
            PERMIT,
            SET,
            BOB_LOOKS,
            ("erin approver", "approve 1 --seen downgrade"),
        ],
    ),
    state(
        "approved",
        &[BY_UNSUBSCRIBING, PERMIT, SET, BOB_LOOKS, CAROL_LOOKS],
    ),
    state(
        "nobody looked",
        &[BY_UNSUBSCRIBING, PERMIT, SET, BOB_AGREES, CAROL_AGREES],
    ),
    state(
        "looks too old",
        &[
            BY_UNSUBSCRIBING,
            PERMIT,
            SET,
            (PASSES, "20h"),
            BOB_AGREES,
            CAROL_AGREES,
            (PASSES, "5h"),
        ],
    ),
    state(
        "permit out",
        &[
            BY_UNSUBSCRIBING,
            PERMIT,
            SET,
            BOB_LOOKS,
            CAROL_LOOKS,
            PERMIT,
        ],
    ),
    state(
        "permit lapsed",
        &[
            BY_UNSUBSCRIBING,
            PERMIT,
            SET,
            BOB_LOOKS,
            CAROL_LOOKS,
            PERMIT,
            (PASSES, "31m"),
        ],
    ),
    state(
        "asked again after it",
        &[
            BY_UNSUBSCRIBING,
            PERMIT,
            SET,
            BOB_LOOKS,
            CAROL_LOOKS,
            PERMIT,
            (PASSES, "31m"),
            PERMIT,
        ],
    ),
    state(
        "permit withdrawn",
        &[
            BY_UNSUBSCRIBING,
            PERMIT,
            SET,
            BOB_LOOKS,
            CAROL_LOOKS,
            PERMIT,
            (BOB, "action orders delete"),
        ],
    ),
    state(
        "void",
        &[
            BY_UNSUBSCRIBING,
            PERMIT,
            SET,
            BOB_LOOKS,
            (OLGA, "instance set orders --expires 2026-04-01"),
        ],
    ),
    state("lapsed", &[BY_UNSUBSCRIBING, PERMIT, SET, (PASSES, "73h")]),
    state(
        "seen on Delete",
        &[
            BY_UNSUBSCRIBING,
            PERMIT,
            SET,
            (BOB, "approve 1 --seen delete"),
        ],
    ),
    state(
        "the vendor works on it",
        &[
            BY_UNSUBSCRIBING,
            PERMIT,
            SET,
            (DAVE, "instance set orders --busy on"),
        ],
    ),
    state(
        "unsubscribed",
        &[
            BY_UNSUBSCRIBING,
            PERMIT,
            SET,
            BOB_LOOKS,
            CAROL_LOOKS,
            PERMIT,
            (DAVE, "confirm 1 unsubscribe"),
        ],
    ),
    state(
        "still Platinum",
        &[
            BY_UNSUBSCRIBING,
            PERMIT,
            SET,
            BOB_LOOKS,
            CAROL_LOOKS,
            PERMIT,
            (DAVE, "confirm 1 unsubscribe"),
            (PASSES, "1h"),
            (DAVE, "instance set orders --edition platinum"),
        ],
    ),
    state(
        "expired meanwhile",
        &[BY_UNSUBSCRIBING, PERMIT, SET, (PASSES, "60d")],
    ),
    state("waiting is asked", &[BY_EXPIRY, PERMIT, SET]),
    state("waiting is approved", &[BY_EXPIRY, PERMIT, SET, BOB_LOOKS]),
    state(
        "waiting with an old look",
        &[BY_EXPIRY, PERMIT, SET, BOB_LOOKS, (PASSES, "57d")],
    ),
    state(
        "waiting past the expiry",
        &[BY_EXPIRY, PERMIT, SET, BOB_LOOKS, (PASSES, "60d")],
    ),
    state(
        "expired on Downgrade",
        &[
            BY_EXPIRY,
            PERMIT,
            SET,
            BOB_LOOKS,
            (PASSES, "57d"),
            BOB_LOOKS,
            (BOB, "action orders downgrade"),
            (PASSES, "3d"),
        ],
    ),
    state(
        "renewal on",
        &[
            BY_EXPIRY,
            PERMIT,
            SET,
            (DAVE, "instance set orders --auto-renew on"),
        ],
    ),
    state("upgrade asked", &[UPGRADE]),
    state("upgrade approved", &[UPGRADE, BOB_AGREES]),
    state("upgrade permitted", &[UPGRADE, BOB_AGREES, PERMIT]),
    state(
        "upgrade in doubt",
        &[UPGRADE, BOB_AGREES, PERMIT, (PASSES, "31m")],
    ),
    state(
        "upgraded",
        &[UPGRADE, BOB_AGREES, PERMIT, (DAVE, "confirm 1 upgrade")],
    ),
    state(
        "expiry recorded",
        &[
            UPGRADE,
            BOB_AGREES,
            PERMIT,
            (DAVE, "confirm 1 upgrade"),
            (DAVE, "confirm 1 record-expiry --expires 2027-01-01"),
        ],
    ),
    state(
        "busy",
        &[UPGRADE, BOB_AGREES, (DAVE, "instance set orders --busy on")],
    ),
];

/// What can be pressed now, by message; of reminders, of which none changes any more, under the last one.
fn pressed(room: &Room) -> BTreeMap<String, Vec<Action>> {
    let mut shown = BTreeMap::new();
    for post in room.posts() {
        let message = match post.kind {
            PostKind::Reminder => "reminder".to_owned(),
            _ => post.nonce.clone(),
        };
        shown.insert(message, post.actions.clone());
        for request in post.card.iter().flat_map(|card| &card.requests) {
            shown.insert(request.message.clone(), request.actions.clone());
        }
    }
    shown
}

async fn reached(state: &State) -> Room {
    let mut room = Room::with_cards().await;
    if state.deeds.contains(&UPGRADE) {
        let facts = "--max-tps 4000 --busy off --team payments";
        room.add_standard(facts).await;
    } else {
        let facts = "--auto-renew off --commodity-id ons-cn-0pp1abc2d34 --team payments";
        room.add_platinum(facts).await;
    }
    for (who, line) in state.deeds {
        if *who == PASSES {
            room.passes(line).await;
            continue;
        }
        let heard = room.as_says(who, line).await;
        let is_done = !["denied", "invalid"].contains(&heard.outcome);
        assert!(is_done, "{}: {line}: {}", state.name, heard.text);
    }
    room
}

/// The line that a press comes to, once what it asks for is said.
pub(crate) fn line_of(action: &Action) -> String {
    let line = &action.line;
    match action.asks {
        Asks::Nothing | Asks::Name | Asks::Choice => line.clone(),
        Asks::Reason => format!("{line} --reason TEXT"),
        Asks::Expiry => format!("{line} --expires 2027-06-01"),
        Asks::WhatIsSeen if line.starts_with("approve") => format!("{line} --seen downgrade"),
        Asks::WhatIsSeen => line.clone(),
        Asks::Edition => match line.split_once(' ').unwrap() {
            ("-", id) => format!("instance set {id} --edition standard"),
            (change, _) => format!("confirm {change} verify-standard"),
        },
    }
}

/// Whether a line does something, or answers it, for one of these people; what became of it for each, if not.
pub(crate) async fn does_nothing(reached: impl AsyncFn() -> Room, line: &str) -> Option<String> {
    let mut came = String::new();
    for who in [DAVE, BOB, CAROL, ALICE, OLGA] {
        let mut room = reached().await;
        let asked = |room: &Room| {
            let posts = room.posts().iter();
            posts.filter(|post| post.kind == PostKind::Approval).count()
        };
        let before = asked(&room);
        let heard = room.as_says(who, line).await;
        // The wait for an expiry has no permit: what it lacks, and who looks, is the answer.
        let waits = line.starts_with("next") && heard.text.contains("Next: await-expiry");
        let answers = line.starts_with("why") || line.starts_with("reminders") || waits;
        // Who asks for a permit without approvals has others asked for them.
        let asks = heard.outcome == "needs_approval" && asked(&room) > before;
        if answers || asks || ["done", "allowed", "info"].contains(&heard.outcome) {
            return None;
        }
        came.push_str(&format!("\n  {who}: [{}] {}", heard.outcome, heard.text));
    }
    Some(came)
}

#[tokio::test]
async fn what_can_be_pressed_does_something_for_somebody() {
    let mut idle = Vec::new();
    for state in STATES {
        let room = reached(state).await;
        for (message, actions) in pressed(&room) {
            for action in actions.iter().filter(|action| action.enabled) {
                let line = line_of(action);
                if let Some(came) = does_nothing(async || reached(state).await, &line).await {
                    let label = &action.label;
                    idle.push(format!(
                        "{}: ({label}) of {message}: `{line}`{came}",
                        state.name
                    ));
                }
            }
        }
    }
    assert!(idle.is_empty(), "{}", idle.join("\n\n"));
}

/// What can be pressed on the card, and what it says is next.
#[tokio::test]
async fn the_card_says_what_is_next_and_offers_it() {
    let mut out = String::new();
    for state in STATES {
        let room = reached(state).await;
        let mut posts = room.posts().iter();
        let card = posts.rfind(|post| post.card.is_some()).unwrap();
        let live = card.actions.iter().filter(|action| action.enabled);
        let live: Vec<&str> = live.map(|action| action.label.as_str()).collect();
        let said: Vec<&str> = card.text.lines().collect();
        let (second, last) = (said[1], said[said.len() - 1]);
        out.push_str(&format!("{}\n  {second}\n  {last}\n", state.name));
        out.push_str(&format!("  ({})\n", live.join(") (")));
    }
    let instants = regex::Regex::new("\u{e000}t:[0-9]+:[FfR]\u{e001}").unwrap();
    insta::assert_snapshot!(instants.replace_all(&out, "TIME"));
}
