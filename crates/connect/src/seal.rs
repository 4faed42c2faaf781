//! Secrets at rest: sealed with ChaCha20-Poly1305, bound to the place that they stand in, so that a
//! sealed text moved to another row or field opens nothing. Where they stand is the caller's.

use std::fmt;

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use sha2::{Digest, Sha256};

use crate::secret::{Secret, from_hex, hex};

/// Length of a key in bytes.
pub const KEY_BYTES: usize = 32;
/// Random bytes that each sealing takes. Never the same twice under one key.
pub const NONCE_BYTES: usize = NONCE_LEN;
/// Bytes of a digest that name a key.
const NAME_BYTES: usize = 4;

/// One key. Its name tells it from others and tells nothing else.
struct Key {
    name: String,
    key: LessSafeKey,
}

/// The key that seals, and the one before it, which only opens.
pub struct Seals {
    key: Key,
    older: Option<Key>,
}

/// Why a sealed text does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealFault {
    #[error("it was sealed with another key")]
    OtherKey,
    #[error("it was changed, or stands in another place")]
    Broken,
}

impl Seals {
    #[must_use]
    pub fn new(key: &[u8; KEY_BYTES], older: Option<&[u8; KEY_BYTES]>) -> Seals {
        Seals { key: Key::new(key), older: older.map(Key::new) }
    }

    /// From keys as people write them: 64 hexadecimal digits.
    #[must_use]
    pub fn from_hex(key: &str, older: Option<&str>) -> Option<Seals> {
        let read = |text: &str| <[u8; KEY_BYTES]>::try_from(from_hex(text)?).ok();
        match older {
            None => Some(Seals::new(&read(key)?, None)),
            Some(older) => Some(Seals::new(&read(key)?, Some(&read(older)?))),
        }
    }

    /// Whether this text was sealed by the key that seals now.
    #[must_use]
    pub fn is_current(&self, sealed: &str) -> bool {
        sealed.split_once('.').is_some_and(|(name, _)| name == self.key.name)
    }

    /// Seals for one place: `{name of the key}.{nonce, ciphertext and tag in hex}`.
    #[must_use]
    pub fn seal(&self, place: &str, secret: &Secret, nonce: [u8; NONCE_BYTES]) -> String {
        let mut bytes = secret.text().as_bytes().to_vec();
        let as_nonce = Nonce::assume_unique_for_key(nonce);
        self.key
            .key
            .seal_in_place_append_tag(as_nonce, Aad::from(place), &mut bytes)
            .expect("a secret is far shorter than the cipher's limit");
        format!("{}.{}{}", self.key.name, hex(&nonce), hex(&bytes))
    }

    /// # Errors
    /// When neither key sealed it, or it was sealed for another place.
    pub fn open(&self, place: &str, sealed: &str) -> Result<Secret, SealFault> {
        let (name, text) = sealed.split_once('.').ok_or(SealFault::Broken)?;
        let mut keys = std::iter::once(&self.key).chain(&self.older);
        let key = keys.find(|key| key.name == name).ok_or(SealFault::OtherKey)?;
        let mut bytes = from_hex(text).ok_or(SealFault::Broken)?;
        if bytes.len() < NONCE_BYTES {
            return Err(SealFault::Broken);
        }
        let mut rest = bytes.split_off(NONCE_BYTES);
        let nonce = Nonce::try_assume_unique_for_key(&bytes).map_err(|_| SealFault::Broken)?;
        let opened = key.key.open_in_place(nonce, Aad::from(place), &mut rest);
        let opened = opened.map_err(|_| SealFault::Broken)?;
        Secret::new(opened).map_err(|_| SealFault::Broken)
    }
}

impl Key {
    fn new(bytes: &[u8; KEY_BYTES]) -> Key {
        let key = UnboundKey::new(&CHACHA20_POLY1305, bytes).expect("a key has 32 bytes");
        let digest = Sha256::new().chain_update(b"name of a sealing key:").chain_update(bytes);
        let name = hex(&digest.finalize()[..NAME_BYTES]);
        Key { name, key: LessSafeKey::new(key) }
    }
}

/// Shows the names of its keys.
impl fmt::Debug for Seals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let older = self.older.as_ref().map_or("none", |key| &key.name);
        write!(f, "Seals({}, older: {older})", self.key.name)
    }
}

#[cfg(test)]
mod tests {
    //! Goal: what was sealed opens in its place and nowhere else.

    use super::*;

    const PLACE: &str = "account 1 secretKey";
    const NONCE: [u8; NONCE_BYTES] = [7; NONCE_BYTES];

    fn secret() -> Secret {
        Secret::new("sk_live_hunter2").expect("a secret")
    }

    fn opened(seals: &Seals, place: &str, sealed: &str) -> Result<String, SealFault> {
        seals.open(place, sealed).map(|secret| secret.text().to_owned())
    }

    #[test]
    fn a_sealed_secret_opens_in_its_place_only() {
        let seals = Seals::new(&[1; KEY_BYTES], None);
        let sealed = seals.seal(PLACE, &secret(), NONCE);
        assert_eq!(opened(&seals, PLACE, &sealed).as_deref(), Ok("sk_live_hunter2"));
        assert_eq!(opened(&seals, "account 2 secretKey", &sealed), Err(SealFault::Broken));
        let told = format!("{seals:?}");
        assert!(!sealed.contains("hunter2") && !told.contains("0101"), "{told}");
    }

    #[test]
    fn another_nonce_makes_another_text() {
        let seals = Seals::new(&[1; KEY_BYTES], None);
        let other = seals.seal(PLACE, &secret(), [8; NONCE_BYTES]);
        assert_ne!(seals.seal(PLACE, &secret(), NONCE), other);
    }

    #[test]
    fn every_changed_letter_is_noticed() {
        let seals = Seals::new(&[1; KEY_BYTES], None);
        let sealed = seals.seal(PLACE, &secret(), NONCE);
        for at in 0..sealed.len() {
            let mut letters = sealed.clone().into_bytes();
            letters[at] = if letters[at] == b'0' { b'1' } else { b'0' };
            let text = String::from_utf8(letters).expect("still text");
            assert!(seals.open(PLACE, &text).is_err(), "{at}");
            assert!(seals.open(PLACE, &sealed[..at]).is_err(), "cut at {at}");
        }
        for text in ["", ".", "x", "é.é", &format!("{}0", sealed)] {
            assert!(seals.open(PLACE, text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_older_key_opens_and_the_new_one_seals() {
        let (old, new) = ([1; KEY_BYTES], [2; KEY_BYTES]);
        let sealed = Seals::new(&old, None).seal(PLACE, &secret(), NONCE);
        let both = Seals::new(&new, Some(&old));
        assert!(opened(&both, PLACE, &sealed).is_ok() && !both.is_current(&sealed));
        let again = both.seal(PLACE, &secret(), NONCE);
        assert!(both.is_current(&again));
        let alone = Seals::new(&new, None);
        assert!(opened(&alone, PLACE, &again).is_ok());
        assert_eq!(opened(&alone, PLACE, &sealed), Err(SealFault::OtherKey));
    }
}
