//! The address that a guest comes back to, with what the business wants to know in its query.

/// Adds a query, already encoded, in front of the fragment.
pub(super) fn with_query(return_url: &str, query: &str) -> String {
    let (address, fragment) = match return_url.split_once('#') {
        Some((address, fragment)) => (address, format!("#{fragment}")),
        None => (return_url, String::new()),
    };
    let joint = match address.split_once('?') {
        None => "?",
        Some((_, "")) => "",
        Some((_, _)) => "&",
    };
    format!("{address}{joint}{query}{fragment}")
}

#[cfg(test)]
mod tests {
    use super::with_query;

    #[test]
    fn a_query_goes_in_front_of_the_fragment() {
        for (before, after) in [
            ("https://h.example/back", "https://h.example/back?a=1"),
            ("https://h.example/back?", "https://h.example/back?a=1"),
            ("https://h.example/back?b=2#top", "https://h.example/back?b=2&a=1#top"),
        ] {
            assert_eq!(with_query(before, "a=1"), after);
        }
    }
}
