//! A country of hotels as the demonstration's, only more of them: cities of very different size,
//! three room types each with seasons and weekends, and nights that others have booked already.
//! And what guests ask of it, drawn with a seed.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::{StreamExt, stream};
use serde_json::json;
use tokio::time::Instant;
use vacancy_app::access::Actor;
use vacancy_app::businesses;
use vacancy_app::desk::Desk;
use vacancy_app::hotels::bulk::{Made, NewHouse, create_many};
use vacancy_app::hotels::draft::NewHotel;
use vacancy_app::ids::Ids;
use vacancy_app::locations::PlaceName;
use vacancy_app::reservations::Bookings;
use vacancy_app::reservations::book::BookingWish;
use vacancy_app::room_types::NewRoomType;
use vacancy_domain::ids::PropertyId;
use vacancy_domain::reservations::Guest;
use vacancy_domain::stays::{Day, Stay};
use vacancy_store::sql::Db;

const SMALLEST_CITY: usize = 5;
/// Weekends ahead that have a price of their own.
const WEEKENDS: i64 = 26;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// How far ahead people look and book.
const AHEAD_DAYS: u64 = 60;
/// Bookings made at the same time, while the town is filled.
const BOOKING_AT_ONCE: usize = 64;
const ROOM_TYPES: [(&str, i64, i64, i64); 3] =
    [("STANDARD", 20, 2, 9_000), ("DELUXE", 10, 3, 14_000), ("FAMILY", 6, 5, 19_000)];
const AMENITIES: [&str; 6] = ["wifi", "pool", "parking", "breakfast", "spa", "gym"];

/// How large it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    pub(crate) cities: usize,
    /// Hotels of the largest city; the second has half of them, the third a third.
    pub(crate) largest_city: usize,
    pub(crate) bookings: usize,
}

pub(crate) struct Town {
    ids: Ids,
    today: Day,
    /// With the number of their city; the largest is 0.
    hotels: Vec<(usize, PropertyId)>,
}

impl Town {
    pub(crate) async fn build(db: &Db, size: Size) -> Result<Town, String> {
        let now_ms = db.read(|tx| Box::pin(async move { tx.now_ms().await })).await;
        let now_ms = now_ms.map_err(|fault| fault.to_string())?;
        let start = Instant::now();
        let stamp = move || now_ms + i64::try_from(start.elapsed().as_millis()).unwrap_or(0);
        let ids = Ids::seeded(7, Arc::new(stamp));
        let mut town = Town { ids: ids.clone(), today: Day(now_ms / DAY_MS), hotels: Vec::new() };
        let business = businesses::ensure_default(db).await.map_err(|e| e.to_string())?.id;
        let hotels_of = |city: usize| (size.largest_city / (city + 1)).max(SMALLEST_CITY);
        let cities = (0..size.cities).flat_map(|city| std::iter::repeat_n(city, hotels_of(city)));
        let cities: Vec<usize> = cities.collect();
        let houses = cities.iter().enumerate().map(|(number, city)| town.house(*city, number));
        let houses: Vec<NewHouse> = houses.collect();
        let made = create_many(db, &ids, &Actor::System, business, &houses).await;
        for (city, one) in cities.iter().zip(made.map_err(|error| error.to_string())?) {
            match &one {
                Made::Created(id) => town.hotels.push((*city, *id)),
                Made::AlreadyThere(_) | Made::Refused(_) => {
                    return Err(format!("a hotel was not made: {one:?}"));
                }
            }
        }
        town.fill(db, size.bookings).await?;
        Ok(town)
    }

    pub(crate) fn hotels_count(&self) -> usize {
        self.hotels.len()
    }

    fn house(&self, city: usize, number: usize) -> NewHouse {
        let at = |most: u64| i64::try_from(self.ids.next_u64() % most).unwrap_or(0);
        let place = PlaceName::City { name: city_name(city), country: "PT".to_owned() };
        let amenities = AMENITIES.iter().filter(|_| at(2) == 0).map(|name| (*name).to_owned());
        let hotel = NewHotel {
            description: "A quiet house between the river and the old town. ".repeat(8),
            address: format!("Rua das Flores {number}, 1200-195 {}", city_name(city)),
            latitude_e6: 38_700_000 + at(100_000),
            longitude_e6: -9_200_000 + at(100_000) - i64::try_from(city).unwrap_or(0) * 10_000,
            stars: Some(1 + at(5)),
            rating_tenths: Some(60 + at(40)),
            amenities: amenities.collect(),
            image_urls: (0..4)
                .map(|view| format!("/pictures/{city}-{number}-{view}.svg"))
                .collect(),
            tax_bp: 600,
            ..NewHotel::named(
                &format!("Casa {number} de {}", city_name(city)),
                place,
                "Europe/Lisbon",
                "EUR",
            )
        };
        let dearer = 80 + at(80);
        let room_type = |(code, units, adults_max, minor): &(&str, i64, i64, i64)| {
            let base_minor = minor * dearer / 100;
            NewRoomType {
                description: "Bright, with a desk, a balcony and a view of the garden. ".repeat(4),
                beds: "One king-size bed".to_owned(),
                adults_max: *adults_max,
                guests_max: adults_max + 2,
                rates: self.rates(base_minor),
                ..NewRoomType::coded(code, *units, Some(base_minor))
            }
        };
        NewHouse { hotel, room_types: ROOM_TYPES.iter().map(room_type).collect() }
    }

