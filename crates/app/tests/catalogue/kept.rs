//! Goal: whoever searches again after any change finds what a first search would find.
//! Method: one finder lives through every change that a hotel may see; after each, a fresh one is
//! asked the same.

use std::collections::BTreeMap;

use vacancy_app::access::Actor;
use vacancy_app::desk::Desk;
use vacancy_app::hotels;
use vacancy_app::hotels::draft::HotelPatch;
use vacancy_app::listings::criteria::{Area, Criteria};
use vacancy_app::listings::{Finder, Listings};
use vacancy_app::rates;
use vacancy_app::reservations::Bookings;
use vacancy_app::reservations::book::BookingWish;
use vacancy_app::room_types::{self, NewRoomType, RoomTypePatch};
use vacancy_app::tariffs::{self, Change};
use vacancy_domain::ids::{PropertyId, ReservationId};
use vacancy_domain::prices::Terms;
use vacancy_domain::prices::restrictions::Restriction;
use vacancy_domain::reservations::Guest;
use vacancy_store::tariffs::{Part, PartKind};

use super::town::{Town, house, on_both, stay};

/// The searches that are asked after each change.
fn asked() -> [Criteria; 3] {
    let here = || Area::Location("lisbon-pt".into());
    [
        Criteria::of(here(), Some(stay(1, 3))),
        Criteria::of(here(), None),
        Criteria::of(Area::Named("casa".into()), Some(stay(2, 4))),
    ]
}

struct House {
    town: Town,
    bookings: Bookings,
    id: PropertyId,
    /// What the last look found.
    last: Vec<Listings>,
}

impl House {
    /// The finder that has lived through everything agrees with a new one; a change that can be
    /// seen is seen.
    async fn check(&mut self, what: &str) {
        let mut found = Vec::new();
        for criteria in asked() {
            let kept = self.town.finder.search(&Actor::Anonymous, &criteria).await.unwrap();
            let fresh = Finder::new(&self.town.db).search(&Actor::Anonymous, &criteria).await;
            assert_eq!(kept, fresh.unwrap(), "{what}");
            found.push(kept);
        }
        assert_ne!(found, self.last, "{what} changes what is found");
        self.last = found;
    }

    async fn book(&self, name: &str) -> ReservationId {
        let wish = BookingWish {
            request_id: name.to_owned(),
            body_hash: name.to_owned(),
            hotel: self.id,
            stay: stay(1, 3),
            rooms: BTreeMap::from([("DOUBLE".to_owned(), 1)]),
            adults: 2,
            children: Vec::new(),
            guest: Guest { full_name: "Ana Sousa".to_owned(), ..Guest::default() },
            terms: Terms::default(),
            agreed: None,
            quote: None,
            advance_days_max: Some(730),
            deadline: None,
        };
        self.bookings.book(&Actor::System, &wish).await.unwrap().0.reservation
    }

    async fn change_what_is_sold(&mut self) {
        let (db, owner, id) = (self.town.db.clone(), self.town.owner(), self.id);
        let double = (id, "DOUBLE");
        rates::set_base(&db, &owner, double, Some(8_000)).await.unwrap();
        self.check("another base rate").await;
        rates::set_range(&db, &owner, double, stay(2, 3), 20_000).await.unwrap();
        self.check("a rate of some nights").await;
        let suite = NewRoomType::coded("SUITE", 1, Some(5_000));
        room_types::create(&db, &self.town.ids, &owner, id, &suite).await.unwrap();
        self.check("a new room type").await;
        let patch = RoomTypePatch { name: Some("Suite".into()), ..RoomTypePatch::default() };
        room_types::patch(&db, &owner, (id, "SUITE"), 1, &patch).await.unwrap();
        self.check("another name of a room type").await;
        room_types::delete(&db, &owner, id, "SUITE").await.unwrap();
        self.check("a room type that is gone").await;
        let patch = HotelPatch { stars: Some(Some(5)), ..HotelPatch::default() };
        hotels::patch(&db, &owner, id, 1, &patch).await.unwrap();
        self.check("another star").await;
    }

    async fn change_what_is_allowed(&mut self) {
        let (db, owner, id) = (self.town.db.clone(), self.town.owner(), self.id);
        let closed =
            Restriction { closed: true, ..Restriction::nothing("FAIR".into(), stay(1, 3)) };
        let create = Change::Create(Part::Restriction(closed));
        tariffs::change(&db, &owner, id, create).await.unwrap();
        self.check("a restriction").await;
        let remove = Change::Remove(PartKind::Restriction, "FAIR".into(), 1);
        tariffs::change(&db, &owner, id, remove).await.unwrap();
        self.check("a restriction that is gone").await;
    }

    async fn change_what_is_free(&mut self) {
        let (owner, id) = (self.town.owner(), self.id);
        self.bookings.set_capacity(&owner, id, "DOUBLE", 4).await.unwrap();
        self.check("more rooms on nights that nobody touched").await;
        let booked = self.book("one").await;
        self.check("a booking").await;
        self.bookings.set_overbooking(&owner, id, None, 5_000).await.unwrap();
        self.bookings.set_overbooking(&owner, id, Some("DOUBLE"), 5_000).await.unwrap();
        self.check("overbooking").await;
        self.bookings.cancel(&Actor::System, booked, String::new(), None).await.unwrap();
        self.check("a cancellation").await;
    }
}

#[test]
fn every_change_is_found_by_the_next_search() {
    on_both(|db| {
        Box::pin(async move {
            let town = Town::open(db).await;
            let houses = [house("Casa do Rossio", 2, 9_000), house("Casa Alta", 3, 7_000)];
            let id = town.build(&houses).await[0];
            let (desk, lanes) = Desk::open(&town.db, &town.ids);
            let bookings = Bookings::new(&town.db, desk, town.ids.clone());
            let mut house = House { town, bookings, id, last: Vec::new() };
            house.check("a first look").await;
            house.change_what_is_sold().await;
            house.change_what_is_allowed().await;
            house.change_what_is_free().await;
            house.town.build(&[super::town::house("Casa Nova", 1, 100)]).await;
            house.check("a new hotel").await;
            drop(house);
            lanes.close().await;
        })
    });
}
