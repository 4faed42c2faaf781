//! Disputes: a guest told their bank that they do not want to have paid, and the bank asks, or takes
//! the money back. We keep what the provider says of each; what it means for a reservation stands in
//! `reservations::chargebacks`.
//!
//! Events come late, twice and in any order, and so do the answers to our questions. So each answer
//! carries when it was asked for, and the greatest one counts: an end before what is no end, then the
//! later question. Any order and repetition of the same answers therefore ends alike.

use crate::ids::{DisputeId, PaymentId, ReservationId};
use crate::money::Money;

/// Longest reason and name that are kept of a provider's.
pub const TEXT_CHARACTERS_MAX: usize = 255;

/// Where a dispute stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DisputeStatus {
    /// The provider waits for the business's evidence. So does a status that we do not know.
    NeedsResponse,
    /// The bank has the evidence.
    UnderReview,
    /// It ended without a verdict: a question that was answered, or a dispute taken back.
    Closed,
    Lost,
    Won,
}

impl DisputeStatus {
    pub const ALL: [DisputeStatus; 5] = [
        DisputeStatus::NeedsResponse,
        DisputeStatus::UnderReview,
        DisputeStatus::Closed,
        DisputeStatus::Lost,
        DisputeStatus::Won,
    ];

    /// The word in the store, the log and the API.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            DisputeStatus::NeedsResponse => "needs_response",
            DisputeStatus::UnderReview => "under_review",
            DisputeStatus::Closed => "closed",
            DisputeStatus::Lost => "lost",
            DisputeStatus::Won => "won",
        }
    }

    #[must_use]
    pub fn from_word(word: &str) -> Option<DisputeStatus> {
        DisputeStatus::ALL.into_iter().find(|status| status.word() == word)
    }

    /// Whether it is over.
    #[must_use]
    pub fn is_end(self) -> bool {
        match self {
            DisputeStatus::Closed | DisputeStatus::Lost | DisputeStatus::Won => true,
            DisputeStatus::NeedsResponse | DisputeStatus::UnderReview => false,
        }
    }
}

/// Where the disputed money is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Funds {
    /// The business has it: the bank only asks.
    Kept,
    /// The bank took it.
    Withdrawn,
    /// The bank took it and gave it back.
    Reinstated,
}

impl Funds {
    pub const ALL: [Funds; 3] = [Funds::Kept, Funds::Withdrawn, Funds::Reinstated];

    /// The word in the store and the API.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Funds::Kept => "kept",
            Funds::Withdrawn => "withdrawn",
            Funds::Reinstated => "reinstated",
        }
    }

    #[must_use]
    pub fn from_word(word: &str) -> Option<Funds> {
        Funds::ALL.into_iter().find(|funds| funds.word() == word)
    }
}

/// What a provider says of a dispute, by one answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub amount: Money,
    /// The provider's code; empty when it gives none.
    pub reason: String,
    pub status: DisputeStatus,
    pub funds: Funds,
    /// What the provider takes of the business for it. No matter of the guest's folio.
    pub fee: Option<Money>,
    /// Until when evidence is taken.
    pub due_by_ms: Option<i64>,
    /// When the provider was asked, by the store's clock.
    pub asked_at_ms: i64,
}

/// What makes one answer count rather than another.
type Weight<'t> = (bool, i64, DisputeStatus, Funds, (i64, Option<i64>, Option<i64>, &'t str));

impl Told {
    /// Whether this counts rather than the other. Of two that were asked for at the same instant one
    /// is the greater, whichever comes first.
    fn outweighs(&self, other: &Told) -> bool {
        other.weight() < self.weight()
    }

