//! Who may send.

use super::*;

#[tokio::test]
async fn a_signed_notice_is_taken() {
    let bot = Bot::start().await;
    let (status, said) = sent(bot.signed(NOTICE)).await;
    assert_eq!(status, 202);
    assert_eq!(said["outcome"], "raised");
    assert_eq!(bot.taken().await, 1);
}

#[tokio::test]
async fn who_cannot_prove_it_is_not_heard() {
    let bot = Bot::start().await;
    let now = bot.now();
    let with =
        |key: &str, secret: &str, body: &[u8]| sign(bot.notice(NOTICE), key, secret, now, body);
    refused(bot.notice(NOTICE), 401, "X-Warden-Signature").await;
    refused(
        with("relay", "another secret, long enough", NOTICE.as_bytes()),
        401,
        "wrong",
    )
    .await;
    refused(with("nobody", SECRET, NOTICE.as_bytes()), 401, "wrong").await;
    refused(with("nobody", "", NOTICE.as_bytes()), 401, "wrong").await;
    refused(with("shut", SECRET, NOTICE.as_bytes()), 401, "wrong").await;
    refused(with("shut", "", NOTICE.as_bytes()), 401, "wrong").await;
    refused(with("relay", SECRET, b"another body"), 401, "wrong").await;
    let bare = || bot.notice(NOTICE).header("X-Warden-Key", "relay");
    refused(bare(), 401, "X-Warden-Timestamp").await;
    let stamped = || bare().header("X-Warden-Timestamp", now);
    for odd in ["", "sha256=", "sha256=zz", "sha1=00", "sha256=00", "0011"] {
        let request = stamped().header("X-Warden-Signature", odd);
        assert_eq!(sent(request).await.0, 401, "{odd}");
    }
    assert_eq!(bot.taken().await, 0);
    assert_eq!(
        bot.warden.totals(&"local".into()).await.unwrap().instances,
        0
    );
}

#[tokio::test]
async fn a_signature_is_good_for_five_minutes() {
    let bot = Bot::start().await;
    let now = bot.now();
    for stamp in [now - 301, now + 301, i64::MAX, 0] {
        refused(bot.signed_at(stamp, NOTICE), 401, "5 minutes").await;
    }
    for stamp in ["", "-1", "+1", "1e9", "99999999999999999999"] {
        let request = bot
            .notice(NOTICE)
            .header("X-Warden-Key", "relay")
            .header("X-Warden-Timestamp", stamp)
            .header("X-Warden-Signature", "sha256=00");
        refused(request, 401, "5 minutes").await;
    }
    for stamp in [now - 300, now + 300] {
        assert_eq!(sent(bot.signed_at(stamp, NOTICE)).await.0, 202);
    }
    assert_eq!(bot.taken().await, 2);
}

#[tokio::test]
async fn a_bare_secret_is_taken_only_where_that_is_allowed() {
    let bot = Bot::start().await;
    let with = |text: String| bot.notice(NOTICE).header("Authorization", text);
    assert_eq!(sent(with(format!("Bearer {BEARER}"))).await.0, 202);
    assert_eq!(sent(with(format!("bearer  {BEARER}"))).await.0, 202);
    refused(with(format!("Bearer {SECRET}")), 401, "wrong").await;
    refused(with(format!("Bearer {BEARER}x")), 401, "wrong").await;
    refused(with("Bearer ".to_owned()), 401, "").await;
    refused(with(format!("Basic {BEARER}")), 401, "X-Warden-Key").await;
    // Without an id it cannot be told from somebody who says the same again.
    assert_eq!(bot.taken().await, 2);
    let named = |body: &'static str| {
        let bearer = format!("Bearer {BEARER}");
        bot.notice(body).header("Authorization", bearer)
    };
    for _ in 0..2 {
        assert_eq!(sent(named(r#"{"text":"again","id":"7"}"#)).await.0, 202);
    }
    assert_eq!(bot.taken().await, 3);
}

/// What the documentation's lines print for this key, timestamp and body.
#[tokio::test]
async fn it_is_signed_as_openssl_does_it() {
    let bot = Bot::start().await;
    let request = bot
        .notice(r#"{"text":"Your instance … will be released on 2026-03-08."}"#)
        .header("X-Warden-Key", "relay")
        .header("X-Warden-Timestamp", "1767225600")
        .header(
            "X-Warden-Signature",
            "sha256=c73d7e9179c60f11a7ab520a11b87cac49cdc995f6e57e3567c2b1f52d04cbed",
        );
    assert_eq!(sent(request).await.0, 202);
}

#[tokio::test]
async fn what_nobody_would_hear_of_is_not_taken() {
    let bot = Bot::with(Setup {
        leased: Some(Served::AllBut("local".into())),
        ..Setup::default()
    })
    .await;
    let own = "http.keys.relay.workspace is `local`, and it is the terminal's own";
    refused(bot.signed(NOTICE), 503, own).await;
    assert_eq!(bot.taken().await, 0);

    let of_server = || {
        let request = bot.notice(NOTICE.to_owned());
        sign(request, "server", SECRET, bot.now(), NOTICE.as_bytes())
    };
    let unknown =
        "http.keys.server.workspace is `42`, and there is no server or workspace of that id";
    refused(of_server(), 503, unknown).await;
    bot.warden.resume(&"42".into()).await.unwrap();
    assert_eq!(sent(of_server()).await.0, 202);
    bot.warden.pause(&"42".into()).await.unwrap();
    refused(of_server(), 503, "the bot was removed from that server").await;
    bot.warden.resume(&"42".into()).await.unwrap();
    assert_eq!(sent(of_server()).await.0, 202);
}
