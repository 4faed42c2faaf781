//! Booking: the price is computed, the wish goes to the desk, and the reservation is there with
//! its stock held, or a refusal says why not. The request's own name makes a retry safe.

use std::collections::BTreeMap;

use futures_util::try_join;
use tokio::time::Instant;
use vacancy_domain::availability::check_party;
use vacancy_domain::cells::Cell;
use vacancy_domain::codes::Code;
use vacancy_domain::holds::{self, Place};
use vacancy_domain::hotels::{Hotel, RoomType};
use vacancy_domain::ids::{HoldId, LineId, PoolId, PropertyId, ReservationId};
use vacancy_domain::ledger::Line;
use vacancy_domain::money::Money;
use vacancy_domain::prices::guests::Guests;
use vacancy_domain::prices::restrictions::{self, Asked};
use vacancy_domain::prices::{Price, Rates, Terms};
use vacancy_domain::quotes::Quote;
use vacancy_domain::refusals::{PoolReason, Refusal};
use vacancy_domain::reservations::{Book, Guest};
use vacancy_domain::stays::{Day, Stay};
use vacancy_domain::zones::{self, Local};
use vacancy_store::availability::{self, Touched};
use vacancy_store::faults::Fault;
use vacancy_store::sql::Db;
use vacancy_store::{hotels, rates, room_types};

use super::Bookings;
use crate::access::Actor;
use crate::desk::command::{Answer, Booked, Command, Key, KeyName, Order, Outcome};
use crate::errors::Error;
use crate::pricing::{self, Buyer};

/// How often a confirmation code is drawn anew when somebody has it already. With 45 bits the
/// first collision in a million reservations is unlikely, a second in a row is none.
const CODE_TRIES_MAX: usize = 3;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// The wish for a reservation.
#[derive(Debug, Clone)]
pub struct BookingWish {
    /// The client's own name for this request.
    pub request_id: String,
    /// Digest of the request, to tell a retry from another request of the same name.
    pub body_hash: String,
    pub hotel: PropertyId,
    pub stay: Stay,
    /// Units by room type code.
    pub rooms: BTreeMap<String, i64>,
    pub adults: i64,
    /// Ages in years.
    pub children: Vec<i64>,
    pub guest: Guest,
    pub terms: Terms,
    /// The most the guest agreed to pay.
    pub agreed: Option<Money>,
    /// The quote that it takes up.
    pub quote: Option<Named>,
    /// How far ahead the stay may begin; `None` when history is replayed, which minds no limit of
    /// the sale.
    pub advance_days_max: Option<i64>,
    /// When the caller stops waiting.
    pub deadline: Option<Instant>,
}

impl BookingWish {
    /// Who sleeps in each of its lines.
    fn guests(&self, lines: &[Line]) -> Vec<Guests> {
        match &self.quote {
            Some(named) => named.quote.guests(),
            None => pricing::dealt(lines, self.adults, &self.children),
        }
    }
}

/// A quote that a booking names.
#[derive(Debug, Clone)]
pub struct Named {
    pub quote: Quote,
    /// When it was read, on the store's clock.
    pub as_of_ms: i64,
}

/// What a hotel offers for some nights.
#[derive(Debug, Clone)]
pub struct Offer {
    pub hotel: Hotel,
    pub room_types: Vec<RoomType>,
    pub rates: Rates,
    /// At the property; `None` where history is replayed, whose day only the desk knows.
    pub local: Option<Local>,
    /// Nights that are not as their room type's default; read only where a price depends on them.
    pub touched: Touched,
}

impl Offer {
    /// Refuses nights gone by that the guest has not `had`, and a stay too far ahead. The desk asks
    /// the same rule, but only after it made the stay's cells: a night gone by must not get today's
    /// default, and nobody may fill the store with nights that are not for sale.
    pub(crate) fn check_when(
        &self,
        lines: &[Line],
        had: &[Line],
        advance_days_max: Option<i64>,
    ) -> Result<(), Refusal> {
        let Some(local) = self.local else { return Ok(()) };
        holds::check_when(lines, had, local.day, advance_days_max)
    }

