//! A CSV file as rows of clean text, plain or compressed with zstd. Every defect of a row is a
//! [`RowFault`] with the row's line; only a file that cannot be read at all stops an import. What
//! the columns mean is not known here.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// Most bytes one file may hold once unpacked: a small archive must not fill the disk or memory.
pub const INPUT_BYTES_MAX: u64 = 1 << 30;

/// Most rows one file may hold.
pub const ROWS_MAX: usize = 5_000_000;

/// Longest row, in bytes. A quote that is never closed makes one row of the rest of the file.
pub const ROW_BYTES_MAX: usize = 64 * 1024;

/// Longest field, in bytes.
pub const FIELD_BYTES_MAX: usize = 512;

/// The first bytes of every zstd frame.
const ZSTD_MAGIC: [u8; 4] = [0x28, 0xB5, 0x2F, 0xFD];

/// Why a whole file cannot be imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportFault {
    #[error("open {}", path.display())]
    Open { path: PathBuf, source: io::Error },
    #[error("read {}", path.display())]
    Read { path: PathBuf, source: csv::Error },
    #[error("read {}: the column {column} is missing from its first line", path.display())]
    ColumnMissing { path: PathBuf, column: &'static str },
    #[error("read {}: the column {column} stands twice in its first line", path.display())]
    ColumnTwice { path: PathBuf, column: &'static str },
    #[error("read {}: more than {ROWS_MAX} rows", path.display())]
    TooManyRows { path: PathBuf },
    #[error("write {}", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("write {}: that is the file being imported", path.display())]
    ReportIsInput { path: PathBuf },
}

/// Why one row has no readable fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowFault {
    ColumnCount {
        found: usize,
        wanted: usize,
    },
    NotUtf8 {
        column: String,
    },
    FieldTooLong {
        column: String,
    },
    /// Mostly a quote that is never closed; `end_line` says how far it swallowed the file.
    RowTooLong {
        end_line: u64,
    },
}

impl RowFault {
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            RowFault::ColumnCount { .. } => "column_count",
            RowFault::NotUtf8 { .. } => "not_utf8",
            RowFault::FieldTooLong { .. } => "field_too_long",
            RowFault::RowTooLong { .. } => "row_too_long",
        }
    }

    /// What a person needs to find the defect.
    #[must_use]
    pub fn detail(&self) -> String {
        match self {
            RowFault::ColumnCount { found, wanted } => format!("{found} columns, not {wanted}"),
            RowFault::NotUtf8 { column } => format!("{column} is not UTF-8"),
            RowFault::FieldTooLong { column } => {
                format!("{column} is longer than {FIELD_BYTES_MAX} bytes")
            }
            RowFault::RowTooLong { end_line } => {
                format!("the row goes on to line {end_line}: a quote is not closed")
            }
        }
    }
}

/// One row: its line in the file (the first line is 1) and the wanted columns in the wanted order.
#[derive(Debug, Clone)]
pub struct Row {
    pub line: u64,
    pub fields: Result<Vec<String>, RowFault>,
}

