//! Goal: every part of a tariff comes back from either engine as it went in, and a price as it was
//! agreed.
//! Method: one hotel, written and read through the public functions in one transaction.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::sync::Arc;

use uuid::Uuid;
use vacancy_domain::deposits::{Deposit, Rest};
use vacancy_domain::ids::{LineId, PoolId, PropertyId};
use vacancy_domain::ledger::Line;
use vacancy_domain::money::Currency;
use vacancy_domain::policies::{Fee, Policy, PolicyStep};
use vacancy_domain::prices::guests::Guests;
use vacancy_domain::prices::learned::{DemandStep, LearnedTable};
use vacancy_domain::prices::restrictions::Restriction;
use vacancy_domain::prices::tariff::{
    AgeBand, Bounds, Collected, Effect, GuestRates, Levy, LevyAmount, LevyKind, Meals, Offset, Per,
    RatePlan, Rule, Weekdays, When,
};
use vacancy_domain::prices::{self, RateRange, Rates, Sale, Tariff, Terms};
use vacancy_domain::stays::{Day, Stay};
use vacancy_store::sql::tx::{Sql, Tx};
use vacancy_store::tariffs::{self, Part, PartKind};
use vacancy_store::testing::{fixtures, on_both_engines};
use vacancy_store::{plan_rates, prices as stored_prices};

const POOL: PoolId = PoolId(3);
const PROPERTY: PropertyId = PropertyId(2);

fn table() -> LearnedTable {
    let rows = (0..7).map(|weekday| format!("{weekday},0,0,{}\n", 9_000 + weekday));
    let text: String = rows.collect();
    LearnedTable::parse(&format!("weekday,leadDaysFrom,fillBpFrom,factorBp\n{text}")).unwrap()
}

fn plan(code: &str, parent: Option<&str>, offset: Offset) -> RatePlan {
    RatePlan {
        code: code.into(),
        name: format!("Plan {code}").into(),
        parent: parent.map(str::to_owned),
        offset,
        meals: Meals::HalfBoard,
        meal_adult_minor: 900,
        meal_child_minor: 400,
        pools: vec![POOL],
        policy: None,
    }
}

fn rule(code: &str, position: i64, effect: Effect) -> Rule {
    Rule {
        code: code.into(),
        name: "A rule".into(),
        position,
        when: When {
            pools: vec![POOL],
            plans: vec!["SAVER".into()],
            days: Some(Stay::new(Day(10), Day(20))),
            weekdays: Weekdays::of(&[0, 6]),
            nights: Bounds { min: Some(2), max: None },
            lead_days: Bounds { min: None, max: Some(30) },
            promo: Some("SPRING".into()),
        },
        effect,
        limits_minor: Bounds { min: Some(1), max: Some(90_000) },
    }
}

fn levy(code: &str, amount: LevyAmount, collected: Collected) -> Levy {
    let (kind, nights_max) = (LevyKind::Fee, Some(7));
    Levy {
        code: code.into(),
        name: "A fee".into(),
        kind,
        amount,
        collected,
        age_min: 13,
        nights_max,
    }
}

/// One with every kind of fee.
fn policy() -> Policy {
    let fees = [Fee::Nothing, Fee::Percent { bp: 2_500 }, Fee::FirstNight, Fee::All];
    let hours = [None, Some(72), Some(24), Some(0)];
    let steps = hours.into_iter().zip(fees);
    Policy {
        code: "P1".into(),
        name: "Flexible".into(),
        is_standard: true,
        steps: steps.map(|(hours_before, fee)| PolicyStep { hours_before, fee }).collect(),
        no_show: Fee::Fixed { minor: 5_000 },
        deposit: Some(Deposit {
            now: Fee::Percent { bp: 3_000 },
            rest: Rest::BeforeArrival { hours: 336 },
        }),
    }
}

fn restriction() -> Restriction {
    Restriction {
        code: "R0".into(),
        pools: vec![POOL],
        plans: vec!["SAVER".into()],
        days: Stay::new(Day(10), Day(20)),
        closed: true,
        closed_to_arrival: false,
        closed_to_departure: true,
        arrival_nights: Bounds { min: Some(2), max: None },
        through_nights: Bounds { min: None, max: Some(9) },
        lengths: vec![3, 7],
        lead_days: Bounds { min: Some(1), max: Some(300) },
        cutoff_minutes: Some(1_080),
        rooms_max: Some(4),
        adults_only: true,
        child_age_min: Some(6),
        infants_max: Some(1),
    }
}

