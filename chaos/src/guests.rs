//! A crowd at one house: every guest asks at the same moment and does not give up. One in four holds
//! a room, one pays and stays, one pays and cancels, one cancels without paying; in the end each asks
//! for the room once more and must hear what they heard first. Meanwhile somebody reads the house's list
//! again and again. Each attempt stands in the history.

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::sync::{Barrier, watch};
use tokio::task::JoinHandle;

use crate::Trouble;
use crate::checkers::{bounded_counter, set_full};
use crate::history::{History, Phase};
use crate::house::House;
use crate::stage::Doors;
use crate::wire::{self, Answer, Ask};

/// Longest wait for a definite answer.
const PATIENCE: Duration = Duration::from_secs(90);
const PAUSE: Duration = Duration::from_millis(30);
/// From one read of the list to the next.
const READ_PAUSE: Duration = Duration::from_millis(100);

/// Clones are the same crowd.
#[derive(Clone)]
pub(crate) struct Crowd {
    pub(crate) doors: Doors,
    pub(crate) house: House,
    pub(crate) history: History,
    /// Where the money goes: the sandbox keeps its books beside one instance, so several take
    /// payment at the property.
    pub(crate) is_paid_online: bool,
    /// Who has no answer for so long leaves, asks again and waits twice as long.
    pub(crate) try_max: Duration,
    /// How many whole answers came, of any kind.
    answered: Arc<watch::Sender<usize>>,
}

/// A crowd that has been let loose: the guests, and who reads the list.
pub(crate) struct Loose {
    guests: Vec<JoinHandle<Result<Fared, Trouble>>>,
    reader: JoinHandle<()>,
}

