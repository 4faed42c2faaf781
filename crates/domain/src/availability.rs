//! Whether a party may have rooms of one type for a stay, and every reason why not. It asks the
//! same functions as a hold does, so that a yes here is a yes there at the same state.

use std::collections::BTreeMap;

use crate::cells::{self, Cell, Night};
use crate::hotels::{Party, RoomType};
use crate::ids::{LineId, PoolId};
use crate::ledger::Line;
use crate::prices::guests::Guests;
use crate::prices::restrictions::{self, Asked};
use crate::prices::{self, Price, Rates, Sale, Terms};
use crate::refusals::{PoolReason, Reason, Refusal};
use crate::stays::{Day, STAY_NIGHTS_MAX, Stay};
use crate::zones::Local;

/// A stay that somebody asks about, at a property where it is `local` time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    pub stay: Stay,
    pub party: Party,
    pub local: Local,
    /// How far ahead the stay may begin.
    pub advance_days_max: i64,
    pub terms: Terms,
}

/// The answer for one room type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outlook {
    /// Units free on every night of the stay; 0 when the stay is refused whatever its size.
    pub rooms_left: i64,
    /// Empty: it can be had.
    pub reasons: Vec<Reason>,
    /// For all rooms of the party; none when some night has no rate, or when the whole is more than
    /// money may be.
    pub price: Option<Price>,
}

impl Outlook {
    #[must_use]
    pub fn is_available(&self) -> bool {
        self.reasons.is_empty()
    }
}

/// Refuses a stay that no room type of any hotel could give.
pub fn check_stay(stay: Stay, today: Day) -> Result<(), Refusal> {
    if stay.nights() < 1 {
        return Err(Refusal::StayIsEmpty);
    }
    if STAY_NIGHTS_MAX < stay.nights() {
        return Err(Refusal::StayTooLong { nights_max: STAY_NIGHTS_MAX });
    }
    if stay.first_day < today {
        return Err(Refusal::StayInThePast { today });
    }
    Ok(())
}

/// Looks at one room type. `touched` holds its cells that have a row, from the day of arrival to
/// the day of departure; every other night is as the type's default.
#[must_use]
pub fn look(
    room_type: &RoomType,
    touched: &BTreeMap<Day, Cell>,
    rates: &Rates,
    wish: &Wish,
) -> Outlook {
    let untouched = Cell::untouched(room_type.stock);
    let cell = |day: Day| touched.get(&day).copied().unwrap_or(untouched);
    let units = wish.party.room_count;
    let nights: Vec<Night> =
        wish.stay.days().map(|day| Night { day, cell: cell(day), units, freed_units: 0 }).collect();
    let arrival = Some(cell(wish.stay.first_day).restrictions);
    let departure = Some(cell(wish.stay.end_day).restrictions);
    let mut reasons = cells::reasons_against_nights(&nights);
    reasons.extend(cells::reasons_against_stay(wish.stay, arrival, departure));
    if wish.local.day.plus(wish.advance_days_max) < wish.stay.first_day {
        reasons.push(Reason::TooEarly { advance_days_max: wish.advance_days_max });
    }
    reasons.extend(restrictions::reasons_against(
        &rates.tariff,
        &Asked {
            pool: room_type.pool,
            plan: wish.terms.plan.as_deref(),
            stay: wish.stay,
            units,
            children: &wish.party.children,
            local: wish.local,
            had: None,
        },
    ));
    let price = price_of(room_type.pool, rates, wish, &|day| cell(day).fill_bp());
    if price.is_none() {
        reasons.push(Reason::RateNotOffered);
    }
    // A party too large for one room may fit into two; another rule stands whatever the size.
    let is_about_size = reasons.iter().all(Reason::is_about_stock);
    reasons.extend(reasons_against_party(room_type, &wish.party));
    let free = nights.iter().map(|night| night.cell.free_units().max(0)).min().unwrap_or(0);
    Outlook { rooms_left: if is_about_size { free } else { 0 }, reasons, price }
}

