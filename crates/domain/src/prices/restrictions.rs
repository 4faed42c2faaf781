//! Restrictions of room types and rate plans for ranges of days: closed, no arrival, no departure,
//! length of stay, days ahead. Search and booking ask the same function, so that a yes of one is a
//! yes of the other at the same state.

use super::tariff::{Bounds, Tariff};
use crate::ids::PoolId;
use crate::refusals::Reason;
use crate::stays::{Day, Stay};
use crate::zones::Local;

pub const RESTRICTIONS_MAX: usize = 200;
/// Most lengths of stay that one restriction names.
pub const LENGTHS_MAX: usize = 31;
/// Younger children are infants: below two years, as airlines and most hotels count.
const INFANT_YEARS: i64 = 2;

/// What may not be sold for a range of days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restriction {
    pub code: String,
    /// Empty: every room type.
    pub pools: Vec<PoolId>,
    /// Codes; empty: every plan, and the standard rate.
    pub plans: Vec<String>,
    pub days: Stay,
    /// None of these nights is sold.
    pub closed: bool,
    /// No stay begins on these days.
    pub closed_to_arrival: bool,
    /// No stay ends on these days.
    pub closed_to_departure: bool,
    /// Nights of a stay that begins on these days.
    pub arrival_nights: Bounds,
    /// Nights of a stay that sleeps any of these nights.
    pub through_nights: Bounds,
    /// Nights of a stay that begins on these days, one of these; empty for any.
    pub lengths: Vec<i64>,
    /// Days from booking to an arrival on these days.
    pub lead_days: Bounds,
    /// An arrival on the day of booking is sold until so many minutes after midnight.
    pub cutoff_minutes: Option<i64>,
    /// Most rooms of a type in one booking that begins on these days. What follows is of such, too.
    pub rooms_max: Option<i64>,
    pub adults_only: bool,
    /// Younger children do not stay.
    pub child_age_min: Option<i64>,
    /// Most children below two years in a room.
    pub infants_max: Option<i64>,
}

impl Restriction {
    /// One that restricts nothing.
    #[must_use]
    pub fn nothing(code: String, days: Stay) -> Restriction {
        Restriction {
            code,
            pools: Vec::new(),
            plans: Vec::new(),
            days,
            closed: false,
            closed_to_arrival: false,
            closed_to_departure: false,
            arrival_nights: Bounds::OPEN,
            through_nights: Bounds::OPEN,
            lengths: Vec::new(),
            lead_days: Bounds::OPEN,
            cutoff_minutes: None,
            rooms_max: None,
            adults_only: false,
            child_age_min: None,
            infants_max: None,
        }
    }
}

/// A stay that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked<'a> {
    pub pool: PoolId,
    /// Code of the rate plan; `None` for the standard rate.
    pub plan: Option<&'a str>,
    pub stay: Stay,
    pub units: i64,
    /// Ages in years.
    pub children: &'a [i64],
    /// At the property.
    pub local: Local,
    /// What the guest has already: nights, arrival and departure of it are not asked anew, nor who
    /// comes.
    pub had: Option<Stay>,
}

/// Why the restrictions of a tariff are against a stay, each kind once, by its strictest. Empty:
/// they are not.
#[must_use]
pub fn reasons_against(tariff: &Tariff, asked: &Asked<'_>) -> Vec<Reason> {
    let mut found = Found::default();
    for restriction in &tariff.restrictions {
        let is_own_pool = restriction.pools.is_empty() || restriction.pools.contains(&asked.pool);
        let of_plan = |plan: &str| restriction.plans.iter().any(|own| own == plan);
        if is_own_pool && (restriction.plans.is_empty() || asked.plan.is_some_and(of_plan)) {
            found.look(restriction, asked);
        }
    }
    found.reasons(asked.stay.nights())
}

#[derive(Default)]
struct Found {
    closed: Vec<Day>,
    closed_to_arrival: bool,
    closed_to_departure: bool,
    nights: Bounds,
    lead_days: Bounds,
    /// What several restrictions together leave; `None`: any.
    lengths: Option<Vec<i64>>,
    cutoff_minutes: Option<i64>,
    rooms_max: Option<i64>,
    adults_only: bool,
    child_age_min: Option<i64>,
    infants_max: Option<i64>,
}

