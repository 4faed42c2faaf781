//! `Idempotency-Key`: a client's own name for a request, so that a repeated one does nothing twice.
//! Keys are kept by `app` together with what was decided; here they are only read and scoped.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::Response;
use vacancy_app::access::Actor;
use vacancy_app::desk::command::{Key, KeyName};
use vacancy_app::once::OnceKey;

use super::fields::Fields;
use super::problem::Problem;

pub const HEADER: &str = "Idempotency-Key";
pub const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
pub const KEY_CHARACTERS_MAX: usize = 255;

/// The text of the header; nothing when there is none.
///
/// # Errors
/// `400` when it is empty, too long, no plain text, or stands twice.
pub fn text(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut lines = headers.get_all(HEADER).iter();
    let Some(line) = lines.next() else { return Ok(None) };
    if lines.next().is_some() {
        return Err(Problem::wrong_field(HEADER, "duplicate_header", "must be given once"));
    }
    let mut fields = Fields::new();
    let Ok(text) = line.to_str() else {
        return Err(Problem::wrong_field(HEADER, "invalid_text", "must be plain ASCII text"));
    };
    fields
        .text(HEADER, text, KEY_CHARACTERS_MAX)
        .map_or_else(|| Err(fields.problem()), |text| Ok(Some(text)))
}

/// The key of a request about one thing. `path` keeps requests about two things apart even when
/// their bodies are alike.
///
/// # Errors
/// As [`text`].
pub fn key(
    headers: &HeaderMap,
    actor: &Actor,
    path: &str,
    body_hash: &str,
) -> Result<Option<Key>, Problem> {
    let Some(key) = text(headers)? else { return Ok(None) };
    let name = KeyName::Scoped { scope: scope(actor), key };
    Ok(Some(Key { name, body_hash: format!("{path} {body_hash}") }))
}

/// The key of a request that makes something, as [`key`].
///
/// # Errors
/// As [`text`].
pub fn once(
    headers: &HeaderMap,
    actor: &Actor,
    path: &str,
    body_hash: &str,
) -> Result<Option<OnceKey>, Problem> {
    let key = text(headers)?;
    let body_hash = format!("{path} {body_hash}");
    Ok(key.map(|key| OnceKey { scope: scope(actor), key, body_hash }))
}

/// Whose keys these are: every credential has its own.
#[must_use]
pub fn scope(actor: &Actor) -> String {
    match actor {
        Actor::Key { key, .. } => format!("key {key}"),
        Actor::Staff { business, role } => format!("staff {business} {}", role.word()),
        Actor::Guest { reservation } => format!("guest {reservation}"),
        Actor::Admin => "admin".to_owned(),
        Actor::System => "system".to_owned(),
        Actor::Anonymous => "anonymous".to_owned(),
    }
}

/// Says that an answer was given before.
#[must_use]
pub fn marked(mut response: Response, is_replay: bool) -> Response {
    if is_replay {
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(lines: &[&str], expected: Result<Option<&str>, &str>) {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(HEADER, HeaderValue::from_bytes(line.as_bytes()).expect("a header"));
        }
        let told = text(&headers).map_err(|problem| problem.code().to_owned());
        let expected = expected.map(|key| key.map(str::to_owned)).map_err(str::to_owned);
        assert_eq!(told, expected);
    }

    #[test]
    fn a_key_is_one_line_of_text_with_an_end() {
        check(&[], Ok(None));
        check(&["k-1"], Ok(Some("k-1")));
        check(&[&"k".repeat(255)], Ok(Some(&"k".repeat(255))));
        check(&[&"k".repeat(256)], Err("too_long"));
        check(&[""], Err("empty"));
        check(&["clé"], Err("invalid_text"));
        check(&["a", "b"], Err("duplicate_header"));
    }
}
