//! One seeded source of choices per part of the world, so that a new choice in one part does not
//! shift the others.

/// Splitmix64. Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators".
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// The source of one part of a seed's world.
    #[must_use]
    pub fn of(seed: u64, part: u64) -> Random {
        let mut random = Random(seed ^ part.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        random.draw();
        random
    }

    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    /// A number of `[low, high)`.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = u64::try_from(high - low).unwrap_or(1).max(1);
        low + i64::try_from(self.draw() % span).unwrap_or(0)
    }

    /// True that many times in a thousand.
    pub fn chance(&mut self, per_mille: i64) -> bool {
        self.between(0, 1000) < per_mille
    }

    /// One of them; nothing of nothing.
    pub fn pick<'v, T>(&mut self, values: &'v [T]) -> Option<&'v T> {
        let count = i64::try_from(values.len()).unwrap_or(0);
        if count == 0 {
            return None;
        }
        values.get(usize::try_from(self.between(0, count)).unwrap_or(0))
    }
}