impl Found {
    fn look(&mut self, restriction: &Restriction, asked: &Asked<'_>) {
        let Stay { first_day, end_day } = asked.stay;
        let covers = |day: Day| restriction.days.covers(day);
        let is_new = |day: &Day| asked.had.is_none_or(|had| !had.covers(*day));
        let begins_anew = asked.had.is_none_or(|had| had.first_day != first_day);
        let ends_anew = asked.had.is_none_or(|had| had.end_day != end_day);
        let nights = asked.stay.nights();
        if restriction.closed {
            self.closed.extend(asked.stay.days().filter(|day| covers(*day) && is_new(day)));
        }
        if covers(first_day) {
            self.closed_to_arrival |= restriction.closed_to_arrival && begins_anew;
            self.nights.add_broken(restriction.arrival_nights, nights);
            let lead_days = first_day.0.saturating_sub(asked.local.day.0);
            if begins_anew {
                self.lead_days.add_broken(restriction.lead_days, lead_days);
                let is_late = |cutoff: &i64| lead_days == 0 && *cutoff <= asked.local.minutes;
                let cutoff = restriction.cutoff_minutes.filter(is_late);
                self.cutoff_minutes = least(self.cutoff_minutes, cutoff);
            }
            if !restriction.lengths.is_empty() {
                let left = self.lengths.get_or_insert_with(|| restriction.lengths.clone());
                left.retain(|length| restriction.lengths.contains(length));
            }
            if asked.had.is_none() {
                self.look_at_party(restriction, asked);
            }
        }
        self.closed_to_departure |= restriction.closed_to_departure && covers(end_day) && ends_anew;
        let days = restriction.days;
        if days.first_day < end_day && first_day < days.end_day {
            self.nights.add_broken(restriction.through_nights, nights);
        }
    }

    fn look_at_party(&mut self, restriction: &Restriction, asked: &Asked<'_>) {
        let is_less = |units: &i64| *units < asked.units;
        self.rooms_max = least(self.rooms_max, restriction.rooms_max.filter(is_less));
        self.adults_only |= restriction.adults_only && !asked.children.is_empty();
        let is_younger = |age_min: &i64| asked.children.iter().any(|age| age < age_min);
        let age_min = restriction.child_age_min.filter(is_younger);
        self.child_age_min = self.child_age_min.max(age_min);
        let infants = asked.children.iter().filter(|age| **age < INFANT_YEARS).count();
        let infants = i64::try_from(infants).unwrap_or(i64::MAX);
        let is_fewer = |most: &i64| most.saturating_mul(asked.units) < infants;
        self.infants_max = least(self.infants_max, restriction.infants_max.filter(is_fewer));
    }

    fn reasons(mut self, nights: i64) -> Vec<Reason> {
        let mut reasons = Vec::new();
        if !self.closed.is_empty() {
            self.closed.sort_unstable();
            self.closed.dedup();
            reasons.push(Reason::Closed { days: self.closed });
        }
        if self.closed_to_arrival {
            reasons.push(Reason::ClosedToArrival);
        }
        if self.closed_to_departure {
            reasons.push(Reason::ClosedToDeparture);
        }
        reasons.extend(self.nights.min.map(|nights| Reason::MinimumStay { nights }));
        reasons.extend(self.nights.max.map(|nights| Reason::MaximumStay { nights }));
        let lengths = self.lengths.filter(|lengths| !lengths.contains(&nights));
        reasons.extend(lengths.map(|lengths| Reason::StayLengthNotOffered { lengths }));
        let cutoff = self.cutoff_minutes;
        reasons.extend(cutoff.map(|cutoff_minutes| Reason::SameDayClosed { cutoff_minutes }));
        reasons.extend(self.lead_days.min.map(|days| Reason::TooLate { advance_days_min: days }));
        reasons.extend(self.lead_days.max.map(|days| Reason::TooEarly { advance_days_max: days }));
        reasons.extend(self.rooms_max.map(|rooms_max| Reason::RoomsExceeded { rooms_max }));
        reasons.extend(self.adults_only.then_some(Reason::AdultsOnly));
        reasons.extend(self.child_age_min.map(|age_min| Reason::ChildTooYoung { age_min }));
        reasons.extend(self.infants_max.map(|infants_max| Reason::InfantsExceeded { infants_max }));
        reasons
    }
}

