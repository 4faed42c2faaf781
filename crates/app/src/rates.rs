//! What a night costs: a base rate per room type, and ranges of nights over it, the latest of which
//! counts.

use vacancy_domain::access::Action;
use vacancy_domain::hotels::RoomType;
use vacancy_domain::ids::PropertyId;
use vacancy_domain::pools::STOCK_RANGE_DAYS_MAX;
use vacancy_domain::prices::{RATE_MINOR_MAX, RateRange};
use vacancy_domain::stays::Stay;
use vacancy_store::rates;
use vacancy_store::sql::Db;

use crate::access::{self, Actor};
use crate::errors::{Error, FieldError};
use crate::room_types::find;

/// Longest range of nights that one rate may cover.
pub const RATE_RANGE_DAYS_MAX: i64 = STOCK_RANGE_DAYS_MAX;

/// A room type's rates for some nights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeRates {
    pub room_type: RoomType,
    /// In the order in which they were set.
    pub ranges: Vec<RateRange>,
}

/// Sets the rate of every night that no range covers; `None` sells only what ranges cover.
pub async fn set_base(
    db: &Db,
    actor: &Actor,
    (property, code): (PropertyId, &str),
    amount_minor: Option<i64>,
) -> Result<(), Error> {
    access::hotel(db, actor, Action::ChangeRates, property).await?;
    check_amount(amount_minor.unwrap_or(0), "/amount")
        .map_or(Ok(()), |field| Err(Error::Invalid(vec![field])))?;
    let pool = find(db, property, code).await?.pool;
    let written =
        db.write(move |tx| Box::pin(async move { rates::set_base(tx, pool, amount_minor).await }));
    if written.await? { Ok(()) } else { Err(Error::NotFound) }
}

/// Sets the rate of some nights over all that was set before.
pub async fn set_range(
    db: &Db,
    actor: &Actor,
    (property, code): (PropertyId, &str),
    stay: Stay,
    amount_minor: i64,
) -> Result<(), Error> {
    access::hotel(db, actor, Action::ChangeRates, property).await?;
    let fields = check_range(stay, amount_minor, "");
    if !fields.is_empty() {
        return Err(Error::Invalid(fields));
    }
    let pool = find(db, property, code).await?.pool;
    let range = RateRange { pool, stay, amount_minor };
    db.write(move |tx| Box::pin(async move { rates::set_range(tx, property, range).await }))
        .await?;
    Ok(())
}

/// The base rates of a hotel and the ranges that touch some nights.
pub async fn list(
    db: &Db,
    actor: &Actor,
    property: PropertyId,
    stay: Stay,
) -> Result<Vec<TypeRates>, Error> {
    access::hotel(db, actor, Action::Find, property).await?;
    if stay.nights() < 1 || RATE_RANGE_DAYS_MAX < stay.nights() {
        let detail = format!("must be 1 to {RATE_RANGE_DAYS_MAX} days after the first one");
        return Err(Error::invalid("to", "out_of_range", detail));
    }
    let found = db.read(move |tx| {
        Box::pin(async move {
            let types = vacancy_store::room_types::by_properties(tx, &[property]).await?;
            let mut ranges = rates::ranges(tx, &[property], stay).await?;
            Ok((types, ranges.remove(&property).unwrap_or_default()))
        })
    });
    let (types, ranges) = found.await?;
    let of_type = |room_type: RoomType| {
        let own = ranges.iter().filter(|range| range.pool == room_type.pool);
        TypeRates { ranges: own.copied().collect(), room_type }
    };
    Ok(types.into_iter().map(of_type).collect())
}

/// What is wrong with a rate of a range of nights.
pub(crate) fn check_range(stay: Stay, amount_minor: i64, parent: &str) -> Vec<FieldError> {
    let mut fields = Vec::new();
    if stay.nights() < 1 || RATE_RANGE_DAYS_MAX < stay.nights() {
        let detail = format!("must be 1 to {RATE_RANGE_DAYS_MAX} days after the first one");
        fields.push(FieldError::new(format!("{parent}/to"), "out_of_range", detail));
    }
    fields.extend(check_amount(amount_minor, &format!("{parent}/amount")));
    fields
}

fn check_amount(amount_minor: i64, pointer: &str) -> Option<FieldError> {
    let detail = || format!("must be from 0 to {RATE_MINOR_MAX}");
    let fits = (0..=RATE_MINOR_MAX).contains(&amount_minor);
    (!fits).then(|| FieldError::new(pointer, "out_of_range", detail()))
}
