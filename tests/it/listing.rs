//! Files to import: what is taken, and what is said of everything else.

use std::collections::BTreeMap;
use std::fmt::Write;

use chrono::DateTime;
use chrono_tz::Tz;
use edition_warden::domain::Timestamp;
use edition_warden::domain::id::InstanceId;
use edition_warden::domain::instance::{Edition, PostExpirationAction, Switch};
use edition_warden::listing::{
    Caveat, ListingError, ListingRow, RowContent, RowId, RowProblem, ValueProblem,
};
use proptest::prelude::*;
use rstest::rstest;

const ORDERS: &str = "MQ_INST_1080056302921134_BXuIbML7";
const BILLING: &str = "MQ_INST_1080056302921134_BYdkf3Qa";

/// A file that was read, with all of its rows.
#[derive(Debug, PartialEq)]
struct Listing {
    rows: Vec<ListingRow>,
    caveats: Vec<Caveat>,
    listings: usize,
    is_billing: bool,
    is_partial: bool,
    encoding: Option<&'static str>,
}

impl Listing {
    const fn is_partial(&self) -> bool {
        self.is_partial
    }
}

fn read(bytes: impl AsRef<[u8]>) -> Result<Listing, ListingError> {
    read_in(bytes, Tz::Asia__Shanghai)
}

/// What a file is seen to have when it is looked through is what is read of it then, but for what it has twice.
fn read_in(bytes: impl AsRef<[u8]>, zone: Tz) -> Result<Listing, ListingError> {
    let mut seen = BTreeMap::new();
    let bytes = bytes.as_ref();
    let at = "2026-01-01T00:00:00Z".parse().unwrap();
    let listing = edition_warden::listing::read(bytes, at, zone, |number, row| {
        assert!(seen.insert(number, row).is_none());
    })?;
    for (number, instead) in listing.twice() {
        match instead {
            Some(row) => seen.insert(number, row.clone()),
            None => seen.remove(&number),
        };
    }
    let rows: BTreeMap<usize, ListingRow> = listing.rows().collect();
    if listing.none_is_whole {
        assert!(rows.values().all(|row| row.entry.is_err()));
    } else {
        assert_eq!(rows, seen);
    }
    Ok(Listing {
        rows: seen.into_values().collect(),
        caveats: listing.caveats.clone(),
        listings: listing.listings,
        is_billing: listing.is_billing,
        is_partial: listing.is_partial(),
        encoding: listing.encoding,
    })
}

fn at(text: &str) -> Timestamp {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

fn only(bytes: impl AsRef<[u8]>) -> ListingRow {
    let mut rows = read(bytes).unwrap().rows;
    assert_eq!(rows.len(), 1);
    rows.remove(0)
}

fn entry(bytes: impl AsRef<[u8]>) -> RowContent {
    only(bytes).entry.unwrap()
}

fn problem(bytes: impl AsRef<[u8]>) -> String {
    doubt(only(bytes)).to_string()
}

/// What is wrong with a row, or with a value of it.
fn doubt(row: ListingRow) -> RowProblem {
    match row.entry {
        Ok(entry) => entry.unread.into_iter().next().unwrap(),
        Err(problem) => problem,
    }
}

fn refusal(bytes: impl AsRef<[u8]>) -> String {
    read(bytes).unwrap_err().to_string()
}

/// An instance with one field more.
fn json(field: &str) -> String {
    format!(r#"[{{"InstanceId": "{ORDERS}", {field}}}]"#)
}

/// A row with one column more.
fn cell(column: &str, value: &str) -> String {
    format!("id,{column}\n{ORDERS},{value}\n")
}

/// Rows as lines of text, with what they say.
fn shown(listing: &Listing) -> String {
    let nothing = regex::Regex::new(r"[a-z_]+: None, ").unwrap();
    let mut text = String::new();
    for row in &listing.rows {
        let says = match &row.entry {
            Ok(entry) => nothing
                .replace_all(&format!("{entry:?}"), "")
                .replace(", subscribed: false", "")
                .replace(", unread: [], released: false", ""),
            Err(problem) => format!("refused: {problem}"),
        };
        writeln!(text, "{} | {} | {says}", row.place, row.id_text).unwrap();
    }
    text
}

const IN_SERVICE: &str = r#"{
  "RequestId": "4A978869-7681-4529-B470-107E1379****",
  "HelpUrl": "",
  "Data": {"InstanceVO": [
    {"InstanceId": "MQ_INST_1080056302921134_BXuIbML7", "InstanceName": "orders", "InstanceType": 2, "InstanceStatus": 5,
     "ReleaseTime": 1893456000000, "IndependentNaming": true, "CreateTime": 1570701259403, "TopicCount": 42, "GroupCount": 7,
     "Tags": {"Tag": [{"Key": "CartService", "Value": "SericeA"}]}},
    {"InstanceId": "MQ_INST_1080056302921134_BYdkf3Qa", "InstanceName": "billing", "InstanceType": 1, "InstanceStatus": 2, "ReleaseTime": -1},
    {"InstanceId": "rmq-cn-7mz2uwp5a01", "InstanceName": "", "InstanceType": 9},
    {"InstanceId": "MQ_INST_108005630292****_BXuIbML7", "InstanceType": 2},
    {"InstanceId": "MQ_INST_1080056302921134_BXuIbML7", "InstanceType": 2},
    {"InstanceName": "nameless"}
  ]}
}"#;

#[test]
fn the_vendors_listing() {
    insta::assert_snapshot!(shown(&read(IN_SERVICE).unwrap()), @r#"
    Data.InstanceVO[0] | MQ_INST_1080056302921134_BXuIbML7 | refused: the instance is also at Data.InstanceVO[4], and the two differ; keep the right one
    Data.InstanceVO[1] | MQ_INST_1080056302921134_BYdkf3Qa | RowContent { id: FourX(InstanceId("MQ_INST_1080056302921134_BYdkf3Qa")), said: Said { name: Some(InstanceName("billing")), edition: Some(Some(Standard)), sure: false } }
    Data.InstanceVO[2] | rmq-cn-7mz2uwp5a01 | RowContent { id: Series5, said: Said { sure: false } }
    Data.InstanceVO[3] | MQ_INST_108005630292****_BXuIbML7 | refused: `MQ_INST_108005630292****_BXuIbML7` is masked with asterisks; copy the full id from the vendor's console
    Data.InstanceVO[4] | MQ_INST_1080056302921134_BXuIbML7 | refused: the instance is also at Data.InstanceVO[0], and the two differ; keep the right one
    Data.InstanceVO[5] |  | refused: it has no instance id
    "#);
}

#[test]
fn the_vendors_base_info() {
    let text = r#"{"RequestId": "x", "InstanceBaseInfo": {
        "InstanceId": "MQ_INST_1080056302921134_BXuIbML7", "InstanceName": "orders", "InstanceType": 2, "InstanceStatus": 7,
        "ReleaseTime": "1893456000000", "MaxTps": 10000, "TopicCount": 30, "GroupCount": "12", "TopicCapacity": 300, "spInstanceId": "ons-cn-0pp1abc2d34",
        "CreateTime": "2019-10-10 10:00:00", "Remark": null,
        "Endpoints": {"TcpEndpoint": "http://example.invalid:8080"}}}"#;
    let row = only(text);
    assert_eq!(row.place, "InstanceBaseInfo");
    let entry = row.entry.unwrap();
    assert_eq!(entry.said.edition, Some(Some(Edition::Platinum)));
    assert_eq!(entry.said.busy, Some(Some(Switch::On)));
    assert_eq!(entry.said.expires, Some(Some(at("2030-01-01T00:00:00Z"))));
    assert_eq!(entry.said.max_tps, Some(Some(10_000)));
    assert_eq!(
        (entry.said.topics, entry.said.groups),
        (Some(Some(30)), Some(Some(12)))
    );
    assert_eq!(
        entry.said.commodity_id.flatten().unwrap().as_str(),
        "ons-cn-0pp1abc2d34"
    );
}

#[rstest]
#[case(r#"{"InstanceVO": [{"InstanceId": "ID"}]}"#, "InstanceVO[0]")]
#[case(r#"[{"InstanceId": "ID"}]"#, "[0]")]
#[case(r#"{"InstanceId": "ID", "Code": "200"}"#, "the instance")]
#[case("\u{feff}\n {\"InstanceId\": \"ID\"}\n\n", "the instance")]
fn bare_forms(#[case] text: &str, #[case] place: &str) {
    let row = only(text.replace("ID", ORDERS));
    assert_eq!(row.place, place);
    assert!(row.entry.is_ok());
}

