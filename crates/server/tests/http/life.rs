//! Goal: a server starts, says where it is, ends when it is told to, and answers what it began.
//! Method: the real binary on a free port, with real signals.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use vacancy_store::testing::TestFolder;

/// Longest wait of a test for an event that has to come.
const PATIENCE: Duration = Duration::from_secs(20);

struct Server {
    child: Child,
    address: SocketAddr,
    lines: BufReader<std::process::ChildStdout>,
}

impl Server {
    fn start(folder: &TestFolder) -> Server {
        Server::start_with(folder, &[])
    }

    fn start_with(folder: &TestFolder, settings: &[&str]) -> Server {
        let settings = settings.iter().flat_map(|setting| ["--set", *setting]);
        let mut child = Command::new(env!("CARGO_BIN_EXE_vacancy"))
            .args(["serve", "--listen", "127.0.0.1:0", "--set", "log.format=json", "--data"])
            .arg(folder.path())
            .args(settings)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        let address = loop {
            line.clear();
            assert_ne!(lines.read_line(&mut line).unwrap(), 0, "the server ended at once");
            let told: serde_json::Value = serde_json::from_str(&line).unwrap();
            if let Some(address) = told["listen"].as_str() {
                break address.parse().unwrap();
            }
        };
        Server { child, address, lines }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// Sends a signal with the system's own command.
    fn signal(&self, name: &str) {
        let sent = Command::new("kill").arg(name).arg(self.child.id().to_string()).status();
        assert!(sent.unwrap().success());
    }

    /// Reads the log up to a line that says this.
    fn wait_for_log(&mut self, message: &str) {
        let mut line = String::new();
        while !line.contains(message) {
            line.clear();
            assert_ne!(self.lines.read_line(&mut line).unwrap(), 0, "no {message:?} in the log");
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Ended already when the test went well.
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// The head of an answer, up to the blank line.
fn read_head(stream: &mut TcpStream) -> String {
    let (mut head, mut byte) = (vec![], [0]);
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() == 1 {
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap()
}

fn get(stream: &mut TcpStream, path: &str) {
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
}

#[test]
fn a_signal_ends_the_server_and_idle_connections() {
    let folder = TestFolder::new();
    let mut server = Server::start(&folder);
    let mut idle = server.connect();
    get(&mut idle, "/livez");
    assert!(read_head(&mut idle).starts_with("HTTP/1.1 200"));
    server.signal("-TERM");
    server.wait_for_log("stopping");
    let mut rest = String::new();
    idle.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "ok\n", "closed by the server");
    server.wait_for_log("stopped");
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
    assert!(TcpStream::connect(server.address).is_err(), "nobody listens any more");
}

#[test]
fn a_second_start_finds_what_the_first_one_left() {
    let folder = TestFolder::new();
    let key_file = folder.path().join("admin-key");
    let mut keys = vec![];
    for signal in ["-INT", "-TERM"] {
        let mut server = Server::start(&folder);
        keys.push(std::fs::read_to_string(&key_file).unwrap());
        let mut stream = server.connect();
        let key = keys[0].trim();
        let ask =
            format!("GET /v1/locations HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n\r\n");
        stream.write_all(ask.as_bytes()).unwrap();
        assert!(read_head(&mut stream).starts_with("HTTP/1.1 200"));
        server.signal(signal);
        assert_eq!(server.child.wait().unwrap().code(), Some(0));
        server.wait_for_log("stopped");
    }
    assert_eq!(keys[0], keys[1]);
}

#[test]
fn a_second_writer_is_told_that_there_is_one() {
    let folder = TestFolder::new();
    let _server = Server::start(&folder);
    let second = Command::new(env!("CARGO_BIN_EXE_vacancy"))
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(folder.path())
        .output()
        .unwrap();
    assert_eq!(second.status.code(), Some(1));
    let told = String::from_utf8(second.stderr).unwrap();
    assert!(told.contains("held by another process"), "{told}");
}

#[test]
fn the_books_are_verified_beside_a_running_server() {
    let folder = TestFolder::new();
    let _server = Server::start(&folder);
    let verified = Command::new(env!("CARGO_BIN_EXE_vacancy"))
        .args(["verify", "--data"])
        .arg(folder.path())
        .output()
        .unwrap();
    let told = String::from_utf8(verified.stdout).unwrap();
    assert!(verified.status.success() && told.contains("Everything agrees."), "{told}");
}

#[test]
fn a_log_names_no_token_and_no_question() {
    let folder = TestFolder::new();
    let mut server = Server::start(&folder);
    let mut stream = server.connect();
    let ask = "GET /v1/locations?q=ana@example.com HTTP/1.1\r\nHost: x\r\n\
               Authorization: Bearer vk_live_hunter2\r\n\r\n";
    stream.write_all(ask.as_bytes()).unwrap();
    assert!(read_head(&mut stream).starts_with("HTTP/1.1 401"));
    server.signal("-TERM");
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
    let mut log = String::new();
    server.lines.read_to_string(&mut log).unwrap();
    assert!(log.contains("\"http.status\":401") && log.contains("trace_id"), "{log}");
    assert!(!log.contains("hunter2") && !log.contains("example.com"), "{log}");
}

#[test]
fn a_log_names_no_credential_of_a_business() {
    let folder = TestFolder::new();
    let sealing_key = format!("secrets.key={}", "1f".repeat(32));
    let mut server = Server::start_with(&folder, &[&sealing_key, "log.level=debug"]);
    let admin_key = std::fs::read_to_string(folder.path().join("admin-key")).unwrap();
    for (secret_key, status) in [("sk_test_hunter2hunter2", 201), ("hunter2", 422)] {
        let body = serde_json::json!({
            "provider": "STRIPE", "label": "Ours",
            "credentials": {"secretKey": secret_key, "webhookSecrets": ["whsec_hunter2hunter2"]},
        });
        let (body, admin_key) = (body.to_string(), admin_key.trim());
        let mut stream = server.connect();
        write!(
            stream,
            "POST /v1/payment-accounts HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
             Authorization: Bearer {admin_key}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let head = read_head(&mut stream);
        assert!(head.starts_with(&format!("HTTP/1.1 {status}")), "{head}");
    }
    server.signal("-TERM");
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
    let mut log = String::new();
    server.lines.read_to_string(&mut log).unwrap();
    assert!(log.contains("\"http.status\":422"), "{log}");
    assert!(!log.contains("hunter2") && !log.contains("1f1f"), "{log}");
}

#[test]
fn a_head_that_is_too_long_is_refused() {
    let folder = TestFolder::new();
    let server = Server::start(&folder);
    let many: String = (0..1_000).map(|number| format!("X-{number}: y\r\n")).collect();
    let mut stream = server.connect();
    // The server may answer and close before everything is sent.
    let _sent = write!(stream, "GET /livez HTTP/1.1\r\nHost: x\r\n{many}\r\n");
    assert!(read_head(&mut stream).starts_with("HTTP/1.1 431"));
    let mut long = server.connect();
    let header = "y".repeat(100_000);
    let _sent = write!(long, "GET /livez HTTP/1.1\r\nHost: x\r\nX-Long: {header}\r\n\r\n");
    assert!(read_head(&mut long).starts_with("HTTP/1.1 431"));
    let mut next = server.connect();
    get(&mut next, "/livez");
    assert!(read_head(&mut next).starts_with("HTTP/1.1 200"), "others are served");
}
