//! Tables for spreadsheets and other programs, written row by row beside a running server. It must
//! not change anything, and it holds one page in memory at most.

use std::io::Write;

use vacancy_domain::ids::{DisputeId, LineId, PaymentId, PropertyId, ReservationId};
use vacancy_domain::stays::Day;
use vacancy_store::exports::{self, Column, Exported, PAGE_ROWS, Value};
use vacancy_store::faults::Fault;
use vacancy_store::sql::Db;
use vacancy_store::verify;

/// Properties of one page.
const PAGE_PROPERTIES: i64 = 500;
/// What makes a spreadsheet take a text for a formula.
const FORMULA_STARTS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Which table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    Reservations,
    Ledger,
    Payments,
    Disputes,
    Guests,
}

impl What {
    fn columns(self) -> &'static [Column] {
        match self {
            What::Reservations => exports::RESERVATIONS,
            What::Ledger => exports::LEDGER,
            What::Payments => exports::PAYMENTS,
            What::Disputes => exports::DISPUTES,
            What::Guests => exports::GUESTS,
        }
    }
}

/// In which form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One header, then a line per row; no cell begins like a formula.
    Csv,
    /// One JSON object per line, texts as they are.
    Jsonl,
}

#[derive(Debug, thiserror::Error)]
pub enum ExportFault {
    #[error(transparent)]
    Store(#[from] Fault),
    #[error("write the export: {0}")]
    Write(#[from] std::io::Error),
}

/// Writes the table, of one hotel or of all, and gives the number of rows.
///
/// # Errors
/// When the store fails or nothing can be written.
pub async fn export(
    db: &Db,
    what: What,
    hotel: Option<PropertyId>,
    form: Form,
    to: &mut impl Write,
) -> Result<u64, ExportFault> {
    let mut sheet = Sheet { columns: what.columns(), form, to, rows_count: 0 };
    sheet.begin()?;
    if let Some(hotel) = hotel {
        of_property(db, what, hotel, &mut sheet).await?;
        return Ok(sheet.rows_count);
    }
    let mut behind = None;
    loop {
        let page =
            db.read(move |tx| Box::pin(verify::properties(tx, behind, PAGE_PROPERTIES))).await?;
        let Some(last) = page.last() else { return Ok(sheet.rows_count) };
        behind = Some(*last);
        for property in page {
            of_property(db, what, property, &mut sheet).await?;
        }
    }
}

async fn of_property(
    db: &Db,
    what: What,
    property: PropertyId,
    sheet: &mut Sheet<'_, impl Write>,
) -> Result<(), ExportFault> {
    // The place behind the last row: its id, and for the ledger the number beside it.
    let (mut after, mut seq) = (0, 0);
    loop {
        let page = match what {
            What::Ledger => {
                let after = (LineId(after), seq);
                db.read(move |tx| Box::pin(exports::ledger(tx, property, after))).await?
            }
            What::Payments => {
                let after = PaymentId(after);
                db.read(move |tx| Box::pin(exports::payments(tx, property, after))).await?
            }
            What::Disputes => {
                let after = DisputeId(after);
                db.read(move |tx| Box::pin(exports::disputes(tx, property, after))).await?
            }
            What::Guests => {
                let after = ReservationId(after);
                db.read(move |tx| Box::pin(exports::guests(tx, property, after))).await?
            }
            What::Reservations => {
                let after = ReservationId(after);
                db.read(move |tx| Box::pin(exports::reservations(tx, property, after))).await?
            }
        };
        if let Some(Exported(last)) = page.last() {
            let (id, number) = (last.get(1), last.get(2));
            after = if let Some(Value::Id(id)) = id { *id } else { after };
            seq = if let Some(Value::Whole(number)) = number { *number } else { seq };
        }
        if !sheet.page(&page)? {
            return Ok(());
        }
    }
}

/// The file as it grows.
struct Sheet<'t, W> {
    columns: &'static [Column],
    form: Form,
    to: &'t mut W,
    rows_count: u64,
}

impl<W: Write> Sheet<'_, W> {
    fn begin(&mut self) -> std::io::Result<()> {
        match self.form {
            Form::Csv => self.csv_line(self.columns.iter().map(|(name, _)| (*name).to_owned())),
            Form::Jsonl => Ok(()),
        }
    }

