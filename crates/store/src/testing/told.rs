//! What became of a hotel's reservations and what the news told of it, for a test that compares the
//! two.

use uuid::Uuid;
use vacancy_domain::ids::{PropertyId, ReservationId};

use crate::faults::Fault;
use crate::ids::uuid;
use crate::sql::Db;
use crate::sql::tx::Sql;

#[derive(Debug)]
pub struct Told {
    /// Each step of each reservation, by its number: 1, 2, 3 …
    pub steps: Vec<(ReservationId, i64)>,
    /// The bodies of the news, in their order.
    pub news: Vec<String>,
}

/// Both in one snapshot.
pub async fn of_reservations(db: &Db, property: PropertyId) -> Result<Told, Fault> {
    const STEPS: Sql = Sql::new(
        "SELECT reservation, seq FROM reservation_history WHERE property = $1 \
         ORDER BY reservation, seq",
    );
    const NEWS: Sql = Sql::new("SELECT body FROM event WHERE property = $1 ORDER BY id");
    db.read(move |tx| {
        Box::pin(async move {
            let property = uuid(property.0);
            let steps: Vec<(Uuid, i64)> = tx.query(&STEPS, &[&property]).await?;
            let news: Vec<(String,)> = tx.query(&NEWS, &[&property]).await?;
            let step = |(id, number): (Uuid, i64)| (ReservationId(id.as_u128()), number);
            Ok(Told {
                steps: steps.into_iter().map(step).collect(),
                news: news.into_iter().map(|(body,)| body).collect(),
            })
        })
    })
    .await
}
