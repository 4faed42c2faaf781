//! Orders as text, one function of `domain` behind each. Decides nothing: what a rule answers is
//! shown by `words` and applied to the world.

use vacancy_domain::cells::CellId;
use vacancy_domain::codes::Code;
use vacancy_domain::disputes::{self, DisputeStatus, Funds, Told};
use vacancy_domain::holds::{self, Place};
use vacancy_domain::ids::{
    DisputeId, HoldId, LineId, PaymentId, PropertyId, RefundId, ReservationId,
};
use vacancy_domain::ledger::Line;
use vacancy_domain::money::{Currency, Money};
use vacancy_domain::payments::{NewPayment, News, Payment, PaymentState};
use vacancy_domain::pools::{self, StockPatch};
use vacancy_domain::prices::Price;
use vacancy_domain::refusals::Refusal;
use vacancy_domain::reservations::money::GivenBack;
use vacancy_domain::reservations::refunds::RefundAsk;
use vacancy_domain::reservations::{
    self, Book, Guest, Paid, ReservedLine, chargebacks, money, refunds,
};
use vacancy_domain::rooms::Assignment;
use vacancy_domain::snapshot::Change;
use vacancy_domain::stays::Day;

use crate::words;
use crate::world::{HOUSE, World, days_of, split_pool};

/// The only caller of the tables: gives a world one order after the other, `order => answer`.
pub(crate) fn check(world: World, script: &str) -> World {
    let mut world = world;
    for text in script.lines().map(str::trim).filter(|text| !text.is_empty()) {
        let (order, expected) = text.split_once("=>").unwrap_or((text, ""));
        let answer = world.order(order.trim());
        assert_eq!(answer, expected.trim(), "\n  order: {order}\n  script:{script}");
    }
    world
}

/// One order, cut into its words.
struct Order<'o> {
    words: Vec<&'o str>,
}

impl<'o> Order<'o> {
    /// `h1`, `p2`: the number of the word with this letter, 0 where there is none.
    fn id(&self, letter: char) -> u128 {
        let numbers = self.words[1..].iter().filter_map(|word| word.strip_prefix(letter));
        numbers.filter_map(|number| number.parse().ok()).next().unwrap_or(0)
    }

    fn hold(&self) -> HoldId {
        HoldId(self.id('h'))
    }

    fn value(&self, name: &str) -> Option<&'o str> {
        let mut pairs = self.words.iter().filter_map(|word| word.split_once('='));
        pairs.find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    fn number(&self, name: &str) -> Option<i64> {
        self.value(name).map(|value| value.parse().unwrap())
    }

    fn flag(&self, name: &str) -> Option<bool> {
        self.number(name).map(|value| value == 1)
    }

    fn lines(&self, world: &mut World) -> Vec<Line> {
        let lines = self.words[1..].iter().filter(|word| word.contains("..") && word.contains('x'));
        lines.map(|word| world.line(word)).collect()
    }

    fn paid(&self) -> Option<Paid> {
        let amount_minor = self.number("paid")?;
        Some(Paid { payment: PaymentId(self.id('p')), amount_minor })
    }
}

impl World {
    /// Carries out one order and tells the answer.
    pub(crate) fn order(&mut self, text: &str) -> String {
        let order = Order { words: text.split_whitespace().collect() };
        match order.words[0] {
            "now" => self.stock.now_ms = order.words[1].parse::<i64>().unwrap() * 1000,
            "today" => {
                let today = Day(order.words[1].parse().unwrap());
                self.stock.properties.values_mut().for_each(|settings| settings.today = today);
            }
            "cells" => return self.cells(order.words[1]),
            "show" => return self.show(order.hold()),
            "overdue" => return self.overdue(&order),
            verb => {
                let decided = self.decide(verb, &order);
                let answer = words::answer(&self.stock, &decided);
                self.apply(decided.as_deref().unwrap_or_default());
                return answer;
            }
        }
        String::new()
    }

