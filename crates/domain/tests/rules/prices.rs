//! Goal: what a price must be, whatever a business sets.
//! Method: random tariffs and parties within the limits that `checks` allows; then tables that tell
//! a price in words, through `told`.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use vacancy_domain::ids::{LineId, PoolId};
use vacancy_domain::ledger::Line;
use vacancy_domain::money::Currency;
use vacancy_domain::prices::guests::Guests;
use vacancy_domain::prices::learned::DemandStep;
use vacancy_domain::prices::tariff::{
    AgeBand, Bounds, Collected, Effect, GuestRates, Levy, LevyAmount, LevyKind, Meals, Offset, Per,
    RatePlan, Rule, Weekdays, When,
};
use vacancy_domain::prices::{
    self, Price, RATE_MINOR_MAX, RateRange, Rates, Sale, Tariff, Terms, checks,
};
use vacancy_domain::stays::{Day, Stay};

const POOL: PoolId = PoolId(1);
/// A Monday.
const TODAY: Day = Day(20_885);

fn rates(tariff: Tariff) -> Rates {
    let base_minor = BTreeMap::from([(POOL, 10_000)]);
    Rates {
        currency: Currency::EUR,
        base_minor,
        ranges: Vec::new(),
        tax_bp: 0,
        tariff: tariff.into(),
    }
}

fn rule(code: &str, when: When, effect: Effect) -> Rule {
    let limits_minor = Bounds::OPEN;
    Rule { code: code.into(), name: code.into(), position: 0, when, effect, limits_minor }
}

fn percent(bp: i64) -> Effect {
    Effect::Offset(Offset::Percent { bp })
}

fn plan(code: &str, parent: Option<&str>, offset: Offset) -> RatePlan {
    let (meals, pools) = (Meals::None, Vec::new());
    let parent = parent.map(str::to_owned);
    let (meal_adult_minor, meal_child_minor) = (0, 0);
    let name = code.into();
    RatePlan {
        code: code.into(),
        name,
        parent,
        offset,
        meals,
        meal_adult_minor,
        meal_child_minor,
        pools,
        policy: None,
    }
}

fn levy(name: &str, amount: LevyAmount, collected: Collected) -> Levy {
    let kind = LevyKind::Tax;
    Levy {
        code: "L".into(),
        name: name.into(),
        kind,
        amount,
        collected,
        age_min: 13,
        nights_max: Some(2),
    }
}

fn of_plan(code: &str) -> Terms {
    Terms { plan: Some(code.to_owned()), promo: None }
}

fn line(first: i64, nights: i64, units: i64) -> Line {
    let stay = Stay::new(TODAY.plus(first), TODAY.plus(first + nights));
    Line { id: LineId(1), pool: POOL, stay, units }
}

/// The first night's trace.
#[track_caller]
fn told(tariff: Tariff, (first, nights): (i64, i64), with: Sale<'_>, expected: &str) {
    let price = prices::price(&[line(first, nights, 1)], &rates(tariff), &with).unwrap();
    assert_eq!(price.lines[0].nights[0].text(Currency::EUR), expected);
}

fn of_rule(rule: Rule) -> Tariff {
    Tariff { rules: vec![rule], ..Tariff::default() }
}

#[test]
fn a_night_is_rounded_to_the_nearest_multiple_by_a_step_of_its_own() {
    let dear = Rule { position: 0, ..rule("dear", When::ALWAYS, percent(275)) };
    let even = Effect::Round { to_minor: 500 };
    let even = Rule { position: 1, ..rule("even", When::ALWAYS, even) };
    let tariff = Tariff { rules: vec![dear, even], ..Tariff::default() };
    // 102.75 is nearer to 105.00 than to 100.00.
    told(tariff, (0, 1), Sale::plain(TODAY), "base EUR 100.00 · dear +2.75 % · even +EUR 2.25");
}

