//! F2: the connection to PostgreSQL is cut before and after every message, in each direction, while a
//! guest books, pays, cancels or lets the time pass. What nobody can know is told as unknown, what is
//! told as not done was not done, the same request finds the one answer, the server connects again by
//! itself.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use vacancy_store::sql::Engine;

use crate::life::Life;
use crate::place::Place;
use crate::proxy::{Cut, Edge, Line, Proxy, Way};
use crate::scenario::{Outcome, Setup};
use crate::{Trouble, journey, runtime};

/// More rooms than there are cuts of one part.
const ROOMS: i64 = 5_000;
/// Most cuts of one part, line, way and edge: far more than it has messages.
const MESSAGES_MAX: u64 = 1_000;

/// Which part of the day the cut falls into.
#[derive(Debug, Clone, Copy)]
enum Part {
    Book,
    Pay,
    Cancel,
    Lapse,
}

const PARTS: [Part; 4] = [Part::Book, Part::Pay, Part::Cancel, Part::Lapse];

#[derive(Default)]
struct Tally {
    cuts: u64,
    unknown: u64,
    slowest: Duration,
    violations: Vec<String>,
}

pub(crate) fn run(setup: &Setup, _postgres: Engine) -> Result<Outcome, Trouble> {
    let work = |part: Part| -> Result<Tally, Trouble> { runtime()?.block_on(cut_all(setup, part)) };
    let tallies = std::thread::scope(|scope| {
        let workers: Vec<_> =
            PARTS.iter().map(|part| (part, scope.spawn(move || work(*part)))).collect();
        let ended = workers.into_iter().map(|(part, worker)| {
            let tally = worker.join().map_err(|_panic| "a worker panicked")??;
            Ok::<_, Trouble>((part, tally))
        });
        ended.collect::<Result<Vec<_>, Trouble>>()
    })?;
    let cuts = |tally: &Tally, part: &Part| format!("{part:?} {}", tally.cuts).to_lowercase();
    let each: Vec<String> = tallies.iter().map(|(part, tally)| cuts(tally, part)).collect();
    let slowest = tallies.iter().map(|(_, tally)| tally.slowest).max().unwrap_or_default();
    Ok(Outcome {
        done: format!("the connection is cut at every message: {}", each.join(", ")),
        figures: format!(
            "{} cuts, {} told as unknown, all done again within {} ms",
            tallies.iter().map(|(_, tally)| tally.cuts).sum::<u64>(),
            tallies.iter().map(|(_, tally)| tally.unknown).sum::<u64>(),
            slowest.as_millis()
        ),
        violations: tallies.into_iter().flat_map(|(_, tally)| tally.violations).collect(),
    })
}

async fn cut_all(setup: &Setup, part: Part) -> Result<Tally, Trouble> {
    let mut place = Place::open(&setup.binary, Engine::Postgres).await?;
    let url = place.database_url().ok_or("no database")?.to_owned();
    let proxy = Proxy::start(address_of(&url)?).await?;
    place.detour = Some(through(&url, proxy.address)?);
    let mut tally = Tally::default();
    {
        let mut life = Life::new(&place, None);
        let hotel = journey::open(&mut life, ROOMS).await?;
        for line in [Line::Desk, Line::Other] {
            for way in [Way::ToDatabase, Way::ToServer] {
                for edge in [Edge::Before, Edge::After] {
                    for message in 1..=MESSAGES_MAX {
                        let cut = Cut { line, way, message, edge };
                        if !cut_at(&mut life, &hotel, &proxy, part, cut, &mut tally).await? {
                            break;
                        }
                    }
                }
            }
        }
        life.stop()?;
        tally.unknown = life.unknown_count;
        tally.violations.append(&mut life.violations);
    }
    place.remove().await;
    Ok(tally)
}

/// `false`: the part has fewer messages.
async fn cut_at(
    life: &mut Life<'_>,
    hotel: &journey::Hotel,
    proxy: &Proxy,
    part: Part,
    cut: Cut,
    tally: &mut Tally,
) -> Result<bool, Trouble> {
    let Cut { line, way, message, edge } = cut;
    let name = format!("{line:?}-{way:?}-{edge:?}-{message}");
    let known = life.violations.len();
    let mut booking = None;
    if !matches!(part, Part::Book) {
        booking = Some(journey::book(life, hotel, &name, 0).await?);
    }
    if let (Part::Cancel, Some(booking)) = (part, &booking) {
        journey::pay(life, booking).await?;
    }
    let began = Instant::now();
    proxy.arm(cut);
    let lived = match (part, &booking) {
        (Part::Pay, Some(booking)) => journey::pay(life, booking).await.map(|_| ()),
        (Part::Cancel, Some(booking)) => journey::cancel(life, booking).await,
        (Part::Lapse, Some(booking)) => journey::expire(life, booking).await,
        (Part::Book | Part::Pay | Part::Cancel | Part::Lapse, _) => {
            journey::book(life, hotel, &name, 0).await.map(|_| ())
        }
    };
    let was_cut = proxy.disarm();
    if let Err(trouble) = lived {
        life.violations.push(trouble.to_string());
    }
    for told in life.violations.iter_mut().skip(known) {
        *told = format!("{part:?} {name}: {told}");
    }
    if was_cut {
        tally.cuts += 1;
        tally.slowest = tally.slowest.max(began.elapsed());
    }
    Ok(was_cut)
}

fn address_of(url: &str) -> Result<SocketAddr, Trouble> {
    let host = url.split('@').nth(1).and_then(|rest| rest.split('/').next());
    Ok(host.ok_or("a database has an address")?.parse()?)
}

fn through(url: &str, proxy: SocketAddr) -> Result<String, Trouble> {
    Ok(url.replace(&address_of(url)?.to_string(), &proxy.to_string()))
}
