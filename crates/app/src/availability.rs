//! What is free: for one hotel with every reason why not, for many with a yes or no, and day by
//! day. Read without locks, so an answer is as old as it says; the desk decides.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_util::try_join;
use vacancy_domain::access::Action;
use vacancy_domain::availability::{self, Outlook, Wish};
use vacancy_domain::cells::Cell;
use vacancy_domain::hotels::{Hotel, Party, RoomType};
use vacancy_domain::ids::{PoolId, PropertyId};
use vacancy_domain::prices::{RateRange, Rates, Tariff, Terms};
use vacancy_domain::refusals::Refusal;
use vacancy_domain::stays::{Day, STAY_ADVANCE_DAYS_MAX, Stay};
use vacancy_domain::zones::{self, Local};
use vacancy_store::availability::Touched;
use vacancy_store::faults::Fault;
use vacancy_store::sql::Db;
use vacancy_store::sql::tx::Tx;
use vacancy_store::{hotels, rates, room_types, tariffs};

use crate::access::{Actor, On};
use crate::errors::Error;
use crate::fields::invalid_unless_clean;

/// Most hotels that one batch may ask about.
pub const BATCH_HOTELS_MAX: usize = 200;

/// What a guest asks one hotel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    pub property: PropertyId,
    pub stay: Stay,
    pub party: Party,
    /// Codes; `None` asks all.
    pub room_types: Option<Vec<String>>,
    pub terms: Terms,
}

/// The answer for one room type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeOutlook {
    pub room_type: RoomType,
    pub outlook: Outlook,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Availability {
    pub as_of_ms: i64,
    /// In the order of their codes.
    pub types: Vec<TypeOutlook>,
}

/// What of a hotel may be had for a stay, room type by room type.
pub async fn ask(db: &Db, actor: &Actor, ask: &Ask) -> Result<Availability, Error> {
    actor.may(Action::Find, On::Platform)?;
    invalid_unless_clean(ask.party.check())?;
    let view = one(db, ask.property, ask.stay).await?;
    let local = zones::local_at(view.now_ms, &view.hotel.time_zone).map_err(|_| unknown_zone())?;
    availability::check_stay(ask.stay, local.day)?;
    let wish = wish(ask.stay, &ask.party, local, &ask.terms);
    let chosen = choose(&view.stock, ask.property, ask.room_types.as_deref())?;
    let types = chosen
        .into_iter()
        .map(|room_type| TypeOutlook {
            outlook: view.stock.look(&room_type, &view.rates, &wish),
            room_type,
        })
        .collect();
    Ok(Availability { as_of_ms: view.now_ms, types })
}

/// Whether two adults find one room in each of these hotels. A hotel that is not there is left out.
pub async fn ask_batch(
    db: &Db,
    actor: &Actor,
    properties: &[PropertyId],
    stay: Stay,
) -> Result<BTreeMap<PropertyId, bool>, Error> {
    actor.may(Action::Find, On::Platform)?;
    let (now_ms, hotels, mut stock) = many(db, properties, stay).await?;
    let party = Party { adults: 2, children: Vec::new(), room_count: 1 };
    let mut answers = BTreeMap::new();
    for hotel in hotels {
        let local = zones::local_at(now_ms, &hotel.time_zone).map_err(|_| unknown_zone())?;
        let rates = stock.rates(&hotel);
        let wish = wish(stay, &party, local, Terms::STANDARD);
        let is_free = availability::check_stay(stay, local.day).is_ok()
            && stock
                .types(hotel.id)
                .any(|room_type| stock.look(room_type, &rates, &wish).is_available());
        answers.insert(hotel.id, is_free);
    }
    Ok(answers)
}

/// A stay as guests may ask for it.
pub(crate) fn wish(stay: Stay, party: &Party, local: Local, terms: &Terms) -> Wish {
    let (party, terms) = (party.clone(), terms.clone());
    Wish { stay, party, local, advance_days_max: STAY_ADVANCE_DAYS_MAX, terms }
}

pub(crate) fn unknown_zone() -> Error {
    Error::Fault(Fault::internal("find the time zone of a hotel"))
}

/// Room types of some hotels with what is touched and set for some nights.
#[derive(Debug, Clone, Default)]
pub(crate) struct StockView {
    types: BTreeMap<PropertyId, Vec<RoomType>>,
    touched: Touched,
    ranges: BTreeMap<PropertyId, Vec<RateRange>>,
    tariffs: BTreeMap<PropertyId, Tariff>,
}

/// One hotel at one moment.
pub(crate) struct HotelView {
    pub(crate) now_ms: i64,
    pub(crate) hotel: Hotel,
    pub(crate) rates: Rates,
    pub(crate) stock: StockView,
}

