//! Open concerns: found in one place, announced at growing intervals, and never silent.

mod acked;
mod again;
mod announced;
mod called;
mod calm;
mod derive;
mod doubt;
mod histories;
mod left;
mod outlived;
mod standard;
mod stories;
mod together;
mod told;
mod too_late;
mod workspace;
mod year;

use crate::harness::{ORDERS, Room};

const ALICE: &str = "alice requester team:payments";

/// A room in which the team has `orders` on Platinum, with these options.
async fn platinum(options: &str) -> Room {
    let mut room = Room::of_team().await;
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --team payments {options}"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    room
}
