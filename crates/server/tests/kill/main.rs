//! Goal: a server that is killed in the middle of a crowd forgets nobody whom it answered, and
//! sells nothing twice.
//! Method: the real binary on each engine; 200 guests at once, each on a connection and with a
//! `requestId` of their own, for more rooms than there are; SIGKILL at four moments; a new start on
//! what is left. Then everybody asks again with the same `requestId`, twice, and every answer is
//! compared with the first one and with the books.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod crowd;
mod house;
mod server;
mod wire;

use std::collections::BTreeSet;
use std::io::Write;

use vacancy_store::sql::Engine;

use crowd::{Moment, ask_all, ask_until};
use house::{House, ROOMS};
use server::Place;
use wire::Answer;

/// When the server dies: before it answered anybody, and after some.
const MOMENTS: [Moment; 4] =
    [Moment::Sent(100), Moment::Answered(1), Moment::Answered(50), Moment::Answered(120)];

#[test]
fn a_killed_server_on_sqlite_forgets_nobody_and_sells_nothing_twice() {
    kill_at_every_moment(Engine::Sqlite);
}

#[test]
fn a_killed_server_on_postgres_forgets_nobody_and_sells_nothing_twice() {
    kill_at_every_moment(Engine::Postgres);
}

fn kill_at_every_moment(engine: Engine) {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    for moment in MOMENTS {
        runtime.block_on(async {
            let Some(place) = Place::open(engine).await else { return };
            kill_at(moment, &place).await;
            place.remove().await;
        });
    }
}

async fn kill_at(moment: Moment, place: &Place) {
    let mut server = place.serve();
    let house = House::build(server.address, place.admin_key()).await;
    let first = ask_until(moment, &mut server, &house.bookings()).await;
    drop(server);
    // What the dead process left is right as it lies there, before anything repairs it.
    tell(place, moment, &first, place.verify());
    let server = place.serve();
    place.verify();
    for answer in first.iter().flatten().filter(|answer| answer.status == 201) {
        is_there(server.address, answer).await;
    }
    let second = ask_all(server.address, &house.bookings()).await;
    let third = ask_all(server.address, &house.bookings()).await;
    for ((first, second), third) in first.iter().zip(&second).zip(&third) {
        if let Some(first) = first {
            assert!(second.says_the_same_as(first), "{moment:?}: {first:?}, then {second:?}");
        }
        assert!(third.says_the_same_as(second), "{moment:?}: {second:?}, then {third:?}");
        assert_eq!(third.is_replay, third.status == 201, "{third:?}");
    }
    let booked: BTreeSet<&str> =
        third.iter().filter(|answer| answer.status == 201).map(Answer::reservation).collect();
    assert_eq!(booked.len(), ROOMS, "{moment:?}: every room is somebody's");
    for answer in third.iter().filter(|answer| answer.status == 201) {
        is_there(server.address, answer).await;
    }
    assert_eq!(house.held_on_the_hot_night(server.address).await, ROOMS, "{moment:?}");
    server.stop();
    assert_eq!(place.verify(), ROOMS, "{moment:?}: reservations in the books");
}

/// The guest sees what was answered.
async fn is_there(address: std::net::SocketAddr, answer: &Answer) {
    let (id, token) = (answer.reservation(), answer.text("guestToken"));
    let shown = wire::get(address, &format!("/v1/reservations/{id}"), token).await;
    assert_eq!(shown.status, 200, "{shown:?}");
    assert_eq!(shown.text("reservationId"), id);
    assert_eq!(shown.text("code"), answer.text("code"));
    assert_eq!(shown.text("status"), "PENDING_PAYMENT");
}

/// Past the test runner's capture: how the guests of a killed server fared differs every time.
fn tell(place: &Place, moment: Moment, answers: &[Option<Answer>], kept: usize) {
    let count = |status: u16| answers.iter().flatten().filter(|a| a.status == status).count();
    let (booked, refused) = (count(201), count(409));
    let none = answers.iter().filter(|answer| answer.is_none()).count();
    assert_eq!(booked + refused + none, answers.len(), "another answer: {answers:?}");
    let text = format!(
        "kill -9 at {moment:?}, {:?}: {booked} booked, {refused} refused, {none} not answered; \
         {kept} in the books\n",
        place.engine()
    );
    let _stderr_is_closed = std::io::stderr().write_all(text.as_bytes());
}
