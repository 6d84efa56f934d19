//! What is served over HTTP: `[http]`, and who may send there: `[http.keys.NAME]`.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::num::NonZeroU16;

use ::config::Value;
use toml::de::{DeTable, DeValue};

use super::error::ConfigError;
use super::layer::{self, Layer};
use super::reader::{ConfigReader, OUT_OF_RANGE, Origins, flag_of, shown, text_of};
use super::secret::{self, Secret};
use super::teams::label;
use super::{BEYOND_LOOPBACK, LISTEN, PER_MINUTE};
use crate::domain::id::{Label, excerpt};
use crate::domain::nearest::nearest;

/// The section of a configuration file that all keys are in.
pub(super) const SECTION: &str = "http.keys";
/// Whose notices are sent with a key.
pub(super) const WORKSPACE: &str = "workspace";
/// Where its secret is read from.
pub(super) const SECRET_FILE: &str = "secret_file";
/// Whether the secret itself may be sent.
pub(super) const BEARER: &str = "bearer";
/// Whether what is sent is the vendor's own, unchanged, so that its wording may be taught.
pub(super) const VENDOR: &str = "vendor";
const SETTINGS: [&str; 4] = [WORKSPACE, SECRET_FILE, BEARER, VENDOR];

/// The longest name of a key.
const LONGEST_NAME: usize = 40;

/// What is served over HTTP, and to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Http {
    /// Where to listen; nowhere unless it is set.
    pub listen: Option<SocketAddr>,
    /// Whether that may be reachable from other machines.
    pub beyond_loopback: bool,
    /// How many notices a key may send a minute.
    pub per_minute: NonZeroU16,
    /// Who may send, by the name of the key.
    pub keys: BTreeMap<String, HttpKey>,
}

/// Who may send notices, and whose they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpKey {
    /// The workspace that they belong to.
    pub workspace: Label,
    /// Whether the secret itself may be sent, by those who cannot sign.
    pub bearer: bool,
    /// Whether what it sends is the vendor's own, unchanged, so that its wording may be taught.
    pub vendor: bool,
    /// The secret. A key without one lets nobody in.
    pub secret: Option<Secret>,
}

/// A key as the file has it.
#[derive(Debug, Clone, Default)]
pub(super) struct KeyEntry {
    workspace: Option<Label>,
    secret_file: Option<String>,
    bearer: bool,
    vendor: bool,
    /// Where the section begins.
    at: String,
}

/// Keys by name, each with the origins of its settings.
pub(super) type Keys = BTreeMap<String, (KeyEntry, Origins)>;

/// Reads `[http]`, all of it before giving up on any.
pub(super) fn http(from: &mut ConfigReader) -> Option<Http> {
    let listen = from.text(LISTEN, ADDRESS, |text| {
        (!text.is_empty()).then(|| address(text)).transpose()
    });
    let beyond_loopback = from.flag(BEYOND_LOOPBACK);
    let per_minute = from.number(PER_MINUTE, "1 to 60000", |number| {
        let number = NonZeroU16::new(number).filter(|number| number.get() <= 60_000);
        number.ok_or_else(|| OUT_OF_RANGE.to_owned())
    });
    let http = Http {
        listen: listen?,
        beyond_loopback: beyond_loopback?,
        per_minute: per_minute?,
        keys: BTreeMap::new(),
    };
    if let Some(open) = http.listen.filter(|at| !at.ip().is_loopback())
        && !http.beyond_loopback
    {
        from.errors.push(ConfigError::Bad {
            key: LISTEN.to_owned(),
            origin: from.origins.get(LISTEN).cloned().unwrap_or_default(),
            given: format!("\"{open}\""),
            reason:
                "other machines can reach it; set http.beyond_loopback = true if they are meant to"
                    .to_owned(),
            allowed: ADDRESS,
        });
    }
    Some(http)
}

const ADDRESS: &str = "an address of this machine with a port, such as \"127.0.0.1:8080\" or \"[::1]:8080\", or empty to listen nowhere";

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse()
        .map_err(|_| "it is not an IP address with a port".to_owned())
}

