//! The result file of a list: one line per row, `line,id,fate,reason,into`. It is made before the
//! first hotel is created, so that an import never ends without somewhere to say what happened.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::{Decision, Fate, MergeReason, Take};
use crate::import::input::ImportFault;

/// What became of a row that was to be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Applied {
    Created,
    /// A hotel with this external id exists; nothing was changed.
    AlreadyThere,
    /// The store of hotels said no, with its reason code.
    Refused {
        code: String,
    },
}

/// How many rows met each fate.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    pub rows: usize,
    pub taken: usize,
    pub already_there: usize,
    pub merged: usize,
    /// By reason code.
    pub refused: BTreeMap<String, usize>,
}

/// One line a person reads after an import.
impl std::fmt::Display for Summary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let refused: usize = self.refused.values().sum();
        write!(
            f,
            "{} rows: {} taken, {} already there, {} merged, {refused} refused",
            self.rows, self.taken, self.already_there, self.merged
        )?;
        for (position, (code, count)) in self.refused.iter().enumerate() {
            write!(f, "{}{code} {count}", if position == 0 { " (" } else { ", " })?;
        }
        if refused == 0 { Ok(()) } else { f.write_str(")") }
    }
}

/// The result file, open and empty.
#[derive(Debug)]
pub struct ResultFile {
    path: PathBuf,
    file: File,
}

/// Where the result of `input` goes when nobody says otherwise: beside it, `hotels.result.csv` for
/// `hotels.csv.zst`.
#[must_use]
pub fn beside(input: &Path) -> PathBuf {
    let name = input.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = name.unwrap_or_default();
    let stem = name.strip_suffix(".zst").unwrap_or(&name);
    let stem = stem.strip_suffix(".csv").unwrap_or(stem);
    input.with_file_name(format!("{stem}.result.csv"))
}

impl ResultFile {
    /// Makes or empties the file at `path`; refuses the input itself.
    pub fn create(path: &Path, input: &Path) -> Result<ResultFile, ImportFault> {
        let same = match (path.canonicalize(), input.canonicalize()) {
            (Ok(path), Ok(input)) => path == input,
            (Ok(_), Err(_)) | (Err(_), Ok(_)) | (Err(_), Err(_)) => false,
        };
        if same {
            return Err(ImportFault::ReportIsInput { path: path.to_owned() });
        }
        match File::create(path) {
            Ok(file) => Ok(ResultFile { path: path.to_owned(), file }),
            Err(source) => Err(ImportFault::Write { path: path.to_owned(), source }),
        }
    }

    /// Writes a text of the caller's own.
    pub fn write_text(self, text: &str) -> Result<(), ImportFault> {
        let ResultFile { path, mut file } = self;
        let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
        written.map_err(|source| ImportFault::Write { path, source })
    }

    /// Writes every row's fate. `applied` is by id; a row to be taken that it does not name was
    /// not reached, and says so.
    pub fn write(
        self,
        decision: &Decision,
        applied: &BTreeMap<String, Applied>,
    ) -> Result<Summary, ImportFault> {
        let ResultFile { path, mut file } = self;
        let mut bytes = Vec::new();
        let written = write_rows(decision, applied, &mut bytes)
            .and_then(|summary| file.write_all(&bytes).map(|()| summary))
            .and_then(|summary| file.sync_all().map(|()| summary));
        written.map_err(|source| ImportFault::Write { path, source })
    }
}

