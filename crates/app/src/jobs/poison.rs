//! Jobs that never end well, for the chaos harness: only in a build with `crash-points`, which no
//! release is.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use vacancy_store::jobs::Job;

use super::{Handlers, JobError};

const DEADLINE: Duration = Duration::from_millis(200);

/// Adds one kind for each way in which a job can be bad.
#[must_use]
pub fn handlers(handlers: Handlers) -> Handlers {
    handlers
        .with("poison_fails", DEADLINE, Arc::new(fails))
        .with("poison_panics", DEADLINE, Arc::new(panics))
        .with("poison_aborts", DEADLINE, Arc::new(aborts))
        .with("poison_hangs", DEADLINE, Arc::new(hangs))
}

type Ended = BoxFuture<'static, Result<(), JobError>>;

fn fails(_job: Job) -> Ended {
    Box::pin(async { Err(JobError::retry("it always fails")) })
}

fn panics(_job: Job) -> Ended {
    Box::pin(async { panic!("a poison job panics") })
}

fn aborts(_job: Job) -> Ended {
    Box::pin(async { std::process::abort() })
}

fn hangs(_job: Job) -> Ended {
    Box::pin(std::future::pending())
}
