//! Judges the hotels of a search: which have room, at what price, in which order. Pure: it sees
//! what was read and the criteria.

use std::collections::BTreeMap;
use std::sync::Arc;

use vacancy_domain::availability::{Wish, check_stay};
use vacancy_domain::hotels::{Hotel, RoomType};
use vacancy_domain::ids::PropertyId;
use vacancy_domain::prices::{Rates, Terms};
use vacancy_domain::stays::Stay;
use vacancy_domain::zones::{self, Local};

use super::criteria::{Criteria, Sort};
use super::kept::Known;
use super::{FACET_AMENITIES_MAX, Facets, Listing, Offer, geo};
use crate::availability::{unknown_zone, wish};
use crate::errors::Error;
use crate::pricing::average_night;

/// A hotel that matches, with what it is sorted by: smaller comes first.
pub(super) struct Ranked {
    known: Arc<Known>,
    pub(super) key: i64,
    offer: Option<Offer>,
    distance_metres: Option<i64>,
}

impl Ranked {
    pub(super) fn id(&self) -> PropertyId {
        self.known.hotel.id
    }

    pub(super) fn into_listing(self) -> Listing {
        let Ranked { known, offer, distance_metres, .. } = self;
        Listing { hotel: known.hotel.clone(), offer, distance_metres }
    }
}

pub(super) struct Found {
    /// In the asked order.
    pub(super) matches: Vec<Ranked>,
    pub(super) facets: Facets,
}

/// Judges and sorts the hotels.
pub(super) fn rank(
    hotels: Vec<Arc<Known>>,
    centre: Option<(i64, i64)>,
    now_ms: i64,
    criteria: &Criteria,
) -> Result<Found, Error> {
    let mut clocks: BTreeMap<String, Local> = BTreeMap::new();
    let mut counts = Counts::default();
    let mut matches = Vec::new();
    let asked: Vec<String> = criteria.amenities.iter().map(|name| name.to_lowercase()).collect();
    for known in hotels {
        let hotel = &known.hotel;
        let offer = match criteria.stay {
            Some(stay) => {
                let local = local(&mut clocks, now_ms, &hotel.time_zone)?;
                match best_offer(&known, stay, local, criteria) {
                    Some(offer) => Some(offer),
                    None => continue,
                }
            }
            None => None,
        };
        counts.add(hotel);
        if !is_wanted(hotel, &criteria.stars, &asked) {
            continue;
        }
        let at = (hotel.latitude_e6, hotel.longitude_e6);
        let distance_metres = centre.map(|centre| geo::metres(centre, at));
        let key = match criteria.sort {
            Sort::Price => offer.as_ref().map_or(i64::MAX, |offer| offer.total.minor),
            // No rating stands below the worst one.
            Sort::Rating => -hotel.rating_tenths.unwrap_or(-1),
            Sort::Distance => distance_metres.unwrap_or(i64::MAX),
        };
        matches.push(Ranked { known, key, offer, distance_metres });
    }
    matches.sort_by_key(|ranked| (ranked.key, ranked.id()));
    Ok(Found { matches, facets: counts.facets() })
}

/// The civil time in a zone; many hotels share few zones.
fn local(
    clocks: &mut BTreeMap<String, Local>,
    now_ms: i64,
    time_zone: &str,
) -> Result<Local, Error> {
    if let Some(local) = clocks.get(time_zone) {
        return Ok(*local);
    }
    let local = zones::local_at(now_ms, time_zone).map_err(|_| unknown_zone())?;
    clocks.insert(time_zone.to_owned(), local);
    Ok(local)
}

/// The cheapest room type that takes the party within the asked price.
fn best_offer(known: &Known, stay: Stay, local: Local, criteria: &Criteria) -> Option<Offer> {
    if check_stay(stay, local.day).is_err() {
        return None;
    }
    let rates = known.rates(stay);
    let wish = wish(stay, &criteria.party, local, Terms::STANDARD);
    let mut best: Option<Offer> = None;
    for room_type in &known.types {
        if !criteria.room_types.is_empty() && !criteria.room_types.contains(&room_type.code) {
            continue;
        }
        let Some(offer) = offer(known, room_type, &rates, &wish, criteria) else { continue };
        if best.as_ref().is_none_or(|best| offer.total.minor < best.total.minor) {
            best = Some(offer);
        }
    }
    best
}

fn offer(
    known: &Known,
    room_type: &RoomType,
    rates: &Rates,
    wish: &Wish,
    criteria: &Criteria,
) -> Option<Offer> {
    let outlook = known.look(room_type, rates, wish);
    if !outlook.is_available() {
        return None;
    }
    let units = wish.party.room_count;
    let price = outlook.price?;
    let average_night = average_night(&price, wish.stay, units)?;
    let is_cheap = criteria.price_min_minor.is_some_and(|least| average_night.minor < least);
    let is_dear = criteria.price_max_minor.is_some_and(|most| most < average_night.minor);
    if is_cheap || is_dear {
        return None;
    }
    let (room_type, room_type_name) = (room_type.code.clone(), room_type.name.clone());
    let (total, rooms_left) = (price.whole(), outlook.rooms_left);
    Some(Offer { room_type, room_type_name, average_night, total, rooms_left })
}

fn is_wanted(hotel: &Hotel, stars: &[i64], amenities: &[String]) -> bool {
    let has_stars =
        stars.is_empty() || hotel.stars.is_some_and(|own_stars| stars.contains(&own_stars));
    let has = |asked: &String| hotel.amenities.iter().any(|own| own.to_lowercase() == *asked);
    has_stars && amenities.iter().all(has)
}

#[derive(Default)]
struct Counts {
    stars: BTreeMap<i64, i64>,
    amenities: BTreeMap<String, i64>,
}

impl Counts {
    fn add(&mut self, hotel: &Hotel) {
        *self.stars.entry(hotel.stars.unwrap_or(0)).or_default() += 1;
        for amenity in &hotel.amenities {
            *self.amenities.entry(amenity.to_lowercase()).or_default() += 1;
        }
    }

    fn facets(self) -> Facets {
        let mut amenities: Vec<(String, i64)> = self.amenities.into_iter().collect();
        amenities.sort_by(|a, b| (b.1, &a.0).cmp(&(a.1, &b.0)));
        amenities.truncate(FACET_AMENITIES_MAX);
        Facets { stars: self.stars, amenities }
    }
}
