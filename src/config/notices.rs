//! By what a notice of the vendor's is recognised.

use super::reader::Reader;
use super::{NOTICES_DATE, NOTICES_EXPIRY, NOTICES_IDS, NOTICES_NAME, NOTICES_RELEASE};
use crate::domain::notice::{PatternError, Patterns, Sources};

const PLAIN: &str = "a regular expression without named groups, of at most 4,000 characters";
const EXPIRY: &str = "a regular expression with or without the named group past";
const IDS: &str = "a regular expression with named groups of instance, commodity, series5";
const NAME: &str = "a regular expression with the named group name";
const DATE: &str = "a regular expression with named groups of year, month, day, hour, minute, second, offset, days";

/// Reads `[notices]`, all of it before giving up on any.
pub(super) fn patterns(from: &mut Reader) -> Option<Patterns> {
    let release = text(from, NOTICES_RELEASE, PLAIN, Patterns::check_release);
    let expiry = text(from, NOTICES_EXPIRY, EXPIRY, Patterns::check_expiry);
    let ids = text(from, NOTICES_IDS, IDS, Patterns::check_ids);
    let name = text(from, NOTICES_NAME, NAME, Patterns::check_name);
    let date = text(from, NOTICES_DATE, DATE, Patterns::check_date);
    let sources = Sources {
        release: &release?,
        expiry: &expiry?,
        ids: &ids?,
        name: &name?,
        date: &date?,
    };
    // Each was checked already.
    Patterns::new(sources).ok()
}

fn text(
    from: &mut Reader,
    key: &'static str,
    allowed: &'static str,
    check: impl Fn(&str) -> Result<(), PatternError>,
) -> Option<String> {
    from.text(key, allowed, |text| match check(text) {
        Ok(()) => Ok(text.to_owned()),
        Err(error) => Err(error.to_string()),
    })
}