    fn decide(&mut self, verb: &str, order: &Order<'_>) -> Result<Vec<Change>, Refusal> {
        let hold = order.hold();
        let lines = order.lines(self);
        let advance = order.number("advance");
        let stock = &self.stock;
        match verb {
            "place" => holds::place(stock, &place(order, lines)),
            "extend" => holds::extend(stock, hold),
            "confirm" => holds::confirm(stock, hold),
            "release" => holds::release(stock, hold),
            "lapse" => Ok(holds::lapse(stock, hold)),
            "expire" => holds::expire(stock, hold),
            "amend" => holds::amend(stock, hold, &lines, advance),
            "retake" => holds::retake(stock, hold, &lines),
            "return" => {
                let from = order.number("from").map(Day);
                holds::give_back(stock, hold, from, spare)
            }
            "stock" => {
                let (pool, days) = split_pool(order.words[1]);
                pools::set_stock(stock, pool, days_of(days), &patch(order))
            }
            "default" => {
                let (pool, today) = split_pool(order.words[1]);
                let today = Day(today.parse().unwrap());
                let (capacity, bp) = (order.number("capacity"), order.number("overbook"));
                pools::set_default(stock, pool, capacity, bp, today)
            }
            _ => self.decide_for_guest(verb, order, lines),
        }
    }

    fn decide_for_guest(
        &mut self,
        verb: &str,
        order: &Order<'_>,
        lines: Vec<Line>,
    ) -> Result<Vec<Change>, Refusal> {
        let hold = order.hold();
        let price = price(order.number("price").unwrap_or(0));
        let stock = &self.stock;
        match verb {
            "book" => reservations::book(stock, &book(order, lines, price)),
            "guest.confirm" => reservations::confirm(stock, hold, order.paid()),
            "guest.extend" => reservations::extend(stock, hold),
            "guest.cancel" => reservations::cancel(stock, hold, "asked"),
            "guest.lapse" => Ok(reservations::lapse(stock, hold)),
            "edit" => {
                let guest = Guest { full_name: "Ada".to_owned(), ..Guest::default() };
                reservations::edit(stock, hold, guest, String::new(), order.number("version"))
            }
            "reschedule" => {
                let reserved = |line| ReservedLine { line, room_type: String::new() };
                let lines = lines.into_iter().map(reserved).collect();
                let agreed = order.number("agreed").map(|minor| Money::new(minor, price.currency));
                let advance = order.number("advance");
                reservations::reschedule(stock, hold, lines, price, agreed, advance)
            }
            "check-in" => reservations::front_desk::check_in(stock, hold, &self.assignments(order)),
            "check-out" => reservations::front_desk::check_out(stock, hold, spare),
            "no-show" => reservations::front_desk::no_show(stock, hold),
            "pay" => money::begin(stock, hold, payment(order)),
            "name" => {
                let payment = PaymentId(order.id('p'));
                money::name(stock, payment, order.value("order").unwrap(), "https://pay.example")
            }
            "hear" => money::hear(stock, hold, &news(order)),
            "dispute" => chargebacks::hear(stock, hold, &dispute(order)),
            "ask-refund" => {
                let currency =
                    order.value("currency").map_or(Currency::EUR, |code| code.parse().unwrap());
                let ask = RefundAsk {
                    refund: RefundId(refund_id(order)),
                    payment: PaymentId(order.id('p')),
                    amount: order.number("amount").map(|minor| Money::new(minor, currency)),
                    reason: "asked".to_owned(),
                    is_still_due: order.flag("still").unwrap_or(false),
                };
                refunds::ask(stock, hold, &ask)
            }
            "refund" => {
                let back = GivenBack {
                    refund: RefundId(refund_id(order)),
                    payment: PaymentId(order.id('p')),
                    amount_minor: order.number("amount").unwrap(),
                    reason: "asked".to_owned(),
                    is_still_due: order.flag("still").unwrap_or(false),
                    provider_refund_id: "re_1".to_owned(),
                };
                money::refund(stock, hold, &back)
            }
            other => panic!("unknown order {other}"),
        }
    }

    /// `1@101` is room 101 for the hold's first line, `1@?` any room; line 9 is nobody's.
    fn assignments(&self, order: &Order<'_>) -> Vec<Assignment> {
        let lines = self.stock.holds.get(&order.hold()).map(|hold| hold.lines.clone());
        let lines = lines.unwrap_or_default();
        let asks = order.words[1..].iter().filter_map(|word| word.split_once('@'));
        asks.map(|(at, number)| {
            let line = lines.get(at.parse::<usize>().unwrap() - 1);
            Assignment {
                line: line.map_or(LineId(9), |line| line.id),
                number: (number != "?").then(|| number.to_owned()),
            }
        })
        .collect()
    }

    fn cells(&self, text: &str) -> String {
        let (pool, days) = split_pool(text);
        let (first_day, end_day) = days_of(days);
        let cells = (first_day.0..end_day.0).map(|day| {
            let id = CellId { pool, day: Day(day) };
            words::cell(id, &self.stock.cell(id).unwrap())
        });
        cells.collect::<Vec<_>>().join(" | ")
    }

