//! Sessions of people at a browser: a key is shown once, then a signed text stands for it until it
//! runs out. Nothing is stored: the text names the key by its digest, so taking the key back ends
//! every session that began with it. The key itself is not in it and cannot be found from it.

use hmac::Mac;

use super::keys::{Gate, digest_of};
use super::{Actor, keys};
use crate::encodings::{base64url, from_base64url};
use crate::errors::Error;

/// How long a session lasts: one shift.
pub const SESSION_MS: i64 = 12 * 60 * 60 * 1000;

/// How every session begins.
pub const SESSION_START: &str = "vs_";

/// Letters of a digest, and bytes of an instant and of a signature.
const DIGEST_LETTERS: usize = 64;
const INSTANT_BYTES: usize = 8;

/// A session that has begun: who it is for, and its text.
#[derive(Clone)]
pub struct Session {
    pub actor: Actor,
    pub text: String,
}

impl Gate {
    /// Begins a session for whoever shows this key. A guest token begins none.
    ///
    /// # Errors
    /// `Unauthorized` when the key opens nothing.
    pub async fn begin_session(&self, key: &str) -> Result<Session, Error> {
        if ![keys::KEY_START, keys::TEST_KEY_START].iter().any(|start| key.starts_with(start)) {
            return Err(Error::Unauthorized);
        }
        let actor = self.authenticate(key).await?;
        let digest = digest_of(key);
        let ends_at_ms = self.now_ms().await?.saturating_add(SESSION_MS);
        let mut bytes = digest.into_bytes();
        bytes.extend_from_slice(&ends_at_ms.to_be_bytes());
        let signature = self.signature(&bytes).finalize().into_bytes();
        bytes.extend_from_slice(&signature);
        Ok(Session { actor, text: format!("{SESSION_START}{}", base64url(&bytes)) })
    }

    /// Who has this session.
    ///
    /// # Errors
    /// `Unauthorized` when it is not ours, has run out, or its key was taken back.
    pub async fn in_session(&self, text: &str) -> Result<Actor, Error> {
        let (digest, ends_at_ms) = self.signed_parts(text).ok_or(Error::Unauthorized)?;
        if ends_at_ms <= self.now_ms().await? {
            return Err(Error::Unauthorized);
        }
        self.holder_of(digest).await
    }

    /// Digest and end, if the signature over them is ours.
    fn signed_parts(&self, text: &str) -> Option<(String, i64)> {
        if keys::CREDENTIAL_BYTES_MAX < text.len() {
            return None;
        }
        let bytes = from_base64url(text.strip_prefix(SESSION_START)?)?;
        let (signed, signature) = bytes.split_at_checked(DIGEST_LETTERS + INSTANT_BYTES)?;
        self.signature(signed).verify_slice(signature).ok()?;
        let (digest, ends_at_ms) = signed.split_at_checked(DIGEST_LETTERS)?;
        let digest = String::from_utf8(digest.to_vec()).ok()?;
        Some((digest, i64::from_be_bytes(ends_at_ms.try_into().ok()?)))
    }

    fn signature(&self, signed: &[u8]) -> hmac::Hmac<sha2::Sha256> {
        let mut mac = self.secret().mac_for(b"session ");
        mac.update(signed);
        mac
    }

    async fn now_ms(&self) -> Result<i64, Error> {
        Ok(self.db.read(|tx| Box::pin(async move { tx.now_ms().await })).await?)
    }
}

#[cfg(test)]
mod tests {
    //! Goal: a session opens what its key opens, and nothing after its end or its key's.
    //! Method: one store with a clock that the test moves.

    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};

    use vacancy_domain::access::Role;
    use vacancy_store::sql::{Engine, Time};
    use vacancy_store::testing::on_engine;

    use super::*;
    use crate::access::tokens::ServerSecret;
    use crate::businesses;
    use crate::ids::Ids;

    #[test]
    fn a_session_ends_with_its_time_and_with_its_key() {
        let clock = Arc::new(AtomicI64::new(1_000));
        let ours = Arc::clone(&clock);
        let time = Time::Given(Arc::new(move || ours.load(Ordering::Relaxed)));
        on_engine(Engine::Sqlite, &time, move |db| {
            let clock = Arc::clone(&clock);
            Box::pin(async move {
                let ids = Ids::seeded(1, Arc::new(|| 1_000));
                let gate = Gate::new(&db, ServerSecret::new(b"secret".to_vec()));
                let business = businesses::ensure_default(&db).await.expect("a business").id;
                let opens = keys::Opens::Role(Role::FrontDesk);
                let key = keys::make(&db, &ids, &Actor::System, business, "desk", opens);
                let key = key.await.expect("a key");

                let session = gate.begin_session(&key.text).await.expect("a session");
                assert_eq!(session.actor, Actor::Staff { business, role: Role::FrontDesk });
                assert!(!session.text.contains(&key.text));
                assert_eq!(gate.in_session(&session.text).await.ok(), Some(session.actor.clone()));
                let elsewhere = Gate::new(&db, ServerSecret::new(b"another".to_vec()));
                assert!(elsewhere.in_session(&session.text).await.is_err(), "signed by others");

                clock.store(1_000 + SESSION_MS, Ordering::Relaxed);
                assert!(gate.in_session(&session.text).await.is_err(), "it has run out");

                let again = gate.begin_session(&key.text).await.expect("a second session");
                keys::revoke(&db, &Actor::System, business, key.id).await.expect("revoked");
                // Another gate believes nothing yet, as this one will not in a second.
                let fresh = Gate::new(&db, ServerSecret::new(b"secret".to_vec()));
                assert!(fresh.in_session(&again.text).await.is_err(), "its key was taken back");
            })
        });
    }

    #[test]
    fn what_is_no_session_opens_nothing() {
        on_engine(Engine::Sqlite, &Time::Engine, |db| {
            Box::pin(async move {
                let gate = Gate::new(&db, ServerSecret::new(b"secret".to_vec()));
                let long = "A".repeat(10_000);
                for text in ["", "vs_", "vs_AAAA", "vk_live_x", "vs_é", &format!("vs_{long}")] {
                    assert!(gate.in_session(text).await.is_err(), "{text}");
                    assert!(gate.begin_session(text).await.is_err(), "{text}");
                }
            })
        });
    }
}