impl StockView {
    /// Four statements, however many hotels, or five if some have rate plans. Each hotel once.
    pub(crate) async fn read(
        tx: &Tx<'_>,
        properties: &[PropertyId],
        stay: Stay,
    ) -> Result<StockView, Fault> {
        let (all_types, ranges, tariffs) = try_join!(
            room_types::by_properties(tx, properties),
            rates::ranges(tx, properties, stay),
            tariffs::load(tx, properties, stay),
        )?;
        let mut types: BTreeMap<PropertyId, Vec<RoomType>> = BTreeMap::new();
        let mut pools = Vec::new();
        for room_type in all_types {
            pools.push((room_type.property, room_type.pool));
            types.entry(room_type.property).or_default().push(room_type);
        }
        let days = (stay.first_day, stay.end_day);
        let touched = vacancy_store::availability::cells(tx, &pools, days).await?;
        Ok(StockView { types, touched, ranges, tariffs })
    }

    pub(crate) fn types(&self, property: PropertyId) -> impl Iterator<Item = &RoomType> {
        self.types.get(&property).into_iter().flatten()
    }

    /// All that the hotel's prices are computed from. Takes its ranges and tariff out: ask once.
    pub(crate) fn rates(&mut self, hotel: &Hotel) -> Rates {
        let base =
            |room_type: &RoomType| room_type.base_rate_minor.map(|minor| (room_type.pool, minor));
        let base_minor = self.types(hotel.id).filter_map(base).collect();
        let ranges = self.ranges.remove(&hotel.id).unwrap_or_default();
        let tariff = Arc::new(self.tariffs.remove(&hotel.id).unwrap_or_default());
        let (currency, tax_bp) = (hotel.currency, hotel.tax_bp);
        Rates { currency, base_minor, ranges, tax_bp, tariff }
    }

    /// How full a night of a room type is.
    pub(crate) fn fill_bp(&self, pool: PoolId, day: Day) -> i64 {
        let touched = self.touched(pool).get(&day).copied();
        let own = || self.types.values().flatten().find(|room_type| room_type.pool == pool);
        let cell = touched.or_else(|| own().map(|own| Cell::untouched(own.stock)));
        cell.map_or(0, |cell| cell.fill_bp())
    }

    pub(crate) fn look(&self, room_type: &RoomType, rates: &Rates, wish: &Wish) -> Outlook {
        availability::look(room_type, self.touched(room_type.pool), rates, wish)
    }

    /// The nights of a room type that have a row.
    pub(crate) fn touched(&self, pool: PoolId) -> &BTreeMap<Day, Cell> {
        static NONE: BTreeMap<Day, Cell> = BTreeMap::new();
        self.touched.get(&pool).unwrap_or(&NONE)
    }
}

/// Reads one hotel with its stock and rates for some nights.
pub(crate) async fn one(db: &Db, property: PropertyId, stay: Stay) -> Result<HotelView, Error> {
    let read = db.read(move |tx| {
        Box::pin(async move {
            let own = [property];
            let stock = StockView::read(tx, &own, stay);
            let (hotel, mut stock, now_ms) =
                try_join!(hotels::by_id(tx, property), stock, tx.now_ms())?;
            let Some(hotel) = hotel else { return Ok(None) };
            let rates = stock.rates(&hotel);
            Ok(Some(HotelView { now_ms, hotel, rates, stock }))
        })
    });
    read.await?.ok_or(Error::NotFound)
}

/// Reads many hotels, each once, with their stock and rates.
pub(crate) async fn many(
    db: &Db,
    properties: &[PropertyId],
    stay: Stay,
) -> Result<(i64, Vec<Hotel>, StockView), Error> {
    if BATCH_HOTELS_MAX < properties.len() {
        let detail = format!("has more than {BATCH_HOTELS_MAX} entries");
        return Err(Error::invalid("/hotelIds", "too_many", detail));
    }
    // What no hotel can give is refused before anything is read.
    availability::check_stay(stay, stay.first_day)?;
    let properties: BTreeSet<PropertyId> = properties.iter().copied().collect();
    let properties: Vec<PropertyId> = properties.into_iter().collect();
    let read = db.read(move |tx| {
        Box::pin(async move {
            let hotels = hotels::by_ids(tx, &properties);
            let stock = StockView::read(tx, &properties, stay);
            let (hotels, stock, now_ms) = try_join!(hotels, stock, tx.now_ms())?;
            Ok((now_ms, hotels, stock))
        })
    });
    Ok(read.await?)
}

/// The room types with these codes, or all; a code that the hotel does not have is refused.
pub(crate) fn choose(
    stock: &StockView,
    property: PropertyId,
    codes: Option<&[String]>,
) -> Result<Vec<RoomType>, Error> {
    let Some(codes) = codes else { return Ok(stock.types(property).cloned().collect()) };
    for code in codes {
        if !stock.types(property).any(|room_type| room_type.code == *code) {
            return Err(Error::Refused(Refusal::UnknownRoomType { code: code.clone() }));
        }
    }
    let chosen = stock.types(property).filter(|room_type| codes.contains(&room_type.code));
    Ok(chosen.cloned().collect())
}
