//! One seed's world: one or two houses, up to three instances on one store, a crowd, a provider, a
//! follower of the news, trouble, and after every step the oracle. At the end everything heals and
//! must come to rest.

mod answers;
mod instances;
mod losses;
mod paying;
mod rest;
mod staff;
mod witness;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use uuid::Uuid;
use vacancy_app::desk::command::{Command, Order};
use vacancy_app::ids::Ids;
use vacancy_domain::ids::{PoolId, PropertyId};
use vacancy_store::events::Cursor;
use vacancy_store::faults::Fault;
use vacancy_store::sql::{Db, Time};
use vacancy_store::testing::races::{self, Wall};
use vacancy_store::testing::{fixtures, journal, money, visibility};

use self::answers::Sent;
use self::instances::{Instance, Watch};
use self::losses::Image;
use self::paying::Paying;
use self::witness::Charges;
use crate::crowd::{Crowd, DAY_MS, House, Known};
use crate::fates::{Fates, Weather};
use crate::oracle::{Checked, Oracle, Step, Violation, locks};
use crate::profile::Profile;
use crate::provider::{Kind, Till};
use crate::random::Random;
use crate::situations::Situations;

/// 2027-01-01T00:00:00Z.
const START_MS: i64 = 1_798_761_600_000;
/// Steps of one seed.
pub const STEPS: i64 = 24;
/// Most news that the follower reads at once.
const NEWS_MAX: i64 = 7;
/// Zones without summer time, and how far they are ahead of UTC.
const ZONES: [(&str, i64); 3] = [("UTC", 0), ("Asia/Tokyo", 9), ("Pacific/Honolulu", -10)];

/// What is to be lived: a seed, and what of it is left out to find out what a violation needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    pub seed: u64,
    pub profile: Profile,
    pub steps: i64,
    pub left_out: BTreeSet<(i64, i64)>,
    /// Walls of the database that a mutant needs out of its way.
    pub walls_down: Vec<Wall>,
    /// Whether every order and answer is kept as text.
    pub keeps_log: bool,
}

impl Plan {
    #[must_use]
    pub fn of(seed: u64) -> Plan {
        let (profile, left_out) = (Profile::draw(seed), BTreeSet::new());
        let (walls_down, keeps_log) = (Vec::new(), false);
        Plan { seed, profile, steps: STEPS, left_out, walls_down, keeps_log }
    }
}

/// How a seed ended.
#[derive(Debug, Clone, Default)]
pub struct Ended {
    /// The step, and what was broken in it.
    pub violation: Option<(i64, Violation)>,
    /// Digest of everything that was answered: the same plan must give the same.
    pub trace: u64,
    pub situations: Situations,
    /// Payments that were begun, each followed to its end.
    pub journeys_count: u64,
    /// Orders of each step, and what guests do about money.
    pub orders: Vec<i64>,
    pub log: Vec<String>,
}

/// A store that lives one world after the other: migrated once, its statements stay prepared.
pub struct Nursery {
    db: Db,
    runtime: tokio::runtime::Runtime,
}

impl Nursery {
    /// # Errors
    /// When no store can be made in memory.
    pub fn open() -> Result<Nursery, Fault> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .expect("a runtime without I/O starts");
        let db = Db::open_sqlite_memory(Time::Given(Arc::new(|| START_MS)))?;
        runtime.block_on(async {
            db.migrate().await?;
            journal::begin(&db).await
        })?;
        Ok(Nursery { db, runtime })
    }

    /// Lives the world of a plan to its end.
    #[must_use]
    pub fn live(&self, plan: &Plan) -> Ended {
        self.runtime.block_on(async {
            let mut world = match World::open(&self.db, plan).await {
                Ok(world) => world,
                Err(fault) => {
                    let violation = Violation { rule: "opening", told: fault.to_string() };
                    return Ended { violation: Some((0, violation)), ..Ended::default() };
                }
            };
            let mut violation = None;
            for at in 0..plan.steps {
                if let Err(found) = world.step(at).await {
                    violation = Some((at, found));
                    break;
                }
            }
            if violation.is_none() {
                violation = world.come_to_rest().await.err().map(|found| (plan.steps, found));
            }
            world.end().await;
            world.note_ends();
            if !plan.walls_down.is_empty() && races::put_back_checks(&self.db).await.is_err() {
                violation = Some((plan.steps, broken("put a wall back")(Fault::GuardMissed)));
            }
            let journeys_count = world.oracle.money.journeys_count();
            let World { trace, situations, orders, log, .. } = world;
            Ended { violation, trace, situations, journeys_count, orders, log }
        })
    }
}

