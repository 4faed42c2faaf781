//! What payments do to a booking, on both engines: begun, named, heard of in any order, given
//! back; and the jobs that are due because of it.

use vacancy_app::desk::command::{Command, Order};
use vacancy_app::desk::due::{REFUND_JOB, SETTLE_JOB};
use vacancy_app::jobs::runner::Runner;
use vacancy_app::jobs::{Handlers, RETRY_MS_MAX};
use vacancy_app::payments::Payments;
use vacancy_app::payments::accounts::Accounts;
use vacancy_app::payments::silence::Silence;
use vacancy_app::reservations::Bookings;
use vacancy_connect::payments::providers::Providers;
use vacancy_domain::holds::HOLD_TTL_MS;
use vacancy_domain::ids::{HoldId, PaymentId, RefundId};
use vacancy_domain::money::{Currency, Money};
use vacancy_domain::payments::{NewPayment, News, Payment, PaymentState, SETTLE_MS_MAX};
use vacancy_domain::reservations::Reservation;
use vacancy_domain::reservations::money::GivenBack;
use vacancy_domain::reservations::state::{MoneyState, StayState};
use vacancy_store::jobs::watch::{self, Cursor};
use vacancy_store::jobs::{Job, JobState};
use vacancy_store::{payments, reservations, work_items};

use super::hotel::{Hotel, PROPERTY, code, hold_of, reservation};
use super::runs::on_both;

/// A reservation of 100 euros that waits for its money, and the payment that was begun.
struct Paying {
    reservation: Reservation,
    payment: PaymentId,
}

impl Paying {
    async fn begin(hotel: &Hotel, request: &str) -> Paying {
        let booked = hotel.desk.submit(hotel.book(request, 10, 11, 1)).await.unwrap();
        Paying::again(hotel, hold_of(&booked)).await
    }

    /// Another attempt.
    async fn again(hotel: &Hotel, hold: HoldId) -> Paying {
        let known = read(hotel, hold).await;
        let payment = intent(hotel, &known, 10_000);
        let id = payment.id;
        let command = Command::BeginPayment { hold, payment: Box::new(payment) };
        Paying { reservation: reservation(hotel.ask(command).await.unwrap()), payment: id }
    }

    fn hold(&self) -> HoldId {
        self.reservation.hold
    }

    fn news(&self, state: PaymentState, captured_minor: i64) -> Command {
        let news = News {
            payment: self.payment,
            state,
            provider_payment_id: "pi_1".to_owned(),
            captured: Money::new(captured_minor, Currency::EUR),
            method: "card".to_owned(),
        };
        Command::HearPayment { hold: self.hold(), news }
    }

    async fn hear(&self, hotel: &Hotel, state: PaymentState) -> Reservation {
        let captured_minor = if state == PaymentState::Succeeded { 10_000 } else { 0 };
        reservation(hotel.ask(self.news(state, captured_minor)).await.unwrap())
    }

    fn refund(&self, refund: u128, amount_minor: i64) -> Command {
        Command::RecordRefund {
            hold: self.hold(),
            back: GivenBack {
                refund: RefundId(refund),
                payment: self.payment,
                amount_minor,
                reason: "canceled".to_owned(),
                is_still_due: true,
                provider_refund_id: format!("re_{refund}"),
            },
        }
    }
}

/// A reservation of one night that is paid.
pub(crate) async fn paid(hotel: &Hotel, request: &str) -> Reservation {
    Paying::begin(hotel, request).await.hear(hotel, PaymentState::Succeeded).await
}

fn intent(hotel: &Hotel, reservation: &Reservation, minor: i64) -> Payment {
    Payment::begun(NewPayment {
        id: PaymentId(hotel.ids.next_id()),
        reservation: reservation.id,
        provider: "sandbox".to_owned(),
        account: None,
        amount: Money::new(minor, Currency::EUR),
    })
}

fn cancel(hold: HoldId) -> Command {
    Command::Cancel { hold, reference: None, reason: "plans changed".to_owned() }
}

async fn read(hotel: &Hotel, hold: HoldId) -> Reservation {
    let read =
        hotel.db.read(move |tx| Box::pin(async move { reservations::by_hold(tx, hold).await }));
    read.await.unwrap().unwrap().reservation
}

async fn payment(hotel: &Hotel, id: PaymentId) -> Payment {
    let read = hotel.db.read(move |tx| Box::pin(async move { payments::by_id(tx, id).await }));
    read.await.unwrap().unwrap()
}

