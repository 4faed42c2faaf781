//! The booking history of a real hotel: reads it and plans its replay, each booking on its day. Must
//! not book anything: a replay takes the [`plan`] through the same use cases as the API, and gives
//! what happened to the [`report`].
//!
//! What the history of the resort hotel holds (40,060 rows, arrivals 2015-07-01 to 2017-08-31), as
//! found by looking, and what is done about it. The rules for what it does not hold are in
//! [`row::Repair`].
//!
//! - 384 rows have no night: 372 guests who left, 6 cancelled, 6 did not come. They are day use, on
//!   their own line of the report, and take no stock.
//! - 28,545 stays end on the booked day; 21 on the day of arrival (nights booked, none slept: all
//!   return). None ends between, before arrival or after departure.
//! - 10,825 stays are cancelled, none before it is booked or after arrival; 1,259 of them on the
//!   day of the booking, 320 on the day of arrival (114 both).
//! - 285 guests of stays do not come, all marked on the day of arrival except line 7037, marked 111
//!   days before it: it counts on the day of arrival, since only then can a guest fail to come.
//! - No lead time is negative. One booking is made 737 days ahead: advance limits do not apply to a
//!   replay.
//! - Prices have at most two decimals; 1 is negative (-6.38), 751 are 0. Money of day use is 0.
//! - 13 rows have no adult and no child either. 16 cancelled rows have 5 to 55 adults for one room.
//! - `NULL`, `NA` and `Undefined` are unknown. The country `CN` (710) is kept as it is written.
//! - Whole rows repeat; they are groups, and all count. The order of rows is not that of booking.

mod books;
pub mod options;
pub mod plan;
pub mod price;
pub mod report;
pub mod row;
pub mod table;

use std::collections::BTreeMap;
use std::path::Path;

use crate::import::input::{self, ImportFault, Row};
use row::{Booking, End, Read, Repair, Unreadable};

/// A history, read: what can be replayed, and what cannot and why.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// Name of the one hotel; rows of another cannot be replayed with it.
    pub hotel: String,
    pub rows: usize,
    /// Bookings of at least one night, in the order of the file.
    pub stays: Vec<Booking>,
    pub day_use: DayUse,
    pub unreadable: Vec<UnreadableRow>,
    pub repairs: BTreeMap<Repair, i64>,
    /// Rows that say NULL, NA or Undefined, by column.
    pub unknown: BTreeMap<&'static str, i64>,
}

/// Bookings without a night, by their end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct DayUse {
    pub checked_out: i64,
    pub canceled: i64,
    pub no_show: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadableRow {
    pub line: u64,
    pub why: Unreadable,
}

/// Reads the history at `path`.
pub fn read(path: &Path) -> Result<History, ImportFault> {
    Ok(collect(&input::read(path, &row::COLUMNS)?))
}

/// Sorts rows whose fields stand in the order of [`row::COLUMNS`] into what they are.
#[must_use]
pub fn collect(rows: &[Row]) -> History {
    let mut history = History { rows: rows.len(), ..History::default() };
    for row in rows {
        let fields = row.fields.as_ref().map_err(|fault| Unreadable::Row(fault.clone()));
        let parsed = fields.and_then(|fields| row::parse(row.line, fields));
        match parsed.and_then(|read| of_one_hotel(&mut history.hotel, read)) {
            Ok(read) => history.add(read),
            Err(why) => history.unreadable.push(UnreadableRow { line: row.line, why }),
        }
    }
    history
}

/// The first row names the hotel.
fn of_one_hotel(hotel: &mut String, read: Read) -> Result<Read, Unreadable> {
    if hotel.is_empty() {
        hotel.clone_from(&read.hotel);
    }
    if *hotel == read.hotel { Ok(read) } else { Err(Unreadable::AnotherHotel) }
}

impl History {
    fn add(&mut self, read: Read) {
        let Read { booking, repairs, .. } = read;
        for repair in repairs {
            *self.repairs.entry(repair).or_default() += 1;
        }
        for (column, value) in [
            ("meal", &booking.meal),
            ("country", &booking.country),
            ("market_segment", &booking.market_segment),
            ("distribution_channel", &booking.distribution_channel),
            ("agent", &booking.agent),
            ("company", &booking.company),
        ] {
            if value.is_none() {
                *self.unknown.entry(column).or_default() += 1;
            }
        }
        if !booking.is_day_use() {
            self.stays.push(booking);
            return;
        }
        match booking.end {
            End::CheckedOut { .. } => self.day_use.checked_out += 1,
            End::Canceled { .. } => self.day_use.canceled += 1,
            End::NoShow => self.day_use.no_show += 1,
        }
    }
}

#[cfg(test)]
mod tests;