#[test]
fn an_account_without_instances_is_a_listing() {
    assert_eq!(read(r#"{"Data": {"InstanceVO": []}}"#).unwrap().rows, []);
    assert_eq!(read("id,name\n").unwrap().rows, []);
}

#[rstest]
#[case("0", Some(Switch::On))]
#[case("7", Some(Switch::On))]
#[case("2", None)]
#[case("\"5\"", Some(Switch::Off))]
#[case("null", None)]
fn busy_statuses(#[case] status: &str, #[case] busy: Option<Switch>) {
    let text = json(&format!(r#""InstanceStatus": {status}"#));
    assert_eq!(entry(text).said.busy.flatten(), busy);
}

#[rstest]
#[case("0", None)]
#[case("null", None)]
#[case("\"\"", None)]
#[case("1893456000000", Some("2030-01-01T00:00:00Z"))]
#[case("253402300799999", None)]
fn release_time(#[case] given: &str, #[case] expires: Option<&str>) {
    let text = json(&format!(r#""InstanceType": 2, "ReleaseTime": {given}"#));
    assert_eq!(entry(text).said.expires.flatten(), expires.map(at));
}

#[rstest]
#[case("-1")]
#[case("1893456000")]
#[case("253402300800000")]
#[case("99999999999999999999999")]
#[case("1.5")]
#[case("true")]
#[case("{\"a\": [1]}")]
#[case("\"soon\"")]
fn release_times_that_cannot_be(#[case] given: &str) {
    let text = json(&format!(r#""InstanceType": 2, "ReleaseTime": {given}"#));
    assert!(problem(text).starts_with("ReleaseTime: "));
    let standard = json(&format!(r#""InstanceType": 1, "ReleaseTime": {given}"#));
    assert_eq!(entry(standard).said.expires.flatten(), None);
}

#[rstest]
#[case(
    r#""InstanceType": 3"#,
    "InstanceType: `3` is not one of 1 (Standard), 2 (Platinum)"
)]
#[case(
    r#""InstanceType": "PLATINUM""#,
    "InstanceType: `PLATINUM` is not one of 1 (Standard), 2 (Platinum)"
)]
#[case(
    r#""MaxTps": -1"#,
    "MaxTps: `-1` is not a whole number from 1 to 4294967295"
)]
#[case(
    r#""MaxTps": 4294967296"#,
    "MaxTps: `4294967296` is not a whole number from 1 to 4294967295"
)]
#[case(
    r#""InstanceStatus": "up""#,
    "InstanceStatus: `up` is not one of 0 (deploying), 2 (overdue), 5 (running), 7 (upgrading)"
)]
#[case(
    r#""InstanceStatus": 9"#,
    "InstanceStatus: `9` is not one of 0 (deploying), 2 (overdue), 5 (running), 7 (upgrading)"
)]
#[case(
    r#""spInstanceId": "orders""#,
    "spInstanceId: `orders` is not a commodity id; it looks like ons-cn-0pp1abc2d34"
)]
fn json_rows_that_are_refused(#[case] field: &str, #[case] words: &str) {
    assert_eq!(problem(json(field)), words);
}

#[rstest]
#[case("", "the file is empty")]
#[case("\u{feff} \n", "the file is empty")]
#[case(
    r#"{"Data": {"InstanceVO": [{"InstanceId": "MQ"#,
    "the JSON ends too early, at line 1, column 43"
)]
#[case("{\"Data\":\n {\"InstanceVO\": [}]}", "line 2, column 18 is not JSON")]
#[case(
    r#"{"Data": {"InstanceVO": {}}}"#,
    "`Data.InstanceVO` is not a list of instances"
)]
#[case(r#"{"Data": []}"#, "`Data` is not an object with InstanceVO")]
#[case(
    r#"{"Data": {}}"#,
    "the JSON has neither Data.InstanceVO nor InstanceBaseInfo"
)]
#[case("{}", "the JSON has neither")]
#[case("[] x", "what follows the JSON at line 1, column 4 is not JSON")]
#[case(
    r#"{"Code": "Throttling.User", "Message": "Request was denied", "RequestId": "x"}"#,
    "the file holds no listing but an error of the vendor's API, Throttling.User (\"Request was denied\"); wait a minute"
)]
#[case(
    "ERROR: SDK.ServerError\nErrorCode: AUTH_PERMISSION_CHECK_ERROR\nRecommend: \nMessage: no\n",
    "the file holds no listing but an error of the vendor's API, AUTH_PERMISSION_CHECK_ERROR (\"no\"); let somebody"
)]
#[case("name,region\na,b\n", "line 1: there is no column `id`")]
#[case("null", "the JSON has neither")]
#[case("42\n", "the JSON has neither")]
#[case("\"x\"", "the JSON has neither")]
#[case(
    "SDKError:\n   StatusCode: 403\n   Code: Forbidden.RAM\n   Message: no\n",
    "the file holds no listing but an error of the vendor's API, Forbidden.RAM (\"no\"); let somebody"
)]
#[case(
    "<<<<<<< HEAD\nid,name\n=======\nid\n>>>>>>> x\n",
    "the file is left in conflict by git"
)]
#[case("id,name\n<<<<<<< HEAD\na,b\n", "the file is left in conflict by git")]
#[case(
    "502 Bad Gateway\n",
    "the file holds no listing but what a program said: `502 Bad Gateway`"
)]
#[case(
    "--2026-11-28 12:00:00--  https://x.example/a\nResolving x.example... failed.\n",
    "the file holds no listing but what a program said"
)]
#[case("id|name\n", "line 1: the columns are separated by `|`")]
#[case("id;name\tregion\n", "line 1: the columns are separated by `;`")]
#[case("名;注\n", "line 1: the columns are separated by `;`")]
#[case("name;region\na;b\n", "line 1: there is no column `id`")]
#[case(
    "id,\"name\nMQ,b\n",
    "line 1, column 2: a quote is opened and never closed"
)]
fn files_that_are_refused(#[case] text: &str, #[case] words: &str) {
    let refusal = refusal(text);
    assert!(refusal.starts_with(words), "{refusal}");
}

#[rstest]
#[case(b"\xff\xfei\0d".as_slice(), "UTF-16 that is broken")]
#[case(b"\xff\xfe\x00\xd8a\0".as_slice(), "UTF-16 that is broken")]
#[case(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0".as_slice(), "an old workbook (.xls)")]
#[case(b"\x1f\x8b\x08".as_slice(), "compressed")]
#[case(b"{\"Data\": \"\xb6\xa9\"}".as_slice(), "Out-File -Encoding utf8")]
#[case(b"i\0d\0,\0".as_slice(), "UTF-16")]
#[case(b"id,name\nMQ,\xb6\xa9\xb5\xa5\n".as_slice(), "not UTF-8 (at line 2)")]
#[case(b"PK\x03\x04whatever".as_slice(), "a workbook")]
fn other_encodings_are_named(#[case] bytes: &[u8], #[case] words: &str) {
    let refusal = refusal(bytes);
    assert!(refusal.contains(words), "{refusal}");
}

#[test]
fn csv_with_every_column_in_any_order() {
    let text = format!(
        "Channel,Topics,groups,team,commodity_id,max_tps,auto_renew,action,expires,edition,region,name,id\r\n\
         #ops,30,0,payments,ons-cn-0pp1abc2d34,10000,off,downgrade,2030-01-01,platinum,cn-hangzhou,\"or ders\",{ORDERS}\r\n"
    );
    let row = only(text);
    assert_eq!(row.place, "line 2");
    let entry = row.entry.unwrap();
    assert!(matches!(&entry.id, RowId::FourX(id) if id.as_str() == ORDERS));
    assert_eq!(entry.said.name.unwrap().as_str(), "or ders");
    assert_eq!(entry.said.region.unwrap().as_str(), "cn-hangzhou");
    assert_eq!(entry.said.edition, Some(Some(Edition::Platinum)));
    assert_eq!(
        entry.said.expires,
        Some(Some(at("2030-01-01T00:00:00+08:00")))
    );
    assert_eq!(
        entry.said.action,
        Some(Some(PostExpirationAction::Downgrade))
    );
    assert_eq!(entry.said.auto_renew, Some(Some(Switch::Off)));
    assert_eq!(entry.said.busy, None);
    assert_eq!(entry.said.max_tps, Some(Some(10_000)));
    assert_eq!(
        (entry.said.topics, entry.said.groups),
        (Some(Some(30)), Some(Some(0)))
    );
    assert_eq!(
        entry.said.commodity_id.flatten().unwrap().as_str(),
        "ons-cn-0pp1abc2d34"
    );
    assert_eq!(entry.said.team.flatten().unwrap().as_str(), "payments");
    assert_eq!(entry.said.channel.flatten().unwrap().as_str(), "ops");
}

