//! What a replay came to: taken, refused and why, and the hotel's figures by month. Counts what the
//! history and the answers to its bookings must come to, then puts what the store really holds in
//! its place and names every difference. All arithmetic is in whole numbers; a ratio rounds half
//! up, once.
//!
//! A night stayed is one between arrival and the day the guest left, of a booking that was taken
//! and whose guest came; it earns the booking's price and belongs to the month it falls in. A month
//! offers every room on each of its days, whole months from the first arrival to the last night.

use std::collections::BTreeMap;

use vacancy_domain::stays::Day;

use super::books::Books;
use super::plan::{Plan, Pool, Step};
use super::row::End;
use super::{DayUse, History};

/// What was answered to the bookings of a replay, by index in [`History::stays`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcomes {
    answers: Vec<Answer>,
    failed_steps: BTreeMap<String, i64>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Answer {
    None,
    Taken,
    Refused { code: String },
}

impl Outcomes {
    #[must_use]
    pub fn unanswered(history: &History) -> Outcomes {
        let answers = vec![Answer::None; history.stays.len()];
        Outcomes { answers, failed_steps: BTreeMap::new() }
    }

    /// As if every booking had been taken.
    #[must_use]
    pub fn all_taken(history: &History) -> Outcomes {
        let answers = vec![Answer::Taken; history.stays.len()];
        Outcomes { answers, failed_steps: BTreeMap::new() }
    }

    pub fn took(&mut self, stay: usize) {
        self.set(stay, Answer::Taken);
    }

    pub fn refused(&mut self, stay: usize, code: &str) {
        self.set(stay, Answer::Refused { code: code.to_owned() });
    }

    /// A step after the booking was refused or failed, which none should be.
    pub fn step_failed(&mut self, step: Step, code: &str) {
        *self.failed_steps.entry(format!("{}: {code}", step.word())).or_default() += 1;
    }

    #[must_use]
    pub fn is_taken(&self, stay: usize) -> bool {
        self.answers.get(stay) == Some(&Answer::Taken)
    }

    fn set(&mut self, stay: usize, answer: Answer) {
        if let Some(slot) = self.answers.get_mut(stay) {
            *slot = answer;
        }
    }
}

/// What one night earned, or many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NightSum {
    pub room_nights: i64,
    pub revenue_minor: i64,
}

/// What a store holds of a hotel whose history was replayed in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stored {
    /// Reservations by the word of their state.
    pub by_state: BTreeMap<&'static str, i64>,
    /// Guests who came, left, and kept no night.
    pub left_on_arrival_day: i64,
    pub nights: BTreeMap<Day, NightSum>,
}

/// Everything there is to say of a replay.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Report {
    pub hotel: String,
    pub rooms: i64,
    pub pools: Vec<Pool>,
    pub overbook_bp: i64,
    pub rows: usize,
    /// Rows that cannot be read, by what is wrong.
    pub unreadable: BTreeMap<String, i64>,
    pub day_use: DayUse,
    /// Bookings of at least one night.
    pub bookings: usize,
    pub taken: i64,
    /// By reason code.
    pub refused: BTreeMap<String, i64>,
    /// Bookings without an answer, which none should be.
    pub unanswered: i64,
    pub failed_steps: BTreeMap<String, i64>,
    /// Of those taken.
    pub checked_out: i64,
    /// Of those checked out: left on the day of arrival, without a night.
    pub left_on_arrival_day: i64,
    pub canceled: i64,
    pub no_show: i64,
    pub turned_away: TurnedAway,
    pub repairs: BTreeMap<String, i64>,
    pub unknown: BTreeMap<String, i64>,
    pub over_capacity: OverCapacity,
    pub months: Vec<Month>,
    pub total: Figures,
}

/// Refused bookings whose guests did stay in the real hotel.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct TurnedAway {
    pub bookings: i64,
    pub room_nights: i64,
    pub revenue_minor: i64,
}

/// Nights (counted per pool) with more rooms on the books than the pool has.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct OverCapacity {
    /// At some time between the first booking and the end.
    pub for_a_time: i64,
    /// Still at the end: somebody slept elsewhere.
    pub at_the_end: i64,
    /// The fullest night over all pools, at its fullest.
    pub peak_rooms: i64,
    pub peak_day: String,
}

#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Month {
    /// `2015-07`
    pub month: String,
    pub days: i64,
    #[serde(flatten)]
    pub figures: Figures,
}

