//! A hotel day by day: for guests the cheapest price and whether there is room, for the business
//! every number of every night.

use vacancy_domain::access::Action;
use vacancy_domain::cells::Cell;
use vacancy_domain::hotels::{Party, RoomType};
use vacancy_domain::ids::PropertyId;
use vacancy_domain::money::Currency;
use vacancy_domain::prices::Terms;
use vacancy_domain::stays::{Day, Stay};
use vacancy_domain::zones;
use vacancy_store::sql::Db;

use crate::access::{self, Actor, On};
use crate::availability::{one, unknown_zone, wish};
use crate::errors::Error;

/// Most days of one calendar.
pub const CALENDAR_DAYS_MAX: i64 = 400;

/// One night as a guest sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarDay {
    pub day: Day,
    /// This night alone, in the cheapest room type that has a room for this party.
    pub cheapest_minor: Option<i64>,
    /// Some room type that fits sells this night.
    pub is_open: bool,
    /// Over all room types that fit and sell.
    pub rooms_left: i64,
    /// No room type that sells lets a stay begin, or end, here.
    pub closed_to_arrival: bool,
    pub closed_to_departure: bool,
    /// Of a stay that arrives here, in the room type that asks least.
    pub stay_nights_min: Option<i64>,
    /// In the room type that allows most.
    pub stay_nights_max: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    pub as_of_ms: i64,
    pub currency: Currency,
    pub days: Vec<CalendarDay>,
}

/// One room type with every night as it is, touched or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeNights {
    pub room_type: RoomType,
    pub nights: Vec<(Day, Cell)>,
}

/// The days from the first up to, not including, the end, for a number of adults in one room.
pub async fn days(
    db: &Db,
    actor: &Actor,
    property: PropertyId,
    days: Stay,
    adults: i64,
) -> Result<Calendar, Error> {
    actor.may(Action::Find, On::Platform)?;
    check_days(days)?;
    let view = one(db, property, days).await?;
    let local = zones::local_at(view.now_ms, &view.hotel.time_zone).map_err(|_| unknown_zone())?;
    let fits = |room_type: &&RoomType| adults <= room_type.adults_max.min(room_type.guests_max);
    let party = Party { adults, children: Vec::new(), room_count: 1 };
    let types: Vec<&RoomType> = view.stock.types(property).filter(fits).collect();
    let day_of = |day: Day| {
        let nights = types.iter().filter_map(|room_type| {
            let touched = view.stock.touched(room_type.pool).get(&day).copied();
            let cell = touched.unwrap_or_else(|| Cell::untouched(room_type.stock));
            // A stay of this night alone, before tax.
            let wish = wish(Stay::new(day, day.plus(1)), &party, local, Terms::STANDARD);
            let rate_minor = view.stock.look(room_type, &view.rates, &wish).price?.subtotal_minor;
            (local.day <= day && !cell.restrictions.closed && 0 < cell.free_units())
                .then_some((cell, rate_minor))
        });
        calendar_day(day, &nights.collect::<Vec<_>>())
    };
    let currency = view.hotel.currency;
    Ok(Calendar { as_of_ms: view.now_ms, currency, days: days.days().map(day_of).collect() })
}

/// One day, from the room types that sell it.
fn calendar_day(day: Day, selling: &[(Cell, i64)]) -> CalendarDay {
    let rules = || selling.iter().map(|(cell, _)| cell.restrictions);
    let is_open = !selling.is_empty();
    // A type without a rule asks for nothing and allows all.
    let least = rules().map(|rules| rules.stay_nights_min.unwrap_or(0)).min();
    let most = rules().map(|rules| rules.stay_nights_max.unwrap_or(i64::MAX)).max();
    CalendarDay {
        day,
        cheapest_minor: selling.iter().map(|(_, rate_minor)| *rate_minor).min(),
        is_open,
        rooms_left: selling.iter().map(|(cell, _)| cell.free_units()).sum(),
        closed_to_arrival: is_open && rules().all(|rules| rules.closed_to_arrival),
        closed_to_departure: is_open && rules().all(|rules| rules.closed_to_departure),
        stay_nights_min: least.filter(|nights| 0 < *nights),
        stay_nights_max: most.filter(|nights| *nights < i64::MAX),
    }
}

/// Every night of every room type, for who runs the hotel.
pub async fn inventory(
    db: &Db,
    actor: &Actor,
    property: PropertyId,
    days: Stay,
) -> Result<Vec<TypeNights>, Error> {
    access::hotel(db, actor, Action::ReadInventory, property).await?;
    check_days(days)?;
    let view = one(db, property, days).await?;
    let nights = |room_type: &RoomType| {
        let touched = view.stock.touched(room_type.pool);
        let cell = |day: Day| {
            touched.get(&day).copied().unwrap_or_else(|| Cell::untouched(room_type.stock))
        };
        let nights = days.days().map(|day| (day, cell(day))).collect();
        TypeNights { room_type: room_type.clone(), nights }
    };
    Ok(view.stock.types(property).map(nights).collect())
}

fn check_days(days: Stay) -> Result<(), Error> {
    if (1..=CALENDAR_DAYS_MAX).contains(&days.nights()) {
        return Ok(());
    }
    let detail = format!("must be 1 to {CALENDAR_DAYS_MAX} days after from");
    Err(Error::invalid("to", "out_of_range", detail))
}
