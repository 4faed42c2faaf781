//! Goal: what the simulator draws by chance, shown without chance. Webhooks commute (I15): whatever
//! arrives in whatever order ends as one look at the provider does. And what the simulator found.
//! Method: the real desk and jobs on a store in memory, the simulator's providers, no faults but those
//! of the test.
#![expect(clippy::unwrap_used, reason = "a test ends where something is missing")]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use vacancy_app::access::Actor;
use vacancy_app::desk::command::{Command, Key, KeyName, Order, Outcome};
use vacancy_app::desk::{Bounds, Desk, Lanes};
use vacancy_app::errors::Error;
use vacancy_app::ids::Ids;
use vacancy_app::jobs::Handlers;
use vacancy_app::jobs::runner::Runner;
use vacancy_app::payments::Payments;
use vacancy_app::payments::accounts::Accounts;
use vacancy_app::payments::order::{ClaimedAmount, Opened, PaymentWish};
use vacancy_app::payments::refunds::RefundWish;
use vacancy_app::payments::silence::Silence;
use vacancy_app::reservations::Bookings;
use vacancy_connect::payments::providers::Providers;
use vacancy_connect::payments::webhook::Webhook;
use vacancy_domain::codes::Code;
use vacancy_domain::holds::Place;
use vacancy_domain::ids::{HoldId, LineId, PaymentId, PoolId, PropertyId, ReservationId};
use vacancy_domain::ledger::Line;
use vacancy_domain::money::Currency;
use vacancy_domain::prices::Price;
use vacancy_domain::reservations::{Book, Guest};
use vacancy_domain::stays::{Day, Stay};
use vacancy_sim::profile::Profile;
use vacancy_sim::provider::{Kind, Till, Visit};
use vacancy_sim::random::Random;
use vacancy_store::sql::{CommitFate, Db, Time};
use vacancy_store::testing::money::{self, Money};
use vacancy_store::testing::{fixtures, journal};

const PROPERTY: PropertyId = PropertyId(1);
const POOL: PoolId = PoolId(2);
/// 2027-01-01T00:00:00Z.
const START_MS: i64 = 1_798_761_600_000;
const MINUTE_MS: i64 = 60 * 1000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

struct World {
    db: Db,
    clock: Arc<AtomicI64>,
    till: Till,
    /// A second one, of the other kind, where nothing goes wrong.
    other: Till,
    payments: Payments,
    runner: Runner,
    desk: Desk,
    _lanes: Lanes,
}

impl World {
    async fn open(kind: Kind) -> World {
        World::open_with(kind, &Profile::fair()).await
    }

    async fn open_with(kind: Kind, profile: &Profile) -> World {
        let clock = Arc::new(AtomicI64::new(START_MS));
        let (given, stamp) = (Arc::clone(&clock), Arc::clone(&clock));
        let time = Time::Given(Arc::new(move || given.load(Ordering::SeqCst)));
        let db = Db::open_sqlite_memory(time).unwrap();
        db.migrate().await.unwrap();
        journal::begin(&db).await.unwrap();
        let ids = Ids::seeded(1, Arc::new(move || stamp.load(Ordering::SeqCst)));
        let bounds = Bounds { batch_orders_max: 8, queue_orders_max: 100 };
        let (desk, lanes) = Desk::open_with(&db, &ids, bounds);
        let till = Till::new(kind, profile, &clock, Random::of(1, 1));
        let other = Kind::BOTH.into_iter().find(|other| *other != kind).unwrap();
        let other = Till::new(other, &Profile::fair(), &clock, Random::of(1, 2));
        let payments = Payments {
            bookings: Bookings::new(&db, desk.clone(), ids.clone()),
            providers: Providers::default()
                .with(Arc::new(till.clone()))
                .with(Arc::new(other.clone())),
            accounts: Accounts::closed(&db),
            silence: Silence::default(),
            confirms_pay_at_property: false,
        };
        let runner = Runner::new(&db, &ids, payments.handlers(Handlers::default()));
        World { db, clock, till, other, payments, runner, desk, _lanes: lanes }
    }

