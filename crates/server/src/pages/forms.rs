//! What a page was asked with and what a form sent: names with texts, read as browsers write them.
//! Lenient where a person typed an address, strict about size. What a field means is for the page
//! to say.

use std::str::FromStr;

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};

use super::origin;
use crate::http::json::RawBody;
use crate::http::problem::Problem;
use crate::state::AppState;

/// Most fields of one form or address.
const FIELDS_MAX: usize = 300;
/// Longest query or form, in bytes: the longest page has a fraction of it.
const BYTES_MAX: usize = 32 * 1024;

/// Names with their texts, in order.
#[derive(Debug, Default)]
pub struct Values(Vec<(String, String)>);

/// The query of the address.
#[derive(Debug)]
pub struct Asked(pub Values);

/// The body of a form that came from a page of ours.
#[derive(Debug)]
pub struct Sent(pub Values);

impl Values {
    /// # Errors
    /// When there is more than a page of ours ever sends, or a text that no store can keep.
    pub fn parse(bytes: &[u8]) -> Result<Values, Problem> {
        if BYTES_MAX < bytes.len() {
            let detail = format!("a form has at most {BYTES_MAX} bytes");
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "form_too_large", detail));
        }
        let mut pairs = Vec::new();
        for (name, value) in form_urlencoded::parse(bytes) {
            if FIELDS_MAX <= pairs.len() || name.contains('\0') || value.contains('\0') {
                let detail = "the form is not one of ours";
                return Err(Problem::new(StatusCode::BAD_REQUEST, "invalid_form", detail));
            }
            pairs.push((name.into_owned(), value.into_owned()));
        }
        Ok(Values(pairs))
    }

    /// The first text of this name without blanks around it; empty when there is none.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        let mut pairs = self.0.iter();
        pairs.find(|(known, _)| known == name).map_or("", |(_, value)| value.trim())
    }

    /// The same read as something else; `None` when it is missing or cannot be read.
    #[must_use]
    pub fn read<T: FromStr>(&self, name: &str) -> Option<T> {
        self.text(name).parse().ok()
    }

    /// Fields whose name begins so, with the rest of their name: `units.DELUXE`.
    pub fn under<'a>(&'a self, start: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0
            .iter()
            .filter_map(move |(name, value)| Some((name.strip_prefix(start)?, value.trim())))
    }
}

impl FromRequestParts<AppState> for Asked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Problem> {
        Values::parse(parts.uri.query().unwrap_or_default().as_bytes()).map(Asked)
    }
}

impl FromRequest<AppState> for Sent {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Problem> {
        origin::check(request.headers(), &state.public_url)?;
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let essence = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default().trim();
        // A form without fields has no body, and some browsers then name no kind.
        if !essence.is_empty() && !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
        {
            let detail = "pages take forms and nothing else";
            let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            return Err(Problem::new(status, "unsupported_media_type", detail));
        }
        let RawBody(body) = RawBody::from_request(request, state).await?;
        Values::parse(&body).map(Sent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_as_browsers_write_it() {
        let form = Values::parse(b"guestName=+Ana+Ru%C3%ADz+&units.DELUXE=2&units.TWIN=0&adults=x")
            .expect("a form");
        assert_eq!(form.text("guestName"), "Ana Ruíz");
        assert_eq!(form.under("units.").collect::<Vec<_>>(), [("DELUXE", "2"), ("TWIN", "0")]);
        assert_eq!((form.read::<i64>("units.DELUXE"), form.read::<i64>("adults")), (Some(2), None));
        assert_eq!(form.text("email"), "");
    }

    #[test]
    fn what_no_page_sends_is_refused() {
        assert!(Values::parse(&b"a".repeat(BYTES_MAX + 1)).is_err());
        assert!(Values::parse("a=1&".repeat(FIELDS_MAX + 1).as_bytes()).is_err());
        assert!(Values::parse(b"name=a%00b").is_err());
    }
}
