//! Goal: what only a server can do to a transaction: end its session, warn at its commit, refuse
//! it late, fail it once. Whatever it does, `Ok` is said only for what is durable.
//! Method: triggers and functions of the server's own, so that nothing depends on timing.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use futures_util::future::{BoxFuture, join_all};
use vacancy_store::faults::Fault;
use vacancy_store::sql::tx::Sql;
use vacancy_store::sql::{Db, Engine, Time};
use vacancy_store::testing::postgres::Database;
use vacancy_store::testing::{on_engine, settings};

const MAKE: Sql = Sql::new("CREATE TABLE guest (id BIGINT PRIMARY KEY)");
const PUT: Sql = Sql::new("INSERT INTO guest (id) VALUES ($1)");
const COUNT: Sql = Sql::new("SELECT COUNT(*) FROM guest");
const OWN_PID: Sql = Sql::new("SELECT pg_backend_pid()::bigint");
const END_SESSION: Sql = Sql::new("SELECT pg_terminate_backend($1::bigint::int, 5000)");

fn on_postgres(body: impl Fn(Db) -> BoxFuture<'static, ()>) {
    on_engine(Engine::Postgres, &Time::Engine, body);
}

async fn run(db: &Db, sql: &'static Sql) {
    db.write(move |tx| Box::pin(async move { tx.execute(sql, &[]).await.map(|_| ()) }))
        .await
        .unwrap();
}

async fn put(db: &Db, id: i64) -> Result<u64, Fault> {
    db.write(move |tx| Box::pin(async move { tx.execute(&PUT, &[&id]).await })).await
}

async fn count(db: &Db) -> i64 {
    db.read(|tx| Box::pin(async move { tx.query_one::<(i64,)>(&COUNT, &[]).await }))
        .await
        .unwrap()
        .0
}

/// Makes `$body` run on the server when a transaction that wrote a guest commits.
async fn at_commit(db: &Db, make_function: &'static Sql) {
    const TRIGGER: Sql = Sql::new(
        "CREATE CONSTRAINT TRIGGER late AFTER INSERT ON guest DEFERRABLE INITIALLY DEFERRED \
         FOR EACH ROW EXECUTE FUNCTION late()",
    );
    run(db, &MAKE).await;
    run(db, make_function).await;
    run(db, &TRIGGER).await;
}

#[test]
fn a_session_that_ends_between_statements_wrote_nothing() {
    on_postgres(|db| {
        Box::pin(async move {
            run(&db, &MAKE).await;
            let killer = db.clone();
            let outcome = db
                .write_desk(move |tx| {
                    let killer = killer.clone();
                    Box::pin(async move {
                        tx.execute(&PUT, &[&1_i64]).await?;
                        let (pid,) = tx.query_one::<(i64,)>(&OWN_PID, &[]).await?;
                        let ended = killer.write(move |other| {
                            Box::pin(async move {
                                other.query_one::<(bool,)>(&END_SESSION, &[&pid]).await
                            })
                        });
                        assert_eq!(ended.await?, (true,));
                        Ok(())
                    })
                })
                .await;
            // The body knew nothing of it, so the commit was sent into a closed connection.
            let honest =
                matches!(outcome, Err(Fault::OutcomeUnknown { .. } | Fault::Unavailable { .. }));
            assert!(honest, "{outcome:?}");
            assert_eq!(count(&db).await, 0);
            for id in 2..30_i64 {
                let again = db
                    .write_desk(move |tx| Box::pin(async move { tx.execute(&PUT, &[&id]).await }));
                assert_eq!(again.await.unwrap(), 1, "a fresh connection takes its place");
            }
        })
    });
}

#[test]
fn a_session_that_ends_inside_the_commit_leaves_the_outcome_unknown() {
    const LATE: Sql = Sql::new(
        "CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$",
    );
    on_postgres(|db| {
        Box::pin(async move {
            at_commit(&db, &LATE).await;
            let outcome = put(&db, 1).await;
            assert!(matches!(outcome, Err(Fault::OutcomeUnknown { .. })), "{outcome:?}");
            assert_eq!(count(&db).await, 0);
        })
    });
}

#[test]
fn a_commit_that_answers_with_a_warning_is_unknown_though_it_took() {
    // 01000 is what a commit answers that gave up waiting for its standby.
    const LATE: Sql = Sql::new(
        "CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         RAISE WARNING 'canceling wait for synchronous replication'; RETURN NULL; END $$",
    );
    on_postgres(|db| {
        Box::pin(async move {
            at_commit(&db, &LATE).await;
            let outcome = put(&db, 1).await;
            assert!(matches!(outcome, Err(Fault::OutcomeUnknown { .. })), "{outcome:?}");
            assert_eq!(count(&db).await, 1);
        })
    });
}

#[test]
fn a_warning_before_the_commit_is_no_doubt() {
    const WARN: Sql = Sql::new("DO $$ BEGIN RAISE WARNING 'only a warning'; END $$");
    on_postgres(|db| {
        Box::pin(async move {
            run(&db, &WARN).await;
        })
    });
}