    fn weight(&self) -> Weight<'_> {
        let fee_minor = self.fee.map(|fee| fee.minor);
        let rest = (self.amount.minor, self.due_by_ms, fee_minor, self.reason.as_str());
        (self.status.is_end(), self.asked_at_ms, self.status, self.funds, rest)
    }

    /// Whether both say the same, whenever they were asked for.
    #[must_use]
    pub fn says_the_same(&self, other: &Told) -> bool {
        *self == Told { asked_at_ms: self.asked_at_ms, ..other.clone() }
    }

    /// What the bank has taken as things stand.
    #[must_use]
    pub fn taken_minor(&self) -> i64 {
        match self.funds {
            Funds::Withdrawn => self.amount.minor,
            Funds::Kept | Funds::Reinstated => 0,
        }
    }
}

/// What people must hear of a dispute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alarm {
    /// It is new to us, or the provider waits for an answer as it did not before: once more, or until
    /// another day.
    Opened,
    /// The bank asked, and has taken money since.
    Taken,
    /// It is over, and the bank has the money.
    Lost,
}

/// What people must hear of an answer, by what was answered before.
#[must_use]
pub fn alarm(before: Option<&Told>, now: &Told) -> Option<Alarm> {
    let takes_more = before.map_or(0, Told::taken_minor) < now.taken_minor();
    let was = before.map(|before| before.status);
    match now.status {
        DisputeStatus::Won => None,
        DisputeStatus::Closed => takes_more.then_some(Alarm::Lost),
        DisputeStatus::Lost => {
            (takes_more || was != Some(DisputeStatus::Lost)).then_some(Alarm::Lost)
        }
        DisputeStatus::NeedsResponse | DisputeStatus::UnderReview if was.is_none() => {
            Some(Alarm::Opened)
        }
        DisputeStatus::NeedsResponse | DisputeStatus::UnderReview if takes_more => {
            Some(Alarm::Taken)
        }
        DisputeStatus::UnderReview => None,
        DisputeStatus::NeedsResponse => {
            let due_by_ms = before.and_then(|before| before.due_by_ms);
            let is_due_anew = now.due_by_ms.is_some() && now.due_by_ms != due_by_ms;
            (was != Some(now.status) || is_due_anew).then_some(Alarm::Opened)
        }
    }
}

/// Whether a loss that people have heard of is none any more: the bank has thought again. One that it closes
/// and keeps the money of is a loss.
#[must_use]
pub fn is_no_loss(now: &Told) -> bool {
    alarm(None, now) != Some(Alarm::Lost)
}

/// A dispute of a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispute {
    pub id: DisputeId,
    /// The provider's own name for it: the same name is the same dispute.
    pub provider_dispute_id: String,
    pub payment: PaymentId,
    pub reservation: ReservationId,
    /// By the provider's clock.
    pub opened_at_ms: i64,
    pub told: Told,
    /// When we first heard that the bank took the money, while it has or had it.
    pub taken_at_ms: Option<i64>,
    /// When we first heard that the bank gave it back.
    pub returned_at_ms: Option<i64>,
    pub created_at_ms: i64,
    /// +1 at every write.
    pub version: i64,
}

/// What a provider told of a dispute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// The name it gets if it is new to us.
    pub dispute: DisputeId,
    pub provider_dispute_id: String,
    pub payment: PaymentId,
    pub opened_at_ms: i64,
    pub told: Told,
}

/// The dispute after the news, or nothing when they are old.
#[must_use]
pub fn hear(
    known: Option<&Dispute>,
    reservation: ReservationId,
    news: &News,
    now_ms: i64,
) -> Option<Dispute> {
    let mut next = match known {
        Some(known) if !news.told.outweighs(&known.told) => return None,
        Some(known) => Dispute { version: known.version + 1, ..known.clone() },
        None => Dispute {
            id: news.dispute,
            provider_dispute_id: news.provider_dispute_id.clone(),
            payment: news.payment,
            reservation,
            opened_at_ms: news.opened_at_ms,
            told: news.told.clone(),
            taken_at_ms: None,
            returned_at_ms: None,
            created_at_ms: now_ms,
            version: 1,
        },
    };
    next.told = news.told.clone();
    let (is_taken, is_returned) = match next.told.funds {
        Funds::Kept => (false, false),
        Funds::Withdrawn => (true, false),
        Funds::Reinstated => (true, true),
    };
    next.taken_at_ms = is_taken.then(|| next.taken_at_ms.unwrap_or(now_ms));
    next.returned_at_ms = is_returned.then(|| next.returned_at_ms.unwrap_or(now_ms));
    Some(next)
}

