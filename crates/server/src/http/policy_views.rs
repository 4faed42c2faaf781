//! Cancellation policies on the wire: a hotel's in hours and words, a booking's in instants and
//! amounts. Computes nothing.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vacancy_domain::deposits::{AgreedDeposit, Deposit, Rest};
use vacancy_domain::money::{Currency, Money};
use vacancy_domain::policies::{Fee, Policy, PolicyStep};
use vacancy_domain::prices::Price;

use super::fields::{Amount, Fields, instant};
use super::tariffs;

/// What a business keeps: exactly one of `basisPoints` (0 for nothing), `nights` and `fixedAmount`.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"basisPoints": 5_000}))]
pub struct PolicyFee {
    /// Of the total, in hundredths of a percent; 10000 for all.
    #[schema(minimum = 0, maximum = 10_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    basis_points: Option<i64>,
    /// 1: the first night of all rooms, with its share of taxes and fees.
    #[schema(minimum = 1, maximum = 1)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nights: Option<i64>,
    /// A fixed amount, at most the total.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fixed_amount: Option<Amount>,
}

/// What a cancellation costs from a moment on.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PolicyStepView {
    /// Elapsed hours before the hotel's check-in time on the day of arrival; from the booking on
    /// when left out or null.
    #[schema(minimum = 0, maximum = 17_520)]
    hours_before: Option<i64>,
    fee: PolicyFee,
}

/// What a guest pays to book, where that is not the whole.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"now": {"basisPoints": 3_000}, "restHoursBefore": 336}))]
pub struct PolicyDeposit {
    /// More than nothing and less than all.
    now: PolicyFee,
    /// So many elapsed hours before the hotel's check-in time the rest is collected, by what the
    /// deposit was paid with; at the property when left out or null.
    #[schema(minimum = 0, maximum = 17_520)]
    rest_hours_before: Option<i64>,
}

/// The deposit that was agreed.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReservationDeposit {
    /// What is paid to book.
    now: Amount,
    /// When the rest is collected; null: at the property.
    #[schema(required = true, format = DateTime)]
    rest_from: Option<String>,
}

/// The cancellation policy of a hotel's standard rate.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HotelCancellation {
    /// `full_refund` when the hotel has set none.
    #[schema(example = "FLEX48")]
    code: String,
    #[schema(
        example = "Flexible: cancellation free at first, the first night from 48 hours before check-in on; no-show the whole price."
    )]
    pub(crate) description: String,
}

/// What was agreed for the case that the guest cancels or does not come.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReservationPolicy {
    /// `full_refund` when none was set.
    #[schema(example = "FLEX48")]
    code: String,
    description: String,
    /// A cancellation before it costs nothing. Null: it costs from the booking on, or never.
    #[schema(required = true, format = DateTime)]
    free_until: Option<String>,
    /// What a cancellation costs and gives back, from each instant on.
    timeline: Vec<PolicyMoment>,
    /// What is kept when the guest does not come.
    no_show: Amount,
    /// Null: all is paid to book.
    #[schema(required = true)]
    deposit: Option<ReservationDeposit>,
}

/// What a cancellation costs from an instant on.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PolicyMoment {
    /// Null: from the booking on.
    #[schema(required = true, format = DateTime)]
    from: Option<String>,
    penalty: Amount,
    /// Of the whole total, once it is paid.
    refund: Amount,
}

const FULL_REFUND: (&str, &str) =
    ("full_refund", "All that was paid goes back when the stay is canceled before check-in.");

impl ReservationPolicy {
    #[must_use]
    pub fn of(price: &Price) -> ReservationPolicy {
        let amount = |minor: i64| Amount::from(Money::new(minor, price.currency));
        let moment = |(from_ms, penalty_minor): (Option<i64>, i64)| PolicyMoment {
            from: from_ms.map(instant),
            penalty: amount(penalty_minor),
            refund: amount(price.total_minor.saturating_sub(penalty_minor).max(0)),
        };
        let Some(agreed) = &price.cancellation else {
            let (code, description) = FULL_REFUND;
            return ReservationPolicy {
                code: code.to_owned(),
                description: description.to_owned(),
                free_until: None,
                timeline: vec![moment((None, 0))],
                no_show: amount(price.total_minor),
                deposit: None,
            };
        };
        let deposit = |deposit: AgreedDeposit| ReservationDeposit {
            now: amount(deposit.now_minor),
            rest_from: deposit.rest_from_ms.map(instant),
        };
        ReservationPolicy {
            code: agreed.policy.clone(),
            description: agreed.name.clone(),
            free_until: agreed.free_until_ms().map(instant),
            timeline: agreed.timeline().into_iter().map(moment).collect(),
            no_show: amount(agreed.no_show_minor),
            deposit: agreed.deposit.map(deposit),
        }
    }
}