    fn show(&self, hold: HoldId) -> String {
        let reservation = &self.stock.reservations[&hold];
        let (due, owed) = (reservation.due_minor(), reservation.owed_minor());
        format!("{} due {due} owed {owed}", reservation.status())
    }

    /// Tells which overdue holds sit on the asked lines; every hold past its time is a hint.
    fn overdue(&mut self, order: &Order<'_>) -> String {
        let lines = order.lines(self);
        let now_ms = self.stock.now_ms;
        let overdue = self.stock.holds.values().filter(|hold| hold.expires_at_ms <= now_ms);
        self.stock.overdue = overdue.map(|hold| (hold.id, hold.lines.clone())).collect();
        let in_the_way = holds::overdue_in_the_way(&self.stock, &lines);
        in_the_way.iter().map(|hold| format!("h{}", hold.0)).collect::<Vec<_>>().join(" ")
    }
}

fn refund_id(order: &Order<'_>) -> u128 {
    order.number("refund").map_or(1, |id| u128::try_from(id).unwrap())
}

/// An id that no line has: those of a world begin at 100 and never reach so far.
fn spare(old: LineId) -> LineId {
    LineId(old.0 + 1_000_000)
}

fn place(order: &Order<'_>, lines: Vec<Line>) -> Place {
    let advance_days_max = order.number("advance");
    let property =
        order.number("house").map_or(HOUSE, |id| PropertyId(u128::try_from(id).unwrap()));
    Place { property, hold: order.hold(), reference: String::new(), lines, advance_days_max }
}

fn book(order: &Order<'_>, lines: Vec<Line>, price: Price) -> Book {
    Book {
        room_types: lines.iter().map(|_| "DOUBLE".to_owned()).collect(),
        place: place(order, lines),
        id: ReservationId(order.hold().0),
        code: Code::draw(7),
        request_id: "req-1".to_owned(),
        adults: 2,
        children: Vec::new(),
        guest: Guest::default(),
        price,
        agreed: order.number("agreed").map(|minor| Money::new(minor, Currency::EUR)),
    }
}

fn price(total_minor: i64) -> Price {
    Price { subtotal_minor: total_minor, total_minor, ..Price::free(Currency::EUR) }
}

fn patch(order: &Order<'_>) -> StockPatch {
    StockPatch {
        capacity: order.number("capacity"),
        blocked: order.number("blocked"),
        blocked_delta: order.number("block"),
        out_of_order: order.number("broken"),
        overbook_bp: order.number("overbook"),
        closed: order.flag("closed"),
        closed_to_arrival: order.flag("cta"),
        closed_to_departure: order.flag("ctd"),
        stay_nights_min: order.number("min"),
        stay_nights_max: order.number("max"),
    }
}

fn payment(order: &Order<'_>) -> Payment {
    let currency = order.value("currency").map_or(Currency::EUR, |code| code.parse().unwrap());
    Payment::begun(NewPayment {
        id: PaymentId(order.id('p')),
        reservation: ReservationId(order.hold().0),
        // Two payments that are open at once are at two providers.
        provider: format!("provider {}", order.id('p')),
        account: None,
        amount: Money::new(order.number("amount").unwrap(), currency),
    })
}

fn dispute(order: &Order<'_>) -> disputes::News {
    let currency = order.value("currency").map_or(Currency::EUR, |code| code.parse().unwrap());
    let words = || order.words.iter();
    disputes::News {
        dispute: DisputeId(order.id('d')),
        provider_dispute_id: format!("du_{}", order.id('d')),
        payment: PaymentId(order.id('p')),
        opened_at_ms: 0,
        told: Told {
            amount: Money::new(order.number("amount").unwrap(), currency),
            reason: "fraudulent".to_owned(),
            status: words().find_map(|word| DisputeStatus::from_word(word)).unwrap(),
            funds: words().find_map(|word| Funds::from_word(word)).unwrap(),
            fee: None,
            due_by_ms: None,
            asked_at_ms: order.number("asked").unwrap(),
        },
    }
}

fn news(order: &Order<'_>) -> News {
    let state = order.words.iter().find_map(|word| PaymentState::from_word(word)).unwrap();
    News {
        payment: PaymentId(order.id('p')),
        state,
        provider_payment_id: "theirs".to_owned(),
        captured: Money::new(order.number("captured").unwrap_or(0), Currency::EUR),
        method: "card".to_owned(),
    }
}