    /// As new, with one hotel of one room and a guest who holds it.
    async fn begin(&self) -> (HoldId, ReservationId) {
        self.db.set_commit_hook(None).unwrap();
        journal::blank(&self.db).await.unwrap();
        fixtures::property(&self.db, PROPERTY, &[(POOL, 1)]).await.unwrap();
        let (hold, id) = (HoldId(10), ReservationId(11));
        let stay = Stay::new(Day(20_820), Day(20_821));
        let lines = vec![Line { id: LineId(12), pool: POOL, stay, units: 1 }];
        let place = Place {
            property: PROPERTY,
            hold,
            reference: String::new(),
            lines,
            advance_days_max: None,
        };
        let book = Book {
            place,
            id,
            code: Code::draw(13),
            request_id: "request".to_owned(),
            room_types: vec!["TYPE".to_owned()],
            adults: 1,
            children: Vec::new(),
            guest: Guest::default(),
            price: Price { total_minor: 5_000, ..Price::free(Currency::EUR) },
            agreed: None,
        };
        let order = Order::new(PROPERTY, "guest", Command::Book(Box::new(book)));
        let answer = self.desk.submit(order).await.unwrap();
        assert!(matches!(answer.outcome, Outcome::Booked(_)));
        (hold, id)
    }

    async fn try_order(&self, reservation: ReservationId) -> Result<Opened, Error> {
        self.try_order_at(&self.till, reservation).await
    }

    async fn try_order_at(&self, till: &Till, reservation: ReservationId) -> Result<Opened, Error> {
        let (actor, name) = (Actor::System, till.kind.name());
        let till = self.payments.till(&actor, reservation, name).await?;
        self.payments.open_order(&actor, &till, &wish(reservation)).await
    }

    /// Opens an order; gives the provider's name for it.
    async fn order(&self, reservation: ReservationId) -> String {
        let opened = self.try_order(reservation).await;
        opened.unwrap().standings.payment.provider_order_id
    }

    async fn deliver(&self, body: &str) {
        self.deliver_of(&self.till, body).await;
    }

    async fn deliver_of(&self, till: &Till, body: &str) {
        let now_ms = self.clock.load(Ordering::SeqCst);
        let webhook = Webhook { headers: &[], body: body.as_bytes(), now_ms };
        let taken = self.payments.take_webhook(till.kind.name(), None, &webhook).await;
        taken.unwrap().unwrap();
    }

    async fn pass(&self, ms: i64) {
        self.clock.fetch_add(ms, Ordering::SeqCst);
        self.till.pass();
        self.other.pass();
        self.runner.run_due_once().await.unwrap();
    }

    async fn money(&self) -> Money {
        money::all(&self.db).await.unwrap()
    }
}

fn wish(reservation: ReservationId) -> PaymentWish {
    PaymentWish {
        reservation,
        return_url: "https://example.com/back".to_owned(),
        test_outcome: None,
        claimed: ClaimedAmount::default(),
    }
}

/// Every order of so many things.
fn permutations(count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    let shorter = permutations(count - 1);
    let at_each = |row: Vec<usize>| {
        (0..count).map(move |at| {
            let mut row = row.clone();
            row.insert(at, count - 1);
            row
        })
    };
    shorter.into_iter().flat_map(at_each).collect()
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap()
}

/// What a payment lives through, and the events of it, some of them twice: whichever comes when, half
/// of them before the provider has decided, the end is that of one look at the provider.
#[test]
fn webhooks_of_one_payment_end_alike_in_every_order() {
    let cases: [(Kind, Visit, &[&str]); 3] = [
        (
            Kind::Stripe,
            Visit::AsksBank,
            &[
                "checkout.session.completed",
                "checkout.session.async_payment_succeeded",
                "checkout.session.async_payment_failed",
                "checkout.session.expired",
                "checkout.session.completed",
                "charge.refunded",
            ],
        ),
        (
            Kind::Razorpay,
            Visit::IsDeclined,
            &[
                "payment.failed",
                "payment.authorized",
                "payment.captured",
                "order.paid",
                "order.paid",
            ],
        ),
        (
            Kind::Razorpay,
            Visit::Pays,
            &["payment.captured", "order.paid", "payment.failed", "refund.created", "order.paid"],
        ),
    ];
    runtime().block_on(async {
        for (kind, visit, events) in cases {
            for order in permutations(events.len()) {
                let world = World::open(kind).await;
                let wanted = ends(&world, visit, &[]).await;
                let world = World::open(kind).await;
                let told: Vec<&str> = order.iter().map(|at| events[*at]).collect();
                assert_eq!(ends(&world, visit, &told).await, wanted, "{kind:?} {visit:?} {told:?}");
            }
        }
    });
}

