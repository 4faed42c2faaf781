//! A property to sell, straight into the tables: for tests, the simulator and the bench, which
//! need stock and not a catalogue.

use vacancy_domain::ids::{PoolId, PropertyId};

use crate::faults::Fault;
use crate::ids::uuid;
use crate::sql::Db;
use crate::sql::tx::Sql;

const BUSINESS: Sql = Sql::new(
    "INSERT INTO business (id, name, created_at_ms) VALUES ($1, 'Test business', 0) \
     ON CONFLICT DO NOTHING",
);
const LOCATION: Sql = Sql::new(
    "INSERT INTO location (id, name, name_folded, country, latitude_e6, longitude_e6) \
     VALUES ('lisbon-pt', 'Lisbon', 'lisbon', 'PT', 38722000, -9139000) ON CONFLICT DO NOTHING",
);
const PROPERTY: Sql = Sql::new(
    "INSERT INTO property (id, business, location, name, name_folded, description, address, \
     latitude_e6, longitude_e6, amenities, image_urls, time_zone, currency, check_in_minutes, \
     check_out_minutes, hold_ttl_ms, overbook_cap_bp, tax_bp, created_at_ms, version) \
     VALUES ($1, $2, 'lisbon-pt', 'Test hotel', 'test hotel', '', '', 38722000, -9139000, \
     '[]', '[]', 'Europe/Lisbon', 'EUR', 900, 660, 600000, 10000, 0, 0, 1)",
);
const POOL: Sql = Sql::new(
    "INSERT INTO pool (property, id, code, name, description, beds, image_urls, adults_max, \
     children_max, guests_max, base_rate_minor, capacity, blocked, out_of_order, \
     type_overbook_bp, overbook_bp, limit_units, change_seq, created_at_ms, version) \
     VALUES ($1, $2, $3, $3, '', '[]', '[]', 2, 2, 4, 10000, $4, 0, 0, 0, 0, $4, 2, 0, 1)",
);
const POOL_CHANGE: Sql = Sql::new(
    "INSERT INTO pool_change (property, pool, seq, kind, first_day, value, at_ms) \
     VALUES ($1, $2, 1, 'default_capacity', 0, $3, 0), ($1, $2, 2, 'default_overbook_bp', 0, 0, 0)",
);

/// The business of every property made here.
pub const BUSINESS_ID: u128 = 0xb0;

/// Makes a property in Lisbon with these pools: id and units.
pub async fn property(db: &Db, property: PropertyId, pools: &[(PoolId, i64)]) -> Result<(), Fault> {
    let pools = pools.to_vec();
    db.write(move |tx| {
        let pools = pools.clone();
        Box::pin(async move {
            let (business, property) = (uuid(BUSINESS_ID), uuid(property.0));
            tx.execute(&BUSINESS, &[&business]).await?;
            tx.execute(&LOCATION, &[]).await?;
            tx.execute(&PROPERTY, &[&property, &business]).await?;
            for (number, (pool, units)) in pools.iter().enumerate() {
                let (pool, code) = (uuid(pool.0), format!("TYPE{number}"));
                tx.execute(&POOL, &[&property, &pool, &code, units]).await?;
                tx.execute(&POOL_CHANGE, &[&property, &pool, units]).await?;
            }
            Ok(())
        })
    })
    .await
}

/// Moves the property to another time zone, by its IANA name.
pub async fn time_zone(db: &Db, property: PropertyId, zone: &'static str) -> Result<(), Fault> {
    const ZONE: Sql = Sql::new("UPDATE property SET time_zone = $2 WHERE id = $1");
    let write = db.write(move |tx| {
        Box::pin(async move { tx.execute(&ZONE, &[&uuid(property.0), &zone]).await })
    });
    write.await.map(|_| ())
}

/// Gives the property rooms: the pool of each, and the number on its door. Ids are 1, 2, 3 …
pub async fn rooms(
    db: &Db,
    property: PropertyId,
    rooms: &[(PoolId, &'static str)],
) -> Result<(), Fault> {
    const ROOM: Sql =
        Sql::new("INSERT INTO room (property, id, pool, number) VALUES ($1, $2, $3, $4)");
    let rooms = rooms.to_vec();
    db.write(move |tx| {
        let rooms = rooms.clone();
        Box::pin(async move {
            for (number, (pool, door)) in (1..).zip(&rooms) {
                let (id, pool) = (uuid(number), uuid(pool.0));
                tx.execute(&ROOM, &[&uuid(property.0), &id, &pool, door]).await?;
            }
            Ok(())
        })
    })
    .await
}