#[cfg(test)]
mod tests {
    //! Goal: no order and no repetition of answers makes another end. Method: every permutation of a
    //! dispute's life, each answer said twice.

    use super::*;
    use crate::money::Currency;

    fn told(asked_at_ms: i64, status: DisputeStatus, funds: Funds) -> News {
        News {
            dispute: DisputeId(1),
            provider_dispute_id: "du_1".to_owned(),
            payment: PaymentId(2),
            opened_at_ms: 0,
            told: Told {
                amount: Money::new(10_000, Currency::EUR),
                reason: "fraudulent".to_owned(),
                status,
                funds,
                fee: None,
                due_by_ms: Some(500),
                asked_at_ms,
            },
        }
    }

    fn hear_all<'n>(news: impl IntoIterator<Item = &'n News>) -> Dispute {
        let mut known = None;
        for news in news {
            known = hear(known.as_ref(), ReservationId(3), news, 100).or(known);
        }
        known.expect("one was heard")
    }

    fn permutations(rest: &[usize]) -> Vec<Vec<usize>> {
        if rest.is_empty() {
            return vec![Vec::new()];
        }
        let mut all = Vec::new();
        for (at, first) in rest.iter().enumerate() {
            let mut others = rest.to_vec();
            others.remove(at);
            let tails = permutations(&others);
            all.extend(tails.into_iter().map(|tail| [vec![*first], tail].concat()));
        }
        all
    }

    #[track_caller]
    fn check(life: &[News], end: (DisputeStatus, Funds)) {
        let order: Vec<usize> = (0..life.len()).collect();
        for order in permutations(&order) {
            let twice = order.iter().flat_map(|at| [&life[*at], &life[*at]]);
            let heard = hear_all(twice.chain(order.iter().rev().map(|at| &life[*at])));
            assert_eq!((heard.told.status, heard.told.funds), end, "{order:?}");
            assert_eq!(heard.told, life[life.len() - 1].told, "{order:?}");
        }
    }

    #[test]
    fn a_dispute_that_is_won_ends_won_in_any_order() {
        check(
            &[
                told(1, DisputeStatus::NeedsResponse, Funds::Kept),
                told(2, DisputeStatus::NeedsResponse, Funds::Withdrawn),
                told(3, DisputeStatus::UnderReview, Funds::Withdrawn),
                told(4, DisputeStatus::Won, Funds::Withdrawn),
                told(5, DisputeStatus::Won, Funds::Reinstated),
            ],
            (DisputeStatus::Won, Funds::Reinstated),
        );
    }

    #[test]
    fn a_dispute_that_is_lost_ends_lost_in_any_order() {
        check(
            &[
                told(1, DisputeStatus::NeedsResponse, Funds::Withdrawn),
                told(2, DisputeStatus::UnderReview, Funds::Withdrawn),
                // The provider asks once more.
                told(3, DisputeStatus::NeedsResponse, Funds::Withdrawn),
                told(4, DisputeStatus::Lost, Funds::Withdrawn),
            ],
            (DisputeStatus::Lost, Funds::Withdrawn),
        );
    }

    #[test]
    fn an_end_is_not_taken_back_by_what_is_no_end() {
        let lost = told(5, DisputeStatus::Lost, Funds::Withdrawn);
        let late = told(9, DisputeStatus::UnderReview, Funds::Withdrawn);
        assert_eq!(hear_all([&lost, &late]).told.status, DisputeStatus::Lost);
    }

    #[test]
    fn two_answers_of_the_same_instant_end_alike() {
        let (open, more) = (
            told(1, DisputeStatus::NeedsResponse, Funds::Withdrawn),
            told(1, DisputeStatus::UnderReview, Funds::Withdrawn),
        );
        assert_eq!(hear_all([&open, &more]).told, hear_all([&more, &open]).told);
    }

    #[track_caller]
    fn check_alarm(before: Option<&News>, now: &News, alarmed: Option<Alarm>) {
        assert_eq!(alarm(before.map(|before| &before.told), &now.told), alarmed);
    }

    #[test]
    fn people_hear_of_a_question_and_again_when_the_bank_takes_the_money() {
        let asked = told(1, DisputeStatus::NeedsResponse, Funds::Kept);
        let taken = told(2, DisputeStatus::NeedsResponse, Funds::Withdrawn);
        let answered = told(3, DisputeStatus::UnderReview, Funds::Withdrawn);
        check_alarm(None, &asked, Some(Alarm::Opened));
        check_alarm(None, &taken, Some(Alarm::Opened));
        check_alarm(Some(&asked), &asked, None);
        check_alarm(Some(&asked), &taken, Some(Alarm::Taken));
        check_alarm(Some(&asked), &answered, Some(Alarm::Taken));
        check_alarm(Some(&taken), &answered, None);
        let mut more = taken.clone();
        more.told.amount.minor += 1;
        check_alarm(Some(&taken), &more, Some(Alarm::Taken));
    }

    #[test]
    fn people_hear_when_the_provider_asks_once_more_or_until_another_day() {
        let open = told(1, DisputeStatus::NeedsResponse, Funds::Withdrawn);
        let answered = told(2, DisputeStatus::UnderReview, Funds::Withdrawn);
        check_alarm(Some(&answered), &open, Some(Alarm::Opened));
        let mut later = open.clone();
        later.told.due_by_ms = Some(900);
        check_alarm(Some(&open), &later, Some(Alarm::Opened));
        later.told.due_by_ms = None;
        check_alarm(Some(&open), &later, None);
    }

    #[test]
    fn people_hear_once_that_the_money_is_lost_and_nothing_of_a_good_end() {
        let open = told(1, DisputeStatus::NeedsResponse, Funds::Withdrawn);
        let lost = told(2, DisputeStatus::Lost, Funds::Withdrawn);
        let closed = told(2, DisputeStatus::Closed, Funds::Withdrawn);
        check_alarm(None, &lost, Some(Alarm::Lost));
        check_alarm(Some(&open), &lost, Some(Alarm::Lost));
        check_alarm(Some(&lost), &lost, None);
        let not_yet_taken = told(2, DisputeStatus::Lost, Funds::Kept);
        check_alarm(Some(&not_yet_taken), &lost, Some(Alarm::Lost));
        check_alarm(None, &closed, Some(Alarm::Lost));
        check_alarm(Some(&open), &closed, None);
        check_alarm(Some(&open), &told(2, DisputeStatus::Won, Funds::Reinstated), None);
        check_alarm(None, &told(2, DisputeStatus::Closed, Funds::Kept), None);
    }

    #[test]
    fn a_loss_is_over_when_the_bank_thinks_again_and_not_when_it_closes_with_the_money() {
        for (status, funds, is_over) in [
            (DisputeStatus::Lost, Funds::Withdrawn, false),
            (DisputeStatus::Closed, Funds::Withdrawn, false),
            (DisputeStatus::Closed, Funds::Kept, true),
            (DisputeStatus::Closed, Funds::Reinstated, true),
            (DisputeStatus::Won, Funds::Reinstated, true),
            (DisputeStatus::NeedsResponse, Funds::Withdrawn, true),
        ] {
            assert_eq!(is_no_loss(&told(1, status, funds).told), is_over, "{status:?} {funds:?}");
        }
    }

    #[test]
    fn a_word_stays_its_status() {
        for status in DisputeStatus::ALL {
            assert_eq!(DisputeStatus::from_word(status.word()), Some(status));
        }
        for funds in Funds::ALL {
            assert_eq!(Funds::from_word(funds.word()), Some(funds));
        }
    }
}