/// How payment and reservation stand when all is told, or when nobody told anything and we asked.
async fn ends(world: &World, visit: Visit, events: &[&str]) -> (String, String, i64) {
    let (_, reservation) = world.begin().await;
    let order = world.order(reservation).await;
    world.till.visit(&order, visit);
    let (early, late) = events.split_at(events.len() / 2);
    for (number, what) in early.iter().enumerate() {
        world.deliver(&format!("evt_{number} {what} {order}")).await;
        world.pass(0).await;
    }
    world.pass(DAY_MS).await;
    for (number, what) in late.iter().enumerate() {
        world.deliver(&format!("evt_{number} {what} {order}")).await;
        world.pass(0).await;
    }
    world.pass(0).await;
    let money = world.money().await;
    let (payment, stay) = (&money.payments[0], &money.stays[0]);
    (payment.state.clone(), stay.state.clone(), stay.paid_minor)
}

/// The simulator's seeds 699 and 1492: the answer to "the guest goes to pay" was lost behind its commit,
/// so nobody followed that payment; the guest asked again and paid, and the webhook never came.
#[test]
fn a_payment_whose_beginning_was_lost_is_followed_all_the_same() {
    runtime().block_on(async {
        let world = World::open(Kind::Stripe).await;
        let (hold, reservation) = world.begin().await;
        // Confirmed by hand, so that no deadline asks the provider.
        let confirm = Command::Confirm { hold, reference: None };
        world.desk.submit(Order::new(PROPERTY, "desk", confirm)).await.unwrap();
        let unknown = Arc::new(|commit: vacancy_store::sql::Commit| {
            if commit.has_written { CommitFate::UnknownApplied } else { CommitFate::Done }
        });
        world.db.set_commit_hook(Some(unknown)).unwrap();
        let first = world.try_order(reservation).await;
        assert_eq!(first.err().map(|error| error.code()), Some("outcome_unknown"));
        world.db.set_commit_hook(None).unwrap();
        let order = world.order(reservation).await;
        world.till.visit(&order, Visit::Pays);
        for _ in 0..5 {
            world.pass(MINUTE_MS).await;
        }
        let money = world.money().await;
        assert_eq!(money.payments.len(), 1);
        assert_eq!(money.payments[0].state, "SUCCESS", "{money:?}");
    });
}

/// The simulator's seed 5331: a refund was booked as made and came back later than the list of the
/// provider goes.
#[test]
fn a_refund_that_comes_back_when_its_payment_is_old_becomes_a_matter() {
    runtime().block_on(async {
        let profile = Profile { refund_fails: 1_000, ..Profile::fair() };
        let world = World::open_with(Kind::Stripe, &profile).await;
        let (_, reservation) = world.begin().await;
        let order = world.order(reservation).await;
        world.till.visit(&order, Visit::Pays);
        world.pass(5 * MINUTE_MS).await;
        world.pass(20 * DAY_MS).await;
        let payment = PaymentId(world.money().await.payments[0].id.as_u128());
        let wish = RefundWish {
            payment,
            amount: None,
            reason: "good will".to_owned(),
            is_still_due: false,
        };
        let name = KeyName::Scoped { scope: "staff".to_owned(), key: "word".to_owned() };
        let key = Key { name, body_hash: String::new() };
        world.payments.ask_refund(&Actor::Admin, &wish, key).await.unwrap();
        world.pass(0).await;
        let money = world.money().await;
        assert_eq!((money.refunds.len(), money.matters.len()), (1, 0), "taken as made");
        for _ in 0..10 {
            world.pass(DAY_MS).await;
        }
        let matters = world.money().await.matters;
        let kinds: Vec<&str> = matters.iter().map(|matter| matter.kind.as_str()).collect();
        assert_eq!(kinds, ["refund_missing"], "{matters:?}");
    });
}

