//! The providers that are open for business, found by name. Knows no provider itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Abilities, Provider};

/// Providers by name.
#[derive(Clone, Default)]
pub struct Providers(BTreeMap<&'static str, Arc<dyn Provider>>);

impl Providers {
    /// These, and one more; a second one of the same name takes the place of the first.
    #[must_use]
    pub fn with(mut self, provider: Arc<dyn Provider>) -> Providers {
        self.0.insert(provider.abilities().name, provider);
        self
    }

    /// By name, in upper or lower case: `SANDBOX`, `sandbox`.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Arc<dyn Provider>> {
        self.0.get(name.to_ascii_lowercase().as_str())
    }

    /// What each can do, by name.
    pub fn list(&self) -> impl Iterator<Item = &Abilities> {
        self.0.values().map(|provider| provider.abilities())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payments::offline::Offline;

    #[test]
    fn a_provider_is_found_in_any_case() {
        let providers = Providers::default().with(Arc::new(Offline));
        for name in ["offline", "OFFLINE", "Offline"] {
            assert!(providers.find(name).is_some(), "{name}");
        }
        for name in ["", "ofline", "offline ", "sandbox"] {
            assert!(providers.find(name).is_none(), "{name}");
        }
    }

    #[test]
    fn the_list_names_each_once() {
        let providers = Providers::default().with(Arc::new(Offline)).with(Arc::new(Offline));
        assert_eq!(providers.list().map(|one| one.name).collect::<Vec<_>>(), ["offline"]);
    }
}
