//! Points at which a test may let the process die as a power cut would: nothing is answered,
//! nothing flushed, no destructor runs. They stand before and after everything that leaves a
//! trace. With the cargo feature `crash-points` the variable `VACANCY_CRASH_AT=desk.written:2` ends
//! the process when it comes to that point for the second time; without it a point is nothing at
//! all. It must never be a setting.

#[cfg(all(feature = "crash-points", not(debug_assertions)))]
compile_error!("the feature `crash-points` ends the process and must not be in a release");

/// A point named as `part.what_has_just_happened`, or `part.what_will_happen_now`. Nothing happens.
#[cfg(not(feature = "crash-points"))]
pub const fn crash_point(_name: &'static str) {}

#[cfg(feature = "crash-points")]
pub use plan::crash_point;

#[cfg(feature = "crash-points")]
mod plan {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    /// Where this process dies.
    struct Plan {
        name: String,
        hits_left: AtomicU64,
    }

    impl Plan {
        /// A plan that cannot be read is a test that would prove nothing: it ends here.
        fn read() -> Option<Plan> {
            let text = std::env::var("VACANCY_CRASH_AT").ok()?;
            let plan = text.rsplit_once(':').and_then(|(name, hit)| {
                let hits_left = AtomicU64::new(hit.parse().ok()?);
                Some(Plan { name: name.to_owned(), hits_left })
            });
            Some(plan.unwrap_or_else(|| panic!("VACANCY_CRASH_AT is name:hit, not {text}")))
        }
    }

    /// Ends the process if this is the planned point at its planned hit.
    pub fn crash_point(name: &'static str) {
        static PLAN: OnceLock<Option<Plan>> = OnceLock::new();
        let Some(plan) = PLAN.get_or_init(Plan::read) else { return };
        if plan.name == name && plan.hits_left.fetch_sub(1, Ordering::SeqCst) == 1 {
            std::process::abort();
        }
    }
}