/// What hotels compare themselves by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Figures {
    pub room_nights: i64,
    pub rooms_available: i64,
    /// Room nights of the rooms available.
    pub occupancy_bp: i64,
    pub revenue_minor: i64,
    /// Revenue by room night: average daily rate.
    pub adr_minor: i64,
    /// Revenue by room available.
    pub revpar_minor: i64,
}

impl Report {
    /// Sums up a replay of `plan`, which must be that of `history`.
    #[must_use]
    pub fn new(history: &History, plan: &Plan, outcomes: &Outcomes) -> Report {
        let (months, total) = sum_months(history, plan, &nights_stayed(history, outcomes));
        let mut report = Report {
            hotel: history.hotel.clone(),
            rooms: plan.rooms(),
            pools: plan.pools.clone(),
            overbook_bp: plan.overbook_bp,
            rows: history.rows,
            unreadable: BTreeMap::new(),
            day_use: history.day_use,
            bookings: history.stays.len(),
            taken: 0,
            refused: BTreeMap::new(),
            unanswered: 0,
            failed_steps: outcomes.failed_steps.clone(),
            checked_out: 0,
            left_on_arrival_day: 0,
            canceled: 0,
            no_show: 0,
            turned_away: TurnedAway::default(),
            repairs: count_by(
                history.repairs.iter().map(|(repair, count)| (repair.code(), *count)),
            ),
            unknown: count_by(history.unknown.iter().map(|(column, count)| (*column, *count))),
            over_capacity: find_over_capacity(history, plan, outcomes),
            months,
            total,
        };
        for row in &history.unreadable {
            *report.unreadable.entry(row.why.code().to_owned()).or_default() += 1;
        }
        report.count_answers(history, outcomes);
        report
    }

    /// The report as a file for programs.
    #[must_use]
    pub fn to_json(&self) -> String {
        let text = serde_json::to_string_pretty(self);
        text.expect("numbers, texts and maps of text always have a JSON form") + "\n"
    }

    /// Puts what the store holds in place of what was expected; gives every difference in words.
    pub fn take_stored(&mut self, history: &History, plan: &Plan, stored: &Stored) -> Vec<String> {
        let mut differences = Vec::new();
        let mut take = |what: &str, own: &mut i64, stored: i64| {
            if *own != stored {
                differences.push(format!("{what}: {stored} in the store, {own} expected"));
            }
            *own = stored;
        };
        let in_state = |word| stored.by_state.get(word).copied().unwrap_or(0);
        take("checked out", &mut self.checked_out, in_state("completed"));
        take("canceled", &mut self.canceled, in_state("canceled"));
        take("no-shows", &mut self.no_show, in_state("no_show"));
        take("taken", &mut self.taken, stored.by_state.values().sum());
        let left = &mut self.left_on_arrival_day;
        take("left on the day of arrival", left, stored.left_on_arrival_day);
        let (months, total) = sum_months(history, plan, &stored.nights);
        for month in &months {
            let same_month = |other: &&Month| other.month == month.month;
            let expected = self.months.iter().find(same_month).map(|other| other.figures);
            let mut expected = expected.unwrap_or_default();
            let figures = month.figures;
            let what = format!("room nights of {}", month.month);
            take(&what, &mut expected.room_nights, figures.room_nights);
            let what = format!("revenue of {}", month.month);
            take(&what, &mut expected.revenue_minor, figures.revenue_minor);
        }
        (self.months, self.total) = (months, total);
        differences
    }

    fn count_answers(&mut self, history: &History, outcomes: &Outcomes) {
        for (booking, answer) in history.stays.iter().zip(&outcomes.answers) {
            match answer {
                Answer::None => self.unanswered += 1,
                Answer::Refused { code } => {
                    *self.refused.entry(code.clone()).or_default() += 1;
                    let nights = booking.nights_stayed();
                    if 0 < nights {
                        self.turned_away.bookings += 1;
                        self.turned_away.room_nights += nights;
                        self.turned_away.revenue_minor += nights * booking.adr_minor;
                    }
                }
                Answer::Taken => {
                    self.taken += 1;
                    match booking.end {
                        End::CheckedOut { .. } => {
                            self.checked_out += 1;
                            self.left_on_arrival_day += i64::from(booking.nights_stayed() == 0);
                        }
                        End::Canceled { .. } => self.canceled += 1,
                        End::NoShow => self.no_show += 1,
                    }
                }
            }
        }
    }
}