/// The lesser of two that are there.
fn least(own: Option<i64>, other: Option<i64>) -> Option<i64> {
    own.into_iter().chain(other).min()
}

impl Bounds {
    /// Keeps the ends of other bounds that a value breaks, the strictest of each.
    fn add_broken(&mut self, other: Bounds, value: i64) {
        if let Some(min) = other.min.filter(|min| value < *min) {
            self.min = Some(self.min.map_or(min, |own| own.max(min)));
        }
        if let Some(max) = other.max.filter(|max| *max < value) {
            self.max = Some(self.max.map_or(max, |own| own.min(max)));
        }
    }
}

#[cfg(test)]
mod tests {
    //! Goal: every restriction says no where it must and nowhere else.
    //! Method: one restriction of the days 10 to 14, stays as numbers, reasons as their codes.

    use super::*;

    const POOL: PoolId = PoolId(1);

    fn of(change: impl FnOnce(&mut Restriction)) -> Restriction {
        let days = Stay::new(Day(10), Day(15));
        let mut restriction = Restriction::nothing("R".into(), days);
        change(&mut restriction);
        restriction
    }

    /// One room for nobody in particular, asked on day 5 at noon.
    fn asked(stay: Stay) -> Asked<'static> {
        let local = Local { day: Day(5), minutes: 12 * 60 };
        Asked { pool: POOL, plan: None, stay, units: 1, children: &[], local, had: None }
    }

    #[track_caller]
    fn check(restrictions: &[Restriction], (first, end): (i64, i64), expected: &[Reason]) {
        let tariff = Tariff { restrictions: restrictions.to_vec(), ..Tariff::default() };
        let stay = Stay::new(Day(first), Day(end));
        assert_eq!(reasons_against(&tariff, &asked(stay)), expected);
    }

    #[test]
    fn closed_nights_are_named_and_the_day_of_departure_is_none() {
        let closed = [of(|own| own.closed = true)];
        check(&closed, (8, 10), &[]);
        check(&closed, (9, 12), &[Reason::Closed { days: vec![Day(10), Day(11)] }]);
        check(&closed, (15, 16), &[]);
    }

    #[test]
    fn arrival_and_departure_are_asked_on_their_own_days() {
        let arrival = [of(|own| own.closed_to_arrival = true)];
        check(&arrival, (9, 12), &[]);
        check(&arrival, (14, 16), &[Reason::ClosedToArrival]);
        let departure = [of(|own| own.closed_to_departure = true)];
        check(&departure, (8, 10), &[Reason::ClosedToDeparture]);
        check(&departure, (12, 15), &[]);
    }

    #[test]
    fn a_stay_is_as_long_as_its_arrival_or_any_of_its_nights_ask() {
        let three = Bounds { min: Some(3), max: None };
        let arrival = [of(|own| own.arrival_nights = three)];
        check(&arrival, (9, 11), &[]);
        check(&arrival, (10, 12), &[Reason::MinimumStay { nights: 3 }]);
        let through = [of(|own| own.through_nights = three)];
        check(&through, (9, 11), &[Reason::MinimumStay { nights: 3 }]);
        check(&through, (8, 10), &[]);
        let both = [of(|own| own.through_nights.min = Some(4)), arrival[0].clone()];
        check(&both, (10, 12), &[Reason::MinimumStay { nights: 4 }]);
        let short = [of(|own| own.arrival_nights.max = Some(2))];
        check(&short, (10, 13), &[Reason::MaximumStay { nights: 2 }]);
    }

    #[test]
    fn a_booking_may_come_too_late_or_too_early() {
        let lead = |min, max| [of(|own| own.lead_days = Bounds { min, max })];
        check(&lead(Some(6), None), (10, 11), &[Reason::TooLate { advance_days_min: 6 }]);
        check(&lead(Some(5), Some(5)), (10, 11), &[]);
        check(&lead(None, Some(4)), (10, 11), &[Reason::TooEarly { advance_days_max: 4 }]);
        check(&lead(Some(99), None), (9, 11), &[]);
    }

    #[test]
    fn only_the_lengths_that_all_restrictions_leave_are_sold() {
        let of_lengths = |lengths: &[i64]| of(|own| own.lengths = lengths.to_vec());
        let weeks = [of_lengths(&[7, 14])];
        check(&weeks, (10, 17), &[]);
        check(&weeks, (9, 11), &[]);
        check(&weeks, (10, 12), &[Reason::StayLengthNotOffered { lengths: vec![7, 14] }]);
        let both = [of_lengths(&[2, 7]), of_lengths(&[7, 14])];
        check(&both, (10, 12), &[Reason::StayLengthNotOffered { lengths: vec![7] }]);
    }

    #[test]
    fn tonight_is_sold_until_its_time() {
        let until = |cutoff| {
            let mut own = of(|own| own.cutoff_minutes = Some(cutoff));
            own.days = Stay::new(Day(5), Day(7));
            [own]
        };
        let closed = Reason::SameDayClosed { cutoff_minutes: 720 };
        check(&until(720), (5, 6), &[closed]);
        check(&until(721), (5, 6), &[]);
        check(&until(0), (6, 7), &[]);
    }

    #[test]
    fn who_may_come_is_asked_of_each_room_type() {
        let reasons = |change: fn(&mut Restriction), units: i64, children: &[i64]| {
            let tariff = Tariff { restrictions: vec![of(change)], ..Tariff::default() };
            let stay = Stay::new(Day(10), Day(12));
            let found = reasons_against(&tariff, &Asked { units, children, ..asked(stay) });
            found.iter().map(Reason::code).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(reasons(|own| own.rooms_max = Some(2), 2, &[]), "");
        assert_eq!(reasons(|own| own.rooms_max = Some(2), 3, &[]), "rooms_exceeded");
        assert_eq!(reasons(|own| own.adults_only = true, 1, &[]), "");
        assert_eq!(reasons(|own| own.adults_only = true, 1, &[17]), "adults_only");
        assert_eq!(reasons(|own| own.child_age_min = Some(6), 1, &[6]), "");
        assert_eq!(reasons(|own| own.child_age_min = Some(6), 1, &[9, 5]), "child_too_young");
        assert_eq!(reasons(|own| own.infants_max = Some(1), 1, &[1, 2]), "");
        assert_eq!(reasons(|own| own.infants_max = Some(1), 2, &[1, 0]), "");
        assert_eq!(reasons(|own| own.infants_max = Some(1), 1, &[1, 0]), "infants_exceeded");
    }

    #[test]
    fn a_restriction_of_a_plan_or_a_room_type_is_theirs_alone() {
        check(&[of(|own| (own.closed, own.pools) = (true, vec![PoolId(2)]))], (10, 11), &[]);
        check(&[of(|own| (own.closed, own.plans) = (true, vec!["SAVER".into()]))], (10, 11), &[]);
    }

    #[test]
    fn what_a_guest_has_is_not_asked_anew() {
        let all = of(|own| {
            (own.closed, own.closed_to_arrival, own.closed_to_departure) = (true, true, true);
            own.lead_days.min = Some(30);
        });
        let tariff = Tariff { restrictions: vec![all], ..Tariff::default() };
        let had = Some(Stay::new(Day(10), Day(12)));
        let reasons = |first, end| {
            let stay = Stay::new(Day(first), Day(end));
            let local = Local { day: Day(9), minutes: 0 };
            reasons_against(&tariff, &Asked { local, had, ..asked(stay) })
        };
        assert_eq!(reasons(10, 12), []);
        let longer = [Reason::Closed { days: vec![Day(12)] }, Reason::ClosedToDeparture];
        assert_eq!(reasons(10, 13), longer);
    }
}
