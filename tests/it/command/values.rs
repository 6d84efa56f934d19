//! The values of the grammar on their own.

use chrono_tz::Tz;
use edition_warden::command::{Evidence, InstanceRef, Reason, Span, When};
use rstest::rstest;

const SHANGHAI: Tz = Tz::Asia__Shanghai;
const BERLIN: Tz = Tz::Europe__Berlin;

fn resolved(text: &str, zone: Tz) -> String {
    let Ok(when) = text.parse::<When>() else {
        return format!("`{text}` is not read at all");
    };
    match when.resolve(zone) {
        Ok(at) => at.to_rfc3339(),
        Err(error) => format!("! {error}"),
    }
}

#[rstest]
#[case("2026-03-01", SHANGHAI, "2026-02-28T16:00:00+00:00")]
#[case("2026-03-01 10:00", SHANGHAI, "2026-03-01T02:00:00+00:00")]
#[case("2026-03-01T10:00", SHANGHAI, "2026-03-01T02:00:00+00:00")]
#[case("2026-03-01T10:00:30", SHANGHAI, "2026-03-01T02:00:30+00:00")]
#[case("2026-03-01T10:00:30.1239", SHANGHAI, "2026-03-01T02:00:30.123+00:00")]
#[case("2026-03-01T10:00:30.5", SHANGHAI, "2026-03-01T02:00:30.500+00:00")]
#[case("2026-03-01T10:00:00Z", SHANGHAI, "2026-03-01T10:00:00+00:00")]
#[case(
    "2026-03-01t10:00:00.999999999z",
    SHANGHAI,
    "2026-03-01T10:00:00.999+00:00"
)]
#[case("2026-03-01 10:00:00-05:30", SHANGHAI, "2026-03-01T15:30:00+00:00")]
#[case("2024-02-29", SHANGHAI, "2024-02-28T16:00:00+00:00")]
#[case("2000-01-01", Tz::UTC, "2000-01-01T00:00:00+00:00")]
#[case("9999-12-31T23:59:59.999", Tz::UTC, "9999-12-31T23:59:59.999+00:00")]
#[case(
    "2026-03-29 02:30",
    BERLIN,
    "! `2026-03-29T02:30` does not exist in Europe/Berlin: clocks jump over it; give the time with its zone, such as 2026-03-29T02:30Z"
)]
#[case(
    "2026-10-25 02:30",
    BERLIN,
    "! `2026-10-25T02:30` happens twice in Europe/Berlin: clocks are put back over it; give the time with its zone, such as 2026-10-25T02:30Z"
)]
#[case(
    "2000-01-01",
    SHANGHAI,
    "! `2000-01-01T00:00` in Asia/Shanghai is out of reach: years go from 2000 to 9999"
)]
#[case("2026-03-29T02:30Z", BERLIN, "2026-03-29T02:30:00+00:00")]
#[case("2026-12-24T02:00-06:00", SHANGHAI, "2026-12-24T08:00:00+00:00")]
// The midnight with which a day ends.
#[case("2026-12-31T24:00", SHANGHAI, "2026-12-31T16:00:00+00:00")]
#[case("2028-02-28 24:00:00", Tz::UTC, "2028-02-29T00:00:00+00:00")]
#[case("2026-03-31T24:00:00.000+08:00", Tz::UTC, "2026-03-31T16:00:00+00:00")]
fn a_moment_resolves(#[case] text: &str, #[case] zone: Tz, #[case] expected: &str) {
    assert_eq!(resolved(text, zone), expected);
}

#[rstest]
#[case("2026/03")]
#[case("2026-03-01T10")]
#[case("2026-03-01Z")]
#[case("2026-03-01T10:00:00.")]
#[case("2026-03-01T10:00:00.1234567890")]
#[case("02026-03-01")]
#[case("3月1日")]
#[case("2026-12-24 02:00-06:00")]
#[case("2026-12-24 02:00 -06:00")]
#[case("")]
fn not_a_moment(#[case] text: &str) {
    let error = text.parse::<When>().unwrap_err().to_string();
    assert!(
        error.starts_with(&format!("`{text}` is not a date or time")),
        "{error}"
    );
}

#[rstest]
#[case("3/1/2026")]
#[case("31.12.26")]
#[case("5-12-2026 0:00")]
#[case("3/1/2026, 10:00 AM")]
fn the_year_goes_first(#[case] text: &str) {
    let error = text.parse::<When>().unwrap_err().to_string();
    let words =
        format!("`{text}` can be read with the day or with the month first; write the year first");
    assert!(error.starts_with(&words), "{error}");
}

#[rstest]
#[case("90s", 90, "90s")]
#[case("15m", 900, "15m")]
#[case("12h", 43_200, "12h")]
#[case("30d", 2_592_000, "30d")]
#[case("1w", 604_800, "1w")]
#[case("60s", 60, "1m")]
#[case("3650d", 315_360_000, "3650d")]
fn a_length_of_time(#[case] text: &str, #[case] seconds: i64, #[case] shown: &str) {
    let span: Span = text.parse().unwrap();
    assert_eq!(span.0.num_seconds(), seconds);
    assert_eq!(span.to_string(), shown);
}

#[rstest]
#[case("d")]
#[case("1.3h")]
#[case("-1d")]
#[case("+1d")]
#[case("1 moon")]
#[case("1é")]
#[case("")]
#[case("9223372036854775807w")]
fn not_a_length_of_time(#[case] text: &str) {
    assert!(text.parse::<Span>().is_err());
}

#[test]
fn texts_have_limits() {
    assert!("x".repeat(128).parse::<InstanceRef>().is_ok());
    assert!("x".repeat(129).parse::<InstanceRef>().is_err());
    assert!("字".repeat(1_000).parse::<Reason>().is_ok());
    let long = "字".repeat(1_001).parse::<Reason>().unwrap_err();
    assert_eq!(
        long.to_string(),
        "the text has 1001 characters, and 1000 fit; shorten it"
    );
    let base = "https://a.example/";
    let fits = format!("{base}{}", "x".repeat(500 - base.len()));
    assert!(fits.parse::<Evidence>().is_ok());
    assert!(format!("{fits}x").parse::<Evidence>().is_err());
}

#[test]
fn a_reason_is_trimmed_and_keeps_its_emoji() {
    let reason: Reason = "  done 👩‍🔧  ".parse().unwrap();
    assert_eq!(reason.as_str(), "done 👩‍🔧");
    assert!("a\tb".parse::<Reason>().is_err());
}
