//! One file per fault.

pub(crate) mod f01_crash;
pub(crate) mod f02_wire;
pub(crate) mod f29_poison;
