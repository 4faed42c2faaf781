//! Holds: the only ticket to stock. All lines and all nights of a hold are taken, or nothing is.
//!
//! A deadline only permits a hold to lapse; until a transaction lapses it, it occupies.

use std::collections::BTreeMap;

use crate::cells::{self, CellId, Night};
use crate::guards::{self, Guard};
use crate::ids::{HoldId, LineId, PoolId, PropertyId};
use crate::ledger::{Entry, Kind, Line};
use crate::refusals::{PoolReason, Reason, Refusal};
use crate::snapshot::{Change, Snapshot};
use crate::stays::{Day, STAY_NIGHTS_MAX, Stay};

/// How long a guest may keep stock without paying, unless the business says otherwise: 10 minutes.
pub const HOLD_TTL_MS: i64 = 10 * 60 * 1000;
/// The shortest life a business may give its holds: 2 minutes.
pub const HOLD_TTL_MS_MIN: i64 = 2 * 60 * 1000;
/// The longest life a business may give its holds: 30 minutes.
pub const HOLD_TTL_MS_MAX: i64 = 30 * 60 * 1000;
/// How long a hold may live with all its extensions: 60 minutes.
pub const HOLD_LIFE_MS_MAX: i64 = 60 * 60 * 1000;
/// Most units that one request may ask of one room type on one night.
pub const LINE_UNITS_MAX: i64 = 50;
/// Most lines that one request may have.
pub const LINES_MAX: usize = 20;

/// Where a hold stands. `Held` and `Confirmed` occupy stock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HoldState {
    Held,
    Confirmed,
    Released,
    Expired,
    Returned,
}

impl HoldState {
    pub const ALL: [HoldState; 5] = [
        HoldState::Held,
        HoldState::Confirmed,
        HoldState::Released,
        HoldState::Expired,
        HoldState::Returned,
    ];

    /// The word in the store, the log and the API.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            HoldState::Held => "held",
            HoldState::Confirmed => "confirmed",
            HoldState::Released => "released",
            HoldState::Expired => "expired",
            HoldState::Returned => "returned",
        }
    }

    #[must_use]
    pub fn from_word(word: &str) -> Option<HoldState> {
        HoldState::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// A hold and the lines that occupy stock in its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    pub id: HoldId,
    pub property: PropertyId,
    pub state: HoldState,
    pub created_at_ms: i64,
    pub expires_at_ms: i64,
    /// The caller's own reference, checked again at confirm and release. Empty: none given.
    pub reference: String,
    /// +1 at every write.
    pub version: i64,
    /// Lines that occupy now; a hold that ended has none.
    pub lines: Vec<Line>,
}

/// The wish for a new hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub property: PropertyId,
    pub hold: HoldId,
    pub reference: String,
    pub lines: Vec<Line>,
    /// How far ahead the stay may begin; `None` when history is replayed.
    pub advance_days_max: Option<i64>,
}

/// Takes every line of the wish, or refuses with every reason there is.
pub fn place(stock: &Snapshot, ask: &Place) -> Result<Vec<Change>, Refusal> {
    let settings = stock.properties.get(&ask.property).ok_or(Refusal::SpansProperties)?;
    check_lines(&ask.lines)?;
    check_pools(stock, ask.property, &ask.lines)?;
    check_when(&ask.lines, &[], settings.today, ask.advance_days_max)?;
    check_free(stock, &ask.lines, &[])?;
    // From here it must succeed.
    let hold = Hold {
        id: ask.hold,
        property: ask.property,
        state: HoldState::Held,
        created_at_ms: stock.now_ms,
        expires_at_ms: stock.now_ms.saturating_add(settings.hold_ttl_ms),
        reference: ask.reference.clone(),
        version: 0,
        lines: Vec::new(),
    };
    let mut changes = vec![Change::HoldPlaced(hold.clone())];
    changes.extend(ask.lines.iter().map(|line| moved(&hold, *line, Kind::Held, None)));
    Ok(changes)
}

