//! Whether a provider's webhooks come. While they do not, payments that guests wait for are asked for
//! every minute.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// So long without a good event, a provider counts as silent; one that has nothing to say does, too.
pub const SILENT_AFTER_MS: i64 = 30 * 60 * 1000;

/// When each provider was last heard, here: other instances hear for themselves. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Silence(Arc<Mutex<BTreeMap<String, i64>>>);

impl Silence {
    /// A good event has come.
    pub fn heard(&self, provider: &str, now_ms: i64) {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        heard.insert(provider.to_owned(), now_ms);
    }

    /// Whether nothing came for long. Whoever was never asked about counts as heard now.
    #[must_use]
    pub fn lasts(&self, provider: &str, now_ms: i64) -> bool {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let heard_ms = *heard.entry(provider.to_owned()).or_insert(now_ms);
        SILENT_AFTER_MS <= now_ms.saturating_sub(heard_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_is_silent_half_an_hour_after_its_last_event_and_no_other_speaks_for_it() {
        let silence = Silence::default();
        assert!(!silence.lasts("stripe", 5));
        assert!(!silence.lasts("stripe", 5 + SILENT_AFTER_MS - 1));
        assert!(silence.lasts("stripe", 5 + SILENT_AFTER_MS));
        silence.heard("razorpay", 5 + SILENT_AFTER_MS);
        assert!(silence.lasts("stripe", 5 + SILENT_AFTER_MS));
        silence.heard("stripe", 5 + SILENT_AFTER_MS);
        assert!(!silence.lasts("stripe", 6 + SILENT_AFTER_MS));
    }
}