impl Loose {
    /// Waits until every guest has gone home.
    pub(crate) async fn settle(&self) {
        while !self.guests.iter().all(JoinHandle::is_finished) {
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// How a guest fared.
pub(crate) struct Fared {
    /// The reservation and its status as it must be in the end; `None`: sold out.
    pub(crate) reservation: Option<(String, &'static str)>,
    /// The longest wait from a request to its definite answer.
    pub(crate) wait: Duration,
}

impl Crowd {
    pub(crate) fn new(doors: Doors, house: House, history: History) -> Crowd {
        let answered = Arc::new(watch::Sender::new(0));
        let try_max = wire::PATIENCE;
        Crowd { doors, house, history, is_paid_online: true, try_max, answered }
    }

    /// At a house that is built for them.
    pub(crate) async fn at_a_new_house(
        doors: Doors,
        admin_key: &str,
        rooms: usize,
    ) -> Result<Crowd, Trouble> {
        let house = House::build(doors.knock(0).await?, admin_key, rooms).await?;
        Ok(Crowd::new(doors, house, History::new()))
    }

    /// Waits until so many answers have come.
    pub(crate) async fn answers(&self, count: usize) {
        let mut answered = self.answered.subscribe();
        let _the_sender_lives = answered.wait_for(|answers| count <= *answers).await.is_ok();
    }

    /// Lets them all go at once.
    pub(crate) fn arrive(&self, guests: usize, name: &str) -> Loose {
        let start = Arc::new(Barrier::new(guests));
        let guest = |number: usize| {
            let (crowd, start) = (self.clone(), Arc::clone(&start));
            let request = format!("{name}-{number}");
            tokio::spawn(async move {
                start.wait().await;
                crowd.live(number, request).await
            })
        };
        let reader = self.clone();
        Loose {
            guests: (0..guests).map(guest).collect(),
            reader: tokio::spawn(async move { reader.read(guests).await }),
        }
    }

    /// The house's list, again and again, until nobody needs it any more.
    async fn read(&self, process: usize) {
        let mut knocks = process;
        while let Ok(address) = self.doors.knock(knocks).await {
            knocks += 1;
            self.history.note(process, set_full::READ, "", Phase::Invoke, "");
            let (phase, value) = match self.house.listed(address).await {
                Ok(listed) => {
                    let ids: Vec<String> = listed.into_iter().map(|one| one.id).collect();
                    (Phase::Ok, ids.join(set_full::BETWEEN))
                }
                Err(trouble) if is_refused(trouble.downcast_ref()) => {
                    (Phase::Fail, REFUSED.to_owned())
                }
                Err(trouble) => (Phase::Info, trouble.to_string()),
            };
            self.history.note(process, set_full::READ, "", phase, &value);
            tokio::time::sleep(READ_PAUSE).await;
        }
    }

    /// Asks for rooms under new keys, one after the other, whatever is answered.
    pub(crate) async fn never_stop(&self, process: usize) {
        for turn in 0_u64.. {
            let key = format!("flood-{process}-{turn}");
            let ask = self.house.wish(&key, 0);
            let Ok(address) = self.doors.knock(process).await else { return };
            let _whatever = wire::ask(address, &ask).await;
        }
    }

    /// Each asks for a room under its key, all at once, and does nothing else.
    pub(crate) fn ask_only(&self, keys: Vec<String>) -> Vec<JoinHandle<Result<(), Trouble>>> {
        let start = Arc::new(Barrier::new(keys.len()));
        let guest = |(number, key): (usize, String)| {
            let (crowd, start) = (self.clone(), Arc::clone(&start));
            tokio::spawn(async move {
                // One body per key.
                let ask = crowd.house.wish(&key, 0);
                start.wait().await;
                let booked = crowd.told(number, "book", &key, &ask).await?;
                let is_sold_out = booked.body["code"] == bounded_counter::SOLD_OUT;
                if is_sold_out { Ok(()) } else { right(&booked, &ask, &[201]) }
            })
        };
        keys.into_iter().enumerate().map(guest).collect()
    }

    async fn live(&self, number: usize, request: String) -> Result<Fared, Trouble> {
        let began = Instant::now();
        let wish = self.house.wish(&request, number);
        let booked = self.told(number, "book", &request, &wish).await?;
        let mut wait = began.elapsed();
        match booked.status {
            201 => {}
            409 if booked.body["code"] == bounded_counter::SOLD_OUT => {
                return Ok(Fared { reservation: None, wait });
            }
            _ => return Err(format!("{request}: {booked:?}").into()),
        }
        let (id, token) = (booked.text("reservationId")?, booked.text("guestToken")?);
        let mut status = "PENDING_PAYMENT";
        let (pays, cancels) = (matches!(number % 4, 1 | 2), matches!(number % 4, 2 | 3));
        if pays {
            self.pay(number, &request, &id, &token).await?;
            status = "CONFIRMED";
        }
        if cancels {
            let began = Instant::now();
            let path = format!("/v1/reservations/{id}/cancel");
            let ask = Ask::post(path, &json!({"reason": "plans changed"})).by(&token);
            let answer = self.told(number, "cancel", &request, &ask).await?;
            right(&answer, &ask, &[200])?;
            status = if pays && self.is_paid_online { "REFUNDED" } else { "CANCELED" };
            wait = wait.max(began.elapsed());
        }
        self.same_again(number, &request, &wish, &booked).await?;
        let show = Ask::get(format!("/v1/reservations/{id}")).by(&token);
        let shown = self.told(number, "show", &request, &show).await?;
        right(&shown, &show, &[200])?;
        if shown.body["code"] != booked.body["code"] {
            return Err(format!("{request}: told {booked:?}, shown {shown:?}").into());
        }
        Ok(Fared { reservation: Some((id, status)), wait })
    }

    /// The same request is answered word for word as it was the first time.
    async fn same_again(
        &self,
        number: usize,
        request: &str,
        wish: &Ask,
        first: &Answer,
    ) -> Result<(), Trouble> {
        let again = self.told(number, "again", request, wish).await?;
        if again.is_replay && again.status == first.status && again.body == first.body {
            return Ok(());
        }
        Err(format!("{request}: one request, two answers: {first:?}, then {again:?}").into())
    }

    async fn pay(
        &self,
        number: usize,
        request: &str,
        id: &str,
        token: &str,
    ) -> Result<(), Trouble> {
        let provider = if self.is_paid_online { "SANDBOX" } else { "OFFLINE" };
        let mut body = json!({"reservationId": id, "paymentProvider": provider});
        if self.is_paid_online {
            body["returnUrl"] = json!("https://app.example.com/return");
        }
        let ask = Ask::post("/v1/payments/order".into(), &body).by(token);
        let opened = self.told(number, "order", request, &ask).await?;
        right(&opened, &ask, &[200])?;
        if !self.is_paid_online {
            return Ok(());
        }
        let order = opened.text("paymentOrderId")?;
        let page = Ask::form(format!("/sandbox/checkout/{order}"), "card=4242424242424242");
        // 409: it was paid before, and the answer was lost.
        right(&self.told(number, "checkout", request, &page).await?, &page, &[303, 409])?;
        let back = json!({"reservationId": id, "paymentOrderId": order});
        let back = Ask::post("/v1/payments/confirm".into(), &back).by(token);
        right(&self.told(number, "pay", request, &back).await?, &back, &[200])
    }

    /// Sends until the answer is definite.
    async fn told(
        &self,
        process: usize,
        op: &'static str,
        key: &str,
        ask: &Ask,
    ) -> Result<Answer, Trouble> {
        let began = Instant::now();
        let (mut knocks, mut try_max) = (process, self.try_max);
        loop {
            let address = self.doors.knock(knocks).await?;
            knocks += 1;
            self.history.note(process, op, key, Phase::Invoke, "");
            let outcome = wire::ask_within(address, ask, try_max).await;
            try_max = wire::PATIENCE.min(2 * try_max);
            let (phase, value) = phase_of(&outcome);
            self.history.note(process, op, key, phase, &value);
            if let Ok(answer) = outcome {
                self.answered.send_modify(|answers| *answers += 1);
                let is_open = answer.status == 503 || answer.body["code"] == "request_in_flight";
                if !is_open {
                    return Ok(answer);
                }
            }
            if PATIENCE < began.elapsed() {
                return Err(format!("{key}: {op} never got a definite answer").into());
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// Nobody listened, so nothing was sent.
pub(crate) const REFUSED: &str = "refused";

/// What an attempt says about the effect: a broken connection says nothing.
fn phase_of(outcome: &std::io::Result<Answer>) -> (Phase, String) {
    let answer = match outcome {
        Ok(answer) => answer,
        Err(error) if is_refused(Some(error)) => return (Phase::Fail, REFUSED.to_owned()),
        Err(_) => return (Phase::Info, String::new()),
    };
    let code = answer.body["code"].as_str().unwrap_or_default().to_owned();
    match answer.status {
        200..=399 => {
            let id = answer.body["reservationId"].as_str().unwrap_or_default();
            (Phase::Ok, id.to_owned())
        }
        503 if code == "outcome_unknown" => (Phase::Info, code),
        _ => (Phase::Fail, code),
    }
}

fn is_refused(error: Option<&std::io::Error>) -> bool {
    error.is_some_and(|error| error.kind() == ErrorKind::ConnectionRefused)
}

fn right(answer: &Answer, ask: &Ask, statuses: &[u16]) -> Result<(), Trouble> {
    if statuses.contains(&answer.status) {
        return Ok(());
    }
    Err(format!("{} {}: {answer:?}", ask.method, ask.path).into())
}

/// What each guest says, and the longest wait.
pub(crate) async fn gather(loose: Loose, violations: &mut Vec<String>) -> Vec<Fared> {
    let mut fared = Vec::with_capacity(loose.guests.len());
    for guest in loose.guests {
        match guest.await {
            Ok(Ok(one)) => fared.push(one),
            Ok(Err(trouble)) => violations.push(trouble.to_string()),
            Err(panic) => violations.push(format!("a guest panicked: {panic}")),
        }
    }
    loose.reader.abort();
    fared
}
