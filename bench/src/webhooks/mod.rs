//! `bench webhooks`: a payment provider tells of payments at a fixed rate, each several times over.
//! Every delivery is to be taken and every reservation confirmed once, however often it is told.

mod guests;
mod report;
mod stand_in;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::Args;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};
use vacancy_connect::payments::stripe::SIGNATURE_HEADER;
use vacancy_connect::payments::webhook::sign;
use vacancy_connect::secret::Secret;
use vacancy_store::sql::Engine;

use crate::engines::{Engines, name};
use crate::report::Pages;
use crate::server::hotel::Hotel;
use crate::server::wire::{self, Connection, Version};
use crate::server::{Place, process};
use guests::Ordered;
use report::Measured;
use stand_in::StandIn;

/// Deliveries that may be under way at the same time.
const CONNECTIONS: usize = 32;
const WEBHOOK_SECRET: &str = "whsec_bench";
/// Longest wait for the last reservation to be confirmed.
const SETTLE_MAX: Duration = Duration::from_secs(120);

#[derive(Args)]
pub(crate) struct Options {
    #[arg(long, value_enum, default_value = "sqlite")]
    engine: Engines,
    /// Deliveries per second, whether the last ones are answered or not.
    #[arg(long, default_value_t = 2_000)]
    rate: usize,
    #[arg(long, default_value_t = 20)]
    seconds: usize,
    /// How often each event is delivered.
    #[arg(long, default_value_t = 4)]
    copies: usize,
    /// A quick look whether every answer is right: 50 a second for two seconds.
    #[arg(long)]
    short: bool,
    /// The server; `vacancy` beside this program if none is named.
    #[arg(long, value_name = "FILE")]
    server: Option<PathBuf>,
    #[command(flatten)]
    pages: Pages,
}

/// What is delivered, and how quickly.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    pub(crate) rate: usize,
    pub(crate) seconds: usize,
    pub(crate) copies: usize,
}

impl Load {
    fn deliveries(self) -> usize {
        self.rate * self.seconds
    }

    fn orders(self) -> usize {
        self.deliveries().div_ceil(self.copies.max(1))
    }
}

pub(crate) async fn run(options: &Options) -> Result<(), String> {
    let load = match options.short {
        true => Load { rate: 50, seconds: 2, copies: 4 },
        false => Load { rate: options.rate, seconds: options.seconds, copies: options.copies },
    };
    for engine in options.engine.list() {
        let measured = measure(*engine, load, options).await?;
        let table = report::table(load, &measured);
        println!("{}: {table}", name(*engine));
        if !options.short {
            options.pages.write("webhooks", *engine, &table)?;
        }
        measured.check(load)?;
    }
    Ok(())
}

async fn measure(engine: Engine, load: Load, options: &Options) -> Result<Measured, String> {
    let stand_in = StandIn::open().await?;
    let url = format!("stripe.url=http://{}", stand_in.address);
    let secrets = format!("stripe.webhook_secrets={WEBHOOK_SECRET}");
    let place = Place::open(engine, options.server.as_deref()).await?;
    let server = place.serve_set(&["stripe.secret_key=sk_test_bench", &secrets, &url]).await?;
    let hotel = Hotel::build(server.address, &place.admin_key()?, 2 * load.orders()).await?;
    let orders = Arc::new(guests::order(server.address, &hotel, load.orders()).await?);
    let looked_before = stand_in.look_ups();
    let cpu_before = process::cpu_ms(server.id())?;

    let begin = Instant::now();
    let mut senders = JoinSet::new();
    for first in 0..CONNECTIONS {
        let connection = Connection::open(server.address, Version::Http1).await?;
        let sender = Sender { address: server.address, orders: Arc::clone(&orders), load, begin };
        senders.spawn(sender.deliver(connection, first));
    }
    let mut measured = Measured::default();
    while let Some(sent) = senders.join_next().await {
        let (took_us, refused) = sent.map_err(|ended| format!("a sender ended: {ended}"))??;
        measured.took_us.extend(took_us);
        measured.refused += refused;
    }
    measured.took_us.sort_unstable();
    measured.delivering = begin.elapsed();
    measured.cpu_ms = process::cpu_ms(server.id())? - cpu_before;
    measured.confirmed = guests::confirmed(server.address, &orders, SETTLE_MAX).await?;
    measured.settling = begin.elapsed().saturating_sub(measured.delivering);
    measured.look_ups = stand_in.look_ups() - looked_before;
    server.stop().await?;
    measured.reservations = place.verify()?;
    place.remove().await;
    Ok(measured)
}

struct Sender {
    address: std::net::SocketAddr,
    orders: Arc<Vec<Ordered>>,
    load: Load,
    begin: Instant,
}

impl Sender {
    /// Sends every so-manieth delivery when it is due. Gives how long each took from then, and how
    /// many were not taken.
    async fn deliver(
        self,
        mut connection: Connection,
        first: usize,
    ) -> Result<(Vec<u64>, usize), String> {
        let secret = Secret::new(WEBHOOK_SECRET).map_err(|error| error.to_string())?;
        let (mut took_us, mut refused) = (Vec::new(), 0);
        for number in (first..self.load.deliveries()).step_by(CONNECTIONS) {
            let due = self.begin + Duration::from_secs(1).mul_f64(share(number, self.load.rate));
            sleep_until(due).await;
            let order = &self.orders[number % self.orders.len()];
            let body = order.event.clone();
            let signature = sign(&secret, body.as_bytes(), now_ms());
            let path = "/v1/webhooks/stripe";
            let mut asked = wire::request("POST", self.address, path, "", wire::whole(body));
            let signature = signature.parse().map_err(|_| "a signature is no header".to_owned())?;
            asked.headers_mut().insert(SIGNATURE_HEADER, signature);
            let answer = connection.ask(asked).await?;
            if answer.status != 200 {
                refused += 1;
            }
            took_us.push(u64::try_from(due.elapsed().as_micros()).unwrap_or(u64::MAX));
        }
        Ok((took_us, refused))
    }
}

/// When a delivery is due, in seconds from the first.
fn share(number: usize, rate: usize) -> f64 {
    let of = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    of(number) / of(rate.max(1))
}

/// The provider's clock, which is this machine's.
#[expect(clippy::disallowed_methods, reason = "a provider signs by its own clock")]
fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// A moment before looking again.
async fn a_moment() {
    sleep(Duration::from_millis(20)).await;
}
