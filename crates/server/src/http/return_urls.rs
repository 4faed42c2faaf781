//! Where a guest may be sent after paying: a web address of a machine, with nothing hidden in it.

use axum::http::Uri;

/// Longest address that every browser follows.
pub const CHARACTERS_MAX: usize = 2_000;

/// Why an address is none for a guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wrong {
    pub code: &'static str,
    pub detail: &'static str,
}

/// # Errors
/// When it is too long, no `http` or `https` address, or brings credentials.
pub fn check(url: &str) -> Result<(), Wrong> {
    let no_url = Wrong { code: "invalid_url", detail: "must be an http or https address" };
    if CHARACTERS_MAX < url.chars().count() {
        return Err(Wrong { code: "too_long", detail: "must have at most 2000 characters" });
    }
    // Browsers drop line breaks and read a backslash as a slash: such an address goes elsewhere
    // than it seems.
    if !url.chars().all(|c| c.is_ascii_graphic()) || url.contains(['\\', '"', '<', '>', '`']) {
        return Err(no_url);
    }
    // A fragment is the browser's own and no part of what is parsed here.
    let address = url.split('#').next().unwrap_or_default();
    let uri: Uri = address.parse().map_err(|_| no_url)?;
    let scheme = uri.scheme_str().unwrap_or_default().to_ascii_lowercase();
    let authority = uri.authority().ok_or(no_url)?;
    if !matches!(scheme.as_str(), "http" | "https") || authority.host().is_empty() {
        return Err(no_url);
    }
    if authority.as_str().contains('@') {
        return Err(Wrong { code: "invalid_url", detail: "must not bring credentials" });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_code(url: &str, code: Option<&str>) {
        assert_eq!(check(url).err().map(|wrong| wrong.code), code, "{url}");
    }

    #[test]
    fn a_guest_is_sent_to_the_web_and_nowhere_else() {
        for good in [
            "https://app.example.com/return",
            "http://127.0.0.1:8080/r?a=b&c=d#there",
            "HTTPS://example.com",
            "http://[::1]:3000/",
        ] {
            check_code(good, None);
        }
        for bad in [
            "",
            "/return",
            "//example.com",
            "ftp://example.com",
            "javascript:alert(1)",
            "data:text/html,hi",
            "https://",
            "https:///path",
            "https://a b",
            "https://example.com\\@evil.example",
            "https://example.com/\r\nSet-Cookie: a",
            "https://user:secret@example.com/",
            "https://user@example.com/",
            "https://exämple.com",
        ] {
            check_code(bad, Some("invalid_url"));
        }
        check_code(&format!("https://example.com/{}", "a".repeat(1_980)), None);
        check_code(&format!("https://example.com/{}", "a".repeat(1_981)), Some("too_long"));
    }
}
