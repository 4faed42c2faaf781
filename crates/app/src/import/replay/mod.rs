//! Replays a hotel's history through the desk: each booking on its day, in the order of the plan,
//! by the same use cases as the API, under a given clock. It decides nothing; a refusal is an
//! outcome, a fault ends the replay.

pub mod clock;
mod house;
pub mod stored;

use tokio::sync::oneshot;
use vacancy_domain::ids::{BusinessId, HoldId, PropertyId};
use vacancy_domain::verify::Report as Verified;
use vacancy_store::sql::Db;

use crate::access::{Actor, keys};
use crate::desk::Desk;
use crate::desk::command::{Answer, Command, Order};
use crate::errors::Error;
use crate::ids::Ids;
use crate::import::bookings::History;
use crate::import::bookings::plan::{DayPlan, Plan, Step};
use crate::import::bookings::report::{Outcomes, Report};
use crate::reservations::Bookings;
use crate::verify::verify_property;
use clock::GivenClock;
use house::{House, TIME_ZONE};

/// A replay that came to its end.
#[derive(Debug, Clone)]
pub struct Replayed {
    pub business: BusinessId,
    pub property: PropertyId,
    /// With the figures that the store holds.
    pub report: Report,
    /// Where the store holds something else than history and answers come to: nowhere, it is hoped.
    pub differences: Vec<String>,
    pub verified: Verified,
}

impl Replayed {
    /// Whether the store holds what it should and proves it.
    #[must_use]
    pub fn is_right(&self) -> bool {
        self.differences.is_empty()
            && self.verified.is_clean()
            && self.report.unanswered == 0
            && self.report.failed_steps.is_empty()
    }
}

/// Replays `plan`, which must be that of `history`, in a hotel made for it, and looks at what the
/// store holds then. Must be called on a runtime of several threads to be quick.
///
/// # Errors
/// When the store fails, or cannot have a hotel like that.
pub async fn run(db: &Db, history: &History, plan: &Plan) -> Result<Replayed, Error> {
    let clock = GivenClock::default();
    if let Some(first) = plan.days.first() {
        clock.turn_to(first.day, TIME_ZONE)?;
    }
    let db = &db.with_time(clock.time());
    let ids = Ids::from_system(clock.stamp()).map_err(keys::no_randomness)?;
    let house = House::build(db, &ids, history, plan).await?;
    let (business, property) = (house.business, house.property);
    let (desk, lanes) = Desk::open(db, &ids);
    let mut running = Running {
        history,
        plan,
        house,
        bookings: Bookings::new(db, desk, ids),
        holds: vec![None; history.stays.len()],
        outcomes: Outcomes::unanswered(history),
    };
    let ran = running.run_days(&clock).await;
    let Running { outcomes, .. } = running;
    lanes.close().await;
    ran?;
    let mut report = Report::new(history, plan, &outcomes);
    let stored = stored::read(db, property).await?;
    let differences = report.take_stored(history, plan, &stored);
    let verified = verify_property(db, property).await?;
    Ok(Replayed { business, property, report, differences, verified })
}

struct Running<'h> {
    history: &'h History,
    plan: &'h Plan,
    house: House,
    bookings: Bookings,
    /// By stay; none before it is booked, and for a booking that was refused.
    holds: Vec<Option<HoldId>>,
    outcomes: Outcomes,
}

/// What one order was for. A booking is two: the hold, and its confirmation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ask {
    Hold { stay: usize },
    Confirm { stay: usize },
    Later(Step),
}

type Waiting = oneshot::Receiver<Result<Answer, Error>>;

impl Running<'_> {
    async fn run_days(&mut self, clock: &GivenClock) -> Result<(), Error> {
        for day in &self.plan.days {
            clock.turn_to(day.day, TIME_ZONE)?;
            self.run_day(day).await?;
        }
        Ok(())
    }

    /// Enqueues all that happens on a day, one behind the other, and only then waits: the clock may
    /// turn when everything has its answer.
    async fn run_day(&mut self, day: &DayPlan) -> Result<(), Error> {
        let mut orders = Vec::with_capacity(day.steps.len() * 2);
        for step in &day.steps {
            self.add_orders(*step, &mut orders)?;
        }
        let desk = &self.bookings.desk;
        let enqueue = |(ask, order): (Ask, Order)| (ask, desk.enqueue(order));
        let asked: Vec<(Ask, Waiting)> = orders.into_iter().map(enqueue).collect();
        for (ask, waiting) in asked {
            match (ask, waiting.await.unwrap_or(Err(Error::OutcomeUnknown))) {
                (Ask::Hold { stay }, Ok(_)) => self.outcomes.took(stay),
                (Ask::Confirm { .. } | Ask::Later(_), Ok(_)) => {}
                (ask, Err(Error::Refused(refusal))) => self.hear_no(ask, refusal.code()),
                (_, Err(error)) => return Err(error),
            }
        }
        Ok(())
    }

    fn add_orders(&mut self, step: Step, orders: &mut Vec<(Ask, Order)>) -> Result<(), Error> {
        let stay = step.stay();
        if let Step::Book { .. } = step {
            let booking = self.history.stays.get(stay).ok_or(Error::NotFound)?;
            let pool = self.plan.pool_of(stay);
            let (wish, offer) = self.house.asked_by(&self.bookings.ids, booking, pool)?;
            let order = self.bookings.order_of(&Actor::System, &wish, offer)?;
            let hold = new_hold(&order.command);
            orders.push((Ask::Hold { stay }, order));
            if let (Some(slot), Some(hold)) = (self.holds.get_mut(stay), hold) {
                *slot = Some(hold);
                let command = Command::Confirm { hold, reference: None };
                orders.push((Ask::Confirm { stay }, self.order(command)));
            }
            return Ok(());
        }
        // The steps of a booking that was refused are left out.
        let Some(hold) = self.holds.get(stay).copied().flatten() else { return Ok(()) };
        let command = match step {
            Step::Book { .. } => return Ok(()),
            Step::Cancel { .. } => {
                Command::Cancel { hold, reference: None, reason: "as in history".to_owned() }
            }
            Step::CheckOut { .. } => Command::CheckOut { hold },
            Step::CheckIn { .. } => Command::CheckIn { hold, rooms: Vec::new() },
            Step::NoShow { .. } => Command::NoShow { hold },
        };
        orders.push((Ask::Later(step), self.order(command)));
        Ok(())
    }

    fn order(&self, command: Command) -> Order {
        Order::new(self.house.property, Actor::System.label(), command)
    }

    fn hear_no(&mut self, ask: Ask, code: &str) {
        let (stay, step) = match ask {
            Ask::Hold { stay } => {
                self.outcomes.refused(stay, code);
                if let Some(slot) = self.holds.get_mut(stay) {
                    *slot = None;
                }
                return;
            }
            Ask::Confirm { stay } => (stay, Step::Book { stay }),
            Ask::Later(step) => (step.stay(), step),
        };
        // Behind a refused booking, what was enqueued with it finds nothing, as it must.
        if self.outcomes.is_taken(stay) {
            self.outcomes.step_failed(step, code);
        }
    }
}

/// The hold that a command makes; a wish that is refused at once makes none.
fn new_hold(command: &Command) -> Option<HoldId> {
    if let Command::Book(book) = command { Some(book.place.hold) } else { None }
}
