//! What can be pressed under a notice or a reminder does something for somebody, in each state of what it is about.

use edition_warden::domain::effect::{Action, PostKind};

use crate::approvals::live::{does_nothing, line_of};
use crate::harness::{ORDERS, Room, STOCK};

const DAVE: &str = "dave requester";
const BOB: &str = "bob approver";
const CAROL: &str = "carol approver team:payments";
const OLGA: &str = "olga admin";

/// Time passes.
const PASSES: &str = "";

type Deed = (&'static str, &'static str);

/// How a message comes to be posted: who says what, `ID` and `STOCK` being two instances.
struct State {
    name: &'static str,
    deeds: &'static [Deed],
}

const fn state(name: &'static str, deeds: &'static [Deed]) -> State {
    State { name, deeds }
}

const ADDED: Deed = (
    OLGA,
    "instance add ID --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01 --auto-renew off --team payments --commodity-id ons-cn-0pp1abc2d34",
);
const STOCK_ADDED: Deed = (
    OLGA,
    "instance add STOCK --name stock --region cn-hangzhou --edition platinum --expires 2026-03-01 --auto-renew off --team payments",
);
const BARE: Deed = (
    OLGA,
    "instance add ID --name orders --region cn-hangzhou --edition platinum",
);
/// To the 22nd of February.
const LATE: Deed = (PASSES, "52d");
const DOWNGRADE: Deed = (BOB, "action ID downgrade");
const DELETE: Deed = (BOB, "action ID delete");
const RELEASE: Deed = (
    DAVE,
    "notice Your instance ID will be released on 2026-03-08.",
);
const OTHER: Deed = (
    DAVE,
    "notice Please note: the instance ID is planned for release on 2026-03-08.",
);
const UNSUBSCRIBE: Deed = (DAVE, "downgrade ID --by unsubscribe");
const PERMIT: Deed = (DAVE, "next 1");
const SET: Deed = (DAVE, "confirm 1 set-action");
const BOB_LOOKS: Deed = (BOB, "approve 1 --seen downgrade");
const CAROL_LOOKS: Deed = (CAROL, "approve 1 --seen downgrade");
const UNSUBSCRIBED: Deed = (DAVE, "confirm 1 unsubscribe");
const STANDARD: Deed = (
    OLGA,
    "instance add ID --name orders --region cn-hangzhou --edition standard --max-tps 4000 --busy off",
);
const UPGRADE: Deed = (DAVE, "upgrade ID");
const BOB_AGREES: Deed = (BOB, "approve 1");
const GONE: Deed = (DAVE, "notice Your instance ID has been released.");