/// The standard policy of a hotel in words.
#[must_use]
pub fn in_words(policy: Option<&Policy>, currency: Currency) -> HotelCancellation {
    let Some(policy) = policy else {
        let (code, description) = FULL_REFUND;
        return HotelCancellation { code: code.to_owned(), description: description.to_owned() };
    };
    let fee = |fee: Fee| match fee {
        Fee::Nothing => "free".to_owned(),
        Fee::All | Fee::Percent { bp: 10_000 } => "the whole price".to_owned(),
        Fee::Percent { bp } => format!("{}.{:02} % of the price", bp / 100, bp % 100),
        Fee::FirstNight => "the first night".to_owned(),
        Fee::Fixed { minor } => Money::new(minor, currency).to_string(),
    };
    let mut parts = Vec::with_capacity(policy.steps.len() + 2);
    let is_free_first = policy.steps.first().is_none_or(|step| step.hours_before.is_some());
    if is_free_first {
        parts.push("free at first".to_owned());
    }
    for PolicyStep { hours_before, fee: own } in &policy.steps {
        parts.push(match hours_before {
            None => format!("{} from the booking on", fee(*own)),
            Some(0) => format!("{} from check-in on", fee(*own)),
            Some(hours) => format!("{} from {hours} hours before check-in on", fee(*own)),
        });
    }
    let no_show = fee(policy.no_show);
    let deposit = policy.deposit.map_or_else(String::new, |deposit| {
        let now = fee(deposit.now);
        match deposit.rest {
            Rest::AtProperty => format!(" To book: {now}; the rest at the property."),
            Rest::BeforeArrival { hours } => {
                format!(" To book: {now}; the rest {hours} hours before check-in.")
            }
        }
    });
    let steps = parts.join(", ");
    let description = format!("{}: cancellation {steps}; no-show {no_show}.{deposit}", policy.name);
    HotelCancellation { code: policy.code.clone(), description }
}

impl PolicyFee {
    /// What it says, once its fields are read.
    pub(super) fn read(self, fields: &mut Fields, pointer: &str, currency: Currency) -> Fee {
        let given =
            [self.basis_points.is_some(), self.nights.is_some(), self.fixed_amount.is_some()];
        match given.iter().filter(|is_given| **is_given).count() {
            0 => {
                let detail = "one of basisPoints, nights and fixedAmount must be given";
                fields.refuse(pointer, "missing_field", detail);
            }
            1 => {}
            _ => {
                let detail = "only one of basisPoints, nights and fixedAmount may be given";
                fields.refuse(pointer, "ambiguous", detail);
            }
        }
        let bp = self
            .basis_points
            .and_then(|bp| fields.whole(&format!("{pointer}/basisPoints"), bp, 0..=10_000));
        let nights = self
            .nights
            .and_then(|nights| fields.whole(&format!("{pointer}/nights"), nights, 1..=1));
        let minor =
            tariffs::minor(fields, currency, &format!("{pointer}/fixedAmount"), self.fixed_amount);
        match (bp, nights, minor) {
            (Some(0), ..) | (None, None, None) => Fee::Nothing,
            (Some(10_000), ..) => Fee::All,
            (Some(bp), ..) => Fee::Percent { bp },
            (None, Some(_), _) => Fee::FirstNight,
            (None, None, Some(minor)) => Fee::Fixed { minor },
        }
    }

    pub(super) fn told(fee: Fee, currency: Currency) -> PolicyFee {
        let (mut basis_points, mut nights, mut fixed_amount) = (None, None, None);
        match fee {
            Fee::Nothing => basis_points = Some(0),
            Fee::All => basis_points = Some(10_000),
            Fee::Percent { bp } => basis_points = Some(bp),
            Fee::FirstNight => nights = Some(1),
            Fee::Fixed { minor } => fixed_amount = Some(Money::new(minor, currency).into()),
        }
        PolicyFee { basis_points, nights, fixed_amount }
    }
}

impl PolicyDeposit {
    pub(super) fn read(self, fields: &mut Fields, pointer: &str, currency: Currency) -> Deposit {
        let now_pointer = format!("{pointer}/now");
        let now = self.now.read(fields, &now_pointer, currency);
        let hours = self.rest_hours_before.and_then(|hours| {
            let most = vacancy_domain::policies::POLICY_HOURS_MAX;
            fields.whole(&format!("{pointer}/restHoursBefore"), hours, 0..=most)
        });
        let rest = hours.map_or(Rest::AtProperty, |hours| Rest::BeforeArrival { hours });
        let deposit = Deposit { now, rest };
        if !deposit.is_part() {
            let detail = "must be more than nothing and less than all";
            fields.refuse(&now_pointer, "out_of_range", detail);
        }
        deposit
    }

    pub(super) fn told(deposit: Deposit, currency: Currency) -> PolicyDeposit {
        let rest_hours_before = match deposit.rest {
            Rest::AtProperty => None,
            Rest::BeforeArrival { hours } => Some(hours),
        };
        PolicyDeposit { now: PolicyFee::told(deposit.now, currency), rest_hours_before }
    }
}

impl PolicyStepView {
    pub(super) fn read(self, fields: &mut Fields, pointer: &str, currency: Currency) -> PolicyStep {
        let hours_before = self.hours_before.and_then(|hours| {
            let most = vacancy_domain::policies::POLICY_HOURS_MAX;
            fields.whole(&format!("{pointer}/hoursBefore"), hours, 0..=most)
        });
        let fee = self.fee.read(fields, &format!("{pointer}/fee"), currency);
        PolicyStep { hours_before, fee }
    }

    pub(super) fn told(step: &PolicyStep, currency: Currency) -> PolicyStepView {
        let fee = PolicyFee::told(step.fee, currency);
        PolicyStepView { hours_before: step.hours_before, fee }
    }
}
