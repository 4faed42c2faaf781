//! One file per fault.

pub(crate) mod f01_crash;
pub(crate) mod f02_wire;
pub(crate) mod f03_leave;
pub(crate) mod f04_kill;
pub(crate) mod f15_provider;
pub(crate) mod f16_lost;
pub(crate) mod f17_webhooks;
pub(crate) mod f18_late;
pub(crate) mod f19_clock;
pub(crate) mod f21_disk;
pub(crate) mod f22_power;
pub(crate) mod f27_storm;
pub(crate) mod f28_retries;
pub(crate) mod f29_poison;
pub(crate) mod f32_stop;
pub(crate) mod f34_flood;
pub(crate) mod f38_durability;
pub(crate) mod store_away;
pub(crate) mod two_instances;
