//! One seed's world: a property, one or two instances on one store, a crowd, faults, and after
//! every step the oracle. At the end the faults heal, and everything must come to rest.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use tokio::sync::oneshot;
use uuid::Uuid;
use vacancy_app::desk::command::{Answer, Command, KeyName, Order, Outcome};
use vacancy_app::desk::{Desk, Lanes};
use vacancy_app::errors::Error;
use vacancy_app::ids::Ids;
use vacancy_app::verify;
use vacancy_domain::ids::{HoldId, PoolId};
use vacancy_domain::ledger::Line;
use vacancy_domain::stays::Day;
use vacancy_store::faults::Fault;
use vacancy_store::holds::load;
use vacancy_store::sql::{CommitFate, Db, Time};
use vacancy_store::testing::dump::{Dump, dump};
use vacancy_store::testing::fixtures;

use crate::crowd::{Crowd, Known, PROPERTY};
use crate::oracle::{Asked, Oracle, Violation};
use crate::random::Random;

/// 2027-01-01T12:00:00Z.
const START_MS: i64 = 1_798_804_800_000;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// Steps of one seed.
pub const STEPS: i64 = 40;
/// How often an order without a definite answer is repeated after the faults healed.
const REPEATS_MAX: usize = 5;

/// How this seed's world misbehaves, in thousandths per commit or step. Each seed draws its own,
/// so that many have few kinds of faults at high rates.
#[derive(Debug, Clone, Copy)]
pub struct Profile {
    pub not_done: i64,
    pub unknown_applied: i64,
    pub unknown_lost: i64,
    pub crash: i64,
    pub sweep: i64,
    pub retry: i64,
    pub instances: i64,
    pub batch_orders_max: i64,
}

impl Profile {
    fn draw(random: &mut Random) -> Profile {
        let mut rate = |most: i64| if random.chance(500) { random.between(0, most) } else { 0 };
        Profile {
            not_done: rate(150),
            unknown_applied: rate(150),
            unknown_lost: rate(150),
            crash: rate(150),
            sweep: rate(600),
            retry: rate(500),
            instances: random.between(1, 3),
            batch_orders_max: if random.chance(300) { 1 } else { random.between(2, 64) },
        }
    }
}

/// How a seed ended.
#[derive(Debug, Clone)]
pub struct Ended {
    pub violation: Option<Violation>,
    /// Digest of everything that was answered: the same seed must give the same.
    pub trace: u64,
    pub answers: BTreeMap<String, u64>,
}

struct World {
    random: Random,
    profile: Profile,
    clock: Arc<AtomicI64>,
    db: Db,
    ids: Ids,
    instances: Vec<(Desk, Lanes)>,
    crowd: Crowd,
    oracle: Oracle,
    pools: Vec<PoolId>,
    known: Vec<Known>,
    /// Orders with a key whose outcome their client does not know.
    unsettled: Vec<Order>,
    asked_before: Vec<Order>,
    trace: u64,
    answers: BTreeMap<String, u64>,
}

/// Runs the world of a seed to its end.
#[must_use]
pub fn run(seed: u64) -> Ended {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime without I/O starts");
    runtime.block_on(async {
        let mut world = match World::open(seed).await {
            Ok(world) => world,
            Err(fault) => return Ended::early(&fault),
        };
        let mut violation = None;
        for _ in 0..STEPS {
            if let Err(found) = world.step().await {
                violation = Some(found);
                break;
            }
        }
        if violation.is_none() {
            violation = world.come_to_rest().await.err();
        }
        Ended { violation, trace: world.trace, answers: world.answers }
    })
}

impl Ended {
    fn early(fault: &Fault) -> Ended {
        let violation = Some(Violation(format!("the world did not open: {fault}")));
        Ended { violation, trace: 0, answers: BTreeMap::new() }
    }
}