/// What the rooms of the party cost.
fn price_of(
    pool: PoolId,
    rates: &Rates,
    wish: &Wish,
    fill_bp: &dyn Fn(Day) -> i64,
) -> Option<Price> {
    let party = &wish.party;
    // The line is nobody's: it is only priced.
    let line = Line { id: LineId(0), pool, stay: wish.stay, units: party.room_count };
    let guests = Guests { adults: party.adults, children: party.children.clone() };
    let sale = Sale {
        today: wish.local.day,
        terms: &wish.terms,
        guests: &[guests],
        fill_bp: &|_, day| fill_bp(day),
    };
    prices::price(&[line], rates, &sale).ok()
}

/// Why these people do not fit into their rooms. Empty: they do.
#[must_use]
pub fn reasons_against_party(room_type: &RoomType, party: &Party) -> Vec<Reason> {
    let children = i64::try_from(party.children.len()).unwrap_or(i64::MAX);
    let rooms = party.room_count;
    let mut reasons = Vec::new();
    if room_type.adults_max.saturating_mul(rooms) < party.adults {
        reasons.push(Reason::AdultsExceeded { adults_max: room_type.adults_max });
    }
    if room_type.children_max.saturating_mul(rooms) < children {
        reasons.push(Reason::ChildrenExceeded { children_max: room_type.children_max });
    }
    if room_type.guests_max.saturating_mul(rooms) < party.adults.saturating_add(children) {
        reasons.push(Reason::OccupancyExceeded { guests_max: room_type.guests_max });
    }
    reasons
}

/// Refuses more people than the rooms asked for can sleep. Rooms of one type are asked as search
/// asks them; of several types what they hold together counts.
pub fn check_party(
    rooms: &[(&RoomType, i64)],
    adults: i64,
    children: &[i64],
) -> Result<(), Refusal> {
    let party = |room_count| Party { adults, children: children.to_vec(), room_count };
    let found = match rooms {
        [] => Vec::new(),
        [(room_type, units)] => reasons_against_party(room_type, &party(*units)),
        [(first, _), ..] => {
            let sum = |of: fn(&RoomType) -> i64| -> i64 {
                let each =
                    rooms.iter().map(|(room_type, units)| of(room_type).saturating_mul(*units));
                each.fold(0, i64::saturating_add)
            };
            let mut together = RoomType::clone(first);
            together.adults_max = sum(|room_type| room_type.adults_max);
            together.children_max = sum(|room_type| room_type.children_max);
            together.guests_max = sum(|room_type| room_type.guests_max);
            reasons_against_party(&together, &party(1))
        }
    };
    if found.is_empty() {
        return Ok(());
    }
    let of_type = |(room_type, _): &(&RoomType, i64)| {
        let pool = room_type.pool;
        found.iter().map(move |reason: &Reason| PoolReason { pool, reason: reason.clone() })
    };
    Err(Refusal::Unavailable { reasons: rooms.iter().flat_map(of_type).collect() })
}

#[cfg(test)]
mod tests {
    //! Goal: a yes to a question is a yes to a hold at the same state, and a no has its reason.
    //! Method: random nights, rules and parties, asked here and placed in `holds`; then a table.

    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::cells::{CellId, Restrictions, Stock};
    use crate::holds::{self, Place};
    use crate::ids::{BusinessId, HoldId, PropertyId};
    use crate::money::Currency;
    use crate::pools::Pool;
    use crate::prices::Tariff;
    use crate::prices::restrictions::Restriction;
    use crate::prices::tariff::Bounds;
    use crate::snapshot::{PropertySettings, Snapshot};

    const POOL: PoolId = PoolId(1);
    const PROPERTY: PropertyId = PropertyId(2);
    const TODAY: Day = Day(100);

    fn room_type(capacity: i64) -> RoomType {
        RoomType {
            pool: POOL,
            property: PROPERTY,
            code: "DOUBLE".into(),
            name: "Double".into(),
            description: String::new(),
            beds: String::new(),
            image_urls: Vec::new(),
            adults_max: 2,
            children_max: 1,
            guests_max: 3,
            base_rate_minor: Some(100),
            stock: Stock { capacity, blocked: 0, out_of_order: 0, overbook_bp: 0 },
            type_overbook_bp: 0,
            created_at_ms: 0,
            version: 1,
        }
    }

