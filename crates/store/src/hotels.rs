//! Hotels as rows: written one by one or by the hundred, read by id, by place and by business.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use uuid::Uuid;
use vacancy_domain::hotels::Hotel;
use vacancy_domain::ids::{BusinessId, PropertyId};
use vacancy_domain::names;

use crate::faults::Fault;
use crate::ids::{Columns, uuid};
use crate::sql::bulk::{Bulk, Column, Kind};
use crate::sql::row::{FromRow, Row};
use crate::sql::tx::{Sql, Tx};

/// Every column that a hotel has, in the order in which it is read and written.
const COLUMNS: [(&str, Kind); 23] = [
    ("id", Kind::Uuid),
    ("business", Kind::Uuid),
    ("location", Kind::Text),
    ("external_id", Kind::Text),
    ("name", Kind::Text),
    ("description", Kind::Text),
    ("address", Kind::Text),
    ("latitude_e6", Kind::I64),
    ("longitude_e6", Kind::I64),
    ("stars", Kind::I64),
    ("rating_tenths", Kind::I64),
    ("amenities", Kind::Text),
    ("image_urls", Kind::Text),
    ("time_zone", Kind::Text),
    ("currency", Kind::Text),
    ("check_in_minutes", Kind::I64),
    ("check_out_minutes", Kind::I64),
    ("hold_ttl_ms", Kind::I64),
    ("overbook_cap_bp", Kind::I64),
    ("tax_bp", Kind::I64),
    ("created_at_ms", Kind::I64),
    ("version", Kind::I64),
    ("name_folded", Kind::Text),
];

static NAMES: LazyLock<String> = LazyLock::new(|| {
    let names = COLUMNS[..22].iter().map(|(name, _)| format!("t.{name}"));
    names.collect::<Vec<_>>().join(", ")
});
static INSERT: LazyLock<Bulk> = LazyLock::new(|| Bulk::insert("property", &COLUMNS));
/// All that may change; the business, the currency and the stock do not.
static UPDATE: LazyLock<Bulk> = LazyLock::new(|| {
    let kept = ["id", "business", "currency", "created_at_ms", "version"];
    let written = COLUMNS.iter().filter(|(name, _)| !kept.contains(name));
    let set: Vec<String> = written.clone().map(|(name, _)| format!("{name} = u.{name}")).collect();
    let mut columns = vec![("id", Kind::Uuid), ("version", Kind::I64)];
    columns.extend(written);
    Bulk::update(
        "property",
        &format!("{}, version = t.version + 1", set.join(", ")),
        "t.id = u.id AND t.version = u.version",
        &columns,
    )
});
static BY_IDS: LazyLock<Bulk> =
    LazyLock::new(|| Bulk::select(&NAMES, "property", "t.id = u.id", &[("id", Kind::Uuid)], ""));
static BY_LOCATION: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT {} FROM property AS t WHERE t.location = $1 AND t.id > $2 ORDER BY t.id LIMIT $3",
        *NAMES
    )
});
static BY_BUSINESS: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT {} FROM property AS t WHERE t.business = $1 AND t.id > $2 ORDER BY t.id LIMIT $3",
        *NAMES
    )
});
static BY_EXTERNAL_IDS: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::select(
        "t.external_id, t.id",
        "property",
        "t.business = u.business AND t.external_id = u.external",
        &[("business", Kind::Uuid), ("external", Kind::Text)],
        "",
    )
});
const SET_OVERBOOK_CAP: Sql =
    Sql::new("UPDATE property SET overbook_cap_bp = $2, version = version + 1 WHERE id = $1");

static WORDS: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::insert("hotel_word", &[("word", Kind::Text), ("property", Kind::Uuid)]).or_nothing()
});
const FORGET_WORDS: Sql = Sql::new("DELETE FROM hotel_word WHERE property = $1");

struct HotelRow(Hotel);

