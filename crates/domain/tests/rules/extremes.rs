//! Goal: no number, however absurd, makes a rule panic or turns a no into a yes. Method: the edges
//! of `i64` in every field of every input, in all pairs; debug builds panic on every wrap.

use std::collections::BTreeMap;

use vacancy_domain::availability;
use vacancy_domain::cells::{Cell, Stock};
use vacancy_domain::holds::{self, Place};
use vacancy_domain::ids::{HoldId, LineId, PaymentId, RefundId};
use vacancy_domain::ledger::Line;
use vacancy_domain::money::{AMOUNT_MINOR_MAX, Currency, Money};
use vacancy_domain::pools::{self, StockPatch};
use vacancy_domain::prices::{self, RateRange, Rates, Sale, Tariff};
use vacancy_domain::reservations::money::GivenBack;
use vacancy_domain::reservations::state::StayState;
use vacancy_domain::reservations::{self, Paid, money};
use vacancy_domain::stays::{Day, Stay};
use vacancy_domain::zones;

use crate::orders::check;
use crate::reservations::brought_to;
use crate::world::{HOUSE, World, pool_id};

const EDGES: [i64; 9] =
    [i64::MIN, i64::MIN + 1, -1, 0, 1, 11, AMOUNT_MINOR_MAX + 1, i64::MAX - 1, i64::MAX];

fn pairs() -> impl Iterator<Item = (i64, i64)> {
    EDGES.into_iter().flat_map(|a| EDGES.map(|b| (a, b)))
}

fn line(first_day: i64, end_day: i64, units: i64) -> Line {
    let stay = Stay::new(Day(first_day), Day(end_day));
    Line { id: LineId(7), pool: pool_id('A'), stay, units }
}

fn placed() -> World {
    let orders = "place h1 A10..12x1 => h1 until 600, held A10..12x1
         confirm h1 => posted A10..12x1, h1 confirmed until 600";
    check(World::new(""), orders)
}

#[test]
fn absurd_days_and_units_are_refused() {
    let world = placed();
    for (first_day, end_day) in pairs() {
        for units in EDGES {
            let lines = vec![line(first_day, end_day, units)];
            let is_sane = 10 <= first_day && first_day < end_day && (1..=5).contains(&units);
            for advance_days_max in EDGES.map(Some).into_iter().chain([None]) {
                let place = Place {
                    property: HOUSE,
                    hold: HoldId(2),
                    reference: String::new(),
                    lines: lines.clone(),
                    advance_days_max,
                };
                let placed = holds::place(&world.stock, &place);
                assert!(placed.is_err() || is_sane, "{first_day}..{end_day} x{units}");
                let amended = holds::amend(&world.stock, HoldId(1), &lines, advance_days_max);
                assert!(amended.is_err() || is_sane, "{first_day}..{end_day} x{units}");
            }
            assert!(holds::overdue_in_the_way(&world.stock, &lines).is_empty());
        }
        let stay = Stay::new(Day(first_day), Day(end_day));
        let is_short = availability::check_stay(stay, Day(10)).is_ok();
        assert!(!is_short || (1..=90).contains(&(i128::from(end_day) - i128::from(first_day))));
    }
}

#[test]
fn absurd_stock_is_refused() {
    let world = placed();
    let pool = pool_id('A');
    for (a, b) in pairs() {
        let is_sane = (0..=100_000).contains(&a);
        let range = (Day(a), Day(b));
        let _answer = pools::set_stock(&world.stock, pool, range, &StockPatch::default());
        let patches = [
            StockPatch { capacity: Some(a), ..StockPatch::default() },
            StockPatch { blocked: Some(a), blocked_delta: Some(b), ..StockPatch::default() },
            StockPatch { out_of_order: Some(a), ..StockPatch::default() },
            StockPatch { overbook_bp: Some(a), ..StockPatch::default() },
            StockPatch { stay_nights_min: Some(a), ..StockPatch::default() },
            StockPatch { stay_nights_max: Some(a), ..StockPatch::default() },
        ];
        for patch in patches {
            let set = pools::set_stock(&world.stock, pool, (Day(10), Day(12)), &patch);
            assert!(set.is_err() || is_sane, "{patch:?}");
        }
        let set = pools::set_default(&world.stock, pool, Some(a), Some(b), Day(a));
        assert!(set.is_err() || is_sane);
        let stock = Stock { capacity: a, blocked: b, out_of_order: b, overbook_bp: a };
        let mut cell = Cell::untouched(stock);
        assert!(0 <= cell.limit_units);
        (cell.held, cell.sold) = (a, b);
        let _free = cell.free_units();
    }
}

