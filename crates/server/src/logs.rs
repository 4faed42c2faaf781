//! Where log lines go and what they look like: JSON for machines, plain lines on a terminal.
//! What a line may hold is decided where it is written; no file of ours reads logs back.

use std::io::IsTerminal;
use std::sync::Once;

use tracing_subscriber::EnvFilter;

use crate::config::{LogConfig, LogFormat};

/// Parts of others that talk more than anybody reads; a level of the setting overrides it by name.
const QUIET: &str = "refinery_core=warn";

/// Begins logging. A second call changes nothing: the first one of a process counts.
///
/// # Errors
/// When the level is no filter; the text names the setting.
pub fn init(config: &LogConfig) -> Result<(), String> {
    let filter = EnvFilter::try_new(format!("{QUIET},{}", config.level))
        .map_err(|error| format!("log.level: {error}"))?;
    let is_json = match config.format {
        LogFormat::Json => true,
        LogFormat::Human => false,
        LogFormat::Auto => !std::io::stdout().is_terminal(),
    };
    let lines = tracing_subscriber::fmt().with_env_filter(filter);
    let started = if is_json {
        let lines = lines.json().flatten_event(true).with_current_span(true).with_span_list(false);
        lines.try_init()
    } else {
        lines.with_target(false).compact().try_init()
    };
    if started.is_ok() {
        tell_panics();
    }
    Ok(())
}

/// A panic is a bug of ours: someone is told, with its place. Its request dies, the process lives.
fn tell_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        std::panic::set_hook(Box::new(|panic| {
            let place = panic.location().map_or_else(String::new, ToString::to_string);
            let message = panic.payload_as_str().unwrap_or("no text");
            tracing::error!(panic.place = place, "a bug: {message}");
        }));
    });
}
