//! Cancellation policies as stored text: of a tariff, and as agreed inside a price. Their form may
//! only grow.

use serde::{Deserialize, Serialize};
use vacancy_domain::deposits::{AgreedDeposit, Deposit, Rest};
use vacancy_domain::policies::{Cancellation, DueFrom, Fee, Policy, PolicyStep};

#[derive(Serialize, Deserialize)]
pub(super) struct StoredPolicy {
    name: String,
    is_standard: bool,
    /// Hours before check-in, and the fee.
    steps: Vec<(Option<i64>, StoredFee)>,
    no_show: StoredFee,
    /// What is paid to book, and the hours before check-in when the rest is; none at the property.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    deposit: Option<(StoredFee, Option<i64>)>,
}

#[derive(Serialize, Deserialize)]
enum StoredFee {
    Nothing,
    Percent(i64),
    FirstNight,
    Fixed(i64),
    All,
}

/// What was agreed for one price.
#[derive(Serialize, Deserialize)]
pub(crate) struct StoredCancellation {
    policy: String,
    name: String,
    /// Instant and amount.
    steps: Vec<(Option<i64>, i64)>,
    no_show: i64,
    #[serde(default)]
    floor: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kept: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    back: Option<i64>,
    /// What is paid to book, and the instant from which the rest is; none at the property.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    deposit: Option<(i64, Option<i64>)>,
}

impl From<Fee> for StoredFee {
    fn from(fee: Fee) -> StoredFee {
        match fee {
            Fee::Nothing => StoredFee::Nothing,
            Fee::Percent { bp } => StoredFee::Percent(bp),
            Fee::FirstNight => StoredFee::FirstNight,
            Fee::Fixed { minor } => StoredFee::Fixed(minor),
            Fee::All => StoredFee::All,
        }
    }
}

impl From<StoredFee> for Fee {
    fn from(stored: StoredFee) -> Fee {
        match stored {
            StoredFee::Nothing => Fee::Nothing,
            StoredFee::Percent(bp) => Fee::Percent { bp },
            StoredFee::FirstNight => Fee::FirstNight,
            StoredFee::Fixed(minor) => Fee::Fixed { minor },
            StoredFee::All => Fee::All,
        }
    }
}

impl From<&Policy> for StoredPolicy {
    fn from(policy: &Policy) -> StoredPolicy {
        let step = |step: &PolicyStep| (step.hours_before, step.fee.into());
        StoredPolicy {
            name: policy.name.clone(),
            is_standard: policy.is_standard,
            steps: policy.steps.iter().map(step).collect(),
            no_show: policy.no_show.into(),
            deposit: policy.deposit.map(|deposit| {
                let hours = match deposit.rest {
                    Rest::AtProperty => None,
                    Rest::BeforeArrival { hours } => Some(hours),
                };
                (deposit.now.into(), hours)
            }),
        }
    }
}

impl StoredPolicy {
    pub(super) fn policy(self, code: String) -> Policy {
        let step = |(hours_before, fee): (Option<i64>, StoredFee)| PolicyStep {
            hours_before,
            fee: fee.into(),
        };
        Policy {
            code,
            name: self.name,
            is_standard: self.is_standard,
            steps: self.steps.into_iter().map(step).collect(),
            no_show: self.no_show.into(),
            deposit: self.deposit.map(|(now, hours)| Deposit {
                now: now.into(),
                rest: hours.map_or(Rest::AtProperty, |hours| Rest::BeforeArrival { hours }),
            }),
        }
    }
}

impl From<&Cancellation> for StoredCancellation {
    fn from(agreed: &Cancellation) -> StoredCancellation {
        StoredCancellation {
            policy: agreed.policy.clone(),
            name: agreed.name.clone(),
            steps: agreed.steps.iter().map(|step| (step.from_ms, step.amount_minor)).collect(),
            no_show: agreed.no_show_minor,
            floor: agreed.floor_minor,
            kept: agreed.kept_minor,
            back: agreed.back_minor,
            deposit: agreed.deposit.map(|deposit| (deposit.now_minor, deposit.rest_from_ms)),
        }
    }
}

impl From<StoredCancellation> for Cancellation {
    fn from(stored: StoredCancellation) -> Cancellation {
        let step = |(from_ms, amount_minor)| DueFrom { from_ms, amount_minor };
        Cancellation {
            policy: stored.policy,
            name: stored.name,
            steps: stored.steps.into_iter().map(step).collect(),
            no_show_minor: stored.no_show,
            floor_minor: stored.floor,
            kept_minor: stored.kept,
            back_minor: stored.back,
            deposit: stored
                .deposit
                .map(|(now_minor, rest_from_ms)| AgreedDeposit { now_minor, rest_from_ms }),
        }
    }
}
