//! Forms come from our own pages or not at all. A browser tells with every form where it was sent
//! from; whoever tells nothing is no browser with our form in it. Together with cookies that other
//! sites' forms do not carry (`SameSite=Lax`) no page elsewhere can act in a guest's name.

use axum::http::{HeaderMap, StatusCode, header};

use crate::http::problem::Problem;

/// Refuses forms of other sites. Whoever reads a form asks this first.
///
/// # Errors
/// `403` when the form is not ours.
pub fn check(headers: &HeaderMap, public_url: &str) -> Result<(), Problem> {
    if is_ours(headers, public_url) {
        return Ok(());
    }
    let detail = "this form was not sent from our own page";
    Err(Problem::new(StatusCode::FORBIDDEN, "foreign_form", detail))
}

/// `Sec-Fetch-Site` is the browser's own word and no page can forge it; where the connection is
/// not safe enough for it, `Origin` must name us.
fn is_ours(headers: &HeaderMap, public_url: &str) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    if let Some(site) = text("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    let Some(origin) = text(header::ORIGIN.as_str()) else { return false };
    let host = text(header::HOST.as_str()).unwrap_or_default();
    let named = origin.split_once("://").map(|(_, host)| host);
    origin == public_url || (!host.is_empty() && named == Some(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(headers: &[(&'static str, &str)], expected: bool) {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().expect("a header"));
        }
        assert_eq!(is_ours(&map, "https://book.example"), expected, "{headers:?}");
    }

    #[test]
    fn a_form_of_our_own_page_is_taken() {
        check(&[("sec-fetch-site", "same-origin")], true);
        check(&[("origin", "https://book.example"), ("host", "inside:8080")], true);
        check(&[("origin", "http://localhost:8080"), ("host", "localhost:8080")], true);
    }

    #[test]
    fn a_form_of_another_site_is_refused() {
        check(&[("sec-fetch-site", "cross-site"), ("origin", "https://book.example")], false);
        check(&[("sec-fetch-site", "same-site")], false);
        check(&[("origin", "https://evil.example"), ("host", "book.example")], false);
        check(&[("origin", "null"), ("host", "book.example")], false);
        check(&[("origin", "https://book.example.evil"), ("host", "book.example")], false);
    }

    #[test]
    fn a_form_from_nowhere_is_refused() {
        check(&[], false);
        check(&[("host", "book.example")], false);
        check(&[("origin", "https://"), ("host", "")], false);
    }
}
