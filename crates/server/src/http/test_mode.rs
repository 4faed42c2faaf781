//! `Vacancy-Test`: forces an outcome where no real money moves, and is refused everywhere else, so
//! that nobody believes to test what is real.

use axum::http::HeaderMap;
use vacancy_connect::payments::Abilities;
use vacancy_connect::payments::order::TestOutcome;

use super::problem::Problem;

pub const HEADER: &str = "Vacancy-Test";

/// The outcome that an order at this provider shall have.
///
/// # Errors
/// `400` where the provider is a real one, or knows no such outcome.
pub fn payment(headers: &HeaderMap, provider: &Abilities) -> Result<Option<TestOutcome>, Problem> {
    let Some(value) = headers.get(HEADER) else { return Ok(None) };
    if !provider.test_outcomes {
        return Err(not_here());
    }
    let outcome = value.to_str().ok().and_then(TestOutcome::parse);
    outcome.map(Some).ok_or_else(|| {
        let detail = "must be payment_declined, payment_timeout or payment_late";
        Problem::wrong_field(HEADER, "invalid_value", detail)
    })
}

/// # Errors
/// `400` when there is such a header.
pub fn refuse(headers: &HeaderMap) -> Result<(), Problem> {
    if headers.contains_key(HEADER) { Err(not_here()) } else { Ok(()) }
}

fn not_here() -> Problem {
    let detail = "is for orders at a provider that moves no money";
    Problem::wrong_field(HEADER, "test_mode_only", detail)
}
