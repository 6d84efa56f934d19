//! Authentication of senders: signatures, or bearer secrets for senders that cannot sign.

use std::collections::BTreeMap;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::rate::Rate;
use super::refusal::HttpRefusal;
use crate::app::Warden;
use crate::config::{Http, Secret};
use crate::domain::Timestamp;
use crate::domain::id::WorkspaceId;

/// The largest difference between a timestamp and the clock, in seconds.
const WINDOW: u64 = 300;
const KEY: &str = "X-Warden-Key";
const TIMESTAMP: &str = "X-Warden-Timestamp";
const SIGNATURE: &str = "X-Warden-Signature";

/// The keys that grant access.
pub(super) struct Authenticator {
    keys: Vec<SenderKey>,
}

pub(super) struct SenderKey {
    pub(super) name: String,
    pub(super) workspace: WorkspaceId,
    pub(super) rate: Rate,
    secret: Secret,
    bearer: bool,
}

/// The credentials of a request.
pub(super) enum Credentials<'a> {
    /// A signature, to be verified against the body.
    Signed {
        key: Option<&'a SenderKey>,
        stamp: &'a str,
        mac: Vec<u8>,
    },
    /// A valid bearer secret.
    Bearer { key: &'a SenderKey },
}

/// An authenticated sender.
pub(super) struct Sender<'a> {
    pub(super) key: &'a SenderKey,
    /// The signature, unique to the request.
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

    /// The name of the configured key that a request says it is signed with, for the log. Nothing else that a stranger writes is logged.
    pub(super) fn claimed(&self, headers: &HeaderMap) -> Option<&str> {
        let name = headers.get(KEY)?.to_str().ok()?;
        let key = self.keys.iter().find(|key| key.name == name);
        key.map(|key| key.name.as_str())
    }

    /// Reads the credentials, before the body is read.
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
        let bearer = headers
            .get(AUTHORIZATION)
            .map(|value| value.as_bytes())
            .and_then(bearer_secret)
            .ok_or(HttpRefusal::Unsigned)?;
        let key = self.key_of(bearer).ok_or(HttpRefusal::Unknown)?;
        Ok(Credentials::Bearer { key })
    }

    /// The key with this secret, among keys that allow bearer secrets. The duration reveals nothing about the secrets.
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
    /// Verifies the credentials against the body.
    pub(super) fn verify(self, body: &[u8]) -> Result<Sender<'a>, HttpRefusal> {
        let (key, stamp, mac) = match self {
            Self::Bearer { key } => {
                let signature = None;
                return Ok(Sender { key, signature });
            }
            Self::Signed { key, stamp, mac } => (key, stamp, mac),
        };
        // An unknown key takes as long as a known one.
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
