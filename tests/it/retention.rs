//! Obsolete data is deleted, and the trail records it.

use crate::harness::Room;

#[tokio::test]
async fn the_trail_says_what_was_removed() {
    let mut room = Room::of_team().await;
    room.add_platinum("--action downgrade --auto-renew off --team payments")
        .await;
    room.says("alice", "instance lost orders --reason it is gone")
        .await
        .is("done", &[]);
    room.passes("80d").await;
    room.says("alice", "audit").await.lacks("retention");
    room.passes("40d").await;
    let heard = room.says("alice", "audit").await;
    heard
        .has("warden (clock): retention → done; removed: ")
        .has("sent message");
    let told = heard.text.matches("retention").count();
    assert!((1..10).contains(&told), "{}", heard.text);
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
    // Their messages are gone; that they were sent is not.
    let after = room.says("alice", "reminders orders").await;
    assert!(sent(&after.text) >= sent(&before.text), "{}", after.text);
}
