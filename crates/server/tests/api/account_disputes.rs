//! Goal: what a bank disputes at an account of a business's own is told there once, until it is over, until nobody
//! can be asked any more, or until nobody needs the answer.
//! Method: as in `accounts`.

use std::sync::Arc;

use axum::body::Body;
use axum::http::Method;
use serde_json::{Value, json};
use vacancy_connect::payments::stripe::SIGNATURE_HEADER;
use vacancy_store::jobs::JobState;
use vacancy_store::jobs::watch::{self, Cursor};

use super::accounts::{Vendors, address, make, order, post_paid, stripes, with_accounts};
use super::comparing::{DAY_MS, inbox};
use super::house::{House, path_of, text};
use super::stand_in::Trouble;

const MINUTE_MS: i64 = 60 * 1000;

/// A stay that was paid at the first of two accounts, which are one at Stripe, and a bank that takes the
/// money back.
struct Case {
    house: Arc<House>,
    vendors: Arc<Vendors>,
    first: Value,
    second: Value,
    name: String,
}

fn webhook(account: &Value) -> String {
    text(&account["webhookUrl"]).replace("http://127.0.0.1", "")
}

impl Case {
    async fn open(house: Arc<House>, vendors: Arc<Vendors>) -> Case {
        let first = make(&house, &house.owner, &stripes()).await;
        let booked = house.book("r1", json!({})).await;
        let opened = order(&house, &booked, "STRIPE").await.expect(200);
        let order = text(&opened["paymentOrderId"]);
        vendors.stripe.with(|account| account.pay(&order));
        post_paid(&house, &vendors, &webhook(&first), &order).await.expect(200);
        house.until_status(&path_of(&booked), &house.owner, "CONFIRMED").await;
        let second = make(&house, &house.owner, &stripes()).await;
        let name = vendors.stripe.with(|account| account.dispute(&order, true));
        Case { house, vendors, first, second, name }
    }

    fn is_of_nobody(&self) {
        self.vendors.stripe.with(|account| {
            account.disputes.get_mut(&self.name).unwrap()["payment_intent"] = json!("pi_lost");
        });
    }

    async fn post(&self, account: &Value) {
        let event = |account: &mut super::stand_in::stripe::Account| {
            account.dispute_event("charge.dispute.created", &self.name)
        };
        let (signature, body) = self.vendors.stripe.with(event);
        let post = self.house.post(webhook(account)).header(SIGNATURE_HEADER, &signature);
        post.send_body(Body::from(body)).await.expect(200);
    }

    async fn pass(&self, ms: i64) {
        self.house.advance_ms(ms).await;
        self.vendors.stripe.with(|account| account.now_s = self.house.now_ms() / 1000);
        self.house.until_idle().await;
    }

    /// Time passes step by step until people are told of so many disputes.
    async fn told(&self, step_ms: i64, count: usize) -> Vec<Value> {
        for _ in 0..100 {
            self.pass(step_ms).await;
            let open = inbox(&self.house).await;
            if open.len() == count {
                return open;
            }
        }
        panic!("not {count}: {:?}", inbox(&self.house).await);
    }

    /// Jobs that ask for a dispute and are not done.
    async fn questions(&self) -> usize {
        let listed = self.house.state.db.read(|tx| {
            Box::pin(async move {
                let mut waiting = watch::list(tx, JobState::Waiting, Cursor::START, 100).await?;
                waiting.extend(watch::list(tx, JobState::Parked, Cursor::START, 100).await?);
                Ok(waiting)
            })
        });
        listed.await.unwrap().iter().filter(|job| job.kind == "look_up_dispute").count()
    }
}

#[test]
fn a_dispute_of_a_payment_that_the_store_does_not_have_is_told_until_it_is_over() {
    with_accounts(|house, vendors| {
        Box::pin(async move {
            let case = Case::open(house, vendors).await;
            case.is_of_nobody();
            case.post(&case.first).await;
            let open = case.told(MINUTE_MS, 1).await;
            assert_eq!(open[0]["kind"], "dispute_opened");
            let told = text(&open[0]["detail"]);
            assert!(told.contains("took back EUR 254.40") && told.contains(&case.name), "{told}");
            assert!(open[0]["dueBy"].is_string() && open[0]["paymentId"].is_null());
            // No event tells of its end: it is asked for again each day.
            case.vendors.stripe.with(|account| {
                account.dispute_becomes(&case.name, "won");
                account.dispute_moves(&case.name, 1);
            });
            case.told(60 * MINUTE_MS, 0).await;
        })
    });
}

#[test]
fn a_dispute_at_an_account_that_is_deleted_is_nobodys_matter_and_asked_for_no_more() {
    with_accounts(|house, vendors| {
        Box::pin(async move {
            let case = Case::open(house, vendors).await;
            case.is_of_nobody();
            case.post(&case.second).await;
            case.told(MINUTE_MS, 1).await;
            let delete = case.house.ask(Method::DELETE, address(&case.second));
            let delete = delete.by(&case.house.owner).header("if-match", "*");
            delete.send().await.expect(204);
            case.told(60 * MINUTE_MS, 0).await;
            assert_eq!(case.questions().await, 0);
        })
    });
}

#[test]
fn a_question_about_a_dispute_is_given_up_after_half_a_year() {
    with_accounts(|house, vendors| {
        Box::pin(async move {
            let case = Case::open(house, vendors).await;
            case.vendors.stripe.trouble(&[Trouble::Refused(503); 100]);
            case.post(&case.first).await;
            case.pass(MINUTE_MS).await;
            assert_eq!(case.questions().await, 1);
            case.pass(180 * DAY_MS).await;
            assert_eq!(case.questions().await, 0);
        })
    });
}

#[test]
fn a_dispute_that_our_key_may_not_read_is_told_and_booked_once_it_may() {
    with_accounts(|house, vendors| {
        Box::pin(async move {
            let case = Case::open(house, vendors).await;
            case.vendors.stripe.with(|account| account.refuses_key = true);
            case.post(&case.first).await;
            let open = case.told(MINUTE_MS, 1).await;
            assert_eq!(open[0]["kind"], "dispute_opened");
            let told = text(&open[0]["detail"]);
            assert!(told.contains("may not read disputes") && told.contains(&case.name), "{told}");
            case.vendors.stripe.with(|account| account.refuses_key = false);
            case.pass(61 * MINUTE_MS).await;
            let open = inbox(&case.house).await;
            assert_eq!((open.len(), &open[0]["kind"]), (1, &json!("dispute_opened")));
            assert!(open[0]["paymentId"].is_string(), "{open:?}");
        })
    });
}

#[test]
fn a_dispute_is_told_once_though_two_accounts_are_one_at_the_provider() {
    with_accounts(|house, vendors| {
        Box::pin(async move {
            let case = Case::open(house, vendors).await;
            case.post(&case.second).await;
            for _ in 0..10 {
                case.pass(3 * MINUTE_MS).await;
            }
            assert_eq!(inbox(&case.house).await, [Value::Null; 0]);
            case.post(&case.first).await;
            let open = case.told(MINUTE_MS, 1).await;
            assert!(open[0]["paymentId"].is_string(), "{open:?}");
        })
    });
}