#[test]
fn a_commit_that_the_server_refuses_is_not_done_and_says_why() {
    const LATE: Sql = Sql::new(
        "CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         RAISE EXCEPTION USING ERRCODE = '23514', CONSTRAINT = 'guest_late'; END $$",
    );
    on_postgres(|db| {
        Box::pin(async move {
            at_commit(&db, &LATE).await;
            let outcome = put(&db, 1).await;
            let refused = matches!(
                &outcome,
                Err(Fault::Constraint { name, .. }) if name == "guest_late"
            );
            assert!(refused, "{outcome:?}");
            assert_eq!(count(&db).await, 0);
        })
    });
}

#[test]
fn conflicts_are_tried_again_until_they_pass_or_the_tries_end() {
    const SEQUENCE: Sql = Sql::new("CREATE SEQUENCE tries");
    const FLAKY: Sql = Sql::new(
        "CREATE FUNCTION flaky(code text, passes_at bigint) RETURNS bigint LANGUAGE plpgsql \
         AS $$ BEGIN IF nextval('tries') < passes_at THEN RAISE EXCEPTION USING ERRCODE = code; \
         END IF; RETURN 1; END $$",
    );
    const RESET: Sql = Sql::new("SELECT setval('tries', 1, false)");
    const CALL: Sql = Sql::new("SELECT flaky($1, $2)");
    on_postgres(|db| {
        Box::pin(async move {
            run(&db, &SEQUENCE).await;
            run(&db, &FLAKY).await;
            for code in ["40001", "40P01", "55P03"] {
                for (passes_at, passes) in [(3_i64, true), (4, false)] {
                    db.write(|tx| {
                        Box::pin(async move { tx.query_one::<(i64,)>(&RESET, &[]).await })
                    })
                    .await
                    .unwrap();
                    // The body makes something else of the fault: it is tried again all the same.
                    let outcome = db
                        .write(move |tx| {
                            Box::pin(async move {
                                tx.query_one::<(i64,)>(&CALL, &[&code, &passes_at])
                                    .await
                                    .map_err(|_| Fault::internal("something else"))
                            })
                        })
                        .await;
                    assert_eq!(outcome.is_ok(), passes, "{code}: {outcome:?}");
                    if let Err(fault) = outcome {
                        assert!(matches!(fault, Fault::Conflict { .. }), "{fault:?}");
                    }
                }
            }
        })
    });
}

#[test]
fn a_caller_that_goes_away_neither_cancels_nor_leaks_its_transaction() {
    on_postgres(|db| {
        Box::pin(async move {
            run(&db, &MAKE).await;
            for id in 0..20_i64 {
                let (started, has_started) = tokio::sync::oneshot::channel::<()>();
                let (go_on, gate) = tokio::sync::oneshot::channel::<()>();
                let (ended, has_ended) = tokio::sync::oneshot::channel::<()>();
                let ends = Arc::new(std::sync::Mutex::new(Some((started, gate, ended))));
                let caller = tokio::spawn({
                    let db = db.clone();
                    async move {
                        db.write(move |tx| {
                            let ends = Arc::clone(&ends);
                            Box::pin(async move {
                                let (started, gate, ended) = ends.lock().unwrap().take().unwrap();
                                tx.execute(&PUT, &[&id]).await?;
                                started.send(()).unwrap();
                                gate.await.unwrap();
                                let last = tx.query_one::<(i64,)>(&COUNT, &[]).await;
                                ended.send(()).unwrap();
                                last
                            })
                        })
                        .await
                    }
                });
                has_started.await.unwrap();
                caller.abort();
                assert!(caller.await.unwrap_err().is_cancelled());
                go_on.send(()).unwrap();
                has_ended.await.unwrap();
            }
            // More than there are connections: none was lost, none is inside a transaction.
            let rest = join_all((100..150).map(|id| put(&db, id))).await;
            assert!(rest.iter().all(Result::is_ok));
            assert_eq!(count(&db).await, 70);
        })
    });
}

#[test]
fn a_statement_that_nobody_waits_for_cannot_be_committed() {
    on_postgres(|db| {
        Box::pin(async move {
            run(&db, &MAKE).await;
            let runs = Arc::new(AtomicU32::new(0));
            let counted = Arc::clone(&runs);
            let outcome = db
                .write(move |tx| {
                    let runs = Arc::clone(&counted);
                    Box::pin(async move {
                        runs.fetch_add(1, Ordering::SeqCst);
                        let mut forgotten = Box::pin(tx.execute(&PUT, &[&1_i64]));
                        assert!(futures_util::poll!(forgotten.as_mut()).is_pending());
                        drop(forgotten);
                        Ok(())
                    })
                })
                .await;
            assert!(matches!(outcome, Err(Fault::Internal { .. })), "{outcome:?}");
            assert_eq!(runs.load(Ordering::SeqCst), 1);
            assert_eq!(count(&db).await, 0);
        })
    });
}