/// Gives the hold a new life from now on, up to the cap on its total life.
pub fn extend(stock: &Snapshot, hold: HoldId) -> Result<Vec<Change>, Refusal> {
    let hold = held(stock, hold, "extend")?;
    let ttl_ms =
        stock.properties.get(&hold.property).map_or(HOLD_TTL_MS, |property| property.hold_ttl_ms);
    if hold.expires_at_ms <= stock.now_ms {
        return Err(Refusal::HoldExpired { expired_at_ms: hold.expires_at_ms });
    }
    let end_ms = hold.created_at_ms.saturating_add(HOLD_LIFE_MS_MAX);
    if end_ms <= hold.expires_at_ms {
        return Err(Refusal::HoldLifeUsedUp { life_ms_max: HOLD_LIFE_MS_MAX });
    }
    let expires_at_ms = stock.now_ms.saturating_add(ttl_ms).min(end_ms).max(hold.expires_at_ms);
    Ok(vec![Change::HoldMoved { hold: hold.id, state: HoldState::Held, expires_at_ms }])
}

/// Sells what is held. An overdue hold that nobody lapsed still has its stock and may be sold.
pub fn confirm(stock: &Snapshot, hold: HoldId) -> Result<Vec<Change>, Refusal> {
    let hold = held(stock, hold, "confirm")?;
    Ok(end(hold, HoldState::Confirmed, Kind::Held, Kind::Posted))
}

/// Gives up what is held, before it was confirmed.
pub fn release(stock: &Snapshot, hold: HoldId) -> Result<Vec<Change>, Refusal> {
    let hold = held(stock, hold, "release")?;
    Ok(end(hold, HoldState::Released, Kind::Held, Kind::Released))
}

/// Frees a hold whose time has passed. Nothing to do is no refusal: somebody was quicker, or it
/// was extended.
#[must_use]
pub fn lapse(stock: &Snapshot, hold: HoldId) -> Vec<Change> {
    match held(stock, hold, "lapse") {
        Ok(hold) if hold.expires_at_ms <= stock.now_ms => {
            end(hold, HoldState::Expired, Kind::Held, Kind::Expired)
        }
        Ok(_) | Err(_) => Vec::new(),
    }
}

/// Frees a hold whatever its deadline says: who asks knows that it can never be confirmed.
pub fn expire(stock: &Snapshot, hold: HoldId) -> Result<Vec<Change>, Refusal> {
    let hold = held(stock, hold, "expire")?;
    Ok(end(hold, HoldState::Expired, Kind::Held, Kind::Expired))
}

/// Keeps an overdue hold for another while, since somebody may be paying for it.
#[must_use]
pub fn ask_again(stock: &Snapshot, hold: HoldId, wait_ms: i64) -> Change {
    let expires_at_ms = stock.now_ms.saturating_add(wait_ms);
    Change::HoldMoved { hold, state: HoldState::Held, expires_at_ms }
}

/// Takes the nights of an expired hold once more and sells them at once. `lines` are those that
/// ended, each with a fresh id.
pub fn retake(stock: &Snapshot, hold: HoldId, lines: &[Line]) -> Result<Vec<Change>, Refusal> {
    let hold = stock.holds.get(&hold).ok_or(Refusal::HoldNotFound)?;
    if hold.state != HoldState::Expired {
        return Err(Refusal::InvalidTransition { from: hold.state.word(), action: "retake" });
    }
    let settings = stock.properties.get(&hold.property).ok_or(Refusal::SpansProperties)?;
    check_lines(lines)?;
    check_pools(stock, hold.property, lines)?;
    check_when(lines, &[], settings.today, None)?;
    check_free(stock, lines, &[])?;
    // From here it must succeed.
    let taken = lines.iter().map(|line| moved(hold, *line, Kind::Posted, None));
    let expires_at_ms = hold.expires_at_ms;
    let state = HoldState::Confirmed;
    Ok(taken.chain([Change::HoldMoved { hold: hold.id, state, expires_at_ms }]).collect())
}

