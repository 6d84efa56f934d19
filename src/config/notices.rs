//! What is understood of the vendor's notices: `[[notices.wording]]`, and where links in them may lead.

use ::config::Value;
use toml::de::{DeTable, DeValue};

use super::error::ConfigError;
use super::layer::{self, Layer};
use super::reader::{ConfigReader, shown, text_of};
use super::{NOTICES_LINK_HOSTS, NOTICES_VENDOR_CHANNELS};
use crate::domain::id::excerpt;
use crate::domain::nearest::nearest;
use crate::domain::notice::{Wording, WordingKind, Wordings};

/// The tables of a configuration file that all wordings are in.
pub(super) const SECTION: &str = "notices.wording";
const KIND: &str = "kind";
const TEMPLATE: &str = "template";
const SUBJECTS: &str = "subjects";
const SETTINGS: [&str; 3] = [KIND, TEMPLATE, SUBJECTS];
const HOSTS: &str =
    "names of hosts separated by commas, such as \"example.com, example.org\", or empty for none";

/// The wordings of a place, and where the first of them is written.
#[derive(Debug, Clone)]
pub(super) struct WordingEntry {
    pub(super) wordings: Vec<Wording>,
    pub(super) at: String,
}

/// Reads `[notices]`.
pub(super) fn wordings(from: &mut ConfigReader) -> Option<Wordings> {
    let hosts = from.text(NOTICES_LINK_HOSTS, HOSTS, hosts);
    let channels = from.text(NOTICES_VENDOR_CHANNELS, CHANNELS, |text| {
        let named = text.split(',').map(str::trim);
        Ok(named
            .filter(|one| !one.is_empty())
            .map(str::to_owned)
            .collect())
    });
    let shipped = from.wordings();
    Some(Wordings {
        shipped,
        hosts: hosts?,
        vendor_keys: Vec::new(),
        vendor_channels: channels?,
    })
}

const CHANNELS: &str = "ids of watched channels separated by commas, or empty for none";

fn hosts(text: &str) -> Result<Vec<String>, String> {
    let named = text.split(',').map(str::trim);
    let mut hosts = Vec::new();
    for host in named.filter(|_| !text.trim().is_empty()) {
        match url::Host::parse(host) {
            Ok(url::Host::Domain(domain)) if domain.contains('.') => hosts.push(domain),
            Ok(_) | Err(_) => {
                return Err(format!("`{}` is not the name of a host", excerpt(host)));
            }
        }
    }
    Ok(hosts)
}

/// Reads the tables into the layer, with what is wrong in them.
pub(super) fn read(
    tables: &DeValue<'_>,
    at: String,
    origin: &impl Fn(usize) -> String,
    layer: &mut Layer,
) {
    let mut wordings = Vec::new();
    match tables {
        DeValue::Array(tables) => {
            for table in tables {
                let at = origin(table.span().start);
                match table.get_ref() {
                    DeValue::Table(table) => {
                        wordings.extend(one(table, &at, origin, &mut layer.errors));
                    }
                    other => layer.errors.push(no_table(other, at)),
                }
            }
        }
        other => layer.errors.push(no_table(other, at.clone())),
    }
    layer.wordings = Some(WordingEntry { wordings, at });
}

fn one(
    table: &DeTable<'_>,
    at: &str,
    origin: &impl Fn(usize) -> String,
    errors: &mut Vec<ConfigError>,
) -> Option<Wording> {
    let before = errors.len();
    let (mut kind, mut template, mut subjects) = (None, None, Vec::new());
    for (setting, value) in table {
        let at = origin(setting.span().start);
        let name = setting.get_ref().as_ref();
        match (name, value.get_ref()) {
            (KIND, value) => kind = one_text(KIND, value, &at, errors),
            (TEMPLATE, value) => template = one_text(TEMPLATE, value, &at, errors),
            (SUBJECTS, DeValue::Array(all)) => {
                for one in all {
                    subjects.extend(one_text(SUBJECTS, one.get_ref(), &at, errors));
                }
            }
            (SUBJECTS, other) => {
                let reason = "it is not a list of texts in quotes".to_owned();
                errors.push(bad(SUBJECTS, shown_of(other), reason, &at));
            }
            (other, _) => errors.push(unknown(other, at)),
        }
    }
    if errors.len() > before {
        return None;
    }
    let (Some(kind), Some(template)) = (kind, template) else {
        let reason = "it needs a kind and a template".to_owned();
        errors.push(bad("", "a wording".to_owned(), reason, at));
        return None;
    };
    let Some(known) = WordingKind::from_word(&kind) else {
        let given = format!("\"{}\"", excerpt(&kind));
        errors.push(bad(KIND, given, "there is no such kind".to_owned(), at));
        return None;
    };
    match Wording::parse(known, &template, &subjects) {
        Ok(wording) => Some(wording),
        Err(error) => {
            let given = format!("\"{}\"", excerpt(&template));
            errors.push(bad(TEMPLATE, given, error.to_string(), at));
            None
        }
    }
}

fn one_text(
    key: &str,
    value: &DeValue<'_>,
    at: &str,
    errors: &mut Vec<ConfigError>,
) -> Option<String> {
    let value = Value::new(None, layer::kind(value));
    match text_of(&value) {
        Ok(text) => Some(text.to_owned()),
        Err(reason) => {
            errors.push(bad(key, shown(&value), reason, at));
            None
        }
    }
}

fn shown_of(value: &DeValue<'_>) -> String {
    shown(&Value::new(None, layer::kind(value)))
}

fn no_table(value: &DeValue<'_>, at: String) -> ConfigError {
    let reason = "each wording is a table of its own".to_owned();
    bad("", shown_of(value), reason, &at)
}

fn bad(key: &str, given: String, reason: String, at: &str) -> ConfigError {
    let key = if key.is_empty() {
        SECTION.to_owned()
    } else {
        format!("{SECTION}.{key}")
    };
    ConfigError::Bad {
        key,
        origin: at.to_owned(),
        given,
        reason,
        allowed: "[[notices.wording]] with kind (release, expiry, other, greeting, tail or signature), template and, if there are any, subjects",
    }
}

fn unknown(setting: &str, origin: String) -> ConfigError {
    ConfigError::Unknown {
        key: format!("{SECTION}.{}", excerpt(setting)),
        origin,
        nearest: nearest(setting, SETTINGS).map(|near| format!("{SECTION}.{near}")),
        known: SETTINGS
            .map(|known| format!("{SECTION}.{known}"))
            .join(", "),
    }
}
