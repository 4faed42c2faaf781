//! Every way in which a use case may end badly, as one type. Whoever stands in front maps it to
//! its own words; here are only stable codes and the data that a caller needs to do better. It
//! must not know of HTTP, and the cause of a fault never shows in its text.

use std::fmt;

use vacancy_domain::refusals::Refusal;
use vacancy_store::faults::Fault;
use vacancy_store::work_items::WorkItem;

/// When a caller who found us busy should come again.
pub const RETRY_AFTER_MS: i64 = 1_000;

/// One thing that is wrong with what the caller sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// A JSON pointer into the request (`/lines/0/units`), or the name of a query parameter.
    pub pointer: String,
    pub code: &'static str,
    /// For people.
    pub detail: String,
}

impl FieldError {
    pub fn new(
        pointer: impl Into<String>,
        code: &'static str,
        detail: impl Into<String>,
    ) -> FieldError {
        FieldError { pointer: pointer.into(), code, detail: detail.into() }
    }
}

#[derive(Debug, Clone)]
pub enum Error {
    /// The business says no.
    Refused(Refusal),
    /// The caller is known and may not do this.
    Denied,
    /// The credential is missing, unknown or withdrawn.
    Unauthorized,
    /// There is no such thing, or the caller may not know that there is.
    NotFound,
    /// Fields that cannot be what they are.
    Invalid(Vec<FieldError>),
    /// There is one already, and there may be only one with this value of the field.
    Exists { field: &'static str },
    /// What the caller read has changed since; this is its version now.
    Stale { version: i64 },
    /// The matter says something else than when the caller read it: this.
    MatterChanged(Box<WorkItem>),
    /// The same idempotency key came with another request.
    KeyReused,
    /// The first request with this key is still running.
    InFlight,
    /// A queue is full or the deadline passed before anything began: nothing was done.
    Busy { retry_after_ms: i64 },
    /// Nobody knows whether it was done: repeat with the same key.
    OutcomeUnknown,
    /// The world failed, or we did.
    Fault(Fault),
}

impl Error {
    /// One wrong field.
    pub fn invalid(
        pointer: impl Into<String>,
        code: &'static str,
        detail: impl Into<String>,
    ) -> Error {
        Error::Invalid(vec![FieldError::new(pointer, code, detail)])
    }

    /// The second thing of a value that only one may have, by the name of the store's constraint and
    /// the field that broke it; any other fault as it is.
    pub fn exists_by(fault: Fault, constraints: &[(&str, &'static str)]) -> Error {
        let broken = |(name, _): &&(&str, &'static str)| matches!(&fault, Fault::Constraint { name: broken, .. } if broken == name);
        match constraints.iter().find(broken) {
            Some((_, field)) => Error::Exists { field },
            None => Error::from(fault),
        }
    }

    /// The stable code of the public contract.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Error::Refused(refusal) => refusal.code(),
            Error::Denied => "forbidden",
            Error::Unauthorized => "unauthorized",
            Error::NotFound => "not_found",
            Error::Invalid(fields) => match fields.as_slice() {
                [only] => only.code,
                [] | [_, ..] => "invalid_request",
            },
            Error::Exists { .. } => "already_exists",
            Error::Stale { .. } => "stale",
            Error::MatterChanged(_) => "matter_changed",
            Error::KeyReused => "idempotency_key_reused",
            Error::InFlight => "request_in_flight",
            Error::Busy { .. } => "busy",
            Error::OutcomeUnknown => "outcome_unknown",
            Error::Fault(_) => "internal",
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Invalid(fields) => {
                write!(f, "{}", self.code())?;
                for field in fields {
                    write!(f, " {}: {}", field.pointer, field.detail)?;
                }
                Ok(())
            }
            Error::Fault(fault) => fault.fmt(f),
            Error::Refused(_)
            | Error::Denied
            | Error::Unauthorized
            | Error::NotFound
            | Error::Exists { .. }
            | Error::Stale { .. }
            | Error::MatterChanged(_)
            | Error::KeyReused
            | Error::InFlight
            | Error::Busy { .. }
            | Error::OutcomeUnknown => f.write_str(self.code()),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Fault(fault) => Some(fault),
            Error::Refused(_)
            | Error::Denied
            | Error::Unauthorized
            | Error::NotFound
            | Error::Invalid(_)
            | Error::Exists { .. }
            | Error::Stale { .. }
            | Error::MatterChanged(_)
            | Error::KeyReused
            | Error::InFlight
            | Error::Busy { .. }
            | Error::OutcomeUnknown => None,
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Error {
        if refusal == Refusal::KeyReused { Error::KeyReused } else { Error::Refused(refusal) }
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Error {
        match fault {
            Fault::OutcomeUnknown { .. } => {
                tell_cause(&fault);
                Error::OutcomeUnknown
            }
            // Nothing was written to a store that may lose it; others, or a while later, may be safe.
            Fault::Overloaded
            | Fault::Unavailable { .. }
            | Fault::Conflict { .. }
            | Fault::UnsafeDurability { .. } => {
                tell_cause(&fault);
                Error::Busy { retry_after_ms: RETRY_AFTER_MS }
            }
            Fault::GuardMissed
            | Fault::Constraint { .. }
            | Fault::SchemaTooNew { .. }
            | Fault::SchemaTooOld { .. }
            | Fault::Locked { .. }
            | Fault::Internal { .. } => Error::Fault(fault),
        }
    }
}

/// The callers hear only what to do next; the operator hears why, here, where the cause is lost.
fn tell_cause(fault: &Fault) {
    let cause = std::error::Error::source(fault).map(ToString::to_string);
    tracing::warn!(error = %fault, cause, "the store could not serve: {fault}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_wrong_field_speaks_for_the_request_and_two_share_a_code() {
        let field = |code| FieldError::new("/x", code, "is wrong");
        assert_eq!(Error::Invalid(vec![field("too_long")]).code(), "too_long");
        let two = Error::Invalid(vec![field("too_long"), field("missing")]);
        assert_eq!(two.code(), "invalid_request");
    }

    #[test]
    fn an_unknown_commit_is_never_told_as_undone() {
        let unknown = Error::from(Fault::OutcomeUnknown { source: None });
        assert_eq!(unknown.code(), "outcome_unknown");
        assert_eq!(Error::from(Fault::Overloaded).code(), "busy");
        let lossy = Fault::UnsafeDurability { setting: "fsync=off".to_owned() };
        assert_eq!(Error::from(lossy).code(), "busy");
        assert_eq!(Error::from(Fault::GuardMissed).code(), "internal");
    }
}
