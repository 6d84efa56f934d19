//! Requests that are too large, too slow, too many or invalid.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::*;

/// Everything the bot says until it closes the connection, after these bytes and nothing more.
async fn raw(bot: &Bot, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(bot.server.address()).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut said = Vec::new();
    // A connection that is cut off may be reset.
    let _ = stream.read_to_end(&mut said).await;
    String::from_utf8(said).unwrap()
}

fn head(bot: &Bot, body: &str, length: usize) -> String {
    let (stamp, signature) = (bot.now(), signature(SECRET, bot.now(), body.as_bytes()));
    format!(
        "POST /v1/notices HTTP/1.1\r\nHost: warden\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\
         X-Warden-Key: relay\r\nX-Warden-Timestamp: {stamp}\r\nX-Warden-Signature: {signature}\r\n"
    )
}

#[tokio::test]
async fn ten_mebibytes_are_too_much() {
    let bot = Bot::start().await;
    let large = "x".repeat(10 * 1024 * 1024);
    refused(bot.signed(&large), 413, "64 KiB").await;
    // Without a declared length it shows only when it has been read.
    let chunks = futures_of(&large);
    let request = bot.notice(reqwest::Body::wrap_stream(chunks));
    let request = sign(request, "relay", SECRET, bot.now(), large.as_bytes());
    refused(request, 413, "64 KiB").await;
    let largest = format!("{{\"text\":\"{}\"}}", "x".repeat(64 * 1024 - 11));
    assert_eq!(largest.len(), 64 * 1024);
    assert_eq!(sent(bot.signed(&largest)).await.0, 202);
    refused(bot.signed(&format!("{largest} ")), 413, "64 KiB").await;
    // Anyone who asks first need not send it.
    let head = head(&bot, NOTICE, 10_485_760);
    let said = raw(
        &bot,
        format!("{head}Expect: 100-continue\r\n\r\n").as_bytes(),
    )
    .await;
    assert!(said.starts_with("HTTP/1.1 413"), "{said}");
    assert_eq!(bot.taken().await, 1);
}

/// A body in pieces.
fn futures_of(text: &str) -> impl futures_util::Stream<Item = std::io::Result<Vec<u8>>> + use<> {
    let pieces: Vec<_> = text
        .as_bytes()
        .chunks(16 * 1024)
        .map(|piece| Ok(piece.to_vec()))
        .collect();
    futures_util::stream::iter(pieces)
}