fn guests() -> GuestRates {
    GuestRates {
        adults_included: 2,
        extra_adult_minor: 3_000,
        fewer_adult_minor: 500,
        beds_included: 3,
        extra_bed_minor: 700,
        children: vec![AgeBand { age_max: 11, amount_minor: 1_000, needs_bed: true }],
    }
}

/// One of each kind and form, in the order in which they are read.
fn parts() -> Vec<Part> {
    let step = DemandStep { fill_bp: 8_000, change_bp: 1_500 };
    let fixed = |per| LevyAmount::Fixed { minor: 200, per };
    vec![
        Part::Levy(levy("A", LevyAmount::Percent { bp: 700 }, Collected::Included)),
        Part::Levy(levy("B", fixed(Per::Stay), Collected::OnTop)),
        Part::Levy(levy("C", fixed(Per::Night), Collected::OnTop)),
        Part::Levy(levy("D", fixed(Per::Person), Collected::OnTop)),
        Part::Levy(levy("E", fixed(Per::PersonNight), Collected::AtProperty)),
        Part::Plan(plan("FLEX", None, Offset::Percent { bp: 500 })),
        Part::Policy(policy()),
        Part::Restriction(restriction()),
        Part::Rule(rule("R1", 3, Effect::Offset(Offset::Amount { minor: -5 }))),
        Part::Rule(rule("R2", 2, Effect::Demand(vec![step]))),
        Part::Rule(rule("R3", 1, Effect::Learned(table()))),
        Part::Rule(rule("R4", 4, Effect::Round { to_minor: 50 })),
        Part::Plan(plan("SAVER", Some("FLEX"), Offset::Amount { minor: -100 })),
    ]
}

async fn build(tx: &Tx<'_>) {
    tariffs::lock(tx, PROPERTY).await.unwrap();
    for part in parts() {
        tariffs::insert(tx, PROPERTY, &part).await.unwrap();
    }
    tariffs::insert(tx, PROPERTY, &Part::Guests(POOL, guests())).await.unwrap();
}

#[test]
fn every_part_comes_back_as_it_went_in() {
    on_both_engines(|db| {
        Box::pin(async move {
            fixtures::property(&db, PROPERTY, &[(POOL, 5)]).await.unwrap();
            let write = db.write(|tx| {
                Box::pin(async move {
                    build(tx).await;
                    let known = tariffs::parts(tx, PROPERTY).await?;
                    let own = known.iter().filter(|stored| stored.part.kind() != PartKind::Guests);
                    let own: Vec<Part> = own.map(|stored| stored.part.clone()).collect();
                    assert_eq!(own, parts());
                    assert!(known.iter().all(|stored| stored.version == 1));
                    let other = Part::Rule(rule("R1", 9, Effect::Learned(table())));
                    assert!(tariffs::update(tx, PROPERTY, &other).await?);
                    let none = Part::Rule(rule("R9", 9, Effect::Learned(table())));
                    assert!(!tariffs::update(tx, PROPERTY, &none).await?);
                    let loaded = tariffs::load(tx, &[PROPERTY], Stay::new(Day(1), Day(2))).await?;
                    let tariff = &loaded[&PROPERTY];
                    let order: Vec<&str> =
                        tariff.rules.iter().map(|rule| rule.code.as_str()).collect();
                    assert_eq!(order, ["R3", "R2", "R4", "R1"], "by position");
                    assert_eq!(tariff.guests[&POOL], guests());
                    assert_eq!((tariff.plans.len(), tariff.levies.len()), (2, 5));
                    assert!(tariffs::delete(tx, PROPERTY, PartKind::Rule, "R1").await?);
                    assert!(!tariffs::delete(tx, PROPERTY, PartKind::Rule, "R1").await?);
                    Ok(())
                })
            });
            write.await.unwrap();
        })
    });
}