    /// A season, and every weekend above it.
    fn rates(&self, base_minor: i64) -> Vec<(Stay, i64)> {
        let season = Stay::new(self.today.plus(40), self.today.plus(130));
        let weekends = (0..WEEKENDS).map(|week| {
            let friday = self.today.plus(week * 7 + 4);
            (Stay::new(friday, friday.plus(2)), base_minor * 115 / 100)
        });
        std::iter::once((season, base_minor * 125 / 100)).chain(weekends).collect()
    }

    /// Books what others have booked before anybody is measured.
    async fn fill(&self, db: &Db, bookings: usize) -> Result<(), String> {
        let (desk, lanes) = Desk::open(db, &self.ids);
        let house = Bookings::new(db, desk, self.ids.clone());
        let wishes: Vec<BookingWish> = (0..bookings).map(|number| self.wish(number)).collect();
        let booked = stream::iter(&wishes).map(|wish| house.book(&Actor::Anonymous, wish));
        let mut booked = booked.buffer_unordered(BOOKING_AT_ONCE);
        while let Some(one) = booked.next().await {
            one.map_err(|error| format!("fill the town: {error}"))?;
        }
        drop(booked);
        drop(house);
        lanes.close().await;
        Ok(())
    }

    fn wish(&self, number: usize) -> BookingWish {
        let (_, hotel) = self.hotel();
        BookingWish {
            request_id: format!("before-{number}"),
            body_hash: "before".to_owned(),
            hotel,
            stay: self.stay(),
            rooms: BTreeMap::from([("STANDARD".to_owned(), 1)]),
            adults: 2,
            children: Vec::new(),
            guest: Guest {
                full_name: "Ana Sousa".to_owned(),
                email: format!("ana.{number}@example.org"),
                phone: String::new(),
            },
            terms: vacancy_domain::prices::Terms::default(),
            agreed: None,
            quote: None,
            advance_days_max: Some(730),
            deadline: None,
        }
    }

    /// A hotel with its city; so large cities are asked more often.
    fn hotel(&self) -> (usize, PropertyId) {
        let drawn = usize::try_from(self.ids.next_u64() >> 1).unwrap_or(0);
        self.hotels[drawn % self.hotels.len()]
    }

    /// One to four nights within the next weeks.
    fn stay(&self) -> Stay {
        let drawn = self.ids.next_u64();
        let ahead = i64::try_from(1 + drawn % AHEAD_DAYS).unwrap_or(1);
        let nights = i64::try_from(1 + (drawn >> 32) % 4).unwrap_or(1);
        let first_day = self.today.plus(ahead);
        Stay::new(first_day, first_day.plus(nights))
    }

    /// The address of a search; every third one has filters.
    pub(crate) fn search(&self) -> String {
        let (city, _) = self.hotel();
        let stay = self.stay();
        let filters = match self.ids.next_u64() % 6 {
            0 => "&stars=3,4,5&amenities=wifi",
            1 => "&sort=rating&maxPrice=15000",
            _ => "",
        };
        format!(
            "/v1/hotel-listings?locationId={}-pt&checkInDate={}&checkOutDate={}&adults=2{filters}",
            city_name(city).to_lowercase(),
            stay.first_day,
            stay.end_day
        )
    }

    /// The address of a hotel's page.
    pub(crate) fn detail(&self) -> String {
        format!("/v1/hotels/{}", self.hotel().1)
    }

    /// What a guest asks of one hotel before booking.
    pub(crate) fn availability(&self) -> String {
        let stay = self.stay();
        json!({
            "hotelId": self.hotel().1.to_string(),
            "checkInDate": stay.first_day.to_string(),
            "checkOutDate": stay.end_day.to_string(),
        })
        .to_string()
    }

    pub(crate) fn booking(&self) -> String {
        let stay = self.stay();
        let name = self.ids.next_u64();
        json!({
            "requestId": format!("{name:016x}"),
            "hotelId": self.hotel().1.to_string(),
            "checkInDate": stay.first_day.to_string(),
            "checkOutDate": stay.end_day.to_string(),
            "rooms": {"STANDARD": 1},
            "guest": {"fullName": "Ana Sousa", "email": format!("ana.{name:x}@example.org")},
        })
        .to_string()
    }
}

fn city_name(city: usize) -> String {
    format!("Cidade{city}")
}
