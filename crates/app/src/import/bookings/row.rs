//! One row of a hotel's booking history: dates, price and end made exact, gaps and contradictions
//! repaired by stated rules, or the one reason why the row cannot be read. Never a float.

use vacancy_domain::stays::{Day, Stay};

use super::price;
use crate::import::input::RowFault;

/// The columns of a history, in the order [`parse`] takes them. Others may stand beside them.
pub const COLUMNS: [&str; 21] = [
    "hotel",
    "is_canceled",
    "lead_time",
    "arrival_date_year",
    "arrival_date_month",
    "arrival_date_day_of_month",
    "stays_in_weekend_nights",
    "stays_in_week_nights",
    "adults",
    "children",
    "babies",
    "meal",
    "country",
    "market_segment",
    "distribution_channel",
    "reserved_room_type",
    "agent",
    "company",
    "adr",
    "reservation_status",
    "reservation_status_date",
];

/// Longest stay that is believed, in nights.
pub const NIGHTS_MAX: i64 = 366;

/// Longest time between booking and arrival that is believed, in days.
pub const LEAD_DAYS_MAX: i64 = 3660;

/// Most people of one kind in one booking that are believed.
pub const PEOPLE_MAX: i64 = 1000;

/// A booking as the hotel's books have it, repaired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booking {
    /// Line of the row in the file; the first line is 1.
    pub line: u64,
    pub booking_day: Day,
    /// What was booked. Without a night it is day use.
    pub stay: Stay,
    pub adults: i64,
    pub children: i64,
    pub babies: i64,
    /// The reserved type, not the assigned one.
    pub room_type: String,
    /// Price of one night in cents.
    pub adr_minor: i64,
    pub end: End,
    /// What else the books say; `None` where they say NULL, NA or Undefined.
    pub meal: Option<String>,
    pub country: Option<String>,
    pub market_segment: Option<String>,
    pub distribution_channel: Option<String>,
    pub agent: Option<String>,
    pub company: Option<String>,
}

/// A row as read: whose it is, what it says, and what it took to make sense of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    pub hotel: String,
    pub booking: Booking,
    pub repairs: Vec<Repair>,
}

/// How a booking ended, on a day that fits its stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The guest came on the first day and left on this one: never before it, never after the end.
    CheckedOut { day: Day },
    /// Never before the booking, never after the first day.
    Canceled { day: Day },
    /// The guest did not come on the first day.
    NoShow,
}

impl Booking {
    /// Nights that the guest was in the house.
    #[must_use]
    pub fn nights_stayed(&self) -> i64 {
        match self.end {
            End::CheckedOut { day } => day.0 - self.stay.first_day.0,
            End::Canceled { .. } | End::NoShow => 0,
        }
    }

    #[must_use]
    pub fn is_day_use(&self) -> bool {
        self.stay.nights() == 0
    }
}

/// What was changed so that a row makes sense. Each has its own line in the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Repair {
    /// A negative price counts as 0.
    PriceNegative,
    /// More than two decimals: rounded half away from zero.
    PriceRounded,
    /// No adult counts as one.
    NoAdult,
    /// A number of children or babies that is not known counts as 0.
    ChildrenUnknown,
    /// The status decides where `is_canceled` says otherwise.
    CanceledFlagDisagrees,
    /// Left before arriving: counts as left on the day of arrival, with no night.
    LeftBeforeArrival,
    /// Left after the booked nights: these count, since no other night was ever booked.
    LeftAfterDeparture,
    /// Cancelled before it was booked: counts as cancelled on the day of the booking.
    CanceledBeforeBooked,
    /// Cancelled after the day of arrival: counts as cancelled on that day.
    CanceledAfterArrival,
    /// A no-show marked on another day than that of arrival: counts on the day of arrival.
    NoShowMoved,
}

impl Repair {
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Repair::PriceNegative => "price_negative",
            Repair::PriceRounded => "price_rounded",
            Repair::NoAdult => "no_adult",
            Repair::ChildrenUnknown => "children_unknown",
            Repair::CanceledFlagDisagrees => "canceled_flag_disagrees",
            Repair::LeftBeforeArrival => "left_before_arrival",
            Repair::LeftAfterDeparture => "left_after_departure",
            Repair::CanceledBeforeBooked => "canceled_before_booked",
            Repair::CanceledAfterArrival => "canceled_after_arrival",
            Repair::NoShowMoved => "no_show_moved",
        }
    }
}

/// Why a row cannot be read at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unreadable {
    Row(RowFault),
    /// The column is no whole number within its bounds.
    Number {
        column: &'static str,
    },
    /// Year, month and day of arrival are no date.
    ArrivalDay,
    StatusDay,
    Status,
    Price,
    RoomTypeMissing,
    HotelMissing,
    AnotherHotel,
}

impl Unreadable {
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Unreadable::Row(fault) => fault.code(),
            Unreadable::Number { column } => column,
            Unreadable::ArrivalDay => "arrival_date",
            Unreadable::StatusDay => "reservation_status_date",
            Unreadable::Status => "reservation_status",
            Unreadable::Price => "adr",
            Unreadable::RoomTypeMissing => "reserved_room_type",
            Unreadable::HotelMissing => "hotel",
            Unreadable::AnotherHotel => "another_hotel",
        }
    }
}

struct Fields<'a> {
    texts: &'a [String],
}

