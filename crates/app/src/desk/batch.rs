//! One batch, one transaction: lock and read, decide each command in order, write everything.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use vacancy_domain::cells::CellId;
use vacancy_domain::crash::crash_point;
use vacancy_domain::guards::{self, Guard};
use vacancy_domain::holds;
use vacancy_domain::ids::{HoldId, PropertyId};
use vacancy_domain::ledger::Line;
use vacancy_domain::refusals::Refusal;
use vacancy_domain::stays::Day;
use vacancy_store::faults::Fault;
use vacancy_store::holds::load;
use vacancy_store::holds::overdue;
use vacancy_store::holds::write::{self, Decided, Writes};
use vacancy_store::holds::write_outcomes::NewOutcome;
use vacancy_store::holds::{Loaded, Wanted};
use vacancy_store::sql::tx::Tx;

use super::command::{Answer, Command, Key, KeyName, Order, Outcome};
use super::tally::Tally;
use super::{decide, due, news, outcomes};
use crate::ids::Ids;

/// What a batch made of one order.
#[derive(Debug, Clone)]
pub(super) enum Verdict {
    Done(Answer),
    Refused(Refusal),
    /// Sold out but for holds whose time has passed: lapse them, then ask again.
    SetAside(Vec<HoldId>),
    /// The rule itself broke. The others of the batch are not touched by it.
    Broken,
}

/// Runs the batch inside its transaction. `is_last_look`: overdue holds were lapsed already, and
/// nobody is set aside any more.
pub(super) async fn run(
    tx: &Tx<'_>,
    orders: Arc<[Order]>,
    ids: Ids,
    is_last_look: bool,
) -> Result<(Vec<Verdict>, Tally), Fault> {
    let Decision { loaded, writes, verdicts, tally } =
        decide_all(tx, &wanted(&orders), &orders, &ids, is_last_look).await?;
    write::write(tx, &loaded, &writes).await?;
    crash_point("batch.written");
    Ok((verdicts, tally))
}

/// What a batch read, what it writes, and what it tells.
pub(super) struct Decision {
    pub(super) loaded: Loaded,
    pub(super) writes: Writes,
    pub(super) verdicts: Vec<Verdict>,
    pub(super) tally: Tally,
}

/// Locks, reads and decides; writes nothing.
pub(super) async fn decide_all(
    tx: &Tx<'_>,
    wanted: &Wanted,
    orders: &[Order],
    ids: &Ids,
    is_last_look: bool,
) -> Result<Decision, Fault> {
    let mut loaded = load::load(tx, wanted).await?;
    for order in orders {
        if let Command::AskRefund { hold, .. } = &order.command
            && let Some(reservation) = loaded.snapshot.reservations.get(hold)
        {
            due::read_asked(tx, reservation.id, &mut loaded.snapshot).await?;
        }
    }
    #[cfg(feature = "mutants")]
    super::mutants::read_own_clock(&mut loaded, ids);
    crash_point("batch.loaded");
    let mut batch = Batch::default();
    let mut verdicts: Vec<Verdict> = Vec::with_capacity(orders.len());
    for order in orders {
        verdicts.push(batch.take(&mut loaded, order, ids)?);
    }
    if !is_last_look && !guards::is_off(Guard::LapseForSale) {
        look_for_overdue(tx, orders, &mut loaded, &mut verdicts).await?;
    }
    crash_point("batch.decided");
    let mut writes = batch.writes;
    due::add(&loaded.snapshot, &mut writes, ids);
    writes.events = news::of(&loaded, &writes.decided);
    Ok(Decision { loaded, writes, verdicts, tally: batch.tally })
}

/// What the order would do, without doing it. Cells that nothing touched yet may be made: they say
/// what their pool says.
pub(super) async fn preview(
    tx: &Tx<'_>,
    order: &Order,
    ids: &Ids,
) -> Result<Result<Outcome, Refusal>, Fault> {
    let mut loaded = load::load(tx, &wanted(std::slice::from_ref(order))).await?;
    Ok(decide::decide(&loaded.snapshot, order, ids).map(|changes| {
        loaded.snapshot.apply(&changes);
        decide::outcome(&loaded.snapshot, order)
    }))
}

/// The writes so far, and the keys that orders of this batch have used.
#[derive(Default)]
struct Batch {
    writes: Writes,
    keys: BTreeMap<KeyName, (String, Answer)>,
    tally: Tally,
}

