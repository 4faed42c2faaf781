//! One file per fault.

pub(crate) mod f01_crash;
