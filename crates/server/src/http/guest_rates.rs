//! What guests cost in a room type beyond those that its price includes, on the wire.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vacancy_domain::hotels::ROOM_GUESTS_MAX;
use vacancy_domain::money::{Currency, Money};
use vacancy_domain::prices::checks::AGE_BANDS_MAX;
use vacancy_domain::prices::tariff::{AgeBand, GuestRates};

use super::fields::{Amount, Fields};
use super::tariffs::minor;

/// What guests cost per night beyond those that a room includes.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GuestRatesView {
    /// Adults that the price of a room includes.
    #[schema(minimum = 1, maximum = 20)]
    adults_included: i64,
    extra_adult: Option<Amount>,
    /// What each adult fewer takes off; a room has at least one.
    fewer_adult: Option<Amount>,
    /// Places to sleep without an extra bed.
    #[schema(minimum = 1, maximum = 40)]
    beds_included: i64,
    extra_bed: Option<Amount>,
    /// By age, youngest first. An older child counts as an adult; with no band at all, children
    /// cost nothing.
    #[schema(max_items = 18)]
    children: Option<Vec<ChildRateView>>,
}

/// What a child costs up to an age.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChildRateView {
    #[schema(minimum = 0, maximum = 120)]
    age_max: i64,
    price: Amount,
    needs_bed: bool,
}

impl GuestRatesView {
    pub(super) fn of(rates: &GuestRates, currency: Currency) -> GuestRatesView {
        let amount = |minor| Amount::from(Money::new(minor, currency));
        let child = |band: &AgeBand| ChildRateView {
            age_max: band.age_max,
            price: amount(band.amount_minor),
            needs_bed: band.needs_bed,
        };
        GuestRatesView {
            adults_included: rates.adults_included,
            extra_adult: Some(amount(rates.extra_adult_minor)),
            fewer_adult: Some(amount(rates.fewer_adult_minor)),
            beds_included: rates.beds_included,
            extra_bed: Some(amount(rates.extra_bed_minor)),
            children: Some(rates.children.iter().map(child).collect()),
        }
    }

    pub(super) fn into_rates(
        self,
        fields: &mut Fields,
        currency: Currency,
        parent: &str,
    ) -> GuestRates {
        let pointer = |name: &str| format!("{parent}/{name}");
        let guests = ROOM_GUESTS_MAX;
        fields.whole(&pointer("adultsIncluded"), self.adults_included, 1..=guests);
        fields.whole(&pointer("bedsIncluded"), self.beds_included, 1..=2 * guests);
        let mut money =
            |name: &str, amount| minor(fields, currency, &pointer(name), amount).unwrap_or(0);
        let extra_adult_minor = money("extraAdult", self.extra_adult);
        let fewer_adult_minor = money("fewerAdult", self.fewer_adult);
        let extra_bed_minor = money("extraBed", self.extra_bed);
        let children = self.children.unwrap_or_default();
        if AGE_BANDS_MAX < children.len() {
            let detail = format!("must be at most {AGE_BANDS_MAX}");
            fields.refuse(pointer("children"), "too_many", detail);
        }
        let mut bands = Vec::with_capacity(children.len().min(AGE_BANDS_MAX));
        for (at, child) in children.into_iter().take(AGE_BANDS_MAX).enumerate() {
            let ChildRateView { age_max, price, needs_bed } = child;
            let pointer = |name: &str| format!("{parent}/children/{at}/{name}");
            fields.whole(&pointer("ageMax"), age_max, 0..=120);
            let amount_minor = minor(fields, currency, &pointer("price"), Some(price));
            bands.push(AgeBand { age_max, amount_minor: amount_minor.unwrap_or(0), needs_bed });
        }
        GuestRates {
            adults_included: self.adults_included,
            extra_adult_minor,
            fewer_adult_minor,
            beds_included: self.beds_included,
            extra_bed_minor,
            children: bands,
        }
    }
}
