//! Guests who all ask at once, and the moment at which the server is killed while they wait.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::sync::{Barrier, mpsc};

use super::server::Server;
use super::wire::{Answer, Asking};

/// When the server is killed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Moment {
    /// So many requests are on their way; most likely nobody has an answer.
    Sent(usize),
    /// So many guests have an answer.
    Answered(usize),
}

#[derive(Debug, PartialEq, Eq)]
enum Event {
    Sent,
    Answered,
}

impl Moment {
    fn has_come(self, sent: usize, answered: usize) -> bool {
        match self {
            Moment::Sent(count) => count <= sent,
            Moment::Answered(count) => count <= answered,
        }
    }
}

/// Sends every booking at once, kills the server at the moment, and gives the answers that came
/// through, in the order of the bookings.
pub(crate) async fn ask_until(
    moment: Moment,
    server: &mut Server,
    bookings: &[String],
) -> Vec<Option<Answer>> {
    let (tell, mut told) = mpsc::unbounded_channel();
    let crowd = send(server.address, bookings, &tell);
    drop(tell);
    let (mut sent, mut answered) = (0, 0);
    while let Some(event) = told.recv().await {
        match event {
            Event::Sent => sent += 1,
            Event::Answered => answered += 1,
        }
        if moment.has_come(sent, answered) {
            break;
        }
    }
    server.kill();
    gather(crowd).await
}

/// Sends every booking at once; each must be answered.
pub(crate) async fn ask_all(address: SocketAddr, bookings: &[String]) -> Vec<Answer> {
    let (tell, _nobody_listens) = mpsc::unbounded_channel();
    let answers = gather(send(address, bookings, &tell)).await;
    answers.into_iter().map(|answer| answer.expect("a live server answers everybody")).collect()
}

type Crowd = Vec<tokio::task::JoinHandle<Option<Answer>>>;

fn send(address: SocketAddr, bookings: &[String], tell: &mpsc::UnboundedSender<Event>) -> Crowd {
    let start = Arc::new(Barrier::new(bookings.len()));
    let guest = |body: &String| {
        let (body, tell, start) = (body.clone(), tell.clone(), Arc::clone(&start));
        tokio::spawn(async move {
            let asking = Asking::connect(address).await;
            start.wait().await;
            let asking = asking.ok()?.post("/v1/reservations", &body).await.ok()?;
            let _nobody_listens = tell.send(Event::Sent);
            let answer = asking.answer().await.ok()?;
            let _nobody_listens = tell.send(Event::Answered);
            Some(answer)
        })
    };
    bookings.iter().map(guest).collect()
}

async fn gather(crowd: Crowd) -> Vec<Option<Answer>> {
    let mut answers = Vec::with_capacity(crowd.len());
    for guest in crowd {
        answers.push(guest.await.unwrap());
    }
    answers
}
