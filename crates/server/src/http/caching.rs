//! Answers that may be kept: a tag over what they say, and `304` for whoever has it already.
//! Which answers those are is for each route to say.

use axum::Json;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use sha2::{Digest, Sha256};

/// Bytes of the digest that a tag shows.
const TAG_BYTES: usize = 8;

/// Who may keep an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// Everybody, caches on the way too, for a short time without asking again.
    Anybody,
    /// Whoever asked, and only to ask whether it is still so.
    Caller,
}

/// The answer, or `304` when the caller has it. Its tag begins with the version, so that it can be
/// sent as `If-Match`, and goes on with a digest, because an answer may show more than one thing.
pub fn answer(headers: &HeaderMap, version: i64, keep: Keep, body: &impl Serialize) -> Response {
    let bytes = serde_json::to_vec(body).expect("an answer of plain fields becomes JSON");
    let digest: String = Sha256::digest(&bytes)[..TAG_BYTES].iter().map(hex).collect();
    let tag = format!("\"{version}-{digest}\"");
    let status = if has(headers, &tag) { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
    let kept = match keep {
        Keep::Anybody => "public, max-age=30",
        Keep::Caller => "private, no-cache",
    };
    let tag = HeaderValue::try_from(tag).expect("digits and hexadecimal make a header");
    let told = [
        (header::ETAG, tag),
        (header::CACHE_CONTROL, HeaderValue::from_static(kept)),
        // The same address shows more to whoever runs the hotel.
        (header::VARY, HeaderValue::from_static("authorization")),
    ];
    if status == StatusCode::NOT_MODIFIED {
        return (status, told).into_response();
    }
    (told, [(header::CONTENT_TYPE, "application/json")], bytes).into_response()
}

/// Something that was made: `201`, its address and its version.
pub fn created(address: String, version: i64, body: impl Serialize) -> Response {
    let told = [
        (header::LOCATION, HeaderValue::try_from(address).expect("our addresses are plain")),
        (header::ETAG, super::versions::etag(version)),
    ];
    (StatusCode::CREATED, told, Json(body)).into_response()
}

/// Something that was changed, with its version.
pub fn changed(version: i64, body: impl Serialize) -> Response {
    ([(header::ETAG, super::versions::etag(version))], Json(body)).into_response()
}

fn hex(byte: &u8) -> String {
    format!("{byte:02x}")
}

/// Whether `If-None-Match` names this tag; a cache on the way may have made it a weak one.
fn has(headers: &HeaderMap, tag: &str) -> bool {
    let lines = headers.get_all(header::IF_NONE_MATCH).iter();
    lines.flat_map(|line| line.to_str().unwrap_or_default().split(',')).any(|known| {
        let known = known.trim();
        known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(tag: Option<&str>, body: &str) -> (u16, String) {
        let mut headers = HeaderMap::new();
        if let Some(tag) = tag {
            headers.insert(header::IF_NONE_MATCH, tag.parse().expect("a header"));
        }
        let response = answer(&headers, 3, Keep::Anybody, &body);
        let tag = response.headers()[header::ETAG].to_str().expect("plain text").to_owned();
        (response.status().as_u16(), tag)
    }

    #[test]
    fn whoever_has_it_is_told_so_and_nobody_else() {
        let (status, tag) = ask(None, "a");
        assert_eq!(status, 200);
        assert!(tag.starts_with("\"3-"), "{tag}");
        for known in [tag.as_str(), "*", &format!("W/{tag}"), &format!("\"x\", {tag}")] {
            assert_eq!(ask(Some(known), "a"), (304, tag.clone()), "{known}");
        }
        for other in ["\"3\"", "x", ""] {
            assert_eq!(ask(Some(other), "a").0, 200, "{other}");
        }
        let (status, other_tag) = ask(Some(&tag), "b");
        assert_eq!(status, 200);
        assert_ne!(other_tag, tag);
    }
}