fn count_by<'a>(counts: impl Iterator<Item = (&'a str, i64)>) -> BTreeMap<String, i64> {
    counts.map(|(code, count)| (code.to_owned(), count)).collect()
}

fn find_over_capacity(history: &History, plan: &Plan, outcomes: &Outcomes) -> OverCapacity {
    let pool_of = |stay| outcomes.is_taken(stay).then(|| plan.pool_of(stay));
    let books = Books::keep(history, &plan.days, plan.pools.len(), pool_of);
    let (peak_day, peak_rooms) = books.peak();
    let mut over =
        OverCapacity { for_a_time: 0, at_the_end: 0, peak_rooms, peak_day: peak_day.to_string() };
    for (at, pool) in plan.pools.iter().enumerate() {
        for night in books.nights(at) {
            over.for_a_time += i64::from(pool.rooms < night.most);
            over.at_the_end += i64::from(pool.rooms < night.end);
        }
    }
    over
}

/// Every night that a guest stayed, as far as the bookings were taken.
fn nights_stayed(history: &History, outcomes: &Outcomes) -> BTreeMap<Day, NightSum> {
    let mut nights: BTreeMap<Day, NightSum> = BTreeMap::new();
    for (stay, booking) in history.stays.iter().enumerate() {
        if !outcomes.is_taken(stay) {
            continue;
        }
        for offset in 0..booking.nights_stayed() {
            let night = nights.entry(booking.stay.first_day.plus(offset)).or_default();
            night.room_nights += 1;
            night.revenue_minor += booking.adr_minor;
        }
    }
    nights
}

/// Every month from the first arrival to the last night booked, full or empty.
fn sum_months(
    history: &History,
    plan: &Plan,
    nights: &BTreeMap<Day, NightSum>,
) -> (Vec<Month>, Figures) {
    let stays = || history.stays.iter().map(|booking| booking.stay);
    let first = stays().map(|stay| stay.first_day).min().map_or(0, month_number);
    let last = stays().map(|stay| stay.end_day.plus(-1)).max().map_or(-1, month_number);
    let mut months: BTreeMap<i64, NightSum> =
        (first..=last).map(|at| (at, NightSum::default())).collect();
    for (day, night) in nights {
        let month = months.entry(month_number(*day)).or_default();
        month.room_nights += night.room_nights;
        month.revenue_minor += night.revenue_minor;
    }
    let mut total = Figures::default();
    let finish = |(month, NightSum { room_nights, revenue_minor }): (i64, NightSum)| {
        let days = first_of(month + 1).0 - first_of(month).0;
        let rooms_available = plan.rooms() * days;
        total.room_nights += room_nights;
        total.revenue_minor += revenue_minor;
        total.rooms_available += rooms_available;
        let figures = Figures { room_nights, revenue_minor, rooms_available, ..Figures::default() };
        let name = format!("{:04}-{:02}", month.div_euclid(12), month.rem_euclid(12) + 1);
        Month { month: name, days, figures: figures.with_ratios() }
    };
    let months = months.into_iter().map(finish).collect();
    (months, total.with_ratios())
}

impl Figures {
    fn with_ratios(self) -> Figures {
        Figures {
            occupancy_bp: half_up(self.room_nights * 10_000, self.rooms_available),
            adr_minor: half_up(self.revenue_minor, self.room_nights),
            revpar_minor: half_up(self.revenue_minor, self.rooms_available),
            ..self
        }
    }
}

/// The quotient of two numbers that are not negative, rounded half up; 0 for a share of nothing.
fn half_up(part: i64, whole: i64) -> i64 {
    if whole == 0 { 0 } else { (2 * part + whole) / (2 * whole) }
}

/// Months since the year 0.
fn month_number(day: Day) -> i64 {
    let date = day.civil();
    i64::from(date.year()) * 12 + i64::from(date.month()) - 1
}

/// The first day of a month.
fn first_of(month: i64) -> Day {
    let year = i16::try_from(month.div_euclid(12)).unwrap_or(i16::MAX);
    let place = i8::try_from(month.rem_euclid(12) + 1).unwrap_or(1);
    jiff::civil::Date::new(year, place, 1).map_or(Day(0), Day::from)
}
