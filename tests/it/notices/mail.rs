//! `warden notice -`: e-mails of several clients, through the program itself.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use rstest::rstest;
use serde_json::Value;

use crate::harness::ORDERS;

fn warden(dir: &Path, args: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_warden"))
        .args(["--db", "w.db"])
        .args(args)
        .current_dir(dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // One that has read enough reads no more.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

/// `orders`, whose action somebody has just seen to be Downgrade.
fn tracked(dir: &Path) {
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2099-01-01 --yes-really --action downgrade\n"
    );
    let output = warden(dir, &["console"], line.as_bytes());
    assert_eq!(output.status.code(), Some(0));
}

/// Exit status, outcome and rules.
fn noticed(dir: &Path, input: &[u8]) -> (Option<i32>, String, String) {
    let output = warden(dir, &["notice", "-", "--format", "json"], input);
    let said = String::from_utf8(output.stdout).unwrap();
    let lines = said
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let mut replies = lines.filter(|line| line["type"] == "reply");
    let reply = replies
        .next()
        .unwrap_or_else(|| panic!("{said}{}", String::from_utf8_lossy(&output.stderr)));
    (
        output.status.code(),
        reply["outcome"].as_str().unwrap().to_owned(),
        reply["text"].as_str().unwrap().to_owned(),
    )
}

#[rstest]
#[case::mutt(include_bytes!("mails/plain.eml"))]
#[case::gmail(include_bytes!("mails/alternative.eml"))]
#[case::apple(include_bytes!("mails/quoted_printable.eml"))]
#[case::outlook(include_bytes!("mails/base64.eml"))]
#[case::foxmail(include_bytes!("mails/gb18030.eml"))]
#[case::qq(include_bytes!("mails/gb18030_base64.eml"))]
#[case::thunderbird(include_bytes!("mails/html_only.eml"))]
#[case::a_charset_nobody_knows(include_bytes!("mails/unknown_charset.eml"))]
#[case::not_an_email(include_bytes!("mails/not_a_mail.txt"))]
fn it_is_read(#[case] mail: &[u8]) {
    let dir = tempfile::tempdir().unwrap();
    tracked(dir.path());
    let (code, outcome, text) = noticed(dir.path(), mail);
    assert_eq!((code, outcome.as_str()), (Some(0), "suppressed"), "{text}");
    let crlf = String::from_utf8(mail.to_vec());
    let Ok(crlf) = crlf.map(|text| text.replace('\n', "\r\n").replace("plain@", "crlf@")) else {
        return;
    };
    let (_, outcome, text) = noticed(dir.path(), crlf.as_bytes());
    assert!(
        ["suppressed", "duplicate"].contains(&outcome.as_str()),
        "{text}"
    );
}

/// The same e-mail again is answered as it was the first time.
#[test]
fn the_same_email_is_answered_as_before() {
    let dir = tempfile::tempdir().unwrap();
    tracked(dir.path());
    let mail = include_bytes!("mails/plain.eml");
    let first = noticed(dir.path(), mail);
    assert_eq!(first, noticed(dir.path(), mail));
    assert!(first.2.contains("notice 1"), "{}", first.2);
}

/// What is cut off, or says one thing in text and another in HTML, is raised.
#[rstest]
#[case::truncated(include_bytes!("mails/truncated.eml"), "like that of orders")]
#[case::differing(include_bytes!("mails/differing.eml"), "names 2 ids")]
#[case::words_before_it(include_bytes!("mails/forwarded.eml"), "Not understood: “")]
#[case::empty(b"Subject: \n\n", "names no id")]
#[case::no_text(b"\x00\xff\xfe\x00", "bytes in no known encoding")]
fn it_is_raised(#[case] mail: &[u8], #[case] words: &str) {
    let dir = tempfile::tempdir().unwrap();
    tracked(dir.path());
    let (code, outcome, text) = noticed(dir.path(), mail);
    assert_eq!((code, outcome.as_str()), (Some(0), "raised"), "{text}");
    assert!(text.contains(words), "{text}");
}

/// Nothing is no notice.
#[rstest]
#[case(b"")]
#[case(b"\n\r\n \t\n")]
#[case(b"\xef\xbb\xbf\n")]
fn nothing_is_refused(#[case] bytes: &[u8]) {
    let dir = tempfile::tempdir().unwrap();
    tracked(dir.path());
    let (code, outcome, text) = noticed(dir.path(), bytes);
    assert_eq!(outcome, "invalid", "{text}");
    assert_ne!(code, Some(0));
    assert!(text.contains("There is nothing in this notice"), "{text}");
}

#[test]
fn more_than_fits_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    tracked(dir.path());
    let mut mail = include_bytes!("mails/plain.eml").to_vec();
    mail.resize(10 << 20, b'x');
    let (code, outcome, text) = noticed(dir.path(), &mail);
    assert_eq!((code, outcome.as_str()), (Some(1), "invalid"));
    assert!(
        text.contains("larger than 8 MiB, so the notice in it was NOT recorded"),
        "{text}"
    );
}

/// Just below the limit: longer than is recognised, so it is raised whatever it says.
#[test]
fn what_is_too_long_to_be_recognised_is_raised() {
    let dir = tempfile::tempdir().unwrap();
    tracked(dir.path());
    let mut mail = include_bytes!("mails/plain.eml").to_vec();
    mail.resize(7 << 20, b' ');
    mail.extend(b"and so on");
    let (code, outcome, text) = noticed(dir.path(), &mail);
    assert_eq!((code, outcome.as_str()), (Some(0), "raised"), "{text}");
}