#[test]
fn a_rule_applies_when_all_its_conditions_hold() {
    let plain = Sale::plain(TODAY);
    let weekend = When { weekdays: Weekdays::of(&[4, 5]), ..When::ALWAYS };
    let weekend = || of_rule(rule("weekend", weekend.clone(), percent(1_250)));
    told(weekend(), (4, 1), plain, "base EUR 100.00 · weekend +12.5 %");
    told(weekend(), (3, 1), plain, "base EUR 100.00");
    let days = Some(Stay::new(TODAY.plus(10), TODAY.plus(12)));
    let summer = When { days, ..When::ALWAYS };
    let fee = Effect::Offset(Offset::Amount { minor: -500 });
    let summer = || of_rule(rule("summer", summer.clone(), fee.clone()));
    told(summer(), (11, 1), plain, "base EUR 100.00 · summer EUR -5.00");
    told(summer(), (12, 1), plain, "base EUR 100.00");
    let long = When { nights: Bounds { min: Some(7), max: None }, ..When::ALWAYS };
    let long = || of_rule(rule("week", long.clone(), percent(-1_000)));
    told(long(), (0, 7), plain, "base EUR 100.00 · week -10 %");
    told(long(), (0, 6), plain, "base EUR 100.00");
    let late = When { lead_days: Bounds { min: None, max: Some(3) }, ..When::ALWAYS };
    let late = || of_rule(rule("late", late.clone(), percent(-2_000)));
    told(late(), (3, 1), plain, "base EUR 100.00 · late -20 %");
    told(late(), (4, 1), plain, "base EUR 100.00");
    let promo = When { promo: Some("SPRING".into()), ..When::ALWAYS };
    let promo = || of_rule(rule("spring", promo.clone(), percent(-505)));
    let spring = Terms { promo: Some("SPRING".into()), plan: None };
    let named = Sale { terms: &spring, ..plain };
    told(promo(), (0, 1), named, "base EUR 100.00 · spring -5.05 %");
    told(promo(), (0, 1), plain, "base EUR 100.00");
    let other = When { pools: vec![PoolId(2)], ..When::ALWAYS };
    told(of_rule(rule("other", other, percent(1))), (0, 1), plain, "base EUR 100.00");
}

#[test]
fn a_full_night_costs_more_within_floor_and_ceiling() {
    let steps = [(5_000, 1_000), (9_000, 5_000)];
    let steps = steps.map(|(fill_bp, change_bp)| DemandStep { fill_bp, change_bp });
    let mut demand = rule("demand", When::ALWAYS, Effect::Demand(steps.to_vec()));
    demand.limits_minor = Bounds { min: None, max: Some(12_000) };
    for (fill_bp, expected) in [
        (4_999, "base EUR 100.00"),
        (5_000, "base EUR 100.00 · demand +10 %"),
        (10_000, "base EUR 100.00 · demand +EUR 20.00"),
    ] {
        let fill = move |_, _| fill_bp;
        let sale = Sale { fill_bp: &fill, ..Sale::plain(TODAY) };
        told(of_rule(demand.clone()), (0, 1), sale, expected);
    }
}

#[test]
fn a_plan_derives_from_its_parent_or_has_rates_of_its_own() {
    let plans = vec![
        plan("FLEX", None, Offset::Percent { bp: 1_000 }),
        plan("SAVER", Some("FLEX"), Offset::Amount { minor: -1_500 }),
    ];
    let [saver, none] = ["SAVER", "NONE"].map(of_plan);
    let of = |terms| Sale { terms, ..Sale::plain(TODAY) };
    let derived = Tariff { plans, ..Tariff::default() };
    told(derived.clone(), (0, 1), Sale::plain(TODAY), "base EUR 100.00");
    told(derived.clone(), (0, 1), of(&saver), "base EUR 100.00 · FLEX +10 % · SAVER EUR -15.00");
    let own = |amount_minor| {
        let stay = Stay::new(TODAY, TODAY.plus(1));
        vec![RateRange { pool: POOL, stay, amount_minor }]
    };
    let mut set = derived.clone();
    set.plan_ranges.insert("FLEX".into(), own(20_000));
    told(set.clone(), (0, 1), of(&saver), "base EUR 200.00 · SAVER EUR -15.00");
    set.plan_ranges.insert("SAVER".into(), own(9_000));
    told(set, (0, 1), of(&saver), "base EUR 90.00");
    let unknown = prices::price(&[line(0, 1, 1)], &rates(derived), &of(&none));
    assert_eq!(unknown.unwrap_err().code(), "rate_not_offered");
}