    fn rates() -> Rates {
        let base_minor = BTreeMap::from([(POOL, 100)]);
        let tariff = Arc::default();
        Rates { currency: Currency::EUR, base_minor, ranges: Vec::new(), tax_bp: 600, tariff }
    }

    fn wish(first: i64, nights: i64, adults: i64, room_count: i64) -> Wish {
        let stay = Stay::new(Day(first), Day(first + nights));
        let party = Party { adults, children: Vec::new(), room_count };
        let local = Local { day: TODAY, minutes: 0 };
        Wish { stay, party, local, advance_days_max: 20, terms: Terms::default() }
    }

    /// What booking does: the restrictions of the tariff, the price, then the hold.
    fn place(stock: &Snapshot, rates: &Rates, wish: &Wish) -> Result<(), Refusal> {
        let (stay, units) = (wish.stay, wish.party.room_count);
        let line = Line { id: LineId(1), pool: POOL, stay, units };
        let (children, local) = (wish.party.children.as_slice(), wish.local);
        let asked = Asked { pool: POOL, plan: None, stay, units, children, local, had: None };
        if !restrictions::reasons_against(&rates.tariff, &asked).is_empty() {
            return Err(Refusal::Unavailable { reasons: Vec::new() });
        }
        prices::price(&[line], rates, &Sale::plain(TODAY))?;
        let ask = Place {
            property: PROPERTY,
            hold: HoldId(1),
            reference: String::new(),
            lines: vec![line],
            advance_days_max: Some(wish.advance_days_max),
        };
        holds::place(stock, &ask).map(|_| ())
    }

    fn snapshot(stock: Stock, cells: &BTreeMap<Day, Cell>) -> Snapshot {
        let settings = PropertySettings {
            business: BusinessId(1),
            currency: Currency::EUR,
            time_zone: "Europe/Lisbon".into(),
            hold_ttl_ms: holds::HOLD_TTL_MS,
            today: TODAY,
        };
        let pool = Pool { id: POOL, property: PROPERTY, stock, version: 1, change_seq: 2 };
        Snapshot {
            properties: BTreeMap::from([(PROPERTY, settings)]),
            pools: BTreeMap::from([(POOL, pool)]),
            cells: cells
                .iter()
                .map(|(day, cell)| (CellId { pool: POOL, day: *day }, *cell))
                .collect(),
            ..Snapshot::default()
        }
    }

    fn any_cell() -> impl Strategy<Value = (i64, Cell)> {
        let rules = (0..12_u8, 0..4_i64, 2..9_i64).prop_map(|(kind, least, most)| Restrictions {
            closed: kind == 0,
            closed_to_arrival: kind == 1,
            closed_to_departure: kind == 2,
            stay_nights_min: (kind == 3).then_some(least),
            stay_nights_max: (kind == 4).then_some(most),
        });
        (98..125_i64, 0..4_i64, 0..3_i64, rules).prop_map(|(day, capacity, sold, restrictions)| {
            let stock = Stock { capacity, blocked: 0, out_of_order: 0, overbook_bp: 0 };
            let oversold = stock.limit_units() < sold;
            let cell = Cell { sold, oversold, restrictions, version: 1, ..Cell::untouched(stock) };
            (day, cell)
        })
    }

    fn any_restriction() -> impl Strategy<Value = Restriction> {
        (0..13_u8, 98..125_i64, 1..6_i64, 0..9_i64).prop_map(|(kind, first, days, count)| {
            let min = |own| if kind == own { Some(count) } else { None };
            Restriction {
                closed: kind == 0,
                closed_to_arrival: kind == 1,
                closed_to_departure: kind == 2,
                arrival_nights: Bounds { min: min(3), max: min(4) },
                through_nights: Bounds { min: min(5), max: None },
                lead_days: Bounds { min: min(6), max: None },
                lengths: min(7).into_iter().collect(),
                cutoff_minutes: min(8).map(|hour| hour * 60),
                rooms_max: min(9),
                adults_only: kind == 10,
                child_age_min: min(11),
                infants_max: min(12),
                ..Restriction::nothing("R".into(), Stay::new(Day(first), Day(first + days)))
            }
        })
    }