#[test]
fn rates_of_a_plan_go_with_it() {
    on_both_engines(|db| {
        Box::pin(async move {
            fixtures::property(&db, PROPERTY, &[(POOL, 5)]).await.unwrap();
            let write = db.write(|tx| {
                Box::pin(async move {
                    build(tx).await;
                    let range = |first, end, amount_minor| RateRange {
                        pool: POOL,
                        stay: Stay::new(Day(first), Day(end)),
                        amount_minor,
                    };
                    for own in [range(1, 3, 1), range(5, 9, 2), range(1, 6, 3)] {
                        plan_rates::set_range(tx, PROPERTY, "FLEX", own).await?;
                    }
                    let stay = Stay::new(Day(5), Day(6));
                    let loaded = tariffs::load(tx, &[PROPERTY], stay).await?;
                    let ranges = &loaded[&PROPERTY].plan_ranges;
                    assert_eq!(ranges["FLEX"], [range(5, 9, 2), range(1, 6, 3)]);
                    assert!(tariffs::delete(tx, PROPERTY, PartKind::Plan, "FLEX").await?);
                    assert!(plan_rates::ranges(tx, &[PROPERTY], stay).await?.is_empty());
                    Ok(())
                })
            });
            write.await.unwrap();
        })
    });
}

#[test]
fn a_price_with_all_its_parts_survives_its_text() {
    let (mut levies, mut plans, mut rules) = (Vec::new(), Vec::new(), Vec::new());
    let mut policies = Vec::new();
    for part in parts() {
        match part {
            Part::Levy(levy) => levies.push(levy),
            Part::Plan(plan) => plans.push(plan),
            Part::Rule(rule) => rules.push(rule),
            Part::Policy(policy) => policies.push(policy),
            Part::Guests(..) | Part::Restriction(_) => {}
        }
    }
    let guest_rates = BTreeMap::from([(POOL, guests())]);
    let plan_ranges = BTreeMap::new();
    let rates = Rates {
        currency: Currency::EUR,
        base_minor: BTreeMap::from([(POOL, 10_000)]),
        ranges: Vec::new(),
        tax_bp: 600,
        tariff: Arc::new(Tariff {
            plans,
            plan_ranges,
            rules,
            guests: guest_rates,
            levies,
            restrictions: Vec::new(),
            policies,
        }),
    };
    let terms = Terms { plan: Some("SAVER".into()), promo: Some("SPRING".into()) };
    let who = [Guests { adults: 3, children: vec![4] }];
    let sale = Sale { terms: &terms, guests: &who, ..Sale::plain(Day(9)) };
    let stay = Stay::new(Day(10), Day(15));
    let line = Line { id: LineId(1), pool: POOL, stay, units: 1 };
    let mut rich = prices::price(&[line], &rates, &sale).unwrap();
    rich = rich.with_policy(&rates.tariff, 1_000_000_000);
    let agreed = rich.cancellation.as_mut().unwrap();
    (agreed.floor_minor, agreed.kept_minor, agreed.back_minor) = (7, Some(9), Some(4));
    assert!(rich.lines[0].nights.iter().any(|night| 3 < night.trace.len()));
    let plain = Rates { tariff: Arc::default(), ..rates };
    let plain = prices::price(&[line], &plain, &Sale::plain(Day(9))).unwrap();
    for price in [rich, plain] {
        let text = stored_prices::to_text(&price);
        assert_eq!(stored_prices::from_text(&text).unwrap(), price);
    }
}

#[test]
fn a_price_from_before_tariffs_is_still_read() {
    let (line, pool) = (LineId(1), PoolId(2));
    let text = format!(
        "{{\"currency\":\"EUR\",\"lines\":[{{\"line\":\"{line}\",\"pool\":\"{pool}\",\
         \"units\":2,\"nights\":[[10,10000,\"base EUR 100.00\"]],\"total\":20000}}],\
         \"subtotal\":20000,\"tax_bp\":600,\"tax\":1200,\"total\":21200}}"
    );
    let price = stored_prices::from_text(&text).unwrap();
    assert_eq!((price.on_top_minor(), price.total_minor), (1_200, 21_200));
    assert_eq!(price.lines[0].nights[0].text(price.currency), "base EUR 100.00");
    let (name, bp) = (price.charges[0].name.as_str(), price.charges[0].bp);
    assert_eq!((name, bp), ("tax", 600));
}

#[test]
fn a_part_that_nobody_can_read_is_a_fault() {
    const SPOIL: Sql = Sql::new("UPDATE tariff_part SET body = 'x' WHERE property = $1");
    on_both_engines(|db| {
        Box::pin(async move {
            fixtures::property(&db, PROPERTY, &[(POOL, 5)]).await.unwrap();
            let spoilt = db.write(|tx| {
                Box::pin(async move {
                    build(tx).await;
                    tx.execute(&SPOIL, &[&Uuid::from_u128(PROPERTY.0)]).await?;
                    tariffs::parts(tx, PROPERTY).await
                })
            });
            assert!(spoilt.await.is_err());
        })
    });
}
