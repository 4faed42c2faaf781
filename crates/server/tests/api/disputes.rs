//! Goal: what a guest's bank asks about or takes back stands in the folio, in the inbox and in the list;
//! no booking ends by it, nobody is charged again, nothing goes back twice.
//! Method: each vendor's stand-in with its signed events, the daily comparison where they get lost, the
//! sandbox's page.

use std::sync::Arc;

use serde_json::{Value, json};
use vacancy_connect::payments::{razorpay, stripe};

use super::house::{House, on_both, path_of, text};
use super::vendors::{Booked, Vendor, Vendors, book, post_event, with_each};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

async fn shown(house: &House, path: &str) -> Value {
    house.get(path).by(&house.owner).send().await.expect(200)
}

pub(crate) async fn matters(house: &House) -> Vec<Value> {
    shown(house, "/v1/payments/inbox").await["items"].as_array().unwrap().clone()
}

/// The kinds of open matters.
pub(crate) async fn inbox(house: &House) -> Vec<String> {
    matters(house).await.iter().map(|item| text(&item["kind"])).collect()
}

/// The jobs run until the one open matter says this.
pub(crate) async fn until_told(house: &House, words: &str) -> Value {
    house.until_idle().await;
    let told = matters(house).await;
    match told.as_slice() {
        [only] if text(&only["detail"]).contains(words) => only.clone(),
        _ => panic!("nobody is told that a bank {words}: {told:?}"),
    }
}

pub(crate) async fn resolve(house: &House, matter: &Value, resolution: &str) {
    let path = format!("/v1/payments/inbox/{}/resolve", text(&matter["matterId"]));
    let step = json!({"resolution": resolution});
    house.post(path).by(&house.owner).send_json(&step).await.expect(200);
}

/// When the jobs are done, these matters are open, and no others.
pub(crate) async fn until(house: &House, kinds: &[&str]) {
    house.until_idle().await;
    assert_eq!(inbox(house).await, kinds);
}

/// The folio's entries of banks, and its balance.
pub(crate) async fn taken(house: &House, path: &str) -> (Vec<(String, i64)>, i64) {
    let folio = shown(house, &format!("{path}/folio")).await;
    let entries = folio["entries"].as_array().unwrap();
    let number = |entry: &Value| entry["amount"]["amount"].as_i64().unwrap();
    let balance = folio["balance"]["amount"].as_i64().unwrap();
    assert_eq!(entries.iter().map(number).sum::<i64>(), balance);
    let of_banks = entries.iter().filter(|one| text(&one["kind"]).starts_with("chargeback"));
    (of_banks.map(|one| (text(&one["kind"]), number(one))).collect(), balance)
}

/// A stay that was paid, and a bank that takes the money back.
pub(crate) struct Case {
    pub(crate) house: Arc<House>,
    pub(crate) vendors: Arc<Vendors>,
    pub(crate) vendor: Vendor,
    pub(crate) booked: Booked,
    pub(crate) payment: String,
    pub(crate) amount: i64,
    pub(crate) name: String,
}

impl Case {
    pub(crate) async fn open(
        house: Arc<House>,
        vendors: Arc<Vendors>,
        vendor: Vendor,
        takes: bool,
    ) -> Case {
        let booked = book(&house, vendor, "r1").await;
        let paid = vendors.pay(vendor, &booked.order);
        booked.confirm(&house).await.expect(200);
        let payment = format!("/v1/payments/{}", text(&booked.opened["paymentId"]));
        let amount = booked.opened["amount"]["amount"].as_i64().unwrap();
        let name = match vendor {
            Vendor::Stripe => vendors.stripe.with(|account| account.dispute(&paid, takes)),
            Vendor::Razorpay => vendors.razorpay.with(|account| account.dispute(&paid, takes)),
        };
        Case { house, vendors, vendor, booked, payment, amount, name }
    }

    /// The bank's verdict; a win gives the money back.
    pub(crate) fn decide(&self, status: &str) {
        match self.vendor {
            Vendor::Stripe => self.vendors.stripe.with(|account| {
                account.dispute_becomes(&self.name, status);
                if status == "won" {
                    account.dispute_moves(&self.name, 1);
                }
            }),
            Vendor::Razorpay => {
                self.vendors.razorpay.with(|account| account.dispute_becomes(&self.name, status));
            }
        }
    }