impl World {
    async fn open(seed: u64) -> Result<World, Fault> {
        let mut random = Random::of(seed, 1);
        let profile = Profile::draw(&mut random);
        let clock = Arc::new(AtomicI64::new(START_MS));
        let given = Arc::clone(&clock);
        let db =
            Db::open_sqlite_memory(Time::Given(Arc::new(move || given.load(Ordering::SeqCst))))?;
        db.migrate().await?;
        let pools: Vec<PoolId> = (0..random.between(1, 4))
            .map(|at| PoolId(0xc0 + u128::from(at.unsigned_abs())))
            .collect();
        let units: Vec<(PoolId, i64)> =
            pools.iter().map(|pool| (*pool, random.between(1, 5))).collect();
        fixtures::property(&db, PROPERTY, &units).await?;
        let stamp = Arc::clone(&clock);
        let ids = Ids::seeded(seed, Arc::new(move || stamp.load(Ordering::SeqCst)));
        let crowd = Crowd::new(Random::of(seed, 2), ids.clone(), pools.clone());
        let mut world = World {
            random,
            profile,
            clock,
            db,
            ids,
            instances: Vec::new(),
            crowd,
            oracle: Oracle::default(),
            pools,
            known: Vec::new(),
            unsettled: Vec::new(),
            asked_before: Vec::new(),
            trace: seed,
            answers: BTreeMap::new(),
        };
        for _ in 0..profile.instances {
            world.start_instance();
        }
        world.break_commits(Random::of(seed, 3))?;
        Ok(world)
    }

    fn start_instance(&mut self) {
        let most = usize::try_from(self.profile.batch_orders_max).unwrap_or(1);
        self.instances.push(Desk::open_with(&self.db, &self.ids, most));
    }

    fn break_commits(&self, random: Random) -> Result<(), Fault> {
        let (random, profile) = (Mutex::new(random), self.profile);
        self.db.set_commit_hook(Some(Arc::new(move || {
            let drawn = random.lock().expect("one thread").between(0, 1000);
            let applied = profile.not_done + profile.unknown_applied;
            if drawn < profile.not_done {
                CommitFate::NotDone
            } else if drawn < applied {
                CommitFate::UnknownApplied
            } else if drawn < applied + profile.unknown_lost {
                CommitFate::UnknownLost
            } else {
                CommitFate::Done
            }
        })))
    }

    fn today(&self) -> Day {
        // Lisbon has no offset in January; later steps stay within a few days of it.
        Day(self.clock.load(Ordering::SeqCst) / DAY_MS)
    }

    /// Some orders at once, perhaps a crash in the middle, then the oracle.
    async fn step(&mut self) -> Result<(), Violation> {
        let passed_ms =
            if self.random.chance(60) { DAY_MS } else { self.random.between(0, 240_000) };
        self.clock.fetch_add(passed_ms, Ordering::SeqCst);
        let orders = self.draw_orders();
        let defaults = self.defaults().await?;
        let mut waiting = Vec::new();
        for order in orders {
            let at = self.random.between(0, i64::try_from(self.instances.len()).unwrap_or(1));
            let desk = &self.instances[usize::try_from(at).unwrap_or(0)].0;
            waiting.push((order.clone(), desk.enqueue(order)));
        }
        if self.random.chance(self.profile.crash) {
            self.crash().await;
        }
        let changes_stock = waiting.iter().any(|(order, _)| order.command.runs_alone());
        let asked = self.hear(waiting).await?;
        if self.random.chance(self.profile.sweep) {
            self.sweep().await;
        }
        let asked = if changes_stock { Vec::new() } else { asked };
        self.judge(&asked, &defaults).await
    }

    fn draw_orders(&mut self) -> Vec<Order> {
        let today = self.today();
        let mut orders = Vec::new();
        for _ in 0..self.random.between(1, 9) {
            let again = self.random.chance(self.profile.retry);
            let earlier = self.random.pick(&self.asked_before).cloned().filter(|_| again);
            orders.push(match (earlier, self.unsettled.pop()) {
                (_, Some(order)) => order,
                (Some(order), None) => order,
                (None, None) => self.crowd.wish(today, &self.known),
            });
        }
        orders
    }

