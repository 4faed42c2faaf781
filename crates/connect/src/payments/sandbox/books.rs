//! Where the sandbox keeps its entries: in memory, or in a file of JSON lines that only grows, each
//! entry on disk before its answer. Several processes may share the file: each takes its lock and
//! reads what the others wrote before it acts. Decides nothing about payments.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tracing::warn;

use super::entry::Entry;
use super::ledger::{Decision, Ledger};
use crate::payments::failure::Failure;

/// The file's name in the data folder.
pub const BOOKS_FILE: &str = "sandbox-payments.jsonl";

/// The books cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("open sandbox books at {path}")]
pub struct OpenFault {
    pub path: PathBuf,
    source: io::Error,
}

/// The entries and what they add up to.
#[derive(Debug)]
pub(super) struct Books {
    shelf: Arc<Mutex<Shelf>>,
    on_disk: bool,
}

#[derive(Debug, Default)]
struct Shelf {
    ledger: Ledger,
    file: Option<BookFile>,
}

#[derive(Debug)]
struct BookFile {
    file: File,
    path: PathBuf,
    /// Up to here the ledger knows the file. Always behind a whole line.
    read_bytes: u64,
}

impl Books {
    pub(super) fn in_memory() -> Books {
        Books { shelf: Arc::default(), on_disk: false }
    }

    pub(super) fn open(folder: &Path) -> Result<Books, OpenFault> {
        let path = folder.join(BOOKS_FILE);
        let open = || -> io::Result<Shelf> {
            fs::create_dir_all(folder)?;
            let mut how = OpenOptions::new();
            let file = how.read(true).write(true).create(true).truncate(false).open(&path)?;
            // The name of a new file is on disk only when its folder is.
            File::open(folder)?.sync_all()?;
            let mut shelf = Shelf {
                ledger: Ledger::default(),
                file: Some(BookFile { file, path: path.clone(), read_bytes: 0 }),
            };
            shelf.locked(|_, _| Ok(()))?;
            Ok(shelf)
        };
        match open() {
            Ok(shelf) => Ok(Books { shelf: Arc::new(Mutex::new(shelf)), on_disk: true }),
            Err(source) => Err(OpenFault { path, source }),
        }
    }

    /// Decides on the books as they are now, writes what was decided, then answers from them.
    pub(super) async fn act<T: Send + 'static>(
        &self,
        attempted: &'static str,
        decide: impl FnOnce(&Ledger) -> Result<Decision, Failure> + Send + 'static,
        answer: impl FnOnce(&Ledger) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let shelf = Arc::clone(&self.shelf);
        let work = move || {
            let mut shelf = shelf.lock().unwrap_or_else(PoisonError::into_inner);
            shelf
                .locked(|ledger, file| write(ledger, file, decide, answer, attempted))
                .unwrap_or_else(|fault| Err(unknown(attempted, fault)))
        };
        if !self.on_disk {
            return work();
        }
        // Waiting for the disk must not hold up the other tasks of this thread.
        tokio::task::spawn_blocking(work)
            .await
            .unwrap_or_else(|fault| Err(unknown(attempted, fault)))
    }
}

fn write<T>(
    ledger: &mut Ledger,
    file: Option<&mut BookFile>,
    decide: impl FnOnce(&Ledger) -> Result<Decision, Failure>,
    answer: impl FnOnce(&Ledger) -> Result<T, Failure>,
    attempted: &'static str,
) -> io::Result<Result<T, Failure>> {
    let (entry, answer_lost) = match decide(ledger) {
        Err(failure) => return Ok(Err(failure)),
        Ok(Decision::Repeat) => (None, false),
        Ok(Decision::Write(entry)) => (Some(entry), false),
        Ok(Decision::WriteAndLoseAnswer(entry)) => (Some(entry), true),
    };
    if let Some(entry) = entry {
        if let Some(file) = file {
            file.append(&entry)?;
        }
        ledger.apply(entry).map_err(io::Error::other)?;
    }
    if answer_lost {
        return Ok(Err(Failure::Unknown { attempted, source: None }));
    }
    Ok(answer(ledger))
}

fn unknown(
    attempted: &'static str,
    fault: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> Failure {
    Failure::Unknown { attempted, source: Some(fault.into()) }
}

impl Shelf {
    /// Runs with the file locked and the ledger up to date.
    fn locked<T>(
        &mut self,
        work: impl FnOnce(&mut Ledger, Option<&mut BookFile>) -> io::Result<T>,
    ) -> io::Result<T> {
        let Shelf { ledger, file } = self;
        let Some(file) = file else { return work(ledger, None) };
        file.file.lock()?;
        let done = file.catch_up(ledger).and_then(|()| work(ledger, Some(file)));
        file.file.unlock()?;
        done
    }
}

impl BookFile {
    /// Reads what was written since, by whomever. The lock is held, so nobody is in the middle of a
    /// line: a last line without an end was torn by a crash, and its answer was never given.
    fn catch_up(&mut self, ledger: &mut Ledger) -> io::Result<()> {
        let length_bytes = self.file.metadata()?.len();
        if length_bytes == self.read_bytes {
            return Ok(());
        }
        if length_bytes < self.read_bytes {
            return Err(io::Error::other("the books are shorter than before"));
        }
        let mut news = Vec::new();
        self.file.seek(SeekFrom::Start(self.read_bytes))?;
        self.file.read_to_end(&mut news)?;
        for line in news.split_inclusive(|byte| *byte == b'\n') {
            if line.last() != Some(&b'\n') {
                warn!(
                    sandbox.path = %self.path.display(),
                    sandbox.torn_bytes = line.len(),
                    "sandbox books end in a torn line of {} bytes, cut off",
                    line.len(),
                );
                self.file.set_len(self.read_bytes)?;
                return self.file.sync_data();
            }
            let entry: Entry = serde_json::from_slice(line).map_err(io::Error::other)?;
            ledger.apply(entry).map_err(io::Error::other)?;
            self.read_bytes += u64::try_from(line.len()).map_err(io::Error::other)?;
        }
        Ok(())
    }

    /// When this fails, what reached the file is read or cut off by the next `catch_up`.
    fn append(&mut self, entry: &Entry) -> io::Result<()> {
        let mut line = serde_json::to_vec(entry)?;
        line.push(b'\n');
        self.file.seek(SeekFrom::Start(self.read_bytes))?;
        self.file.write_all(&line)?;
        self.file.sync_data()?;
        self.read_bytes += u64::try_from(line.len()).map_err(io::Error::other)?;
        Ok(())
    }
}
