//! What a business sets of its stock: capacity, blocks, closures and rules per night, the default
//! of a room type, overbooking. All of it goes through the desk, since guests are booking.

use vacancy_domain::access::Action;
use vacancy_domain::cells::OVERBOOK_BP_MAX;
use vacancy_domain::hotels::RoomType;
use vacancy_domain::ids::PropertyId;
use vacancy_domain::pools::StockPatch;
use vacancy_domain::refusals::Refusal;
use vacancy_domain::stays::Stay;
use vacancy_domain::zones;
use vacancy_store::sql::Db;
use vacancy_store::{hotels, room_types};

use crate::access::{self, Actor};
use crate::desk::command::{Command, Order};
use crate::errors::Error;
use crate::reservations::Bookings;

/// One change of a range of nights.
#[derive(Debug, Clone)]
pub struct RangeWish {
    pub room_type: String,
    pub stay: Stay,
    pub patch: StockPatch,
}

/// How far a hotel may sell above what there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overbooking {
    /// No room type goes above this.
    pub cap_bp: i64,
    /// In the order of their codes.
    pub room_types: Vec<RoomType>,
}

impl Bookings {
    /// Overbooking as it is set.
    pub async fn overbooking(
        &self,
        actor: &Actor,
        property: PropertyId,
    ) -> Result<Overbooking, Error> {
        let hotel = access::hotel(&self.db, actor, Action::ReadInventory, property).await?;
        let room_types = types_of(&self.db, property).await?;
        Ok(Overbooking { cap_bp: hotel.overbook_cap_bp, room_types })
    }

    /// Sets stock and rules for ranges of nights, one after the other. A refusal tells which range
    /// it was; the ones before it stand.
    pub async fn set_stock(
        &self,
        actor: &Actor,
        property: PropertyId,
        ranges: Vec<RangeWish>,
    ) -> Result<(), (usize, Error)> {
        let hotel = access::hotel(&self.db, actor, Action::ChangeInventory, property).await;
        let cap_bp = hotel.map_err(|error| (0, error))?.overbook_cap_bp;
        let types = types_of(&self.db, property).await.map_err(|error| (0, error))?;
        for (at, range) in ranges.into_iter().enumerate() {
            let room_type = find(&types, &range.room_type).map_err(|error| (at, error))?;
            let mut patch = range.patch;
            patch.overbook_bp = patch.overbook_bp.map(|bp| capped(bp, cap_bp));
            let (first_day, end_day) = (range.stay.first_day, range.stay.end_day);
            let command = Command::SetStock { pool: room_type.pool, first_day, end_day, patch };
            let order = Order::new(property, actor.label(), command);
            self.desk.submit(order).await.map_err(|error| (at, error))?;
        }
        Ok(())
    }

    /// Gives a room type another default of units.
    pub async fn set_capacity(
        &self,
        actor: &Actor,
        property: PropertyId,
        code: &str,
        capacity: i64,
    ) -> Result<(), Error> {
        access::hotel(&self.db, actor, Action::ChangeInventory, property).await?;
        let types = types_of(&self.db, property).await?;
        let pool = find(&types, code)?.pool;
        self.set_default(actor, property, pool, Some(capacity), None).await
    }

    /// Sets how far the hotel, or one room type, may sell above what there is. The lower of the
    /// two counts; nights touched already follow.
    pub async fn set_overbooking(
        &self,
        actor: &Actor,
        property: PropertyId,
        code: Option<&str>,
        overbook_bp: i64,
    ) -> Result<(), Error> {
        let hotel = access::hotel(&self.db, actor, Action::ChangeInventory, property).await?;
        if !(0..=OVERBOOK_BP_MAX).contains(&overbook_bp) {
            let refusal = Refusal::StockOutOfRange { field: "overbookBp", max: OVERBOOK_BP_MAX };
            return Err(Error::Refused(refusal));
        }
        let types = types_of(&self.db, property).await?;
        let (cap_bp, changed) = match code {
            Some(code) => (hotel.overbook_cap_bp, vec![find(&types, code)?.clone()]),
            None => (overbook_bp, types),
        };
        let pools: Vec<_> = changed.iter().map(|room_type| room_type.pool).collect();
        let is_of_hotel = code.is_none();
        self.db
            .write(move |tx| {
                let pools = pools.clone();
                Box::pin(async move {
                    if is_of_hotel {
                        hotels::set_overbook_cap(tx, property, overbook_bp).await?;
                        return Ok(());
                    }
                    for pool in pools {
                        room_types::set_type_overbook(tx, pool, overbook_bp).await?;
                    }
                    Ok(())
                })
            })
            .await?;
        for room_type in changed {
            let wished_bp = if is_of_hotel { room_type.type_overbook_bp } else { overbook_bp };
            let bp = capped(wished_bp, cap_bp);
            self.set_default(actor, property, room_type.pool, None, Some(bp)).await?;
        }
        Ok(())
    }

    async fn set_default(
        &self,
        actor: &Actor,
        property: PropertyId,
        pool: vacancy_domain::ids::PoolId,
        capacity: Option<i64>,
        overbook_bp: Option<i64>,
    ) -> Result<(), Error> {
        let read = self.db.read(move |tx| {
            Box::pin(async move { Ok((tx.now_ms().await?, hotels::by_id(tx, property).await?)) })
        });
        let (now_ms, hotel) = read.await?;
        let zone = hotel.ok_or(Error::NotFound)?.time_zone;
        // A day early: midnight may pass before the desk decides, and it looks only from its own
        // today on.
        let today = zones::day_at(now_ms, &zone).map_err(|_| Error::NotFound)?;
        let from_day = today.plus(-1);
        let command = Command::SetDefault { pool, capacity, overbook_bp, from_day };
        self.desk.submit(Order::new(property, actor.label(), command)).await?;
        Ok(())
    }
}

/// The lower of what a room type wishes and what its hotel allows.
fn capped(overbook_bp: i64, cap_bp: i64) -> i64 {
    if overbook_bp < 0 { overbook_bp } else { overbook_bp.min(cap_bp) }
}

async fn types_of(db: &Db, property: PropertyId) -> Result<Vec<RoomType>, Error> {
    let types = db
        .read(move |tx| Box::pin(async move { room_types::by_properties(tx, &[property]).await }));
    Ok(types.await?)
}

fn find<'t>(types: &'t [RoomType], code: &str) -> Result<&'t RoomType, Error> {
    let found = types.iter().find(|room_type| room_type.code == code);
    found.ok_or_else(|| Error::Refused(Refusal::UnknownRoomType { code: code.to_owned() }))
}
