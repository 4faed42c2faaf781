//! Which statements reached an engine, where their text stands in the source, and how the engine
//! means to run them: for the test that knows every statement of the crate. Nobody watches until
//! a test begins to; from then on the whole process pays for a plan before each statement. It
//! must not change what a statement does.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use super::Engine;

/// A statement that is about to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub engine: Engine,
    /// Where its text was made: file as the compiler names it, and line.
    pub file: &'static str,
    pub line: u32,
    pub text: String,
    /// The engine's words, line by line, for the values that it runs with.
    pub plan: Vec<String>,
}

static IS_ON: AtomicBool = AtomicBool::new(false);
static SEEN: Mutex<Vec<Seen>> = Mutex::new(Vec::new());

/// Watches from now on, every store of this process.
pub fn begin() {
    IS_ON.store(true, Ordering::Release);
}

/// Watches no more; gives what was seen since the beginning.
pub fn end() -> Vec<Seen> {
    IS_ON.store(false, Ordering::Release);
    std::mem::take(&mut *SEEN.lock().unwrap_or_else(PoisonError::into_inner))
}

pub(super) fn is_on() -> bool {
    IS_ON.load(Ordering::Acquire)
}

pub(super) fn note(statement: Seen) {
    SEEN.lock().unwrap_or_else(PoisonError::into_inner).push(statement);
}