    /// What these lines cost, with these guests in each.
    pub(crate) fn price(
        &self,
        lines: &[Line],
        terms: &Terms,
        guests: &[Guests],
    ) -> Result<Price, Refusal> {
        let arrival = lines.iter().map(|line| line.stay.first_day).min();
        let today = self.local.map(|local| local.day).or(arrival).unwrap_or(Day(0));
        let buyer = Buyer { today, terms, guests };
        let fill_bp = |pool, day| self.fill_bp(pool, day);
        let price = pricing::of_lines(lines, &self.rates, &buyer, &fill_bp)?;
        // A zone that is not known was refused when the hotel was made.
        let arrival = arrival.unwrap_or(today);
        let check_in_ms =
            self.hotel.check_in_ms(arrival).unwrap_or(arrival.0.saturating_mul(DAY_MS));
        Ok(price.with_policy(&self.rates.tariff, check_in_ms))
    }

    /// What a wish costs as things stand; none where it has no price.
    #[must_use]
    pub fn price_of(&self, wish: &BookingWish) -> Option<Price> {
        let line = |(code, units): (&String, &i64)| {
            let pool = self.room_type(code).ok()?.pool;
            Some(Line { id: LineId(0), pool, stay: wish.stay, units: *units })
        };
        let lines: Vec<Line> = wish.rooms.iter().map(line).collect::<Option<_>>()?;
        self.price(&lines, &wish.terms, &wish.guests(&lines)).ok()
    }

    /// Refuses what the hotel's restrictions are against; what the guest `had` is not asked anew.
    pub(crate) fn check_restrictions(
        &self,
        lines: &[Line],
        terms: &Terms,
        guests: &[Guests],
        had: Option<Stay>,
    ) -> Result<(), Refusal> {
        let Some(local) = self.local else { return Ok(()) };
        let against = |(at, line): (usize, &Line)| {
            let children = guests.get(at).map(|own| own.children.as_slice()).unwrap_or_default();
            let (pool, stay, units) = (line.pool, line.stay, line.units);
            let plan = terms.plan.as_deref();
            let asked = Asked { pool, plan, stay, units, children, local, had };
            let reasons = restrictions::reasons_against(&self.rates.tariff, &asked);
            reasons.into_iter().map(move |reason| PoolReason { pool, reason })
        };
        let reasons: Vec<PoolReason> = lines.iter().enumerate().flat_map(against).collect();
        if reasons.is_empty() { Ok(()) } else { Err(Refusal::Unavailable { reasons }) }
    }

    fn fill_bp(&self, pool: PoolId, day: Day) -> i64 {
        let touched = self.touched.get(&pool).and_then(|nights| nights.get(&day)).copied();
        let own = || self.room_types.iter().find(|room_type| room_type.pool == pool);
        let cell = touched.or_else(|| own().map(|own| Cell::untouched(own.stock)));
        cell.map_or(0, |cell| cell.fill_bp())
    }

    pub(crate) fn room_type(&self, code: &str) -> Result<&RoomType, Refusal> {
        let mut types = self.room_types.iter();
        let found = types.find(|room_type| room_type.code == code);
        found.ok_or_else(|| Refusal::UnknownRoomType { code: code.to_owned() })
    }
}

/// Reads what a hotel offers.
pub(super) async fn offer(db: &Db, hotel: PropertyId, stay: Stay) -> Result<Offer, Error> {
    let read = db.read(move |tx| {
        Box::pin(async move {
            let own = [hotel];
            let (found, room_types, mut rates, now_ms) = try_join!(
                hotels::by_id(tx, hotel),
                room_types::by_properties(tx, &own),
                rates::load(tx, &own, stay),
                tx.now_ms(),
            )?;
            let Some(found) = found else { return Ok(None) };
            let rates = rates
                .remove(&hotel)
                .ok_or_else(|| Fault::internal("find the rates of a hotel that is there"))?;
            let local = zones::local_at(now_ms, &found.time_zone)
                .map_err(|_| Fault::internal("tell the time at a hotel"))?;
            let touched = if rates.tariff.rules.iter().any(|rule| rule.effect.asks_fill()) {
                let pools: Vec<(PropertyId, PoolId)> =
                    room_types.iter().map(|room_type| (hotel, room_type.pool)).collect();
                availability::cells(tx, &pools, (stay.first_day, stay.end_day)).await?
            } else {
                Touched::new()
            };
            Ok(Some(Offer { hotel: found, room_types, rates, local: Some(local), touched }))
        })
    });
    read.await?.ok_or(Error::NotFound)
}

impl Bookings {
    /// Books. The answer says whether it was given before.
    pub async fn book(&self, actor: &Actor, wish: &BookingWish) -> Result<(Booked, bool), Error> {
        let offer = self.offer(wish.hotel, wish.stay).await?;
        self.book_from(actor, wish, &offer).await
    }

