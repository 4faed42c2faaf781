//! The style sheet and the icon, inside the binary, under addresses that name their content.
//!
//! An address changes when the content does, so answers may be cached for ever. This file must not
//! read the disk, and pages must not ask any other machine for fonts, styles or scripts.

use std::sync::LazyLock;

use sha2::{Digest, Sha256};

/// The parts of the one style sheet, in the order of the cascade.
const STYLE_PARTS: &str = concat!(
    include_str!("../../assets/css/1-base.css"),
    include_str!("../../assets/css/2-forms.css"),
    include_str!("../../assets/css/3-find.css"),
    include_str!("../../assets/css/4-book.css"),
    include_str!("../../assets/css/5-staff.css"),
);

/// The icon of the browser tab: a house with one lit window.
pub const ICON: &str = include_str!("../../assets/icon.svg");

/// Sent with everything that `find` answers.
pub const CACHE_FOR_EVER: &str = "public, max-age=31536000, immutable";

/// What every page sends as `Content-Security-Policy`. A hosted checkout is reached through our own
/// redirect after a form, and browsers hold `form-action` against redirects too, so the list of
/// payment hosts is for the router to add.
pub const SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// One file of this module as the router answers it.
#[derive(Debug, PartialEq, Eq)]
pub struct Asset {
    pub media_type: &'static str,
    pub body: &'static str,
}

static STYLE_SHEET: LazyLock<String> = LazyLock::new(|| compact(STYLE_PARTS));
static STYLE_SHEET_PATH: LazyLock<String> =
    LazyLock::new(|| format!("/assets/site-{}.css", content_name(&STYLE_SHEET)));
static ICON_PATH: LazyLock<String> =
    LazyLock::new(|| format!("/assets/icon-{}.svg", content_name(ICON)));

/// The one style sheet of all pages.
pub fn style_sheet() -> &'static str {
    &STYLE_SHEET
}

pub fn style_sheet_path() -> &'static str {
    &STYLE_SHEET_PATH
}

pub fn icon_path() -> &'static str {
    &ICON_PATH
}

/// The asset at this path; `None` is a 404, also for an address of an older release.
pub fn find(path: &str) -> Option<Asset> {
    if path == style_sheet_path() {
        return Some(Asset { media_type: "text/css; charset=utf-8", body: style_sheet() });
    }
    if path == icon_path() {
        return Some(Asset { media_type: "image/svg+xml", body: ICON });
    }
    None
}

/// Without the comments and spaces that only people need; no text in the sheet holds such a pair.
fn compact(css: &str) -> String {
    let lines = css.lines().map(str::trim).filter(|line| !line.starts_with("/*"));
    let mut css = lines.collect::<Vec<_>>().join("\n");
    for (long, short) in
        [(": ", ":"), ("; ", ";"), (", ", ","), (" {", "{"), ("{ ", "{"), (";}", "}")]
    {
        css = css.replace(long, short);
    }
    css
}

/// Twelve hex digits of the content's hash: enough to tell releases apart.
fn content_name(content: &str) -> String {
    let digest = Sha256::digest(content.as_bytes());
    digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_style_sheet_stays_under_twenty_kilobytes() {
        assert!(style_sheet().len() < 20_000, "{} bytes", style_sheet().len());
    }

    #[test]
    fn an_asset_is_found_by_the_address_that_names_its_content() {
        let found = find(style_sheet_path()).map(|asset| asset.media_type);
        assert_eq!(found, Some("text/css; charset=utf-8"));
        assert_eq!(find("/assets/site-000000000000.css"), None);
        assert_eq!(find(icon_path()).map(|asset| asset.media_type), Some("image/svg+xml"));
    }

    #[test]
    fn the_style_sheet_asks_no_other_machine_for_anything() {
        assert!(!style_sheet().contains("http"), "an outside address in the style sheet");
        assert!(!style_sheet().contains("@import"), "a second style sheet");
    }
}
