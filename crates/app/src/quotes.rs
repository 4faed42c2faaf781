//! What some rooms of one hotel cost together for a stay, and whether they may be had: what a guest
//! sees before anything is held. The price may be promised for some minutes; whether there is a room
//! left, the desk decides.
#![deny(clippy::float_arithmetic)]

use std::collections::BTreeMap;
use std::sync::Arc;

use vacancy_domain::access::Action;
use vacancy_domain::availability::{Outlook, check_stay};
use vacancy_domain::holds::check_lines;
use vacancy_domain::hotels::{Hotel, Party, RoomType};
use vacancy_domain::ids::{LineId, PropertyId, QuoteId};
use vacancy_domain::ledger::Line;
use vacancy_domain::money::Money;
use vacancy_domain::prices::guests::Guests;
use vacancy_domain::prices::{Price, Terms};
use vacancy_domain::quotes::{QUOTE_MS_MAX, Quote, QuoteLine};
use vacancy_domain::refusals::{PoolReason, Reason, Refusal};
use vacancy_domain::stays::{Day, Stay};
use vacancy_domain::zones;
use vacancy_store::sql::Db;
use vacancy_store::{prices, quotes};

use crate::access::keys::digest_of;
use crate::access::{Actor, On};
use crate::availability::{choose, one, unknown_zone, wish};
use crate::errors::Error;
use crate::ids::Ids;
use crate::pricing::{Buyer, dealt, of_lines};
use crate::reservations::book::Named;

/// What a guest has in mind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    pub property: PropertyId,
    pub stay: Stay,
    /// Units by room type code.
    pub rooms: BTreeMap<String, i64>,
    pub adults: i64,
    /// Who sleeps in each type, in the order of their codes; dealt among them when not said.
    pub guests: Option<Vec<Guests>>,
    pub terms: Terms,
}

/// Rooms, price and what speaks against them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Estimate {
    pub as_of_ms: i64,
    pub today: Day,
    pub hotel: Hotel,
    /// In the order of their codes, with the asked units.
    pub rooms: Vec<(RoomType, i64)>,
    /// None when some night has no rate.
    pub price: Option<Price>,
    /// By room type; empty: they may be had as things stand.
    pub reasons: Vec<(RoomType, Reason)>,
}

/// The price of a number of rooms of one type for a stay, and whether they may be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeQuote {
    pub as_of_ms: i64,
    pub room_type: RoomType,
    /// For all asked rooms; none when some night has no rate.
    pub price: Option<Price>,
    pub rooms_left: i64,
    pub reasons: Vec<Reason>,
}

/// Prices these rooms together.
pub async fn ask(db: &Db, actor: &Actor, ask: &Ask) -> Result<Estimate, Error> {
    actor.may(Action::Find, On::Platform)?;
    let view = one(db, ask.property, ask.stay).await?;
    let local = zones::local_at(view.now_ms, &view.hotel.time_zone).map_err(|_| unknown_zone())?;
    check_stay(ask.stay, local.day)?;
    let codes: Vec<String> = ask.rooms.keys().cloned().collect();
    let chosen = choose(&view.stock, ask.property, Some(&codes))?;
    let mut lines = Vec::with_capacity(chosen.len());
    let mut rooms = Vec::with_capacity(chosen.len());
    for room_type in chosen {
        let units = ask.rooms.get(&room_type.code).copied().unwrap_or_default();
        // The line is nobody's: it is only priced.
        lines.push(Line { id: LineId(0), pool: room_type.pool, stay: ask.stay, units });
        rooms.push((room_type, units));
    }
    check_lines(&lines)?;
    view.rates.tariff.check_promo(ask.terms.promo.as_deref())?;
    let mut reasons = Vec::new();
    for (at, (room_type, units)) in rooms.iter().enumerate() {
        let said = ask.guests.as_ref().and_then(|guests| guests.get(at));
        // Who sleeps in which of several types need not be said before the booking.
        let adults = if rooms.len() == 1 { ask.adults } else { *units };
        let party = match said {
            Some(Guests { adults, children }) => {
                Party { adults: *adults, children: children.clone(), room_count: *units }
            }
            None => Party { adults, children: Vec::new(), room_count: *units },
        };
        let wish = wish(ask.stay, &party, local, &ask.terms);
        let outlook = view.stock.look(room_type, &view.rates, &wish);
        reasons.extend(outlook.reasons.into_iter().map(|reason| (room_type.clone(), reason)));
    }
    let guests = ask.guests.clone().unwrap_or_else(|| dealt(&lines, ask.adults, &[]));
    let buyer = Buyer { today: local.day, terms: &ask.terms, guests: &guests };
    let check_in_ms = view.hotel.check_in_ms(ask.stay.first_day).map_err(|_| unknown_zone())?;
    let fill_bp = |pool, day| view.stock.fill_bp(pool, day);
    let price = match of_lines(&lines, &view.rates, &buyer, &fill_bp) {
        Ok(price) => Some(price.with_policy(&view.rates.tariff, check_in_ms)),
        Err(Refusal::Unavailable { .. }) => None,
        Err(other) => return Err(Error::from(other)),
    };
    let today = local.day;
    Ok(Estimate { as_of_ms: view.now_ms, today, hotel: view.hotel, rooms, price, reasons })
}

