//! Finding hotels: by place, around a point, in a box or by name, with room for a party and a stay,
//! sorted, filtered and paged. Asked of the store itself: it looks at no more than
//! [`HOTELS_EXAMINED_MAX`] hotels, says so when there are more, and decides nothing that the desk
//! would not.

pub mod criteria;
mod geo;
pub mod kept;
mod rank;

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::try_join;
use vacancy_domain::hotels::Hotel;
use vacancy_domain::ids::PropertyId;
use vacancy_domain::money::Money;
use vacancy_domain::names;
use vacancy_store::faults::Fault;
use vacancy_store::listings as store;
use vacancy_store::locations;
use vacancy_store::sql::Db;
use vacancy_store::sql::tx::Tx;

use crate::access::Actor;
use crate::cursors::{Page, Position};
use crate::errors::Error;
use criteria::{Area, Criteria};
use kept::{Kept, Known};
use rank::{Found, Ranked};

/// Most hotels that one search looks at.
pub const HOTELS_EXAMINED_MAX: usize = 2_000;
/// Most places that a search by name takes hotels from.
const PLACES_BY_NAME_MAX: i64 = 5;
/// Most amenities that are counted for the reader.
pub const FACET_AMENITIES_MAX: usize = 50;

/// One hotel of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    pub hotel: Hotel,
    /// What the search would book; none when no stay was asked.
    pub offer: Option<Offer>,
    /// From the point or place searched around.
    pub distance_metres: Option<i64>,
}

/// The cheapest room type that takes the whole party.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Its code.
    pub room_type: String,
    pub room_type_name: String,
    /// One night of one room, before tax.
    pub average_night: Money,
    /// All nights of all rooms, with tax.
    pub total: Money,
    pub rooms_left: i64,
}

/// How many hotels there are for each filter, before the filters on stars and amenities.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facets {
    /// 0 stands for unknown.
    pub stars: BTreeMap<i64, i64>,
    /// The most frequent first.
    pub amenities: Vec<(String, i64)>,
}

/// A page of what was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listings {
    pub as_of_ms: i64,
    /// Hotels that match, of those that were looked at.
    pub total: i64,
    /// Whether all hotels of the area were looked at.
    pub is_complete: bool,
    pub facets: Facets,
    pub page: Page<Listing>,
}

/// What was read at one moment.
struct Seen {
    now_ms: i64,
    is_complete: bool,
    centre: Option<(i64, i64)>,
    hotels: Vec<Arc<Known>>,
}

/// Finds hotels. Clones share what they know of them.
#[derive(Clone)]
pub struct Finder {
    db: Db,
    kept: Kept,
}

impl Finder {
    #[must_use]
    pub fn new(db: &Db) -> Finder {
        Finder { db: db.clone(), kept: Kept::default() }
    }

    /// Finds hotels.
    pub async fn search(&self, actor: &Actor, criteria: &Criteria) -> Result<Listings, Error> {
        let plan = criteria.check(actor)?;
        let (asked, kept) = (criteria.clone(), self.kept.clone());
        let seen = self.db.read(move |tx| Box::pin(async move { look(tx, &kept, &asked).await }));
        let Some(seen) = seen.await? else { return Err(Error::NotFound) };
        let (as_of_ms, is_complete) = (seen.now_ms, seen.is_complete);
        let Found { matches, facets } =
            rank::rank(seen.hotels, seen.centre, seen.now_ms, criteria)?;
        let total = i64::try_from(matches.len()).unwrap_or(i64::MAX);
        let list = criteria.sort.list();
        let after = plan.after;
        let rest = matches.into_iter().filter(|ranked| {
            after.is_none_or(|after| (after.key, after.id) < (ranked.key, ranked.id().0))
        });
        let wanted = usize::try_from(plan.limit + 1).unwrap_or(usize::MAX);
        let page = Page::cut(rest.take(wanted).collect(), plan.limit, |ranked: &Ranked| Position {
            list,
            key: ranked.key,
            id: ranked.id().0,
        });
        let items = page.items.into_iter().map(Ranked::into_listing).collect();
        let page = Page { items, next_cursor: page.next_cursor };
        Ok(Listings { as_of_ms, total, is_complete, facets, page })
    }
}

/// Which hotels lie where somebody looks, and all that is needed to judge them, in one snapshot.
/// `None`: the place is not there.
async fn look(tx: &Tx<'_>, kept: &Kept, criteria: &Criteria) -> Result<Option<Seen>, Fault> {
    let more = i64::try_from(HOTELS_EXAMINED_MAX + 1).unwrap_or(i64::MAX);
    let (lie, news, now_ms) =
        try_join!(who_lies_in(tx, &criteria.area, more), kept.news(tx), tx.now_ms())?;
    let Some((mut ids, centre)) = lie else { return Ok(None) };
    let is_complete = ids.len() <= HOTELS_EXAMINED_MAX;
    ids.truncate(HOTELS_EXAMINED_MAX);
    let mut hotels = kept.hotels(tx, news, &ids).await?;
    if let Area::Around { radius_metres, .. } = &criteria.area {
        hotels.retain(|known| {
            let at = (known.hotel.latitude_e6, known.hotel.longitude_e6);
            centre.is_some_and(|centre| geo::metres(centre, at) <= *radius_metres)
        });
    }
    Ok(Some(Seen { now_ms, is_complete, centre, hotels }))
}

/// Hotels of an area, and the point that distances are told from.
type Lie = (Vec<PropertyId>, Option<(i64, i64)>);

async fn who_lies_in(tx: &Tx<'_>, area: &Area, more: i64) -> Result<Option<Lie>, Fault> {
    Ok(Some(match area {
        Area::Location(id) => {
            let place = locations::by_ids(tx, std::slice::from_ref(id));
            let (mut place, ids) = try_join!(place, store::in_location(tx, id, more))?;
            let Some(place) = place.pop() else { return Ok(None) };
            (ids, Some((place.latitude_e6, place.longitude_e6)))
        }
        Area::Around { latitude_e6, longitude_e6, radius_metres } => {
            let centre = (*latitude_e6, *longitude_e6);
            let found = store::in_box(tx, geo::box_around(centre, *radius_metres), more).await?;
            (ids_of(found), Some(centre))
        }
        Area::Box(area) => {
            (ids_of(store::in_box(tx, *area, more).await?), Some(geo::middle(*area)))
        }
        Area::Named(q) => (by_name(tx, &names::fold(q), more).await?, None),
    }))
}

fn ids_of(found: Vec<store::Candidate>) -> Vec<PropertyId> {
    found.into_iter().map(|hotel| hotel.property).collect()
}

/// Hotels whose name has every asked word, the last one perhaps unfinished, and the hotels of
/// places that are called so. Each once.
async fn by_name(tx: &Tx<'_>, folded: &str, more: i64) -> Result<Vec<PropertyId>, Fault> {
    let words: Vec<&str> = folded.split(' ').collect();
    // The longest word is likely the rarest.
    let Some(rarest) = words.iter().max_by_key(|word| word.len()).filter(|word| !word.is_empty())
    else {
        return Ok(Vec::new());
    };
    let mut called = store::by_word(tx, rarest, more).await?;
    called.retain(|hotel| {
        words.iter().all(|word| hotel.name.split(' ').any(|own| own.starts_with(word)))
    });
    let mut found = ids_of(called);
    for place in locations::search(tx, folded, PLACES_BY_NAME_MAX).await? {
        let missing = more - i64::try_from(found.len()).unwrap_or(more);
        if missing <= 0 {
            break;
        }
        found.extend(store::in_location(tx, &place.id, missing).await?);
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}