/// Swaps the lines of a hold for others with fresh ids, at once. Only the net demand per night is
/// checked, so a guest in a full house can extend, and never ends with nothing.
pub fn amend(
    stock: &Snapshot,
    hold: HoldId,
    lines: &[Line],
    advance_days_max: Option<i64>,
) -> Result<Vec<Change>, Refusal> {
    let hold = stock.holds.get(&hold).ok_or(Refusal::HoldNotFound)?;
    let (before, after) = match hold.state {
        HoldState::Held => (Kind::Held, Kind::Released),
        HoldState::Confirmed => (Kind::Posted, Kind::Returned),
        HoldState::Released | HoldState::Expired | HoldState::Returned => {
            return Err(Refusal::InvalidTransition { from: hold.state.word(), action: "amend" });
        }
    };
    check_lines(lines)?;
    check_pools(stock, hold.property, lines)?;
    let settings = stock.properties.get(&hold.property).ok_or(Refusal::SpansProperties)?;
    check_when(lines, &hold.lines, settings.today, advance_days_max)?;
    let had = if guards::is_off(Guard::NetDemand) { &[] } else { hold.lines.as_slice() };
    check_free(stock, lines, had)?;
    // From here it must succeed. The new come before the old: on an oversold night, giving back
    // first would take the mark away although the guest stays.
    let taken = lines.iter().map(|line| moved(hold, *line, before, None));
    let freed = hold.lines.iter().map(|line| moved(hold, *line, after, Some(before)));
    Ok(taken.chain(freed).collect())
}

/// Gives sold nights back: all of them, or those from a day on. A line that keeps some nights is
/// returned and a shorter one, with the id that `fresh_line` gives, is posted in its place.
pub fn give_back(
    stock: &Snapshot,
    hold: HoldId,
    from_day: Option<Day>,
    mut fresh_line: impl FnMut(LineId) -> LineId,
) -> Result<Vec<Change>, Refusal> {
    let hold = stock.holds.get(&hold).ok_or(Refusal::HoldNotFound)?;
    if hold.state != HoldState::Confirmed {
        return Err(Refusal::InvalidTransition { from: hold.state.word(), action: "return" });
    }
    let mut changes = Vec::new();
    for line in &hold.lines {
        let kept_end = from_day.map_or(line.stay.first_day, |day| day.max(line.stay.first_day));
        if line.stay.end_day <= kept_end {
            continue;
        }
        // The kept part comes first, for the same reason as in `amend`.
        if line.stay.first_day < kept_end {
            let stay = Stay::new(line.stay.first_day, kept_end);
            let kept = Line { id: fresh_line(line.id), stay, ..*line };
            changes.push(moved(hold, kept, Kind::Posted, None));
        }
        changes.push(moved(hold, *line, Kind::Returned, Some(Kind::Posted)));
    }
    if from_day.is_none() {
        let expires_at_ms = hold.expires_at_ms;
        let state = HoldState::Returned;
        changes.push(Change::HoldMoved { hold: hold.id, state, expires_at_ms });
    }
    Ok(changes)
}

/// Overdue holds that sit on a night which the wish needs: lapsing them may turn a no into a yes.
#[must_use]
pub fn overdue_in_the_way(stock: &Snapshot, lines: &[Line]) -> Vec<HoldId> {
    let in_the_way = |other: &Line| {
        lines.iter().any(|line| {
            line.pool == other.pool
                && line.stay.first_day < other.stay.end_day
                && other.stay.first_day < line.stay.end_day
        })
    };
    let still_held =
        |hold: &HoldId| stock.holds.get(hold).is_none_or(|hold| hold.state == HoldState::Held);
    let overdue = stock.overdue.iter();
    overdue
        .filter(|(hold, lines)| still_held(hold) && lines.iter().any(in_the_way))
        .map(|(hold, _)| *hold)
        .collect()
}