impl Batch {
    fn take(&mut self, loaded: &mut Loaded, order: &Order, ids: &Ids) -> Result<Verdict, Fault> {
        if let Some(key) = &order.key
            && let Some((body_hash, answer)) = self.earlier(loaded, key)?
        {
            if body_hash != key.body_hash && !guards::is_off(Guard::Fingerprint) {
                return Ok(Verdict::Refused(Refusal::KeyReused));
            }
            // The key was read, not locked: the answer waits for a write that commits.
            self.writes.is_fenced |= !guards::is_off(Guard::ReplayFence);
            let answer = Answer { is_replay: true, ..answer };
            #[cfg(feature = "mutants")]
            let answer = super::mutants::price_anew(answer, order);
            return Ok(Verdict::Done(answer));
        }
        let decide = || decide::decide(&loaded.snapshot, order, ids);
        let decided = if guards::is_off(Guard::PanicWall) {
            Ok(decide())
        } else {
            catch_unwind(AssertUnwindSafe(decide))
        };
        let changes = match decided {
            Err(_panic) => return Ok(Verdict::Broken),
            Ok(Err(refusal)) => return Ok(Verdict::Refused(refusal)),
            Ok(Ok(changes)) => changes,
        };
        self.tally.add(&loaded.snapshot, &changes);
        // A panic in here leaves the snapshot torn: the whole batch rolls back, and each order
        // runs alone.
        catch_unwind(AssertUnwindSafe(|| loaded.snapshot.apply(&changes)))
            .map_err(|_panic| Fault::internal("apply the changes of a command"))?;
        #[cfg(feature = "mutants")]
        super::mutants::raise_price(loaded, order);
        let outcome = decide::outcome(&loaded.snapshot, order);
        let answer = Answer { outcome, is_replay: false };
        if let Some(key) = &order.key {
            self.keep(key, &answer);
        }
        if changes.is_empty() {
            // Nothing to do is an answer from a read, too.
            self.writes.is_fenced = true;
        } else {
            self.writes.decided.push(Decided { actor: order.actor.clone(), changes });
        }
        Ok(Verdict::Done(answer))
    }

    fn earlier(&self, loaded: &Loaded, key: &Key) -> Result<Option<(String, Answer)>, Fault> {
        if let Some(used) = self.keys.get(&key.name) {
            return Ok(Some(used.clone()));
        }
        let earlier = match &key.name {
            KeyName::Request { property, request_id } => {
                loaded.requests.get(&(*property, request_id.clone()))
            }
            KeyName::Scoped { scope, key } => loaded.keys.get(&(scope.clone(), key.clone())),
        };
        let Some(earlier) = earlier else { return Ok(None) };
        let outcome = outcomes::from_text(&earlier.outcome)?;
        Ok(Some((earlier.body_hash.clone(), Answer { outcome, is_replay: true })))
    }

    fn keep(&mut self, key: &Key, answer: &Answer) {
        let Some(outcome) = outcomes::to_text(&answer.outcome) else { return };
        let body_hash = key.body_hash.clone();
        self.keys.insert(key.name.clone(), (body_hash.clone(), answer.clone()));
        self.writes.outcomes.push(match key.name.clone() {
            KeyName::Request { property, request_id } => {
                NewOutcome::Request { property, request_id, body_hash, outcome }
            }
            KeyName::Scoped { scope, key } => NewOutcome::Key { scope, key, body_hash, outcome },
        });
    }
}

/// Sets aside what is sold out only because nobody lapsed what is overdue.
async fn look_for_overdue(
    tx: &Tx<'_>,
    orders: &[Order],
    loaded: &mut Loaded,
    verdicts: &mut [Verdict],
) -> Result<(), Fault> {
    let is_short = |verdict: &Verdict| matches!(verdict, Verdict::Refused(refusal) if refusal.is_about_stock());
    let pairs = orders.iter().zip(verdicts.iter());
    let short: BTreeSet<(PropertyId, CellId)> = pairs
        .filter(|(_, verdict)| is_short(verdict))
        .flat_map(|(order, _)| {
            let nights = holds::demand_per_cell(&new_lines(&order.command)).into_keys();
            nights.map(|night| (order.property, night))
        })
        .collect();
    if short.is_empty() {
        return Ok(());
    }
    overdue::read(tx, &short, loaded).await?;
    if loaded.snapshot.overdue.is_empty() {
        return Ok(());
    }
    for (order, verdict) in orders.iter().zip(verdicts.iter_mut()) {
        if !is_short(verdict) {
            continue;
        }
        let overdue = holds::overdue_in_the_way(&loaded.snapshot, &new_lines(&order.command));
        if !overdue.is_empty() {
            *verdict = Verdict::SetAside(overdue);
        }
    }
    Ok(())
}

