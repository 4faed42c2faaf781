//! Guest tokens: what opens one reservation without an account. A token is computed, never stored;
//! raising the reservation's token version makes all earlier ones worthless.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use vacancy_domain::ids::ReservationId;

use crate::encodings::{base64url, from_base64url};

/// How every guest token begins.
pub const GUEST_TOKEN_START: &str = "vg_";

/// What tokens are signed with. Never shown, not even to a log.
#[derive(Clone)]
pub struct ServerSecret(Vec<u8>);

impl fmt::Debug for ServerSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServerSecret(…)")
    }
}

impl ServerSecret {
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> ServerSecret {
        ServerSecret(bytes)
    }

    /// The token that opens this reservation at this token version: its id, then the signature.
    #[must_use]
    pub fn guest_token(&self, reservation: ReservationId, token_version: i64) -> String {
        let mut bytes = reservation.0.to_be_bytes().to_vec();
        let signature = self.mac(reservation, token_version).finalize().into_bytes();
        bytes.extend_from_slice(&signature);
        format!("{GUEST_TOKEN_START}{}", base64url(&bytes))
    }

    /// Whether the token opens this reservation at this version. Takes the same time for every
    /// wrong signature.
    #[must_use]
    pub fn opens(&self, token: &str, reservation: ReservationId, token_version: i64) -> bool {
        let Some((named, signature)) = parts(token) else { return false };
        named == reservation
            && self.mac(reservation, token_version).verify_slice(&signature).is_ok()
    }

    /// A signature that is good for one purpose only: no purpose may begin with another.
    pub(super) fn mac_for(&self, purpose: &[u8]) -> Hmac<Sha256> {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        mac.update(purpose);
        mac
    }

    fn mac(&self, reservation: ReservationId, token_version: i64) -> Hmac<Sha256> {
        let mut mac = self.mac_for(b"guest ");
        mac.update(&reservation.0.to_be_bytes());
        mac.update(&token_version.to_be_bytes());
        mac
    }
}

/// The reservation that a token names. Whether it opens it is another question.
#[must_use]
pub fn reservation_of(token: &str) -> Option<ReservationId> {
    parts(token).map(|(reservation, _)| reservation)
}

fn parts(token: &str) -> Option<(ReservationId, Vec<u8>)> {
    let bytes = from_base64url(token.strip_prefix(GUEST_TOKEN_START)?)?;
    let (id, signature) = bytes.split_at_checked(16)?;
    let id = u128::from_be_bytes(id.try_into().ok()?);
    Some((ReservationId(id), signature.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_opens_its_reservation_at_its_version_only() {
        let secret = ServerSecret::new(b"secret".to_vec());
        let token = secret.guest_token(ReservationId(7), 1);
        assert_eq!(reservation_of(&token), Some(ReservationId(7)));
        assert!(secret.opens(&token, ReservationId(7), 1));
        assert!(!secret.opens(&token, ReservationId(7), 2));
        assert!(!secret.opens(&token, ReservationId(8), 1));
        assert!(!ServerSecret::new(b"other".to_vec()).opens(&token, ReservationId(7), 1));
    }

    #[test]
    fn a_broken_token_opens_nothing() {
        let secret = ServerSecret::new(b"secret".to_vec());
        let token = secret.guest_token(ReservationId(7), 1);
        for broken in ["", "vg_", "vg_AAAA", &token[3..], &token[..token.len() - 4]] {
            assert!(!secret.opens(broken, ReservationId(7), 1), "{broken}");
        }
        assert_eq!(format!("{secret:?}"), "ServerSecret(…)");
    }
}
