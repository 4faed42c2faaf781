//! `ETag` out and `If-Match` in: a change says which version its caller has read. Whether that is
//! still the current one is for the desk to say, not for this file.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};

use super::problem::Problem;

/// A version that nothing ever has.
const NO_VERSION: i64 = -1;

/// What `If-Match` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// `*`: whatever there is.
    Any,
    /// One of these; tags that are not ours match nothing and are left out.
    Versions(Vec<i64>),
}

impl Expected {
    /// The version to ask a change for, given the current one: it, or one that cannot match.
    #[must_use]
    pub fn against(&self, current: i64) -> i64 {
        match self {
            Expected::Any => current,
            Expected::Versions(versions) if versions.contains(&current) => current,
            Expected::Versions(_) => NO_VERSION,
        }
    }
}

/// The tag of a version.
#[must_use]
pub fn etag(version: i64) -> HeaderValue {
    HeaderValue::try_from(format!("\"{version}\"")).unwrap_or(HeaderValue::from_static("\"0\""))
}

/// What a change expects to change.
///
/// # Errors
/// `428` when it does not say.
pub fn if_match(headers: &HeaderMap) -> Result<Expected, Problem> {
    let mut versions = Vec::new();
    let mut lines = headers.get_all(header::IF_MATCH).iter().peekable();
    if lines.peek().is_none() {
        let status = StatusCode::PRECONDITION_REQUIRED;
        let detail = "send `If-Match` with the `ETag` of what you read";
        return Err(Problem::new(status, "precondition_required", detail));
    }
    for tag in lines.flat_map(|line| line.to_str().unwrap_or_default().split(',')) {
        let tag = tag.trim();
        if tag == "*" {
            return Ok(Expected::Any);
        }
        let inner = tag.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        // A digest may stand behind the version, as in answers that show more than one thing.
        let version = inner.map(|inner| inner.split_once('-').map_or(inner, |(first, _)| first));
        versions.extend(version.and_then(|version| version.parse::<i64>().ok()));
    }
    Ok(Expected::Versions(versions))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(tags: &[&str], expected: Option<Expected>) {
        let mut headers = HeaderMap::new();
        for tag in tags {
            headers.append(header::IF_MATCH, tag.parse().expect("a header"));
        }
        assert_eq!(if_match(&headers).ok(), expected, "{tags:?}");
    }

    #[test]
    fn a_tag_of_ours_is_a_version_and_any_other_matches_nothing() {
        check(&[], None);
        check(&["*"], Some(Expected::Any));
        check(&["\"3\""], Some(Expected::Versions(vec![3])));
        check(&["\"3\", \"4\"", "\"5\""], Some(Expected::Versions(vec![3, 4, 5])));
        check(&["\"3-0af765\""], Some(Expected::Versions(vec![3])));
        check(&["W/\"3\"", "3", "\"x\"", "\"-3\""], Some(Expected::Versions(vec![])));
    }

    #[test]
    fn a_change_is_asked_for_the_current_version_or_for_none() {
        assert_eq!(Expected::Any.against(7), 7);
        assert_eq!(Expected::Versions(vec![6, 7]).against(7), 7);
        assert_eq!(Expected::Versions(vec![6]).against(7), NO_VERSION);
        assert_eq!(etag(7), "\"7\"");
    }
}
