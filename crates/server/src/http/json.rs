//! Reads JSON bodies: right kind, right size, right form, right fields, or a 4xx that says which.
//! What a field means to the trade is checked later, by `fields` and by `app`.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::arrival;
use super::objects::Objects;
use super::problem::Problem;
use super::shape::{self, Part};
use super::strict;
use crate::state::AppState;

/// A body of the shape `T`. Derive `Deserialize` with `deny_unknown_fields`.
#[derive(Debug)]
pub struct JsonBody<T> {
    pub value: T,
    raw: Bytes,
}

/// The bytes of a body as they came, within the limit: for signatures.
#[derive(Debug)]
pub struct RawBody(pub Bytes);

impl<T> JsonBody<T> {
    /// SHA-256 over the body in one form: blanks and the order of keys make no other request.
    #[must_use]
    pub fn hash(&self) -> String {
        let value = serde_json::from_slice::<serde_json::Value>(&self.raw);
        let one_form = value.map_or_else(|_| self.raw.to_vec(), |value| value.to_string().into());
        Sha256::digest(one_form).iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl<T: DeserializeOwned> FromRequest<AppState> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Problem> {
        check_kind(request.headers())?;
        let raw = arrival::body_of(request, &state.config.http).await?;
        Ok(JsonBody { value: parse(&raw)?, raw })
    }
}

impl FromRequest<AppState> for RawBody {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Problem> {
        arrival::body_of(request, &state.config.http).await.map(RawBody)
    }
}

fn check_kind(headers: &HeaderMap) -> Result<(), Problem> {
    let unsupported = |detail: &'static str| {
        Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail)
    };
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        return Err(unsupported("send the body as `Content-Type: application/json`"));
    }
    let charset = kind.and_then(|kind| kind.to_ascii_lowercase().split_once("charset=").map(own));
    if charset.is_some_and(|name| name.trim_matches('"') != "utf-8") {
        return Err(unsupported("send the body in UTF-8"));
    }
    let coding = headers.get(header::CONTENT_ENCODING);
    if coding.is_some_and(|coding| coding.as_bytes() != b"identity") {
        return Err(unsupported("send the body without compression"));
    }
    Ok(())
}

fn own((_, charset): (&str, &str)) -> String {
    charset.split(';').next().unwrap_or_default().trim().to_owned()
}

/// # Errors
/// The first thing that does not fit.
pub fn parse<T: DeserializeOwned>(raw: &[u8]) -> Result<T, Problem> {
    strict::check(raw)
        .map_err(|flaw| Problem::wrong_field(flaw.pointer, flaw.code, flaw.detail))?;
    let mut json = serde_json::Deserializer::from_slice(raw);
    serde_path_to_error::deserialize(Objects(&mut json)).map_err(|error| {
        let field = shape::wrong_field(&error, Part::Body);
        Problem::wrong_fields(StatusCode::BAD_REQUEST, vec![field])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_no_object() {
        let problem = parse::<crate::http::fields::Amount>(br#" [1, "EUR"]"#).expect_err("a flaw");
        assert_eq!(problem.code(), "invalid_type");
    }

    #[test]
    fn the_form_of_a_body_does_not_change_its_hash() {
        let body =
            |raw: &'static str| JsonBody { value: (), raw: Bytes::from_static(raw.as_bytes()) };
        let one = body(r#"{"a": 1, "b": [2]}"#).hash();
        assert_eq!(one, body(r#"{"b":[2],"a":1}"#).hash());
        assert_ne!(one, body(r#"{"b":[2],"a":2}"#).hash());
    }

    #[test]
    fn json_has_one_kind_in_several_spellings() {
        let check = |kind: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, kind.parse().expect("a header"));
            check_kind(&headers).is_ok()
        };
        for good in [
            "application/json",
            "Application/JSON; charset=utf-8",
            "application/json;charset=\"UTF-8\"",
        ] {
            assert!(check(good), "{good}");
        }
        for bad in ["text/json", "application/json; charset=latin1", "application/jsonp", ""] {
            assert!(!check(bad), "{bad}");
        }
    }
}