/// The names of the rows that are taken, and what is wrong with the others.
fn taken(text: &str) -> Vec<String> {
    let rows = read(text).unwrap().rows.into_iter();
    let said = rows.map(|row| match row.entry {
        Ok(entry) => entry.said.name.unwrap().to_string(),
        Err(problem) => format!("{}: {problem}", row.place),
    });
    said.collect()
}

/// One row never blocks the others: a quote too many, an item that is none, a line that is no JSON.
#[test]
fn one_bad_row_blocks_no_other() {
    let of = |names: [&str; 4]| {
        let ids =
            ["A1", "B1", "C1", "D1"].map(|end| format!("MQ_INST_1080056302921134_BXuIb{end}a"));
        let rows = ids
            .iter()
            .zip(names)
            .map(|(id, name)| format!("{id},{name},cn-hangzhou\n"));
        format!("id,name,region\n{}", rows.collect::<String>())
    };
    assert_eq!(
        taken(&of(["a", "5\" disk", "\"c\"", "d\""])),
        ["a", "5\" disk", "c", "d\""]
    );
    let opened = "a quote is opened in column 2 and not closed in its line; the file is truncated there, or a `\"` too many is there";
    let third = format!("line 3: {opened}");
    for opens in ["\"b", "\"b,\"\"x"] {
        for last in ["d", "\"d\"", "d\"", "\"d \"\"x\"\"\""] {
            let found = taken(&of(["a", opens, "c", last]));
            assert_eq!(found.len(), 4, "{opens}, {last}: {found:?}");
            assert_eq!(
                (&*found[0], &found[1], &*found[2]),
                ("a", &third, "c"),
                "{opens}, {last}"
            );
            assert!(found[3].starts_with('d'), "{found:?}");
        }
    }
    let last = taken(&of(["a", "b", "c", "\"d"]));
    assert_eq!(last[..3], ["a", "b", "c"]);
    assert_eq!(last[3], format!("line 5: {opened}"));
    // Two of them look like one value in two lines.
    assert_eq!(
        taken(&of(["a", "\"b", "c\"", "d"])),
        ["a", &third, "c\"", "d"]
    );
    // A value may have several lines, as long as none of them is a row.
    let text = format!("id,name,remark\n{ORDERS},orders,\"one\ntwo\"\n{BILLING},billing,\n");
    assert_eq!(taken(&text), ["orders", "billing"]);
    assert_eq!(read(text).unwrap().rows[1].place, "line 4");

    let item =
        |id: &str, name: &str| format!(r#"{{"InstanceId": "{id}", "InstanceName": "{name}"}}"#);
    let (one, other) = (item(ORDERS, "orders"), item(BILLING, "billing"));
    let no_instance = "it is not an instance (an object with InstanceId)";
    for bad in ["null", "7", "\"x\"", "[]"] {
        let text = format!(r#"{{"Data": {{"InstanceVO": [{one}, {bad}, {other}]}}}}"#);
        let told = format!("Data.InstanceVO[1]: {no_instance}");
        assert_eq!(taken(&text), ["orders", &told, "billing"], "{bad}");
        assert!(read(text).unwrap().is_partial());
    }
    assert_eq!(
        taken(&format!("[{one}, null, {other}]")),
        ["orders", &format!("[1]: {no_instance}"), "billing"]
    );
    assert_eq!(
        taken(&format!("{one}\nnull\n{other}\n")),
        ["orders", &format!("line 2: {no_instance}"), "billing"]
    );
    for bad in ["{\"InstanceId\": \"MQ", "x", "{]", "}"] {
        let told = "line 2: it is not JSON; fetch it again, or correct it there";
        assert_eq!(
            taken(&format!("{one}\n{bad}\n{other}\n")),
            ["orders", told, "billing"],
            "{bad}"
        );
    }
    let documents = format!(
        "{{\"Data\": {{\"InstanceVO\": [{one}]}}}}\n{{\"Data\": []}}\n{{\"Data\": {{}}}}\n{other}\n"
    );
    let found = taken(&documents);
    assert_eq!(
        (found.len(), &*found[0], &*found[3]),
        (4, "orders", "billing"),
        "{found:?}"
    );
    // A text of its own within a text, and a sequence of texts.
    let within = serde_json::to_string(&format!("[{one},{other}]")).unwrap();
    assert_eq!(taken(&within), ["orders", "billing"]);
    assert_eq!(
        taken(&format!("\u{1e}{one}\n\u{1e}{other}\n")),
        ["orders", "billing"]
    );
    // A listing that is cut off is none, whatever stands in its lines.
    let cut = format!("{{\"Data\": {{\"InstanceVO\": [\n{one},\n{other},\n{{\"Ins");
    assert!(refusal(cut).starts_with("the JSON ends too early"));
}

#[test]
fn csv_rows_of_every_kind() {
    let text = format!(
        "id,name,edition,expires\n{ORDERS},orders,Platinum,\n{BILLING},billing,standard,2030-01-01\n\
         rmq-cn-7mz2uwp5a01,?/?,gold,never\n,nameless,,\n{ORDERS},again,,\nMQ_INST_1****_x,,,\nfoo,,,\n"
    );
    insta::assert_snapshot!(shown(&read(text).unwrap()), @r#"
    line 2 | MQ_INST_1080056302921134_BXuIbML7 | refused: the instance is also at line 6, and the two differ; keep the right one
    line 3 | MQ_INST_1080056302921134_BYdkf3Qa | RowContent { id: FourX(InstanceId("MQ_INST_1080056302921134_BYdkf3Qa")), said: Said { name: Some(InstanceName("billing")), sure: false }, unread: [StandardExpires { name: "expires", expires: 2029-12-31T16:00:00Z }], released: false }
    line 4 | rmq-cn-7mz2uwp5a01 | RowContent { id: Series5, said: Said { sure: false } }
    line 5 |  | refused: it has no instance id
    line 6 | MQ_INST_1080056302921134_BXuIbML7 | refused: the instance is also at line 2, and the two differ; keep the right one
    line 7 | MQ_INST_1****_x | refused: `MQ_INST_1****_x` is masked with asterisks; copy the full id from the vendor's console
    line 8 | foo | refused: `foo` is not an instance id; a 4.x id looks like MQ_INST_1080056302921134_BXuIbML7
    "#);
}

#[rstest]
#[case("2030-01-01", "2030-01-01T00:00:00+08:00")]
#[case("2030-01-01 18:30", "2030-01-01T18:30:00+08:00")]
#[case("2030-01-01T18:30:15", "2030-01-01T18:30:15+08:00")]
#[case("2030-01-01 18:30:15.1239", "2030-01-01T18:30:15.123+08:00")]
#[case("2030-01-01T00:00:00Z", "2030-01-01T00:00:00Z")]
#[case("2030-01-01T00:00:00-05:00", "2030-01-01T05:00:00Z")]
#[case("2030/1/2", "2030-01-02T00:00:00+08:00")]
#[case("2030/1/2 0:00", "2030-01-02T00:00:00+08:00")]
#[case("2030/01/02 9:30:15", "2030-01-02T09:30:15+08:00")]
#[case("2030.1.2", "2030-01-02T00:00:00+08:00")]
#[case("2030年1月2日", "2030-01-02T00:00:00+08:00")]
#[case("2030年01月02日18:30", "2030-01-02T18:30:00+08:00")]
#[case("２０３０－０１－０２", "2030-01-02T00:00:00+08:00")]
#[case("2030-01-02 00:00:00 (UTC+8)", "2030-01-02T00:00:00+08:00")]
#[case("2030-01-02 00:00 UTC", "2030-01-02T00:00:00Z")]
#[case("2030-01-02 00:00 GMT-05:30", "2030-01-02T05:30:00Z")]
#[case("2030-01-01T24:00", "2030-01-02T00:00:00+08:00")]
#[case("2030-01-31 24:00:00", "2030-02-01T00:00:00+08:00")]
#[case("2030-01-01T24:00:00.000Z", "2030-01-02T00:00:00Z")]
#[case("2030-01-01T24:00:00+08:00", "2030-01-02T00:00:00+08:00")]
#[case("2030-12-31T24:00:00-05:00", "2031-01-01T05:00:00Z")]
#[case("2030-01-02 00:00:00+08", "2030-01-02T00:00:00+08:00")]
#[case("2030-01-01T00:00:00-05", "2030-01-01T05:00:00Z")]
#[case("\"Jan 2, 2030, 00:00:00\"", "2030-01-02T00:00:00+08:00")]
#[case("1893513600000", "2030-01-02T00:00:00+08:00")]
#[case("2030年1月1日24:00", "2030-01-02T00:00:00+08:00")]
fn dates(#[case] given: &str, #[case] expires: &str) {
    assert_eq!(
        entry(cell("expires", given)).said.expires.flatten(),
        Some(at(expires))
    );
}

#[rstest]
#[case("2030-02-30", "expires: `2030-02-30` does not exist in the calendar")]
#[case(
    "2030-02-01 24:30",
    "expires: `2030-02-01 24:30` does not exist in the calendar"
)]
#[case(
    "2030-02-01T24:00:01",
    "expires: `2030-02-01T24:00:01` does not exist in the calendar"
)]
#[case(
    "0001-01-01",
    "expires: `0001-01-01` does not exist in the calendar, or is not between the years"
)]
#[case("2030/2", "expires: `2030/2` is not a date; write 2026-03-01")]
#[case("46361", "expires: `46361` is how a spreadsheet program counts days")]
#[case(
    "1/2/2030",
    "expires: `1/2/2030` can be read with the day or with the month first"
)]
#[case("31.12.2030", "expires: `31.12.2030` can be read with the day")]
#[case("2030/2/30", "expires: `2030/2/30` does not exist in the calendar")]
#[case("10000-01-01", "expires: `10000-01-01` is not a date")]
#[case("tomorrow", "expires: `tomorrow` is not a date")]
#[case("1893456000", "expires: `1893456000` is in seconds since 1970")]
#[case(
    "46361.33",
    "expires: `46361.33` is how a spreadsheet program counts days"
)]
#[case("5/12/2030 0:00", "expires: `5/12/2030 0:00` can be read with the day")]
fn dates_that_do_not_exist(#[case] given: &str, #[case] words: &str) {
    let problem = problem(cell("expires", given));
    assert!(problem.starts_with(words), "{problem}");
}

