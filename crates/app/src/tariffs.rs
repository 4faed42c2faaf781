//! What a business sets beyond base rates: rate plans, price rules, taxes and fees, what guests
//! cost. Each part is made, replaced and taken away by its code; the whole stays sound.

use std::sync::Arc;

use vacancy_domain::access::Action;
use vacancy_domain::hotels::{Defect, Hotel, Wrong};
use vacancy_domain::ids::{PoolId, PropertyId};
use vacancy_domain::policies::{self, POLICIES_MAX, Policy};
use vacancy_domain::prices::checks;
use vacancy_domain::prices::restrictions::{RESTRICTIONS_MAX, Restriction};
use vacancy_domain::prices::tariff::{LEVIES_MAX, PLANS_MAX, RULES_MAX, RatePlan, Rule, When};
use vacancy_domain::refusals::Refusal;
use vacancy_store::faults::Fault;
use vacancy_store::sql::Db;
use vacancy_store::sql::tx::Tx;
use vacancy_store::tariffs::{Part, PartKind, Stored};
use vacancy_store::{room_types, tariffs};

use crate::access::{self, Actor};
use crate::desk::news;
use crate::errors::Error;
use crate::fields::invalid_unless_clean;

/// A hotel with the codes of its room types and the parts of its tariff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Set {
    pub hotel: Hotel,
    pub pools: Vec<(PoolId, String)>,
    /// In the order of their codes.
    pub parts: Vec<Stored>,
}

impl Set {
    /// The code of a room type; none for one that was taken away.
    #[must_use]
    pub fn code(&self, pool: PoolId) -> Option<&str> {
        let mut pools = self.pools.iter();
        pools.find(|(own, _)| *own == pool).map(|(_, code)| code.as_str())
    }

    #[must_use]
    pub fn pool(&self, code: &str) -> Option<PoolId> {
        self.pools.iter().find(|(_, own)| own == code).map(|(pool, _)| *pool)
    }

    /// The part of a code.
    pub fn part(&self, kind: PartKind, code: &str) -> Result<&Stored, Error> {
        let mut parts = self.parts.iter().filter(|stored| stored.part.kind() == kind);
        parts.find(|stored| stored.part.code() == code).ok_or(Error::NotFound)
    }
}

/// Reads the tariff of a hotel, for whoever may do this with it.
pub async fn read(
    db: &Db,
    actor: &Actor,
    action: Action,
    property: PropertyId,
) -> Result<Set, Error> {
    let hotel = access::hotel(db, actor, action, property).await?;
    let found = db.read(move |tx| {
        Box::pin(async move {
            let types = room_types::by_properties(tx, &[property]).await?;
            Ok((types, tariffs::parts(tx, property).await?))
        })
    });
    let (types, parts) = found.await?;
    let pools = types.into_iter().map(|room_type| (room_type.pool, room_type.code)).collect();
    Ok(Set { hotel, pools, parts })
}

/// What is to become of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// There is none of its code yet.
    Create(Part),
    /// Over the version that was read.
    Replace(Part, i64),
    Remove(PartKind, String, i64),
    /// Whatever there is, or nothing.
    Put(Part),
    /// If there is one.
    Clear(PartKind, String),
}

impl Change {
    fn target(&self) -> (PartKind, String) {
        match self {
            Change::Create(part) | Change::Replace(part, _) | Change::Put(part) => {
                (part.kind(), part.code())
            }
            Change::Remove(kind, code, _) | Change::Clear(kind, code) => (*kind, code.clone()),
        }
    }
}

/// Makes a change; the answer is the part's version after it, 0 when it is gone.
pub async fn change(
    db: &Db,
    actor: &Actor,
    property: PropertyId,
    change: Change,
) -> Result<i64, Error> {
    access::hotel(db, actor, Action::ChangeRates, property).await?;
    let change = Arc::new(change);
    let written = db.write(move |tx| {
        let change = Arc::clone(&change);
        Box::pin(async move {
            let applied = apply(tx, property, &change).await?;
            if applied.is_ok() {
                news::tell_changed(tx, property).await?;
            }
            Ok(applied)
        })
    });
    written.await?
}

/// The same inside a transaction that does more, and tells of it.
pub(crate) async fn apply(
    tx: &Tx<'_>,
    property: PropertyId,
    change: &Change,
) -> Result<Result<i64, Error>, Fault> {
    tariffs::lock(tx, property).await?;
    let parts = tariffs::parts(tx, property).await?;
    let (kind, code) = change.target();
    let known = parts
        .iter()
        .find(|stored| stored.part.kind() == kind && stored.part.code() == code)
        .map(|stored| stored.version);
    if let Err(error) = may(change, known, &parts) {
        return Ok(Err(error));
    }
    Ok(Ok(match change {
        Change::Create(part) | Change::Replace(part, _) | Change::Put(part) => match known {
            Some(version) => {
                tariffs::update(tx, property, part).await?;
                version + 1
            }
            None => {
                tariffs::insert(tx, property, part).await?;
                1
            }
        },
        Change::Remove(..) | Change::Clear(..) => {
            tariffs::delete(tx, property, kind, &code).await?;
            0
        }
    }))
}