    proptest! {
        #[test]
        fn a_yes_is_a_yes_to_a_hold_and_a_no_is_a_no(
            cells in proptest::collection::vec(any_cell(), 0..20),
            restrictions in proptest::collection::vec(any_restriction(), 0..4),
            capacity in 0..4_i64,
            (first, nights) in (98..124_i64, 1..8_i64),
            room_count in 1..4_i64,
            children in proptest::collection::vec(0..12_i64, 0..2),
            minutes in 0..1_440_i64,
        ) {
            let tariff = Tariff { restrictions, ..Tariff::default() };
            let rates = Rates { tariff: Arc::new(tariff), ..rates() };
            let cells: BTreeMap<Day, Cell> =
                cells.into_iter().map(|(day, cell)| (Day(day), cell)).collect();
            let room_type = room_type(capacity);
            let mut wish = wish(first, nights, 1, room_count);
            (wish.party.children, wish.local.minutes) = (children, minutes);
            let says_yes = check_stay(wish.stay, TODAY).is_ok()
                && look(&room_type, &cells, &rates, &wish).is_available();
            let placed = place(&snapshot(room_type.stock, &cells), &rates, &wish);
            prop_assert_eq!(says_yes, placed.is_ok(), "{:?}", placed);
        }

        #[test]
        fn as_many_rooms_as_are_left_can_be_had_and_no_more(
            cells in proptest::collection::vec(any_cell(), 0..20),
            capacity in 1..5_i64,
            (first, nights) in (100..110_i64, 1..5_i64),
        ) {
            let cells: BTreeMap<Day, Cell> =
                cells.into_iter().map(|(day, cell)| (Day(day), cell)).collect();
            let room_type = room_type(capacity);
            let left = look(&room_type, &cells, &rates(), &wish(first, nights, 1, 1)).rooms_left;
            let stock = snapshot(room_type.stock, &cells);
            if 0 < left {
                prop_assert!(place(&stock, &rates(), &wish(first, nights, 1, left)).is_ok());
            }
            prop_assert!(place(&stock, &rates(), &wish(first, nights, 1, left + 1)).is_err());
        }
    }

    fn codes(wish: &Wish, rates: &Rates) -> Vec<&'static str> {
        let outlook = look(&room_type(2), &BTreeMap::new(), rates, wish);
        outlook.reasons.iter().map(Reason::code).collect()
    }

    #[test]
    fn a_party_needs_beds_for_everybody() {
        let party = |adults, children: &[i64], room_count| {
            let party = Party { adults, children: children.to_vec(), room_count };
            codes(&Wish { party, ..wish(100, 1, 1, 1) }, &rates())
        };
        assert_eq!(party(2, &[4], 1), [""; 0]);
        assert_eq!(party(3, &[], 1), ["adults_exceeded"]);
        assert_eq!(party(3, &[], 2), [""; 0]);
        assert_eq!(party(1, &[4, 9], 1), ["children_exceeded"]);
        assert_eq!(party(2, &[4, 9], 1), ["children_exceeded", "occupancy_exceeded"]);
        assert_eq!(party(2, &[], 3), ["sold_out"]);
    }

    #[test]
    fn a_night_without_a_rate_and_a_sum_beyond_all_money_are_not_offered() {
        let none = Rates { base_minor: BTreeMap::new(), ..rates() };
        assert_eq!(codes(&wish(100, 1, 1, 1), &none), ["rate_not_offered"]);
        let dear = Rates { base_minor: BTreeMap::from([(POOL, i64::MAX)]), ..rates() };
        assert_eq!(codes(&wish(100, 1, 1, 1), &dear), ["rate_not_offered"]);
        assert_eq!(codes(&wish(121, 1, 1, 1), &rates()), ["too_early"]);
    }
}