#[test]
fn dates_that_a_zone_skips_or_has_twice() {
    let in_berlin = |when: &str| {
        let listing = read_in(cell("expires", when), Tz::Europe__Berlin);
        listing.unwrap().rows.remove(0)
    };
    let skipped = doubt(in_berlin("2026-03-29 02:30"));
    assert!(matches!(
        skipped,
        RowProblem::Value {
            why: ValueProblem::Skipped("Europe/Berlin"),
            ..
        }
    ));
    let twice = doubt(in_berlin("2026-10-25 02:30"));
    assert!(matches!(
        twice,
        RowProblem::Value {
            why: ValueProblem::Twice(_),
            ..
        }
    ));
    let read = in_berlin("2026-10-25T02:30:00+01:00").entry.unwrap();
    assert!(read.said.expires.is_some());
}

#[rstest]
#[case("edition", "gold", "edition: `gold` is not one of standard, platinum")]
#[case(
    "action",
    "downgrde",
    "action: `downgrde` (did you mean `downgrade`?) is not one of delete, downgrade, unknown"
)]
#[case(
    "auto_renew",
    "maybe",
    "auto_renew: `maybe` is not one of on, off, unknown"
)]
#[case(
    "max_tps",
    "5k",
    "max_tps: `5k` is not a whole number from 1 to 4294967295"
)]
#[case(
    "max_tps",
    "0",
    "max_tps: `0` is not a whole number from 1 to 4294967295"
)]
#[case(
    "topics",
    "-1",
    "topics: `-1` is not a whole number from 0 to 4294967295"
)]
#[case(
    "region",
    "Hangzhou",
    "region: `Hangzhou` is not a region id; did you mean `cn-hangzhou`?"
)]
fn csv_rows_that_are_refused(#[case] column: &str, #[case] value: &str, #[case] words: &str) {
    assert_eq!(problem(cell(column, value)), words);
}

#[test]
fn empty_and_unknown_say_nothing() {
    for (column, value) in [
        ("action", "unknown"),
        ("action", ""),
        ("auto_renew", "unknown"),
        ("max_tps", " "),
    ] {
        let entry = entry(cell(column, value));
        assert_eq!(
            (entry.said.action, entry.said.auto_renew, entry.said.max_tps),
            (None, None, None)
        );
    }
}

#[test]
fn long_values_are_shortened_in_messages() {
    let row = only(format!("id\n{}\n", "x".repeat(10_000)));
    assert!(row.id_text.chars().count() < 60);
    assert!(row.entry.unwrap_err().to_string().chars().count() < 200);
}

#[test]
fn too_many_rows() {
    let csv = |rows| {
        (0..rows).fold("id\n".to_owned(), |all, n| {
            all + &format!("MQ_INST_10800563_{n:06}\n")
        })
    };
    assert_eq!(read(csv(100_000)).unwrap().rows.len(), 100_000);
    assert_eq!(read(csv(100_001)), Err(ListingError::TooManyRows));
    let json = format!("[{}{{}}]", "{},".repeat(100_000));
    assert_eq!(read(json), Err(ListingError::TooManyRows));
}

