//! How a store loses what it had. A *lost tail* is a store that was never safe: everything since an
//! image is gone, and every answer since then is void. An *outage* is a store that keeps its
//! promise: what it has written while its standby was away is visible and not safe, nobody is told
//! of it, and a standby that takes over has none of it; whoever was told yes must still have it.

use vacancy_store::events::Cursor;
use vacancy_store::testing::journal;

use super::{World, broken};
use crate::oracle::{Checked, Oracle, Violation};
use crate::provider::Till;
use crate::random::Random;

/// The store as it was, and what the world knew then.
pub(super) struct Image {
    bytes: Vec<u8>,
    oracle: Oracle,
    follower: Cursor,
}

impl World {
    pub(super) fn store_image(&self) -> Result<Vec<u8>, Violation> {
        self.db.image().map_err(broken("take an image"))
    }

    /// Takes an image now and then; later the store may fall back to it.
    pub(super) async fn lose_tail(&mut self, random: &mut Random) -> Checked {
        match self.image.take() {
            Some(image) if random.chance(300) => {
                // Whoever still works on the store that is lost dies with it.
                self.end().await;
                self.put_back(&image.bytes).await?;
                self.oracle = image.oracle;
                self.follower = image.follower;
                // The providers have forgotten nothing; what came of these nobody can promise.
                let payments = self.tills.iter().flat_map(Till::taken);
                self.forgiven.extend(payments.map(|taken| taken.payment));
                self.situations.note("fault: the tail was lost");
                self.start_all().await
            }
            // An image that grows old is given up.
            Some(image) => {
                self.image = Some(image).filter(|_| !random.chance(100));
                Ok(())
            }
            None if self.open.is_none() && random.chance(self.plan.profile.lost_tail) => {
                let (bytes, oracle) = (self.store_image()?, self.oracle.clone());
                self.image = Some(Image { bytes, oracle, follower: self.follower });
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// The second half of an outage: clients ask again at once; then the standby comes back and
    /// has everything, or takes over and has nothing of it.
    pub(super) async fn standby_returns(&mut self, bytes: Vec<u8>, random: &mut Random) -> Checked {
        let orders: Vec<_> = std::mem::take(&mut self.unsettled);
        let orders = orders.iter().map(|order| self.crowd.again(order)).collect();
        let sent = self.send(orders, random);
        self.hear(sent, false).await?;
        self.calm();
        if random.chance(500) {
            self.situations.note("fault: the standby came back");
            return Ok(());
        }
        self.end().await;
        self.put_back(&bytes).await?;
        self.situations.note("fault: a standby took over without the last commits");
        self.start_all().await?;
        self.oracle.nothing_told_is_gone()
    }

    async fn put_back(&mut self, bytes: &[u8]) -> Checked {
        self.db.restore(bytes).map_err(broken("restore an image"))?;
        // Somebody's open transaction is gone with the store that it was open on.
        if self.open.take().is_some() {
            let rolled_back = vacancy_store::testing::visibility::roll_back(&self.db).await;
            rolled_back.map_err(broken("restore an image"))?;
        }
        self.mark = journal::reached(&self.db).await.map_err(broken("restore an image"))?;
        Ok(())
    }
}