#[test]
fn absurd_amounts_are_refused() {
    for (a, b) in pairs() {
        let rates = Rates {
            currency: Currency::EUR,
            base_minor: BTreeMap::from([(pool_id('A'), a)]),
            ranges: vec![RateRange {
                pool: pool_id('A'),
                stay: Stay::new(Day(10), Day(11)),
                amount_minor: b,
            }],
            tax_bp: a,
            tariff: Tariff::default().into(),
        };
        for units in EDGES {
            if let Ok(price) =
                prices::price(&[line(10, 12, units), line(11, 12, 1)], &rates, &Sale::plain(Day(0)))
            {
                assert!(price.total_minor.abs() <= AMOUNT_MINOR_MAX, "{price:?}");
                assert_eq!(price.total_minor, price.subtotal_minor + price.on_top_minor());
            }
            let forever = prices::price(&[line(a, b, units)], &rates, &Sale::plain(Day(0)));
            assert!(forever.is_err() || (1..=90).contains(&Stay::new(Day(a), Day(b)).nights()));
        }
        let money = Money::new(a, Currency::EUR);
        let others = [money.plus(Money::new(b, Currency::EUR)), money.times(b), money.share_bp(b)];
        assert!(others.iter().flatten().all(|sum| sum.minor.abs() <= AMOUNT_MINOR_MAX));
        assert!(money.to_string().starts_with("EUR "));
    }
}

#[test]
fn absurd_payments_never_wrap_a_sum() {
    for state in StayState::ALL {
        for (a, b) in pairs() {
            let mut world = brought_to(state);
            let reservation = world.stock.reservations.get_mut(&HoldId(1)).unwrap();
            (reservation.paid_minor, reservation.refunded_minor) = (a, b);
            reservation.allowance_minor = a;
            let refunded = reservation.clone().refunded(b, b);
            assert!(!format!("{refunded:?}").is_empty());
            let numbers = [reservation.due_minor(), reservation.unreturned_minor()];
            assert!(numbers.iter().all(|minor| 0 <= *minor) && 0 <= reservation.owed_minor());
            let paid = Paid { payment: PaymentId(1), amount_minor: b };
            let confirmed = reservations::confirm(&world.stock, HoldId(1), Some(paid));
            assert!(confirmed.is_err() || (0..=AMOUNT_MINOR_MAX).contains(&b));
            let back = GivenBack {
                refund: RefundId(1),
                payment: PaymentId(1),
                amount_minor: b,
                reason: String::new(),
                is_still_due: true,
                provider_refund_id: String::new(),
            };
            let refunded = money::refund(&world.stock, HoldId(1), &back);
            assert!(refunded.is_err(), "nothing was captured");
        }
    }
}

#[test]
fn absurd_times_neither_panic_nor_shorten_a_hold() {
    for (now_ms, ttl_ms) in pairs() {
        let mut world = World::new("");
        world.stock.now_ms = now_ms;
        world.stock.properties.get_mut(&HOUSE).unwrap().hold_ttl_ms = ttl_ms;
        world.order("book h1 A10..12x1 price=100");
        world.order("guest.extend h1");
        world.order("guest.lapse h1");
        world.order("guest.confirm h1");
        world.order("check-in h1");
        for today in EDGES {
            world.stock.properties.get_mut(&HOUSE).unwrap().today = Day(today);
            let _answer = reservations::front_desk::check_out(&world.stock, HoldId(1), |line| line);
            let _answer = reservations::front_desk::no_show(&world.stock, HoldId(1));
        }
        let _answer = holds::ask_again(&world.stock, HoldId(1), ttl_ms);
    }
}

#[test]
fn absurd_instants_have_no_day_and_absurd_days_no_instant() {
    for (a, b) in pairs() {
        let _day = zones::day_at(a, "Pacific/Kiritimati");
        let _instant = zones::instant_ms(Day(a), b, "America/St_Johns");
        assert!(!Day(a).to_string().is_empty() && !Day(a).plus(b).civil().to_string().is_empty());
    }
    assert!(zones::day_at(i64::MAX, "UTC").is_err());
}