impl FromRow for HotelRow {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        Ok(HotelRow(Hotel {
            id: PropertyId(columns.id()?),
            business: BusinessId(columns.id()?),
            location: columns.get()?,
            external_id: columns.get()?,
            name: columns.get()?,
            description: columns.get()?,
            address: columns.get()?,
            latitude_e6: columns.get()?,
            longitude_e6: columns.get()?,
            stars: columns.get()?,
            rating_tenths: columns.get()?,
            amenities: list_from_text(&columns.get::<String>()?)?,
            image_urls: list_from_text(&columns.get::<String>()?)?,
            time_zone: columns.get()?,
            currency: columns.word(|word| word.parse().ok())?,
            check_in_minutes: columns.get()?,
            check_out_minutes: columns.get()?,
            hold_ttl_ms: columns.get()?,
            overbook_cap_bp: columns.get()?,
            tax_bp: columns.get()?,
            created_at_ms: columns.get()?,
            version: columns.get()?,
        }))
    }
}

/// A list of texts as one text.
pub(crate) fn list_to_text(list: &[String]) -> String {
    serde_json::to_string(list).expect("a list of texts has a text")
}

pub(crate) fn list_from_text(text: &str) -> Result<Vec<String>, Fault> {
    serde_json::from_str(text).map_err(|error| Fault::internal_because("read a list", error))
}

/// Adds hotels in one statement. Their places must be there.
pub async fn insert(tx: &Tx<'_>, hotels: &[Hotel]) -> Result<(), Fault> {
    let columns: Vec<Column> = COLUMNS.iter().map(|(name, _)| column(name, hotels)).collect();
    tx.bulk_execute(&INSERT, &columns).await?;
    insert_words(tx, hotels).await
}

/// The words that a search by name begins with.
async fn insert_words(tx: &Tx<'_>, hotels: &[Hotel]) -> Result<(), Fault> {
    let (mut words, mut properties) = (Vec::new(), Vec::new());
    for hotel in hotels {
        for word in names::fold(&hotel.name).split(' ').filter(|word| !word.is_empty()) {
            words.push(word.to_owned());
            properties.push(uuid(hotel.id.0));
        }
    }
    let columns = [Column::Text(words), Column::Uuid(properties)];
    tx.bulk_execute(&WORDS, &columns).await.map(|_| ())
}

/// Writes what may change of a hotel over the version it was read in. False: it has another one.
pub async fn update(tx: &Tx<'_>, hotel: &Hotel) -> Result<bool, Fault> {
    let kept = ["id", "business", "currency", "created_at_ms", "version"];
    let hotels = std::slice::from_ref(hotel);
    let mut columns = vec![column("id", hotels), column("version", hotels)];
    let written = COLUMNS.iter().filter(|(name, _)| !kept.contains(name));
    columns.extend(written.map(|(name, _)| column(name, hotels)));
    if tx.bulk_execute(&UPDATE, &columns).await? != 1 {
        return Ok(false);
    }
    tx.execute(&FORGET_WORDS, &[&uuid(hotel.id.0)]).await?;
    insert_words(tx, hotels).await?;
    Ok(true)
}

/// Sets the cap that no room type's overbooking passes. The nights are not touched here.
pub async fn set_overbook_cap(
    tx: &Tx<'_>,
    property: PropertyId,
    overbook_cap_bp: i64,
) -> Result<bool, Fault> {
    Ok(tx.execute(&SET_OVERBOOK_CAP, &[&uuid(property.0), &overbook_cap_bp]).await? == 1)
}

