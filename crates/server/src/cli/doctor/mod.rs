//! `vacancy doctor`: looks at everything that this installation stands on and says, line by line,
//! whether it is well and what to do if not. It works beside a running server and changes nothing
//! but a file of its own in the data folder, for the time of a measurement.

mod machine;
mod store;

use std::fmt;

use clap::Args;
use serde_json::json;

use super::{Common, Stopped, environment, on_runtime};
use crate::config::{Config, unknown_env_names};
use crate::serve::StartFault;

#[derive(Debug, Args)]
pub(super) struct DoctorArgs {
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Ok,
    Warn,
    Fail,
}

impl Level {
    fn word(self) -> &'static str {
        match self {
            Level::Ok => "ok",
            Level::Warn => "warn",
            Level::Fail => "fail",
        }
    }
}

/// One line of the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    level: Level,
    what: &'static str,
    found: String,
    /// What to do; empty when all is well.
    act: String,
}

impl Finding {
    pub(super) fn ok(what: &'static str, found: impl Into<String>) -> Finding {
        Finding { level: Level::Ok, what, found: found.into(), act: String::new() }
    }

    pub(super) fn warn(
        what: &'static str,
        found: impl Into<String>,
        act: impl Into<String>,
    ) -> Finding {
        Finding { level: Level::Warn, what, found: found.into(), act: act.into() }
    }

    pub(super) fn fail(
        what: &'static str,
        found: impl Into<String>,
        act: impl Into<String>,
    ) -> Finding {
        Finding { level: Level::Fail, what, found: found.into(), act: act.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<4}  {:<15}  {}", self.level.word(), self.what, self.found)?;
        if !self.act.is_empty() {
            write!(f, "\n{:>23}{}", "-> ", self.act)?;
        }
        Ok(())
    }
}

/// Looks, tells, and fails when something must be done before bookings are safe.
pub(super) fn command(args: &DoctorArgs, common: &Common) -> Result<(), Stopped> {
    let mut findings = Vec::new();
    match common.gather(&[]) {
        Ok(config) => {
            findings.push(configuration(&config, &unknown_env_names(&environment())));
            let act = "correct it; until then this provider, or what the key is for, is off";
            let off = config.providers.faults.iter();
            findings.extend(off.map(|fault| Finding::fail("payments", fault.to_string(), act)));
            findings.extend(machine::look(&config));
            on_runtime(1, async {
                findings.extend(store::look(&config).await);
                Ok::<(), StartFault>(())
            })?;
        }
        Err(Stopped::Config(faults)) => {
            for fault in faults {
                let act = "correct it; `vacancy config default` prints every setting";
                findings.push(Finding::fail("configuration", fault.to_string(), act));
            }
        }
        Err(other) => return Err(other),
    }
    if args.json {
        println!("{}", as_json(&findings));
    } else {
        print!("{}", as_text(&findings));
    }
    if worst(&findings) == Level::Fail { Err(Stopped::Said) } else { Ok(()) }
}

fn worst(findings: &[Finding]) -> Level {
    findings.iter().map(|finding| finding.level).max().unwrap_or(Level::Ok)
}

fn as_text(findings: &[Finding]) -> String {
    let mut text: String = findings.iter().map(|finding| format!("{finding}\n")).collect();
    let count = |level| findings.iter().filter(|finding| finding.level == level).count();
    let (warns, fails) = (count(Level::Warn), count(Level::Fail));
    text.push_str(&match (fails, warns) {
        (0, 0) => "All is well.\n".to_owned(),
        (0, warns) => format!("{warns} to look at; nothing that endangers a booking.\n"),
        (fails, warns) => format!("{fails} to mend now, {warns} to look at.\n"),
    });
    text
}

fn as_json(findings: &[Finding]) -> String {
    let lines: Vec<_> = findings
        .iter()
        .map(|finding| {
            let act = Some(&finding.act).filter(|act| !act.is_empty());
            json!({
                "check": finding.what, "level": finding.level.word(),
                "found": finding.found, "act": act,
            })
        })
        .collect();
    json!({"level": worst(findings).word(), "findings": lines}).to_string()
}

fn configuration(config: &Config, unknown: &[String]) -> Finding {
    if !unknown.is_empty() {
        let found = format!("{} in the environment is no setting", unknown.join(", "));
        return Finding::warn(
            "configuration",
            found,
            "misspelt? `vacancy config default` lists them",
        );
    }
    Finding::ok("configuration", format!("{:?}, on {}", config.database, config.listen))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_says_what_to_do_and_how_bad_it_is() {
        let well = Finding::ok("schema", "version 1");
        let bad = Finding::fail("disk", "full", "free some");
        let warned = Finding::warn("clock", "off", "set it");
        assert_eq!(
            as_text(std::slice::from_ref(&well)),
            "ok    schema           version 1\nAll is well.\n"
        );
        let text = as_text(&[well.clone(), warned, bad.clone()]);
        assert!(
            text.contains("fail  disk             full\n                    -> free some\n"),
            "{text}"
        );
        assert!(text.ends_with("1 to mend now, 1 to look at.\n"), "{text}");
        let told: serde_json::Value = serde_json::from_str(&as_json(&[well, bad])).expect("JSON");
        assert_eq!(told["level"], "fail");
        assert_eq!(told["findings"][0]["act"], serde_json::Value::Null);
        assert_eq!(told["findings"][1]["act"], "free some");
    }
}
