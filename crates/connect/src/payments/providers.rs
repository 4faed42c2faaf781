//! The providers that are open for business, found by name. Knows no provider itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Provider;

/// Providers by name.
#[derive(Clone, Default)]
pub struct Providers(BTreeMap<&'static str, Known>);

#[derive(Clone)]
struct Known {
    provider: Arc<dyn Provider>,
    /// Takes new orders. One that does not still ends, refunds and hears of old ones.
    is_open: bool,
}

impl Providers {
    /// These, and one more; a second one of the same name takes the place of the first.
    #[must_use]
    pub fn with(mut self, provider: Arc<dyn Provider>) -> Providers {
        self.0.insert(provider.abilities().name, Known { provider, is_open: true });
        self
    }

    /// These, and one more that takes no new orders.
    #[must_use]
    pub fn with_closed(mut self, provider: Arc<dyn Provider>) -> Providers {
        self.0.insert(provider.abilities().name, Known { provider, is_open: false });
        self
    }

    /// By name, in upper or lower case: `SANDBOX`, `sandbox`.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Arc<dyn Provider>> {
        self.0.get(name.to_ascii_lowercase().as_str()).map(|known| &known.provider)
    }

    /// By name, if it takes new orders.
    #[must_use]
    pub fn find_open(&self, name: &str) -> Option<&Arc<dyn Provider>> {
        let known = self.0.get(name.to_ascii_lowercase().as_str());
        known.filter(|known| known.is_open).map(|known| &known.provider)
    }

    /// Each that moves no money, whether it takes new orders of others or not.
    pub fn for_tests(&self) -> impl Iterator<Item = &Arc<dyn Provider>> {
        let providers = self.0.values().map(|known| &known.provider);
        providers.filter(|provider| provider.abilities().test_outcomes)
    }

    /// Every one, whether it takes new orders or not.
    pub fn all(&self) -> impl Iterator<Item = &Arc<dyn Provider>> {
        self.0.values().map(|known| &known.provider)
    }

    /// Each that takes new orders, by name.
    pub fn open(&self) -> impl Iterator<Item = &Arc<dyn Provider>> {
        self.0.values().filter(|known| known.is_open).map(|known| &known.provider)
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
            assert!(providers.find_open(name).is_some(), "{name}");
        }
        for name in ["", "ofline", "offline ", "sandbox"] {
            assert!(providers.find(name).is_none(), "{name}");
        }
    }

    #[test]
    fn one_that_takes_no_new_orders_is_found_for_the_old_ones_only() {
        let providers = Providers::default().with_closed(Arc::new(Offline));
        assert!(providers.find("offline").is_some());
        assert!(providers.find_open("offline").is_none());
        assert_eq!(providers.open().count(), 0);
    }

    #[test]
    fn the_list_names_each_once() {
        let providers = Providers::default().with(Arc::new(Offline)).with(Arc::new(Offline));
        let names: Vec<&str> = providers.open().map(|one| one.abilities().name).collect();
        assert_eq!(names, ["offline"]);
    }
}