/// The simulator's seed 434: an order was paid twice, and what went back by itself came back. So it is when
/// the first payment was other money than was asked for, of which nothing is booked.
#[test]
fn a_second_payment_whose_refund_comes_back_becomes_a_matter() {
    for (other_money, paid_minor, told) in
        [(0, 5_000, vec!["paid_twice"]), (1_000, 0, vec!["paid_twice", "payment_mismatch"])]
    {
        runtime().block_on(async {
            let odd = Profile { refund_fails: 1_000, twice: 1_000, ..Profile::fair() };
            let profile = Profile { other_money, ..odd };
            let world = World::open_with(Kind::Razorpay, &profile).await;
            let (_, reservation) = world.begin().await;
            let order = world.order(reservation).await;
            world.till.visit(&order, Visit::Pays);
            world.till.visit(&order, Visit::Pays);
            // It comes back when the list of seven days has forgotten the order.
            world.pass(6 * DAY_MS).await;
            world.payments.begin_comparing().await.unwrap();
            for _ in 0..20 {
                world.pass(DAY_MS).await;
            }
            let money = world.money().await;
            let matters = money.matters.iter().map(|matter| matter.kind.as_str());
            let kinds: BTreeSet<&str> =
                matters.filter(|kind| *kind != "payment_unsettled").collect();
            assert_eq!(kinds, told.into_iter().collect(), "{money:?}");
            assert_eq!(money.stays[0].paid_minor, paid_minor, "the first payment");
        });
    }
}

/// The simulator's seed 459: the answer to an order was lost, and a day later the provider had forgotten
/// its key. Asked for once more it was a second order, which was closed and taken for the end; the first
/// had the money, and the guest was charged again.
#[test]
fn an_order_whose_key_may_be_forgotten_is_looked_for_and_never_asked_for_again() {
    runtime().block_on(async {
        let profile = Profile { lost_answer: 1_000, ..Profile::fair() };
        let world = World::open_with(Kind::Stripe, &profile).await;
        let (hold, reservation) = world.begin().await;
        let confirm = Command::Confirm { hold, reference: None };
        world.desk.submit(Order::new(PROPERTY, "desk", confirm)).await.unwrap();
        assert_eq!(world.order(reservation).await, "", "nobody knows its name");
        world.till.heal();
        world.clock.fetch_add(DAY_MS, Ordering::SeqCst);
        world.order(reservation).await;
        let money = world.money().await;
        let states: Vec<&str> = money.payments.iter().map(|row| row.state.as_str()).collect();
        assert_eq!(states, ["CANCELED", "PENDING"], "the old one was found and ended");
        let mut ours: Vec<_> = world.till.taken().iter().map(|taken| taken.payment).collect();
        ours.dedup();
        assert_eq!(ours.len(), 2, "one order each");
        assert_eq!(world.till.taken().len(), 2);
    });
}

/// The simulator's seed 103439: a refund was made and its answer lost; before it was asked for again, money
/// of another attempt came late, and went back in its place.
#[test]
fn a_refund_whose_answer_is_lost_is_asked_for_as_it_was_though_other_money_came() {
    runtime().block_on(async {
        let world = World::open(Kind::Stripe).await;
        let (hold, reservation) = world.begin().await;
        let first = world.try_order_at(&world.other, reservation).await.unwrap();
        world.pass(MINUTE_MS).await;
        let order = world.order(reservation).await;
        world.till.visit(&order, Visit::Pays);
        world.pass(5 * MINUTE_MS).await;
        world.till.lose_answers(1_000);
        let cancel = Command::Cancel { hold, reference: None, reason: "ill".to_owned() };
        world.desk.submit(Order::new(PROPERTY, "guest", cancel)).await.unwrap();
        world.pass(0).await;
        world.till.heal();
        let late = first.standings.payment.provider_order_id;
        world.other.visit(&late, Visit::Pays);
        world.deliver_of(&world.other, &format!("evt_1 payment.captured {late}")).await;
        world.pass(0).await;
        let states = world.money().await.payments.into_iter().map(|row| row.state);
        assert!(states.eq(["SUCCESS"; 2]), "heard before the refund is tried again");
        for _ in 0..60 {
            world.pass(MINUTE_MS).await;
        }
        let money = world.money().await;
        let made =
            |till: &Till| till.taken().iter().map(|taken| taken.refunds.len()).sum::<usize>();
        assert_eq!((made(&world.till), made(&world.other)), (1, 1));
        let back: Vec<i64> = money.payments.iter().map(|row| row.refunded_minor).collect();
        assert_eq!(back, [5_000, 5_000], "each once, and both booked: {money:?}");
        assert!(money.matters.is_empty(), "{:?}", money.matters);
    });
}