#[test]
fn every_truncation_of_a_listing_is_refused() {
    let end = IN_SERVICE.trim_end().len();
    for cut in (0..end).filter(|cut| IN_SERVICE.is_char_boundary(*cut)) {
        assert!(read(&IN_SERVICE[..cut]).is_err(), "cut at {cut}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&bytes);
    }

    #[test]
    fn no_json_makes_it_panic(
        key in "Data|InstanceVO|InstanceBaseInfo|InstanceId|InstanceType|ReleaseTime|MaxTps|Code",
        text in "(\\{|\\}|\\[|\\]|,|:|\"|Data|\"InstanceVO\"|\"InstanceId\"|-?[0-9.e]{1,20}|null|.){0,30}",
    ) {
        let _ = read(format!("{{\"{key}\": {text}}}"));
        let _ = read(format!("{{{text}"));
    }

    #[test]
    fn no_csv_makes_it_panic(text in "(,|\"|\n|\r|[0-9]{1,5}|-|:|.){0,60}") {
        let _ = read(format!("id,expires,max_tps\n{text}"));
    }

    #[test]
    fn no_date_makes_it_panic(text in "[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]?[0-9:.+Z-]{0,20}") {
        let _ = read(cell("expires", &text));
    }
}

/// One instance as `OnsInstanceInServiceList` has it.
fn vo(id: &str, name: &str) -> String {
    format!(
        r#"{{"InstanceId": "{id}", "InstanceName": "{name}", "InstanceType": 2, "ReleaseTime": 1893456000000}}"#
    )
}

fn document(instances: &str) -> String {
    format!(r#"{{"RequestId": "x", "HelpUrl": "", "Data": {{"InstanceVO": [{instances}]}}}}"#)
}

fn places(listing: &Listing) -> Vec<&str> {
    listing.rows.iter().map(|row| row.place.as_str()).collect()
}

fn caveats(listing: &Listing) -> Vec<String> {
    listing.caveats.iter().map(ToString::to_string).collect()
}

#[rstest]
#[case::sdk(format!(r#"{{"headers": {{"a": "b"}}, "statusCode": 200, "body": {}}}"#, document(&vo(ORDERS, "orders"))), &["body.Data.InstanceVO[0]"])]
#[case::sdk_lower(format!(r#"{{"requestId": "x", "data": {{"instanceVO": [{}]}}}}"#, vo(ORDERS, "a").replace("Instance", "instance")), &["Data.InstanceVO[0]"])]
#[case::lines(format!("{}\n{}\n", vo(ORDERS, "orders"), vo(BILLING, "billing")), &["line 1", "line 2"])]
#[case::lines_with_a_gap(format!("{}\n\n\n{}", vo(ORDERS, "orders"), vo(BILLING, "billing")), &["line 1", "line 4"])]
#[case::one_behind_the_other(format!("{}{}", document(&vo(ORDERS, "orders")), document(&vo(BILLING, "billing"))), &["line 1: Data.InstanceVO[0]", "line 1: Data.InstanceVO[0]"])]
#[case::slurped(format!("[{},\n{}]", document(&vo(ORDERS, "orders")), document(&vo(BILLING, "billing"))), &["[0].Data.InstanceVO[0]", "[1].Data.InstanceVO[0]"])]
#[case::slurped_rows(format!("[{}, {}]", vo(ORDERS, "orders"), vo(BILLING, "billing")), &["[0]", "[1]"])]
#[case::slurped_lists(format!("[[{}], [{}]]", vo(ORDERS, "orders"), vo(BILLING, "billing")), &["[0][0]", "[1][0]"])]
#[case::success(format!(r#"{{"Success": true, "Code": "200", "Data": {{"InstanceVO": [{}]}}}}"#, vo(ORDERS, "orders")), &["Data.InstanceVO[0]"])]
#[case::the_same_twice(format!("[{0}, {0}]", document(&vo(ORDERS, "orders"))), &["[0].Data.InstanceVO[0]"])]
fn documents_as_they_are_wrapped(#[case] text: String, #[case] expected: &[&str]) {
    let listing = read(text).unwrap();
    assert_eq!(places(&listing), expected);
    for row in &listing.rows {
        assert!(row.entry.is_ok(), "{row:?}");
    }
}

/// A list of lists is read item by item; what is neither is named.
#[test]
fn regions_are_taken_from_where_they_are_said() {
    let keyed = format!(
        r#"{{"cn-hangzhou": {}, "eu-west-1": {}}}"#,
        document(&vo(ORDERS, "orders")),
        document(&vo(BILLING, "billing"))
    );
    let listing = read(keyed).unwrap();
    let regions = |listing: &Listing| -> Vec<String> {
        let entries = listing.rows.iter().map(|row| row.entry.as_ref().unwrap());
        entries
            .map(|entry| {
                entry
                    .said
                    .region
                    .as_ref()
                    .map_or_else(String::new, ToString::to_string)
            })
            .collect()
    };
    assert_eq!(regions(&listing), ["cn-hangzhou", "eu-west-1"]);
    assert_eq!(caveats(&listing), [""; 0]);
    let beside = document(&vo(ORDERS, "orders"))
        .replace("\"HelpUrl\"", "\"RegionId\": \"cn-hangzhou\", \"HelpUrl\"");
    let own = vo(BILLING, "billing").replace(
        "\"InstanceType\"",
        "\"Region\": \"eu-west-1\", \"InstanceType\"",
    );
    let listing = read(format!("{beside}\n{own}")).unwrap();
    assert_eq!(regions(&listing), ["cn-hangzhou", "eu-west-1"]);
    let unsaid = format!(
        "{}{}",
        document(&vo(ORDERS, "a")),
        document(&vo(BILLING, "b"))
    );
    let caveats = caveats(&read(unsaid).unwrap());
    assert!(
        caveats[0].starts_with("The file holds 2 listings, and one --region"),
        "{caveats:?}"
    );
}

const BILLED: &str = r#"{"Code": "Success", "Success": true, "Data": {"PageNum": 1, "PageSize": 20, "TotalCount": 3, "InstanceList": [
    {"OwnerId": 1, "InstanceID": "ons-cn-0pp1abc2d34", "ProductCode": "ons", "SubscriptionType": "Subscription", "Status": "Normal",
     "Region": "cn-hangzhou", "EndTime": "2030-01-01T16:00:00Z", "ReleaseTime": "", "RenewStatus": "NotRenewal"},
    {"InstanceID": "ons-cn-0pp1abc2d35", "SubscriptionType": "PayAsYouGo", "EndTime": "2099-01-01T16:00:00Z", "RenewStatus": "AutoRenewal"},
    {"InstanceID": "i-bp67acfmxazb4p", "RenewStatus": "Perhaps"}]}}"#;

#[test]
fn subscriptions_by_commodity_id() {
    let listing = read(BILLED).unwrap();
    insta::assert_snapshot!(shown(&listing), @r#"
    Data.InstanceList[0] | ons-cn-0pp1abc2d34 | RowContent { id: Billed(CommodityId("ons-cn-0pp1abc2d34")), said: Said { region: Some(Region("cn-hangzhou")), expires: Some(Some(2030-01-01T16:00:00Z)), auto_renew: Some(Some(Off)), sure: false }, unread: [], subscribed: true, released: false }
    Data.InstanceList[1] | ons-cn-0pp1abc2d35 | RowContent { id: Billed(CommodityId("ons-cn-0pp1abc2d35")), said: Said { sure: false }, unread: [], released: true }
    Data.InstanceList[2] | i-bp67acfmxazb4p | RowContent { id: OtherProduct, said: Said { sure: false } }
    "#);
    assert!(listing.is_billing && !listing.is_partial());
    let more = read(BILLED.replace("\"TotalCount\": 3", "\"TotalCount\": 41")).unwrap();
    assert_eq!(
        caveats(&more),
        ["There are more pages than the file has (3 of 41 rows): what is on them is not known."]
    );
    assert!(more.is_partial());
    let token = document(&vo(ORDERS, "a"))
        .replace("\"InstanceVO\"", "\"NextToken\": \"t\", \"InstanceVO\"");
    assert!(read(token).unwrap().is_partial());
    let line = r#"{"InstanceID": "ons-cn-0pp1abc2d34", "RenewStatus": "AutoRenewal", "EndTime": "2030-01-01T16:00:00Z"}"#;
    let listing = read(line).unwrap();
    assert!(listing.is_billing);
    assert_eq!(
        listing.rows[0].entry.as_ref().unwrap().said.auto_renew,
        Some(Some(Switch::On))
    );
}

#[test]
fn keys_that_mean_nothing_are_named() {
    let row = format!(
        r#"{{"InstanceId": "{ORDERS}", "ExpireDate": "2030-01-01", "Tags": null, "x": 1}}"#
    );
    let listing = read(format!(
        r#"{{"Data": {{"InstanceVO": [{row}]}}, "Oops": true}}"#
    ))
    .unwrap();
    assert_eq!(
        caveats(&listing),
        [
            "Not understood, so not taken: `ExpireDate` (`2030-01-01` at Data.InstanceVO[0]), `Oops` (`true` at the instance), `x` (`1` at Data.InstanceVO[0])."
        ]
    );
}

/// Rows of JSON may use the names of the CSV columns.
#[test]
fn json_rows_with_the_names_of_columns() {
    let text = format!(
        r#"[{{"id": "{ORDERS}", "name": "orders", "region": "cn-hangzhou", "edition": "Enterprise Platinum Edition",
        "expires": "2030/1/2", "action": "Delete Resource", "auto_renew": "off", "max_tps": 5000, "team": "blue"}}]"#
    );
    let entry = entry(text);
    assert_eq!(entry.said.edition, Some(Some(Edition::Platinum)));
    assert_eq!(
        entry.said.expires,
        Some(Some(at("2030-01-02T00:00:00+08:00")))
    );
    assert_eq!(entry.said.action, Some(Some(PostExpirationAction::Delete)));
    assert_eq!(entry.said.auto_renew, Some(Some(Switch::Off)));
    assert_eq!(entry.said.max_tps, Some(Some(5_000)));
}

#[rstest]
#[case(
    r#""InstanceType": 2, "ReleaseTime": 1893456000"#,
    "ReleaseTime: `1893456000` is in seconds since 1970"
)]
#[case(
    r#""InstanceType": 2, "instance_type": 1"#,
    "`instance_type` is said twice, and differently"
)]
#[case(
    r#""InstanceType": 2, "edition": "standard""#,
    "`edition` is said twice"
)]
#[case(
    r#""ReleaseTime": 1893456000000, "expires": "2031-01-01""#,
    "`expires` is said twice"
)]
#[case(
    r#""RenewStatus": "Perhaps""#,
    "RenewStatus: `Perhaps` is not one of AutoRenewal"
)]
fn json_rows_that_contradict_themselves(#[case] field: &str, #[case] words: &str) {
    let problem = problem(json(field));
    assert!(problem.starts_with(words), "{problem}");
}