/// Promises the price of what can be had for some minutes.
///
/// # Errors
/// `Refusal::Unavailable` with every reason when it cannot be had.
pub async fn promise(
    db: &Db,
    ids: &Ids,
    actor: &Actor,
    (property, stay): (PropertyId, Stay),
    mut lines: Vec<QuoteLine>,
    terms: Terms,
) -> Result<Quote, Error> {
    lines.sort_by(|a, b| a.room_type.cmp(&b.room_type));
    let rooms: BTreeMap<String, i64> =
        lines.iter().map(|line| (line.room_type.clone(), line.units)).collect();
    let guests: Vec<Guests> = lines.iter().map(|line| line.guests.clone()).collect();
    let adults = guests.iter().fold(0_i64, |sum, own| sum.saturating_add(own.adults));
    let asked = Ask { property, stay, rooms, adults, guests: Some(guests), terms: terms.clone() };
    let estimate = ask(db, actor, &asked).await?;
    let reason = |(room_type, reason): &(RoomType, Reason)| PoolReason {
        pool: room_type.pool,
        reason: reason.clone(),
    };
    let reasons: Vec<PoolReason> = estimate.reasons.iter().map(reason).collect();
    let Some(price) = estimate.price.filter(|_| reasons.is_empty()) else {
        return Err(Error::Refused(Refusal::Unavailable { reasons }));
    };
    let quote = Quote {
        id: QuoteId(ids.next_id()),
        property,
        stay,
        lines,
        terms,
        terms_digest: digest_of(&prices::to_text(&price)),
        price,
        expires_at_ms: estimate.as_of_ms.saturating_add(QUOTE_MS_MAX),
    };
    let kept = Arc::new(quote.clone());
    let written = db.write(move |tx| {
        let kept = Arc::clone(&kept);
        Box::pin(async move { quotes::insert(tx, &kept).await })
    });
    written.await?;
    Ok(quote)
}

/// A quote, for a booking that names it.
///
/// # Errors
/// `Refusal::QuoteNotFound` when it never was, or ran out more than a day ago.
pub async fn named(db: &Db, id: QuoteId) -> Result<Named, Error> {
    let found = db.read(move |tx| {
        Box::pin(async move { Ok((quotes::by_id(tx, id).await?, tx.now_ms().await?)) })
    });
    let (quote, as_of_ms) = found.await?;
    let quote = quote.ok_or(Error::Refused(Refusal::QuoteNotFound))?;
    Ok(Named { quote, as_of_ms })
}

/// The same for each room type of a hotel alone, for the whole party.
pub async fn ask_each(
    db: &Db,
    actor: &Actor,
    property: PropertyId,
    stay: Stay,
    party: &Party,
) -> Result<Vec<TypeQuote>, Error> {
    actor.may(Action::Find, On::Platform)?;
    crate::fields::invalid_unless_clean(party.check())?;
    let view = one(db, property, stay).await?;
    let local = zones::local_at(view.now_ms, &view.hotel.time_zone).map_err(|_| unknown_zone())?;
    check_stay(stay, local.day)?;
    let check_in_ms = view.hotel.check_in_ms(stay.first_day).map_err(|_| unknown_zone())?;
    let wish = wish(stay, party, local, Terms::STANDARD);
    let mut quotes = Vec::new();
    for room_type in choose(&view.stock, property, None)? {
        let outlook = view.stock.look(&room_type, &view.rates, &wish);
        let Outlook { rooms_left, reasons, price } = outlook;
        let price = price.map(|price| price.with_policy(&view.rates.tariff, check_in_ms));
        quotes.push(TypeQuote { as_of_ms: view.now_ms, room_type, price, rooms_left, reasons });
    }
    Ok(quotes)
}

/// What one night of one unit costs with tax when no range of rates says otherwise.
#[must_use]
pub fn night_from(hotel: &Hotel, room_type: &RoomType) -> Option<Money> {
    let night = Money::new(room_type.base_rate_minor?, hotel.currency);
    night.plus(night.share_bp(hotel.tax_bp)?)
}
