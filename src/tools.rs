//! The hand-written layer: what is exposed to a model, and the rules under which it runs.

pub mod audit;
