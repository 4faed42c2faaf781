//! What search knows of hotels, kept from one search to the next. Each search first asks the log of
//! events, in its own snapshot, what has happened since, and reads anew what that names: so an answer
//! is as new as one that was read afresh. Whatever is kept here must be told to the log by whoever
//! writes it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard};

use futures_util::try_join;
use vacancy_domain::availability::{self, Outlook, Wish};
use vacancy_domain::cells::Cell;
use vacancy_domain::hotels::{Hotel, RoomType};
use vacancy_domain::ids::PropertyId;
use vacancy_domain::prices::{RateRange, Rates, Tariff};
use vacancy_domain::stays::{Day, STAY_ADVANCE_DAYS_MAX, STAY_NIGHTS_MAX, Stay};
use vacancy_store::availability::Touched;
use vacancy_store::events::{self, Cursor};
use vacancy_store::faults::Fault;
use vacancy_store::sql::tx::Tx;
use vacancy_store::{hotels, rates, room_types, tariffs};

/// Most hotels that are kept, at some 10 KB each. When there are more, all are read anew.
pub const HOTELS_KEPT_MAX: usize = 5_000;
/// Most events that one search looks through. When there are more, all hotels are read anew.
pub const NEWS_MAX: i64 = 1_000;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// A hotel with all that it sells from yesterday on.
pub(super) struct Known {
    pub(super) hotel: Hotel,
    pub(super) types: Vec<RoomType>,
    ranges: Vec<RateRange>,
    tariff: Arc<Tariff>,
    touched: Touched,
}

impl Known {
    /// All that the prices of a stay are computed from.
    pub(super) fn rates(&self, stay: Stay) -> Rates {
        let base = |one: &RoomType| one.base_rate_minor.map(|minor| (one.pool, minor));
        let touches = |range: &&RateRange| {
            range.stay.first_day < stay.end_day && stay.first_day < range.stay.end_day
        };
        Rates {
            currency: self.hotel.currency,
            base_minor: self.types.iter().filter_map(base).collect(),
            ranges: self.ranges.iter().filter(touches).copied().collect(),
            tax_bp: self.hotel.tax_bp,
            tariff: Arc::clone(&self.tariff),
        }
    }

    pub(super) fn look(&self, room_type: &RoomType, rates: &Rates, wish: &Wish) -> Outlook {
        static NONE: BTreeMap<Day, Cell> = BTreeMap::new();
        let touched = self.touched.get(&room_type.pool).unwrap_or(&NONE);
        availability::look(room_type, touched, rates, wish)
    }
}

/// Clones share what they keep.
#[derive(Clone, Default)]
pub(super) struct Kept(Arc<Mutex<Shelf>>);

#[derive(Default)]
struct Shelf {
    /// Everything before it is in what is kept.
    until: Cursor,
    hotels: HashMap<PropertyId, Arc<Known>>,
}

/// What has happened to hotels since they were kept.
pub(super) struct News {
    pub(super) now_ms: i64,
    /// `None`: too much to be told.
    whose: Option<BTreeSet<PropertyId>>,
    /// How far the snapshot reaches for certain.
    until: Cursor,
}

impl Kept {
    /// Asks what has happened, in the snapshot of the search.
    pub(super) async fn news(&self, tx: &Tx<'_>) -> Result<News, Fault> {
        let after = self.shelf().until;
        let news = events::news_since(tx, after, NEWS_MAX);
        let ((whose, until), now_ms) = try_join!(news, tx.now_ms())?;
        Ok(News { now_ms, whose, until })
    }

    /// These hotels as the snapshot of the news shows them, or as a later one did; in no order. One
    /// that is not there is left out.
    pub(super) async fn hotels(
        &self,
        tx: &Tx<'_>,
        News { now_ms, whose, until }: News,
        ids: &[PropertyId],
    ) -> Result<Vec<Arc<Known>>, Fault> {
        let (mut found, missing) = {
            // At once: nobody may put in between what the news have just taken out.
            let mut shelf = self.shelf();
            match whose {
                Some(properties) => {
                    for property in &properties {
                        shelf.hotels.remove(property);
                    }
                }
                None => shelf.hotels.clear(),
            }
            shelf.until = shelf.until.max(until);
            take(&shelf, ids)
        };
        if !missing.is_empty() {
            let read = read(tx, now_ms, &missing).await?;
            self.keep(until, &read);
            found.extend(read);
        }
        Ok(found)
    }

    /// Unless somebody knows of news that this snapshot may not show.
    fn keep(&self, until: Cursor, read: &[Arc<Known>]) {
        let mut shelf = self.shelf();
        if until < shelf.until {
            return;
        }
        if HOTELS_KEPT_MAX < shelf.hotels.len() + read.len() {
            shelf.hotels.clear();
        }
        shelf.hotels.extend(read.iter().map(|known| (known.hotel.id, Arc::clone(known))));
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.0.lock().expect("no thread panics while it holds the shelf")
    }
}

