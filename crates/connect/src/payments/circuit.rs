//! A circuit breaker before a provider: while it does not answer, nobody waits for it, and it is not
//! asked ever more. Who is turned away gets [`Failure::Unknown`], as if the answer had been lost, and
//! asks again later; what an answer says about a payment is none of its business.
//!
//! Time is the caller's: that of the request.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::disputes::{DisputeListing, DisputeLookUp, Disputed};
use super::failure::Failure;
use super::listing::{ListRequest, Listing};
use super::order::{CaptureRequest, LookUp, Order, OrderRequest, RefundRequest, VoidRequest};
use super::standing::{Refund, Standing};
use super::webhook::{Event, Webhook, WebhookRefusal};
use super::{Abilities, Answer, Provider};

/// So many calls without an answer, with no answer between them, open the circuit.
pub const FAILURES_MAX: u32 = 5;
/// How long after a call without an answer was begun the next one may try. The call itself takes at
/// most 9 s of it.
pub const OPEN_MS: i64 = 20_000;
/// Calls to one provider that are under way at the same time. A provider that answers in 300 ms
/// takes 200 a second so; one that hangs keeps no more than this waiting.
pub const CALLS_MAX: usize = 64;

/// 1 while the circuit is open, by provider.
const CIRCUIT_OPEN: &str = "vacancy_provider_circuit_open";
/// Calls by provider, by what was asked for, and by how they ended.
const CALLS: &str = "vacancy_provider_calls_total";

/// A circuit for each provider by its name, whoever's account is asked there: it is the provider
/// that is silent, and not the account. Clones share them.
#[derive(Clone, Default)]
pub struct Guards(Arc<Mutex<BTreeMap<&'static str, Arc<Guard>>>>);

/// What all calls to one provider share.
#[derive(Default)]
struct Guard {
    circuit: Mutex<Circuit>,
    calls: AtomicUsize,
}

/// A provider behind a circuit breaker.
struct Guarded {
    provider: Arc<dyn Provider>,
    guard: Arc<Guard>,
}

/// Closed while `open_until_ms` is none.
#[derive(Debug, Default)]
struct Circuit {
    failures_in_a_row: u32,
    open_until_ms: Option<i64>,
}

/// What a caller's answer did to the circuit.
#[derive(Debug, PartialEq, Eq)]
enum Turn {
    Opened,
    Closed,
}

impl Circuit {
    /// Whether a call may be made now. When its time has come, one caller tries, and the others go
    /// on being turned away until that one has an answer, or as long again.
    fn admits(&mut self, now_ms: i64) -> bool {
        match self.open_until_ms {
            None => true,
            Some(until_ms) if now_ms < until_ms => false,
            Some(_) => {
                self.open_until_ms = Some(now_ms + OPEN_MS);
                true
            }
        }
    }

    fn answered(&mut self) -> Option<Turn> {
        self.failures_in_a_row = 0;
        self.open_until_ms.take().map(|_| Turn::Closed)
    }

    fn not_answered(&mut self, now_ms: i64) -> Option<Turn> {
        self.failures_in_a_row = self.failures_in_a_row.saturating_add(1);
        if self.failures_in_a_row < FAILURES_MAX {
            return None;
        }
        let was_closed = self.open_until_ms.is_none();
        self.open_until_ms = self.open_until_ms.max(Some(now_ms + OPEN_MS));
        was_closed.then_some(Turn::Opened)
    }
}

/// Gives its place back, also when the caller has gone.
struct Place<'a>(&'a AtomicUsize);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Guards {
    /// The provider, behind the circuit of its name.
    #[must_use]
    pub fn over(&self, provider: Arc<dyn Provider>) -> Arc<dyn Provider> {
        let name = provider.abilities().name;
        let mut guards = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let guard = guards.entry(name).or_insert_with(|| {
            metrics::gauge!(CIRCUIT_OPEN, "provider" => name).set(0.0);
            Arc::default()
        });
        Arc::new(Guarded { provider, guard: Arc::clone(guard) })
    }
}