/// Reads every row of the file at `path`, giving of each the `wanted` columns.
pub fn read(path: &Path, wanted: &[&'static str]) -> Result<Vec<Row>, ImportFault> {
    let unpacked =
        open(path).map_err(|source| ImportFault::Open { path: path.to_owned(), source })?;
    read_from(unpacked, path, wanted)
}

/// As [`read`], from bytes already at hand; `path` only names them in a fault.
pub fn read_from(
    bytes: impl Read,
    path: &Path,
    wanted: &[&'static str],
) -> Result<Vec<Row>, ImportFault> {
    let fault = |source| ImportFault::Read { path: path.to_owned(), source };
    // With `\n` alone as the end of a row, line numbers are right for files of both kinds.
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .terminator(csv::Terminator::Any(b'\n'))
        .from_reader(bytes);
    let header = reader.byte_headers().map_err(fault)?.clone();
    let places = find_columns(&header, path, wanted)?;
    let mut rows = Vec::new();
    let mut record = csv::ByteRecord::new();
    while reader.read_byte_record(&mut record).map_err(fault)? {
        if rows.len() == ROWS_MAX {
            return Err(ImportFault::TooManyRows { path: path.to_owned() });
        }
        if record.as_slice() == b"\r" {
            continue;
        }
        let line = record.position().map_or(0, csv::Position::line);
        let end_line = reader.position().line();
        let fields = read_fields(&record, end_line, header.len(), &places, wanted);
        rows.push(Row { line, fields });
    }
    Ok(rows)
}

fn read_fields(
    record: &csv::ByteRecord,
    end_line: u64,
    columns: usize,
    places: &[usize],
    wanted: &[&'static str],
) -> Result<Vec<String>, RowFault> {
    if ROW_BYTES_MAX < record.as_slice().len() {
        return Err(RowFault::RowTooLong { end_line });
    }
    if record.len() != columns {
        return Err(RowFault::ColumnCount { found: record.len(), wanted: columns });
    }
    let mut fields = Vec::with_capacity(places.len());
    for (place, column) in places.iter().zip(wanted) {
        let bytes = record.get(*place).unwrap_or_default();
        let bytes = if place + 1 == columns { without_return(bytes) } else { bytes };
        if FIELD_BYTES_MAX < bytes.len() {
            return Err(RowFault::FieldTooLong { column: (*column).to_owned() });
        }
        match std::str::from_utf8(bytes) {
            Ok(text) => fields.push(text.to_owned()),
            Err(_) => return Err(RowFault::NotUtf8 { column: (*column).to_owned() }),
        }
    }
    Ok(fields)
}

/// The last field of a row without the first half of `\r\n`.
fn without_return(field: &[u8]) -> &[u8] {
    field.strip_suffix(b"\r").unwrap_or(field)
}

/// Where each wanted column stands. Columns nobody asked for are allowed and not looked at.
fn find_columns(
    header: &csv::ByteRecord,
    path: &Path,
    wanted: &[&'static str],
) -> Result<Vec<usize>, ImportFault> {
    let mut places = Vec::with_capacity(wanted.len());
    for column in wanted {
        let mut found = header.iter().enumerate().filter(|(_, name)| is_named(name, column));
        let Some((place, _)) = found.next() else {
            return Err(ImportFault::ColumnMissing { path: path.to_owned(), column });
        };
        if found.next().is_some() {
            return Err(ImportFault::ColumnTwice { path: path.to_owned(), column });
        }
        places.push(place);
    }
    Ok(places)
}

fn is_named(header: &[u8], column: &str) -> bool {
    let name = header.strip_prefix("\u{FEFF}".as_bytes()).unwrap_or(header);
    name.trim_ascii() == column.as_bytes()
}

/// The bytes of the file, unpacked when they begin as zstd does, whatever the file's name.
fn open(path: &Path) -> io::Result<Box<dyn Read>> {
    let mut file = BufReader::new(File::open(path)?);
    let packed = file.fill_buf()?.starts_with(&ZSTD_MAGIC);
    if packed {
        let unpacked = zstd::Decoder::with_buffer(file)?;
        return Ok(Box::new(Bounded { inner: unpacked, left: INPUT_BYTES_MAX }));
    }
    Ok(Box::new(Bounded { inner: file, left: INPUT_BYTES_MAX }))
}

/// Fails where `Take` would end quietly: a cut file must not look like a whole one.
struct Bounded<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let taken = u64::try_from(count).unwrap_or(u64::MAX);
        if self.left < taken {
            return Err(io::Error::other(format!("more than {INPUT_BYTES_MAX} bytes unpacked")));
        }
        self.left -= taken;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: &str) {
        let seen = match read_from(bytes, Path::new("f.csv"), &["id", "name"]) {
            Ok(rows) => rows
                .iter()
                .map(|row| match &row.fields {
                    Ok(fields) => format!("{} {}", row.line, fields.join("+")),
                    Err(fault) => format!("{} {}: {}", row.line, fault.code(), fault.detail()),
                })
                .collect::<Vec<_>>()
                .join(" | "),
            Err(fault) => fault.to_string(),
        };
        assert_eq!(seen, expected);
    }

    #[test]
    fn columns_are_found_by_name_and_others_ignored() {
        check(b"name,x,id\nA,1,7\nB,2,8\n", "2 7+A | 3 8+B");
        check("\u{FEFF}id,name\n1,Санса\n".as_bytes(), "2 1+Санса");
        check(b"id,name\r\n1,\"a,\"\"b\"\"\"\r\n", "2 1+a,\"b\"");
        check(b"id,name\r\n1,a\r\n\r\n2,\"b\r\nc\"\r\n3,d", "2 1+a | 4 2+b\r\nc | 6 3+d");
    }

    #[test]
    fn a_header_without_a_column_or_with_it_twice_stops_the_import() {
        check(b"id\n1\n", "read f.csv: the column name is missing from its first line");
        check(b"", "read f.csv: the column id is missing from its first line");
        check(b"id,name,id\n", "read f.csv: the column id stands twice in its first line");
    }

    #[test]
    fn a_bad_row_names_its_defect_and_the_next_row_is_read() {
        check(b"id,name\n1\n2,b\n", "2 column_count: 1 columns, not 2 | 3 2+b");
        check(b"id,name\n1,b,c\n2,b\n", "2 column_count: 3 columns, not 2 | 3 2+b");
        check(b"id,name\n1,\xff\n2,b\n", "2 not_utf8: name is not UTF-8 | 3 2+b");
        let long = format!("id,name\n1,{}\n2,b\n", "x".repeat(FIELD_BYTES_MAX + 1));
        check(long.as_bytes(), "2 field_too_long: name is longer than 512 bytes | 3 2+b");
    }

    #[test]
    fn a_quote_never_closed_is_one_long_row_that_says_how_far_it_went() {
        let text = format!("id,name\n1,\"b\n{}", "2,a name of some length\n".repeat(4000));
        check(
            text.as_bytes(),
            "2 row_too_long: the row goes on to line 4003: a quote is not closed",
        );
    }

    #[test]
    fn a_compressed_file_is_known_by_its_bytes_not_its_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("plain-name.csv");
        let packed = zstd::encode_all(&b"id,name\n1,a\n"[..], 3).expect("packed bytes");
        std::fs::write(&path, packed).expect("a file");
        let rows = read(&path, &["id", "name"]).expect("rows");
        assert_eq!(rows[0].fields, Ok(vec!["1".to_owned(), "a".to_owned()]));
    }

    #[test]
    fn a_cut_archive_is_a_fault_not_a_short_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("cut.csv.zst");
        let text = (0..9000)
            .fold(String::from("id,name\n"), |text, id| text + &format!("{id},{}\n", id * 7919));
        let packed = zstd::encode_all(text.as_bytes(), 3).expect("packed bytes");
        std::fs::write(&path, &packed[..packed.len() / 2]).expect("a file");
        assert!(matches!(read(&path, &["id"]), Err(ImportFault::Read { .. })));
    }
}