const NOTICES: &[State] = &[
    state("release, of nothing known", &[RELEASE]),
    state("release, nothing known of it", &[BARE, RELEASE]),
    state("release, action unknown", &[LATE, ADDED, RELEASE]),
    state("release, on Delete", &[LATE, ADDED, DELETE, RELEASE]),
    state("release, an old look", &[ADDED, DOWNGRADE, LATE, RELEASE]),
    state("release, in other words", &[LATE, ADDED, DOWNGRADE, OTHER]),
    state(
        "release, of Standard",
        &[
            LATE,
            ADDED,
            (DAVE, "instance set ID --edition standard"),
            RELEASE,
        ],
    ),
    state(
        "release, of two",
        &[
            LATE,
            ADDED,
            STOCK_ADDED,
            (
                DAVE,
                "notice Your instances ID and STOCK will be released on 2026-03-08.",
            ),
        ],
    ),
    state(
        "another expiry",
        &[
            LATE,
            ADDED,
            (DAVE, "notice Your instance ID will expire on 2026-04-01."),
        ],
    ),
    state(
        "something else",
        &[LATE, ADDED, (DAVE, "notice Your instance ID is very busy.")],
    ),
    state(
        "suppressed, and back past the release",
        &[LATE, ADDED, DOWNGRADE, RELEASE, (PASSES, "20d")],
    ),
    state("gone", &[LATE, ADDED, GONE]),
    state("gone, of nothing known", &[GONE]),
    state(
        "gone, of two",
        &[
            LATE,
            ADDED,
            STOCK_ADDED,
            (
                DAVE,
                "notice Your instances ID and STOCK have been released.",
            ),
        ],
    ),
    state(
        "gone, still there, and said again",
        &[
            LATE,
            ADDED,
            GONE,
            (BOB, "notice 1 still-there"),
            (PASSES, "25h"),
            GONE,
        ],
    ),
    state(
        "gone, with a change open",
        &[LATE, ADDED, UNSUBSCRIBE, GONE],
    ),
    state(
        "gone, with a change to upgrade",
        &[
            (
                OLGA,
                "instance add ID --name orders --region cn-hangzhou --edition standard --max-tps 4000 --busy off",
            ),
            UPGRADE,
            GONE,
        ],
    ),
    state(
        "gone, while it is unsubscribed",
        &[
            LATE,
            ADDED,
            UNSUBSCRIBE,
            PERMIT,
            SET,
            BOB_LOOKS,
            CAROL_LOOKS,
            PERMIT,
            GONE,
        ],
    ),
    state(
        "gone, unsubscribed",
        &[
            LATE,
            ADDED,
            UNSUBSCRIBE,
            PERMIT,
            SET,
            BOB_LOOKS,
            CAROL_LOOKS,
            PERMIT,
            UNSUBSCRIBED,
            GONE,
        ],
    ),
    state(
        "gone, lost",
        &[LATE, ADDED, (OLGA, "instance lost ID --reason gone"), GONE],
    ),
    state("gone, past its expiry", &[ADDED, (PASSES, "70d"), GONE]),
];

const REMINDERS: &[State] = &[
    state("expires, action unknown", &[ADDED, (PASSES, "35d")]),
    state("expires soon, action unknown", &[ADDED, (PASSES, "58d")]),
    state("expires, on Delete", &[LATE, ADDED, DELETE, (PASSES, "4d")]),
    state(
        "expires, on Downgrade",
        &[LATE, ADDED, DOWNGRADE, (PASSES, "4d")],
    ),
    state("expires, both", &[ADDED, STOCK_ADDED, (PASSES, "35d")]),
    state(
        "expires, with a change open",
        &[ADDED, UNSUBSCRIBE, (PASSES, "57d")],
    ),
    state("expired, action unknown", &[ADDED, (PASSES, "62d")]),
    state(
        "expired, on Delete",
        &[LATE, ADDED, DELETE, (PASSES, "10d")],
    ),
    state(
        "expired, on Downgrade",
        &[ADDED, (PASSES, "57d"), DOWNGRADE, (PASSES, "5d")],
    ),
    state(
        "expired, presumed deleted",
        &[LATE, ADDED, DELETE, (PASSES, "17d")],
    ),
    state(
        "renews",
        &[ADDED, (OLGA, "instance set ID --auto-renew on"), LATE],
    ),
    state(
        "still Platinum past the release",
        &[
            ADDED,
            (PASSES, "69d"),
            (DAVE, "instance set ID --edition platinum"),
            (PASSES, "1d"),
        ],
    ),
    state("nothing known of it", &[BARE, (PASSES, "40d")]),
    state(
        "unsubscribed, unverified",
        &[
            LATE,
            ADDED,
            UNSUBSCRIBE,
            PERMIT,
            SET,
            BOB_LOOKS,
            CAROL_LOOKS,
            PERMIT,
            UNSUBSCRIBED,
            (PASSES, "3d"),
        ],
    ),
    state(
        "permit in doubt",
        &[
            LATE,
            ADDED,
            UNSUBSCRIBE,
            PERMIT,
            SET,
            BOB_LOOKS,
            CAROL_LOOKS,
            PERMIT,
            (PASSES, "2d"),
        ],
    ),
    state(
        "permit withdrawn",
        &[
            LATE,
            ADDED,
            UNSUBSCRIBE,
            PERMIT,
            SET,
            BOB_LOOKS,
            CAROL_LOOKS,
            PERMIT,
            DELETE,
            (PASSES, "1d"),
        ],
    ),
    state(
        "cancelled while the permit was out",
        &[
            LATE,
            ADDED,
            UNSUBSCRIBE,
            PERMIT,
            SET,
            BOB_LOOKS,
            CAROL_LOOKS,
            PERMIT,
            (DAVE, "cancel 1 --reason no"),
            (PASSES, "1d"),
        ],
    ),
    state(
        "unsubscribed, still Platinum",
        &[
            LATE,
            ADDED,
            UNSUBSCRIBE,
            PERMIT,
            SET,
            BOB_LOOKS,
            CAROL_LOOKS,
            PERMIT,
            UNSUBSCRIBED,
            (PASSES, "1h"),
            (DAVE, "instance set ID --edition platinum"),
            (PASSES, "1d"),
        ],
    ),
    state(
        "Standard, as one says",
        &[
            LATE,
            ADDED,
            (DAVE, "instance set ID --edition standard"),
            (PASSES, "1d"),
        ],
    ),
    state(
        "upgrade in doubt",
        &[STANDARD, UPGRADE, BOB_AGREES, PERMIT, (PASSES, "1d")],
    ),
    state(
        "upgraded",
        &[
            STANDARD,
            UPGRADE,
            BOB_AGREES,
            PERMIT,
            (DAVE, "confirm 1 upgrade"),
            (PASSES, "2d"),
        ],
    ),
];

