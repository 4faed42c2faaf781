//! What can go wrong between us and the database, as one type: a fault says what was attempted
//! and what the caller may do next. Its text never shows the cause (which may name tables, paths
//! or people); `source()` carries it for the one log line where the fault stops.
//! A fault is never a business refusal; those are `domain`'s.

use std::borrow::Cow;
use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;

/// Shared, because one lost batch answers every caller of that batch.
pub type Cause = Arc<dyn Error + Send + Sync + 'static>;

#[derive(Debug, Clone, thiserror::Error)]
pub enum Fault {
    /// Nothing was written; the same call may work later.
    #[error("{attempted}: the store is unavailable")]
    Unavailable { attempted: Cow<'static, str>, source: Option<Cause> },

    /// The commit was sent and nobody knows whether it took. Repeat with the same key.
    #[error("commit: the outcome is unknown")]
    OutcomeUnknown { source: Option<Cause> },

    /// Others were in the way at every try; nothing was written.
    #[error("{attempted}: others were writing the same rows")]
    Conflict { attempted: Cow<'static, str>, source: Option<Cause> },

    /// A guarded write touched fewer rows than it had to: what was read is no longer true.
    /// A transaction body returns it; the write is tried again from the start.
    #[error("a guarded write found its rows changed")]
    GuardMissed,

    /// The database's own wall held. The name is the same on both engines when a constraint
    /// carries PostgreSQL's usual name: `cell_pkey`, `ledger_property_line_seq_key`, or for
    /// NOT NULL `table.column`. SQLite does not name foreign keys: `foreign_key`.
    #[error("constraint {name} refused the write")]
    Constraint { name: String, source: Option<Cause> },

    /// Too many callers wait already; nothing was started.
    #[error("the store's queue is full")]
    Overloaded,

    #[error(
        "the schema (version {version}) needs a binary that knows version {compatible_from}, \
         this one knows {known}"
    )]
    SchemaTooNew { version: i64, compatible_from: i64, known: i64 },

    #[error("the schema is at version {version}, this binary needs {known}: run the migration")]
    SchemaTooOld { version: i64, known: i64 },

    /// Another process writes this file.
    #[error("{} is held by another process that writes to the same store", path.display())]
    Locked { path: PathBuf },

    /// A setting under which an answered booking could be lost.
    #[error("the database runs with {setting}, which can lose answered commits")]
    UnsafeDurability { setting: String },

    /// Our own mistake, or one we have no better name for.
    #[error("{attempted}: internal fault")]
    Internal { attempted: Cow<'static, str>, source: Option<Cause> },
}

impl Fault {
    pub fn internal(attempted: impl Into<Cow<'static, str>>) -> Fault {
        Fault::Internal { attempted: attempted.into(), source: None }
    }

    pub fn internal_because(
        attempted: impl Into<Cow<'static, str>>,
        cause: impl Error + Send + Sync + 'static,
    ) -> Fault {
        Fault::Internal { attempted: attempted.into(), source: Some(Arc::new(cause)) }
    }

    pub fn unavailable(
        attempted: impl Into<Cow<'static, str>>,
        cause: impl Error + Send + Sync + 'static,
    ) -> Fault {
        Fault::Unavailable { attempted: attempted.into(), source: Some(Arc::new(cause)) }
    }

    /// Whether the whole transaction may simply be run again: nothing of it was written, and
    /// the reason was other writers.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Fault::Conflict { .. } | Fault::GuardMissed)
    }
}

/// A cause that exists only as text: a panic's message, a driver's broken promise.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Told(pub String);
