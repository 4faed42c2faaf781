//! Files that operators keep: they appear whole or not at all, are theirs alone, and say what they
//! should weigh. Nothing here knows what is in them.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use vacancy_app::encodings::hex;

use crate::serve::StartFault;

/// Bytes that are read at once.
const READ_BYTES: usize = 1 << 20;

/// Whether a file that is there may be replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Existing {
    Refuse,
    Replace,
}

impl Existing {
    pub(super) fn of(force: bool) -> Existing {
        if force { Existing::Replace } else { Existing::Refuse }
    }
}

/// A file under a name of its own until it is finished. Dropped before that, it is gone.
#[derive(Debug)]
pub(super) struct Draft {
    path: PathBuf,
    place: PathBuf,
    file: File,
    is_kept: bool,
}

impl Draft {
    /// An empty file beside `path` that nobody else may read.
    pub(super) fn create(path: &Path, existing: Existing) -> Result<Draft, StartFault> {
        if existing == Existing::Refuse && path.exists() {
            let told = format!("{} is there already; --force replaces it", path.display());
            return Err(StartFault::Setting(told));
        }
        let name = path.file_name().ok_or_else(|| {
            StartFault::Setting(format!("{} is no name of a file", path.display()))
        })?;
        let mut draft_name = std::ffi::OsString::from(".");
        draft_name.push(name);
        draft_name.push(format!(".{}.part", std::process::id()));
        let place = path.with_file_name(draft_name);
        let make = File::options().read(true).write(true).create_new(true).mode(0o600).open(&place);
        let file = make.map_err(|error| failed("make", &place, &error))?;
        Ok(Draft { path: path.to_owned(), place, file, is_kept: false })
    }

    /// Where it is written until it is finished.
    pub(super) fn place(&self) -> &Path {
        &self.place
    }

    pub(super) fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// Puts it in its place; on the disk for certain when this returns.
    pub(super) fn finish(mut self) -> Result<(), StartFault> {
        // By name: a program of others may have replaced what we made.
        let sync = File::open(&self.place).and_then(|file| file.sync_all());
        sync.map_err(|error| failed("sync", &self.place, &error))?;
        fs::rename(&self.place, &self.path)
            .map_err(|error| failed("put in place", &self.path, &error))?;
        self.is_kept = true;
        sync_folder_of(&self.path)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.is_kept {
            let _gone_already = fs::remove_file(&self.place);
        }
    }
}

/// A new name is on the disk when its folder is.
pub(super) fn sync_folder_of(path: &Path) -> Result<(), StartFault> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        Some(_) | None => Path::new("."),
    };
    let sync = File::open(folder).and_then(|folder| folder.sync_all());
    sync.map_err(|error| failed("sync", folder, &error))
}

/// `FILE.sha256`, in the form of `sha256sum`.
pub(super) fn checksum_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".sha256");
    PathBuf::from(name)
}

/// Writes the checksum beside the file and gives it.
pub(super) fn write_checksum(path: &Path, sum: &str) -> Result<(), StartFault> {
    let beside = checksum_path(path);
    let name = path.file_name().unwrap_or_default().display();
    let mut draft = Draft::create(&beside, Existing::Replace)?;
    let line = format!("{sum}  {name}\n");
    let write = draft.file().write_all(line.as_bytes());
    write.map_err(|error| failed("write", &beside, &error))?;
    draft.finish()
}

/// What the file says beside it; `None` when nothing is beside it.
pub(super) fn expected_checksum(path: &Path) -> Result<Option<String>, StartFault> {
    let beside = checksum_path(path);
    match fs::read_to_string(&beside) {
        Ok(text) => Ok(text.split_whitespace().next().map(str::to_owned)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed("read", &beside, &error)),
    }
}

/// SHA-256 of what stands in the file, and its length.
pub(super) fn checksum(path: &Path) -> Result<(String, u64), StartFault> {
    let told = |error: std::io::Error| failed("read", path, &error);
    let mut file = File::open(path).map_err(told)?;
    let (mut sum, mut bytes_count) = (Sha256::new(), 0);
    let mut part = vec![0; READ_BYTES];
    loop {
        let count = file.read(&mut part).map_err(told)?;
        if count == 0 {
            return Ok((hex(&sum.finalize()), bytes_count));
        }
        bytes_count += count as u64;
        sum.update(&part[..count]);
    }
}

pub(super) fn failed(what: &str, path: &Path, error: &std::io::Error) -> StartFault {
    StartFault::Setting(format!("{what} {}: {error}", path.display()))
}

/// Bytes as people say them.
pub(super) fn size(bytes_count: u64) -> String {
    const STEPS: [(u64, &str); 3] = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    for (step, unit) in STEPS {
        if step <= bytes_count {
            let (whole, tenth) = (bytes_count / step, bytes_count % step * 10 / step);
            return format!("{whole}.{tenth} {unit}");
        }
    }
    format!("{bytes_count} bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_that_is_not_finished_leaves_nothing() {
        let folder = vacancy_store::testing::TestFolder::new();
        let path = folder.path().join("file");
        drop(Draft::create(&path, Existing::Refuse).expect("a new file"));
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
        Draft::create(&path, Existing::Refuse).expect("a new file").finish().expect("in place");
        let there = Draft::create(&path, Existing::Refuse).expect_err("it is there");
        assert!(there.to_string().contains("--force"), "{there}");
        Draft::create(&path, Existing::Replace).expect("replaces").finish().expect("in place");
    }

    #[test]
    fn a_checksum_is_written_as_the_usual_tool_reads_it() {
        let folder = vacancy_store::testing::TestFolder::new();
        let path = folder.path().join("file");
        fs::write(&path, "abc").expect("written");
        let (sum, bytes_count) = checksum(&path).expect("read");
        assert_eq!(sum, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(bytes_count, 3);
        assert_eq!(expected_checksum(&path).expect("nothing there"), None);
        write_checksum(&path, &sum).expect("written");
        let line = fs::read_to_string(checksum_path(&path)).expect("there");
        assert_eq!(line, format!("{sum}  file\n"));
        assert_eq!(expected_checksum(&path).expect("there"), Some(sum));
    }

    #[test]
    fn sizes_are_short() {
        for (count, said) in [(7, "7 bytes"), (1_536, "1.5 KiB"), (3 << 30, "3.0 GiB")] {
            assert_eq!(size(count), said);
        }
    }
}
