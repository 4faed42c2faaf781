//! The two cookies there are: what opens a guest's bookings, and a session at the front desk. Both
//! are sealed off from scripts and from other sites' forms. What is in them is signed elsewhere.

use axum::http::{HeaderMap, HeaderValue, header};
use vacancy_app::access::sessions::SESSION_MS;
use vacancy_app::access::tokens::reservation_of;
use vacancy_domain::ids::ReservationId;

/// How long a browser opens a booking without code and e-mail: a day, since others may use it.
const GUEST_S_MAX: i64 = 24 * 60 * 60;
/// Most bookings that one browser opens; the oldest is forgotten first.
const GUEST_TOKENS_MAX: usize = 8;
/// Between tokens: a letter that none of them has.
const BETWEEN: char = '.';

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cookie {
    Guest,
    Staff,
}

impl Cookie {
    /// Over TLS the name itself forbids that another host or path sets it.
    fn name(self, is_https: bool) -> &'static str {
        match (self, is_https) {
            (Cookie::Guest, false) => "guest",
            (Cookie::Guest, true) => "__Host-guest",
            (Cookie::Staff, false) => "staff",
            (Cookie::Staff, true) => "__Host-staff",
        }
    }

    /// What the browser sent.
    #[must_use]
    pub fn read(self, headers: &HeaderMap, is_https: bool) -> Option<&str> {
        let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
        lines
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(name, _)| *name == self.name(is_https))
            .map(|(_, value)| value)
    }

    /// Sets it; an empty value takes it away.
    #[must_use]
    pub fn set(self, value: &str, is_https: bool) -> HeaderValue {
        let age_s = match self {
            Cookie::Guest => GUEST_S_MAX,
            Cookie::Staff => SESSION_MS / 1_000,
        };
        let age_s = if value.is_empty() { 0 } else { age_s };
        let name = self.name(is_https);
        let secure = if is_https { "; Secure" } else { "" };
        let text =
            format!("{name}={value}; Path=/; Max-Age={age_s}; HttpOnly; SameSite=Lax{secure}");
        HeaderValue::from_str(&text).expect("tokens and sessions are plain letters")
    }
}

/// The tokens in a guest cookie, the newest first.
pub fn tokens(cookie: &str) -> impl Iterator<Item = &str> {
    cookie.split(BETWEEN).take(GUEST_TOKENS_MAX)
}

/// The token for this booking.
#[must_use]
pub fn token_for(cookie: &str, reservation: ReservationId) -> Option<&str> {
    tokens(cookie).find(|token| reservation_of(token) == Some(reservation))
}

/// The cookie with one more token. What does not look like one of ours is dropped.
#[must_use]
pub fn with_token(cookie: &str, token: &str) -> String {
    let own = reservation_of(token);
    let kept = tokens(cookie).filter(|known| {
        let known = reservation_of(known);
        known.is_some() && known != own
    });
    let all: Vec<&str> = std::iter::once(token).chain(kept).take(GUEST_TOKENS_MAX).collect();
    all.join(&BETWEEN.to_string())
}

#[cfg(test)]
mod tests {
    use vacancy_app::access::tokens::ServerSecret;

    use super::*;

    fn token(id: u128) -> String {
        ServerSecret::new(b"secret".to_vec()).guest_token(ReservationId(id), 1)
    }

    #[test]
    fn a_cookie_is_sealed_off() {
        let plain = Cookie::Guest.set("vg_x", false);
        assert_eq!(plain, "guest=vg_x; Path=/; Max-Age=86400; HttpOnly; SameSite=Lax");
        let safe = Cookie::Staff.set("vs_x", true);
        let expected = "__Host-staff=vs_x; Path=/; Max-Age=43200; HttpOnly; SameSite=Lax; Secure";
        assert_eq!(safe, expected);
        assert!(Cookie::Staff.set("", true).to_str().is_ok_and(|text| text.contains("Max-Age=0")));
    }

    #[test]
    fn a_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=b; guest=vg_1"));
        headers.append(header::COOKIE, HeaderValue::from_static("staff=vs_1"));
        assert_eq!(Cookie::Guest.read(&headers, false), Some("vg_1"));
        assert_eq!(Cookie::Staff.read(&headers, false), Some("vs_1"));
        assert_eq!(Cookie::Guest.read(&headers, true), None, "an unsafe one opens nothing");
    }

    #[test]
    fn a_browser_opens_its_last_eight_bookings() {
        let mut cookie = String::new();
        for id in 1..=10 {
            cookie = with_token(&cookie, &token(id));
        }
        assert_eq!(tokens(&cookie).count(), GUEST_TOKENS_MAX);
        assert_eq!(token_for(&cookie, ReservationId(10)), Some(token(10).as_str()));
        assert_eq!(token_for(&cookie, ReservationId(2)), None);
        assert_eq!(with_token(&cookie, &token(10)), cookie, "once each");
        assert_eq!(with_token("rubbish.vg_", &token(1)), token(1));
    }
}