struct World {
    plan: Plan,
    clock: Arc<AtomicI64>,
    db: Db,
    fates: Fates,
    tills: Vec<Till>,
    watch: Watch,
    charges: Charges,
    instances: Vec<Instance>,
    /// What guests do about their money at this moment.
    paying: Vec<Paying>,
    /// Payments of which the store has lost what it knew.
    forgiven: BTreeSet<Uuid>,
    started: u64,
    crowd: Crowd,
    oracle: Oracle,
    /// How much of the journal was read.
    mark: i64,
    follower: Cursor,
    open: Option<visibility::Open>,
    image: Option<Image>,
    known: Vec<Known>,
    /// Orders with a key whose outcome their client does not know.
    unsettled: Vec<Order>,
    asked_before: Vec<Order>,
    trace: u64,
    situations: Situations,
    orders: Vec<i64>,
    log: Vec<String>,
}

fn broken(attempted: &'static str) -> impl Fn(Fault) -> Violation {
    move |fault| Violation { rule: "the store works", told: format!("{attempted}: {fault}") }
}

impl World {
    async fn open(db: &Db, plan: &Plan) -> Result<World, Fault> {
        let (seed, profile) = (plan.seed, plan.profile);
        db.set_commit_hook(None)?;
        let mut random = Random::of(seed, 2);
        let hour = random.between(0, 24);
        let clock = Arc::new(AtomicI64::new(START_MS + hour * DAY_MS / 24));
        let given = Arc::clone(&clock);
        let db = db.with_time(Time::Given(Arc::new(move || given.load(Ordering::SeqCst))));
        journal::blank(&db).await?;
        visibility::begin(&db).await?;
        let houses = furnish(&db, &mut random).await?;
        for wall in &plan.walls_down {
            races::without(&db, *wall).await?;
        }
        db.take_locks()?;
        let stamp = Arc::clone(&clock);
        let ids = Ids::seeded(seed, Arc::new(move || stamp.load(Ordering::SeqCst)));
        let till = |(kind, part)| Till::new(kind, &profile, &clock, Random::of(seed, part));
        let tills = Kind::BOTH.into_iter().zip([3, 5]).map(till).collect();
        let fates = Fates::new(profile);
        let watch = Watch::new(&db, &clock, Random::of(seed, 4), profile.lease_lost);
        let mut world = World {
            plan: plan.clone(),
            clock: Arc::clone(&clock),
            fates,
            crowd: Crowd::new(ids, houses),
            tills,
            watch,
            charges: Charges::default(),
            instances: Vec::new(),
            paying: Vec::new(),
            forgiven: BTreeSet::new(),
            started: 0,
            oracle: Oracle::default(),
            mark: journal::reached(&db).await?,
            db,
            follower: Cursor::default(),
            open: None,
            image: None,
            known: Vec::new(),
            unsettled: Vec::new(),
            asked_before: Vec::new(),
            trace: seed,
            situations: Situations::default(),
            orders: Vec::new(),
            log: Vec::new(),
        };
        for _ in 0..profile.instances {
            world.start_instance().await?;
        }
        world.db.set_commit_hook(Some(world.fates.hook()))?;
        Ok(world)
    }

    fn now_ms(&self) -> i64 {
        self.clock.load(Ordering::SeqCst)
    }

    fn random(&self, at: i64, part: u64) -> Random {
        let step = u64::try_from(at).unwrap_or(0).wrapping_add(1);
        Random::of(self.plan.seed.wrapping_add(step << 40), part)
    }

    fn calm(&self) {
        self.fates.set(Weather::Fair, Random::of(0, 0));
    }