#[tokio::test]
async fn what_is_not_the_json_that_is_wanted() {
    let bot = Bot::start().await;
    for (body, words) in [
        ("", "`text` is empty"),
        ("[]", "`text` is empty"),
        ("{}", "`text` is empty"),
        (r#"{"text":null}"#, "`text` is empty"),
        (r#"{"text":" \n"}"#, "`text` is empty"),
    ] {
        refused(bot.signed(body), 400, words).await;
    }
    assert_eq!(bot.taken().await, 0);
}

/// What is not known is taken whole, as text: a notice that is refused is a notice that is lost.
#[tokio::test]
async fn what_is_not_known_is_taken_whole() {
    let bot = Bot::start().await;
    let bodies: [&[u8]; 6] = [
        b"{",
        br#"{"text":7}"#,
        br#"{"text":"a","txet":"b"}"#,
        br#"{"text":"a","text":"b"}"#,
        br#"{"text":"\ud800"}"#,
        b"{\"text\":\"caf\xe9\"}",
    ];
    for (body, number) in bodies.into_iter().zip(1..) {
        let request = bot.notice(body.to_vec());
        let request = sign(request, "relay", SECRET, bot.now(), body);
        let (status, said) = sent(request).await;
        assert_eq!((status, &said["notice"]), (202, &json!(number)), "{said}");
        assert_eq!(said["outcome"], "raised");
    }
}

/// What stands beside a notice costs nobody the notice: an id that is too long still tells a repetition from another.
#[tokio::test]
async fn a_notice_is_taken_whatever_its_id_and_source_are() {
    let bot = Bot::start().await;
    let long = |end: &str| "x".repeat(300) + end;
    let bodies = [
        json!({ "text": "a", "id": "" }),
        json!({ "text": "b", "source": " " }),
        json!({ "text": "c", "source": "a\nb" }),
        json!({ "text": "d", "id": "a\u{0}" }),
        json!({ "text": "e", "id": long("1"), "source": long("") }),
        json!({ "text": "e", "id": long("2"), "source": long("") }),
    ];
    for (body, number) in bodies.iter().zip(1..) {
        let (status, said) = sent(bot.signed(&body.to_string())).await;
        assert_eq!((status, &said["notice"]), (202, &json!(number)), "{said}");
    }
    let (_, said) = sent(bot.signed(&bodies[4].to_string())).await;
    assert_eq!(said["notice"], json!(5), "{said}");
}

#[tokio::test]
async fn only_what_is_compressed_is_refused_for_its_type() {
    let bot = Bot::start().await;
    let of = |kind: Option<&str>| {
        let mut request = bot.client.post(bot.url("/v1/notices")).body(NOTICE);
        if let Some(kind) = kind {
            request = request.header("content-type", kind);
        }
        sign(request, "relay", SECRET, bot.now(), NOTICE.as_bytes())
    };
    for coding in ["gzip", "br", "zstd"] {
        let packed = of(Some("application/json")).header("content-encoding", coding);
        refused(packed, 415, "without a Content-Encoding").await;
    }
    let plain = of(Some("application/json")).header("content-encoding", "identity");
    assert_eq!(sent(plain).await.0, 202);
}

#[tokio::test]
async fn other_paths_and_methods() {
    let bot = Bot::start().await;
    let get = |path: &str| bot.client.get(bot.url(path));
    refused(get("/"), 404, "nothing").await;
    refused(get("/v1/notices"), 405, "method").await;
    refused(bot.client.post(bot.url("/healthz")), 405, "method").await;
}

#[tokio::test]
async fn a_body_that_ends_early_is_no_notice() {
    let bot = Bot::start().await;
    let head = head(&bot, NOTICE, NOTICE.len() + 10);
    let mut stream = TcpStream::connect(bot.server.address()).await.unwrap();
    let bytes = format!("{head}\r\n{NOTICE}");
    stream.write_all(bytes.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut said = String::new();
    stream.read_to_string(&mut said).await.unwrap();
    assert!(
        said.is_empty() || said.starts_with("HTTP/1.1 400"),
        "{said}"
    );
    assert_eq!(bot.taken().await, 0);
}

#[tokio::test]
async fn a_body_that_does_not_arrive_is_told() {
    let bot = Bot::with(Setup {
        terms: impatient(true),
        ..Setup::default()
    })
    .await;
    let head = head(&bot, NOTICE, NOTICE.len());
    let said = raw(&bot, format!("{head}\r\n{{\"te").as_bytes()).await;
    assert!(said.starts_with("HTTP/1.1 408"), "{said}");
    assert!(said.contains("connection: close"), "{said}");
    let said = raw(&bot, b"GET /healthz HTTP/1.1\r\nHost: warden\r\n\r\n").await;
    assert!(said.starts_with("HTTP/1.1 200"), "{said}");
    assert!(said.contains("connection: close"), "{said}");
    assert_eq!(bot.taken().await, 0);
}

#[tokio::test]
async fn slow_clients_are_cut_off() {
    let bot = Bot::with(Setup {
        terms: impatient(false),
        ..Setup::default()
    })
    .await;
    // A head that does not end, nothing at all, and a body that does not arrive.
    let head = head(&bot, NOTICE, NOTICE.len());
    assert!(!raw(&bot, head.as_bytes()).await.contains("202"));
    raw(&bot, b"").await;
    let half = format!("{head}\r\n{{\"te");
    assert!(!raw(&bot, half.as_bytes()).await.contains("202"));
    assert_eq!(bot.taken().await, 0);
}

#[tokio::test]
async fn drop_by_drop_is_slow_too() {
    let terms = HttpLimits {
        connections: 1,
        connection_within: Duration::from_secs(2),
        ..impatient(false)
    };
    let bot = Bot::with(Setup {
        terms,
        ..Setup::default()
    })
    .await;
    let mut stream = TcpStream::connect(bot.server.address()).await.unwrap();
    stream
        .write_all(b"GET /healthz HTTP/1.1\r\n")
        .await
        .unwrap();
    let dripping = async {
        let mut pause = tokio::time::interval(Duration::from_millis(20));
        while stream.write_all(b"X-Slow: 1\r\n").await.is_ok() {
            pause.tick().await;
        }
    };
    // The only place is free again for somebody else, who waited for it.
    let (_, other) = tokio::join!(dripping, bot.get("/healthz"));
    assert_eq!(other.0, 200);
}

#[tokio::test]
async fn heads_have_bounds() {
    let bot = Bot::start().await;
    let many = "X-Many: 1\r\n".repeat(100);
    let said = raw(
        &bot,
        format!("GET /healthz HTTP/1.1\r\nHost: a\r\n{many}\r\n").as_bytes(),
    )
    .await;
    assert!(said.starts_with("HTTP/1.1 431"), "{said}");
    let long = format!("X-Long: {}\r\n", "x".repeat(32 * 1024));
    let said = raw(
        &bot,
        format!("GET /healthz HTTP/1.1\r\nHost: a\r\n{long}\r\n").as_bytes(),
    )
    .await;
    assert!(
        said.is_empty() || said.starts_with("HTTP/1.1 431"),
        "{said}"
    );
}

#[tokio::test]
async fn too_many_are_told_when_to_come_again() {
    let bot = Bot::with(Setup {
        per_minute: 6,
        ..Setup::default()
    })
    .await;
    let body = |n: i32| json!({ "text": "a", "id": n.to_string() }).to_string();
    for n in 0..6 {
        assert_eq!(sent(bot.signed(&body(n))).await.0, 202);
    }
    let response = bot.signed(&body(6)).send().await.unwrap();
    assert_eq!(response.headers()["retry-after"], "10");
    assert_eq!(heard(response).await.0, 429);
    // Another key has a rate of its own, and anyone who proves nothing uses nobody's.
    let other = body(6);
    let other = sign(
        bot.notice(other.clone()),
        "pipe",
        BEARER,
        bot.now(),
        other.as_bytes(),
    );
    assert_eq!(sent(other).await.0, 202);
    let at = bot.clock.now() + chrono::TimeDelta::seconds(10);
    bot.clock.advance_to(at).unwrap();
    let forged = sign(
        bot.notice(NOTICE),
        "relay",
        BEARER,
        bot.now(),
        NOTICE.as_bytes(),
    );
    assert_eq!(sent(forged).await.0, 401);
    assert_eq!(sent(bot.signed(&body(6))).await.0, 202);
    assert_eq!(sent(bot.signed(&body(7))).await.0, 429);
}

#[tokio::test]
async fn at_the_end_what_is_under_way_is_answered() {
    let bot = Bot::start().await;
    let mut stream = TcpStream::connect(bot.server.address()).await.unwrap();
    let (first, rest) = NOTICE.split_at(8);
    let head = head(&bot, NOTICE, NOTICE.len());
    // The bot asks for the body, so it is at it.
    let bytes = format!("{head}Expect: 100-continue\r\n\r\n");
    stream.write_all(bytes.as_bytes()).await.unwrap();
    let mut go = [0; 25];
    stream.read_exact(&mut go).await.unwrap();
    assert_eq!(&go, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(first.as_bytes()).await.unwrap();
    let finish = async {
        stream.write_all(rest.as_bytes()).await.unwrap();
        let mut said = String::new();
        stream.read_to_string(&mut said).await.unwrap();
        said
    };
    let ((), said) = tokio::join!(bot.server.stop(), finish);
    assert!(said.starts_with("HTTP/1.1 202"), "{said}");
    assert!(TcpStream::connect(bot.server.address()).await.is_err());
    bot.server.stop().await;
}
