//! What rate plans, price rules and taxes have in common on the wire: codes of room types, changes
//! of an amount, and how a part is listed, made, replaced and taken away. Decides nothing.

use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Serialize;
use vacancy_app::access::Actor;
use vacancy_app::tariffs::{self, Change, Set};
use vacancy_domain::access::Action;
use vacancy_domain::hotels::ROOM_TYPE_CODE_CHARS_MAX;
use vacancy_domain::ids::{PoolId, PropertyId};
use vacancy_domain::money::{Currency, Money};
use vacancy_domain::prices::tariff::{CHANGE_BP_MAX, Offset};
use vacancy_domain::prices::{RATE_MINOR_MAX, Terms};
use vacancy_store::tariffs::{Part, PartKind, Stored};

use super::caching;
use super::fields::{self, Amount, Fields};
use super::paging::Page;
use super::problem::Problem;
use super::versions;
use crate::state::AppState;

/// Most codes in one list.
pub const CODES_MAX: usize = 200;

/// Which part of which hotel.
pub struct Place<'a> {
    pub hotel: PropertyId,
    pub kind: PartKind,
    /// Where parts of this kind stand below the hotel: `rate-plans`.
    pub name: &'a str,
}

/// The tariff of the hotel of a path, for whoever may read it.
pub async fn read(state: &AppState, actor: &Actor, id: &str) -> Result<Set, Problem> {
    let hotel = fields::path_id(id)?;
    Ok(tariffs::read(&state.db, actor, Action::ReadInventory, hotel).await?)
}

/// The same for whoever may change it.
pub async fn to_change(state: &AppState, actor: &Actor, id: &str) -> Result<Set, Problem> {
    let hotel = fields::path_id(id)?;
    Ok(tariffs::read(&state.db, actor, Action::ChangeRates, hotel).await?)
}

/// All parts of a kind.
pub fn list<V>(set: &Set, kind: PartKind, view: impl Fn(&Set, &Stored) -> Option<V>) -> Page<V> {
    let own = set.parts.iter().filter(|stored| stored.part.kind() == kind);
    Page { items: own.filter_map(|stored| view(set, stored)).collect(), next_cursor: None }
}

/// One part, with its tag.
pub fn one<V: Serialize>(
    set: &Set,
    (kind, code): (PartKind, &str),
    view: impl Fn(&Set, &Stored) -> Option<V>,
) -> Result<Response, Problem> {
    let stored = set.part(kind, code)?;
    let told = view(set, stored).ok_or_else(Problem::not_found)?;
    Ok(caching::changed(stored.version, told))
}

/// Makes a part.
pub async fn create<V: Serialize>(
    state: &AppState,
    actor: &Actor,
    place: Place<'_>,
    part: Part,
    view: impl Fn(&Set, &Stored) -> Option<V>,
) -> Result<Response, Problem> {
    let Place { hotel, kind, name } = place;
    let code = part.code();
    tariffs::change(&state.db, actor, hotel, Change::Create(part)).await?;
    let set = tariffs::read(&state.db, actor, Action::ChangeRates, hotel).await?;
    let stored = set.part(kind, &code)?;
    let told = view(&set, stored).ok_or_else(Problem::not_found)?;
    let address = format!("{}/{name}/{code}", super::hotels::href(hotel));
    Ok(caching::created(address, stored.version, told))
}

/// Replaces a part that has been read.
pub async fn replace<V: Serialize>(
    state: &AppState,
    actor: &Actor,
    (set, path, headers): (&Set, &str, &HeaderMap),
    part: Part,
    view: impl Fn(&Set, &Stored) -> Option<V>,
) -> Result<Response, Problem> {
    let expected = versions::if_match(headers)?;
    let (hotel, kind, code) = (set.hotel.id, part.kind(), part.code());
    if code != path {
        tariffs::check(&part, &set.parts)?;
        let mut fields = Fields::new();
        fields.refuse("/code", "mismatch", "must be that of the path, or be left out");
        return Err(fields.problem());
    }
    // One that is not there is told as such, after what is wrong with the new one.
    let version = set.part(kind, &code).map_or(0, |stored| expected.against(stored.version));
    tariffs::change(&state.db, actor, hotel, Change::Replace(part, version)).await?;
    let set = tariffs::read(&state.db, actor, Action::ChangeRates, hotel).await?;
    one(&set, (kind, &code), view)
}

