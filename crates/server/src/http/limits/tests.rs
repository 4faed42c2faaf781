//! Goal: what a bucket allows, and whose address counts.
//! Method: given times and given headers; no clock and no connection.

use axum::body::Body;

use super::*;

#[test]
fn a_bucket_holds_a_minutes_worth_and_fills_evenly() {
    let buckets = Buckets::new("test", 3);
    for remaining in [2, 1, 0] {
        let verdict = buckets.take("a", 0);
        assert_eq!((verdict.is_allowed, verdict.remaining), (true, remaining));
    }
    let empty = buckets.take("a", 0);
    assert_eq!(empty, Verdict { is_allowed: false, remaining: 0, wait_ms: 20_000 });
    assert!(!buckets.take("a", 19_999).is_allowed);
    assert!(buckets.take("a", 20_000).is_allowed);
    assert!(buckets.take("b", 0).is_allowed, "another source has its own");
    assert_eq!(buckets.take("a", 1_000_000).remaining, 2);
}

#[test]
fn a_rate_that_divides_no_minute_loses_nothing() {
    let buckets = Buckets::new("test", 7);
    let allowed = (0..60_000).filter(|now_ms| buckets.take("a", *now_ms).is_allowed).count();
    assert_eq!(allowed, 13, "seven at once and the six that come within the minute");
}

#[test]
fn the_memory_for_sources_has_an_end() {
    let buckets = Buckets::new("test", 60);
    for source in 0..SOURCES_MAX {
        assert!(buckets.take(source, 0).is_allowed);
    }
    assert!(!buckets.take(SOURCES_MAX, 0).is_allowed);
    assert!(buckets.take(0, 0).is_allowed, "who is known goes on");
    assert!(buckets.take(SOURCES_MAX, 60_000).is_allowed, "the quiet ones are forgotten");
}

#[track_caller]
fn check(peer: &str, headers: &[(&str, &str)], trusted: usize, expected: &str) {
    let mut request = Request::new(Body::empty());
    let peer: IpAddr = peer.parse().expect("an address");
    request.extensions_mut().insert(Peer(SocketAddr::new(peer, 5)));
    for (name, value) in headers {
        let name = axum::http::HeaderName::from_bytes(name.as_bytes()).expect("a name");
        request.headers_mut().append(name, value.parse().expect("a value"));
    }
    let found = match source(&request, trusted) {
        Source::Local => "local".to_owned(),
        Source::Address(address) => address.to_string(),
    };
    assert_eq!(found, expected);
}

#[test]
fn without_proxies_of_ours_nobody_is_believed() {
    check("203.0.113.9", &[], 0, "203.0.113.9");
    check("203.0.113.9", &[("X-Forwarded-For", "127.0.0.1")], 0, "203.0.113.9");
    check("203.0.113.9", &[("X-Real-IP", "127.0.0.1")], 0, "203.0.113.9");
    check("127.0.0.1", &[], 0, "local");
    check("127.0.0.1", &[("X-Forwarded-For", "198.51.100.7")], 0, "127.0.0.1");
    check("127.0.0.1", &[("Forwarded", "for=198.51.100.7")], 0, "127.0.0.1");
}

#[test]
fn behind_proxies_the_entry_of_the_outermost_counts() {
    let forged = [("x-forwarded-for", "127.0.0.1, 198.51.100.7")];
    check("10.0.0.1", &forged, 1, "198.51.100.7");
    check(
        "10.0.0.1",
        &[("X-Forwarded-For", "127.0.0.1, 198.51.100.7, 10.0.0.2")],
        2,
        "198.51.100.7",
    );
    let two_lines = [("X-Forwarded-For", "127.0.0.1"), ("X-Forwarded-For", "198.51.100.7")];
    check("10.0.0.1", &two_lines, 1, "198.51.100.7");
    check("10.0.0.1", &[("X-Forwarded-For", "nobody")], 1, "10.0.0.1");
    check("10.0.0.1", &[], 2, "10.0.0.1");
}

#[test]
fn a_household_of_ipv6_is_one_source() {
    check("2001:db8:1:2:3:4:5:6", &[], 0, "2001:db8:1:2::");
    check("::ffff:203.0.113.9", &[], 0, "203.0.113.9");
    check("::1", &[], 0, "local");
    check("::ffff:127.0.0.1", &[], 0, "local");
}

#[test]
fn a_code_is_guarded_in_every_spelling_and_from_everywhere() {
    let config = crate::config::Config::for_data(std::path::Path::new("."));
    let limits = Limits::new(&config.limits);
    let mut refused = 0;
    for (number, code) in
        ["ABCDE-FGHJK", "abcdefghjk", " abcde fghjk"].iter().cycle().take(9).enumerate()
    {
        let last = u8::try_from(number).expect("a small number");
        let source = Source::Address(IpAddr::from([203, 0, 113, last]));
        refused += usize::from(limits.check_lookup(source, code).is_err());
    }
    assert_eq!(refused, 3, "six a minute are allowed");
    assert!(limits.check_lookup(Source::Local, "ZZZZZ-ZZZZZ").is_ok());
}
