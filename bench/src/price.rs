//! `bench price`: what one price costs the processor, without a store and without HTTP: a long stay
//! under many rules, and the prices of one page of a search.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use tokio::time::Instant;
use vacancy_domain::ids::{LineId, PoolId};
use vacancy_domain::ledger::Line;
use vacancy_domain::money::Currency;
use vacancy_domain::prices::guests::Guests;
use vacancy_domain::prices::learned::DemandStep;
use vacancy_domain::prices::tariff::{
    Bounds, Collected, Effect, GuestRates, Levy, LevyAmount, LevyKind, Meals, Offset, Per,
    RatePlan, Rule, Weekdays, When,
};
use vacancy_domain::prices::{self, Price, RateRange, Rates, Sale, Tariff, Terms};
use vacancy_domain::stays::{Day, Stay};

use crate::report::Pages;

/// Prices of one round; the quickest and the slowest of the rounds are told beside the middle one.
const ROUND_PRICES: u32 = 2_000;
const ROUNDS: usize = 51;
const STAY_US_MAX: u128 = 20;
const PAGE_US_MAX: u128 = 100;
const TODAY: Day = Day(20_800);
const ARRIVAL: Day = Day(20_887);
const RULES: i64 = 30;
const TYPES: u128 = 3;
const PAGE_HOTELS: usize = 20;

#[derive(Args)]
pub(crate) struct Options {
    #[command(flatten)]
    pages: Pages,
}

pub(crate) fn run(options: &Options) -> Result<(), String> {
    let rates = rates()?;
    let stay = times(|| price(&rates, &lines(14, &[1, 2, 3])))?;
    let page = times(|| {
        let hotels = (0..PAGE_HOTELS).map(|_| {
            let types = (1..=TYPES).map(|pool| price(&rates, &lines(2, &[pool])));
            types.filter_map(|price| Some(price?.total_minor)).min()
        });
        hotels.sum::<Option<i64>>()
    })?;
    let row = |what: &str, times: &[Duration; 3], most: u128| {
        let [least, middle, worst] = times.map(|time| micros(time.as_nanos()));
        format!("| {what} | {middle} µs | {least} to {worst} µs | ≤ {most} µs |\n")
    };
    let table = format!(
        "Medians of {ROUNDS} rounds of {ROUND_PRICES}; one thread, all in memory.\n\n\
         | | median | all rounds | goal |\n|---|---|---|---|\n{}{}",
        row("14 nights, 3 room types, {RULES} rules", &stay, STAY_US_MAX)
            .replace("{RULES}", &RULES.to_string()),
        row("a page: 20 hotels × 3 room types, 2 nights each, the same rules", &page, PAGE_US_MAX),
    );
    println!("{table}");
    options.pages.put("price", &table)?;
    let is_right = stay[1].as_micros() < STAY_US_MAX && page[1].as_micros() < PAGE_US_MAX;
    is_right.then_some(()).ok_or_else(|| "slower than its goal; see above".to_owned())
}

/// The quickest, the middle and the slowest time of one call, over all rounds.
fn times<T>(mut call: impl FnMut() -> Option<T>) -> Result<[Duration; 3], String> {
    let mut rounds = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let began = Instant::now();
        for _ in 0..ROUND_PRICES {
            black_box(call()).ok_or("a price is refused")?;
        }
        rounds.push(began.elapsed() / ROUND_PRICES);
    }
    rounds.sort();
    Ok([rounds[0], rounds[ROUNDS / 2], rounds[ROUNDS - 1]])
}

/// Microseconds with two decimals.
fn micros(nanos: u128) -> String {
    format!("{}.{:02}", nanos / 1_000, nanos % 1_000 / 10)
}

fn price(rates: &Rates, lines: &[Line]) -> Option<Price> {
    let terms = Terms { plan: Some("SAVER".to_owned()), promo: None };
    let guests: Vec<Guests> =
        lines.iter().map(|_| Guests { adults: 2, children: vec![4] }).collect();
    let fill_bp = |_, day: Day| day.0 % 10 * 1_000;
    let sale = Sale { today: TODAY, terms: &terms, guests: &guests, fill_bp: &fill_bp };
    prices::price(lines, rates, &sale).ok()
}