    /// Writes a page; says whether there may be another.
    fn page(&mut self, rows: &[Exported]) -> std::io::Result<bool> {
        for Exported(values) in rows {
            match self.form {
                Form::Csv => self.csv_line(values.iter().map(cell))?,
                Form::Jsonl => self.json_line(values)?,
            }
            self.rows_count += 1;
        }
        Ok(i64::try_from(rows.len()).is_ok_and(|count| PAGE_ROWS <= count))
    }

    fn csv_line(&mut self, cells: impl Iterator<Item = String>) -> std::io::Result<()> {
        let mut line = csv::Writer::from_writer(&mut *self.to);
        line.write_record(cells)?;
        line.flush()
    }

    fn json_line(&mut self, values: &[Value]) -> std::io::Result<()> {
        let named = self.columns.iter().zip(values);
        let object = named.map(|((name, _), value)| ((*name).to_owned(), json(value))).collect();
        serde_json::to_writer(&mut *self.to, &serde_json::Value::Object(object))?;
        self.to.write_all(b"\n")
    }
}

fn cell(value: &Value) -> String {
    if let Value::Text(text) = value
        && text.starts_with(FORMULA_STARTS)
    {
        return format!("'{text}");
    }
    plain(value)
}

fn plain(value: &Value) -> String {
    match value {
        Value::Nothing => String::new(),
        Value::Id(id) => PropertyId(*id).to_string(),
        Value::Text(text) => text.clone(),
        Value::Whole(number) => number.to_string(),
        Value::Instant(at_ms) => instant(*at_ms),
        Value::Day(day) => Day(*day).to_string(),
    }
}

fn json(value: &Value) -> serde_json::Value {
    match value {
        Value::Nothing => serde_json::Value::Null,
        Value::Whole(number) => (*number).into(),
        Value::Id(_) | Value::Text(_) | Value::Instant(_) | Value::Day(_) => plain(value).into(),
    }
}

fn instant(at_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(at_ms)
        .map_or_else(|_far_away| at_ms.to_string(), |at| at.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(form: Form, values: Vec<Value>) -> String {
        let mut to = Vec::new();
        let columns = &exports::GUESTS[..values.len()];
        let mut sheet = Sheet { columns, form, to: &mut to, rows_count: 0 };
        sheet.page(&[Exported(values)]).expect("memory can be written");
        String::from_utf8(to).expect("text")
    }

    #[test]
    fn no_cell_of_a_spreadsheet_begins_like_a_formula() {
        for start in ["=", "+", "-", "@", "\t", "\r"] {
            let name = format!("{start}cmd|' /C calc'!A0");
            let line = sheet(Form::Csv, vec![Value::Text(name.clone())]);
            let read = csv::ReaderBuilder::new()
                .has_headers(false)
                .from_reader(line.as_bytes())
                .into_records()
                .next()
                .expect("a row")
                .expect("a whole row");
            assert_eq!(&read[0], format!("'{name}"));
        }
        assert_eq!(sheet(Form::Csv, vec![Value::Whole(-5)]), "-5\n", "a number is no formula");
        assert_eq!(
            sheet(Form::Csv, vec![Value::Text("a=b, \"c\"".into())]),
            "\"a=b, \"\"c\"\"\"\n"
        );
    }

    #[test]
    fn programs_get_texts_as_they_are() {
        let values = vec![Value::Id(1), Value::Text("=1".into()), Value::Nothing];
        let line = sheet(Form::Jsonl, values);
        let read: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        assert_eq!(read["reservation_id"], "=1");
        assert_eq!(read["hotel_id"], "00000000-0000-0000-0000-000000000001");
        assert_eq!(read["guest_name"], serde_json::Value::Null);
        assert!(line.ends_with("}\n"));
    }

    #[test]
    fn times_are_told_as_people_and_programs_read_them() {
        assert_eq!(plain(&Value::Instant(0)), "1970-01-01T00:00:00Z");
        assert_eq!(plain(&Value::Day(20_000)), "2024-10-04");
    }
}