#[test]
fn taxes_stand_on_top_inside_or_at_the_property() {
    let fixed = |minor, per| LevyAmount::Fixed { minor, per };
    let levies = vec![
        levy("vat", LevyAmount::Percent { bp: 700 }, Collected::Included),
        levy("cleaning", fixed(2_500, Per::Stay), Collected::OnTop),
        levy("linen", fixed(300, Per::Person), Collected::OnTop),
        levy("city tax", fixed(200, Per::PersonNight), Collected::AtProperty),
    ];
    let rates = rates(Tariff { levies, ..Tariff::default() });
    let guests = [Guests { adults: 2, children: vec![12, 13] }];
    let sale = Sale { guests: &guests, ..Sale::plain(TODAY) };
    let price = prices::price(&[line(0, 3, 1)], &rates, &sale).unwrap();
    let amounts: Vec<i64> = price.charges.iter().map(|charge| charge.amount_minor).collect();
    // 300.00 holds 19.63 of 7 %; three people of 13 and more, two nights at most.
    assert_eq!(amounts, [1_963, 2_500, 900, 1_200]);
    assert_eq!((price.total_minor, price.at_property_minor()), (33_400, 1_200));
    assert_eq!(price.whole().minor, 34_600);
}

fn any_offset() -> impl Strategy<Value = Offset> {
    prop_oneof![
        (-10_000..=100_000_i64).prop_map(|bp| Offset::Percent { bp }),
        (-RATE_MINOR_MAX..=RATE_MINOR_MAX).prop_map(|minor| Offset::Amount { minor }),
        (-1_000..=1_000_i64).prop_map(|bp| Offset::Percent { bp }),
    ]
}

fn any_rule() -> impl Strategy<Value = Rule> {
    let effect = prop_oneof![
        any_offset().prop_map(Effect::Offset),
        (-10_000..=90_000_i64)
            .prop_map(|change_bp| Effect::Demand(vec![DemandStep { fill_bp: 0, change_bp }])),
        (1..=RATE_MINOR_MAX).prop_map(|to_minor| Effect::Round { to_minor }),
    ];
    let limit = proptest::option::of(0..=RATE_MINOR_MAX);
    (effect, 0..5_usize, limit.clone(), limit).prop_map(|(effect, weekday, min, max)| {
        let weekdays = Weekdays::of(&[weekday, 6]);
        let limits_minor = Bounds { min, max };
        Rule { limits_minor, ..rule("r", When { weekdays, ..When::ALWAYS }, effect) }
    })
}

fn any_levy() -> impl Strategy<Value = Levy> {
    let per =
        prop_oneof![Just(Per::Stay), Just(Per::Night), Just(Per::Person), Just(Per::PersonNight)];
    let amount = prop_oneof![
        (0..=10_000_i64).prop_map(|bp| LevyAmount::Percent { bp }),
        (0..=100_000_i64, per).prop_map(|(minor, per)| LevyAmount::Fixed { minor, per }),
    ];
    let collected =
        prop_oneof![Just(Collected::OnTop), Just(Collected::Included), Just(Collected::AtProperty)];
    (amount, collected).prop_map(|(amount, collected)| levy("l", amount, collected))
}

fn any_guest_rates() -> impl Strategy<Value = GuestRates> {
    let minor = || prop_oneof![0..=5_000_i64, 0..=RATE_MINOR_MAX];
    let bands = proptest::collection::vec((minor(), any::<bool>()), 0..3);
    (1..4_i64, minor(), minor(), 1..4_i64, minor(), bands).prop_map(|parts| {
        let (adults_included, extra, fewer, beds_included, extra_bed_minor, bands) = parts;
        let band = |(at, (amount_minor, needs_bed)): (i64, (i64, bool))| AgeBand {
            age_max: 5 + 6 * at,
            amount_minor,
            needs_bed,
        };
        GuestRates {
            adults_included,
            extra_adult_minor: extra,
            fewer_adult_minor: fewer,
            beds_included,
            extra_bed_minor,
            children: (0..).zip(bands).map(band).collect(),
        }
    })
}