async fn reached(state: &State) -> (Room, usize) {
    let mut room = Room::with_cards().await;
    let mut before = 0;
    for (who, line) in state.deeds {
        before = room.posts().len();
        if *who == PASSES {
            room.passes(line).await;
            continue;
        }
        let line = line.replace("ID", ORDERS).replace("STOCK", STOCK);
        let heard = room.as_says(who, &line).await;
        let is_done = !["denied", "invalid"].contains(&heard.outcome);
        assert!(is_done, "{}: {line}: {}", state.name, heard.text);
    }
    (room, before)
}

/// The last message of each kind that came of the last deed and has buttons.
fn last(room: &Room, before: usize) -> Vec<(PostKind, &[Action])> {
    let kinds = [PostKind::Notice, PostKind::Reminder, PostKind::Alert];
    let last = kinds.into_iter().filter_map(|kind| {
        let mut posts = room.posts()[before..].iter();
        let post = posts.rfind(|post| post.kind == kind && !post.actions.is_empty())?;
        Some((kind, post.actions.as_slice()))
    });
    last.collect()
}

/// What can be pressed under what comes of each state. Fails where something does nothing for anybody.
async fn offered(states: &[State]) -> String {
    let mut idle = Vec::new();
    let mut out = String::new();
    for state in states {
        let (room, before) = reached(state).await;
        for (kind, actions) in last(&room, before) {
            let mut labels = Vec::new();
            for action in actions.iter().filter(|action| action.enabled) {
                labels.push(action.label.as_str());
                let line = line_of(action);
                if let Some(came) = does_nothing(async || reached(state).await.0, &line).await {
                    let label = &action.label;
                    idle.push(format!("{}: ({label}): `{line}`{came}", state.name));
                }
            }
            let labels = labels.join(") (");
            out.push_str(&format!("{}, {kind}\n  ({labels})\n", state.name));
        }
    }
    assert!(idle.is_empty(), "{}", idle.join("\n\n"));
    out
}

#[tokio::test]
async fn what_can_be_pressed_under_a_notice_does_something_for_somebody() {
    insta::assert_snapshot!(offered(NOTICES).await);
}

#[tokio::test]
async fn what_can_be_pressed_under_a_reminder_does_something_for_somebody() {
    insta::assert_snapshot!(offered(REMINDERS).await);
}
