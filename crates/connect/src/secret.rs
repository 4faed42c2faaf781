//! Secrets and what is signed with them: HMAC-SHA256, compared in constant time. Never prints one.

use std::fmt;
use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// A key that signs. Its `Debug` shows nothing, and it has no `Display`.
#[derive(Clone)]
pub struct Secret(Arc<[u8]>);

/// A secret of no bytes signs nothing: everybody knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a secret needs at least one byte")]
pub struct SecretIsEmpty;

impl Secret {
    pub fn new(bytes: impl AsRef<[u8]>) -> Result<Secret, SecretIsEmpty> {
        if bytes.as_ref().is_empty() {
            return Err(SecretIsEmpty);
        }
        Ok(Secret(bytes.as_ref().into()))
    }

    /// Another secret for another purpose, so that no signature serves twice.
    #[must_use]
    pub fn derive(&self, purpose: &str) -> Secret {
        Secret(
            self.mac(&[b"derive:", purpose.as_bytes()]).finalize().into_bytes().as_slice().into(),
        )
    }

    /// Hex HMAC-SHA256 over the parts, one after the other.
    #[must_use]
    pub fn sign(&self, parts: &[&[u8]]) -> String {
        hex(&self.mac(parts).finalize().into_bytes())
    }

    /// Whether `signature` (hex) is ours, found out in constant time.
    #[must_use]
    pub fn verifies(&self, parts: &[&[u8]], signature: &str) -> bool {
        from_hex(signature).is_some_and(|tag| self.mac(parts).verify_slice(&tag).is_ok())
    }

    /// The secret itself, for the header of a request to whoever gave it; never for a log.
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    fn mac(&self, parts: &[&[u8]]) -> Hmac<Sha256> {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        for part in parts {
            mac.update(part);
        }
        mac
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text
        .chars()
        .map(|digit| digit.to_digit(16).and_then(|value| u8::try_from(value).ok()))
        .collect::<Option<_>>()?;
    let bytes = digits.chunks(2).map(|pair| pair.iter().fold(0, |b, d| b << 4 | d)).collect();
    digits.len().is_multiple_of(2).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text).expect("a secret")
    }

    #[test]
    fn a_signature_is_the_one_razorpay_published() {
        // From the test vectors of razorpay-python (MIT).
        let published = "b2335e3b0801106b84a7faff035df56ecffde06918c9ddd1f0fafbb37a51cc89";
        let message: [&[u8]; 3] = [b"fake_order_id", b"|", b"fake_payment_id"];
        assert_eq!(secret("key_secret").sign(&message), published);
        assert!(secret("key_secret").verifies(&message, published));
    }

    #[test]
    fn a_changed_signature_verifies_nothing() {
        let good = secret("s").sign(&[b"message"]);
        assert!(secret("s").verifies(&[b"message"], &good));
        let short = &good[..62];
        let long = format!("{good}00");
        for bad in ["", "zz", short, long.as_str(), "é", &"0".repeat(64), &"é".repeat(32)] {
            assert!(!secret("s").verifies(&[b"message"], bad), "{bad}");
        }
        assert!(!secret("s").verifies(&[b"massage"], &good));
        assert!(!secret("t").verifies(&[b"message"], &good));
        assert!(!secret("s").derive("other").verifies(&[b"message"], &good));
    }

    #[test]
    fn a_secret_is_never_printed() {
        assert_eq!(format!("{:?}", secret("hunter2")), "Secret");
        assert_eq!(Secret::new("").err(), Some(SecretIsEmpty));
    }
}
