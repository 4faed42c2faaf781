//! Guests who pay at a stand-in of a provider: what they ask, what becomes of them, and the judgement of
//! both books in the end. They do not give up: whoever answers, they ask until somebody does.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use vacancy_store::sql::Engine;

use crate::Trouble;
use crate::checkers::money::{self, Order, Stay};
use crate::house::House;
use crate::place::Place;
use crate::scenario::Setup;
use crate::stage::{Doors, Stage, doors};
use crate::stripe::{self, COMPLETED, Session, Stripe};
use crate::wire::{self, Answer, Ask};

/// Longest wait for an answer, or for a state to come.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(100);
/// After so long without news, jobs that wait for their time are made due.
const NEWS: Duration = Duration::from_secs(1);

/// A place whose server takes the stand-in for Stripe.
pub(crate) async fn place(
    setup: &Setup,
    engine: Engine,
    stripe: &Stripe,
) -> Result<Place, Trouble> {
    let mut place = Place::open(&setup.binary, engine).await?;
    place.envs.extend(stripe.envs());
    Ok(place)
}

/// What all of them share.
#[derive(Clone)]
pub(crate) struct Town {
    pub(crate) doors: Doors,
    pub(crate) stripe: Stripe,
    admin_key: String,
}

impl Town {
    pub(crate) fn new(place: &Place, stage: &Stage<'_>, stripe: &Stripe) -> Result<Town, Trouble> {
        let (doors, stripe) = (doors(&[stage]), stripe.clone());
        Ok(Town { doors, stripe, admin_key: place.admin_key()? })
    }

    pub(crate) async fn house(&self, rooms: usize) -> Result<House, Trouble> {
        House::build(self.doors.knock(0).await?, &self.admin_key, rooms).await
    }

    /// The first whole answer, whoever gives it.
    pub(crate) async fn told(&self, ask: &Ask) -> Result<Answer, Trouble> {
        let began = Instant::now();
        loop {
            let address = self.doors.knock(0).await?;
            match wire::ask(address, ask).await {
                Ok(answer) => return Ok(answer),
                Err(error) if PATIENCE < began.elapsed() => return Err(error.into()),
                Err(_died) => tokio::time::sleep(PAUSE).await,
            }
        }
    }

