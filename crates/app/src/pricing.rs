//! What a stay costs, room type by room type, and for many hotels what a night costs on average.
#![deny(clippy::float_arithmetic)]

use std::collections::BTreeMap;

use vacancy_domain::access::Action;
use vacancy_domain::availability::check_stay;
use vacancy_domain::hotels::{Party, RoomType};
use vacancy_domain::ids::{LineId, PropertyId};
use vacancy_domain::ledger::Line;
use vacancy_domain::money::{Currency, Money};
use vacancy_domain::prices::{self, Price, Rates};
use vacancy_domain::refusals::Refusal;
use vacancy_domain::stays::Stay;
use vacancy_domain::zones;
use vacancy_store::sql::Db;

use crate::access::{Actor, On};
use crate::availability::{choose, many, one, unknown_zone};
use crate::errors::Error;
use crate::fields::invalid_unless_clean;

/// What a guest asks one hotel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    pub property: PropertyId,
    pub stay: Stay,
    /// Codes; `None` asks all.
    pub room_types: Option<Vec<String>>,
    pub adults: i64,
}

/// The price of one unit of a room type; none when some night has no rate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypePrice {
    pub room_type: RoomType,
    pub price: Option<Price>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pricing {
    pub as_of_ms: i64,
    pub currency: Currency,
    /// In the order of their codes.
    pub types: Vec<TypePrice>,
}

/// What one unit of each room type costs for a stay. Whether there is one is another question.
pub async fn ask(db: &Db, actor: &Actor, ask: &Ask) -> Result<Pricing, Error> {
    actor.may(Action::Find, On::Platform)?;
    let party = Party { adults: ask.adults, children: Vec::new(), room_count: 1 };
    invalid_unless_clean(party.check())?;
    let view = one(db, ask.property, ask.stay).await?;
    let today = zones::day_at(view.now_ms, &view.hotel.time_zone).map_err(|_| unknown_zone())?;
    check_stay(ask.stay, today)?;
    let mut types = Vec::new();
    for room_type in choose(&view.stock, ask.property, ask.room_types.as_deref())? {
        let price = price_of(&room_type, ask.stay, 1, &view.rates)?;
        types.push(TypePrice { room_type, price });
    }
    Ok(Pricing { as_of_ms: view.now_ms, currency: view.hotel.currency, types })
}

/// What a night of the cheapest room type costs on average, before tax. Hotels that are not there,
/// or sell nothing for all these nights, are left out.
pub async fn ask_batch(
    db: &Db,
    actor: &Actor,
    properties: &[PropertyId],
    stay: Stay,
) -> Result<BTreeMap<PropertyId, Money>, Error> {
    actor.may(Action::Find, On::Platform)?;
    let (_, hotels, mut stock) = many(db, properties, stay).await?;
    let mut answers = BTreeMap::new();
    for hotel in hotels {
        let rates = stock.rates(&hotel);
        for room_type in stock.types(hotel.id) {
            let Ok(Some(price)) = price_of(room_type, stay, 1, &rates) else { continue };
            let Some(night) = average_night(&price, stay, 1) else { continue };
            let best = answers.entry(hotel.id).or_insert(night);
            if night.minor < best.minor {
                *best = night;
            }
        }
    }
    Ok(answers)
}

/// The price of some units of a room type; none when some night has no rate.
pub(crate) fn price_of(
    room_type: &RoomType,
    stay: Stay,
    units: i64,
    rates: &Rates,
) -> Result<Option<Price>, Error> {
    // The line is nobody's: it is only priced.
    let line = Line { id: LineId(0), pool: room_type.pool, stay, units };
    match prices::price(&[line], rates) {
        Ok(price) => Ok(Some(price)),
        Err(Refusal::Unavailable { .. }) => Ok(None),
        Err(other) => Err(Error::from(other)),
    }
}

/// One night of one unit on average, before tax.
pub(crate) fn average_night(price: &Price, stay: Stay, units: i64) -> Option<Money> {
    let nights = stay.nights().checked_mul(units)?;
    Money::new(price.subtotal_minor, price.currency).average(nights)
}
