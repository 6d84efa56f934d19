//! Files to import: what is taken, and what is said of everything else.

use std::fmt::Write;

use chrono::DateTime;
use chrono_tz::Tz;
use edition_warden::domain::Timestamp;
use edition_warden::domain::instance::{Edition, PostExpirationAction, Switch};
use edition_warden::listing::{Entry, Listing, ListingError, Row, RowId, RowProblem};
use proptest::prelude::*;
use rstest::rstest;

const ORDERS: &str = "MQ_INST_1080056302921134_BXuIbML7";
const BILLING: &str = "MQ_INST_1080056302921134_BYdkf3Qa";

fn read(bytes: impl AsRef<[u8]>) -> Result<Listing, ListingError> {
    edition_warden::listing::read(bytes.as_ref(), Tz::Asia__Shanghai)
}

fn at(text: &str) -> Timestamp {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

fn only(bytes: impl AsRef<[u8]>) -> Row {
    let mut rows = read(bytes).unwrap().rows;
    assert_eq!(rows.len(), 1);
    rows.remove(0)
}

fn entry(bytes: impl AsRef<[u8]>) -> Entry {
    only(bytes).entry.unwrap()
}

fn problem(bytes: impl AsRef<[u8]>) -> String {
    only(bytes).entry.unwrap_err().to_string()
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
    let nothing = regex::Regex::new(r", [a-z_]+: None").unwrap();
    let mut text = String::new();
    for row in &listing.rows {
        let says = match &row.entry {
            Ok(entry) => nothing.replace_all(&format!("{entry:?}"), "").into_owned(),
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
    Data.InstanceVO[0] | MQ_INST_1080056302921134_BXuIbML7 | Entry { id: FourX(InstanceId("MQ_INST_1080056302921134_BXuIbML7")), name: Some(InstanceName("orders")), edition: Some(Platinum), expires: Some(2030-01-01T00:00:00Z), busy: Some(Off), topics: Some(42), groups: Some(7) }
    Data.InstanceVO[1] | MQ_INST_1080056302921134_BYdkf3Qa | Entry { id: FourX(InstanceId("MQ_INST_1080056302921134_BYdkf3Qa")), name: Some(InstanceName("billing")), edition: Some(Standard), busy: Some(Off) }
    Data.InstanceVO[2] | rmq-cn-7mz2uwp5a01 | Entry { id: Series5 }
    Data.InstanceVO[3] | MQ_INST_108005630292****_BXuIbML7 | refused: `MQ_INST_108005630292****_BXuIbML7` is masked with asterisks; copy the full id from the vendor's console
    Data.InstanceVO[4] | MQ_INST_1080056302921134_BXuIbML7 | refused: the instance is already at Data.InstanceVO[0]; keep one of the two
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
    assert_eq!(entry.edition, Some(Edition::Platinum));
    assert_eq!(entry.busy, Some(Switch::On));
    assert_eq!(entry.expires, Some(at("2030-01-01T00:00:00Z")));
    assert_eq!(entry.max_tps, Some(10_000));
    assert_eq!((entry.topics, entry.groups), (Some(30), Some(12)));
    assert_eq!(entry.commodity_id.unwrap().as_str(), "ons-cn-0pp1abc2d34");
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
#[case("2", Some(Switch::Off))]
#[case("\"5\"", Some(Switch::Off))]
#[case("1", None)]
#[case("null", None)]
fn busy_statuses(#[case] status: &str, #[case] busy: Option<Switch>) {
    let text = json(&format!(r#""InstanceStatus": {status}"#));
    assert_eq!(entry(text).busy, busy);
}

#[rstest]
#[case("0", None)]
#[case("null", None)]
#[case("\"\"", None)]
#[case("1893456000000", Some("2030-01-01T00:00:00Z"))]
#[case("253402300799999", Some("9999-12-31T23:59:59.999Z"))]
fn release_time(#[case] given: &str, #[case] expires: Option<&str>) {
    let text = json(&format!(r#""InstanceType": 2, "ReleaseTime": {given}"#));
    assert_eq!(entry(text).expires, expires.map(at));
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
    assert_eq!(entry(standard).expires, None);
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
#[case(r#""InstanceName": 7"#, "InstanceName is not text")]
#[case(
    r#""InstanceName": "a\u0007b""#,
    "InstanceName: `a\\u{7}b` cannot be a name: it holds a control or invisible character"
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
    "InstanceStatus: `up` is not a whole number from 0 to 2147483647"
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
    "`Data.InstanceVO` (line 1, column 24) is not a list of instances"
)]
#[case(
    r#"{"Data": {"InstanceVO": [{}, 7]}}"#,
    "`Data.InstanceVO[1]` (line 1, column 30) is not an instance"
)]
#[case(
    r#"{"Data": {"InstanceVO": [["MQ"]]}}"#,
    "`Data.InstanceVO[0]` (line 1, column 25) is not an instance"
)]
#[case(
    r#"{"Data": []}"#,
    "`Data` (line 1, column 9) is not an object with InstanceVO"
)]
#[case(
    r#"{"Data": {}}"#,
    "the JSON has neither Data.InstanceVO nor InstanceBaseInfo"
)]
#[case("{}", "the JSON has neither")]
#[case(
    "[] []",
    "the JSON document ends before line 1, column 4, and more follows"
)]
#[case(
    r#"{"Code": "Throttling.User", "Message": "Request was denied", "RequestId": "x"}"#,
    "the file holds no listing but an error of the vendor's API, Throttling.User (\"Request was denied\"); wait a minute"
)]
#[case(
    "ERROR: SDK.ServerError\nErrorCode: AUTH_PERMISSION_CHECK_ERROR\nRecommend: \nMessage: no\n",
    "the file holds no listing but an error of the vendor's API, AUTH_PERMISSION_CHECK_ERROR (\"no\"); let somebody"
)]
#[case("name,region\na,b\n", "line 1: there is no column `id`")]
#[case(
    "id,regoin\n",
    "line 1: there is no column `regoin` (did you mean `region`?); columns: id,name,"
)]
#[case("id,,name\n", "line 1: column 2 has no name")]
#[case("id,ID\n", "line 1: the column `id` is there twice")]
#[case("id;name\n", "line 1: the columns are separated by `;`")]
#[case("id\tname\n", "line 1: the columns are separated by tabs")]
#[case(
    "id,name\r\n\r\n\r\nMQ,a\r\n,\r\n\r\nMQ\r\n",
    "line 7 has 1 values where the header has 2 columns"
)]
#[case(
    "id,name\nMQ,\"a\nMQ,b\n",
    "line 2, column 2: a quote is opened and never closed"
)]
fn files_that_are_refused(#[case] text: &str, #[case] words: &str) {
    let refusal = refusal(text);
    assert!(refusal.starts_with(words), "{refusal}");
}