    /// An instance dies with everything it had in memory, and another starts.
    async fn crash(&mut self) {
        for _ in 0..self.random.between(0, 4) {
            tokio::task::yield_now().await;
        }
        let at = self.random.between(0, i64::try_from(self.instances.len()).unwrap_or(1));
        let (_, lanes) = self.instances.remove(usize::try_from(at).unwrap_or(0));
        lanes.kill().await;
        self.start_instance();
    }

    /// Takes the answers of a step.
    async fn hear(
        &mut self,
        waiting: Vec<(Order, oneshot::Receiver<Result<Answer, Error>>)>,
    ) -> Result<Vec<Asked>, Violation> {
        let mut asked = Vec::new();
        for (order, answer) in waiting {
            let answer = answer.await.unwrap_or(Err(Error::OutcomeUnknown));
            let code = match &answer {
                Ok(answer) if answer.is_replay => "replayed",
                Ok(_) => "done",
                Err(error) => error.code(),
            };
            self.note(code);
            asked.extend(asked_of(&order, code == "sold_out"));
            self.learn(order, answer)?;
        }
        Ok(asked)
    }

    fn learn(&mut self, order: Order, answer: Result<Answer, Error>) -> Result<(), Violation> {
        match answer {
            Ok(answer) => {
                self.remember(&order, &answer)?;
                if order.key.is_some() && self.random.chance(200) {
                    self.asked_before.push(order);
                }
                Ok(())
            }
            Err(Error::OutcomeUnknown | Error::Busy { .. }) => {
                if order.key.is_some() {
                    self.unsettled.push(order);
                }
                Ok(())
            }
            Err(Error::Fault(fault)) => {
                Err(Violation(format!("an order broke: {fault} {order:?}")))
            }
            Err(Error::Refused(_)) => {
                let request = request_of(&order);
                let told = request.is_some_and(|request| self.oracle.has_been_told(request));
                if told {
                    return Err(Violation(format!("I8: refused after it was told yes: {order:?}")));
                }
                Ok(())
            }
            Err(other) => Err(Violation(format!("an answer nobody expects: {other} {order:?}"))),
        }
    }

    fn remember(&mut self, order: &Order, answer: &Answer) -> Result<(), Violation> {
        match &answer.outcome {
            Outcome::Booked(booked) => {
                let reservation = Uuid::from_u128(booked.reservation.0);
                if let Some(request) = request_of(order) {
                    self.oracle.told(request, reservation)?;
                }
                if !answer.is_replay {
                    let (hold, reservation) = (booked.hold, Some(booked.reservation));
                    self.known.push(Known { hold, reservation, version: 1, payment: None });
                }
            }
            Outcome::Held(held) => {
                if matches!(order.command, Command::Place(_)) {
                    let (hold, version) = (held.hold, 0);
                    self.known.push(Known { hold, reservation: None, version, payment: None });
                }
            }
            Outcome::Reservation(reservation) => {
                let mut known = self.known.iter_mut();
                if let Some(known) = known.find(|known| known.hold == reservation.hold) {
                    known.version = reservation.version;
                    if let Command::BeginPayment { payment, .. } = &order.command {
                        known.payment = Some(payment.id);
                    }
                }
            }
            Outcome::Known(_) | Outcome::Done => {}
        }
        Ok(())
    }

    async fn sweep(&mut self) {
        let overdue =
            self.db.read(|tx| Box::pin(async move { load::overdue(tx, 100).await })).await;
        let Some((desk, _)) = self.instances.first() else { return };
        let lapse =
            |hold: HoldId| desk.enqueue(Order::new(PROPERTY, "sweep", Command::Lapse { hold }));
        let answers: Vec<_> =
            overdue.unwrap_or_default().into_iter().map(|(_, hold)| lapse(hold)).collect();
        for answer in answers {
            let code = match answer.await {
                Ok(Ok(_)) => "swept",
                Ok(Err(_)) | Err(_) => "not swept",
            };
            self.note(code);
        }
    }

