//! Goal: what people hear of a dispute begins and ends with the news that are booked, whatever the process
//! does then. Method: answers about a paid stay's dispute, straight to the desk; nobody else is there who
//! could end a matter.

use vacancy_app::desk::command::{Command, Order};
use vacancy_domain::disputes::{DisputeStatus, Funds, News, Told};
use vacancy_domain::ids::DisputeId;
use vacancy_domain::money::{Currency, Money};
use vacancy_domain::payments::Payment;
use vacancy_domain::reservations::Reservation;
use vacancy_store::payments;
use vacancy_store::sql::Engine;

use super::hotel::{Hotel, PROPERTY};
use super::money::{matters, paid};
use super::runs::in_one_batch;

const DISPUTE: DisputeId = DisputeId(0xd1);

type Answer = (DisputeStatus, Funds);

const ASKED: Answer = (DisputeStatus::NeedsResponse, Funds::Kept);
const TAKEN: Answer = (DisputeStatus::NeedsResponse, Funds::Withdrawn);
const REVIEWED: Answer = (DisputeStatus::UnderReview, Funds::Withdrawn);
const CLOSED: Answer = (DisputeStatus::Closed, Funds::Kept);
const LOST: Answer = (DisputeStatus::Lost, Funds::Withdrawn);
const WON: Answer = (DisputeStatus::Won, Funds::Reinstated);

async fn payment_of(hotel: &Hotel, reservation: &Reservation) -> Payment {
    let id = reservation.id;
    let read =
        hotel.db.read(move |tx| Box::pin(async move { payments::of_reservation(tx, id).await }));
    read.await.unwrap().remove(0)
}

/// The order that books one answer, asked for at this instant.
fn hear(stay: &Reservation, payment: &Payment, answer: Answer, asked_at_ms: i64) -> Order {
    let (status, funds) = answer;
    let news = News {
        dispute: DISPUTE,
        provider_dispute_id: "dp_1".to_owned(),
        payment: payment.id,
        opened_at_ms: 0,
        told: Told {
            amount: Money::new(10_000, Currency::EUR),
            reason: "fraudulent".to_owned(),
            status,
            funds,
            fee: None,
            due_by_ms: None,
            asked_at_ms,
        },
    };
    Order::new(PROPERTY, "test", Command::HearDispute { hold: stay.hold, news: Box::new(news) })
}

/// Whether each order waits for the one before.
#[derive(Debug, Clone, Copy)]
enum Come {
    OneByOne,
    AtOnce,
}

/// The kinds of matters that are open in the end.
fn check(answers: &[Answer], open: &[&str]) {
    for come in [Come::OneByOne, Come::AtOnce] {
        for engine in [Engine::Sqlite, Engine::Postgres] {
            in_one_batch(engine, 1, |hotel, _| async move {
                let stay = paid(&hotel, "r1").await;
                let payment = payment_of(&hotel, &stay).await;
                let mut waiting = Vec::new();
                for (answer, asked_at_ms) in answers.iter().zip(1..) {
                    let order = hear(&stay, &payment, *answer, asked_at_ms);
                    match come {
                        Come::OneByOne => hotel.desk.submit(order).await.map(|_| ()).unwrap(),
                        Come::AtOnce => waiting.push(hotel.desk.enqueue(order)),
                    }
                }
                for answer in waiting {
                    answer.await.unwrap().unwrap();
                }
                let expected: Vec<_> =
                    open.iter().map(|kind| (*kind, DISPUTE.to_string())).collect();
                assert_eq!(matters(&hotel).await, expected, "{answers:?} {come:?} {engine:?}");
                hotel.close().await;
            });
        }
    }
}

#[test]
fn what_people_heard_of_a_dispute_ends_with_the_news_that_book_its_end() {
    check(&[TAKEN], &["dispute_opened"]);
    check(&[TAKEN, REVIEWED], &["dispute_opened"]);
    check(&[TAKEN, WON], &[]);
    check(&[ASKED, CLOSED], &[]);
    check(&[TAKEN, LOST], &["dispute_lost"]);
}

#[test]
fn a_loss_is_told_until_the_bank_thinks_again_and_told_anew_when_it_does_so_twice() {
    check(&[TAKEN, LOST, WON], &[]);
    check(&[TAKEN, LOST, WON, LOST], &["dispute_lost"]);
    check(&[TAKEN, WON, LOST], &["dispute_lost"]);
}