fn with_attachment(kind: &str, name: &str) -> String {
    format!(
        "From: vendor@example.com\r\nSubject: Release notice\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=\"cut\"\r\n\r\n\
         --cut\r\nContent-Type: text/plain\r\n\r\nYour instance {ORDERS} will be released on 2099-01-08.\r\n\
         --cut\r\nContent-Type: {kind}\r\nContent-Disposition: attachment; filename=\"{name}\"\r\n\
         Content-Transfer-Encoding: base64\r\n\r\nAAECAwQFBgc=\r\n--cut--\r\n"
    )
}

/// A list that cannot be read may name more instances; the vendor's letterhead names none.
#[rstest]
#[case("application/vnd.ms-excel", "list.xls", "raised")]
#[case("application/octet-stream", "list", "raised")]
#[case("image/png", "notice.png", "raised")]
#[case("application/pgp-signature", "signature.asc", "raised")]
fn an_attachment_that_cannot_be_read_is_doubt(
    #[case] kind: &str,
    #[case] name: &str,
    #[case] outcome: &str,
) {
    let dir = tempfile::tempdir().unwrap();
    tracked(dir.path());
    let (_, came_to, text) = noticed(dir.path(), with_attachment(kind, name).as_bytes());
    assert_eq!(came_to, outcome, "{text}");
    if outcome == "raised" {
        assert!(text.contains(name), "{text}");
    }
}

/// An OpenPGP signature: its beginning, its body and its end.
const ARMOR: [&str; 3] = [
    "-----BEGIN PGP SIGNATURE-----\r\n",
    "\r\niQEzBAEBCAAdFiEE\r\n=abcd\r\n",
    "-----END PGP SIGNATURE-----\r\n",
];

/// What calls itself a signature is one only where nothing else is in it.
#[rstest]
#[case::pgp("pgp-signature", "signature.asc", "BEGIN BODY END", "suppressed")]
#[case::smime("pkcs7-signature", "smime.p7s", "base64:MIAGCSqG", "suppressed")]
#[case::old_smime("x-pkcs7-signature", "smime.p7s", "base64:MIIBhQ==", "suppressed")]
#[case::a_text(
    "pgp-signature",
    "signature.asc",
    "Two more will be deleted.",
    "raised"
)]
#[case::before(
    "pgp-signature",
    "signature.asc",
    "Two more.\r\nBEGIN BODY END",
    "raised"
)]
#[case::behind("pgp-signature", "signature.asc", "BEGIN BODY END Two more.", "raised")]
#[case::a_comment(
    "pgp-signature",
    "signature.asc",
    "BEGIN Comment: two more\r\nBODY END",
    "raised"
)]
#[case::within(
    "pgp-signature",
    "signature.asc",
    "BEGIN BODY two more\r\nEND",
    "raised"
)]
#[case::two(
    "pgp-signature",
    "signature.asc",
    "BEGIN BODY END BEGIN BODY END",
    "raised"
)]
#[case::text_as_smime("pkcs7-signature", "smime.p7s", "Two more will be deleted.", "raised")]
#[case::a_pdf("pkcs7-signature", "list.pdf", "base64:JVBERi0xLjcK", "raised")]
#[case::a_list("pkcs7-signature", "list.xls", "base64:MIAGCSqG", "raised")]
fn a_signature_and_what_calls_itself_one(
    #[case] kind: &str,
    #[case] name: &str,
    #[case] body: &str,
    #[case] outcome: &str,
) {
    let dir = tempfile::tempdir().unwrap();
    tracked(dir.path());
    let (encoding, body) = match body.strip_prefix("base64:") {
        Some(body) => ("base64", body.to_owned()),
        None => ("7bit", body.to_owned()),
    };
    let body = ["BEGIN ", "BODY ", "END"]
        .into_iter()
        .zip(ARMOR)
        .fold(body, |body, (word, text)| body.replace(word, text));
    let mail = with_attachment(&format!("application/{kind}"), name).replace(
        "base64\r\n\r\nAAECAwQFBgc=",
        &format!("{encoding}\r\n\r\n{body}"),
    );
    assert!(mail.contains(&body), "{mail}");
    let (_, came_to, text) = noticed(dir.path(), mail.as_bytes());
    assert_eq!(came_to, outcome, "{text}");
}

/// What could not be recorded is handed in again by the mail transfer agent, whatever is wrong with the database.
#[test]
fn a_mail_that_cannot_be_recorded_is_tried_again() {
    let dir = tempfile::tempdir().unwrap();
    let mail = format!("Your instance {ORDERS} will be released on 2099-01-08.");
    let status = |args: &[&str]| {
        let output = warden(dir.path(), args, mail.as_bytes());
        (
            output.status.code(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let (code, told) = status(&["notice", "-"]);
    assert_eq!(code, Some(75), "{told}");
    assert!(told.contains("there is no database"), "{told}");
    tracked(dir.path());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let blocks = runtime.block_on(async {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(dir.path().join("w.db"));
        let mut other = sqlx::ConnectOptions::connect(&options).await.unwrap();
        sqlx::raw_sql("BEGIN IMMEDIATE")
            .execute(&mut other)
            .await
            .unwrap();
        other
    });
    std::fs::write(dir.path().join("mail.eml"), &mail).unwrap();
    assert_eq!(status(&["notice", "-"]).0, Some(75));
    // A person is told, as before.
    assert_eq!(status(&["notice", "mail.eml"]).0, Some(1));
    drop(blocks);
    assert_eq!(status(&["notice", "-"]).0, Some(0));
}