#[test]
fn outside_a_transaction_a_session_may_only_read() {
    const SHOW: Sql = Sql::new(
        "SELECT current_setting('default_transaction_read_only'), \
         current_setting('transaction_read_only'), current_setting('lock_timeout'), \
         current_setting('transaction_isolation')",
    );
    on_postgres(|db| {
        Box::pin(async move {
            let shown = db
                .write(|tx| {
                    Box::pin(async move {
                        tx.query_one::<(String, String, String, String)>(&SHOW, &[]).await
                    })
                })
                .await
                .unwrap();
            let expected = ["on", "off", "2s", "read committed"].map(str::to_owned);
            assert_eq!([shown.0, shown.1, shown.2, shown.3], expected);
        })
    });
}

#[tokio::test]
async fn a_server_that_may_lose_answered_commits_is_refused() {
    let Some(database) = Database::migrated().await else { return };
    new_sessions(&database, UNSAFE).await;
    let refused = Db::open_postgres(database.url(), Time::Engine).await;
    assert!(is_unsafe(&refused), "an unsafe server was accepted");
    database.remove().await;
}

/// Changes what only new sessions of this database get, as `ALTER ROLE` does for those of one user.
async fn new_sessions(database: &Database, change: &str) {
    let (_, name) = database.url().rsplit_once('/').unwrap();
    let text = format!("ALTER DATABASE {name} {change}");
    settings::as_operator(database.url(), &text).await.unwrap();
}

const UNSAFE: &str = "SET synchronous_commit = off";
const SAFE: &str = "RESET synchronous_commit";

/// Writes, and tells how its session commits.
async fn put_and_tell(db: &Db, id: i64) -> Result<String, Fault> {
    const HOW: Sql = Sql::new("SELECT current_setting('synchronous_commit')");
    db.write(move |tx| {
        Box::pin(async move {
            tx.execute(&PUT, &[&id]).await?;
            tx.query_one::<(String,)>(&HOW, &[]).await.map(|(how,)| how)
        })
    })
    .await
}

#[tokio::test]
async fn a_session_that_was_opened_unsafe_takes_no_write() {
    let Some(database) = Database::migrated().await else { return };
    let db = Db::open_postgres(database.url(), Time::Engine).await.unwrap();
    run(&db, &MAKE).await;
    new_sessions(&database, UNSAFE).await;
    // More at once than there are sessions, so that new ones have to be opened.
    let told = join_all((0..32).map(|id| put_and_tell(&db, id))).await;
    let refused = told.iter().filter(|one| is_unsafe(one)).count();
    let kept = told.iter().filter(|one| matches!(one, Ok(how) if how == "on")).count();
    assert_eq!(refused + kept, told.len(), "{told:?}");
    assert!(0 < refused && 0 < kept, "{told:?}");
    assert_eq!(count(&db).await, i64::try_from(kept).unwrap());
    database.remove().await;
}

#[tokio::test]
async fn a_running_store_notices_what_only_new_sessions_see_and_takes_nothing_until_it_is_gone() {
    let Some(database) = Database::migrated().await else { return };
    let db = Db::open_postgres(database.url(), Time::Engine).await.unwrap();
    run(&db, &MAKE).await;
    new_sessions(&database, UNSAFE).await;
    let noticed = db.check_durability().await;
    assert!(is_unsafe(&noticed), "{noticed:?}");
    let refused = join_all((0..32).map(|id| put_and_tell(&db, id))).await;
    assert!(refused.iter().all(is_unsafe), "{refused:?}");
    new_sessions(&database, SAFE).await;
    db.check_durability().await.unwrap();
    assert_eq!(put_and_tell(&db, 1).await.unwrap(), "on");
    assert_eq!(count(&db).await, 1);
    database.remove().await;
}

#[test]
fn a_session_keeps_how_it_commits_whatever_is_set_for_the_server() {
    const SOURCE: Sql = Sql::new("SELECT source FROM pg_settings WHERE name = $1");
    on_postgres(|db| {
        Box::pin(async move {
            let source = db.write_desk(|tx| {
                Box::pin(async move {
                    tx.query_one::<(String,)>(&SOURCE, &[&"synchronous_commit"]).await
                })
            });
            assert_eq!(source.await.unwrap().0, "session");
        })
    });
}

fn is_unsafe<T>(outcome: &Result<T, Fault>) -> bool {
    matches!(
        outcome,
        Err(Fault::UnsafeDurability { setting }) if setting == "synchronous_commit=off"
    )
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told_without_its_password() {
    let url = "postgres://guest:secret@127.0.0.1:1/nowhere";
    let fault = Db::open_postgres(url, Time::Engine).await.err().unwrap();
    assert!(matches!(fault, Fault::Unavailable { .. }), "{fault:?}");
    assert!(!format!("{fault} {fault:?}").contains("secret"));
    let fault = Db::open_postgres("postgres://guest:secret@[", Time::Engine).await.err().unwrap();
    assert!(!format!("{fault} {fault:?}").contains("secret"), "{fault:?}");
}
