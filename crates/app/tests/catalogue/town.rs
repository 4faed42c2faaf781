//! A small town of hotels, made through the use cases as a business would make them.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use futures_util::future::BoxFuture;
use vacancy_app::access::Actor;
use vacancy_app::businesses;
use vacancy_app::errors::Error;
use vacancy_app::hotels::bulk::{Made, NewHouse, create_many};
use vacancy_app::hotels::draft::NewHotel;
use vacancy_app::ids::Ids;
use vacancy_app::listings::Finder;
use vacancy_app::locations::PlaceName;
use vacancy_app::room_types::NewRoomType;
use vacancy_domain::access::Role;
use vacancy_domain::ids::{BusinessId, PropertyId};
use vacancy_domain::stays::{Day, Stay};
use vacancy_store::sql::{Db, Time};
use vacancy_store::testing::on_both_engines_at;

/// 2027-01-01T12:00:00Z.
pub(crate) const NOON_MS: i64 = 1_798_804_800_000;
/// The civil day of [`NOON_MS`] in Lisbon.
pub(crate) const TODAY: Day = Day(20_819);

/// Runs the body on both engines with a clock that stands at noon.
pub(crate) fn on_both(body: impl Fn(Db) -> BoxFuture<'static, ()>) {
    on_both_engines_at(&Time::Given(Arc::new(|| NOON_MS)), body);
}

/// Nights counted from today.
pub(crate) fn stay(first: i64, end: i64) -> Stay {
    Stay::new(TODAY.plus(first), TODAY.plus(end))
}

pub(crate) fn code_of<T>(outcome: Result<T, Error>) -> &'static str {
    outcome.map_or_else(|error| error.code(), |_| "ok")
}

/// Pointers and codes of wrong fields.
pub(crate) fn fields<T: std::fmt::Debug>(outcome: Result<T, Error>) -> Vec<(String, &'static str)> {
    match outcome {
        Err(Error::Invalid(fields)) => {
            fields.into_iter().map(|field| (field.pointer, field.code)).collect()
        }
        other => panic!("wrong fields were expected, not {other:?}"),
    }
}

pub(crate) fn lisbon() -> PlaceName {
    PlaceName::City { name: "Lisbon".into(), country: "PT".into() }
}

/// A hotel in Lisbon of which little is known.
pub(crate) fn hotel(name: &str) -> NewHotel {
    NewHotel {
        latitude_e6: 38_722_000,
        longitude_e6: -9_139_000,
        ..NewHotel::named(name, lisbon(), "Europe/Lisbon", "EUR")
    }
}

/// The same with one room type.
pub(crate) fn house(name: &str, units: i64, rate_minor: i64) -> NewHouse {
    let room_types = vec![NewRoomType::coded("DOUBLE", units, Some(rate_minor))];
    NewHouse { hotel: hotel(name), room_types }
}

pub(crate) struct Town {
    pub(crate) db: Db,
    pub(crate) ids: Ids,
    pub(crate) finder: Finder,
    pub(crate) business: BusinessId,
}

impl Town {
    pub(crate) async fn open(db: Db) -> Town {
        // Ids that rise with every draw, so that their order is that of making.
        let tick = AtomicI64::new(1);
        let ids = Ids::seeded(1, Arc::new(move || tick.fetch_add(1, Ordering::SeqCst)));
        let business = businesses::ensure_default(&db).await.unwrap().id;
        let finder = Finder::new(&db);
        Town { db, ids, finder, business }
    }

    pub(crate) fn owner(&self) -> Actor {
        Actor::Staff { business: self.business, role: Role::Owner }
    }

    pub(crate) async fn build(&self, houses: &[NewHouse]) -> Vec<PropertyId> {
        let made = self.try_build(houses).await;
        made.into_iter()
            .map(|made| match made {
                Made::Created(id) => id,
                Made::AlreadyThere(_) | Made::Refused(_) => {
                    panic!("a house was not built: {made:?}")
                }
            })
            .collect()
    }

    pub(crate) async fn try_build(&self, houses: &[NewHouse]) -> Vec<Made> {
        create_many(&self.db, &self.ids, &self.owner(), self.business, houses).await.unwrap()
    }
}