    /// A bank asks, and people hear of it: their matter.
    pub(crate) async fn asked(&self) -> Value {
        self.post("charge.dispute.created", "payment.dispute.created").await;
        until_told(&self.house, "asks about").await
    }

    /// What was a question becomes a chargeback of so much, with another last day for evidence.
    pub(crate) fn takes(&self, amount: i64) {
        let due_by = self.house.now_ms() / 1000 + 14 * 86_400;
        match self.vendor {
            Vendor::Stripe => self.vendors.stripe.with(|account| {
                let dispute = account.disputes.get_mut(&self.name).unwrap();
                dispute["amount"] = json!(amount);
                dispute["is_charge_refundable"] = json!(false);
                dispute["evidence_details"]["due_by"] = json!(due_by);
                account.dispute_becomes(&self.name, "needs_response");
                account.dispute_moves(&self.name, -1);
            }),
            Vendor::Razorpay => self.vendors.razorpay.with(|account| {
                let dispute = account.disputes.get_mut(&self.name).unwrap();
                dispute["amount_deducted"] = json!(amount);
                dispute["respond_by"] = json!(due_by);
            }),
        }
    }

    /// An event of this kind is posted, twice.
    pub(crate) async fn post(&self, of_stripe: &str, of_razorpay: &str) {
        let (header, (signature, body)) = match self.vendor {
            Vendor::Stripe => {
                let event = |account: &mut super::stand_in::stripe::Account| {
                    account.dispute_event(of_stripe, &self.name)
                };
                (stripe::SIGNATURE_HEADER, self.vendors.stripe.with(event))
            }
            Vendor::Razorpay => {
                let event = |account: &mut super::stand_in::razorpay::Account| {
                    account.dispute_event(of_razorpay, &self.name)
                };
                (razorpay::SIGNATURE_HEADER, self.vendors.razorpay.with(event))
            }
        };
        let posted = (header, signature, body);
        for _ in 0..2 {
            post_event(&self.house, self.vendor, &posted).await.expect(200);
        }
    }

    async fn refund(&self, key: &str) -> super::house::Answer {
        let ask = self.house.post(format!("{}/refunds", self.payment)).by(&self.house.owner);
        let answer = ask.header("idempotency-key", key).send_json(&json!({"reason": "x"})).await;
        self.house.until_idle().await;
        answer
    }

    /// Minutes pass until this went back, refund by refund, and is booked.
    async fn until_back(&self, amounts: &[i64]) {
        for _ in 0..20 {
            self.house.until_idle().await;
            let payment = self.payment().await;
            if payment["refunded"]["amount"] == amounts.iter().sum::<i64>() {
                break;
            }
            self.vendors.advance_ms(&self.house, 60_000).await;
        }
        assert_eq!(self.vendors.refunds(self.vendor), amounts);
    }

    pub(crate) async fn payment(&self) -> Value {
        shown(&self.house, &self.payment).await
    }
}

#[test]
fn what_a_bank_takes_back_is_told_and_comes_back_when_it_is_won() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            let case = Case::open(house, vendors, vendor, true).await;
            let (house, amount) = (&case.house, case.amount);
            case.post("charge.dispute.created", "payment.dispute.created").await;
            until(house, &["dispute_opened"]).await;
            let payment = case.payment().await;
            assert_eq!(payment["chargedBack"]["amount"], amount);
            let dispute = &payment["disputes"][0];
            assert_eq!(dispute["providerDisputeId"], case.name.as_str());
            assert_eq!(
                (&dispute["status"], &dispute["funds"]),
                (&json!("needs_response"), &json!("withdrawn"))
            );
            let stay = shown(house, &case.booked.path).await;
            assert_eq!((&stay["status"], &stay["due"]["amount"]), (&json!("CONFIRMED"), &json!(0)));
            assert_eq!(stay["chargedBack"]["amount"], amount);
            let chargeback = ("chargeback".to_owned(), amount);
            assert_eq!(taken(house, &case.booked.path).await, (vec![chargeback.clone()], amount));
            let matter = shown(house, "/v1/payments/inbox").await["items"][0].clone();
            assert_eq!(matter["kind"], "dispute_opened");
            assert_eq!(matter["dueBy"], dispute["dueBy"]);
            assert_eq!(matter["resolutions"], json!(["dismiss"]));
            let open = shown(house, "/v1/payments/disputes?state=open").await;
            assert_eq!(open["items"][0]["dispute"], *dispute);
            case.refund("k1").await.problem(409, "payment_disputed");
            case.decide("won");
            case.post("charge.dispute.closed", "payment.dispute.won").await;
            until(house, &[]).await;
            let back = ("chargeback_reversed".to_owned(), -amount);
            assert_eq!(taken(house, &case.booked.path).await, (vec![chargeback, back], 0));
            let payment = case.payment().await;
            assert_eq!(payment["chargedBack"]["amount"], 0);
            assert_eq!(payment["disputes"][0]["status"], "won");
            let closed = shown(house, "/v1/payments/disputes?state=closed").await;
            assert_eq!(closed["items"].as_array().unwrap().len(), 1);
            case.refund("k2").await.expect(201);
        })
    });
}