/// Takes a part away.
pub async fn remove(
    state: &AppState,
    actor: &Actor,
    id: &str,
    (kind, code): (PartKind, String),
    headers: &HeaderMap,
) -> Result<StatusCode, Problem> {
    let set = to_change(state, actor, id).await?;
    let hotel = set.hotel.id;
    let version = versions::if_match(headers)?.against(set.part(kind, &code)?.version);
    tariffs::change(&state.db, actor, hotel, Change::Remove(kind, code, version)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The code of a part: of the body, or of the path where the body has none.
pub fn code(fields: &mut Fields, asked: Option<String>, path: Option<String>) -> String {
    match (asked, path) {
        (Some(asked), _) => {
            fields.text("/code", &asked, ROOM_TYPE_CODE_CHARS_MAX).unwrap_or_default()
        }
        (None, Some(path)) => path,
        (None, None) => {
            fields.refuse("/code", "missing_field", "must be given");
            String::new()
        }
    }
}

/// The rate plan and the promotion that a guest names.
pub fn terms(fields: &mut Fields, plan: Option<String>, promo: Option<String>) -> Terms {
    let mut code = |pointer, code: Option<String>| {
        code.and_then(|code| fields.text(pointer, &code, ROOM_TYPE_CODE_CHARS_MAX))
    };
    Terms { plan: code("/ratePlan", plan), promo: code("/promoCode", promo) }
}

/// Room types by their codes; each must be one of the hotel.
pub fn pools(fields: &mut Fields, set: &Set, codes: Option<Vec<String>>) -> Vec<PoolId> {
    let codes = codes.unwrap_or_default();
    if CODES_MAX < codes.len() {
        fields.refuse("/roomTypes", "too_many", format!("must be at most {CODES_MAX}"));
        return Vec::new();
    }
    let mut pools = Vec::with_capacity(codes.len());
    for (at, code) in codes.iter().enumerate() {
        match set.pool(code) {
            Some(pool) => pools.push(pool),
            None => {
                let detail = "names no room type of this hotel";
                fields.refuse_impossible(format!("/roomTypes/{at}"), "unknown_room_type", detail);
            }
        }
    }
    pools
}

/// Codes of rate plans; whether there are such is asked where they are stored.
pub fn plan_codes(fields: &mut Fields, codes: Option<Vec<String>>) -> Vec<String> {
    let codes = codes.unwrap_or_default();
    if CODES_MAX < codes.len() {
        fields.refuse("/ratePlans", "too_many", format!("must be at most {CODES_MAX}"));
    }
    codes
}

/// The codes of room types that are still there.
pub fn codes(set: &Set, pools: &[PoolId]) -> Vec<String> {
    pools.iter().filter_map(|pool| set.code(*pool)).map(str::to_owned).collect()
}

/// A change of an amount, from one of two fields; no change when neither is given. That only one may
/// be given is asked elsewhere.
pub fn offset(
    fields: &mut Fields,
    currency: Currency,
    change_bp: Option<i64>,
    change: Option<Amount>,
) -> Offset {
    if let Some(amount) = change {
        let minor = fields.whole("/change/amount", amount.amount, -RATE_MINOR_MAX..=RATE_MINOR_MAX);
        own_currency(fields, currency, "/change", &amount);
        return Offset::Amount { minor: minor.unwrap_or(0) };
    }
    let bp = change_bp.unwrap_or(0);
    Offset::Percent { bp: fields.whole("/changeBp", bp, -10_000..=CHANGE_BP_MAX).unwrap_or(0) }
}

/// An amount of the hotel's own currency, from zero on.
pub fn minor(
    fields: &mut Fields,
    currency: Currency,
    pointer: &str,
    amount: Option<Amount>,
) -> Option<i64> {
    let amount = amount?;
    own_currency(fields, currency, pointer, &amount);
    fields.whole(&format!("{pointer}/amount"), amount.amount, 0..=RATE_MINOR_MAX)
}

fn own_currency(fields: &mut Fields, currency: Currency, pointer: &str, amount: &Amount) {
    let pointer = format!("{pointer}/currency");
    let known = fields.currency(&pointer, &amount.currency);
    if known.is_some_and(|known| known != currency) {
        let detail = format!("must be {currency}, in which this hotel charges");
        fields.refuse_impossible(pointer, "wrong_currency", detail);
    }
}

/// An amount of the hotel on the wire.
pub fn amount(set: &Set, minor: i64) -> Amount {
    Money::new(minor, set.hotel.currency).into()
}

/// A change on the wire: basis points, or an amount.
pub fn told(set: &Set, offset: Offset) -> (Option<i64>, Option<Amount>) {
    match offset {
        Offset::Percent { bp } => (Some(bp), None),
        Offset::Amount { minor } => (None, Some(amount(set, minor))),
    }
}
