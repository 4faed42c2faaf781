//! A place with servers that come and go under running clients. Clients knock at a door; who stands
//! behind it changes.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::sync::watch;

use crate::Trouble;
use crate::place::Place;
use crate::server::Server;

/// Longest wait for somebody behind a door.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long a client may take from learning an address to its connection.
const LAST_KNOCK: Duration = Duration::from_millis(200);

/// Where clients find a server. Clones show the same doors.
#[derive(Clone)]
pub(crate) struct Doors(Vec<watch::Receiver<Option<SocketAddr>>>);

impl Doors {
    /// An address, another one at each knock where there are several.
    ///
    /// # Errors
    /// When nobody comes in time.
    pub(crate) async fn knock(&self, count: usize) -> Result<SocketAddr, Trouble> {
        for turn in 0..self.0.len() {
            if let Some(address) = *self.0[(count + turn) % self.0.len()].borrow() {
                return Ok(address);
            }
        }
        let mut door = self.0[count % self.0.len()].clone();
        let waiting = tokio::time::timeout(PATIENCE, door.wait_for(Option::is_some));
        let address = *waiting.await.map_err(|_late| "nobody came to the door")??;
        address.ok_or_else(|| "a door without an address".into())
    }
}

/// One server on a place.
pub(crate) struct Stage<'p> {
    place: &'p Place,
    server: Option<Server>,
    door: watch::Sender<Option<SocketAddr>>,
}

impl<'p> Stage<'p> {
    pub(crate) fn open(place: &'p Place) -> Result<Stage<'p>, Trouble> {
        let mut stage = Stage { place, server: None, door: watch::Sender::new(None) };
        stage.start()?;
        Ok(stage)
    }

    pub(crate) fn start(&mut self) -> Result<(), Trouble> {
        let server = self.place.serve(&[])?;
        self.door.send_replace(Some(server.address));
        self.server = Some(server);
        Ok(())
    }

    pub(crate) fn server(&mut self) -> Result<&mut Server, Trouble> {
        self.server.as_mut().ok_or_else(|| "no server".into())
    }

    /// SIGKILL; nothing of it runs when this returns.
    pub(crate) fn kill(&mut self) {
        self.door.send_replace(None);
        self.server = None;
    }

    /// SIGTERM, to the end. New requests go elsewhere from now on, as a load balancer would send them.
    /// Gives the lines of the server's log that a person must look at.
    pub(crate) fn stop(&mut self) -> Result<Vec<String>, Trouble> {
        self.door.send_replace(None);
        // Who has the address already gets to the door, as behind a load balancer.
        std::thread::sleep(LAST_KNOCK);
        let Some(server) = self.server.take() else { return Ok(Vec::new()) };
        server.stop()?.ok_or_else(|| "ended by a signal, not by itself".into())
    }
}

pub(crate) fn doors(stages: &[&Stage<'_>]) -> Doors {
    Doors(stages.iter().map(|stage| stage.door.subscribe()).collect())
}