/// Whether a change may be made of what is there. What is wrong with a part is told first.
fn may(change: &Change, known: Option<i64>, parts: &[Stored]) -> Result<(), Error> {
    if let Change::Create(part) | Change::Replace(part, _) | Change::Put(part) = change {
        check(part, parts)?;
        let count_max = count_max(part.kind());
        if known.is_none() && count_max <= count(part.kind(), parts) {
            let wrong = Wrong::TooMany { count_max };
            invalid_unless_clean(vec![Defect { field: "code", wrong }])?;
        }
    }
    match (change, known) {
        (Change::Create(_), Some(_)) => Err(Error::Exists { field: "code" }),
        (Change::Replace(..) | Change::Remove(..), None) => Err(Error::NotFound),
        (Change::Replace(_, read) | Change::Remove(_, _, read), Some(version))
            if *read != version =>
        {
            Err(Error::Stale { version })
        }
        (Change::Remove(kind, code, _), _) if is_named(*kind, code, parts) => {
            let (from, action) = ("in_use", "delete");
            Err(Error::Refused(Refusal::InvalidTransition { from, action }))
        }
        (
            Change::Create(_)
            | Change::Replace(..)
            | Change::Remove(..)
            | Change::Put(_)
            | Change::Clear(..),
            _,
        ) => Ok(()),
    }
}

/// Refuses a part that makes no sense beside the others.
pub fn check(part: &Part, parts: &[Stored]) -> Result<(), Error> {
    invalid_unless_clean(defects(part, parts))
}

fn defects(part: &Part, parts: &[Stored]) -> Vec<Defect> {
    match part {
        Part::Plan(plan) => {
            let mut defects = checks::plan(plan, &plans(parts));
            let known = policies_of(parts);
            let is_known = |code: &String| known.iter().any(|policy| policy.code == *code);
            if !plan.policy.as_ref().is_none_or(is_known) {
                defects.push(Defect { field: "policy", wrong: Wrong::Unknown });
            }
            defects
        }
        Part::Rule(rule) => {
            let mut defects = checks::rule(rule);
            defects.extend(unknown_plans(&rule.when.plans, parts));
            defects
        }
        Part::Guests(_, rates) => checks::guests(rates),
        Part::Levy(levy) => checks::levy(levy),
        Part::Restriction(own) => {
            let mut defects = checks::restriction(own);
            defects.extend(unknown_plans(&own.plans, parts));
            defects
        }
        Part::Policy(policy) => policies::check(policy, &policies_of(parts)),
    }
}

fn unknown_plans(plans: &[String], parts: &[Stored]) -> Option<Defect> {
    let are_known = plans.iter().all(|code| has_plan(parts, code));
    (!are_known).then_some(Defect { field: "ratePlans", wrong: Wrong::Unknown })
}

/// Whether a plan of this code is there.
pub(crate) fn has_plan(parts: &[Stored], code: &str) -> bool {
    plans(parts).iter().any(|plan| plan.code == code)
}

fn plans(parts: &[Stored]) -> Vec<RatePlan> {
    let plan = |stored: &Stored| match &stored.part {
        Part::Plan(plan) => Some(plan.clone()),
        Part::Rule(_)
        | Part::Guests(..)
        | Part::Levy(_)
        | Part::Restriction(_)
        | Part::Policy(_) => None,
    };
    parts.iter().filter_map(plan).collect()
}

fn policies_of(parts: &[Stored]) -> Vec<Policy> {
    let policy = |stored: &Stored| match &stored.part {
        Part::Policy(policy) => Some(policy.clone()),
        Part::Plan(_) | Part::Rule(_) | Part::Guests(..) | Part::Levy(_) | Part::Restriction(_) => {
            None
        }
    };
    parts.iter().filter_map(policy).collect()
}

/// Whether another part names this one: a plan its parent or its policy, a rule or a restriction its
/// plans.
fn is_named(kind: PartKind, code: &str, parts: &[Stored]) -> bool {
    let names = |own: Option<&String>| own.is_some_and(|own| own == code);
    parts.iter().any(|stored| match (kind, &stored.part) {
        (PartKind::Plan, Part::Plan(plan)) => names(plan.parent.as_ref()),
        (PartKind::Policy, Part::Plan(plan)) => names(plan.policy.as_ref()),
        (
            PartKind::Plan,
            Part::Rule(Rule { when: When { plans, .. }, .. })
            | Part::Restriction(Restriction { plans, .. }),
        ) => plans.iter().any(|plan| plan == code),
        _ => false,
    })
}

fn count(kind: PartKind, parts: &[Stored]) -> usize {
    parts.iter().filter(|stored| stored.part.kind() == kind).count()
}

fn count_max(kind: PartKind) -> usize {
    match kind {
        PartKind::Plan => PLANS_MAX,
        PartKind::Rule => RULES_MAX,
        PartKind::Levy => LEVIES_MAX,
        PartKind::Restriction => RESTRICTIONS_MAX,
        PartKind::Policy => POLICIES_MAX,
        // One per room type.
        PartKind::Guests => usize::MAX,
    }
}
