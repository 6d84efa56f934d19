//! Who may send: signatures, and secrets of those who cannot sign.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::rate::Rate;
use super::refusal::HttpRefusal;
use crate::app::Warden;
use crate::config::{Http, Secret};
use crate::domain::Timestamp;

/// How far a timestamp may be from the bot's clock, in seconds.
const WINDOW: u64 = 300;
const KEY: &str = "X-Warden-Key";
const TIMESTAMP: &str = "X-Warden-Timestamp";
const SIGNATURE: &str = "X-Warden-Signature";

/// The keys that let somebody in.
pub(super) struct Authenticator {
    keys: Vec<SenderKey>,
}

/// A key with a secret.
pub(super) struct SenderKey {
    pub(super) name: String,
    pub(super) workspace: Arc<str>,
    pub(super) rate: Rate,
    secret: Secret,
    bearer: bool,
}

/// What a request says of who sends it.
pub(super) enum Credentials<'a> {
    /// A signature, which the body proves.
    Signed {
        key: Option<&'a SenderKey>,
        stamp: &'a str,
        mac: Vec<u8>,
    },
    /// The secret itself, which was right.
    Bearer { key: &'a SenderKey },
}

/// Who sends, proved.
pub(super) struct Sender<'a> {
    pub(super) key: &'a SenderKey,
    /// The signature, which no other request has.
    pub(super) signature: Option<String>,
}

impl Authenticator {
    pub(super) fn new(http: &Http, warden: &Warden) -> Self {
        let keys: BTreeMap<_, _> = http.keys.clone();
        let keys = keys.into_iter().filter_map(|(name, key)| {
            Some(SenderKey {
                name,
                workspace: key.workspace.as_str().into(),
                rate: Rate::new(http.per_minute, warden),
                secret: key.secret?,
                bearer: key.bearer,
            })
        });
        Self {
            keys: keys.collect(),
        }
    }

    /// Reads who claims to send, before the body is read.
    pub(super) fn credentials<'a>(
        &'a self,
        headers: &'a HeaderMap,
        now: Timestamp,
    ) -> Result<Credentials<'a>, HttpRefusal> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        if let (Some(name), Some(stamp), Some(signature)) =
            (text(KEY), text(TIMESTAMP), text(SIGNATURE))
        {
            timely(stamp, now)?;
            let mac = signature.strip_prefix("sha256=").map(hex::decode);
            let Some(Ok(mac)) = mac else {
                return Err(HttpRefusal::Unsigned);
            };
            let key = self.keys.iter().find(|key| key.name == name);
            return Ok(Credentials::Signed { key, stamp, mac });
        }
        let bearer = headers.get(AUTHORIZATION).map(|value| value.as_bytes());
        let bearer = bearer.and_then(bearer_secret);
        let bearer = bearer.ok_or(HttpRefusal::Unsigned)?;
        let key = self.key_of(bearer).ok_or(HttpRefusal::Unknown)?;
        Ok(Credentials::Bearer { key })
    }

    /// The key with this secret, where the secret itself may be sent. How long it takes says nothing of the secrets.
    fn key_of(&self, given: &[u8]) -> Option<&SenderKey> {
        let given = Sha256::digest(given);
        let mut found = None;
        for key in self.keys.iter().filter(|key| key.bearer) {
            let own = Sha256::digest(key.secret.bytes());
            if bool::from(own.ct_eq(&given)) {
                found = Some(key);
            }
        }
        found
    }
}

impl<'a> Credentials<'a> {
    /// Checks the claim against the body.
    pub(super) fn verify(self, body: &[u8]) -> Result<Sender<'a>, HttpRefusal> {
        let (key, stamp, mac) = match self {
            Self::Bearer { key } => {
                let signature = None;
                return Ok(Sender { key, signature });
            }
            Self::Signed { key, stamp, mac } => (key, stamp, mac),
        };
        // A key that is not there takes as long as one that is.
        let secret = key.map_or(&b""[..], |key| key.secret.bytes());
        let mut expected =
            Hmac::<Sha256>::new_from_slice(secret).map_err(|_| HttpRefusal::Unknown)?;
        expected.update(stamp.as_bytes());
        expected.update(b".");
        expected.update(body);
        let proved = expected.verify_slice(&mac).is_ok();
        let key = key.filter(|_| proved).ok_or(HttpRefusal::Unknown)?;
        let signature = Some(hex::encode(mac));
        Ok(Sender { key, signature })
    }
}

fn timely(stamp: &str, now: Timestamp) -> Result<(), HttpRefusal> {
    let now = now.timestamp();
    let plain = stamp.bytes().all(|byte| byte.is_ascii_digit());
    let at = stamp.parse::<i64>().ok().filter(|_| plain);
    at.filter(|at| at.abs_diff(now) <= WINDOW)
        .map(drop)
        .ok_or(HttpRefusal::Untimely { now })
}

fn bearer_secret(value: &[u8]) -> Option<&[u8]> {
    let (scheme, secret) = value.split_at_checked(b"Bearer ".len())?;
    let is_bearer = scheme.eq_ignore_ascii_case(b"Bearer ");
    is_bearer.then(|| secret.trim_ascii())
}