    /// Some orders at once in some weather, perhaps a crash in the middle, then the oracle.
    async fn step(&mut self, at: i64) -> Checked {
        let mut random = self.random(at, 10);
        let passed_ms = if random.chance(60) { DAY_MS } else { random.between(0, 240_000) };
        self.clock.fetch_add(passed_ms, Ordering::SeqCst);
        let mut step = Step { from_ms: self.now_ms(), ..Step::default() };
        self.calm();
        self.somebody_writes(&mut random).await?;
        self.lose_tail(&mut random).await?;
        let profile = self.plan.profile;
        let away = if random.chance(profile.outage) { Some(self.store_image()?) } else { None };
        let is_cut = away.is_none() && random.chance(profile.power_cut);
        let weather = match (&away, is_cut) {
            (Some(_), _) => Weather::Away,
            (None, true) => Weather::Cut { commits_left: random.between(0, 6) },
            (None, false) => Weather::Mixed,
        };
        self.fates.set(weather, self.random(at, 11));
        let orders = self.draw_orders(at, &mut random);
        step.stock_set = orders.iter().filter_map(|order| stock_set(&order.command)).collect();
        let sent = self.send(orders, &mut random);
        self.go_to_pay(at);
        if random.chance(profile.crash) {
            self.crash(&mut random).await?;
        }
        let judged = self.hear(sent, is_cut).await?;
        self.hear_paid().await?;
        self.drain().await;
        if is_cut {
            self.restart_all().await?;
            self.situations.note("fault: everything stopped between two commits");
        }
        if let Some(bytes) = away {
            self.standby_returns(bytes, &mut random).await?;
        } else if !is_cut {
            step.asked = judged;
        }
        self.fates.set(Weather::Mixed, self.random(at, 12));
        self.knock(&mut random).await;
        self.poll(&mut random).await?;
        step.to_ms = self.now_ms();
        self.judge(step).await
    }

    /// What runs by itself: the sweep, the jobs, the follower; or it is skipped this time.
    async fn poll(&mut self, random: &mut Random) -> Checked {
        let profile = self.plan.profile;
        if random.chance(profile.sweep) {
            self.sweep(random).await;
        }
        if random.chance(profile.work) {
            self.work(random).await?;
        }
        self.calm();
        if random.chance(profile.follow) {
            self.follow().await?;
        }
        Ok(())
    }

    fn draw_orders(&mut self, at: i64, random: &mut Random) -> Vec<Order> {
        let count = random.between(1, 10);
        self.orders.push(count);
        let (now_ms, profile) = (self.now_ms(), self.plan.profile);
        let mut orders = Vec::new();
        for number in 0..count {
            let mut random = self.random(at, 100 + number.unsigned_abs());
            if self.plan.left_out.contains(&(at, number)) {
                continue;
            }
            let again = random.chance(profile.retry);
            let earlier = random.pick(&self.asked_before).cloned().filter(|_| again);
            let mut order = match (earlier, self.unsettled.pop()) {
                (_, Some(order)) => self.crowd.again(&order),
                (Some(order), None) if random.chance(100) => self.crowd.misused(&order),
                (Some(order), None) => self.crowd.again(&order),
                (None, None) => self.crowd.wish(&mut random, now_ms, &self.known),
            };
            order.deadline = None;
            if random.chance(profile.deadline_now) {
                order = order.with_deadline(tokio::time::Instant::now());
            }
            orders.push(order);
        }
        orders
    }

    fn send(&mut self, orders: Vec<Order>, random: &mut Random) -> Vec<Sent> {
        let mut sent = Vec::new();
        for order in orders {
            self.oracle.clients.asks(&order);
            let at = random.between(0, i64::try_from(self.instances.len()).unwrap_or(1));
            let instance = &self.instances[usize::try_from(at).unwrap_or(0)];
            let answer = instance.desk.enqueue(order.clone());
            let stays = !random.chance(self.plan.profile.leave);
            sent.push(Sent { order, answer: Some(answer).filter(|_| stays) });
        }
        sent
    }

    async fn follow(&mut self) -> Checked {
        let (news, reached) = visibility::follow(&self.db, self.follower, NEWS_MAX)
            .await
            .map_err(broken("follow the news"))?;
        self.follower = reached;
        for event in &news {
            self.oracle.news.heard(event.at.id);
            self.situations.note("news: followed");
        }
        Ok(())
    }

