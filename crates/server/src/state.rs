//! What every request may reach: one handle, cloned per request, built once at the start. It
//! holds no request's data and decides nothing.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::watch;
use tokio::task::JoinHandle;

use vacancy_app::access::keys::Gate;
use vacancy_app::access::{self, tokens::ServerSecret};
use vacancy_app::businesses;
use vacancy_app::desk::{Desk, Lanes};
use vacancy_app::errors::Error;
use vacancy_app::ids::Ids;
use vacancy_app::jobs::Handlers;
use vacancy_app::jobs::runner::{Runner, Running};
use vacancy_app::listings::Finder;
use vacancy_app::payments::Payments;
use vacancy_app::payments::silence::Silence;
use vacancy_app::reservations::Bookings;
use vacancy_connect::payments::circuit::Guards;
use vacancy_connect::payments::razorpay::Razorpay;
use vacancy_connect::payments::sandbox::Sandbox;
use vacancy_connect::payments::stripe::Stripe;
use vacancy_store::faults::Fault;
use vacancy_store::sql::Db;

use crate::config::Config;
use crate::http::limits::Limits;
use crate::providers;

/// The parts of a running server. Clones share them.
#[derive(Clone)]
pub struct AppState(Arc<Parts>);

pub struct Parts {
    pub config: Config,
    pub db: Db,
    pub desk: Desk,
    pub bookings: Bookings,
    pub finder: Finder,
    pub payments: Payments,
    pub jobs: Runner,
    /// Turns credentials into actors, and has the secret that guest tokens are signed with.
    pub gate: Gate,
    /// The same sandbox as in `payments`, for its checkout page.
    pub sandbox: Arc<Sandbox>,
    pub stripe: Option<Arc<Stripe>>,
    /// As in `payments`, for the page that leads to its checkout.
    pub razorpay: Option<Arc<Razorpay>>,
    pub ids: Ids,
    pub limits: Arc<Limits>,
    pub health: Health,
    /// What guests reach us by, without a slash at the end.
    pub public_url: String,
}

impl Deref for AppState {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// Why this instance may not be given work.
#[derive(Debug, Default)]
pub struct Health {
    is_draining: AtomicBool,
    is_durability_unsafe: AtomicBool,
}

impl Health {
    pub fn drain(&self) {
        self.is_draining.store(true, Ordering::Relaxed);
    }

    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.is_draining.load(Ordering::Relaxed)
    }

    pub fn set_durability_unsafe(&self, is_unsafe: bool) {
        self.is_durability_unsafe.store(is_unsafe, Ordering::Relaxed);
    }

    #[must_use]
    pub fn is_durability_unsafe(&self) -> bool {
        self.is_durability_unsafe.load(Ordering::Relaxed)
    }
}

/// What runs beside the requests, to be stopped at the end.
pub struct Background {
    stop_sweep: watch::Sender<bool>,
    sweep: JoinHandle<()>,
    jobs: Running,
    lanes: Lanes,
}

impl Background {
    /// The desk last: jobs and the sweep may still submit orders to it.
    pub async fn stop(self) {
        let _it_ended_already = self.stop_sweep.send(true);
        if let Err(ended) = self.sweep.await {
            tracing::error!(error = %ended, "the sweep ended before its time");
        }
        self.jobs.stop().await;
        self.lanes.close().await;
    }
}

impl AppState {
    /// Opens everything on a database that is migrated, as tasks of the current runtime.
    ///
    /// # Errors
    /// When the store fails, the system gives no randomness, or the sandbox's books are broken.
    pub async fn open(
        config: Config,
        db: Db,
        public_url: String,
    ) -> Result<(AppState, Background), Error> {
        // Counting begins before the first request.
        crate::metrics::recorder();
        let ids = system_ids()?;
        businesses::ensure_default(&db).await?;
        let gate = Gate::new(&db, access::server_secret(&db).await?);
        let guards = Guards::default();
        let providers::Opened { all: providers, sandbox, stripe, razorpay } =
            providers::open(&db, &config, &public_url, &guards).await?;
        let (desk, lanes) = Desk::open(&db, &ids);
        let bookings = Bookings::new(&db, desk.clone(), ids.clone());
        let payments = Payments {
            bookings: bookings.clone(),
            providers,
            accounts: providers::accounts(&db, &config, &public_url, &guards),
            silence: Silence::default(),
            confirms_pay_at_property: config.confirms_pay_at_property,
        };
        let jobs = Runner::new(&db, &ids, handlers(&payments));
        let finder = Finder::new(&db);
        let limits = Arc::new(Limits::new(&config.limits));
        let (stop_sweep, stopped) = watch::channel(false);
        let sweep = tokio::spawn(bookings.clone().keep_sweeping(stopped));
        let background = Background { stop_sweep, sweep, jobs: jobs.start(), lanes };
        let state = AppState(Arc::new(Parts {
            config,
            db,
            desk,
            bookings,
            finder,
            payments,
            jobs,
            gate,
            sandbox,
            stripe,
            razorpay,
            ids,
            limits,
            health: Health::default(),
            public_url,
        }));
        Ok((state, background))
    }

    #[must_use]
    pub fn secret(&self) -> &ServerSecret {
        self.gate.secret()
    }
}

/// What this process does later, by kind of job.
fn handlers(payments: &Payments) -> Handlers {
    let handlers = payments.handlers(Handlers::default());
    #[cfg(feature = "crash-points")]
    let handlers = vacancy_app::jobs::poison::handlers(handlers);
    handlers
}

/// A source of ids on the system's clock and randomness.
///
/// # Errors
/// When the system gives no randomness.
pub fn system_ids() -> Result<Ids, Error> {
    Ids::from_system(Arc::new(wall_clock_ms))
        .map_err(|error| Error::Fault(Fault::internal_because("draw random bytes", error)))
}

/// The machine's clock. It stamps ids and is compared with the store's; no decision asks it.
#[expect(clippy::disallowed_methods, reason = "an id is stamped, the store's clock decides")]
pub(crate) fn wall_clock_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}