fn lines(nights: i64, pools: &[u128]) -> Vec<Line> {
    let stay = Stay::new(ARRIVAL, ARRIVAL.plus(nights));
    let line = |pool: &u128| Line { id: LineId(*pool), pool: PoolId(*pool), stay, units: 1 };
    pools.iter().map(line).collect()
}

/// A hotel with everything: seasons, a derived plan, thirty rules of which most concern the stay,
/// guests, taxes and fees.
fn rates() -> Result<Rates, String> {
    let pools: Vec<PoolId> = (1..=TYPES).map(PoolId).collect();
    let season = |at: i64| Stay::new(TODAY.plus(30 * at), TODAY.plus(30 * (at + 1)));
    let ranges = pools.iter().flat_map(|pool| {
        (0..12).map(|at| RateRange { pool: *pool, stay: season(at), amount_minor: 9_000 + 50 * at })
    });
    let guests = GuestRates {
        adults_included: 2,
        extra_adult_minor: 3_000,
        fewer_adult_minor: 500,
        beds_included: 2,
        extra_bed_minor: 1_000,
        children: Vec::new(),
    };
    let fixed = |minor, per| LevyAmount::Fixed { minor, per };
    let levies = vec![
        levy("vat", LevyAmount::Percent { bp: 600 }, Collected::Included),
        levy("cleaning", fixed(2_500, Per::Stay), Collected::OnTop),
        levy("city tax", fixed(200, Per::PersonNight), Collected::AtProperty),
    ];
    Ok(Rates {
        currency: Currency::EUR,
        base_minor: pools.iter().map(|pool| (*pool, 10_000)).collect(),
        ranges: ranges.collect(),
        tax_bp: 0,
        tariff: Arc::new(Tariff {
            plans: vec![plan("FLEX", None), plan("SAVER", Some("FLEX"))],
            plan_ranges: BTreeMap::new(),
            rules: (0..RULES).map(rule).collect(),
            guests: pools.iter().map(|pool| (*pool, guests.clone())).collect(),
            levies,
            restrictions: Vec::new(),
            policies: Vec::new(),
        }),
    })
}

fn plan(code: &str, parent: Option<&str>) -> RatePlan {
    RatePlan {
        code: code.to_owned(),
        name: code.into(),
        parent: parent.map(str::to_owned),
        offset: Offset::Percent { bp: -300 },
        meals: Meals::Breakfast,
        meal_adult_minor: 1_200,
        meal_child_minor: 600,
        pools: Vec::new(),
        policy: None,
    }
}

/// Of ten rules: two seasons, three weekdays, a stay, a lead time, two promotions that nobody
/// names, one of demand.
fn rule(number: i64) -> Rule {
    let bounds = |min| Bounds { min: Some(min), max: None };
    let mut when = When::ALWAYS;
    let mut effect = Effect::Offset(Offset::Percent { bp: 100 + 10 * number });
    match number % 10 {
        0 | 1 => when.days = Some(Stay::new(ARRIVAL.plus(number), ARRIVAL.plus(number + 7))),
        2..=4 => when.weekdays = Weekdays::of(&[4, 5]),
        5 => when.nights = bounds(2),
        6 => when.lead_days = bounds(14),
        7 | 8 => when.promo = Some("SPRING".to_owned()),
        _ => {
            let step = |at: i64| DemandStep { fill_bp: 2_000 * at, change_bp: 300 * at };
            effect = Effect::Demand((0..5).map(step).collect());
        }
    }
    Rule {
        code: format!("RULE{number}"),
        name: format!("rule {number}").into(),
        position: number,
        when,
        effect,
        limits_minor: Bounds { min: Some(1_000), max: Some(900_000) },
    }
}

fn levy(name: &str, amount: LevyAmount, collected: Collected) -> Levy {
    Levy {
        code: name.to_uppercase(),
        name: name.to_owned(),
        kind: LevyKind::Tax,
        amount,
        collected,
        age_min: 13,
        nights_max: Some(7),
    }
}