/// Units asked of each cell: two lines on one pool must not pass separately.
#[must_use]
pub fn demand_per_cell(lines: &[Line]) -> BTreeMap<CellId, i64> {
    let mut demand = BTreeMap::new();
    for line in lines {
        for day in line.stay.days() {
            let units: &mut i64 = demand.entry(CellId { pool: line.pool, day }).or_insert(0);
            *units = units.saturating_add(line.units);
        }
    }
    demand
}

/// Refuses lines of an impossible shape. Ask it before anything walks their nights: it is what
/// bounds how many there are.
pub fn check_lines(lines: &[Line]) -> Result<(), Refusal> {
    if lines.is_empty() || lines.iter().any(|line| line.stay.nights() < 1 || line.units < 1) {
        return Err(Refusal::StayIsEmpty);
    }
    if LINES_MAX < lines.len() {
        return Err(Refusal::TooManyLines { lines_max: LINES_MAX });
    }
    if lines.iter().any(|line| STAY_NIGHTS_MAX < line.stay.nights()) {
        return Err(Refusal::StayTooLong { nights_max: STAY_NIGHTS_MAX });
    }
    if lines.iter().any(|line| LINE_UNITS_MAX < line.units)
        || 1 < lines.len() && demand_per_cell(lines).values().any(|units| LINE_UNITS_MAX < *units)
    {
        return Err(Refusal::TooManyUnits { units_max: LINE_UNITS_MAX });
    }
    Ok(())
}

fn check_pools(stock: &Snapshot, property: PropertyId, lines: &[Line]) -> Result<(), Refusal> {
    for line in lines {
        let pool = stock.pools.get(&line.pool).ok_or(Refusal::UnknownPool { pool: line.pool })?;
        if pool.property != property {
            return Err(Refusal::SpansProperties);
        }
    }
    Ok(())
}

/// Refuses nights gone by, which only the guest who `had` them may keep, and a stay that begins too
/// far ahead.
pub fn check_when(
    lines: &[Line],
    had: &[Line],
    today: Day,
    advance_days_max: Option<i64>,
) -> Result<(), Refusal> {
    if lines.iter().any(|line| line.stay.first_day < today) {
        let had = demand_per_cell(had);
        let takes_more = |(id, units): (&CellId, &i64)| {
            id.day < today && had.get(id).copied().unwrap_or(0) < *units
        };
        if demand_per_cell(lines).iter().any(takes_more) {
            return Err(Refusal::StayInThePast { today });
        }
    }
    let Some(advance_days_max) = advance_days_max else { return Ok(()) };
    let last_start = today.plus(advance_days_max);
    let reasons: Vec<PoolReason> = lines
        .iter()
        .filter(|line| last_start < line.stay.first_day)
        .map(|line| PoolReason { pool: line.pool, reason: Reason::TooEarly { advance_days_max } })
        .collect();
    if reasons.is_empty() { Ok(()) } else { Err(Refusal::Unavailable { reasons }) }
}