impl Guarded {
    async fn call<T>(
        &self,
        call: &'static str,
        now_ms: i64,
        answer: Answer<'_, T>,
    ) -> Result<T, Failure> {
        let name = self.provider.abilities().name;
        let told = |outcome: &'static str| {
            metrics::counter!(CALLS, "provider" => name, "call" => call, "outcome" => outcome)
                .increment(1);
        };
        let place = Place(&self.guard.calls);
        if CALLS_MAX <= self.guard.calls.fetch_add(1, Ordering::Relaxed) {
            told("crowded");
            return Err(turned_away("too many calls to the provider are under way"));
        }
        if !self.with(|circuit| circuit.admits(now_ms)) {
            told("circuit_open");
            return Err(turned_away(
                "the provider does not answer, so it is not asked for a while",
            ));
        }
        let answer = answer.await;
        drop(place);
        let (outcome, turn) = match &answer {
            Ok(_) => ("answered", self.with(Circuit::answered)),
            Err(Failure::Declined | Failure::Refused { .. }) => {
                ("refused", self.with(Circuit::answered))
            }
            // Where an answer is lost because a test asked for that, the next one is not.
            Err(Failure::Unknown { .. }) if self.provider.abilities().test_outcomes => {
                ("unknown", None)
            }
            Err(Failure::Unknown { .. }) => {
                ("unknown", self.with(|circuit| circuit.not_answered(now_ms)))
            }
        };
        told(outcome);
        self.tell(name, turn);
        answer
    }

    fn with<T>(&self, work: impl FnOnce(&mut Circuit) -> T) -> T {
        work(&mut self.guard.circuit.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn tell(&self, name: &'static str, turn: Option<Turn>) {
        match turn {
            None => {}
            Some(Turn::Opened) => {
                metrics::gauge!(CIRCUIT_OPEN, "provider" => name).set(1.0);
                tracing::error!(
                    payment.provider = name,
                    "{name} does not answer: it is asked once in {} s until it does",
                    OPEN_MS / 1000
                );
            }
            Some(Turn::Closed) => {
                metrics::gauge!(CIRCUIT_OPEN, "provider" => name).set(0.0);
                tracing::info!(payment.provider = name, "{name} answers again");
            }
        }
    }
}

fn turned_away(attempted: &'static str) -> Failure {
    Failure::Unknown { attempted, source: None }
}

impl Provider for Guarded {
    fn abilities(&self) -> &Abilities {
        self.provider.abilities()
    }

    fn create<'a>(&'a self, request: &'a OrderRequest) -> Answer<'a, Order> {
        Box::pin(self.call("create", request.now_ms, self.provider.create(request)))
    }

    fn capture<'a>(&'a self, request: &'a CaptureRequest) -> Answer<'a, Standing> {
        Box::pin(self.call("capture", request.now_ms, self.provider.capture(request)))
    }

    fn void<'a>(&'a self, request: &'a VoidRequest) -> Answer<'a, Standing> {
        Box::pin(self.call("void", request.now_ms, self.provider.void(request)))
    }

    fn refund<'a>(&'a self, request: &'a RefundRequest) -> Answer<'a, Refund> {
        Box::pin(self.call("refund", request.now_ms, self.provider.refund(request)))
    }

    fn look_up<'a>(&'a self, request: &'a LookUp) -> Answer<'a, Standing> {
        Box::pin(self.call("look_up", request.now_ms, self.provider.look_up(request)))
    }

    fn list<'a>(&'a self, request: &'a ListRequest) -> Answer<'a, Listing> {
        Box::pin(self.call("list", request.now_ms, self.provider.list(request)))
    }

    fn dispute<'a>(&'a self, request: &'a DisputeLookUp) -> Answer<'a, Disputed> {
        Box::pin(self.call("dispute", request.now_ms, self.provider.dispute(request)))
    }

    fn disputes<'a>(&'a self, request: &'a ListRequest) -> Answer<'a, DisputeListing> {
        Box::pin(self.call("disputes", request.now_ms, self.provider.disputes(request)))
    }

    fn parse_webhook(&self, webhook: &Webhook<'_>) -> Result<Event, WebhookRefusal> {
        self.provider.parse_webhook(webhook)
    }
}

#[cfg(test)]
mod tests {
    //! Goal: when calls are let through. Method: one circuit, a given time.

    use super::*;

    /// A circuit that has just opened, by calls begun at time 0.
    fn open() -> Circuit {
        let mut circuit = Circuit::default();
        for _ in 1..FAILURES_MAX {
            assert!(circuit.admits(0));
            assert_eq!(circuit.not_answered(0), None);
        }
        assert!(circuit.admits(0));
        assert_eq!(circuit.not_answered(0), Some(Turn::Opened));
        circuit
    }

    #[test]
    fn it_opens_after_five_calls_without_an_answer() {
        assert!(!open().admits(0));
        assert!(!open().admits(OPEN_MS - 1));
    }

    #[test]
    fn an_answer_in_between_begins_the_count_anew() {
        let mut circuit = Circuit::default();
        for _ in 0..3 * FAILURES_MAX {
            assert_eq!(circuit.not_answered(0), None);
            assert_eq!(circuit.answered(), None);
        }
        assert!(circuit.admits(0));
    }

    #[test]
    fn after_its_time_one_caller_tries_and_the_others_wait_for_it() {
        let mut circuit = open();
        assert!(circuit.admits(OPEN_MS));
        assert!(!circuit.admits(OPEN_MS + 1));
        assert_eq!(circuit.answered(), Some(Turn::Closed));
        assert!(circuit.admits(OPEN_MS + 1));
    }

    #[test]
    fn a_try_without_an_answer_keeps_it_open() {
        let mut circuit = open();
        assert!(circuit.admits(OPEN_MS));
        assert_eq!(circuit.not_answered(OPEN_MS), None);
        assert!(!circuit.admits(2 * OPEN_MS - 1));
        assert!(circuit.admits(2 * OPEN_MS));
    }

    #[test]
    fn a_try_whose_caller_has_gone_does_not_keep_it_open_for_ever() {
        let mut circuit = open();
        assert!(circuit.admits(OPEN_MS));
        assert!(circuit.admits(2 * OPEN_MS));
    }

    #[test]
    fn an_older_call_that_fails_later_shortens_nothing() {
        let mut circuit = open();
        assert!(circuit.admits(OPEN_MS));
        assert_eq!(circuit.not_answered(0), None);
        assert!(!circuit.admits(2 * OPEN_MS - 1));
    }
}