/// The rows of the result file as CSV, and their count by fate.
pub fn write_rows(
    decision: &Decision,
    applied: &BTreeMap<String, Applied>,
    out: &mut impl Write,
) -> io::Result<Summary> {
    let mut summary = Summary { rows: decision.rows.len(), ..Summary::default() };
    let mut lines = csv::Writer::from_writer(out);
    lines.write_record(["line", "id", "fate", "reason", "into"])?;
    for row in &decision.rows {
        let (fate, reason, into) = match &row.fate {
            Fate::Take(take) => match applied.get(&row.id) {
                Some(Applied::Created) => {
                    summary.taken += 1;
                    ("taken", take_notes(take), "")
                }
                Some(Applied::AlreadyThere) => {
                    summary.already_there += 1;
                    ("already there", String::new(), "")
                }
                Some(Applied::Refused { code }) => {
                    *summary.refused.entry(code.clone()).or_default() += 1;
                    ("refused", code.clone(), "")
                }
                None => {
                    *summary.refused.entry("not_reached".to_owned()).or_default() += 1;
                    ("refused", "not_reached".to_owned(), "")
                }
            },
            Fate::Merge { into, why } => {
                summary.merged += 1;
                ("merged", merge_notes(*why), into.as_str())
            }
            Fate::Refuse { why } => {
                *summary.refused.entry(why.code().to_owned()).or_default() += 1;
                ("refused", why.to_string(), "")
            }
        };
        lines.write_record([&row.line.to_string(), &row.id, fate, &reason, into])?;
    }
    lines.flush()?;
    drop(lines);
    Ok(summary)
}

fn merge_notes(why: MergeReason) -> String {
    match why {
        MergeReason::Listed => "dup_of".to_owned(),
        MergeReason::SameNameNearby { metres } => format!("same_name_nearby: {metres} m"),
    }
}

fn take_notes(take: &Take) -> String {
    let repairs = take.repairs.iter().map(|repair| format!("repaired {}", repair.code()));
    let filled = take.filled.iter().map(|(column, id)| format!("{column} from {id}"));
    let no_rooms = take.hotel.rooms.is_none().then(|| "no room count: nothing to sell".to_owned());
    repairs.chain(filled).chain(no_rooms).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::hotels::decide;
    use crate::import::input;

    #[test]
    fn the_result_stands_beside_the_input() {
        for (input, result) in [
            ("data/hotels.csv.zst", "data/hotels.result.csv"),
            ("hotels.csv", "hotels.result.csv"),
            ("hotels", "hotels.result.csv"),
        ] {
            assert_eq!(beside(Path::new(input)), Path::new(result));
        }
    }

    #[test]
    fn every_row_is_written_once_with_its_fate() {
        let text = "id,name,lat,lon,city,country,stars,rooms,brand,kind,timezone,source,licence,as_of,dup_of\n\
            a,\"A, B\",48.8,2.3,Paris,FR,3,,,hotel,Europe/Paris,osm,l,2026,\n\
            b, C ,48.9,2.3,Paris,FR,3,9,,hotel,Europe/Paris,osm,l,2026,\n\
            c,D,48.9,2.3,Paris,FR,3,9,Ibis,hotel,Europe/Paris,osm,l,2026,a\n\
            d,E,48.9,2.3,Paris,FR,9,9,,hotel,Europe/Paris,osm,l,2026,\n\
            e,F,48.9,2.3,Paris,FR,3,9,,hotel,Europe/Paris,osm,l,2026,\n";
        let rows = input::read_from(text.as_bytes(), Path::new("f"), &super::super::row::COLUMNS);
        let decision = decide(&rows.expect("rows"));
        let applied = BTreeMap::from([
            ("a".to_owned(), Applied::Created),
            ("b".to_owned(), Applied::AlreadyThere),
        ]);
        let mut out = Vec::new();
        let summary = write_rows(&decision, &applied, &mut out).expect("written");
        assert_eq!(
            String::from_utf8(out).expect("text"),
            "line,id,fate,reason,into\n\
             2,a,taken,rooms from c; brand from c,\n\
             3,b,already there,,\n\
             4,c,merged,dup_of,a\n\
             5,d,refused,stars_out_of_range: 9 is not within 1 to 5,\n\
             6,e,refused,not_reached,\n"
        );
        assert_eq!(
            summary.to_string(),
            "5 rows: 1 taken, 1 already there, 1 merged, 2 refused \
             (not_reached 1, stars_out_of_range 1)"
        );
    }

    #[test]
    fn the_input_is_never_overwritten() {
        let folder = tempfile::tempdir().expect("a folder");
        let input = folder.path().join("hotels.csv");
        std::fs::write(&input, "id\n").expect("a file");
        let made = ResultFile::create(&folder.path().join("./hotels.csv"), &input);
        assert!(matches!(made, Err(ImportFault::ReportIsInput { .. })));
        assert_eq!(std::fs::read(&input).expect("the input"), b"id\n");
    }
}
