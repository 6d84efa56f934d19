//! What nothing needs any more is taken away, and the trail is told.

use edition_warden::app::LOCAL_WORKSPACE;

use crate::harness::Room;

async fn prune(room: &Room) {
    let now = room.clock.now();
    while !room.warden.prune(LOCAL_WORKSPACE, now).await.unwrap() {}
}

#[tokio::test]
async fn the_trail_says_what_was_removed() {
    let mut room = Room::of_team().await;
    room.add_platinum("--action downgrade --auto-renew off --team payments")
        .await;
    room.says("alice", "instance lost orders --reason it is gone")
        .await
        .is("done", &[]);
    room.passes("80d").await;
    prune(&room).await;
    room.says("alice", "audit").await.lacks("retention");
    room.passes("40d").await;
    prune(&room).await;
    prune(&room).await;
    let heard = room.says("alice", "audit").await;
    heard
        .has("warden (clock): retention → done; removed: ")
        .has("sent messages");
    assert_eq!(heard.text.matches("retention").count(), 1, "{}", heard.text);
    heard.has("instance lost").has("instance add");
}

#[tokio::test]
async fn what_was_sent_long_ago_counts_as_sent() {
    let mut room = Room::of_team().await;
    room.add_platinum("--action downgrade --auto-renew off")
        .await;
    room.passes("57d").await;
    let sent = |text: &str| text.matches("sent").count();
    let before = room.says("alice", "reminders orders").await;
    assert!(sent(&before.text) > 0, "{}", before.text);
    room.passes("120d").await;
    let before = room.says("alice", "reminders orders").await;
    prune(&room).await;
    // Their messages are gone; that they were sent is not.
    let after = room.says("alice", "reminders orders").await;
    assert_eq!(sent(&after.text), sent(&before.text), "{}", after.text);
}