fn take(shelf: &Shelf, ids: &[PropertyId]) -> (Vec<Arc<Known>>, Vec<PropertyId>) {
    let mut found = Vec::with_capacity(ids.len());
    let mut missing = Vec::new();
    for id in ids {
        match shelf.hotels.get(id) {
            Some(known) => found.push(Arc::clone(known)),
            None => missing.push(*id),
        }
    }
    (found, missing)
}

/// Five statements, however many hotels, or six if some have rate plans. Each hotel once.
async fn read(tx: &Tx<'_>, now_ms: i64, ids: &[PropertyId]) -> Result<Vec<Arc<Known>>, Fault> {
    // Somewhere it is still yesterday.
    let first_day = Day(now_ms.div_euclid(DAY_MS)).plus(-1);
    let days = Stay::new(first_day, first_day.plus(STAY_ADVANCE_DAYS_MAX + STAY_NIGHTS_MAX + 2));
    let (hotels, all_types, mut ranges, mut tariffs) = try_join!(
        hotels::by_ids(tx, ids),
        room_types::by_properties(tx, ids),
        rates::ranges(tx, ids, days),
        tariffs::load(tx, ids, days),
    )?;
    let mut types: BTreeMap<PropertyId, Vec<RoomType>> = BTreeMap::new();
    let mut pools = Vec::new();
    for room_type in all_types {
        pools.push((room_type.property, room_type.pool));
        types.entry(room_type.property).or_default().push(room_type);
    }
    let days_both = (days.first_day, days.end_day);
    let mut touched = vacancy_store::availability::cells(tx, &pools, days_both).await?;
    let known = |hotel: Hotel| {
        let types = types.remove(&hotel.id).unwrap_or_default();
        let of_pool = |one: &RoomType| Some((one.pool, touched.remove(&one.pool)?));
        let touched = types.iter().filter_map(of_pool).collect();
        let ranges = ranges.remove(&hotel.id).unwrap_or_default();
        let tariff = Arc::new(tariffs.remove(&hotel.id).unwrap_or_default());
        Arc::new(Known { hotel, types, ranges, tariff, touched })
    };
    Ok(hotels.into_iter().map(known).collect())
}

#[cfg(test)]
mod tests {
    //! Goal: what is kept is never older than the search that takes it.
    //! Method: a search is held back in a snapshot from before a change, until others know of it.

    use std::sync::mpsc;

    use tokio::sync::oneshot;
    use vacancy_domain::ids::PoolId;
    use vacancy_store::sql::{Db, Engine, Time};
    use vacancy_store::testing::{fixtures, on_engine};

    use super::*;
    use crate::desk::news;

    const PROPERTY: PropertyId = PropertyId(0xa0);
    const POOL: PoolId = PoolId(0xc0);
    const OLD_MINOR: i64 = 10_000;
    const NEW_MINOR: i64 = 7;

    async fn rate(kept: &Kept, tx: &Tx<'_>) -> Result<i64, Fault> {
        let hotels = kept.hotels(tx, kept.news(tx).await?, &[PROPERTY]).await?;
        Ok(hotels[0].types[0].base_rate_minor.expect("a rate"))
    }

    async fn rate_now(kept: &Kept, db: &Db) -> i64 {
        let kept = kept.clone();
        let read = db.read(move |tx| Box::pin(async move { rate(&kept, tx).await }));
        read.await.expect("a rate")
    }

    async fn change(db: &Db) {
        let written = db.write(|tx| {
            Box::pin(async move {
                rates::set_base(tx, POOL, Some(NEW_MINOR)).await?;
                news::tell_changed(tx, PROPERTY).await
            })
        });
        written.await.expect("a change");
    }

    #[test]
    fn a_search_from_before_a_change_keeps_nothing_of_what_it_saw() {
        // A body on SQLite may wait for a channel: it has a thread of its own.
        on_engine(Engine::Sqlite, &Time::Engine, |db| {
            Box::pin(async move {
                fixtures::property(&db, PROPERTY, &[(POOL, 5)]).await.expect("a hotel");
                let kept = Kept::default();
                let (begun, begins) = oneshot::channel();
                let (go_on, held_back) = mpsc::channel::<()>();
                let (old_db, old_kept) = (db.clone(), kept.clone());
                let old = tokio::spawn(async move {
                    let read = old_db.read(move |tx| {
                        Box::pin(async move {
                            // A snapshot begins with its first statement.
                            hotels::by_ids(tx, &[PROPERTY]).await?;
                            begun.send(()).expect("somebody waits");
                            held_back.recv().expect("somebody says when");
                            rate(&old_kept, tx).await
                        })
                    });
                    read.await.expect("a rate")
                });
                begins.await.expect("the old search begins");
                change(&db).await;
                assert_eq!(rate_now(&kept, &db).await, NEW_MINOR);
                // Forget the hotel, so that the old search reads it.
                kept.shelf().hotels.clear();
                go_on.send(()).expect("the old search waits");
                assert_eq!(old.await.expect("the old search ends"), OLD_MINOR);
                assert_eq!(rate_now(&kept, &db).await, NEW_MINOR);
            })
        });
    }
}
