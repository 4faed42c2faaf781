//! Businesses, places, hotels with their room types, rooms and rates, and nights that were touched.

use vacancy_domain::cells::Stock;
use vacancy_domain::hotels::{Hotel, Location, RoomType};
use vacancy_domain::ids::{BusinessId, RoomId};
use vacancy_domain::money::Currency;
use vacancy_domain::prices::RateRange;
use vacancy_domain::rooms::Room;
use vacancy_domain::stays::{Day, Stay};
use vacancy_store::faults::Fault;
use vacancy_store::sql::Db;
use vacancy_store::sql::tx::Tx;
use vacancy_store::{hotels, locations, rates, room_types, rooms};

use super::{Of, Rows, TODAY, id, pool, property};

pub(crate) const HOTELS: i64 = 3_000;
/// Room types of each hotel.
pub(crate) const TYPES: i64 = 2;
/// Rooms of the big hotel; the others have three.
pub(crate) const BIG_ROOMS: i64 = 120;
const PLACES: i64 = 3_000;
const BUSINESSES: i64 = 1_500;

/// Number 1 runs a hundred hotels, the big one among them.
pub(crate) fn business(number: i64) -> BusinessId {
    BusinessId(id(Of::Business, number))
}

pub(crate) fn business_of(hotel: i64) -> i64 {
    if hotel < 100 { 1 } else { 2 + hotel % (BUSINESSES - 1) }
}

pub(crate) fn hotel(number: i64) -> Hotel {
    let place = if number < 20 { 0 } else { number % 1_000 };
    Hotel {
        id: property(number),
        business: business(business_of(number)),
        location: format!("town-{place}"),
        external_id: Some(format!("hotel {number}")),
        name: format!("House {number}"),
        description: "Quiet, near the sea, with a garden and an old town. ".repeat(16),
        address: format!("Street {number}"),
        latitude_e6: -60_000_000 + 40_000 * number,
        longitude_e6: 1_000 * number,
        stars: Some(4),
        rating_tenths: Some(81),
        amenities: vec!["Pool".into(), "Parking".into()],
        image_urls: vec![],
        time_zone: "Europe/Lisbon".into(),
        currency: Currency::EUR,
        check_in_minutes: 900,
        check_out_minutes: 660,
        hold_ttl_ms: 600_000,
        overbook_cap_bp: 500,
        tax_bp: 600,
        created_at_ms: 5,
        version: 1,
    }
}

pub(crate) fn room_type(hotel: i64, number: i64) -> RoomType {
    RoomType {
        pool: pool(hotel, number),
        property: property(hotel),
        code: format!("TYPE{number}"),
        name: "Double".into(),
        description: "A room with a bed, a desk and a chair.".into(),
        beds: "1 queen".into(),
        image_urls: vec![],
        adults_max: 2,
        children_max: 1,
        guests_max: 3,
        base_rate_minor: Some(10_000),
        stock: Stock { capacity: 1_000, blocked: 0, out_of_order: 0, overbook_bp: 0 },
        type_overbook_bp: 0,
        created_at_ms: 5,
        version: 1,
    }
}

pub(crate) fn place(number: i64) -> Location {
    Location {
        id: format!("town-{number}"),
        name: format!("Town {number}"),
        country: "PT".into(),
        latitude_e6: 1_000 * number,
        longitude_e6: 0,
        hotel_count: 0,
    }
}

/// A room of the big hotel, or of another one.
pub(crate) fn room(hotel: i64, number: i64) -> Room {
    Room {
        id: RoomId(id(Of::Room, hotel * 1_000 + number)),
        pool: pool(hotel, number % TYPES),
        number: format!("{:03}", number + 1),
    }
}

fn rooms_of(hotel: i64) -> i64 {
    if hotel == 0 { BIG_ROOMS } else { 3 }
}

fn range(hotel: i64, number: i64) -> RateRange {
    let first = Day(TODAY + 30 * (number / TYPES));
    let stay = Stay::new(first, first.plus(30));
    RateRange { pool: pool(hotel, number % TYPES), stay, amount_minor: 12_000 }
}

