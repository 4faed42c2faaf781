//! Webhooks: the signature over time and raw body that the sandbox and Stripe both use, and what
//! an event may tell us: which order to look up, nothing more.

use crate::secret::Secret;

/// How far the time of a signature may lie from ours, in either direction.
pub const TOLERANCE_S: i64 = 300;

/// Largest body that is read at all.
pub const WEBHOOK_BYTES_MAX: usize = 256 * 1024;

/// Signatures in one header that are tried, so that secrets can be rotated.
const SIGNATURES_MAX: usize = 8;

/// One delivery, as it came in.
#[derive(Debug, Clone, Copy)]
pub struct Webhook<'a> {
    /// Names in any case.
    pub headers: &'a [(&'a str, &'a str)],
    /// The raw bytes, before anybody parsed them.
    pub body: &'a [u8],
    pub now_ms: i64,
}

impl<'a> Webhook<'a> {
    /// The first header of that name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&'a str> {
        let mut headers = self.headers.iter();
        headers.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
    }
}

/// A verified event: wakes a look-up, proves nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The provider's; the same event may come twice.
    pub event_id: String,
    /// The provider's word for what happened; an unknown one is fine.
    pub kind: String,
    pub provider_order_id: Option<String>,
    pub provider_payment_id: Option<String>,
    /// Which dispute to ask for, where it is about one.
    pub provider_dispute_id: Option<String>,
}

/// Why a delivery is turned away. Nothing changes then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebhookRefusal {
    #[error("this provider sends no webhooks")]
    NotSupported,
    #[error("the body is longer than {WEBHOOK_BYTES_MAX} bytes")]
    TooLarge,
    #[error("the signature is missing")]
    SignatureMissing,
    #[error("the signature is wrong")]
    SignatureInvalid,
    #[error("the signature is older or newer than {TOLERANCE_S} s")]
    Stale,
    #[error("the body is no event")]
    Malformed,
}

impl WebhookRefusal {
    /// Stable text for answers and metrics.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            WebhookRefusal::NotSupported => "webhook_not_supported",
            WebhookRefusal::TooLarge => "webhook_too_large",
            WebhookRefusal::SignatureMissing => "webhook_signature_missing",
            WebhookRefusal::SignatureInvalid => "webhook_signature_invalid",
            WebhookRefusal::Stale => "webhook_stale",
            WebhookRefusal::Malformed => "webhook_malformed",
        }
    }
}

/// The header's value: `t=<seconds>,v1=<hex HMAC-SHA256 of "seconds.body">`.
#[must_use]
pub fn sign(secret: &Secret, body: &[u8], now_ms: i64) -> String {
    let sent_at_s = now_ms.div_euclid(1000).to_string();
    let signature = secret.sign(&[sent_at_s.as_bytes(), b".", body]);
    format!("t={sent_at_s},v1={signature}")
}

/// Checks such a header. One of the secrets must have signed: while a secret is being changed there
/// are two. The signature comes first: only then is its time believed.
pub fn verify(
    secrets: &[Secret],
    header: &str,
    body: &[u8],
    now_ms: i64,
) -> Result<(), WebhookRefusal> {
    if WEBHOOK_BYTES_MAX < body.len() {
        return Err(WebhookRefusal::TooLarge);
    }
    let part = |name: &'static str| {
        header.split(',').filter_map(move |part| part.trim().strip_prefix(name)?.strip_prefix('='))
    };
    let sent_at = part("t").next().ok_or(WebhookRefusal::SignatureMissing)?;
    let message: [&[u8]; 3] = [sent_at.as_bytes(), b".", body];
    let is_ours = |signature| secrets.iter().any(|secret| secret.verifies(&message, signature));
    if !part("v1").take(SIGNATURES_MAX).any(is_ours) {
        return Err(WebhookRefusal::SignatureInvalid);
    }
    let sent_at_s: i64 = sent_at.parse().map_err(|_| WebhookRefusal::Malformed)?;
    if TOLERANCE_S.unsigned_abs() < now_ms.div_euclid(1000).abs_diff(sent_at_s) {
        return Err(WebhookRefusal::Stale);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    //! Goal: every answer of `verify`. Method: one signed body, one change each.

    use super::*;

    const NOW_MS: i64 = 1_800_000_000_999;

    fn check(header: &str, body: &[u8], later_s: i64) -> Result<(), WebhookRefusal> {
        let secrets = ["next", "whsec"].map(|text| Secret::new(text).expect("a secret"));
        verify(&secrets, header, body, NOW_MS + later_s * 1000)
    }

    fn signed(body: &[u8]) -> String {
        sign(&Secret::new("whsec").expect("a secret"), body, NOW_MS)
    }

    #[test]
    fn a_signature_holds_for_300_seconds_either_way() {
        let header = signed(b"{}");
        for (later_s, answer) in [
            (0, Ok(())),
            (300, Ok(())),
            (-300, Ok(())),
            (301, Err(WebhookRefusal::Stale)),
            (-301, Err(WebhookRefusal::Stale)),
        ] {
            assert_eq!(check(&header, b"{}", later_s), answer, "{later_s}");
        }
    }

    #[test]
    fn one_changed_byte_is_refused() {
        let header = signed(b"{}");
        assert_eq!(check(&header, b"{ }", 0), Err(WebhookRefusal::SignatureInvalid));
        let moved = header.replace("t=1800000000", "t=1800000001");
        assert_eq!(check(&moved, b"{}", 0), Err(WebhookRefusal::SignatureInvalid));
    }

    #[test]
    fn a_header_with_nothing_to_check_is_refused() {
        for header in ["", "v1=00", "nonsense"] {
            assert_eq!(check(header, b"{}", 0), Err(WebhookRefusal::SignatureMissing), "{header}");
        }
        for header in ["t=", "t=1800000000", "t=1800000000,v1=", "t=1800000000,v1=00"] {
            assert_eq!(check(header, b"{}", 0), Err(WebhookRefusal::SignatureInvalid), "{header}");
        }
    }

    #[test]
    fn one_good_signature_among_several_is_enough() {
        let header = format!("v1={},{}", "0".repeat(64), signed(b"{}"));
        assert_eq!(check(&header, b"{}", 0), Ok(()));
    }

    #[test]
    fn a_signature_beyond_the_limit_is_not_tried() {
        let header = format!("{}{}", "v1=00,".repeat(SIGNATURES_MAX), signed(b"{}"));
        assert_eq!(check(&header, b"{}", 0), Err(WebhookRefusal::SignatureInvalid));
    }

    #[test]
    fn a_body_beyond_the_limit_is_not_read() {
        let body = vec![b' '; WEBHOOK_BYTES_MAX + 1];
        assert_eq!(check(&signed(&body), &body, 0), Err(WebhookRefusal::TooLarge));
    }
}
