//! Clients in a closed loop: each asks, waits for its answer, and asks again.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;

use super::sides::Counter;
use super::town::Town;

pub(crate) struct Crowd {
    pub(crate) clients: usize,
    pub(crate) warm_up: Duration,
    pub(crate) seconds: u64,
}

/// What the crowd got.
#[derive(Default)]
pub(crate) struct Served {
    /// Bookings made, warm-up included: what the store must hold.
    pub(crate) made: i64,
    /// Microseconds of each booking that was answered within the measured time, in order.
    pub(crate) answered_us: Vec<u64>,
    /// Answers other than a booking.
    pub(crate) failed: i64,
}

impl Crowd {
    pub(crate) async fn run(
        &self,
        town: &Arc<Town>,
        counter: &Arc<Counter>,
    ) -> Result<Served, String> {
        let from = Instant::now() + self.warm_up;
        let until = from + Duration::from_secs(self.seconds);
        let mut clients = JoinSet::new();
        for _ in 0..self.clients {
            clients.spawn(serve(Arc::clone(town), Arc::clone(counter), from, until));
        }
        let mut all = Served::default();
        while let Some(one) = clients.join_next().await {
            let one = one.map_err(|ended| format!("a client ended: {ended}"))?;
            all.made += one.made;
            all.failed += one.failed;
            all.answered_us.extend(one.answered_us);
        }
        all.answered_us.sort_unstable();
        Ok(all)
    }
}

async fn serve(town: Arc<Town>, counter: Arc<Counter>, from: Instant, until: Instant) -> Served {
    let mut served = Served::default();
    loop {
        let asked = Instant::now();
        if until <= asked {
            return served;
        }
        match counter.ask(town.order()).await {
            Ok(_) => served.made += 1,
            Err(error) => {
                served.failed += 1;
                if served.failed == 1 {
                    eprintln!("bench: a booking failed: {error:?}");
                }
                continue;
            }
        }
        let answered = Instant::now();
        if from <= answered && answered < until {
            let took = answered.duration_since(asked).as_micros();
            served.answered_us.push(u64::try_from(took).unwrap_or(u64::MAX));
        }
    }
}
