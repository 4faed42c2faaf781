//! Requests of the contract that must work as they stand, ids and dates aside; and how large what
//! they answer may be.

use serde_json::{Value, json};
use vacancy_app::access::Actor;
use vacancy_app::businesses;
use vacancy_app::hotels::bulk::{Made, NewHouse, create_many};
use vacancy_app::hotels::draft::NewHotel;
use vacancy_app::locations::PlaceName;
use vacancy_app::room_types::NewRoomType;
use vacancy_domain::hotels::{
    ADDRESS_CHARS_MAX, AMENITIES_MAX, AMENITY_CHARS_MAX, DESCRIPTION_CHARS_MAX,
    IMAGE_URL_CHARS_MAX, NAME_CHARS_MAX,
};
use vacancy_domain::prices::RATE_MINOR_MAX;

use super::house::{House, on_both, on_sqlite};

/// A hotel in a listing, and a page of twenty.
const LISTING_BYTES_MAX: usize = 5 * 1_000;
const PAGE_BYTES_MAX: usize = 100 * 1_000;

#[test]
fn the_requests_that_find_work_as_they_stand() {
    on_both(|house| {
        Box::pin(async move {
            let hotel = house.hotel.to_string();
            let hotels = house.get("/v1/hotels?location=lisbon-pt").send().await.expect(200);
            assert_eq!(hotels["items"].as_array().unwrap().len(), 2);
            let path = "/v1/hotel-listings?locationId=lisbon-pt&checkInDate=2027-03-10&checkOutDate=2027-03-12";
            assert_eq!(house.get(path).send().await.expect(200)["total"], 2);
            let other = hotels["items"][1]["hotelId"].as_str().unwrap();
            let batch = format!(
                r#"{{"hotelIds":["{hotel}","{other}"],"checkInDate":"2027-03-10","checkOutDate":"2027-03-12"}}"#
            );
            let batch = house.post("/v1/availability/batch").send_text(batch).await.expect(200);
            assert_eq!(batch["availability"][other]["available"], true);
            let pricing = format!(
                r#"{{"hotelId":"{hotel}","checkInDate":"2027-03-10","checkOutDate":"2027-03-12","roomTypes":["DELUXE","STANDARD"]}}"#
            );
            let pricing = house.post("/v1/pricing").send_text(pricing).await.expect(200);
            assert_eq!(pricing["roomTypes"].as_array().unwrap().len(), 2);
        })
    });
}

/// Twenty of the largest hotels that there may be.
async fn fill(house: &House) {
    let wide = |count: usize| "\u{1f3e8}".repeat(count);
    let place = PlaceName::City { name: "Faro".to_owned(), country: "PT".to_owned() };
    let houses: Vec<NewHouse> = (0..20_usize)
        .map(|at| {
            let mut hotel =
                NewHotel::named(&wide(NAME_CHARS_MAX), place.clone(), "Europe/Lisbon", "EUR");
            hotel.description = wide(DESCRIPTION_CHARS_MAX);
            hotel.address = wide(ADDRESS_CHARS_MAX);
            hotel.stars = Some(5);
            hotel.rating_tenths = Some(99);
            let start = "https://a.example/";
            hotel.image_urls = vec![format!("{start}{}", wide(IMAGE_URL_CHARS_MAX - start.len()))];
            hotel.amenities = (0..AMENITIES_MAX)
                .map(|number| format!("{at:02}{number:02}{}", wide(AMENITY_CHARS_MAX - 4)))
                .collect();
            let mut room_type = NewRoomType::coded(&"X".repeat(32), 100_000, Some(RATE_MINOR_MAX));
            room_type.name = wide(NAME_CHARS_MAX);
            room_type.description = wide(DESCRIPTION_CHARS_MAX);
            NewHouse { hotel, room_types: vec![room_type] }
        })
        .collect();
    let (db, ids) = (&house.state.db, &house.state.ids);
    let business = businesses::ensure_default(db).await.unwrap().id;
    let made = create_many(db, ids, &Actor::Admin, business, &houses).await.unwrap();
    assert!(made.iter().all(|made| matches!(made, Made::Created(_))), "{made:?}");
}

#[test]
fn the_largest_hotels_fit_into_a_small_page() {
    on_sqlite(|house| {
        Box::pin(async move {
            fill(&house).await;
            let path = "/v1/hotel-listings?locationId=faro-pt&checkInDate=2027-03-10&checkOutDate=2027-03-12";
            let answer = house.get(path).send().await;
            let page = answer.expect(200);
            let items = page["items"].as_array().unwrap();
            assert_eq!(items.len(), 20);
            for item in items {
                let bytes = item.to_string().len();
                assert!(bytes <= LISTING_BYTES_MAX, "{bytes}");
            }
            assert!(answer.bytes.len() <= PAGE_BYTES_MAX, "{}", answer.bytes.len());
        })
    });
}

#[test]
fn a_usual_hotel_is_far_smaller() {
    on_sqlite(|house| {
        Box::pin(async move {
            let path = "/v1/hotel-listings?locationId=lisbon-pt&checkInDate=2027-03-10&checkOutDate=2027-03-12";
            let page: Value = house.get(path).send().await.expect(200);
            assert!(page["items"][0].to_string().len() < 500, "{page}");
            assert_eq!(page["nextCursor"], json!(null));
        })
    });
}
