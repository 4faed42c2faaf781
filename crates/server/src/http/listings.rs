//! Hotels to choose from: by place, dates and people, sorted and filtered. A page is small, so that
//! a telephone has it at once; what else there is to know stands in the hotel itself.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use vacancy_app::listings::{Facets, Listing};

use super::auth::Caller;
use super::fields::{Amount, instant};
use super::hotel_views::points;
use super::listing_asks::ListingsAsk;
use super::locations::TAG;
use super::problem::Problem;
use super::query::Query;
use crate::state::AppState;

/// Characters of an address that a listing shows: what holds a page below 100 KB.
const ADDRESS_CHARACTERS_MAX: usize = 200;

/// A page of hotels.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HotelListings {
    /// When it was so; what is free may be gone by now.
    #[schema(format = DateTime)]
    as_of: String,
    /// Hotels that match, on all pages.
    #[schema(example = 37)]
    total: i64,
    /// False when there were too many hotels to look at: ask for a smaller area.
    is_complete: bool,
    facets: ListingFacets,
    items: Vec<HotelListing>,
    /// Asks for the next page; null on the last one.
    #[schema(required = true)]
    next_cursor: Option<String>,
}

/// How many hotels each filter would leave, before filters on stars and amenities.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListingFacets {
    stars: Vec<StarsFacet>,
    /// The most frequent first.
    amenities: Vec<AmenityFacet>,
}

/// Hotels of so many stars.
#[derive(Debug, Serialize, ToSchema)]
pub struct StarsFacet {
    /// Null: not known.
    #[schema(required = true, example = 4)]
    stars: Option<i64>,
    #[schema(example = 12)]
    count: i64,
}

/// Hotels that have something.
#[derive(Debug, Serialize, ToSchema)]
pub struct AmenityFacet {
    #[schema(example = "wifi")]
    amenity: String,
    #[schema(example = 31)]
    count: i64,
}

/// A hotel of a page.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HotelListing {
    hotel_id: String,
    #[schema(example = "Casa da Ribeira")]
    name: String,
    /// The beginning of a long one.
    address: String,
    /// Null: no picture.
    #[schema(required = true)]
    thumbnail_url: Option<String>,
    /// Of ten points. Null: not known.
    #[schema(required = true, example = 8.7)]
    rating: Option<f64>,
    /// Null: not known.
    #[schema(required = true, example = 4)]
    stars: Option<i64>,
    /// The cheapest room type that takes everybody; null without dates, as the three below.
    #[schema(required = true, example = "DELUXE")]
    room_type: Option<String>,
    /// One room, before tax.
    #[schema(required = true)]
    avg_price_per_night: Option<Amount>,
    /// All nights of all rooms, with tax.
    #[schema(required = true)]
    total_price: Option<Amount>,
    #[schema(required = true, example = 3)]
    rooms_left: Option<i64>,
    /// From the place or point searched around; null for a search by name.
    #[schema(required = true, example = 850)]
    distance_metres: Option<i64>,
}

/// Find hotels
///
/// Name one area: `locationId`, or `lat` and `lon`, or `bbox`, or `q`. With dates, only hotels with
/// room for everybody are told, each with its cheapest room type; without, hotels of the area.
#[utoipa::path(
    get, path = "/v1/hotel-listings", tag = TAG, operation_id = "listHotelListings",
    params(ListingsAsk),
    security((), ("bearer" = [])),
    responses((status = 200, description = "A page", body = HotelListings, example = json!({
        "asOf": "2027-01-01T12:00:00.000Z",
        "total": 1,
        "isComplete": true,
        "facets": {
            "stars": [{"stars": 4, "count": 1}],
            "amenities": [{"amenity": "wifi", "count": 1}]
        },
        "items": [{
            "hotelId": "0192f3a4-b5c6-7d8e-9f01-23456789abcd",
            "name": "Casa da Ribeira",
            "address": "Rua das Flores 12, 1200-195 Lisbon",
            "thumbnailUrl": "/pictures/casa-da-ribeira.jpg",
            "rating": 8.7,
            "stars": 4,
            "roomType": "STANDARD",
            "avgPricePerNight": {"amount": 8_000, "currency": "EUR"},
            "totalPrice": {"amount": 16_960, "currency": "EUR"},
            "roomsLeft": 3,
            "distanceMetres": 850
        }],
        "nextCursor": null
    })))
)]
pub async fn list(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Query(ask): Query<ListingsAsk>,
) -> Result<Json<HotelListings>, Problem> {
    let criteria = ask.into_criteria()?;
    let found = state.finder.search(&actor, &criteria).await?;
    Ok(Json(HotelListings {
        as_of: instant(found.as_of_ms),
        total: found.total,
        is_complete: found.is_complete,
        facets: facets(found.facets),
        items: found.page.items.into_iter().map(listing).collect(),
        next_cursor: found.page.next_cursor,
    }))
}

fn facets(facets: Facets) -> ListingFacets {
    let stars = facets
        .stars
        .into_iter()
        .map(|(stars, count)| StarsFacet { stars: (0 < stars).then_some(stars), count });
    let amenities =
        facets.amenities.into_iter().map(|(amenity, count)| AmenityFacet { amenity, count });
    ListingFacets { stars: stars.collect(), amenities: amenities.collect() }
}

fn listing(listing: Listing) -> HotelListing {
    let Listing { hotel, offer, distance_metres } = listing;
    let mut told = HotelListing {
        hotel_id: hotel.id.to_string(),
        name: hotel.name,
        address: hotel.address.chars().take(ADDRESS_CHARACTERS_MAX).collect(),
        thumbnail_url: hotel.image_urls.into_iter().next(),
        rating: hotel.rating_tenths.map(points),
        stars: hotel.stars,
        room_type: None,
        avg_price_per_night: None,
        total_price: None,
        rooms_left: None,
        distance_metres,
    };
    if let Some(offer) = offer {
        told.room_type = Some(offer.room_type);
        told.avg_price_per_night = Some(offer.average_night.into());
        told.total_price = Some(offer.total.into());
        told.rooms_left = Some(offer.rooms_left);
    }
    told
}