/// Kind, subject and payload of every job.
async fn jobs(hotel: &Hotel) -> Vec<(String, String, String)> {
    let read = hotel.db.read(|tx| {
        Box::pin(async move { watch::list(tx, JobState::Waiting, Cursor::START, 100).await })
    });
    let told = |job: Job| (job.kind, job.subject, job.payload);
    read.await.unwrap().into_iter().map(told).collect()
}

/// Kind and subject of what people have to settle.
pub(crate) async fn matters(hotel: &Hotel) -> Vec<(&'static str, String)> {
    let read = hotel.db.read(|tx| {
        Box::pin(
            async move { work_items::list_open(tx, PROPERTY, work_items::Cursor::START, 10).await },
        )
    });
    read.await.unwrap().into_iter().map(|item| (item.kind.word(), item.subject)).collect()
}

/// Runs jobs where no provider can be reached.
fn runner_alone(hotel: &Hotel) -> Runner {
    let (db, ids) = (hotel.db.clone(), hotel.ids.clone());
    let bookings = Bookings::new(&db, hotel.desk.clone(), ids);
    let providers = Providers::default();
    let accounts = Accounts::closed(&db);
    let payments = Payments {
        bookings,
        providers,
        accounts,
        silence: Silence::default(),
        confirms_pay_at_property: false,
    };
    Runner::new(&hotel.db, &hotel.ids, payments.handlers(Handlers::default()))
}

fn refund_of(
    reservation: &Reservation,
    amount_minor: i64,
    reason: &str,
) -> (String, String, String) {
    let payload = serde_json::json!({ "amount_minor": amount_minor, "reason": reason });
    (REFUND_JOB.to_owned(), reservation.id.to_string(), payload.to_string())
}

fn settle_of(reservation: &Reservation) -> (String, String, String) {
    (SETTLE_JOB.to_owned(), reservation.id.to_string(), "{}".to_owned())
}

#[test]
fn money_confirms_what_was_held_and_old_news_change_nothing() {
    on_both(1, |hotel, _| {
        Box::pin(async move {
            let paying = Paying::begin(&hotel, "r1").await;
            assert_eq!(paying.reservation.money_state, MoneyState::Pending);
            let name = |order: &str| Command::NamePayment {
                hold: paying.hold(),
                payment: paying.payment,
                order_id: order.to_owned(),
                checkout_url: "https://pay.example/1".to_owned(),
            };
            hotel.ask(name("o1")).await.unwrap();
            hotel.ask(name("o1")).await.unwrap();
            assert_eq!(code(hotel.ask(name("o2")).await), "mismatch");
            assert_eq!(payment(&hotel, paying.payment).await.state, PaymentState::Pending);
            let authorized = paying.hear(&hotel, PaymentState::Authorized).await;
            assert_eq!(authorized.money_state, MoneyState::Authorized);
            let paid = paying.hear(&hotel, PaymentState::Succeeded).await;
            assert_eq!((paid.status(), paid.paid_minor), ("CONFIRMED", 10_000));
            for old in [PaymentState::Succeeded, PaymentState::Failed, PaymentState::Pending] {
                assert_eq!(paying.hear(&hotel, old).await.version, paid.version, "{old:?}");
            }
            assert_eq!(hotel.gone(10..11).await, [(0, 1)]);
            assert_eq!(jobs(&hotel).await, []);
            hotel.close().await;
        })
    });
}

#[test]
fn a_sum_that_is_not_due_is_not_asked_and_a_wrong_capture_is_not_booked() {
    on_both(1, |hotel, _| {
        Box::pin(async move {
            let paying = Paying::begin(&hotel, "r1").await;
            for minor in [0, 9_999, 10_001] {
                let payment = Box::new(intent(&hotel, &paying.reservation, minor));
                let begin = Command::BeginPayment { hold: paying.hold(), payment };
                assert_eq!(code(hotel.ask(begin).await), "nothing_due", "{minor}");
            }
            let wrong = hotel.ask(paying.news(PaymentState::Succeeded, 9_000)).await;
            assert_eq!(code(wrong), "mismatch");
            let stranger = Paying { payment: PaymentId(404), ..paying };
            let unknown = hotel.ask(stranger.news(PaymentState::Succeeded, 10_000)).await;
            assert_eq!(code(unknown), "payment_not_found");
            hotel.close().await;
        })
    });
}