/// One column's value of each hotel.
fn column(name: &str, hotels: &[Hotel]) -> Column {
    let text = |of: fn(&Hotel) -> String| Column::Text(hotels.iter().map(of).collect());
    let number = |of: fn(&Hotel) -> i64| Column::I64(hotels.iter().map(of).collect());
    let maybe = |of: fn(&Hotel) -> Option<i64>| Column::OptI64(hotels.iter().map(of).collect());
    match name {
        "id" => Column::Uuid(hotels.iter().map(|hotel| uuid(hotel.id.0)).collect()),
        "business" => Column::Uuid(hotels.iter().map(|hotel| uuid(hotel.business.0)).collect()),
        "location" => text(|hotel| hotel.location.clone()),
        "external_id" => {
            Column::OptText(hotels.iter().map(|hotel| hotel.external_id.clone()).collect())
        }
        "name" => text(|hotel| hotel.name.clone()),
        "name_folded" => text(|hotel| names::fold(&hotel.name)),
        "description" => text(|hotel| hotel.description.clone()),
        "address" => text(|hotel| hotel.address.clone()),
        "latitude_e6" => number(|hotel| hotel.latitude_e6),
        "longitude_e6" => number(|hotel| hotel.longitude_e6),
        "stars" => maybe(|hotel| hotel.stars),
        "rating_tenths" => maybe(|hotel| hotel.rating_tenths),
        "amenities" => text(|hotel| list_to_text(&hotel.amenities)),
        "image_urls" => text(|hotel| list_to_text(&hotel.image_urls)),
        "time_zone" => text(|hotel| hotel.time_zone.clone()),
        "currency" => text(|hotel| hotel.currency.to_string()),
        "check_in_minutes" => number(|hotel| hotel.check_in_minutes),
        "check_out_minutes" => number(|hotel| hotel.check_out_minutes),
        "hold_ttl_ms" => number(|hotel| hotel.hold_ttl_ms),
        "overbook_cap_bp" => number(|hotel| hotel.overbook_cap_bp),
        "tax_bp" => number(|hotel| hotel.tax_bp),
        "created_at_ms" => number(|hotel| hotel.created_at_ms),
        "version" => number(|hotel| hotel.version),
        other => panic!("a hotel has no column {other}"),
    }
}

pub async fn by_id(tx: &Tx<'_>, id: PropertyId) -> Result<Option<Hotel>, Fault> {
    Ok(by_ids(tx, &[id]).await?.pop())
}

/// Those of these hotels that there are, in no order.
pub async fn by_ids(tx: &Tx<'_>, ids: &[PropertyId]) -> Result<Vec<Hotel>, Fault> {
    let ids = Column::Uuid(ids.iter().map(|id| uuid(id.0)).collect());
    let rows: Vec<HotelRow> = tx.bulk_query(&BY_IDS, &[ids]).await?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}

/// A place's hotels in the order of their ids, after one of them.
pub async fn by_location(
    tx: &Tx<'_>,
    location: &str,
    after: PropertyId,
    limit: i64,
) -> Result<Vec<Hotel>, Fault> {
    let sql = Sql::new(BY_LOCATION.as_str());
    let rows: Vec<HotelRow> = tx.query(&sql, &[&location, &uuid(after.0), &limit]).await?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}

/// A business's hotels in the order of their ids, after one of them.
pub async fn by_business(
    tx: &Tx<'_>,
    business: BusinessId,
    after: PropertyId,
    limit: i64,
) -> Result<Vec<Hotel>, Fault> {
    let sql = Sql::new(BY_BUSINESS.as_str());
    let rows: Vec<HotelRow> = tx.query(&sql, &[&uuid(business.0), &uuid(after.0), &limit]).await?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}

/// The hotels that other systems call by these names.
pub async fn by_external_ids(
    tx: &Tx<'_>,
    business: BusinessId,
    external_ids: &[String],
) -> Result<BTreeMap<String, PropertyId>, Fault> {
    let columns = [
        Column::Uuid(vec![uuid(business.0); external_ids.len()]),
        Column::Text(external_ids.to_vec()),
    ];
    let rows: Vec<(String, Uuid)> = tx.bulk_query(&BY_EXTERNAL_IDS, &columns).await?;
    Ok(rows.into_iter().map(|(name, id)| (name, PropertyId(id.as_u128()))).collect())
}
