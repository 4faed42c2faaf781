//! What a stay costs, room type by room type, and for many hotels what a night costs on average.
#![deny(clippy::float_arithmetic)]

use std::collections::BTreeMap;

use vacancy_domain::access::Action;
use vacancy_domain::availability::{Wish, check_stay};
use vacancy_domain::hotels::{Party, RoomType};
use vacancy_domain::ids::{PoolId, PropertyId};
use vacancy_domain::ledger::Line;
use vacancy_domain::money::{Currency, Money};
use vacancy_domain::prices::guests::{self, Guests};
use vacancy_domain::prices::tariff::RatePlan;
use vacancy_domain::prices::{self, Price, Rates, Sale, Terms};
use vacancy_domain::refusals::Refusal;
use vacancy_domain::stays::{Day, Stay};
use vacancy_domain::zones;
use vacancy_store::sql::Db;

use crate::access::{Actor, On};
use crate::availability::{choose, many, one, unknown_zone, wish};
use crate::errors::Error;
use crate::fields::invalid_unless_clean;

/// Who sleeps in the one room that a batch asks about.
const BATCH_ADULTS: i64 = 2;

/// What a guest asks one hotel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    pub property: PropertyId,
    pub stay: Stay,
    /// Codes; `None` asks all.
    pub room_types: Option<Vec<String>>,
    pub adults: i64,
    /// Ages in years.
    pub children: Vec<i64>,
    pub terms: Terms,
}

/// The price of one unit of a room type; none when some night has no rate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypePrice {
    pub room_type: RoomType,
    pub price: Option<Price>,
    /// The same on each rate plan that sells it.
    pub plans: Vec<(RatePlan, Price)>,
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
    let party = Party { adults: ask.adults, children: ask.children.clone(), room_count: 1 };
    invalid_unless_clean(party.check())?;
    let view = one(db, ask.property, ask.stay).await?;
    let local = zones::local_at(view.now_ms, &view.hotel.time_zone).map_err(|_| unknown_zone())?;
    check_stay(ask.stay, local.day)?;
    let check_in_ms = view.hotel.check_in_ms(ask.stay.first_day).map_err(|_| unknown_zone())?;
    let tariff = &view.rates.tariff;
    tariff.check_promo(ask.terms.promo.as_deref())?;
    let mut types = Vec::new();
    for room_type in choose(&view.stock, ask.property, ask.room_types.as_deref())? {
        let wish = wish(ask.stay, &party, local, &ask.terms);
        let price = view.stock.look(&room_type, &view.rates, &wish).price;
        let price = price.map(|price| price.with_policy(tariff, check_in_ms));
        let on_plan = |plan: &RatePlan| {
            let terms = Terms { plan: Some(plan.code.clone()), promo: ask.terms.promo.clone() };
            let price = view.stock.look(&room_type, &view.rates, &Wish { terms, ..wish.clone() });
            Some((plan.clone(), price.price?.with_policy(tariff, check_in_ms)))
        };
        let plans = view.rates.tariff.plans.iter().filter_map(on_plan).collect();
        types.push(TypePrice { room_type, price, plans });
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
    let (now_ms, hotels, mut stock) = many(db, properties, stay).await?;
    let party = Party { adults: BATCH_ADULTS, children: Vec::new(), room_count: 1 };
    let mut answers = BTreeMap::new();
    for hotel in hotels {
        let local = zones::local_at(now_ms, &hotel.time_zone).map_err(|_| unknown_zone())?;
        let rates = stock.rates(&hotel);
        let wish = wish(stay, &party, local, Terms::STANDARD);
        for room_type in stock.types(hotel.id) {
            let Some(price) = stock.look(room_type, &rates, &wish).price else { continue };
            let Some(night) = average_night(&price, stay, 1) else { continue };
            let best = answers.entry(hotel.id).or_insert(night);
            if night.minor < best.minor {
                *best = night;
            }
        }
    }
    Ok(answers)
}

/// Who would pay for some lines, on which terms, and when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Buyer<'a> {
    /// At the property.
    pub(crate) today: Day,
    pub(crate) terms: &'a Terms,
    /// Who sleeps in each line.
    pub(crate) guests: &'a [Guests],
}

/// The guests of some lines when nobody says who sleeps where.
pub(crate) fn dealt(lines: &[Line], adults: i64, children: &[i64]) -> Vec<Guests> {
    let units: Vec<i64> = lines.iter().map(|line| line.units).collect();
    guests::share(adults, children, &units)
}

/// The price of some lines together.
pub(crate) fn of_lines(
    lines: &[Line],
    rates: &Rates,
    buyer: &Buyer<'_>,
    fill_bp: &dyn Fn(PoolId, Day) -> i64,
) -> Result<Price, Refusal> {
    let Buyer { today, terms, guests } = *buyer;
    prices::price(lines, rates, &Sale { today, terms, guests, fill_bp })
}

/// One night of one unit on average, before tax.
pub(crate) fn average_night(price: &Price, stay: Stay, units: i64) -> Option<Money> {
    let nights = stay.nights().checked_mul(units)?;
    Money::new(price.subtotal_minor, price.currency).average(nights)
}