    async fn judge(
        &mut self,
        asked: &[Asked],
        defaults: &BTreeMap<Uuid, i64>,
    ) -> Result<(), Violation> {
        let dump = self.dump().await?;
        self.oracle.judge(&dump, asked, defaults)
    }

    async fn dump(&self) -> Result<Dump, Violation> {
        dump(&self.db).await.map_err(|fault| Violation(format!("read the store: {fault}")))
    }

    /// What an untouched night of each pool has.
    async fn defaults(&self) -> Result<BTreeMap<Uuid, i64>, Violation> {
        let pools = self.pools.clone();
        let read = self.db.read(move |tx| {
            Box::pin(async move { vacancy_store::testing::dump::defaults(tx, &pools).await })
        });
        read.await.map_err(|fault| Violation(format!("read the pools: {fault}")))
    }

    /// Faults heal, clients repeat what they do not know, time passes: everything must settle.
    async fn come_to_rest(&mut self) -> Result<(), Violation> {
        let heal = |fault: Fault| Violation(format!("heal the store: {fault}"));
        self.db.set_commit_hook(None).map_err(heal)?;
        for _ in 0..REPEATS_MAX {
            let orders = std::mem::take(&mut self.unsettled);
            let desk = &self.instances[0].0;
            let waiting: Vec<_> =
                orders.into_iter().map(|order| (order.clone(), desk.enqueue(order))).collect();
            self.hear(waiting).await?;
        }
        if !self.unsettled.is_empty() {
            return Err(Violation(format!("I20: no definite answer for {:?}", self.unsettled)));
        }
        self.clock.fetch_add(8 * DAY_MS, Ordering::SeqCst);
        self.sweep().await;
        let defaults = self.defaults().await?;
        self.judge(&[], &defaults).await?;
        let dump = self.dump().await?;
        let now_ms = self.clock.load(Ordering::SeqCst);
        let waits = dump.reservations.iter().any(|(.., state, _)| state == "releasing");
        let overdue =
            dump.holds.iter().find(|(_, state, at_ms)| state == "held" && *at_ms <= now_ms);
        if let (Some(hold), false) = (overdue, waits) {
            return Err(Violation(format!("I20: an overdue hold is left: {hold:?}")));
        }
        let report = verify::verify(&self.db).await;
        let report = report.map_err(|fault| Violation(format!("verify: {fault}")))?;
        if !report.is_clean() {
            return Err(Violation(format!("verify found: {report:?}")));
        }
        Ok(())
    }

    fn note(&mut self, code: &str) {
        *self.answers.entry(code.to_owned()).or_insert(0) += 1;
        for byte in code.bytes() {
            self.trace = (self.trace ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

fn request_of(order: &Order) -> Option<&str> {
    match order.key.as_ref().map(|key| &key.name) {
        Some(KeyName::Request { request_id, .. }) => Some(request_id),
        Some(KeyName::Scoped { .. }) | None => None,
    }
}

/// What an order asks of the stock, line by line.
fn asked_of(order: &Order, was_sold_out: bool) -> Vec<Asked> {
    let command = &order.command;
    let lines: Vec<Line> = if let Command::Place(place) = command {
        place.lines.clone()
    } else if let Command::Book(book) = command {
        book.place.lines.clone()
    } else if let Command::Reschedule { lines, .. } = command {
        lines.iter().map(|reserved| reserved.line).collect()
    } else {
        Vec::new()
    };
    // A wish of two lines may be refused for either: only a single line can be judged.
    let was_sold_out =
        was_sold_out && lines.len() == 1 && !matches!(order.command, Command::Reschedule { .. });
    let asked = |line: Line| Asked {
        pool: Uuid::from_u128(line.pool.0),
        first_day: line.stay.first_day.0,
        end_day: line.stay.end_day.0,
        units: line.units,
        was_sold_out,
    };
    lines.into_iter().map(asked).collect()
}
