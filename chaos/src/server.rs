//! The real binary as a process: started, killed or stopped by its own process id.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::Trouble;

pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    log: Option<JoinHandle<Vec<String>>>,
}

impl Server {
    /// Waits until it says where it listens.
    pub(crate) fn start(mut command: Command) -> Result<Server, Trouble> {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let output = child.stdout.take().ok_or("the output is a pipe")?;
        let mut lines = BufReader::new(output).lines();
        let address = lines.by_ref().map_while(Result::ok).find_map(|line| {
            let told: Value = serde_json::from_str(&line).ok()?;
            told["listen"].as_str()?.parse().ok()
        });
        let Some(address) = address else {
            let ended = child.wait_with_output()?;
            let told = String::from_utf8_lossy(&ended.stderr);
            return Err(format!("the server did not start: {}: {told}", ended.status).into());
        };
        // Its log is read to the end, or the server would wait for somebody to read it.
        let log = std::thread::spawn(move || lines.map_while(Result::ok).collect());
        Ok(Server { child, address, log: Some(log) })
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn has_ended_within(&mut self, time: Duration) -> bool {
        let began = Instant::now();
        while began.elapsed() < time {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return true;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        false
    }

    /// SIGTERM. Gives the lines of its log that a person must look at; `None`: it ended by a signal on
    /// its way down.
    pub(crate) fn stop(mut self) -> Result<Option<Vec<String>>, Trouble> {
        Command::new("kill").arg(self.id().to_string()).status()?;
        let code = self.child.wait()?.code();
        match code {
            None => Ok(None),
            Some(0) => Ok(Some(self.errors())),
            Some(code) => Err(format!("the server ended with {code}: {:#?}", self.errors()).into()),
        }
    }

    /// After its end: before that there would be no last line.
    fn errors(&mut self) -> Vec<String> {
        let log = self.log.take().and_then(|log| log.join().ok()).unwrap_or_default();
        log.into_iter().filter(|line| line.contains("\"ERROR\"")).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Ended already, unless something went wrong.
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}