pub(crate) async fn fill(db: &Db) {
    let write = db.write(|tx| {
        Box::pin(async move {
            Rows::of(1..=BUSINESSES)
                .ids("id", |number| business(number).0)
                .text("name", |number| format!("Business {number}"))
                .flag("is_test", false)
                .whole("created_at_ms", |number| number)
                .put(tx, "business")
                .await?;
            keys(tx).await?;
            let places: Vec<Location> = (0..PLACES).map(place).collect();
            locations::insert_missing(tx, &places).await?;
            let houses: Vec<Hotel> = (0..HOTELS).map(hotel).collect();
            hotels::insert(tx, &houses).await?;
            let types = (0..HOTELS).flat_map(|of| (0..TYPES).map(move |kind| room_type(of, kind)));
            room_types::insert(tx, &types.collect::<Vec<_>>()).await?;
            let all = (0..HOTELS).flat_map(|of| (0..rooms_of(of)).map(move |door| (of, door)));
            let all = all.map(|(of, door)| (property(of), room(of, door)));
            rooms::insert(tx, &all.collect::<Vec<_>>()).await?;
            let ranges =
                (0..HOTELS).flat_map(|of| (0..6).map(move |at| (property(of), range(of, at))));
            rates::insert_first(tx, &ranges.collect::<Vec<_>>()).await?;
            tariffs(tx).await?;
            // Nights of a hundred hotels, and many more of the big one.
            cells(tx, (0..1_600).map(|at| (0, at % 2, TODAY - 500 + at / 2))).await?;
            let nights = |hotel: i64| (0..500).map(move |at| (hotel, at % 2, TODAY - 50 + at / 2));
            cells(tx, (1..100).flat_map(nights)).await
        })
    });
    write.await.unwrap();
}

/// Every hotel has two plans, with a rate for every room type.
async fn tariffs(tx: &Tx<'_>) -> Result<(), Fault> {
    let body = "{\"name\":\"Saver\",\"parent\":null,\"offset\":{\"Percent\":-1000},\
         \"meals\":\"none\",\"meal_adult\":0,\"meal_child\":0,\"pools\":[]}";
    Rows::of(0..HOTELS * 2)
        .ids("property", |number| property(number / 2).0)
        .word("kind", "plan")
        .text("code", |number| format!("PLAN{}", number % 2))
        .word("body", body)
        .each("version", 1)
        .put(tx, "tariff_part")
        .await?;
    Rows::of(0..HOTELS * 4)
        .ids("property", |number| property(number / 4).0)
        .text("plan", |number| format!("PLAN{}", number / 2 % 2))
        .ids("pool", |number| pool(number / 4, number % TYPES).0)
        .each("seq", 1)
        .each("first_day", TODAY)
        .each("end_day", TODAY + 30)
        .each("amount_minor", 11_000)
        .put(tx, "plan_rate")
        .await
}

async fn keys(tx: &Tx<'_>) -> Result<(), Fault> {
    Rows::of(1..=5_000)
        .ids("id", |number| id(Of::Key, number))
        .ids("business", |number| business(1 + number % BUSINESSES).0)
        .word("role", "key")
        .word("scopes", "rates:write")
        .word("name", "channel")
        .text("key_hash", |number| format!("digest {number}"))
        .whole("created_at_ms", |number| number)
        .put(tx, "api_key")
        .await
}

/// Hotel, room type and day of each.
async fn cells(tx: &Tx<'_>, nights: impl Iterator<Item = (i64, i64, i64)>) -> Result<(), Fault> {
    let nights: Vec<(i64, i64, i64)> = nights.collect();
    let at = |number: i64| nights[usize::try_from(number).unwrap()];
    Rows::of(0..i64::try_from(nights.len()).unwrap())
        .ids("property", |number| property(at(number).0).0)
        .ids("pool", |number| pool(at(number).0, at(number).1).0)
        .whole("slot", |number| at(number).2)
        .whole("day", |number| at(number).2)
        .each("capacity", 1_000)
        .each("blocked", 0)
        .each("out_of_order", 0)
        .each("overbook_bp", 0)
        .each("limit_units", 1_000)
        .flag("capacity_is_own", false)
        .each("held", 10)
        .each("sold", 100)
        .flag("oversold", false)
        .flag("closed", false)
        .flag("closed_to_arrival", false)
        .flag("closed_to_departure", false)
        .each("version", 3)
        .put(tx, "cell")
        .await
}
