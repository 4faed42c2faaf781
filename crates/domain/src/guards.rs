//! The guards that keep the promise, each with a switch for the tests that must fail without it.
//! A test whose guard can be taken away unnoticed proves nothing. The switch exists only with the
//! cargo feature `mutants`; without it every guard is on and the question costs nothing. It must
//! never be a setting.

#[cfg(all(feature = "mutants", not(debug_assertions)))]
compile_error!("the feature `mutants` takes guards away and must not be in a release");

/// One thing that stands between a guest and a wrong answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Guard {
    /// Two lines on one pool are checked together. Off: each alone.
    DemandSum,
    /// A change of a stay needs only what it takes on top. Off: all of it again.
    NetDemand,
    /// Pools are locked: shared by those who sell, alone by those who change a default. Off: read.
    PoolLock,
    /// Cells are read after they are made and locked. Off: before, and without a lock.
    CellLock,
    /// Counters move only from the version that was read. Off: from any.
    CellVersion,
    /// Keys are read after the locks. Off: before.
    KeyAfterLocks,
    /// A rule that panics ends only its own command. Off: it ends the batch.
    PanicWall,
    /// The commands of a failed batch run again, each alone. Off: all get the fault.
    RunAlone,
    /// A replay is answered only behind a write. Off: from what was read.
    ReplayFence,
    /// A commit of which nobody knows is told as such. Off: as nothing done.
    UnknownCommit,
    /// Overdue holds are lapsed for whoever needs their stock. Off: they wait for the sweep.
    LapseForSale,
    /// A wish gets no more than is free. Off: nobody counts.
    Capacity,
    /// A batch decides on what it reads behind its locks. Off: on what it saw a moment before.
    DecideBehindLocks,
    /// Locks are asked for in one order. Off: as it comes.
    LockOrder,
    /// Callers are answered when the commit has returned. Off: whatever the commit says.
    AnswerAfterCommit,
    /// A commit of which nobody knows is no yes. Off: it is told as one.
    UnknownIsNoYes,
    /// A key is its owner's. Off: it answers whoever comes with the same word.
    KeyOfOwner,
    /// The outcome of a key is written with what it did. Off: in a transaction behind it.
    KeyWithDeed,
    /// News are followed below every open transaction. Off: by their number alone.
    NewsBelowOpen,
    /// A job begins when its claim is committed. Off: whatever the commit says.
    ClaimBeforeDeed,
    /// The store's clock decides. Off: the process's own.
    StoreClock,
    /// A night is a civil day of the property. Off: of UTC.
    CivilDay,
    /// A night that is left oversold is somebody's matter. Off: nobody hears of it.
    OversoldMatter,
    /// An attempt at a job is counted when it is claimed. Off: when it has failed.
    AttemptAtClaim,
    /// What is given back is free once. Off: twice.
    FreedOnce,
    /// A repeated request is told what was told first. Off: what it would cost today.
    FirstAnswer,
    /// What was agreed stays as it is while a stay moves on. Off: a confirmation makes it dearer.
    AgreedPrice,
    /// A hold ends with all its lines. Off: with the first.
    WholeHold,
    /// Another request under a known key is refused. Off: it gets the answer of the first.
    Fingerprint,
    /// News of money are booked once. Off: each time that they are told.
    HeardOnce,
    /// A webhook only makes us ask. Off: what it says is believed.
    FetchedTruth,
    /// A payment that has ended stays so. Off: the last word counts.
    PaymentEnd,
    /// While a guest may be paying, the provider is asked before the stock is free. Off: the deadline
    /// is enough.
    ProviderFirst,
    /// A refund that is tried again is the same refund. Off: another one.
    RefundKey,
    /// An order whose name is not known is not asked for again once its provider may have forgotten our
    /// key. Off: it is, for ever.
    KeyForADay,
    /// Every attempt to pay has its end before a rest is charged. Off: it is charged at once.
    EndsFirst,
    /// A rest that was left for later is collected. Off: nobody does.
    RestCollected,
    /// What goes back at will is let off. Off: it is due again.
    LetOff,
    /// Other money than was asked for is not ours. Off: it passes for it.
    AskedMoney,
    /// What came twice for one order goes back. Off: it stays.
    SurplusBack,
    /// People hear of a refund that came back. Off: nobody does.
    CameBack,
    /// Of a dispute only what a bank took since counts. Off: all of it each time that it moves.
    DisputeOnce,
    /// People hear of a dispute. Off: nobody does.
    DisputeTold,
    /// A dispute is asked for until its end. Off: events are enough.
    DisputeFollowed,
    /// Amounts are rounded where they are made. Off: their sum once more.
    RoundedOnce,
}

/// Whether the guard was taken away. Never, but in a test.
#[cfg(not(feature = "mutants"))]
#[must_use]
pub const fn is_off(_guard: Guard) -> bool {
    false
}

#[cfg(feature = "mutants")]
pub use switch::{AllOn, Off, all_on, is_off, off};

#[cfg(feature = "mutants")]
mod switch {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

    use super::Guard;

    static OFF: AtomicU64 = AtomicU64::new(0);
    /// The switch is the whole process's: who turns it has the process for itself.
    static TURN: RwLock<()> = RwLock::new(());

    #[must_use]
    pub fn is_off(guard: Guard) -> bool {
        OFF.load(Ordering::SeqCst) & bit(guard) != 0
    }

    /// Takes guards away until the answer is dropped. Waits until nobody else counts on them.
    #[must_use]
    pub fn off(guards: &[Guard]) -> Off {
        let turn = TURN.write().unwrap_or_else(PoisonError::into_inner);
        OFF.store(guards.iter().fold(0, |bits, guard| bits | bit(*guard)), Ordering::SeqCst);
        Off(turn)
    }

    /// Keeps every guard in its place until the answer is dropped.
    #[must_use]
    pub fn all_on() -> AllOn {
        AllOn(TURN.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn bit(guard: Guard) -> u64 {
        1 << (guard as u8)
    }

    /// While it lives, guards are off.
    pub struct Off(#[expect(dead_code, reason = "held, not read")] RwLockWriteGuard<'static, ()>);

    impl Drop for Off {
        fn drop(&mut self) {
            OFF.store(0, Ordering::SeqCst);
        }
    }

    /// While it lives, guards are on.
    pub struct AllOn(#[expect(dead_code, reason = "held, not read")] RwLockReadGuard<'static, ()>);
}