    /// The same, until it is a certain one.
    pub(crate) async fn expect(&self, ask: &Ask, status: u16) -> Result<Answer, Trouble> {
        let began = Instant::now();
        loop {
            let answer = self.told(ask).await?;
            let is_open = answer.status == 503 || answer.body["code"] == "request_in_flight";
            if answer.status == status {
                return Ok(answer);
            }
            if !is_open || PATIENCE < began.elapsed() {
                return Err(format!("{} {}: {answer:?}", ask.method, ask.path).into());
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// So many guests with a room each.
    pub(crate) async fn payers(
        &self,
        house: &House,
        name: &str,
        count: usize,
    ) -> Result<Vec<Payer>, Trouble> {
        let mut payers = Vec::new();
        for number in 0..count {
            payers.push(Payer::book(self, house, &format!("{name}-{number}")).await?);
        }
        Ok(payers)
    }

    /// All of them go to pay at the same moment: the answers, none where nobody gave one, and how long
    /// each took.
    pub(crate) async fn order_at_once(
        &self,
        payers: &[Payer],
    ) -> Result<Vec<(Option<Answer>, Duration)>, Trouble> {
        let address = self.doors.knock(0).await?;
        let asks: Vec<_> = payers
            .iter()
            .map(|payer| {
                let ask = payer.order();
                tokio::spawn(async move {
                    let began = Instant::now();
                    (wire::ask(address, &ask).await.ok(), began.elapsed())
                })
            })
            .collect();
        let mut answers = Vec::new();
        for ask in asks {
            answers.push(ask.await?);
        }
        Ok(answers)
    }

    /// Waits until both books agree and nobody waits for anything; what is wrong when they never do.
    pub(crate) async fn settle(
        &self,
        place: &Place,
        payers: &[Payer],
    ) -> Result<Vec<String>, Trouble> {
        let (began, mut news) = (Instant::now(), Instant::now());
        loop {
            let found = self.judge(payers).await?;
            if found.is_empty() || PATIENCE < began.elapsed() {
                return Ok(found);
            }
            if NEWS < news.elapsed() {
                place.jobs_come_due().await?;
                news = Instant::now();
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Both books of these guests as they are now; waiting is wrong, too.
    pub(crate) async fn judge(&self, payers: &[Payer]) -> Result<Vec<String>, Trouble> {
        let ledger = self.stripe.ledger();
        let is_theirs = |one: &&Session| payers.iter().any(|payer| payer.id == one.reservation);
        let orders: Vec<Order> = ledger.iter().filter(is_theirs).map(order_of).collect();
        let stays = self.stays(payers).await?;
        let waiting = stays.iter().filter(|stay| stay.status == "PENDING_PAYMENT");
        let waiting = waiting.map(|stay| format!("{stay:?} waits"));
        Ok(money::check(&orders, &stays).into_iter().chain(waiting).collect())
    }

    async fn stays(&self, payers: &[Payer]) -> Result<Vec<Stay>, Trouble> {
        let mut stays = Vec::new();
        for payer in payers {
            stays.push(payer.stay(self).await?);
        }
        Ok(stays)
    }

    /// Everything that the provider has against all guests that there were.
    pub(crate) async fn judge_all(&self, payers: &[Payer]) -> Result<Vec<String>, Trouble> {
        let orders: Vec<Order> = self.stripe.ledger().iter().map(order_of).collect();
        Ok(money::check(&orders, &self.stays(payers).await?))
    }
}

/// Ends the server, and looks at its books by a process of its own. The provider's faults stand in its
/// log as errors; those are right there.
pub(crate) fn close(
    place: &Place,
    mut stage: Stage<'_>,
    found: &mut Vec<String>,
) -> Result<(), Trouble> {
    stage.stop()?;
    if let Err(told) = place.verify() {
        found.push(told.to_string());
    }
    Ok(())
}

fn order_of(session: &Session) -> Order {
    Order {
        id: session.id.clone(),
        payment: session.reference.clone(),
        captured: session.captured,
        returned: session.returned(),
        refunds: session.refunds.len(),
        is_open: session.stage == stripe::Stage::Open,
    }
}

/// A guest with a room, and what they go to pay.
#[derive(Clone)]
pub(crate) struct Payer {
    pub(crate) id: String,
    token: String,
    /// In minor units.
    total: i64,
    pub(crate) payment: String,
    pub(crate) session: String,
}

impl Payer {
    pub(crate) async fn book(town: &Town, house: &House, name: &str) -> Result<Payer, Trouble> {
        let booked = town.expect(&house.wish(name, 0), 201).await?;
        let total = booked.body["price"]["finalPrice"]["amount"].as_i64();
        Ok(Payer {
            id: booked.text("reservationId")?,
            token: booked.text("guestToken")?,
            total: total.ok_or("a reservation without a price")?,
            payment: String::new(),
            session: String::new(),
        })
    }

    pub(crate) fn order(&self) -> Ask {
        let body = json!({
            "reservationId": self.id, "paymentProvider": "STRIPE",
            "returnUrl": "https://app.example.com/return",
        });
        Ask::post("/v1/payments/order".into(), &body).by(&self.token)
    }

    pub(crate) fn cancel(&self) -> Ask {
        let body = json!({"reason": "plans changed"});
        Ask::post(format!("/v1/reservations/{}/cancel", self.id), &body).by(&self.token)
    }

    pub(crate) fn show(&self) -> Ask {
        Ask::get(format!("/v1/reservations/{}", self.id)).by(&self.token)
    }

    /// Asks for the order until there is one.
    pub(crate) async fn opens(&mut self, town: &Town) -> Result<(), Trouble> {
        let began = Instant::now();
        loop {
            let answer = town.told(&self.order()).await?;
            if answer.status == 200 {
                self.session = answer.text("paymentOrderId")?;
                self.payment = answer.text("paymentId")?;
                return Ok(());
            }
            // A provider that keeps an error with our key takes no order under it: the next one has another.
            let goes_on =
                matches!(answer.status, 202 | 503) || answer.body["code"] == "payment_declined";
            if PATIENCE < began.elapsed() || !goes_on {
                return Err(format!("no order: {answer:?}").into());
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Tells the server of something, as the provider does; again until it says that it has heard.
    pub(crate) async fn tell(&self, town: &Town, event: &str, kind: &str) -> Result<(), Trouble> {
        let event = stripe::event(event, kind, &self.session, &self.payment, 0);
        town.expect(&event, 200).await.map(|_| ())
    }

    /// Pays, and the provider tells of it.
    pub(crate) async fn pays(&self, town: &Town) -> Result<(), Trouble> {
        town.stripe.pay(&self.session);
        self.tell(town, &format!("evt_{}", self.session), COMPLETED).await
    }

    pub(crate) async fn shown(&self, town: &Town) -> Result<Value, Trouble> {
        Ok(town.expect(&self.show(), 200).await?.body)
    }

    pub(crate) async fn status(&self, town: &Town) -> Result<String, Trouble> {
        let shown = self.shown(town).await?;
        Ok(shown["status"].as_str().unwrap_or_default().to_owned())
    }

    /// Waits for a status; jobs whose time would come later are made due.
    pub(crate) async fn until(
        &self,
        town: &Town,
        place: &Place,
        wanted: &str,
    ) -> Result<(), Trouble> {
        let (began, mut news) = (Instant::now(), Instant::now());
        loop {
            let shown = self.shown(town).await?;
            if shown["status"] == wanted {
                return Ok(());
            }
            if PATIENCE < began.elapsed() {
                return Err(format!("{} is not {wanted}: {shown}", self.id).into());
            }
            if NEWS < news.elapsed() {
                place.jobs_come_due().await?;
                news = Instant::now();
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn stay(&self, town: &Town) -> Result<Stay, Trouble> {
        let shown = self.shown(town).await?;
        let ask = Ask::get(format!("/v1/reservations/{}/folio", self.id)).by(&self.token);
        let folio = town.expect(&ask, 200).await?.body;
        let minor = |value: &Value| value["amount"].as_i64().unwrap_or(i64::MIN);
        let payments = shown["payments"].as_array().into_iter().flatten();
        Ok(Stay {
            id: self.id.clone(),
            status: shown["status"].as_str().unwrap_or_default().to_owned(),
            total: self.total,
            paid: minor(&shown["paid"]),
            refunded: minor(&shown["refunded"]),
            balance: minor(&folio["balance"]),
            payments: payments
                .filter_map(|one| one["paymentId"].as_str().map(str::to_owned))
                .collect(),
        })
    }
}
