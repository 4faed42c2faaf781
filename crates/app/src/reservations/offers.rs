//! Offers for many who ask at once: whoever asks the same hotel while it is being read shares the
//! next look at it. A look begins after all of its askers have asked, so nobody gets an older answer
//! than a look of their own would give; nothing is kept for later.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::oneshot;
use vacancy_domain::ids::PropertyId;
use vacancy_domain::stays::Stay;
use vacancy_store::faults::Fault;
use vacancy_store::sql::Db;

use super::book::{self, Offer};
use crate::errors::Error;

type Found = Result<Arc<Offer>, Error>;

/// Reads offers. Clones share their looks.
#[derive(Clone)]
pub struct Offers {
    db: Db,
    /// Hotels that are being read, with those who wait for the next look.
    asked: Arc<Mutex<BTreeMap<PropertyId, Vec<Asker>>>>,
}

struct Asker {
    stay: Stay,
    reply: oneshot::Sender<Found>,
}

impl Offers {
    #[must_use]
    pub fn new(db: &Db) -> Offers {
        Offers { db: db.clone(), asked: Arc::default() }
    }

    /// What a hotel offers for some nights. Its rates may cover more nights than were asked.
    pub async fn of(&self, hotel: PropertyId, stay: Stay) -> Found {
        let (reply, answer) = oneshot::channel();
        let is_first = {
            let mut asked = self.asked();
            let is_first = !asked.contains_key(&hotel);
            asked.entry(hotel).or_default().push(Asker { stay, reply });
            is_first
        };
        if is_first {
            // On a task of its own: the others must not lose their look when the first one leaves.
            tokio::spawn(self.clone().look(hotel));
        }
        answer.await.unwrap_or_else(|_gone| Err(Fault::internal("read an offer").into()))
    }

    /// Looks as long as somebody asks.
    async fn look(self, hotel: PropertyId) {
        let mut turn = Turn { offers: &self, hotel, is_over: false };
        while let Some((askers, stay)) = turn.askers() {
            let found = book::offer(&self.db, hotel, stay).await.map(Arc::new);
            for asker in askers {
                // Whoever left needs no answer.
                let _gone = asker.reply.send(found.clone());
            }
        }
    }

    fn asked(&self) -> MutexGuard<'_, BTreeMap<PropertyId, Vec<Asker>>> {
        self.asked.lock().expect("no thread panics while it holds the askers")
    }
}

/// A hotel's looks. Should one of them panic, the hotel can be asked again.
struct Turn<'o> {
    offers: &'o Offers,
    hotel: PropertyId,
    is_over: bool,
}

impl Turn<'_> {
    /// Those who wait now, and the nights of all of them; `None` when there is nobody: then the
    /// next one begins anew.
    fn askers(&mut self) -> Option<(Vec<Asker>, Stay)> {
        let mut asked = self.offers.asked();
        let askers = std::mem::take(asked.get_mut(&self.hotel)?);
        let first_day = askers.iter().map(|asker| asker.stay.first_day).min();
        let end_day = askers.iter().map(|asker| asker.stay.end_day).max();
        let Some((first_day, end_day)) = first_day.zip(end_day) else {
            asked.remove(&self.hotel);
            self.is_over = true;
            return None;
        };
        Some((askers, Stay::new(first_day, end_day)))
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            self.offers.asked().remove(&self.hotel);
        }
    }
}