#[test]
fn who_cancels_gets_nothing_twice_and_a_loss_is_told() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            let case = Case::open(house, vendors, vendor, true).await;
            let house = &case.house;
            case.post("charge.dispute.funds_withdrawn", "payment.dispute.created").await;
            until(house, &["dispute_opened"]).await;
            let cancel = house.post(format!("{}/cancel", case.booked.path)).by(&case.booked.token);
            cancel.send_json(&json!({})).await.expect(200);
            house.until_idle().await;
            assert_eq!(case.vendors.refunds(vendor), [0; 0]);
            assert_eq!(taken(house, &case.booked.path).await.1, 0);
            case.decide("lost");
            case.post("charge.dispute.closed", "payment.dispute.lost").await;
            until(house, &["dispute_lost"]).await;
            house.until_idle().await;
            let stay = shown(house, &case.booked.path).await;
            assert_eq!((&stay["status"], &stay["due"]["amount"]), (&json!("CANCELED"), &json!(0)));
            assert_eq!(case.vendors.refunds(vendor), [0; 0]);
        })
    });
}

#[test]
fn a_dispute_whose_events_were_lost_is_found_by_the_daily_comparison() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            let case = Case::open(house, vendors, vendor, true).await;
            let house = &case.house;
            house.state.payments.begin_comparing().await.unwrap();
            case.vendors.advance_ms(house, DAY_MS).await;
            until(house, &["dispute_opened"]).await;
            assert_eq!(case.payment().await["chargedBack"]["amount"], case.amount);
            // Weeks later, when its window has long passed, its end is heard all the same.
            case.decide("lost");
            case.vendors.advance_ms(house, 20 * DAY_MS).await;
            until(house, &["dispute_lost"]).await;
            assert_eq!(case.payment().await["disputes"][0]["status"], "lost");
        })
    });
}

#[test]
fn a_question_of_the_bank_takes_nothing() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            let case = Case::open(house, vendors, vendor, false).await;
            case.post("charge.dispute.created", "payment.dispute.created").await;
            until(&case.house, &["dispute_opened"]).await;
            assert_eq!(taken(&case.house, &case.booked.path).await, (vec![], 0));
            case.refund("k1").await.expect(201);
        })
    });
}

#[test]
fn a_question_that_becomes_a_chargeback_is_told_again_with_its_new_last_day() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            let case = Case::open(house, vendors, vendor, false).await;
            let house = &case.house;
            let asked = case.asked().await;
            case.takes(case.amount);
            case.post("charge.dispute.funds_withdrawn", "payment.dispute.action_required").await;
            let taken = until_told(house, "took back").await;
            assert_eq!(taken["matterId"], asked["matterId"]);
            assert_ne!(taken["dueBy"], asked["dueBy"]);
            assert_eq!(taken["dueBy"], case.payment().await["disputes"][0]["dueBy"]);
        })
    });
}