#[test]
fn after_a_failure_the_guest_may_pay_again_while_the_hold_lives() {
    on_both(1, |hotel, clock| {
        Box::pin(async move {
            let paying = Paying::begin(&hotel, "r1").await;
            let failed = paying.hear(&hotel, PaymentState::Failed).await;
            assert_eq!(failed.money_state, MoneyState::Failed);
            assert_eq!(hotel.gone(10..11).await, [(1, 0)]);
            let second = Paying::again(&hotel, paying.hold()).await;
            let paid = second.hear(&hotel, PaymentState::Succeeded).await;
            assert_eq!(paid.status(), "CONFIRMED");
            clock.advance_ms(HOLD_TTL_MS);
            let payment = Box::new(intent(&hotel, &paid, 10_000));
            let begin = Command::BeginPayment { hold: paying.hold(), payment };
            assert_eq!(code(hotel.ask(begin).await), "nothing_due");
            hotel.close().await;
        })
    });
}

#[test]
fn a_paid_guest_who_cancels_gets_a_refund_job_with_the_cancellation() {
    on_both(1, |hotel, _| {
        Box::pin(async move {
            let paying = Paying::begin(&hotel, "r1").await;
            paying.hear(&hotel, PaymentState::Succeeded).await;
            hotel.ask(cancel(paying.hold())).await.unwrap();
            hotel.ask(cancel(paying.hold())).await.unwrap();
            let due = [refund_of(&paying.reservation, 10_000, "canceled")];
            assert_eq!(jobs(&hotel).await, due, "once, however often it is canceled");
            let refunded = hotel.ask(paying.refund(0x51, 4_000)).await.unwrap();
            assert_eq!(reservation(refunded).money_state, MoneyState::PartiallyRefunded);
            let too_much = hotel.ask(paying.refund(0x52, 6_001)).await;
            assert_eq!(code(too_much), "nothing_due");
            let refunded = reservation(hotel.ask(paying.refund(0x52, 6_000)).await.unwrap());
            assert_eq!((refunded.status(), refunded.refunded_minor), ("REFUNDED", 10_000));
            assert_eq!(payment(&hotel, paying.payment).await.refunded_minor, 10_000);
            hotel.close().await;
        })
    });
}

#[test]
fn a_deadline_asks_the_provider_first_while_the_guest_pays() {
    on_both(1, |hotel, clock| {
        Box::pin(async move {
            let paying = Paying::begin(&hotel, "r1").await;
            clock.advance_ms(HOLD_TTL_MS);
            let lapse = || hotel.ask(Command::Lapse { hold: paying.hold() });
            let waiting = reservation(lapse().await.unwrap());
            assert_eq!(waiting.stay_state, StayState::Releasing);
            assert_eq!(hotel.gone(10..11).await, [(1, 0)], "it still occupies");
            lapse().await.unwrap();
            assert_eq!(jobs(&hotel).await, [settle_of(&waiting)]);
            assert_eq!(code(hotel.ask(cancel(paying.hold())).await), "invalid_transition");
            let failed = paying.hear(&hotel, PaymentState::Failed).await;
            assert_eq!(failed.status(), "EXPIRED");
            assert_eq!(hotel.gone(10..11).await, [(0, 0)]);
            hotel.close().await;
        })
    });
}

#[test]
fn a_payment_without_an_end_becomes_a_matter_after_15_minutes_until_it_has_one() {
    on_both(1, |hotel, clock| {
        Box::pin(async move {
            let paying = Paying::begin(&hotel, "r1").await;
            clock.advance_ms(HOLD_TTL_MS);
            hotel.ask(Command::Lapse { hold: paying.hold() }).await.unwrap();
            let runner = runner_alone(&hotel);
            assert_eq!(runner.run_due_once().await.unwrap(), 1);
            assert_eq!(matters(&hotel).await, []);
            let matter = ("payment_unsettled", paying.reservation.id.to_string());
            for passed_ms in [SETTLE_MS_MAX, RETRY_MS_MAX] {
                clock.advance_ms(passed_ms);
                assert_eq!(runner.run_due_once().await.unwrap(), 1);
                assert_eq!(matters(&hotel).await, std::slice::from_ref(&matter));
            }
            paying.hear(&hotel, PaymentState::Failed).await;
            clock.advance_ms(RETRY_MS_MAX);
            assert_eq!(runner.run_due_once().await.unwrap(), 1);
            assert_eq!(matters(&hotel).await, []);
            drop(runner);
            hotel.close().await;
        })
    });
}

#[test]
fn no_pause_between_attempts_passes_the_moment_when_people_must_hear() {
    on_both(1, |hotel, clock| {
        Box::pin(async move {
            let paying = Paying::begin(&hotel, "r1").await;
            clock.advance_ms(HOLD_TTL_MS);
            hotel.ask(Command::Lapse { hold: paying.hold() }).await.unwrap();
            let runner = runner_alone(&hotel);
            for _ in 0..15 {
                runner.run_due_once().await.unwrap();
                assert_eq!(matters(&hotel).await, []);
                clock.advance_ms(SETTLE_MS_MAX / 15);
            }
            runner.run_due_once().await.unwrap();
            let matter = ("payment_unsettled", paying.reservation.id.to_string());
            assert_eq!(matters(&hotel).await, [matter]);
            drop(runner);
            hotel.close().await;
        })
    });
}

