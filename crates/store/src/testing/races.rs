//! Races on PostgreSQL that run the same way each time: a gate keeps writers of one table waiting
//! until the test has seen both sides where it wants them. And the walls of the database, which a
//! test may take away in its own database to see what stands before them.

use std::sync::Arc;

use tokio::sync::Notify;
use tokio::task::JoinHandle;

use crate::faults::Fault;
use crate::sql::Db;
use crate::sql::dialect::Fork;
use crate::sql::tx::Sql;

/// A table whose writers can be kept waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Table {
    /// Every batch that moves stock writes it, after the cells.
    Ledger,
    /// Every change of stock settings writes it, after the locks.
    PoolChange,
}

impl Table {
    fn lock(self) -> Sql {
        match self {
            Table::Ledger => {
                Sql::forked("SELECT 1", "LOCK TABLE ledger IN SHARE MODE", Fork::RowLock)
            }
            Table::PoolChange => {
                Sql::forked("SELECT 1", "LOCK TABLE pool_change IN SHARE MODE", Fork::RowLock)
            }
        }
    }
}

/// Keeps writers of one table waiting, readers not. Sessions give up waiting after 2 seconds.
pub struct Gate {
    db: Db,
    release: Arc<Notify>,
    holder: JoinHandle<Result<(), Fault>>,
}

impl Gate {
    /// On a session of its own, out of the general ones.
    pub async fn shut(db: &Db, table: Table) -> Gate {
        let (held, release) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (tell, wait, on) = (Arc::clone(&held), Arc::clone(&release), db.clone());
        let holder = tokio::spawn(async move {
            on.write(move |tx| {
                let (tell, wait) = (Arc::clone(&tell), Arc::clone(&wait));
                Box::pin(async move {
                    tx.execute(&table.lock(), &[]).await?;
                    tell.notify_one();
                    wait.notified().await;
                    Ok(())
                })
            })
            .await
        });
        held.notified().await;
        Gate { db: db.clone(), release, holder }
    }

    /// Until so many sessions of this database wait for a lock, or it will not come to that.
    pub async fn wait_for(&self, sessions: i64, or: impl Fn() -> bool) {
        const WAITING: Sql = Sql::forked(
            "SELECT 0",
            "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() \
             AND wait_event_type = 'Lock'",
            Fork::Catalogue,
        );
        let waiting = || {
            self.db.read(|tx| {
                Box::pin(async move { Ok(tx.query_one::<(i64,)>(&WAITING, &[]).await?.0) })
            })
        };
        while !or() && waiting().await.expect("a test can look at its sessions") < sessions {}
    }

    pub async fn open(self) {
        self.release.notify_one();
        self.holder.await.expect("the gate's holder lives").expect("the gate opens");
    }
}

/// What the database itself refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wall {
    /// `CHECK`: no cell holds more than its limit.
    CellCheck,
    /// `UNIQUE`: a request of a property has one outcome.
    RequestKey,
    /// The row that replays write.
    Fence,
}

/// Puts the wall back that a test took away; on SQLite alone, where a store lives on.
pub async fn put_back_checks(db: &Db) -> Result<(), Fault> {
    const CHECKS: Sql =
        Sql::forked("PRAGMA ignore_check_constraints = OFF", "SELECT 1", Fork::Catalogue);
    db.write(|tx| Box::pin(async move { tx.execute(&CHECKS, &[]).await.map(|_| ()) })).await
}

/// Takes a wall away in this database.
pub async fn without(db: &Db, wall: Wall) -> Result<(), Fault> {
    let sql = match wall {
        Wall::CellCheck => Sql::forked(
            "PRAGMA ignore_check_constraints = ON",
            "ALTER TABLE cell DROP CONSTRAINT cell_never_oversold",
            Fork::Catalogue,
        ),
        // SQLite has one writer and needs no second wall.
        Wall::RequestKey => Sql::forked(
            "SELECT 1",
            "ALTER TABLE reservation_request DROP CONSTRAINT reservation_request_pkey",
            Fork::Catalogue,
        ),
        Wall::Fence => Sql::new("ALTER TABLE fence RENAME TO fence_that_was"),
    };
    db.write(move |tx| Box::pin(async move { tx.execute(&sql, &[]).await.map(|_| ()) })).await
}