    /// The same from an offer that was read already, for whoever has more to say about a no.
    pub async fn book_from(
        &self,
        actor: &Actor,
        wish: &BookingWish,
        offer: &Offer,
    ) -> Result<(Booked, bool), Error> {
        let mut last = None;
        for _ in 0..CODE_TRIES_MAX {
            let order = self.order_of(actor, wish, offer)?;
            match self.desk.submit(order).await {
                Ok(Answer { outcome: Outcome::Booked(booked), is_replay }) => {
                    return Ok((*booked, is_replay));
                }
                Err(Error::Fault(Fault::Constraint { name, source }))
                    if name.starts_with("confirmation_code") =>
                {
                    last = Some(Fault::Constraint { name, source });
                }
                Ok(_) => return Err(Error::Fault(Fault::internal("book a reservation"))),
                Err(error) => return Err(error),
            }
        }
        Err(last.map_or(Error::OutcomeUnknown, Error::Fault))
    }

    /// The order for a wish. What is wrong with the wish goes to the desk too: its name may have
    /// been answered before, and then that answer stands.
    pub(crate) fn order_of(
        &self,
        actor: &Actor,
        wish: &BookingWish,
        offer: &Offer,
    ) -> Result<Order, Error> {
        let command = match self.command_of(wish, offer)? {
            Ok(book) => Command::Book(Box::new(book)),
            Err(refusal) => Command::Refuse(refusal),
        };
        let (property, request_id) = (wish.hotel, wish.request_id.clone());
        let name = KeyName::Request { property, request_id };
        let key = Key { name, body_hash: wish.body_hash.clone() };
        let order = Order::new(property, actor.label(), command).with_key(key);
        Ok(match wish.deadline {
            Some(deadline) => order.with_deadline(deadline),
            None => order,
        })
    }

    fn command_of(
        &self,
        wish: &BookingWish,
        offer: &Offer,
    ) -> Result<Result<Book, Refusal>, Error> {
        let mut lines = Vec::with_capacity(wish.rooms.len());
        let mut codes = Vec::with_capacity(wish.rooms.len());
        let mut rooms = Vec::with_capacity(wish.rooms.len());
        for (code, units) in &wish.rooms {
            let room_type = match offer.room_type(code) {
                Ok(room_type) => room_type,
                Err(refusal) => return Ok(Err(refusal)),
            };
            let id = LineId(self.ids.next_id());
            lines.push(Line { id, pool: room_type.pool, stay: wish.stay, units: *units });
            codes.push(code.clone());
            rooms.push((room_type, *units));
        }
        if let Err(refusal) = holds::check_lines(&lines) {
            return Ok(Err(refusal));
        }
        if wish.advance_days_max.is_some()
            && let Err(refusal) = check_party(&rooms, wish.adults, &wish.children)
        {
            return Ok(Err(refusal));
        }
        // What was promised stays promised when the promotion ends: its price decides.
        if wish.quote.is_none()
            && let Err(refusal) = offer.rates.tariff.check_promo(wish.terms.promo.as_deref())
        {
            return Ok(Err(refusal));
        }
        let guests = wish.guests(&lines);
        if let Err(refusal) = offer.check_restrictions(&lines, &wish.terms, &guests, None) {
            return Ok(Err(refusal));
        }
        let price = match offer.price(&lines, &wish.terms, &guests) {
            Ok(price) => price,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if let Some(named) = &wish.quote
            && let Err(refusal) = named.quote.check(&price, wish.agreed, named.as_of_ms)
        {
            return Ok(Err(refusal));
        }
        if let Err(refusal) = offer.check_when(&lines, &[], wish.advance_days_max) {
            return Ok(Err(refusal));
        }
        let place = Place {
            property: wish.hotel,
            hold: HoldId(self.ids.next_id()),
            reference: String::new(),
            lines,
            advance_days_max: wish.advance_days_max,
        };
        let random = crate::ids::secret_bytes().map_err(crate::access::keys::no_randomness)?;
        Ok(Ok(Book {
            place,
            id: ReservationId(self.ids.next_id()),
            code: Code::draw(u64::from_le_bytes(random)),
            request_id: wish.request_id.clone(),
            room_types: codes,
            adults: wish.adults,
            children: wish.children.clone(),
            guest: wish.guest.clone(),
            price,
            agreed: wish.agreed,
        }))
    }
}
