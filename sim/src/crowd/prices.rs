//! What the stays of the world cost, what it costs to end them, and what is paid to book them. Prices and
//! policies are the product's own; the oracle finds out again what they come to.

use std::sync::Arc;

use vacancy_domain::deposits::{Deposit, Rest};
use vacancy_domain::ledger::Line;
use vacancy_domain::money::Currency;
use vacancy_domain::policies::{self, Fee, Policy, PolicyStep};
use vacancy_domain::prices::levies::Charge;
use vacancy_domain::prices::tariff::{
    Bounds, Collected, Effect, LevyKind, Offset, Rule, Weekdays, When,
};
use vacancy_domain::prices::{self, Price, Rates, Sale, Tariff};
use vacancy_domain::stays::Day;

use super::{DAY_MS, House};
use crate::random::Random;

/// What a night of a unit costs in the cheapest pool of the world.
const NIGHT_MINOR: i64 = 1_000;
/// A tax that seldom comes to a whole cent.
const TAX_BP: i64 = 725;
/// What a guest pays who cancels late or does not come: what goes back twice is there.
const KEPT_BP: i64 = 6_667;
/// What is paid to book, by the name of the policy. The last one is more than a single night costs.
pub const DEPOSITS: [(&str, Fee); 4] = [
    ("a third", Fee::Percent { bp: 3_333 }),
    ("two thirds", Fee::Percent { bp: 6_667 }),
    ("the first night", Fee::FirstNight),
    ("fifteen", Fee::Fixed { minor: 1_500 }),
];

/// A price as it is offered to one guest: with a policy or without, with a deposit or without.
pub(super) fn offered(random: &mut Random, house: &House, lines: &[Line], today: Day) -> Price {
    let mut price = price(lines, today);
    if random.chance(600) {
        let policy = policy(random);
        let first_day = lines.iter().map(|line| line.stay.first_day.0).min().unwrap_or(0);
        let arrives_ms = first_day * DAY_MS - house.ahead_ms;
        price.cancellation = Some(policies::agree(&policy, &price, arrives_ms));
    }
    price
}

/// Two stays seldom cost the same, so that none can pass for another.
fn price(lines: &[Line], today: Day) -> Price {
    let night = |line: &Line| NIGHT_MINOR + i64::try_from(line.pool.0 % 0x100).unwrap_or(0);
    let rates = Rates {
        currency: Currency::EUR,
        base_minor: lines.iter().map(|line| (line.pool, night(line))).collect(),
        ranges: Vec::new(),
        tax_bp: TAX_BP,
        tariff: Arc::new(weekends()),
    };
    prices::price(lines, &rates, &Sale::plain(today)).expect("stays of the world have a price")
}

/// Friday and Saturday nights cost an eighth more, so that few nights of a stay cost the same.
fn weekends() -> Tariff {
    let weekdays = Weekdays::of(&[4, 5]);
    let rule = Rule {
        code: "WEEKEND".to_owned(),
        name: Arc::from("weekend"),
        position: 1,
        when: When { weekdays, ..When::ALWAYS },
        effect: Effect::Offset(Offset::Percent { bp: 1_250 }),
        limits_minor: Bounds::OPEN,
    };
    Tariff { rules: vec![rule], ..Tariff::default() }
}

/// A cent on top, as a fee.
pub(super) fn dearer(price: &mut Price) {
    let (name, kind) = ("more".to_owned(), LevyKind::Fee);
    let collected = Collected::OnTop;
    price.charges.push(Charge { name, kind, bp: 0, amount_minor: 1, collected });
    price.total_minor += 1;
}

/// Free for a while, then an end costs two thirds, and as much not to come. Some pay a part to book, and
/// the rest at the property or some time before they arrive; for some that time is over already.
fn policy(random: &mut Random) -> Policy {
    let hours_before = Some(random.between(0, 96)).filter(|_| random.chance(700));
    let mut policy = Policy {
        code: String::new(),
        name: String::new(),
        is_standard: true,
        steps: vec![PolicyStep { hours_before, fee: Fee::Percent { bp: KEPT_BP } }],
        no_show: Fee::Percent { bp: KEPT_BP },
        deposit: None,
    };
    if random.chance(750)
        && let Some((code, now)) = random.pick(&DEPOSITS).copied()
    {
        let hours = random.between(0, 96);
        let rest =
            if random.chance(850) { Rest::BeforeArrival { hours } } else { Rest::AtProperty };
        policy.deposit = Some(Deposit { now, rest });
        code.clone_into(&mut policy.code);
    }
    policy
}
