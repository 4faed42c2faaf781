//! Pages whose form leads to somebody else: a provider's checkout, a business's own site. Browsers
//! hold the policy for forms against every address on the way, so those are named in it.

use axum::http::{HeaderValue, header};
use axum::response::Response;

use super::assets;

/// Lets the page's form lead to the host of this address. An address that is not plainly one adds
/// nothing.
pub fn allow_form_to(response: &mut Response, address: &str) {
    let Some(origin) = origin(address) else { return };
    let policy = assets::SECURITY_POLICY
        .replace("form-action 'self'", &format!("form-action 'self' {origin}"));
    if let Ok(value) = HeaderValue::from_str(&policy) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, value);
    }
}

fn origin(address: &str) -> Option<&str> {
    let scheme = ["https://", "http://"].iter().find(|scheme| address.starts_with(**scheme))?;
    let rest = &address[scheme.len()..];
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
    (!host.is_empty() && host.bytes().all(is_plain)).then(|| &address[..scheme.len() + host.len()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_host_gets_into_the_policy() {
        assert_eq!(origin("https://app.example.com/return?x=1"), Some("https://app.example.com"));
        assert_eq!(origin("http://127.0.0.1:9000"), Some("http://127.0.0.1:9000"));
        for bad in
            ["/bookings/1", "javascript:alert(1)", "https://a;script-src b", "https:///x", ""]
        {
            assert_eq!(origin(bad), None, "{bad}");
        }
    }
}