#[test]
fn money_that_does_not_go_back_becomes_a_matter_after_15_minutes() {
    on_both(1, |hotel, clock| {
        Box::pin(async move {
            let paid = paid(&hotel, "r1").await;
            hotel.ask(cancel(paid.hold)).await.unwrap();
            let runner = runner_alone(&hotel);
            for _ in 0..15 {
                runner.run_due_once().await.unwrap();
                assert_eq!(matters(&hotel).await, []);
                clock.advance_ms(SETTLE_MS_MAX / 15);
            }
            runner.run_due_once().await.unwrap();
            let kinds: Vec<&str> = matters(&hotel).await.iter().map(|matter| matter.0).collect();
            assert_eq!(kinds, ["payment_unsettled"]);
            drop(runner);
            hotel.close().await;
        })
    });
}

#[test]
fn a_sale_never_takes_the_room_of_a_guest_who_is_paying() {
    on_both(1, |hotel, clock| {
        Box::pin(async move {
            let paying = Paying::begin(&hotel, "r1").await;
            clock.advance_ms(HOLD_TTL_MS);
            assert_eq!(code(hotel.desk.submit(hotel.book("r2", 10, 11, 1)).await), "sold_out");
            assert_eq!(jobs(&hotel).await, [settle_of(&paying.reservation)]);
            let paid = paying.hear(&hotel, PaymentState::Succeeded).await;
            assert_eq!(paid.status(), "CONFIRMED");
            hotel.close().await;
        })
    });
}

#[test]
fn late_money_takes_its_nights_again_or_goes_back() {
    on_both(1, |hotel, clock| {
        Box::pin(async move {
            let late = |request: &'static str| {
                let (hotel, clock) = (&hotel, &clock);
                async move {
                    let paying = Paying::begin(hotel, request).await;
                    paying.hear(hotel, PaymentState::Failed).await;
                    clock.advance_ms(HOLD_TTL_MS);
                    hotel.ask(Command::Lapse { hold: paying.hold() }).await.unwrap();
                    paying
                }
            };
            let lost = late("r1").await;
            let kept = late("r2").await;
            let paid = kept.hear(&hotel, PaymentState::Succeeded).await;
            assert_eq!(paid.status(), "CONFIRMED", "the night was still free");
            let paid = lost.hear(&hotel, PaymentState::Succeeded).await;
            assert_eq!(paid.stay_state, StayState::Expired, "the night is another's");
            let reason = "paid_after_the_stock_was_gone";
            assert_eq!(jobs(&hotel).await, [refund_of(&lost.reservation, 10_000, reason)]);
            assert_eq!(hotel.gone(10..11).await, [(0, 1)]);
            hotel.close().await;
        })
    });
}

#[test]
fn a_guest_who_cancels_while_paying_gives_the_room_back_and_the_provider_is_asked() {
    on_both(1, |hotel, _| {
        Box::pin(async move {
            let paying = Paying::begin(&hotel, "r1").await;
            hotel.ask(cancel(paying.hold())).await.unwrap();
            assert_eq!(jobs(&hotel).await, [settle_of(&paying.reservation)]);
            assert!(hotel.hold(10, 11, 1).await.is_ok());
            let paid = paying.hear(&hotel, PaymentState::Succeeded).await;
            assert_eq!(paid.status(), "CANCELED", "who canceled wants the money back");
            let due = refund_of(&paying.reservation, 10_000, "paid_after_the_stock_was_gone");
            assert!(jobs(&hotel).await.contains(&due));
            hotel.close().await;
        })
    });
}

#[test]
fn a_payment_of_another_reservation_is_not_moved() {
    on_both(2, |hotel, _| {
        Box::pin(async move {
            let (one, two) = (Paying::begin(&hotel, "r1").await, Paying::begin(&hotel, "r2").await);
            let crossed = Paying { payment: two.payment, ..one };
            let news = crossed.news(PaymentState::Succeeded, 10_000);
            assert_eq!(code(hotel.ask(news).await), "payment_not_found");
            let order = Order::new(PROPERTY, "test", crossed.refund(0x51, 1));
            assert_eq!(code(hotel.desk.submit(order).await), "payment_not_found");
            assert_eq!(hotel.gone(10..11).await, [(2, 0)]);
            hotel.close().await;
        })
    });
}
