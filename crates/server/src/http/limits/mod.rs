//! How often one source may ask: a token bucket per source address, announced in `RateLimit`
//! headers. Guards this process; it does not count across instances, and it is not the guard
//! against a full desk (that is the desk's own queue). The clock comes as an argument.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::problem::Problem;
use crate::config::LimitsConfig;
use crate::state::AppState;

/// Most sources that are remembered at once; those that are full again are forgotten first.
const SOURCES_MAX: usize = 100_000;

const MINUTE_MS: i64 = 60_000;

/// Who is at the other end of the connection. Put into each request by whoever serves it.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub SocketAddr);

/// Where a request came from, as far as it can be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// This machine, with no proxy in between; also requests that came over no connection.
    Local,
    /// An address, for IPv6 its /64: one household has that many.
    Address(IpAddr),
}

/// The buckets of this process.
#[derive(Debug)]
pub struct Limits {
    started: Instant,
    is_loopback_limited: bool,
    guest: Buckets<Source>,
    key: Buckets<Source>,
    lookup: Buckets<Source>,
    lookup_code: Buckets<String>,
}

/// What a bucket says to one more request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    pub is_allowed: bool,
    pub remaining: u32,
    /// Until one more is allowed, or until the bucket is full again.
    pub wait_ms: i64,
}

impl Limits {
    #[must_use]
    pub fn new(config: &LimitsConfig) -> Limits {
        Limits {
            started: Instant::now(),
            is_loopback_limited: config.loopback,
            guest: Buckets::new("guest", config.guest_per_minute),
            key: Buckets::new("key", config.key_per_minute),
            lookup: Buckets::new("lookup", config.lookup_per_minute),
            lookup_code: Buckets::new("code", config.lookup_code_per_minute),
        }
    }

    /// One look-up by code: counted by who asks and by what is asked, because guessing may come
    /// from one address or from a thousand.
    ///
    /// # Errors
    /// `429` with the time to wait.
    pub fn check_lookup(&self, source: Source, code: &str) -> Result<(), Problem> {
        let now_ms = self.now_ms();
        if self.counts(source) {
            allowed(&self.lookup, self.lookup.take(source, now_ms))?;
        }
        let one_form = code.trim().to_ascii_uppercase().replace(['-', ' '], "");
        allowed(&self.lookup_code, self.lookup_code.take(one_form, now_ms))
    }

    fn counts(&self, source: Source) -> bool {
        match source {
            Source::Local => self.is_loopback_limited,
            Source::Address(_) => true,
        }
    }

    fn now_ms(&self) -> i64 {
        i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX)
    }
}

/// Counts every request, and refuses what is too much before anything is read or looked up.
pub async fn layer(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let source = source(&request, state.config.http.trusted_proxies);
    request.extensions_mut().insert(source);
    let limits = Arc::clone(&state.limits);
    if !limits.counts(source) {
        return next.run(request).await;
    }
    let buckets = if has_key(request.headers()) { &limits.key } else { &limits.guest };
    let verdict = buckets.take(source, limits.now_ms());
    let mut response = match allowed(buckets, verdict) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    };
    announce(response.headers_mut(), buckets, verdict);
    response
}

/// A key earns the wider limit before it is checked; a wrong one is refused soon after.
fn has_key(headers: &HeaderMap) -> bool {
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    value.is_some_and(|value| value.starts_with("Bearer vk_"))
}

/// The address that counts: the peer's, or with `trusted` proxies of our own in front the entry
/// of `X-Forwarded-For` that the outermost of them wrote. Entries further left are the client's
/// own claim.
fn source(request: &Request, trusted: usize) -> Source {
    let Some(Peer(peer)) = request.extensions().get::<Peer>() else { return Source::Local };
    let forwarded = forwarded_for(request.headers());
    let counted = match trusted.checked_sub(1) {
        None => Some(peer.ip()),
        Some(hops) => forwarded.iter().rev().nth(hops).copied().flatten(),
    };
    let address = counted.unwrap_or_else(|| peer.ip()).to_canonical();
    let is_forwarded = !forwarded.is_empty() || request.headers().contains_key(header::FORWARDED);
    if address.is_loopback() && !is_forwarded {
        return Source::Local;
    }
    Source::Address(match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    })
}

/// All entries in order, over all header lines; one that is no address is `None`.
fn forwarded_for(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    let lines = headers.get_all("x-forwarded-for").iter();
    lines
        .flat_map(|line| line.to_str().unwrap_or_default().split(','))
        .map(|entry| entry.trim().parse().ok())
        .collect()
}

fn allowed<K>(buckets: &Buckets<K>, verdict: Verdict) -> Result<(), Problem> {
    if verdict.is_allowed {
        return Ok(());
    }
    let detail = format!("at most {} requests a minute here; wait", buckets.per_minute);
    Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", detail)
        .retry_after_ms(verdict.wait_ms))
}

/// As draft-ietf-httpapi-ratelimit-headers has it.
fn announce<K>(headers: &mut HeaderMap, buckets: &Buckets<K>, verdict: Verdict) {
    let Buckets { name, per_minute, .. } = buckets;
    let policy = format!("\"{name}\";q={per_minute};w=60");
    let seconds = (verdict.wait_ms + 999) / 1_000;
    let limit = format!("\"{name}\";r={};t={seconds}", verdict.remaining);
    for (header, text) in [("ratelimit-policy", policy), ("ratelimit", limit)] {
        if let Ok(value) = HeaderValue::from_str(&text) {
            headers.insert(header, value);
        }
    }
}

/// Buckets that hold a minute's worth and fill evenly.
#[derive(Debug)]
struct Buckets<K> {
    name: &'static str,
    per_minute: u32,
    /// When each bucket will be full again.
    full_at_ms: Mutex<HashMap<K, i64>>,
}

impl<K: Eq + Hash> Buckets<K> {
    fn new(name: &'static str, per_minute: u32) -> Buckets<K> {
        Buckets { name, per_minute, full_at_ms: Mutex::default() }
    }

    /// Takes one token if there is one. Times are kept in `per_minute` parts of a millisecond, so
    /// that nothing is lost by rounding: a minute's worth is the same number for every rate.
    fn take(&self, key: K, now_ms: i64) -> Verdict {
        let rate = i64::from(self.per_minute);
        let (now, depth) = (now_ms.saturating_mul(rate), MINUTE_MS * rate);
        let mut full_at = self.full_at_ms.lock().expect("no thread panics while it counts");
        if SOURCES_MAX <= full_at.len() && !full_at.contains_key(&key) {
            full_at.retain(|_, at| now < *at);
        }
        if SOURCES_MAX <= full_at.len() && !full_at.contains_key(&key) {
            // So many sources in one minute are an attack: everybody new shares its cost.
            return Verdict { is_allowed: false, remaining: 0, wait_ms: MINUTE_MS };
        }
        let at = full_at.entry(key).or_insert(now);
        // One token is a minute's worth divided by the rate.
        let after = (*at).max(now) + MINUTE_MS;
        let is_allowed = after - now <= depth;
        if is_allowed {
            *at = after;
        }
        let missing = *at - now;
        let remaining = u32::try_from((depth - missing).max(0) / MINUTE_MS).unwrap_or(u32::MAX);
        let wait = if is_allowed { missing } else { after - now - depth };
        Verdict { is_allowed, remaining, wait_ms: (wait + rate - 1) / rate }
    }
}

#[cfg(test)]
mod tests;
