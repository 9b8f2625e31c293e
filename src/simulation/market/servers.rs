//! The servers of a run: started, struck by faults, dead, started again.

use std::sync::Arc;

use super::Failure;
use super::ground::Place;
use crate::auctions;
use crate::house::House;
use crate::platform::db::faults::{Fault, Faults};

/// One of the servers.
#[derive(Default)]
pub(super) struct Server {
    house: Option<House>,
    faults: Arc<Faults>,
}

impl Server {
    /// Its house. One that is down is started first, and looks whether the market was away, as every server does.
    pub(super) async fn up(&mut self, place: &Place) -> Result<House, Failure> {
        if let Some(house) = &self.house {
            return Ok(house.clone());
        }
        self.faults = Arc::default();
        let house = place.server(self.faults.clone()).await?;
        auctions::flows::beat(&house).await?;
        self.house = Some(house.clone());
        Ok(house)
    }

    /// After so many commits that go well one goes wrong.
    pub(super) fn strike(&self, well: u32, fault: Fault) {
        self.faults.arm(well, fault);
    }

    /// What had not struck yet does not any more. Tells whether the server has died of it.
    pub(super) async fn relieve(&mut self) -> bool {
        self.faults.disarm();
        let dead = self.faults.is_dead();
        if dead {
            self.down().await;
        }
        dead
    }

    /// Takes it down.
    pub(super) async fn down(&mut self) {
        if let Some(house) = self.house.take() {
            house.stop.cancel();
            house.db.clone().close().await;
        }
    }
}