impl<'a> Fields<'a> {
    fn get(&self, column: &str) -> &'a str {
        let place = COLUMNS.iter().position(|known| *known == column);
        place.and_then(|place| self.texts.get(place)).map_or("", |text| text.trim())
    }

    fn number(&self, column: &'static str, max: i64) -> Result<i64, Unreadable> {
        match self.get(column).parse() {
            Ok(number) if (0..=max).contains(&number) => Ok(number),
            Ok(_) | Err(_) => Err(Unreadable::Number { column }),
        }
    }

    fn known(&self, column: &str) -> Option<String> {
        let text = self.get(column);
        (!is_unknown(text)).then(|| text.to_owned())
    }
}

/// Reads the fields of one row, in the order of [`COLUMNS`].
pub fn parse(line: u64, texts: &[String]) -> Result<Read, Unreadable> {
    let fields = Fields { texts };
    let mut repairs = Vec::new();
    let hotel = fields.known("hotel").ok_or(Unreadable::HotelMissing)?;
    let room_type = fields.known("reserved_room_type").ok_or(Unreadable::RoomTypeMissing)?;
    let stay = parse_stay(&fields)?;
    let booking_day = stay.first_day.plus(-fields.number("lead_time", LEAD_DAYS_MAX)?);
    let end = parse_end(&fields, booking_day, stay, &mut repairs)?;
    let adr_minor = parse_price(fields.get("adr"), &mut repairs)?;
    let mut adults = fields.number("adults", PEOPLE_MAX)?;
    if adults == 0 {
        adults = 1;
        repairs.push(Repair::NoAdult);
    }
    let children = parse_children(&fields, "children", &mut repairs)?;
    let babies = parse_children(&fields, "babies", &mut repairs)?;
    let booking = Booking {
        line,
        booking_day,
        stay,
        adults,
        children,
        babies,
        room_type,
        adr_minor,
        end,
        meal: fields.known("meal"),
        country: fields.known("country"),
        market_segment: fields.known("market_segment"),
        distribution_channel: fields.known("distribution_channel"),
        agent: fields.known("agent"),
        company: fields.known("company"),
    };
    Ok(Read { hotel, booking, repairs })
}

fn parse_stay(fields: &Fields<'_>) -> Result<Stay, Unreadable> {
    let first_day = parse_arrival(fields).ok_or(Unreadable::ArrivalDay)?;
    let weekend_nights = fields.number("stays_in_weekend_nights", NIGHTS_MAX)?;
    let week_nights = fields.number("stays_in_week_nights", NIGHTS_MAX)?;
    let nights = weekend_nights + week_nights;
    if NIGHTS_MAX < nights {
        return Err(Unreadable::Number { column: "stays_in_week_nights" });
    }
    Ok(Stay::new(first_day, first_day.plus(nights)))
}

fn parse_arrival(fields: &Fields<'_>) -> Option<Day> {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let name = fields.get("arrival_date_month");
    let month = (1_i8..).zip(MONTHS).find(|(_, known)| *known == name).map(|(month, _)| month)?;
    let year: i16 = fields.get("arrival_date_year").parse().ok()?;
    let day: i8 = fields.get("arrival_date_day_of_month").parse().ok()?;
    (1970..=9000).contains(&year).then_some(())?;
    jiff::civil::Date::new(year, month, day).ok().map(Day::from)
}

/// The status and its day, moved where they contradict the stay.
fn parse_end(
    fields: &Fields<'_>,
    booking_day: Day,
    stay: Stay,
    repairs: &mut Vec<Repair>,
) -> Result<End, Unreadable> {
    let day: Day =
        fields.get("reservation_status_date").parse().map_err(|_| Unreadable::StatusDay)?;
    let (end, canceled) = match fields.get("reservation_status") {
        "Check-Out" => {
            if day < stay.first_day {
                repairs.push(Repair::LeftBeforeArrival);
            } else if stay.end_day < day {
                repairs.push(Repair::LeftAfterDeparture);
            }
            (End::CheckedOut { day: day.clamp(stay.first_day, stay.end_day) }, "0")
        }
        "Canceled" => {
            if day < booking_day {
                repairs.push(Repair::CanceledBeforeBooked);
            } else if stay.first_day < day {
                repairs.push(Repair::CanceledAfterArrival);
            }
            (End::Canceled { day: day.clamp(booking_day, stay.first_day) }, "1")
        }
        "No-Show" => {
            if day != stay.first_day {
                repairs.push(Repair::NoShowMoved);
            }
            (End::NoShow, "1")
        }
        _ => return Err(Unreadable::Status),
    };
    if fields.get("is_canceled") != canceled {
        repairs.push(Repair::CanceledFlagDisagrees);
    }
    Ok(end)
}

fn parse_price(text: &str, repairs: &mut Vec<Repair>) -> Result<i64, Unreadable> {
    let price = price::parse_cents(text).ok_or(Unreadable::Price)?;
    if price.minor < 0 {
        repairs.push(Repair::PriceNegative);
        return Ok(0);
    }
    if price.rounded {
        repairs.push(Repair::PriceRounded);
    }
    Ok(price.minor)
}

fn parse_children(
    fields: &Fields<'_>,
    column: &'static str,
    repairs: &mut Vec<Repair>,
) -> Result<i64, Unreadable> {
    if is_unknown(fields.get(column)) {
        repairs.push(Repair::ChildrenUnknown);
        return Ok(0);
    }
    fields.number(column, PEOPLE_MAX)
}

fn is_unknown(text: &str) -> bool {
    matches!(text, "" | "NULL" | "NA" | "Undefined")
}
