//! The readiness check of a running process over HTTP, for health checks in images without an HTTP client.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use serde_json::Value;

/// The timeout of the request, longer than the server's own timeout for its database.
const WITHIN: Duration = Duration::from_secs(5);

/// Asks the process that listens on this local address. Returns its delivery state if it is ready.
///
/// # Errors
/// The reason why it is not ready.
pub async fn ask(listens: SocketAddr) -> Result<String, String> {
    let at = SocketAddr::new(reached_at(listens.ip()), listens.port());
    let client = reqwest::Client::builder()
        .no_proxy()
        .timeout(WITHIN)
        .redirect(reqwest::redirect::Policy::none())
        .build();
    let client = client.map_err(|_| "the HTTP client cannot be set up".to_owned())?;
    let silent = |_| format!("nothing answers at {at}");
    let answer = client.get(format!("http://{at}/readyz")).send().await;
    let answer = answer.map_err(silent)?;
    let is_ready = answer.status().is_success();
    let text = answer.text().await.map_err(silent)?;
    let body: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
    let word = |key: &str| body.get(key).and_then(Value::as_str).map(ToOwned::to_owned);
    let odd = || format!("what answers at {at} is not this program");
    match is_ready {
        true => word("delivery").ok_or_else(odd),
        false => Err(word("reason").unwrap_or_else(odd)),
    }
}

/// The address for reaching a listener; for a wildcard address, the loopback address.
const fn reached_at(listens: IpAddr) -> IpAddr {
    match listens {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        named => named,
    }
}