/// The keys with their secrets, which are in the environment or in files of their own.
pub(super) fn keys(
    written: Keys,
    env: &[(String, String)],
    listening: bool,
    errors: &mut Vec<ConfigError>,
) -> (BTreeMap<String, HttpKey>, BTreeMap<String, Origins>) {
    let names: Vec<&str> = written.keys().map(String::as_str).collect();
    errors.extend(secret::stray_http_keys(env, &names));
    let (mut keys, mut origins) = (BTreeMap::new(), BTreeMap::new());
    for (name, (key, mut origin)) in written {
        let variable = secret::http_variable(&name);
        if key.secret_file.is_none() || env.iter().any(|(name, _)| *name == variable) {
            origin.insert(SECRET_FILE, "environment".to_owned());
        }
        let secret = match secret::http_key(&variable, key.secret_file.as_deref(), env) {
            Ok(None) if listening => Err(ConfigError::NoSecret {
                name: name.clone(),
                origin: key.at,
                variable,
            }),
            read => read,
        };
        match (secret, key.workspace) {
            (Err(error), _) => errors.push(error),
            (Ok(_), None) => {}
            (Ok(secret), Some(workspace)) => {
                let (bearer, vendor) = (key.bearer, key.vendor);
                let key = HttpKey {
                    workspace,
                    bearer,
                    vendor,
                    secret,
                };
                keys.insert(name.clone(), key);
                origins.insert(name, origin);
            }
        }
    }
    (keys, origins)
}

/// Reads the section into the layer, with what is wrong in it.
pub(super) fn read(
    section: &DeValue<'_>,
    at: String,
    origin: &impl Fn(usize) -> String,
    layer: &mut Layer,
) {
    let DeValue::Table(keys) = section else {
        layer.errors.push(no_section(SECTION, section, at));
        return;
    };
    for (name, settings) in keys {
        let at = origin(name.span().start);
        let key = format!("{SECTION}.{}", excerpt(name.get_ref()));
        let DeValue::Table(settings) = settings.get_ref() else {
            layer.errors.push(no_section(&key, settings.get_ref(), at));
            continue;
        };
        if !is_name(name.get_ref()) {
            let reason = format!(
                "a key's name is 1 to {LONGEST_NAME} of a-z, 0-9, `-` and `_`, since it is part of a variable's name"
            );
            let given = format!("\"{}\"", excerpt(name.get_ref()));
            layer.errors.push(bad(SECTION, given, reason, at.clone()));
        }
        let read = one(&key, settings, at, origin, &mut layer.errors);
        layer.keys.insert(name.get_ref().to_string(), read);
    }
}

fn is_name(name: &str) -> bool {
    let allowed =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
    (1..=LONGEST_NAME).contains(&name.len()) && name.bytes().all(allowed)
}

fn one(
    key: &str,
    settings: &DeTable<'_>,
    at: String,
    origin: &impl Fn(usize) -> String,
    errors: &mut Vec<ConfigError>,
) -> (KeyEntry, Origins) {
    let (mut written, mut origins) = (KeyEntry::default(), Origins::new());
    for (setting, value) in settings {
        let at = origin(setting.span().start);
        let value = Value::new(Some(&at), layer::kind(value.get_ref()));
        let key = format!("{key}.{}", excerpt(setting.get_ref()));
        let name = setting.get_ref().as_ref();
        let Some(known) = SETTINGS.into_iter().find(|known| *known == name) else {
            errors.push(unknown(&key, name, at));
            continue;
        };
        let taken = match known {
            WORKSPACE => text_of(&value)
                .and_then(label)
                .map(|workspace| written.workspace = Some(workspace)),
            SECRET_FILE => text_of(&value).map(|path| written.secret_file = Some(path.to_owned())),
            VENDOR => flag_of(&value).map(|vendor| written.vendor = vendor),
            _ => flag_of(&value).map(|bearer| written.bearer = bearer),
        };
        if let Err(reason) = taken {
            // Anyone who mistakes the file's name for the secret itself does not see it in a log.
            let given = if known == SECRET_FILE {
                "this value".to_owned()
            } else {
                shown(&value)
            };
            errors.push(bad(&key, given, reason, at.clone()));
        }
        origins.insert(known, at);
    }
    if !origins.contains_key(WORKSPACE) {
        let reason = "it does not say whose notices are sent with it".to_owned();
        let key = format!("{key}.{WORKSPACE}");
        errors.push(bad(&key, "left out".to_owned(), reason, at.clone()));
    }
    written.at = at;
    (written, origins)
}

fn no_section(key: &str, value: &DeValue<'_>, origin: String) -> ConfigError {
    let given = shown(&Value::new(None, layer::kind(value)));
    let reason = "a key is a section of its own".to_owned();
    bad(key, given, reason, origin)
}

fn bad(key: &str, given: String, reason: String, origin: String) -> ConfigError {
    ConfigError::Bad {
        key: key.to_owned(),
        origin,
        given,
        reason,
        allowed: "[http.keys.NAME] with workspace, and secret_file, bearer and vendor where they are needed",
    }
}

fn unknown(key: &str, setting: &str, origin: String) -> ConfigError {
    let of = key.rsplit_once('.').map_or(key, |(of, _)| of);
    ConfigError::Unknown {
        key: key.to_owned(),
        origin,
        nearest: nearest(setting, SETTINGS).map(|near| format!("{of}.{near}")),
        known: SETTINGS.map(|known| format!("{of}.{known}")).join(", "),
    }
}