#[test]
fn whole_numbers_with_an_exponent() {
    let text = json(r#""InstanceType": 2.0, "ReleaseTime": 1.893456e+12"#);
    assert_eq!(
        entry(text).said.expires.flatten(),
        Some(at("2030-01-01T00:00:00Z"))
    );
}

#[rstest]
#[case("<html><table></table></html>", "the file is HTML or XML")]
#[case("<?xml version=\"1.0\"?><Workbook/>", "the file is HTML or XML")]
#[case(
    "\u{1b}[1;39m{\u{1b}[0m\n  \"Data\": 1}",
    "the file is coloured for a terminal"
)]
#[case("{'Data': {'InstanceVO': []}}", "the file is what Python prints")]
#[case("[{'InstanceId': None}]", "the file is what Python prints")]
#[case("Data:\n  InstanceVO:\n  - InstanceId: x\n", "the file is YAML")]
#[case("---\n- InstanceId: x\n", "the file is YAML")]
#[case(
    r#"{"version": 4, "terraform_version": "1.9.0", "resources": []}"#,
    "the file is a state of Terraform's"
)]
#[case(r#"{"format_version": "1.0"}"#, "the file is a state of Terraform's")]
#[case(
    r#"{"ons_id": {"sensitive": false, "type": "string", "value": "MQ_INST_1080056302921134_BXuIbML7"}}"#,
    "the file is a state of Terraform's"
)]
#[case(
    "InstanceId | InstanceName\n---------- | ------------\nMQ_INST_1 | a\n",
    "the file is a table for reading"
)]
#[case("+----+\n| id |\n+----+\n", "the file is a table for reading")]
#[case(
    "A new release is there!\n{\"Data\": {}}",
    "the JSON begins at line 2, and before it stands `A new release is there!`"
)]
#[case(
    "ERROR: SDKError:\n   StatusCode: 403\n   Code: Forbidden.RAM\n   Message: no right\n",
    "the file holds no listing but an error of the vendor's API, Forbidden.RAM (\"no right\"); let somebody"
)]
#[case(
    "{\n\"Message\": \"no way\",\n\"Code\": \"SDK.InvalidRegionId\"\n}\nDetail of Client Exception:\n",
    "the file holds no listing but an error of the vendor's API, SDK.InvalidRegionId"
)]
#[case(
    "<?xml version='1.0' encoding='UTF-8'?>\n<Error><RequestId>1</RequestId><Code>Throttling.User</Code><Message>slow down</Message></Error>",
    "the file holds no listing but an error of the vendor's API, Throttling.User (\"slow down\"); wait a minute"
)]
#[case(
    "<ErrorResponse xmlns=\"x\">\n  <Error>\n    <Code> InvalidAccessKeyId.NotFound </Code>\n  </Error></ErrorResponse>",
    "the file holds no listing but an error of the vendor's API, InvalidAccessKeyId.NotFound"
)]
#[case(
    "<html><title>Error</title><Error><Code>x</Code></Error></html>",
    "the file is HTML or XML"
)]
#[case(
    r#"{"statusCode": 404, "body": {"Code": "InvalidAccessKeyId.NotFound", "Message": "m"}}"#,
    "the file holds no listing but an error of the vendor's API, InvalidAccessKeyId.NotFound"
)]
#[case(
    r#"{"Success": false, "Code": "NotApplicable", "Data": {"InstanceList": []}}"#,
    "the file holds no listing but an error of the vendor's API, NotApplicable; the account belongs"
)]
#[case(
    "bash: aliyun: command not found\n",
    "the file holds no listing but what a program said: `bash: aliyun: command not found`"
)]
#[case(
    "ERROR: can not find a profile\n",
    "the file holds no listing but what a program said"
)]
#[case(
    "jq: error (at <stdin>:1): Cannot iterate over null\n",
    "the file holds no listing but what a program said"
)]
#[case(
    "MQ_INST_1080056302921134_BXuIbML7,orders,2\n",
    "line 1 names none of the columns there are: it reads `MQ_INST_1080056302921134_BXuIbML7,orders,2`, a row already"
)]
#[case(
    "All instances,,\nid,name,region\n",
    "line 1 names none of the columns there are: it reads `All instances,,`, and the header is below it"
)]
#[case("规格,备注\n", "line 1 names none of the columns")]
#[case("id，name\n", "line 1: the columns are separated by full-width commas")]
#[case(
    r#"{"a": 1, "b": 2}"#,
    "the JSON has neither Data.InstanceVO nor InstanceBaseInfo nor Data.InstanceList (it has `a`, `b`)"
)]
fn other_things_are_called_what_they_are(#[case] text: &str, #[case] words: &str) {
    let refusal = refusal(text);
    assert!(refusal.starts_with(words), "{refusal}");
}

#[test]
fn more_forms_of_files() {
    let billing = vo(BILLING, "billing");
    let body = serde_json::to_string(&document(&billing)).unwrap();
    let wrapped = format!(r#"{{"statusCode": 200, "body": {body}}}"#);
    assert_eq!(
        places(&read(&wrapped).unwrap()),
        ["body.Data.InstanceVO[0]"]
    );
    for header in [
        "Instance ID,Instance Name,End Time,Post-expiration Action",
        "instance_id,instance_name,expiry,post_release_action",
        "实例ID,实例名称,到期时间,到期后操作",
    ] {
        for id in [
            BILLING.to_owned(),
            format!("'{BILLING}"),
            format!("\"=\"\"{BILLING}\"\"\""),
        ] {
            let row = entry(format!("{header}\n{id},billing,2026/12/5,删除资源\n"));
            assert_eq!(
                row.id,
                RowId::FourX(InstanceId::parse(BILLING).unwrap()),
                "{header} {id}"
            );
            assert_eq!(row.said.action, Some(Some(PostExpirationAction::Delete)));
        }
    }
    for (said, edition) in [
        ("铂金版", Edition::Platinum),
        ("版本：铂金版", Edition::Platinum),
        ("标准版", Edition::Standard),
        ("Edition: Standard Edition", Edition::Standard),
    ] {
        let row = entry(format!("实例ID,版本\n{BILLING},{said}\n"));
        assert_eq!(row.said.edition, Some(Some(edition)), "{said}");
    }
    let twice = problem(format!("id,Instance ID\n{BILLING},{ORDERS}\n"));
    assert!(twice.contains("`id` is said twice"), "{twice}");
    for (bytes, words) in [
        (&b"BZh91AY&SY\0\0"[..], "bzip2"),
        (b"\xfd7zXZ\0\0", "(xz)"),
        (b"7z\xbc\xaf'\x1c\0", "(7z)"),
        (b"\x28\xb5\x2f\xfd\0", "zstd"),
        (
            br#"{"format_version": "1.2", "resource_changes": []}"#,
            "Terraform",
        ),
        (
            b"# ours\nresource \"alicloud_ons_instance\" \"a\" {\n  name = \"b\"\n}\n",
            "what is wanted",
        ),
    ] {
        let said = refusal(bytes);
        assert!(said.contains(words), "{said}");
    }
}

/// One region of several that failed is a row that cannot be used, not the end of the others.
#[test]
fn an_error_among_listings() {
    let error = r#"{"Code": "Throttling.User", "Message": "slow down"}"#;
    let listing = read(format!("{}\n{error}", document(&vo(ORDERS, "orders")))).unwrap();
    assert!(listing.rows[0].entry.is_ok() && listing.is_partial());
    let problem = listing.rows[1].entry.as_ref().unwrap_err().to_string();
    assert_eq!(
        problem,
        "an error of the vendor's API, Throttling.User (\"slow down\"); fetch that part again"
    );
}

#[test]
fn sheets_as_programs_save_them() {
    let rows = |text: &str| {
        let listing = read(text).unwrap();
        assert!(
            listing.rows.iter().all(|row| row.entry.is_ok()),
            "{listing:?}"
        );
        places(&listing).join(", ")
    };
    let old_mac = format!("id,name\r{ORDERS},a\r{BILLING},b\r");
    assert_eq!(rows(&old_mac), "line 2, line 3");
    let empty_columns = format!("id,name,,\n{ORDERS},a,,,\n{BILLING},b,,\n,,\n");
    assert_eq!(rows(&empty_columns), "line 2, line 3");
    for separator in [",", ";", "\t", "|"] {
        let text =
            format!("\u{feff}sep={separator}\r\nid{separator}name\r\n{ORDERS}{separator}a\r\n");
        assert_eq!(rows(&text), "line 3");
        let caveats = caveats(&read(text).unwrap());
        assert!(caveats[0].contains("sep="), "{caveats:?}");
    }
    // Without a line that says so, as where commas stand in numbers; quotes and commas in values are those of a value.
    for (separator, name) in [(";", "`;`"), ("\t", "tabs")] {
        for line_end in ["\r\n", "\n", "\r"] {
            let lines = [
                format!("\u{feff}Instance ID{separator}\"Name\"{separator}max_tps"),
                format!("{ORDERS}{separator}\"a, b{separator}c\"{separator}5,000"),
                format!("{BILLING}{separator}b{separator}"),
            ];
            let listing = read(lines.join(line_end)).unwrap();
            assert_eq!(places(&listing).join(", "), "line 2, line 3");
            let said = &listing.rows[0].entry.as_ref().unwrap().said;
            assert_eq!(said.max_tps.flatten(), Some(5_000));
            let caveats = caveats(&listing);
            let words = format!("Columns are separated by {name}, as its header is.");
            assert_eq!(caveats[0], words);
        }
    }
    // A comma in the header is the separator, whatever else is there.
    let comma = format!("id,name;alias\n{ORDERS},a;b\n");
    assert_eq!(rows(&comma), "line 2");
    let wide = format!("ＩＤ,name\n\u{a0}{ORDERS}\u{a0},a\n");
    assert_eq!(rows(&wide), "line 2");
    assert_eq!(
        entry(cell("max_tps", "\"5,000\"")).said.max_tps.flatten(),
        Some(5_000)
    );
    assert!(problem(cell("max_tps", "\"5,00\"")).starts_with("max_tps"));
    // A spreadsheet's decimals; three of them may be a thousand.
    assert_eq!(
        entry(cell("max_tps", "5000.0")).said.max_tps.flatten(),
        Some(5_000)
    );
    assert!(problem(cell("max_tps", "5.000")).starts_with("max_tps"));
    for none in [
        "N/A", "#N/A", "n/a", "-", "--", "—", "无", "null", "None", "/",
    ] {
        assert_eq!(entry(cell("max_tps", none)).said.max_tps, None, "{none}");
    }
    for name in ["CN-HANGZHOU", "Cn-Hangzhou", "ｃｎ－ｈａｎｇｚｈｏｕ"] {
        let region = entry(cell("region", name)).said.region;
        assert_eq!(region.unwrap().as_str(), "cn-hangzhou", "{name}");
    }
    for name in ["Hangzhou-2", "CN-NOWHERE", "华东1（杭州）"] {
        assert!(problem(cell("region", name)).contains("region"), "{name}");
    }
}

#[rstest]
#[case(false)]
#[case(true)]
fn utf_16_with_its_mark_is_read(#[case] big: bool) {
    let text = format!("id,name\r\n{ORDERS},订单\r\n");
    let mut bytes = if big {
        vec![0xfe, 0xff]
    } else {
        vec![0xff, 0xfe]
    };
    for unit in text.encode_utf16() {
        bytes.extend(if big {
            unit.to_be_bytes()
        } else {
            unit.to_le_bytes()
        });
    }
    let listing = read(&bytes).unwrap();
    assert_eq!(listing.encoding, Some("UTF-16"));
    assert_eq!(
        listing.rows[0]
            .entry
            .as_ref()
            .unwrap()
            .said
            .name
            .as_ref()
            .unwrap()
            .as_str(),
        "订单"
    );
    let bars: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain("id|name".encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    assert_eq!(
        refusal(bars),
        "(read as UTF-16) line 1: the columns are separated by `|`; save the file with commas"
    );
}

/// What an instance is called never keeps its row from being taken.
#[rstest]
#[case(json(r#""InstanceName": 7"#), "InstanceName is not text")]
#[case(
    json(r#""InstanceName": "a\u0007b""#),
    "InstanceName: `a\\u{7}b` cannot be a name"
)]
#[case(cell("name", "a/b"), "name: `a/b` cannot be a name: it holds a `/`")]
#[case(
    cell("name", "\"two\nlines\""),
    "name: `two\\u{a}lines` cannot be a name"
)]
fn names_that_cannot_be(#[case] text: String, #[case] words: &str) {
    let entry = entry(text);
    assert_eq!(entry.said.name, None);
    let problem = entry.misnamed.unwrap().problem.to_string();
    assert!(problem.starts_with(words), "{problem}");
}

