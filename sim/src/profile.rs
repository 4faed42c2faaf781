//! How one seed's world misbehaves. Each seed draws its own profile, so that many worlds have few
//! kinds of trouble at high rates.

use crate::random::Random;

/// Rates are in thousandths: per commit, step, order or call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Profile {
    /// Per commit: it did not happen, and says so.
    pub not_done: i64,
    /// Per commit: it happened, and nobody learns it.
    pub unknown_applied: i64,
    /// Per commit: it did not happen, and nobody learns it.
    pub unknown_lost: i64,
    /// Per step: an instance dies with all it had in memory.
    pub crash: i64,
    /// Per step: everything stops between two commits.
    pub power_cut: i64,
    /// Per step: commits are visible but not safe, and nobody is told; then a standby may take over
    /// that has none of them.
    pub outage: i64,
    /// Per step: the store is put back to an image, and answers since then are void.
    pub lost_tail: i64,
    /// Per step: somebody else's transaction opens, and commits late.
    pub late_news: i64,
    /// Per call: it never reaches the provider, and nobody learns it.
    pub unreached: i64,
    /// Per call: the provider does it, and its answer is lost.
    pub lost_answer: i64,
    /// Per call, there and back: it takes its time.
    pub slow: i64,
    /// Per webhook: it never comes, comes more than once, comes up to three days later.
    pub webhook_loss: i64,
    pub webhook_doubled: i64,
    pub webhook_late: i64,
    /// Per step: our end point takes no webhook.
    pub deaf: i64,
    /// Per bank and per refund that is not done at once: it takes days.
    pub slow_bank: i64,
    pub slow_refund: i64,
    /// Per payment: another amount or currency comes than was asked.
    pub other_money: i64,
    /// Per guest who comes back to an order that is paid: it is paid once more.
    pub twice: i64,
    /// Per charge of what paid before: the bank says no.
    pub charge_fails: i64,
    /// Per refund that was taken for made: it comes back.
    pub refund_fails: i64,
    /// Per payment: its guest tells their bank that they do not want it.
    pub disputes: i64,
    /// Per deed about money: staff give some back.
    pub good_will: i64,
    /// Per order: the client does not wait for the answer.
    pub leave: i64,
    /// Per attempt at a job: it takes longer than its lease.
    pub lease_lost: i64,
    /// Per order: its deadline is now.
    pub deadline_now: i64,
    /// How far the clocks of the processes are off the store's, at most.
    pub skew_ms: i64,
    /// Per step: overdue holds are swept, jobs are done, the follower reads. The rest of the time
    /// the poll is skipped.
    pub sweep: i64,
    pub work: i64,
    pub follow: i64,
    /// Per order: it repeats an earlier one.
    pub retry: i64,
    pub instances: i64,
    pub batch_orders_max: i64,
    pub queue_orders_max: i64,
}

/// A kind of fault, and how it is switched off.
pub type Fault = (&'static str, fn(&mut Profile));

/// What may be switched off to see whether a violation needs it.
pub const FAULTS: [Fault; 23] = [
    ("commits not done", |profile| profile.not_done = 0),
    ("commits unknown, applied", |profile| profile.unknown_applied = 0),
    ("commits unknown, lost", |profile| profile.unknown_lost = 0),
    ("crashes", |profile| profile.crash = 0),
    ("power cuts", |profile| profile.power_cut = 0),
    ("outages", |profile| profile.outage = 0),
    ("lost tails", |profile| profile.lost_tail = 0),
    ("late news", |profile| profile.late_news = 0),
    ("calls that never reach the provider", |profile| profile.unreached = 0),
    ("lost answers of the provider", |profile| profile.lost_answer = 0),
    ("slow calls", |profile| profile.slow = 0),
    ("webhooks lost", |profile| profile.webhook_loss = 0),
    ("webhooks doubled, late", |profile| {
        (profile.webhook_doubled, profile.webhook_late) = (0, 0);
    }),
    ("an end point that takes no webhooks", |profile| profile.deaf = 0),
    ("slow banks and refunds", |profile| (profile.slow_bank, profile.slow_refund) = (0, 0)),
    ("other money than was asked", |profile| profile.other_money = 0),
    ("orders paid twice", |profile| profile.twice = 0),
    ("charges declined, refunds that come back", |profile| {
        (profile.charge_fails, profile.refund_fails) = (0, 0);
    }),
    ("disputes", |profile| profile.disputes = 0),
    ("clients that leave", |profile| profile.leave = 0),
    ("lost leases", |profile| profile.lease_lost = 0),
    ("deadlines", |profile| profile.deadline_now = 0),
    ("clock skew", |profile| profile.skew_ms = 0),
];

impl Profile {
    /// Nothing goes wrong.
    #[must_use]
    pub fn fair() -> Profile {
        let mut fair = Profile::draw(0);
        for (_, switch_off) in FAULTS {
            switch_off(&mut fair);
        }
        fair
    }

    #[must_use]
    pub fn draw(seed: u64) -> Profile {
        // Drawn apart: the worlds that were there before stay as they were.
        let mut later = Random::of(seed, 3);
        let mut random = Random::of(seed, 1);
        let mut rate = |most: i64| if random.chance(400) { random.between(0, most) } else { 0 };
        Profile {
            not_done: rate(150),
            unknown_applied: rate(150),
            unknown_lost: rate(150),
            crash: rate(150),
            power_cut: rate(100),
            outage: rate(80),
            lost_tail: rate(60),
            late_news: rate(300),
            unreached: rate(300),
            lost_answer: rate(400),
            slow: rate(1_000),
            // All of them in some worlds: then whoever asks must find out.
            webhook_loss: rate(1_300).min(1_000),
            webhook_doubled: rate(1_000),
            webhook_late: rate(500),
            deaf: rate(1_200).min(1_000),
            slow_bank: rate(1_000),
            slow_refund: rate(1_000),
            other_money: rate(200),
            twice: rate(1_000),
            charge_fails: rate(600),
            refund_fails: rate(300),
            disputes: if later.chance(400) { later.between(0, 500) } else { 0 },
            good_will: rate(300),
            leave: rate(150),
            lease_lost: rate(300),
            deadline_now: rate(100),
            skew_ms: rate(2 * 60 * 60 * 1000),
            sweep: rate(600),
            work: 100 + rate(600),
            follow: 100 + rate(600),
            retry: rate(500),
            instances: random.between(1, 4),
            batch_orders_max: if random.chance(300) { 1 } else { random.between(2, 64) },
            queue_orders_max: if random.chance(100) { random.between(1, 4) } else { 1_000 },
        }
    }
}
