//! F34: a flood. Somebody takes all connections that PostgreSQL has left and forgets a transaction on
//! each, thousands of connections to the server say nothing, half of a head or the same wish again and
//! again, and meanwhile guests of another house book, pay and cancel. They wait longer, and each has a
//! yes or no; when the flood is gone, everything is as before.

use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use vacancy_store::sql::Engine;
use vacancy_store::testing::{TestFolder, sessions};

use crate::Trouble;
use crate::cluster::{Cluster, finish};
use crate::guests::Crowd;
use crate::place::Place;
use crate::scenario::{Outcome, Setup};
use crate::stage::{Stage, doors};
use crate::tally::Tally;

/// Forgotten transactions, at least.
const IDLE_MIN: usize = 200;
/// What PostgreSQL has, the server's own and the spare ones among them.
const CONNECTIONS: &str = "max_connections=220";
/// Connections to the server that ask nothing.
const SILENT: usize = 2_000;
/// Guests of the flooding house who never stop asking.
const FLOODING: usize = 100;
const FLOOD_ROOMS: usize = 5;
const GUESTS: usize = 40;
const ROOMS: usize = 30;
/// Longest that a guest of another house may wait for a yes or no meanwhile.
const WAIT_MAX: Duration = Duration::from_secs(10);

pub(crate) fn run(setup: &Setup, _engine: Engine) -> Result<Outcome, Trouble> {
    crate::runtime()?.block_on(flood(setup))
}

async fn flood(setup: &Setup) -> Result<Outcome, Trouble> {
    let folder = TestFolder::new();
    // PostgreSQL's own user must get in.
    finish(Command::new("chmod").arg("0755").arg(folder.path()))?;
    let mut cluster = Cluster::init(folder.path(), None)?.with_option(CONNECTIONS);
    cluster.start()?;
    let place = Place::at(&setup.binary, folder.path(), Some(cluster.url()));
    place.migrate()?;
    let mut stage = Stage::open(&place)?;
    let address = stage.server()?.address;
    let admin_key = place.admin_key()?;
    let mut tally = Tally::default();
    let mut waits = Vec::new();
    let mut idle_count = 0;
    for name in ["before", "meanwhile", "after"] {
        let crowd = Crowd::at_a_new_house(doors(&[&stage]), &admin_key, ROOMS).await?;
        let mut flood = None;
        if name == "meanwhile" {
            let flooding = Crowd::at_a_new_house(doors(&[&stage]), &admin_key, FLOOD_ROOMS).await?;
            flood = Some(Flood::begin(&cluster.url(), address, flooding).await?);
        }
        let guests = crowd.arrive(GUESTS, name);
        // Who looks at the books afterwards needs a connection.
        guests.settle().await;
        if let Some(flood) = flood {
            idle_count = flood.idle.len();
            tally.violations.extend(flood.end());
        }
        waits.push(tally.close(&place, &crowd, guests, Vec::new()).await?);
    }
    let slowest = waits[1];
    if WAIT_MAX < slowest {
        tally.violations.push(format!("a guest of another house waited {slowest:?}"));
    }
    stage.stop()?;
    place.verify()?;
    cluster.stop()?;
    let Tally { booked, lost, violations, .. } = tally;
    let [before, meanwhile, after] = [0, 1, 2].map(|part: usize| waits[part].as_millis());
    Ok(Outcome {
        done: format!(
            "{idle_count} forgotten transactions take every connection of PostgreSQL, {SILENT} \
             silent connections, {FLOODING} clients of one house that never stop"
        ),
        figures: format!(
            "{booked} of other houses booked, {lost} lost; their longest wait for a yes or no \
             {before} ms before, {meanwhile} ms meanwhile, {after} ms after"
        ),
        violations,
    })
}

struct Flood {
    idle: Vec<sessions::Idle>,
    _silent: Vec<TcpStream>,
    flooding: Vec<JoinHandle<()>>,
}

impl Flood {
    async fn begin(url: &str, address: SocketAddr, crowd: Crowd) -> Result<Flood, Trouble> {
        let mut silent = Vec::with_capacity(SILENT);
        for number in 0..SILENT {
            let mut stream = TcpStream::connect(address).await?;
            if number % 2 == 0 {
                stream.write_all(b"POST /v1/reservations HTTP/1.1\r\nhost: ").await?;
            }
            silent.push(stream);
        }
        let flooding = (0..FLOODING).map(|client| {
            let crowd = crowd.clone();
            tokio::spawn(async move { crowd.never_stop(client).await })
        });
        let flooding = flooding.collect();
        Ok(Flood { idle: sessions::take_all(url).await, _silent: silent, flooding })
    }

    /// What is wrong with it: a flood that is none shows nothing.
    fn end(self) -> Option<String> {
        for client in &self.flooding {
            client.abort();
        }
        let idle = self.idle.len();
        (idle < IDLE_MIN).then(|| format!("only {idle} transactions were forgotten"))
    }
}