/// What the orders of a batch need to see.
pub(super) fn wanted(orders: &[Order]) -> Wanted {
    let mut wanted = Wanted::default();
    for order in orders {
        wanted.properties.insert(order.property);
        wanted.holds.extend(order.command.hold());
        for line in new_lines(&order.command) {
            wanted.pools.insert(line.pool, order.property);
            for day in line.stay.days() {
                wanted.cells.insert((order.property, CellId { pool: line.pool, day }));
            }
            let departure = CellId { pool: line.pool, day: line.stay.end_day };
            wanted.rule_cells.insert((order.property, departure));
        }
        want_more(&mut wanted, order);
        match order.key.as_ref().map(|key| key.name.clone()) {
            Some(KeyName::Request { property, request_id }) => {
                wanted.requests.insert((property, request_id));
            }
            Some(KeyName::Scoped { scope, key }) => {
                wanted.keys.insert((scope, key));
            }
            None => {}
        }
    }
    wanted
}

fn want_more(wanted: &mut Wanted, order: &Order) {
    match &order.command {
        Command::NamePayment { payment, .. } => {
            wanted.payments.insert(*payment);
        }
        Command::AskRefund { ask, .. } => {
            wanted.payments.insert(ask.payment);
        }
        Command::HearDispute { hold, news } => {
            wanted.payments.insert(news.payment);
            wanted.disputes_of.insert(*hold);
        }
        Command::RecordRefund { back, .. } => {
            wanted.payments.insert(back.payment);
        }
        // All payments of the reservation come with it: one of them may be open.
        Command::BeginPayment { payment, .. } => {
            wanted.payments.insert(payment.id);
        }
        Command::HearPayment { news, .. } => {
            wanted.payments.insert(news.payment);
        }
        Command::Cancel { hold, .. }
        | Command::Reschedule { hold, .. }
        | Command::CheckIn { hold, .. }
        | Command::CheckOut { hold }
        | Command::NoShow { hold } => {
            wanted.rooms_of.insert(*hold);
        }
        Command::SetStock { pool, first_day, end_day, .. } => {
            wanted.pools.insert(*pool, order.property);
            wanted.pools_to_change = true;
            let days = (first_day.0..end_day.0.min(first_day.0.saturating_add(pools_range_max())))
                .map(Day);
            wanted.cells.extend(days.map(|day| (order.property, CellId { pool: *pool, day })));
        }
        Command::SetDefault { pool, from_day, .. } => {
            wanted.pools.insert(*pool, order.property);
            wanted.pools_to_change = true;
            wanted.whole_pool = Some((order.property, *pool, *from_day));
        }
        Command::Place(_)
        | Command::Book(_)
        | Command::Refuse(_)
        | Command::Extend { .. }
        | Command::Confirm { .. }
        | Command::Lapse { .. }
        | Command::Edit { .. } => {}
        #[cfg(feature = "mutants")]
        Command::Panic => {}
    }
}

fn pools_range_max() -> i64 {
    vacancy_domain::pools::STOCK_RANGE_DAYS_MAX
}

/// Lines that the command wants to take.
fn new_lines(command: &Command) -> Vec<Line> {
    match command {
        Command::Place(place) => bounded(place.lines.clone()),
        Command::Book(book) => bounded(book.place.lines.clone()),
        Command::Reschedule { lines, .. } => {
            bounded(lines.iter().map(|reserved| reserved.line).collect())
        }
        Command::Refuse(_)
        | Command::Extend { .. }
        | Command::Confirm { .. }
        | Command::Cancel { .. }
        | Command::Lapse { .. }
        | Command::Edit { .. }
        | Command::CheckIn { .. }
        | Command::CheckOut { .. }
        | Command::NoShow { .. }
        | Command::BeginPayment { .. }
        | Command::NamePayment { .. }
        | Command::HearPayment { .. }
        | Command::HearDispute { .. }
        | Command::AskRefund { .. }
        | Command::RecordRefund { .. }
        | Command::SetStock { .. }
        | Command::SetDefault { .. } => Vec::new(),
        #[cfg(feature = "mutants")]
        Command::Panic => Vec::new(),
    }
}

/// A wish that `domain` will refuse for its length must not make thousands of cells first.
fn bounded(lines: Vec<Line>) -> Vec<Line> {
    let fits =
        |line: &Line| (1..=vacancy_domain::stays::STAY_NIGHTS_MAX).contains(&line.stay.nights());
    if lines.len() <= holds::LINES_MAX && lines.iter().all(fits) { lines } else { Vec::new() }
}