    /// Somebody else's transaction opens, or commits late, or is lost.
    async fn somebody_writes(&mut self, random: &mut Random) -> Checked {
        let told = broken("write beside the desk");
        match self.open {
            Some(open) if random.chance(400) => {
                self.open = None;
                if random.chance(200) {
                    return visibility::roll_back(&self.db).await.map_err(told);
                }
                self.situations.note("news: committed late");
                let property = self.crowd.houses[0].property;
                visibility::commit(&self.db, open, property).await.map_err(told)
            }
            None if random.chance(self.plan.profile.late_news) => {
                self.open = Some(visibility::open(&self.db).await.map_err(told)?);
                Ok(())
            }
            Some(_) | None => Ok(()),
        }
    }

    async fn judge(&mut self, mut step: Step) -> Checked {
        let locked = self.db.take_locks().map_err(broken("look at the locks"))?;
        locks::judge(&locked)?;
        let (changes, mark) =
            journal::changes(&self.db, self.mark).await.map_err(broken("read the store"))?;
        let is_quiet = mark == self.mark;
        self.mark = mark;
        for wish in step.asked.iter().filter(|wish| wish.was_sold_out) {
            let pool = PoolId(wish.pool.as_u128());
            let units = journal::default_units(&self.db, pool).await;
            step.defaults.insert(wish.pool, units.map_err(broken("read a pool"))?);
        }
        let releases = changes.reservations.iter().any(|stay| stay.4 == "releasing");
        if releases {
            self.situations.note("money: deadline passed while somebody paid");
        }
        let lapsed = |(_, _, actor, state): &&journal::HistoryRow| {
            actor == "desk" && matches!(state.as_str(), "expired" | "releasing")
        };
        let lapsed = changes.histories.iter().filter(lapsed).count() as u64;
        self.situations.note_times("hold: lapsed because somebody wanted its nights", lapsed);
        self.oracle.judge(&changes, &step)?;
        if is_quiet { Ok(()) } else { self.judge_money(&changes).await }
    }

    /// Our books of money against the providers'.
    async fn judge_money(&mut self, changes: &journal::Changes) -> Checked {
        let ours = money::all(&self.db).await.map_err(broken("read the money"))?;
        let theirs: Vec<_> = self.tills.iter().flat_map(Till::taken).collect();
        for charge in self.charges.take() {
            self.oracle.money.charged(&charge, &self.forgiven)?;
        }
        self.oracle.money.judge(changes, ours, &theirs, &self.forgiven)
    }

    fn note(&mut self, code: &str) {
        self.situations.note(&format!("answer: {code}"));
        for byte in code.bytes() {
            self.trace = (self.trace ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

/// One or two houses with a few pools of a few units, and some rooms.
async fn furnish(db: &Db, random: &mut Random) -> Result<Vec<House>, Fault> {
    const DOORS: [&str; 3] = ["101", "102", "103"];
    let mut houses = Vec::new();
    for number in 0..random.between(1, 3) {
        let number = u128::from(number.unsigned_abs());
        let property = PropertyId(0xa0 + number);
        let pools: Vec<PoolId> = (0..random.between(1, 4))
            .map(|at| PoolId(0xc0 + 0x10 * number + u128::from(at.unsigned_abs())))
            .collect();
        let units: Vec<(PoolId, i64)> =
            pools.iter().map(|pool| (*pool, random.between(1, 5))).collect();
        fixtures::property(db, property, &units).await?;
        let (zone, ahead_hours) = random.pick(&ZONES).copied().expect("there are zones");
        fixtures::time_zone(db, property, zone).await?;
        let rooms: Vec<(PoolId, &'static str)> =
            if number == 0 { DOORS.map(|door| (pools[0], door)).to_vec() } else { Vec::new() };
        fixtures::rooms(db, property, &rooms).await?;
        houses.push(House { property, pools, zone, ahead_ms: ahead_hours * DAY_MS / 24, rooms });
    }
    Ok(houses)
}

/// The pool whose stock the command sets.
fn stock_set(command: &Command) -> Option<Uuid> {
    if let Command::SetStock { pool, .. } | Command::SetDefault { pool, .. } = command {
        Some(row_id(*pool))
    } else {
        None
    }
}

/// A pool's name in the rows.
fn row_id(pool: PoolId) -> Uuid {
    Uuid::from_u128(pool.0)
}
