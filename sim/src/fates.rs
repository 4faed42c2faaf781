//! What becomes of each commit: the store's fault hook. The world says what kind of time it is, the
//! rest is drawn.

use std::sync::{Arc, Mutex, PoisonError};

use vacancy_store::sql::{Commit, CommitFate, CommitHook};

use crate::profile::Profile;
use crate::random::Random;

/// What kind of time it is for the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weather {
    /// Nothing fails.
    Fair,
    /// As the profile says.
    Mixed,
    /// The standby is away: what is written is visible and not safe, and nobody is told.
    Away,
    /// So many commits more, then everything has stopped.
    Cut { commits_left: i64 },
}

struct Sky {
    weather: Weather,
    profile: Profile,
    random: Random,
    /// What happened since this was asked.
    applied: u64,
    lost: u64,
    failed: u64,
}

/// Shared by the world and the hook of its store.
#[derive(Clone)]
pub struct Fates(Arc<Mutex<Sky>>);

/// How often commits went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trouble {
    pub applied: u64,
    pub lost: u64,
    pub failed: u64,
}

impl Fates {
    #[must_use]
    pub fn new(profile: Profile) -> Fates {
        let random = Random::of(0, 0);
        let (weather, applied, lost, failed) = (Weather::Fair, 0, 0, 0);
        Fates(Arc::new(Mutex::new(Sky { weather, profile, random, applied, lost, failed })))
    }

    /// From now on; draws come from this source.
    pub fn set(&self, weather: Weather, random: Random) {
        let mut sky = self.sky();
        (sky.weather, sky.random) = (weather, random);
    }

    #[must_use]
    pub fn trouble(&self) -> Trouble {
        let sky = self.sky();
        Trouble { applied: sky.applied, lost: sky.lost, failed: sky.failed }
    }

    /// For the store.
    #[must_use]
    pub fn hook(&self) -> CommitHook {
        let fates = self.clone();
        Arc::new(move |commit| fates.sky().fate(commit))
    }

    fn sky(&self) -> std::sync::MutexGuard<'_, Sky> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sky {
    fn fate(&mut self, commit: Commit) -> CommitFate {
        let fate = match self.weather {
            Weather::Fair => CommitFate::Done,
            // A commit that wrote nothing waits for no standby.
            Weather::Away if commit.has_written => CommitFate::UnknownApplied,
            Weather::Away => CommitFate::Done,
            Weather::Cut { commits_left } if commits_left < 1 => CommitFate::NotDone,
            Weather::Cut { commits_left } => {
                self.weather = Weather::Cut { commits_left: commits_left - 1 };
                CommitFate::Done
            }
            Weather::Mixed => self.draw(),
        };
        match fate {
            CommitFate::Done => {}
            CommitFate::NotDone => self.failed += 1,
            CommitFate::UnknownApplied => self.applied += 1,
            CommitFate::UnknownLost => self.lost += 1,
        }
        fate
    }

    fn draw(&mut self) -> CommitFate {
        let drawn = self.random.between(0, 1000);
        let applied = self.profile.not_done + self.profile.unknown_applied;
        if drawn < self.profile.not_done {
            CommitFate::NotDone
        } else if drawn < applied {
            CommitFate::UnknownApplied
        } else if drawn < applied + self.profile.unknown_lost {
            CommitFate::UnknownLost
        } else {
            CommitFate::Done
        }
    }
}
