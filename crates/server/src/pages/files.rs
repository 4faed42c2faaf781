//! Style sheet, icon and drawings, with headers that let a browser ask for each only once. Nothing
//! is read from a disk.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};
use vacancy_app::encodings::hex;

use super::{assets, pictures};
use crate::http::path::Path;
use crate::http::problem::Problem;

/// A drawing's address names its seed, not its content: a release may draw better. A week.
const CACHE_FOR_A_WEEK: &str = "public, max-age=604800";

/// `/assets/{name}`
pub async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Result<Response, Problem> {
    let found = assets::find(&format!("/assets/{name}")).ok_or_else(Problem::not_found)?;
    Ok(file(&headers, found.media_type, assets::CACHE_FOR_EVER, found.body.as_bytes().to_vec()))
}

/// `/pictures/{name}`
pub async fn picture(Path(name): Path<String>, headers: HeaderMap) -> Result<Response, Problem> {
    let svg = pictures::find(&name).ok_or_else(Problem::not_found)?;
    Ok(file(&headers, "image/svg+xml", CACHE_FOR_A_WEEK, svg.into_bytes()))
}

fn file(
    headers: &HeaderMap,
    media_type: &'static str,
    cache: &'static str,
    body: Vec<u8>,
) -> Response {
    let digest = Sha256::digest(&body);
    // Weak: the same file may be sent compressed in several ways.
    let tag = format!("W/\"{}\"", hex(&digest[..8]));
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let mut response = if known.is_some_and(|known| names(known, &tag)) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, media_type)], body).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    response
}

/// Whether a list of tags names this one, compared as weak tags are.
fn names(list: &str, tag: &str) -> bool {
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    list.trim() == "*" || list.split(',').any(|known| bare(known) == bare(tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_found_in_a_list() {
        assert!(names("\"a\", W/\"b\"", "W/\"b\""));
        assert!(names("\"b\"", "W/\"b\""));
        assert!(names("*", "W/\"b\""));
        assert!(!names("\"a\"", "W/\"b\""));
    }
}
