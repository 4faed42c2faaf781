//! A proxy between the server and PostgreSQL that passes every byte on as it came and knows where a
//! message of protocol 3 ends, so that a connection can be cut exactly before or after one.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

use crate::Trouble;

/// What only sessions of the desk set: by this a connection is known.
const DESK_WORD: &[u8] = b"enable_seqscan";
/// How long the ends of a cut connection are read to their end, so that what was passed on before
/// the cut is not torn away by it.
const LINGER: Duration = Duration::from_secs(2);

/// Which way a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    ToDatabase,
    ToServer,
}

/// Which connections count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Line {
    Desk,
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Edge {
    Before,
    After,
}

/// The message at which its connection is cut, counted from when the cut was armed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cut {
    pub(crate) line: Line,
    pub(crate) way: Way,
    pub(crate) message: u64,
    pub(crate) edge: Edge,
}

#[derive(Default)]
struct Plan {
    cut: Option<Cut>,
    seen: u64,
    was_cut: bool,
}

#[derive(Clone)]
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    plan: Arc<Mutex<Plan>>,
}

impl Proxy {
    /// Passes on until the runtime ends.
    pub(crate) async fn start(database: SocketAddr) -> Result<Proxy, Trouble> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let proxy = Proxy { address: listener.local_addr()?, plan: Arc::default() };
        let own = proxy.clone();
        tokio::spawn(async move {
            while let Ok((server, _)) = listener.accept().await {
                let Ok(database) = TcpStream::connect(database).await else { continue };
                tokio::spawn(own.clone().pass(server, database));
            }
        });
        Ok(proxy)
    }

    pub(crate) fn arm(&self, cut: Cut) {
        *self.plan() = Plan { cut: Some(cut), ..Plan::default() };
    }

    /// Whether the armed cut was made; none is armed any more.
    pub(crate) fn disarm(&self) -> bool {
        std::mem::take(&mut *self.plan()).was_cut
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().expect("no task panics with the plan")
    }

    async fn pass(self, server: TcpStream, database: TcpStream) {
        // Messages are passed on one by one: none may wait for the next.
        let _slower = (server.set_nodelay(true), database.set_nodelay(true));
        let is_desk = Arc::new(AtomicBool::new(false));
        let (from_server, to_server) = server.into_split();
        let (from_database, to_database) = database.into_split();
        let mut out = Pipe::new(&self, Way::ToDatabase, &is_desk, from_server, to_database);
        let mut back = Pipe::new(&self, Way::ToServer, &is_desk, from_database, to_server);
        tokio::select! {
            () = out.run() => {}
            () = back.run() => {}
        }
        // Whatever ended one way ends the other.
        let _closed = tokio::join!(out.to.shutdown(), back.to.shutdown());
        let _late = tokio::time::timeout(LINGER, async {
            tokio::join!(to_the_end(&mut out.from), to_the_end(&mut back.from))
        })
        .await;
    }

    /// Counts a message; says where to cut if this is the one.
    fn judge(&self, way: Way, line: Line) -> Option<Edge> {
        let mut plan = self.plan();
        let cut = plan.cut.filter(|cut| cut.way == way && cut.line == line && !plan.was_cut)?;
        plan.seen += 1;
        if plan.seen != cut.message {
            return None;
        }
        plan.was_cut = true;
        Some(cut.edge)
    }
}

async fn to_the_end(from: &mut OwnedReadHalf) {
    let mut rest = [0; 4_096];
    while let Ok(1..) = from.read(&mut rest).await {}
}

/// One direction of one connection.
struct Pipe {
    proxy: Proxy,
    way: Way,
    is_desk: Arc<AtomicBool>,
    from: OwnedReadHalf,
    to: OwnedWriteHalf,
    /// The first message of the server's side has no type.
    is_first: bool,
}

impl Pipe {
    fn new(
        proxy: &Proxy,
        way: Way,
        is_desk: &Arc<AtomicBool>,
        from: OwnedReadHalf,
        to: OwnedWriteHalf,
    ) -> Pipe {
        let (proxy, is_desk) = (proxy.clone(), Arc::clone(is_desk));
        Pipe { proxy, way, is_desk, from, to, is_first: way == Way::ToDatabase }
    }

    /// Returns when the connection ended or was cut.
    async fn run(&mut self) {
        let mut bytes = Vec::new();
        loop {
            while let Some(length) = whole(&bytes, self.is_first) {
                let message: Vec<u8> = bytes.drain(..length).collect();
                if !self.message(&message).await {
                    return;
                }
            }
            match self.from.read_buf(&mut bytes).await {
                Ok(1..) => {}
                Ok(0) | Err(_) => return,
            }
        }
    }

    /// `false`: the connection is cut here.
    async fn message(&mut self, message: &[u8]) -> bool {
        if self.way == Way::ToDatabase && contains(message, DESK_WORD) {
            self.is_desk.store(true, Ordering::SeqCst);
        }
        self.is_first = false;
        let line = if self.is_desk.load(Ordering::SeqCst) { Line::Desk } else { Line::Other };
        let edge = self.proxy.judge(self.way, line);
        if edge == Some(Edge::Before) {
            return false;
        }
        self.to.write_all(message).await.is_ok() && edge.is_none()
    }
}

/// The length of the message at the front, if all of it is there.
fn whole(bytes: &[u8], is_first: bool) -> Option<usize> {
    let kind = usize::from(!is_first);
    let length = bytes.get(kind..kind + 4)?;
    let length = u32::from_be_bytes([length[0], length[1], length[2], length[3]]);
    let length = kind + usize::try_from(length).ok()?;
    (length <= bytes.len()).then_some(length)
}

fn contains(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len()).any(|part| part == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_ends_where_its_length_says() {
        assert_eq!(whole(b"Q\0\0\0\x05;", false), Some(6));
        assert_eq!(whole(b"Q\0\0\0\x05;X\0\0\0\x04", false), Some(6));
        assert_eq!(whole(b"Q\0\0\0\x05", false), None);
        assert_eq!(whole(b"Q\0\0", false), None);
        assert_eq!(whole(b"\0\0\0\x08\0\x03\0\0", true), Some(8));
    }

    #[tokio::test]
    async fn bytes_pass_up_to_the_cut_and_none_behind_it() {
        for (edge, passed) in
            [(Edge::Before, &b"Q\0\0\0\x05a"[..]), (Edge::After, b"Q\0\0\0\x05aQ\0\0\0\x05b")]
        {
            let database = TcpListener::bind("127.0.0.1:0").await.expect("a port");
            let at = database.local_addr().expect("an address");
            let proxy = Proxy::start(at).await.expect("a proxy");
            // The first message has no type and is counted, too.
            proxy.arm(Cut { line: Line::Other, way: Way::ToDatabase, message: 3, edge });
            let mut server = TcpStream::connect(proxy.address).await.expect("a connection");
            let (mut session, _) = database.accept().await.expect("a session");
            let start = b"\0\0\0\x08\0\x03\0\0";
            server.write_all(start).await.expect("sent");
            server.write_all(b"Q\0\0\0\x05aQ\0\0\0\x05bQ\0\0\0\x05c").await.expect("sent");
            let mut came = Vec::new();
            session.read_to_end(&mut came).await.expect("read to the cut");
            assert_eq!(came, [&start[..], passed].concat(), "{edge:?}");
            assert!(proxy.disarm() && !proxy.disarm());
        }
    }
}
