//! What the store holds of a property after a replay, added up night by night. Reads only.

use vacancy_domain::ids::{PropertyId, ReservationId};
use vacancy_domain::ledger::Line;
use vacancy_domain::prices::Price;
use vacancy_domain::stays::Day;
use vacancy_store::figures::{self, SLEPT_PAGE_MAX};
use vacancy_store::sql::Db;

use crate::errors::Error;
use crate::import::bookings::report::Stored;

/// Reads the states of all reservations, and every night that the ledger says was kept.
pub async fn read(db: &Db, property: PropertyId) -> Result<Stored, Error> {
    let states =
        db.read(move |tx| Box::pin(async move { figures::count_by_state(tx, property).await }));
    let mut stored = Stored::default();
    for (state, count) in states.await? {
        stored.by_state.insert(state.word(), count);
    }
    let mut after = ReservationId(0);
    loop {
        let page =
            db.read(move |tx| Box::pin(async move { figures::slept(tx, property, after).await }));
        let page = page.await?;
        for guest in &page {
            stored.left_on_arrival_day += i64::from(guest.lines.is_empty());
            for line in &guest.lines {
                add(&mut stored, line, &guest.price)?;
            }
        }
        let is_last = i64::try_from(page.len()).is_ok_and(|count| count < SLEPT_PAGE_MAX);
        match page.last() {
            Some(guest) if !is_last => after = guest.reservation,
            Some(_) | None => return Ok(stored),
        }
    }
}

fn add(stored: &mut Stored, line: &Line, price: &Price) -> Result<(), Error> {
    for day in line.stay.days() {
        let revenue_minor = night_minor(price, line, day).ok_or(Error::NotFound)?;
        let night = stored.nights.entry(day).or_default();
        night.room_nights += line.units;
        night.revenue_minor += revenue_minor * line.units;
    }
    Ok(())
}

/// What was agreed for one unit on a night. A stay that was shortened has lines of its own, so the
/// price is found by room type and night.
fn night_minor(price: &Price, line: &Line, day: Day) -> Option<i64> {
    let of_pool = price.lines.iter().filter(|part| part.pool == line.pool);
    let mut nights = of_pool.flat_map(|part| &part.nights);
    nights.find(|night| night.day == day).map(|night| night.amount_minor)
}