#[rstest]
#[case(b"\xff\xfei\0d\0".as_slice(), "UTF-16")]
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
         #ops,30,0,payments,ons-cn-0pp1abc2d34,10000,off,downgrade,2030-01-01,platinum,cn-hangzhou,\"or,ders\",{ORDERS}\r\n"
    );
    let row = only(text);
    assert_eq!(row.place, "line 2");
    let entry = row.entry.unwrap();
    assert!(matches!(&entry.id, RowId::FourX(id) if id.as_str() == ORDERS));
    assert_eq!(entry.name.unwrap().as_str(), "or,ders");
    assert_eq!(entry.region.unwrap().as_str(), "cn-hangzhou");
    assert_eq!(entry.edition, Some(Edition::Platinum));
    assert_eq!(entry.expires, Some(at("2030-01-01T00:00:00+08:00")));
    assert_eq!(entry.action, Some(PostExpirationAction::Downgrade));
    assert_eq!(entry.auto_renew, Some(Switch::Off));
    assert_eq!(entry.busy, None);
    assert_eq!(entry.max_tps, Some(10_000));
    assert_eq!((entry.topics, entry.groups), (Some(30), Some(0)));
    assert_eq!(entry.commodity_id.unwrap().as_str(), "ons-cn-0pp1abc2d34");
    assert_eq!(entry.team.unwrap().as_str(), "payments");
    assert_eq!(entry.channel.unwrap().as_str(), "ops");
}