/// Checks what the lines need beyond what the lines that the guest `had` give back.
fn check_free(stock: &Snapshot, lines: &[Line], had: &[Line]) -> Result<(), Refusal> {
    if guards::is_off(Guard::Capacity) {
        return Ok(());
    }
    if guards::is_off(Guard::DemandSum) && 1 < lines.len() {
        return lines.chunks(1).try_for_each(|line| check_free(stock, line, had));
    }
    let demand = demand_per_cell(lines);
    let given_back = demand_per_cell(had);
    let mut nights: BTreeMap<PoolId, Vec<Night>> = BTreeMap::new();
    for (id, units) in &demand {
        let cell = stock.cell(*id).ok_or(Refusal::UnknownPool { pool: id.pool })?;
        let freed_units = given_back.get(id).copied().unwrap_or(0);
        let night = Night { day: id.day, cell, units: *units, freed_units };
        nights.entry(id.pool).or_default().push(night);
    }
    let mut reasons = Vec::new();
    for (pool, nights) in &nights {
        let mut against = cells::reasons_against_nights(nights);
        for line in lines.iter().filter(|line| line.pool == *pool) {
            for reason in reasons_against_line(stock, line, lines, had) {
                if !against.contains(&reason) {
                    against.push(reason);
                }
            }
        }
        reasons.extend(against.into_iter().map(|reason| PoolReason { pool: *pool, reason }));
    }
    if reasons.is_empty() { Ok(()) } else { Err(Refusal::Unavailable { reasons }) }
}

/// Why the rules of its pool are against one of the lines. Who was let in needs no second leave
/// to arrive or to depart on that day, and may keep a length that was theirs.
fn reasons_against_line(
    stock: &Snapshot,
    line: &Line,
    lines: &[Line],
    had: &[Line],
) -> Vec<Reason> {
    let rules = |day| stock.cell(CellId { pool: line.pool, day }).map(|cell| cell.restrictions);
    let mut arrival = rules(line.stay.first_day);
    let mut departure = rules(line.stay.end_day);
    let arrives =
        |other: &Line| other.pool == line.pool && other.stay.first_day == line.stay.first_day;
    let departs = |other: &Line| other.pool == line.pool && other.stay.end_day == line.stay.end_day;
    if units_of(lines, arrives) <= units_of(had, arrives) {
        let nights = line.stay.nights();
        let kept = || had.iter().filter(|old| arrives(old)).map(|old| old.stay.nights());
        if let Some(rules) = &mut arrival {
            rules.closed_to_arrival = false;
            rules.stay_nights_min =
                rules.stay_nights_min.filter(|_| kept().all(|had| nights < had));
            rules.stay_nights_max =
                rules.stay_nights_max.filter(|_| kept().all(|had| had < nights));
        }
    }
    if units_of(lines, departs) <= units_of(had, departs) {
        departure = None;
    }
    cells::reasons_against_stay(line.stay, arrival, departure)
}

fn units_of(lines: &[Line], is_meant: impl Fn(&Line) -> bool) -> i64 {
    lines.iter().filter(|line| is_meant(line)).map(|line| line.units).sum()
}

/// The hold, if it is still unconfirmed.
fn held<'s>(stock: &'s Snapshot, hold: HoldId, action: &'static str) -> Result<&'s Hold, Refusal> {
    let hold = stock.holds.get(&hold).ok_or(Refusal::HoldNotFound)?;
    match hold.state {
        HoldState::Held => Ok(hold),
        HoldState::Expired => Err(Refusal::HoldExpired { expired_at_ms: hold.expires_at_ms }),
        HoldState::Confirmed | HoldState::Released | HoldState::Returned => {
            Err(Refusal::InvalidTransition { from: hold.state.word(), action })
        }
    }
}

/// Moves all lines of a hold, and the hold with them.
fn end(hold: &Hold, state: HoldState, before: Kind, after: Kind) -> Vec<Change> {
    let is_torn = guards::is_off(Guard::WholeHold) && !after.occupies();
    let lines = &hold.lines[..if is_torn { hold.lines.len().min(1) } else { hold.lines.len() }];
    let moves = lines.iter().map(|line| moved(hold, *line, after, Some(before)));
    let expires_at_ms = hold.expires_at_ms;
    moves.chain([Change::HoldMoved { hold: hold.id, state, expires_at_ms }]).collect()
}

fn moved(hold: &Hold, line: Line, kind: Kind, before: Option<Kind>) -> Change {
    let entry = Entry { property: hold.property, hold: hold.id, kind, line };
    Change::LineMoved { entry, before }
}