#[test]
fn a_dispute_that_is_closed_with_the_money_is_a_loss_that_people_hear_of() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            // Stripe closes no dispute without a verdict when it has the money.
            if vendor == Vendor::Stripe {
                return;
            }
            let case = Case::open(house, vendors, vendor, false).await;
            let house = &case.house;
            case.post("", "payment.dispute.created").await;
            until(house, &["dispute_opened"]).await;
            case.takes(case.amount);
            case.decide("closed");
            case.post("", "payment.dispute.closed").await;
            until(house, &["dispute_lost"]).await;
            house.until_idle().await;
            assert_eq!(inbox(house).await, ["dispute_lost"]);
            assert_eq!(taken(house, &case.booked.path).await.1, case.amount);
        })
    });
}

#[test]
fn who_left_a_question_alone_hears_that_the_money_was_taken() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            let case = Case::open(house, vendors, vendor, false).await;
            let house = &case.house;
            case.post("charge.dispute.created", "payment.dispute.created").await;
            resolve(house, &until_told(house, "asks about").await, "dismiss").await;
            case.takes(case.amount);
            case.post("charge.dispute.funds_withdrawn", "payment.dispute.action_required").await;
            let taken = until_told(house, "took back").await;
            assert_eq!(taken["kind"], "dispute_opened");
        })
    });
}

#[test]
fn who_cancels_while_the_bank_has_a_part_is_owed_the_rest_and_people_hear_of_it() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            let case = Case::open(house, vendors, vendor, false).await;
            let (house, path) = (&case.house, &case.booked.path);
            let part = 10_000;
            case.takes(part);
            case.post("charge.dispute.created", "payment.dispute.created").await;
            until(house, &["dispute_opened"]).await;
            let chargeback = ("chargeback".to_owned(), part);
            assert_eq!(taken(house, path).await, (vec![chargeback.clone()], part));
            let cancel = house.post(format!("{path}/cancel")).by(&case.booked.token);
            let told = cancel.send_json(&json!({})).await.expect(200);
            assert_eq!(told["refund"]["amount"], case.amount - part);
            // Its provider gives nothing back of such a payment, so people must.
            until(house, &["dispute_opened", "refund_failed"]).await;
            assert_eq!(case.vendors.refunds(vendor), [0; 0]);
            // Nothing is charged any more, and the house has what the bank left.
            assert_eq!(taken(house, path).await.1, part - case.amount);
            case.decide("won");
            case.post("charge.dispute.closed", "payment.dispute.won").await;
            until(house, &["refund_failed"]).await;
            // What the bank returned goes back by itself, and the rest by one step.
            case.until_back(&[part]).await;
            let back = ("chargeback_reversed".to_owned(), -part);
            assert_eq!(taken(house, path).await, (vec![chargeback, back], part - case.amount));
            resolve(house, &matters(house).await[0], "retry").await;
            case.until_back(&[part, case.amount - part]).await;
            assert_eq!(taken(house, path).await.1, 0);
        })
    });
}

#[test]
fn a_developer_tries_it_at_the_sandbox() {
    on_both(|house| {
        Box::pin(async move {
            let booked = house.book("r1", json!({})).await;
            let token = text(&booked["guestToken"]);
            let ask = json!({
                "reservationId": booked["reservationId"], "paymentProvider": "SANDBOX",
                "returnUrl": "https://app.example.com/return",
            });
            let ask_order = house.post("/v1/payments/order").by(&token);
            let ask_order = ask_order.header("vacancy-test", "payment_disputed");
            let opened = ask_order.send_json(&ask).await.expect(200);
            let page = format!("/sandbox/checkout/{}", text(&opened["paymentOrderId"]));
            for (form, kinds) in [
                ("card=upi&outcome=pay", &["dispute_opened"][..]),
                ("outcome=dispute", &["dispute_opened"]),
                ("outcome=dispute_lost", &["dispute_lost"]),
                ("outcome=dispute_won", &["dispute_lost"]),
            ] {
                let sent = house
                    .post(&page)
                    .header("sec-fetch-site", "same-origin")
                    .header("content-type", "application/x-www-form-urlencoded");
                assert_eq!(sent.send_body(form.into()).await.status, 303, "{form}");
                // The payment's own news may come behind those of its dispute.
                house.until_idle().await;
                house.advance_ms(60_000).await;
                until(&house, kinds).await;
            }
            let path = path_of(&booked);
            assert_eq!(taken(&house, &path).await.0.len(), 1);
            assert_eq!(shown(&house, &path).await["status"], "CONFIRMED");
        })
    });
}