/// A value that cannot be read is told, and what else the row says is taken; but it lowers no attention.
#[rstest]
#[case("standard,,off,many", None, None, None)]
#[case(
    "platinum,2026-12-01x,on,10",
    Some(Edition::Platinum),
    Some(Switch::On),
    Some(10)
)]
#[case("gold,,off,10", None, None, Some(10))]
#[case("platinum,,off,a lot", Some(Edition::Platinum), None, None)]
#[case("platinum,,maybe,-1", Some(Edition::Platinum), None, None)]
fn one_bad_value_in_a_row(
    #[case] cells: &str,
    #[case] edition: Option<Edition>,
    #[case] auto_renew: Option<Switch>,
    #[case] max_tps: Option<u32>,
) {
    let listing = read(format!(
        "id,edition,expires,auto_renew,max_tps\n{ORDERS},{cells}\n{BILLING},standard,,off,5\n"
    ))
    .unwrap();
    let said = |at: usize| &listing.rows[at].entry.as_ref().unwrap().said;
    let read = |at: usize| {
        let said = said(at);
        (
            said.edition.flatten(),
            said.auto_renew.flatten(),
            said.max_tps.flatten(),
        )
    };
    assert_eq!(read(0), (edition, auto_renew, max_tps));
    assert_eq!(said(0).expires, None);
    assert_eq!(
        read(1),
        (Some(Edition::Standard), Some(Switch::Off), Some(5))
    );
    let told = caveats(&listing).join(" ");
    assert!(
        told.starts_with("Not read, so not taken: at line 2 (MQ_INST_"),
        "{told}"
    );
    assert!(!listing.is_partial(), "the row is there");
}

#[rstest]
#[case(
    "id,regoin,name",
    "cn-hangzhou,orders",
    "`regoin` (did you mean `region`?) (`cn-hangzhou` at line 2)"
)]
#[case(
    "id,Kosten (EUR),name",
    "12.50,orders",
    "`Kosten (EUR)` (`12.50` at line 2)"
)]
#[case("id,,name", "x,orders", "`column 2` (`x` at line 2)")]
#[case("id,owner,name", "ops,orders", "`owner` (`ops` at line 2)")]
fn an_unknown_column_is_named(#[case] header: &str, #[case] row: &str, #[case] words: &str) {
    let listing = read(format!("{header}\n{ORDERS},{row}\n")).unwrap();
    let entry = listing.rows[0].entry.as_ref().unwrap();
    assert_eq!(entry.said.name.as_ref().unwrap().as_str(), "orders");
    assert_eq!(
        caveats(&listing),
        [format!("Not understood, so not taken: {words}.")]
    );
    let empty = read(format!("{header}\n{ORDERS},,orders\n")).unwrap();
    assert_eq!(caveats(&empty), Vec::<String>::new());
}

/// A table of the vendor's listing, as programs make it of the JSON, says what the JSON says.
#[test]
fn columns_named_like_the_vendors_keys_are_read_like_them() {
    let text = format!(
        "InstanceId,InstanceName,InstanceType,InstanceStatus,ReleaseTime,IndependentNaming,TopicCount,RenewStatus\n\
         {ORDERS},orders,2,7,1893456000000,true,3,NotRenewal\n\
         {BILLING},billing,1,5,,,,\n\
         MQ_INST_1080056302921134_CaBcDe12,search,2,5,2030/1/2,,,AutoRenewal\n\
         MQ_INST_1080056302921134_DaBcDe12,stock,2.0,5.0,1893456000000.0,,,\n"
    );
    let listing = read(&text).unwrap();
    assert_eq!(caveats(&listing), Vec::<String>::new());
    let said = |row: usize| &listing.rows[row].entry.as_ref().unwrap().said;
    assert_eq!(said(0).edition, Some(Some(Edition::Platinum)));
    assert_eq!(said(0).expires, Some(Some(at("2030-01-01T00:00:00Z"))));
    assert_eq!(said(0).busy, Some(Some(Switch::On)));
    assert_eq!(said(0).auto_renew, Some(Some(Switch::Off)));
    assert_eq!(said(1).edition, Some(Some(Edition::Standard)));
    assert_eq!(
        (said(1).expires, said(1).busy),
        (None, Some(Some(Switch::Off)))
    );
    assert_eq!(said(2).expires, Some(Some(at("2030-01-01T16:00:00Z"))));
    assert_eq!(said(2).auto_renew, Some(Some(Switch::On)));
    assert_eq!(said(3).edition, Some(Some(Edition::Platinum)));
    assert_eq!(said(3).expires, said(0).expires);
    for (column, value, words) in [
        ("InstanceType", "2.5", "InstanceType: `2.5` is not one of"),
        ("InstanceType", "3", "InstanceType: `3` is not one of"),
        ("ReleaseTime", "1893456000", "in seconds since 1970"),
        (
            "ReleaseTime",
            "1.89346E+12",
            "was shortened by a spreadsheet program",
        ),
        (
            "expires",
            "1.89346E+12",
            "was shortened by a spreadsheet program",
        ),
        (
            "edition,InstanceType",
            "standard,2",
            "`edition` is said twice",
        ),
        (
            "InstanceType,instance_type",
            "1,2",
            "`instance_type` is said twice",
        ),
        ("InstanceType,ReleaseTime", "1,1893456000000", "ReleaseTime"),
    ] {
        let entry = entry(format!("id,{column}\n{ORDERS},{value}\n"));
        let doubts: Vec<String> = entry.unread.iter().map(ToString::to_string).collect();
        assert!(doubts.len() == 1 && doubts[0].contains(words), "{doubts:?}");
    }
}