#[test]
fn csv_rows_of_every_kind() {
    let text = format!(
        "id,name,edition,expires\n{ORDERS},orders,Platinum,\n{BILLING},billing,standard,2030-01-01\n\
         rmq-cn-7mz2uwp5a01,?/?,gold,never\n,nameless,,\n{ORDERS},again,,\nMQ_INST_1****_x,,,\nfoo,,,\n"
    );
    insta::assert_snapshot!(shown(&read(text).unwrap()), @r#"
    line 2 | MQ_INST_1080056302921134_BXuIbML7 | Entry { id: FourX(InstanceId("MQ_INST_1080056302921134_BXuIbML7")), name: Some(InstanceName("orders")), edition: Some(Platinum) }
    line 3 | MQ_INST_1080056302921134_BYdkf3Qa | Entry { id: FourX(InstanceId("MQ_INST_1080056302921134_BYdkf3Qa")), name: Some(InstanceName("billing")), edition: Some(Standard) }
    line 4 | rmq-cn-7mz2uwp5a01 | Entry { id: Series5 }
    line 5 |  | refused: it has no instance id
    line 6 | MQ_INST_1080056302921134_BXuIbML7 | refused: the instance is already at line 2; keep one of the two
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
fn dates(#[case] given: &str, #[case] expires: &str) {
    assert_eq!(entry(cell("expires", given)).expires, Some(at(expires)));
}

#[rstest]
#[case("2030-02-30", "expires: `2030-02-30` does not exist in the calendar")]
#[case(
    "2030-02-01 24:30",
    "expires: `2030-02-01 24:30` does not exist in the calendar"
)]
#[case(
    "0001-01-01",
    "expires: `0001-01-01` does not exist in the calendar, or is not between the years"
)]
#[case("2030/02/01", "expires: `2030/02/01` is not a date; write 2026-03-01")]
#[case("10000-01-01", "expires: `10000-01-01` is not a date")]
#[case("tomorrow", "expires: `tomorrow` is not a date")]
#[case("1893456000000", "expires: `1893456000000` is not a date")]
fn dates_that_do_not_exist(#[case] given: &str, #[case] words: &str) {
    let problem = problem(cell("expires", given));
    assert!(problem.starts_with(words), "{problem}");
}

#[test]
fn dates_that_a_zone_skips_or_has_twice() {
    let in_berlin = |when: &str| {
        let listing =
            edition_warden::listing::read(cell("expires", when).as_bytes(), Tz::Europe__Berlin);
        listing.unwrap().rows.remove(0).entry
    };
    let skipped = in_berlin("2026-03-29 02:30").unwrap_err();
    assert!(matches!(
        skipped,
        RowProblem::Skipped {
            zone: "Europe/Berlin",
            ..
        }
    ));
    let twice = in_berlin("2026-10-25 02:30").unwrap_err();
    assert!(matches!(twice, RowProblem::Twice { .. }));
    assert!(in_berlin("2026-10-25T02:30:00+01:00").is_ok());
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
    "yes",
    "auto_renew: `yes` is not one of on, off, unknown"
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
    "region: `Hangzhou` is not a region id; it looks like cn-hangzhou or ap-southeast-1"
)]
#[case(
    "name",
    "a/b",
    "name: `a/b` cannot be a name: it holds a `/`, which separates region and name"
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
            (entry.action, entry.auto_renew, entry.max_tps),
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
