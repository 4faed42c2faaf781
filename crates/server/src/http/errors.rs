//! The one place where an error of `app` becomes an HTTP answer. Refusals have their own table in
//! `refusals`. No arm may be a wildcard: a new error must be thought about here.

use axum::http::{HeaderValue, StatusCode, header};
use vacancy_app::errors::{Error, FieldError, RETRY_AFTER_MS};
use vacancy_store::faults::Fault;

use super::payment_inbox::shown;
use super::problem::{Problem, WrongField};
use super::refusals;

pub(super) const KEY_REUSED: &str = "the same key or requestId came before with another request";
pub(super) const STALE: &str = "it has changed since you read it: read it again";

impl From<Error> for Problem {
    fn from(error: Error) -> Problem {
        let code = error.code();
        match error {
            Error::Refused(refusal) => refusals::problem(&refusal),
            Error::Denied => {
                Problem::new(StatusCode::FORBIDDEN, code, "these credentials do not allow it")
            }
            Error::Unauthorized => unauthorized(),
            Error::NotFound => Problem::not_found(),
            Error::Invalid(fields) => {
                let fields = fields.into_iter().map(wrong_field).collect();
                Problem::wrong_fields(StatusCode::UNPROCESSABLE_ENTITY, fields)
            }
            Error::Exists { field } => Problem::new(
                StatusCode::CONFLICT,
                code,
                "there is one already, and only one may be",
            )
            .blaming(&format!("/{field}")),
            Error::Stale { version } => {
                Problem::new(StatusCode::PRECONDITION_FAILED, code, STALE).with("version", version)
            }
            Error::MatterChanged(now) => {
                Problem::new(StatusCode::CONFLICT, code, STALE).with("matter", shown(&now))
            }
            Error::KeyReused => Problem::new(StatusCode::UNPROCESSABLE_ENTITY, code, KEY_REUSED),
            Error::InFlight => Problem::new(
                StatusCode::CONFLICT,
                code,
                "the first request with this key is still running",
            )
            .retry_after_ms(RETRY_AFTER_MS),
            Error::Busy { retry_after_ms } => Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                code,
                "too much is waiting; nothing was done, come again",
            )
            .retry_after_ms(retry_after_ms),
            Error::OutcomeUnknown => outcome_unknown(),
            Error::Fault(fault) => Problem::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                code,
                "something broke on our side; quote the trace id when you ask",
            )
            .because(fault),
        }
    }
}

/// For handlers that read the store themselves, as the probes do.
impl From<Fault> for Problem {
    fn from(fault: Fault) -> Problem {
        Problem::from(Error::from(fault))
    }
}

#[must_use]
pub fn unauthorized() -> Problem {
    let detail = "send `Authorization: Bearer` with an API key or the guest token";
    Problem::new(StatusCode::UNAUTHORIZED, "unauthorized", detail)
        .with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"vacancy\""))
}

#[must_use]
pub fn outcome_unknown() -> Problem {
    let detail = "nobody knows yet whether it was done: repeat it with the same key or requestId";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "outcome_unknown", detail)
        .retry_after_ms(RETRY_AFTER_MS)
}

fn wrong_field(field: FieldError) -> WrongField {
    WrongField { pointer: field.pointer, code: field.code.into(), detail: field.detail }
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse;
    use vacancy_domain::ids::{PropertyId, WorkItemId};
    use vacancy_store::work_items::{Settlement, WorkItem, WorkKind};

    use super::*;

    fn matter() -> WorkItem {
        WorkItem {
            property: PropertyId(1),
            id: WorkItemId(2),
            kind: WorkKind::DisputeOpened,
            subject: String::new(),
            detail: String::new(),
            data: String::new(),
            created_at_ms: 0,
            settled_at_ms: None,
            settlement: Settlement::default(),
        }
    }

    #[track_caller]
    fn check(error: Error, status: u16, code: &str) -> Problem {
        let problem = Problem::from(error);
        assert_eq!((problem.status().as_u16(), problem.code()), (status, code));
        problem
    }

    #[test]
    fn every_kind_of_error_has_its_status() {
        check(Error::Denied, 403, "forbidden");
        check(Error::Unauthorized, 401, "unauthorized");
        check(Error::NotFound, 404, "not_found");
        check(Error::invalid("/email", "invalid_email", "is no address"), 422, "invalid_email");
        check(Error::Exists { field: "code" }, 409, "already_exists");
        check(Error::Stale { version: 3 }, 412, "stale");
        check(Error::MatterChanged(Box::new(matter())), 409, "matter_changed");
        check(Error::KeyReused, 422, "idempotency_key_reused");
        check(Error::InFlight, 409, "request_in_flight");
        check(Error::Busy { retry_after_ms: 1_500 }, 503, "busy");
        check(Error::OutcomeUnknown, 503, "outcome_unknown");
        check(Error::Fault(Fault::internal("read")), 500, "internal");
    }

    #[test]
    fn whoever_shall_come_again_is_told_when() {
        for error in [Error::InFlight, Error::Busy { retry_after_ms: 1_500 }, Error::OutcomeUnknown]
        {
            let response = Problem::from(error).into_response();
            assert!(response.headers().contains_key(header::RETRY_AFTER));
        }
        let response = Problem::from(Error::Unauthorized).into_response();
        assert!(response.headers().contains_key(header::WWW_AUTHENTICATE));
    }

    #[test]
    fn a_fault_is_kept_for_the_log_and_out_of_the_answer() {
        let secret = std::io::Error::other("relation cell does not exist");
        let fault = Fault::internal_because("read cells", secret);
        let problem = check(Error::Fault(fault), 500, "internal");
        assert!(problem.fault().is_some());
        assert!(!problem.detail().contains("cells"));
    }
}