#[test]
fn a_column_that_is_there_twice_may_say_one_thing() {
    let rows = format!(
        "id,region,Region ID\n{ORDERS},cn-beijing,cn-beijing\n{BILLING},cn-beijing,cn-hangzhou\n"
    );
    let rows = read(rows).unwrap().rows;
    assert!(rows[0].entry.as_ref().unwrap().unread.is_empty());
    let problem = rows[1].entry.as_ref().unwrap_err().to_string();
    assert!(problem.contains("`region` is said twice"), "{problem}");
}

#[test]
fn a_row_of_another_length_keeps_no_other_from_being_taken() {
    let text = format!("id,name\r\n\r\n{ORDERS},a\r\n,\r\n\r\n{BILLING}\r\n{BILLING},b,c\r\n");
    let listing = read(text).unwrap();
    let problems = listing.rows.iter().skip(1).map(|row| {
        let problem = row.entry.as_ref().unwrap_err();
        format!("{}: {problem}", row.place)
    });
    let problems: Vec<String> = problems.collect();
    assert!(listing.rows[0].entry.is_ok() && listing.is_partial());
    assert_eq!(problems.len(), 2);
    assert!(
        problems[0].starts_with("line 6: it has 1 values"),
        "{problems:?}"
    );
    assert!(
        problems[1].starts_with("line 7: it has 3 values"),
        "{problems:?}"
    );
}

/// Whatever says that there is more: beside the rows, around them, of one of several regions, in a key that nobody knows.
#[rstest]
#[case(r#"{"Data": {"TotalCount": 2, "InstanceVO": [ROW]}}"#)]
#[case(r#"{"TotalCount": 2, "Data": {"InstanceVO": [ROW]}}"#)]
#[case(r#"{"TotalCount": "2", "InstanceVO": [ROW]}"#)]
#[case(r#"{"NextToken": "x", "Data": {"InstanceVO": [ROW]}}"#)]
#[case(r#"{"body": {"TotalCount": 9, "Data": {"InstanceVO": [ROW]}}}"#)]
#[case(r#"{"IsTruncated": true, "Data": {"InstanceVO": [ROW]}}"#)]
#[case(r#"{"Data": {"HasMore": true, "InstanceVO": [ROW]}}"#)]
#[case(r#"{"Data": {"Total": 7, "InstanceVO": [ROW]}}"#)]
#[case(r#"{"cn-hangzhou": {"Data": {"TotalCount": 2, "InstanceVO": [ROW]}}, "cn-beijing": {"Data": {"TotalCount": 1, "InstanceVO": [OTHER]}}}"#)]
#[case(r#"{"cn-hangzhou": {"Data": {"NextToken": "x", "InstanceVO": [ROW]}}, "cn-beijing": {"Data": {"InstanceVO": [OTHER]}}}"#)]
fn a_listing_that_is_not_whole(#[case] text: &str) {
    let row = |id: &str| format!(r#"{{"InstanceId": "{id}", "InstanceName": "a"}}"#);
    let text = text
        .replace("ROW", &row(ORDERS))
        .replace("OTHER", &row(BILLING));
    let listing = read(&text).unwrap();
    assert!(
        listing.is_partial() && !caveats(&listing).is_empty(),
        "{text}"
    );
}

#[rstest]
#[case(r#"{"Data": {"TotalCount": 1, "InstanceVO": [ROW]}}"#)]
#[case(r#"{"TotalCount": 2, "NextToken": "x", "InstanceVO": [ROW]}{"TotalCount": 2, "NextToken": "", "InstanceVO": [OTHER]}"#)]
#[case(r#"{"cn-hangzhou": {"Data": {"TotalCount": 1, "InstanceVO": [ROW]}}, "cn-beijing": {"Data": {"TotalCount": 1, "InstanceVO": [OTHER]}}}"#)]
fn a_listing_that_is_whole(#[case] text: &str) {
    let row = |id: &str| {
        format!(r#"{{"InstanceId": "{id}", "InstanceName": "a", "Region": "cn-hangzhou"}}"#)
    };
    let text = text
        .replace("ROW", &row(ORDERS))
        .replace("OTHER", &row(BILLING));
    assert!(!read(&text).unwrap().is_partial(), "{text}");
}

/// A subscription that has ended says nothing of when it ends, and a word that is not known is told.
#[rstest]
#[case(r#""Status": "Released""#, true, false)]
#[case(r#""Status": "Normal", "SubStatus": "released""#, true, false)]
#[case(r#""Status": "已释放""#, true, false)]
#[case(r#""SubscriptionType": "PayAsYouGo""#, true, false)]
#[case(r#""SubscriptionType": "payasyougo", "Status": "Normal""#, true, false)]
#[case(
    r#""Status": "Normal", "ReleaseTime": "2020-01-01T16:00:00Z""#,
    true,
    false
)]
#[case(r#""Status": "Normal", "ReleaseTime": 1577894400000"#, true, false)]
#[case(
    r#""Status": "Normal", "ReleaseTime": "2099-01-01T16:00:00Z""#,
    false,
    false
)]
#[case(r#""Status": "Normal""#, false, false)]
#[case(r#""Status": "Expired", "SubStatus": "Expired""#, false, false)]
#[case(r#""Status": "Frozen""#, false, true)]
#[case(r#""Status": 7"#, false, true)]
fn how_a_subscription_stands(#[case] said: &str, #[case] released: bool, #[case] told: bool) {
    let text = format!(
        r#"{{"Data": {{"InstanceList": [{{"InstanceID": "ons-cn-0pp1abc2d34", "EndTime": "2030-01-01T16:00:00Z", "RenewStatus": "NotRenewal", {said}}}]}}}}"#
    );
    let listing = read(text).unwrap();
    let entry = listing.rows[0].entry.as_ref().unwrap();
    assert_eq!(entry.released, released);
    assert_eq!(entry.said.expires.is_none(), released);
    assert_eq!(entry.said.auto_renew.is_none(), released || told);
    assert_eq!(
        !caveats(&listing).is_empty(),
        told,
        "{:?}",
        caveats(&listing)
    );
}

/// What is released before its end ends then.
#[rstest]
#[case(
    r#""ExpectedReleaseTime": "2029-12-01T16:00:00Z""#,
    "2029-12-01T16:00:00Z"
)]
#[case(
    r#""ExpectedReleaseTime": "2030-01-01T15:00:00Z""#,
    "2030-01-01T15:00:00Z"
)]
#[case(
    r#""ExpectedReleaseTime": "2030-01-01T16:00:00Z""#,
    "2030-01-01T16:00:00Z"
)]
#[case(
    r#""ExpectedReleaseTime": "2030-01-08T16:00:00Z""#,
    "2030-01-01T16:00:00Z"
)]
#[case(r#""ExpectedReleaseTime": """#, "2030-01-01T16:00:00Z")]
#[case(r#""ReleaseTime": "2029-12-01T16:00:00Z""#, "2029-12-01T16:00:00Z")]
#[case(r#""StopTime": "2029-12-01T16:00:00Z""#, "2029-12-01T16:00:00Z")]
#[case(r#""StopTime": "2020-01-01T16:00:00Z""#, "2020-01-01T16:00:00Z")]
#[case(
    r#""ReleaseTime": "2030-01-08T16:00:00Z", "StopTime": "2030-01-01T16:00:00Z""#,
    "2030-01-01T16:00:00Z"
)]
#[case(r#""ExpectedReleaseTime": null"#, "2030-01-01T16:00:00Z")]
fn a_release_before_the_end(#[case] said: &str, #[case] ends: &str) {
    let text = format!(
        r#"{{"Data": {{"InstanceList": [{{"InstanceID": "ons-cn-0pp1abc2d34", "EndTime": "2030-01-01T16:00:00Z", {said}}}]}}}}"#
    );
    let listing = read(text).unwrap();
    let entry = listing.rows[0].entry.as_ref().unwrap();
    assert_eq!(entry.said.expires, Some(Some(ends.parse().unwrap())));
}
