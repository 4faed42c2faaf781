//! What the clients of the world hear, and what they make of it.

use tokio::sync::oneshot;
use vacancy_app::desk::command::{Answer, Command, Order, Outcome};
use vacancy_app::errors::Error;
use vacancy_domain::ledger::Line;
use vacancy_domain::reservations::Reservation;

use super::{World, row_id};
use crate::crowd::Known;
use crate::oracle::clients::place_of;
use crate::oracle::stock::Asked;
use crate::oracle::{Checked, Violation};

/// An order on its way; without a receiver when its client left.
pub(super) struct Sent {
    pub(super) order: Order,
    pub(super) answer: Option<oneshot::Receiver<Result<Answer, Error>>>,
}

impl World {
    /// Takes the answers of a step; gives the wishes of which "sold out" may be judged. When
    /// everything stopped, whoever was told no was told nothing.
    pub(super) async fn hear(
        &mut self,
        sent: Vec<Sent>,
        is_cut: bool,
    ) -> Result<Vec<Asked>, Violation> {
        // Money moves stock, too: it frees it, or takes it late.
        let is_judged =
            self.paying.is_empty() && !sent.iter().any(|sent| sent.order.command.runs_alone());
        let mut asked = Vec::new();
        for Sent { order, answer } in sent {
            let told = match answer {
                Some(answer) => answer.await.unwrap_or(Err(Error::OutcomeUnknown)),
                None => {
                    self.situations.note("client: left before the answer");
                    Err(Error::OutcomeUnknown)
                }
            };
            let told = if is_cut { told.map_err(|_| Error::OutcomeUnknown) } else { told };
            let code = match &told {
                Ok(answer) if answer.is_replay => "replayed",
                Ok(_) => "done",
                Err(error) => error.code(),
            };
            self.note(code);
            if self.plan.keeps_log {
                self.log.push(format!("{} {code}: {:?}", self.now_ms(), order.command));
            }
            asked.extend(asked_of(&order, code == "sold_out"));
            self.learn(order, told)?;
        }
        Ok(if is_judged { asked } else { Vec::new() })
    }

    fn learn(&mut self, order: Order, told: Result<Answer, Error>) -> Checked {
        let mut houses = self.crowd.houses.iter();
        let house = houses.find(|house| house.property == order.property);
        let today = house.map_or(0, |house| house.day(self.now_ms()));
        self.oracle.clients.hears(&order, &told, today)?;
        match told {
            Ok(answer) => {
                self.remember(&order, &answer);
                if order.key.is_some() && self.asked_before.len() < 20 {
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
            Err(
                Error::Refused(_)
                | Error::Stale { .. }
                | Error::MatterChanged(_)
                | Error::KeyReused,
            ) => Ok(()),
            Err(Error::Fault(fault)) => {
                let cause = std::error::Error::source(&fault).map(ToString::to_string);
                let told = format!("{fault} {cause:?} {order:?}");
                Err(Violation { rule: "no order breaks", told })
            }
            Err(other) => {
                Err(Violation { rule: "no order breaks", told: format!("{other} {order:?}") })
            }
        }
    }

    fn remember(&mut self, order: &Order, answer: &Answer) {
        let (hold, reservation) = match &answer.outcome {
            Outcome::Booked(booked) => (booked.hold, Some(booked.reservation)),
            Outcome::Held(held) => (held.hold, None),
            Outcome::Reservation(reservation) => {
                self.situation(order);
                self.follow_up(reservation);
                return;
            }
            Outcome::RefundAsked(_) | Outcome::Known(_) | Outcome::Done => return,
        };
        self.situation(order);
        let Some(place) = place_of(order) else { return };
        if self.known.iter().any(|known| known.hold == hold) {
            return;
        }
        let lines = place.lines.iter().map(|line| line.id).collect();
        let (property, version, orders) = (order.property, 1, Vec::new());
        let known = Known { property, hold, reservation, lines, version, orders };
        self.known.push(known);
    }

    fn follow_up(&mut self, reservation: &Reservation) {
        let mut known = self.known.iter_mut();
        let Some(known) = known.find(|known| known.hold == reservation.hold) else { return };
        known.version = reservation.version;
        known.lines = reservation.lines.iter().map(|reserved| reserved.line.id).collect();
    }

    fn situation(&mut self, order: &Order) {
        let command = &order.command;
        let is_two = || {
            let lines = lines_of(command);
            place_of(order).is_some() && 1 < lines.len() && lines[0].pool == lines[1].pool
        };
        let what = if matches!(command, Command::Extend { .. }) {
            Some("hold: extended")
        } else if matches!(command, Command::Reschedule { .. }) {
            Some("stay: moved to other nights")
        } else if matches!(command, Command::CheckIn { rooms, .. } if !rooms.is_empty()) {
            Some("room: given")
        } else if matches!(command, Command::CheckOut { .. }) {
            Some("stay: ended early")
        } else if matches!(command, Command::NoShow { .. }) {
            Some("stay: guest did not come")
        } else {
            is_two().then_some("stay: two lines on one pool")
        };
        if let Some(what) = what {
            self.situations.note(what);
        }
    }
}

fn lines_of(command: &Command) -> Vec<Line> {
    if let Command::Place(place) = command {
        place.lines.clone()
    } else if let Command::Book(book) = command {
        book.place.lines.clone()
    } else if let Command::Reschedule { lines, .. } = command {
        lines.iter().map(|reserved| reserved.line).collect()
    } else {
        Vec::new()
    }
}

/// What an order asks of the stock, line by line.
fn asked_of(order: &Order, was_sold_out: bool) -> Vec<Asked> {
    let lines = lines_of(&order.command);
    // A wish of two lines may be refused for either: only a single line can be judged.
    let was_sold_out =
        was_sold_out && lines.len() == 1 && !matches!(order.command, Command::Reschedule { .. });
    let asked = |line: Line| Asked {
        pool: row_id(line.pool),
        first_day: line.stay.first_day.0,
        end_day: line.stay.end_day.0,
        units: line.units,
        was_sold_out,
    };
    lines.into_iter().map(asked).collect()
}
