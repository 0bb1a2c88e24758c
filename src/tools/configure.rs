//! Tools that change how a guest is configured: its options, the size of its disks, and where they lie.

pub(super) mod guest;
pub(super) mod options;
pub(super) mod resize;
pub(super) mod shift;
pub(super) mod size;
