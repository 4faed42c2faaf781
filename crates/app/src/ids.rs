//! Where new ids and random bits come from. A source is an argument: the server has one from the
//! system's randomness, the simulator one from its seed.

use std::sync::{Arc, Mutex};

/// The clock that stamps an id, in milliseconds since 1970. It orders ids, it decides nothing.
pub type Stamp = Arc<dyn Fn() -> i64 + Send + Sync>;

/// Makes ids in the layout of UUID version 7 (RFC 9562): creation time first, then random bits.
/// Clones share one source. The bits are quick, not secret; secrets come from [`secret_bytes`].
#[derive(Clone)]
pub struct Ids {
    stamp: Stamp,
    state: Arc<Mutex<[u64; 4]>>,
}

impl Ids {
    /// A source seeded by the system.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn from_system(stamp: Stamp) -> Result<Ids, getrandom::Error> {
        let bytes: [u8; 32] = secret_bytes()?;
        let mut state = [0; 4];
        for (word, chunk) in state.iter_mut().zip(bytes.chunks_exact(8)) {
            let mut eight = [0; 8];
            eight.copy_from_slice(chunk);
            *word = u64::from_le_bytes(eight);
        }
        Ok(Ids { stamp, state: Arc::new(Mutex::new(state)) })
    }

    /// A source that gives the same ids for the same seed and the same calls.
    #[must_use]
    pub fn seeded(seed: u64, stamp: Stamp) -> Ids {
        let mut mix = seed;
        let mut next = || {
            mix = mix.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut word = mix;
            word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            word ^ (word >> 31)
        };
        let state = [next(), next(), next(), next()];
        Ids { stamp, state: Arc::new(Mutex::new(state)) }
    }

    /// 64 random bits: xoshiro256**. Source: Blackman and Vigna, "Scrambled linear pseudorandom
    /// number generators".
    #[must_use]
    pub fn next_u64(&self) -> u64 {
        let mut state = self.state.lock().expect("no thread panics while it draws");
        let [a, b, c, d] = *state;
        let (c, d) = (c ^ a, d ^ b);
        *state = [a ^ d, b ^ c, c ^ (b << 17), d.rotate_left(45)];
        b.wrapping_mul(5).rotate_left(7).wrapping_mul(9)
    }

    /// The clock that stamps. For the test that must fail when it decides, too.
    #[cfg(feature = "mutants")]
    pub(crate) fn stamp_ms(&self) -> i64 {
        (self.stamp)()
    }

    /// A new id.
    #[must_use]
    pub fn next_id(&self) -> u128 {
        let stamp_ms = u128::try_from((self.stamp)()).unwrap_or(0) & 0xffff_ffff_ffff;
        let (high, low) = (u128::from(self.next_u64()), u128::from(self.next_u64()));
        (stamp_ms << 80)
            | (7 << 76)
            | ((high & 0xfff) << 64)
            | (2 << 62)
            | (low & 0x3fff_ffff_ffff_ffff)
    }
}

/// Bytes that nobody can guess, from the system.
///
/// # Errors
/// When the system gives no randomness.
pub fn secret_bytes<const COUNT: usize>() -> Result<[u8; COUNT], getrandom::Error> {
    let mut bytes = [0; COUNT];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_ids() {
        let source = || Ids::seeded(7, Arc::new(|| 1_000));
        assert_eq!(source().next_id(), source().next_id());
        let one = source();
        assert_ne!(one.next_id(), one.next_id());
    }

    #[test]
    fn an_id_is_a_version_7_uuid_that_begins_with_its_time() {
        let id = Ids::seeded(1, Arc::new(|| 0x0192_f3a4_b5c6)).next_id();
        assert_eq!(id >> 80, 0x0192_f3a4_b5c6);
        assert_eq!((id >> 76) & 0xf, 7);
        assert_eq!((id >> 62) & 0b11, 0b10);
    }
}
