//! Where a value comes from: a flag beats the environment, which beats the file, which beats the
//! default. Values stay text here; what they mean is read in `read`.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use super::ConfigFault;
use super::settings::{ENV_PREFIX, SETTINGS, Setting};

/// Names under our prefix that are no settings: where the file is, and what tests ask for.
const OTHER_ENV_NAMES: [&str; 3] =
    ["VACANCY_CONFIG", "VACANCY_TEST_POSTGRES", "VACANCY_PREVIEW_DIR"];

/// Who said a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    Flag,
    Environment(String),
    File(PathBuf),
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Flag => f.write_str("the command line"),
            Origin::Environment(name) => write!(f, "the environment, {name}"),
            Origin::File(path) => write!(f, "{}", path.display()),
            Origin::Default => f.write_str("the default"),
        }
    }
}

/// A value as text, and who said it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    pub text: String,
    pub origin: Origin,
}

/// All values, each from the strongest who said it.
#[derive(Debug)]
pub(super) struct Sources {
    said: BTreeMap<&'static str, Said>,
}

impl Sources {
    /// Puts the layers on each other. `flags` are `(key, value)`, `env` is the whole environment.
    /// An empty value in the environment counts as not said.
    pub(super) fn gather(
        flags: &[(String, String)],
        env: &[(String, String)],
        file: Option<(&Path, &str)>,
    ) -> Result<Sources, Vec<ConfigFault>> {
        let mut faults = vec![];
        let mut said: BTreeMap<&'static str, Said> = SETTINGS
            .iter()
            .map(|setting| {
                let text = setting.default.trim_matches('"').to_owned();
                (setting.key, Said { text, origin: Origin::Default })
            })
            .collect();
        if let Some((path, text)) = file {
            read_file(path, text, &mut said, &mut faults);
        }
        for (name, value) in env.iter().filter(|(_, value)| !value.is_empty()) {
            if let Some(setting) = SETTINGS.iter().find(|setting| setting.env_name() == *name) {
                let origin = Origin::Environment(name.clone());
                said.insert(setting.key, Said { text: value.clone(), origin });
            }
        }
        for (key, value) in flags {
            match find(key) {
                Some(setting) => {
                    let told = Said { text: value.clone(), origin: Origin::Flag };
                    said.insert(setting.key, told);
                }
                None => faults.push(unknown(key, Origin::Flag)),
            }
        }
        if faults.is_empty() { Ok(Sources { said }) } else { Err(faults) }
    }

    /// The value of a setting of the table.
    #[must_use]
    pub(super) fn get(&self, key: &str) -> &Said {
        self.said.get(key).expect("every setting has a default")
    }
}

/// Names in the environment that look like settings and are none: a spelling mistake there would
/// otherwise never be noticed.
#[must_use]
pub fn unknown_env_names(env: &[(String, String)]) -> Vec<String> {
    let known: Vec<String> = SETTINGS.iter().map(Setting::env_name).collect();
    env.iter()
        .map(|(name, _)| name)
        .filter(|name| name.starts_with(ENV_PREFIX))
        .filter(|name| !known.contains(name) && !OTHER_ENV_NAMES.contains(&name.as_str()))
        .cloned()
        .collect()
}

fn read_file(
    path: &Path,
    text: &str,
    said: &mut BTreeMap<&'static str, Said>,
    faults: &mut Vec<ConfigFault>,
) {
    let origin = Origin::File(path.to_owned());
    let table = match text.parse::<toml::Table>() {
        Ok(table) => table,
        Err(error) => {
            let line = error
                .span()
                .map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
            let problem = format!("line {line}: {}", error.message());
            faults.push(ConfigFault { key: path.display().to_string(), problem, origin });
            return;
        }
    };
    for (key, value) in flat("", &table) {
        let Some(setting) = find(&key) else {
            faults.push(unknown(&key, origin.clone()));
            continue;
        };
        match plain_text(value) {
            Some(text) => {
                said.insert(setting.key, Said { text, origin: origin.clone() });
            }
            None => {
                let problem = "must be a text, a number, true or false".to_owned();
                faults.push(ConfigFault { key, problem, origin: origin.clone() });
            }
        }
    }
}

fn flat<'t>(prefix: &str, table: &'t toml::Table) -> Vec<(String, &'t toml::Value)> {
    let mut found = vec![];
    for (name, value) in table {
        let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        match value.as_table().filter(|_| prefix.is_empty()) {
            Some(inner) => found.extend(flat(&key, inner)),
            None => found.push((key, value)),
        }
    }
    found
}

fn plain_text(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Boolean(is) => Some(is.to_string()),
        toml::Value::Float(_)
        | toml::Value::Datetime(_)
        | toml::Value::Array(_)
        | toml::Value::Table(_) => None,
    }
}

fn find(key: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.key == key)
}

fn unknown(key: &str, origin: Origin) -> ConfigFault {
    let near = SETTINGS
        .iter()
        .map(|setting| (distance(key, setting.key), setting.key))
        .filter(|(distance, _)| *distance <= 3)
        .min();
    let problem = match near {
        Some((_, near)) => format!("no such setting; is {near} meant?"),
        None => "no such setting; `vacancy config default` lists them".to_owned(),
    };
    ConfigFault { key: key.to_owned(), problem, origin }
}

/// How many letters must change to make one text of the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, right) in b.iter().enumerate() {
            let changed = diagonal + usize::from(left != *right);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
