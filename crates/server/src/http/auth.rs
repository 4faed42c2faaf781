//! Who asks: reads the credential of a request and turns it into an `Actor` of `app`. Whether the
//! actor may do what it asks is checked by each use case, never here.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use vacancy_app::access::Actor;

use super::errors;
use super::problem::Problem;
use crate::state::AppState;

/// The caller of a request; `Actor::Anonymous` when it brought no credential. A credential that
/// opens nothing is `401`, also where none is needed: the caller believes it has rights.
#[derive(Debug)]
pub struct Caller(pub Actor);

impl FromRequestParts<AppState> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        match bearer(&parts.headers)? {
            None => Ok(Caller(Actor::Anonymous)),
            Some(credential) => Ok(Caller(state.gate.authenticate(credential).await?)),
        }
    }
}

/// The credential behind `Bearer`; nothing when there is no `Authorization` at all.
///
/// # Errors
/// `401` for another scheme, or for several credentials.
pub fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let mut lines = headers.get_all(header::AUTHORIZATION).iter();
    let Some(line) = lines.next() else { return Ok(None) };
    let text = line.to_str().ok().filter(|_| lines.next().is_none());
    let (scheme, credential) =
        text.and_then(|text| text.split_once(' ')).ok_or_else(errors::unauthorized)?;
    let credential = credential.trim();
    if !scheme.eq_ignore_ascii_case("bearer") || credential.is_empty() {
        return Err(errors::unauthorized());
    }
    Ok(Some(credential))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(lines: &[&str], expected: Result<Option<&str>, ()>) {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::AUTHORIZATION, line.parse().expect("a header"));
        }
        assert_eq!(bearer(&headers).map_err(|_| ()), expected, "{lines:?}");
    }

    #[test]
    fn one_bearer_credential_is_read_and_all_else_is_refused() {
        check(&[], Ok(None));
        check(&["Bearer vk_live_x"], Ok(Some("vk_live_x")));
        check(&["bearer  vk_live_x "], Ok(Some("vk_live_x")));
        for wrong in ["", "Bearer", "Bearer ", "Basic YTpi", "vk_live_x"] {
            check(&[wrong], Err(()));
        }
        check(&["Bearer a", "Bearer b"], Err(()));
    }
}