prop_compose! {
    fn any_rates()(
        code in proptest::sample::select(vec!["EUR", "JPY", "KWD", "INR", "CLF"]),
        base in prop_oneof![0..=50_000_i64, 0..=RATE_MINOR_MAX],
        rules in proptest::collection::vec(any_rule(), 0..8),
        levies in proptest::collection::vec(any_levy(), 0..5),
        guests in proptest::option::of(any_guest_rates()),
        (offset, meal) in (any_offset(), 0..5_000_i64),
        tax_bp in 0..=10_000_i64,
    ) -> Rates {
        let mut own = plan("P", None, offset);
        (own.meal_adult_minor, own.meal_child_minor) = (meal, meal / 2);
        let sound = rules.iter().all(|rule| {
            // Bounds that hold nothing are refused before they are stored.
            checks::rule(rule).is_empty()
        });
        let rules = if sound { rules } else { Vec::new() };
        let guests = guests.into_iter().map(|guests| (POOL, guests)).collect();
        let (plan_ranges, restrictions) = (BTreeMap::new(), Vec::new());
        Rates {
            currency: code.parse().unwrap(),
            base_minor: BTreeMap::from([(POOL, base)]),
            ranges: Vec::new(),
            tax_bp,
            tariff: Arc::new(Tariff { plans: vec![own], plan_ranges, rules, guests, levies, restrictions, policies: Vec::new() }),
        }
    }
}

fn priced(rates: &Rates, (nights, units): (i64, i64), guests: &Guests) -> Option<Price> {
    let guests = std::slice::from_ref(guests);
    let terms = of_plan("P");
    let sale = Sale { terms: &terms, guests, ..Sale::plain(TODAY) };
    prices::price(&[line(0, nights, units)], rates, &sale).ok()
}

proptest! {
    #[test]
    fn the_parts_of_every_price_add_up(
        rates in any_rates(),
        nights in 1..91_i64,
        units in 1..20_i64,
        adults in 0..30_i64,
        children in proptest::collection::vec(0..18_i64, 0..5),
    ) {
        let guests = Guests { adults, children };
        let Some(price) = priced(&rates, (nights, units), &guests) else { return Ok(()) };
        let mut subtotal = 0;
        for line in &price.lines {
            let people: i64 = line.guests.iter().map(|step| step.amount_minor).sum();
            let mut total = people * nights;
            for night in &line.nights {
                let trace: i64 = night.trace.iter().map(|step| step.amount_minor).sum();
                prop_assert_eq!(trace, night.amount_minor);
                prop_assert!(0 <= night.amount_minor * line.units + people);
                total += night.amount_minor * line.units;
            }
            prop_assert_eq!(total, line.total_minor);
            subtotal += total;
        }
        prop_assert_eq!(subtotal, price.subtotal_minor);
        prop_assert_eq!(price.total_minor, price.subtotal_minor + price.on_top_minor());
        prop_assert_eq!(price.whole().minor, price.total_minor + price.at_property_minor());
        prop_assert_eq!(Some(price), priced(&rates, (nights, units), &guests));
    }

    #[test]
    fn one_more_guest_never_costs_less(
        rates in any_rates(),
        nights in 1..8_i64,
        units in 1..4_i64,
        adults in 0..8_i64,
        children in proptest::collection::vec(0..18_i64, 0..4),
        age in proptest::option::of(0..18_i64),
    ) {
        let few = Guests { adults, children };
        let mut more = few.clone();
        match age {
            Some(age) => more.children.push(age),
            None => more.adults += 1,
        }
        let price = |guests: &Guests| priced(&rates, (nights, units), guests);
        if let (Some(few), Some(more)) = (price(&few), price(&more)) {
            prop_assert!(few.whole().minor <= more.whole().minor);
        }
    }
}

#[test]
fn no_number_is_too_large_to_be_refused() {
    const EDGES: [i64; 6] = [i64::MIN, -1, 0, 1, 10_000, i64::MAX];
    for a in EDGES {
        for b in EDGES {
            let offset = |minor| Offset::Amount { minor };
            let mut tariff = Tariff {
                plans: vec![plan("P", None, Offset::Percent { bp: b })],
                rules: vec![rule("r", When::ALWAYS, Effect::Offset(offset(a)))],
                levies: vec![levy("l", LevyAmount::Percent { bp: a }, Collected::Included)],
                ..Tariff::default()
            };
            tariff.rules[0].limits_minor = Bounds { min: Some(a), max: Some(b) };
            tariff.plans[0].meal_adult_minor = a;
            tariff.guests.insert(
                POOL,
                GuestRates {
                    adults_included: a,
                    extra_adult_minor: b,
                    fewer_adult_minor: a,
                    beds_included: b,
                    extra_bed_minor: a,
                    children: vec![AgeBand { age_max: b, amount_minor: a, needs_bed: true }],
                },
            );
            let mut set = rates(tariff);
            set.base_minor.insert(POOL, b);
            let guests = Guests { adults: b, children: vec![a, b] };
            let _some_or_none = priced(&set, (3, 2), &guests);
        }
    }
}
