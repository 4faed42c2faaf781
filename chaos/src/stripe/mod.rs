//! A stand-in for Stripe on this machine: it keeps books by the vendor's rules, tells of what happened
//! by signed webhooks, and answers as its weather is. Nothing of it is the product's but the signature.

mod books;
mod objects;
mod wire;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use vacancy_connect::payments::webhook;
use vacancy_connect::secret::Secret;

use self::books::{Books, SECRET_KEY, Told};
use self::wire::Request;
use crate::Trouble;
use crate::wire::Ask;

pub(crate) use self::books::{Moment, Session, Stage};

/// What it tells of a session that was paid.
pub(crate) const COMPLETED: &str = "checkout.session.completed";
const WEBHOOK_SECRET: &str = "whsec_chaos";

/// How Stripe is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weather {
    Well,
    /// Everything is done, after a while.
    Slow(Duration),
    /// Nothing is done, and nobody ever answers.
    Silent,
    /// Nothing is done, and that is said.
    Says(u16),
    /// It begins and breaks: what it says is kept with the key.
    Breaks(u16),
    /// It hangs up before it has heard anything.
    Down,
    /// Everything is done; of so many that change something, the answer to one is lost.
    Loses {
        one_in: usize,
        hangs: bool,
    },
    /// Guests pay at once, and the server at this address hears of it before it is told its order.
    Overtakes(SocketAddr),
}

struct Shared {
    weather: Weather,
    books: Books,
    writes: usize,
    lost: usize,
    /// The longest that somebody waited for an answer that did not come.
    waited_max: Duration,
    /// Events that were not taken.
    unheard: usize,
}

/// Lives as long as its runtime. Clones are the same.
#[derive(Clone)]
pub(crate) struct Stripe {
    address: SocketAddr,
    shared: Arc<Mutex<Shared>>,
}

impl Stripe {
    pub(crate) async fn open() -> Result<Stripe, Trouble> {
        let shared = Shared {
            weather: Weather::Well,
            books: Books::default(),
            writes: 0,
            lost: 0,
            waited_max: Duration::ZERO,
            unheard: 0,
        };
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let stripe = Stripe { address, shared: Arc::new(Mutex::new(shared)) };
        let served = stripe.clone();
        tokio::spawn(async move {
            while let Ok((stream, _from)) = listener.accept().await {
                let stripe = served.clone();
                tokio::spawn(async move { stripe.attend(stream).await });
            }
        });
        Ok(stripe)
    }

    /// What a server has to find around it to take this one for Stripe.
    pub(crate) fn envs(&self) -> [(&'static str, String); 3] {
        [
            ("VACANCY_STRIPE_SECRET_KEY", SECRET_KEY.to_owned()),
            ("VACANCY_STRIPE_WEBHOOK_SECRETS", WEBHOOK_SECRET.to_owned()),
            ("VACANCY_STRIPE_URL", format!("http://{}", self.address)),
        ]
    }

    pub(crate) fn set(&self, weather: Weather) {
        self.shared().weather = weather;
    }

    pub(crate) fn with<T>(&self, deed: impl FnOnce(&mut Books) -> T) -> T {
        deed(&mut self.shared().books)
    }

    /// The guest pays on the provider's page. False: it takes no money any more.
    pub(crate) fn pay(&self, session: &str) -> bool {
        self.with(|books| books.pay(session))
    }

    /// Whether it takes no more money, as we were told.
    pub(crate) fn is_closed(&self, session: &str) -> bool {
        self.with(|books| books.is_closed(session))
    }

    pub(crate) fn ledger(&self) -> Vec<Session> {
        self.with(|books| books.sessions().cloned().collect())
    }

    /// How many answers were lost.
    pub(crate) fn lost(&self) -> usize {
        self.shared().lost
    }

    /// The longest that somebody waited for an answer that did not come.
    pub(crate) fn waited_max(&self) -> Duration {
        self.shared().waited_max
    }

    /// How many of its own events were not taken.
    pub(crate) fn unheard(&self) -> usize {
        self.shared().unheard
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn attend(&self, mut stream: TcpStream) {
        if self.shared().weather == Weather::Down {
            return;
        }
        let Some(asked) = wire::read(&mut stream).await else { return };
        let began = Instant::now();
        let (told, weather) = self.told(&asked);
        match (told, weather) {
            (Some(told), Weather::Slow(time)) => {
                tokio::time::sleep(time).await;
                wire::write(&mut stream, told.0, &told.1).await;
            }
            (Some(told), Weather::Overtakes(server)) => {
                self.overtake(server, &asked, &told).await;
                wire::write(&mut stream, told.0, &told.1).await;
            }
            (Some(told), _) => wire::write(&mut stream, told.0, &told.1).await,
            (None, Weather::Loses { hangs: false, .. }) => {}
            (None, _) => {
                wire::wait_until_they_leave(&mut stream).await;
                let mut shared = self.shared();
                shared.waited_max = shared.waited_max.max(began.elapsed());
            }
        }
    }

    async fn overtake(&self, server: SocketAddr, asked: &Request, told: &Told) {
        let is_new = asked.is_write() && asked.path.ends_with("/sessions");
        let Some(session) = told.1["id"].as_str().filter(|_| is_new) else { return };
        self.pay(session);
        let payment = told.1["client_reference_id"].as_str().unwrap_or_default();
        let event = event(&format!("evt_{session}"), COMPLETED, session, payment, 0);
        if !matches!(crate::wire::ask(server, &event).await, Ok(answer) if answer.status == 200) {
            self.shared().unheard += 1;
        }
    }

    /// What is done and said; nothing is said where the answer is lost.
    fn told(&self, asked: &Request) -> (Option<Told>, Weather) {
        let mut shared = self.shared();
        let weather = shared.weather;
        shared.books.now_s = now_ms() / 1000;
        let told = match weather {
            Weather::Well | Weather::Slow(_) | Weather::Overtakes(_) => {
                Some(shared.books.answer(asked))
            }
            Weather::Silent | Weather::Down => None,
            Weather::Says(status) => Some((status, objects::error("api_error", "unavailable"))),
            Weather::Breaks(status) => Some(shared.books.break_down(asked, status)),
            Weather::Loses { one_in, .. } => {
                let told = shared.books.answer(asked);
                shared.writes += usize::from(asked.is_write());
                let is_lost = asked.is_write() && shared.writes.is_multiple_of(one_in);
                shared.lost += usize::from(is_lost);
                (!is_lost).then_some(told)
            }
        };
        (told, weather)
    }
}

/// A signed event about a session, sent so many seconds ago.
pub(crate) fn event(id: &str, kind: &str, session: &str, payment: &str, ago_s: i64) -> Ask {
    let body = json!({
        "id": id, "object": "event", "type": kind, "livemode": false,
        "data": {"object": {
            "id": session, "object": "checkout.session", "client_reference_id": payment,
        }},
    });
    let secret = Secret::new(WEBHOOK_SECRET).expect("a secret of letters");
    let signature = webhook::sign(&secret, body.to_string().as_bytes(), now_ms() - ago_s * 1000);
    Ask::post("/v1/webhooks/stripe".into(), &body).with("stripe-signature", &signature)
}

#[expect(clippy::disallowed_methods, reason = "a provider signs by its own clock")]
fn now_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.ok().and_then(|since| i64::try_from(since.as_millis()).ok()).unwrap_or(0)
}
