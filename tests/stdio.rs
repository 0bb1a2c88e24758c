//! Through the door that a client uses: the built program, its standard input and its standard output.

#[path = "stdio/demo.rs"]
mod demo;
#[path = "stdio/session.rs"]
mod session;

#[path = "stdio/advice.rs"]
mod advice;
#[path = "stdio/api.rs"]
mod api;
#[path = "stdio/api_input.rs"]
mod api_input;
#[path = "stdio/audit.rs"]
mod audit;
#[path = "stdio/configure.rs"]
mod configure;
#[path = "stdio/consent.rs"]
mod consent;
#[path = "stdio/deletion.rs"]
mod deletion;
#[path = "stdio/described.rs"]
mod described;
#[path = "stdio/freeze.rs"]
mod freeze;
#[path = "stdio/halves.rs"]
mod halves;
#[path = "stdio/hostile.rs"]
mod hostile;
#[path = "hostile/strings.rs"]
mod strings;

#[path = "stdio/listing.rs"]
mod listing;
#[path = "stdio/lists.rs"]
mod lists;
#[path = "stdio/moved.rs"]
mod moved;
#[path = "stdio/names.rs"]
mod names;
#[path = "stdio/oddities.rs"]
mod oddities;
#[path = "stdio/outcome_table.rs"]
mod outcome_table;
#[path = "stdio/outcomes.rs"]
mod outcomes;
#[path = "stdio/pace.rs"]
mod pace;
#[path = "stdio/protocol.rs"]
mod protocol;
#[path = "stdio/proxies.rs"]
mod proxies;
#[path = "stdio/reading.rs"]
mod reading;
#[path = "stdio/refusals.rs"]
mod refusals;
#[path = "stdio/rules.rs"]
mod rules;
#[path = "stdio/safety.rs"]
mod safety;
#[path = "stdio/snapshots.rs"]
mod snapshots;
#[path = "stdio/spanish.rs"]
mod spanish;
#[path = "stdio/strangers.rs"]
mod strangers;
#[path = "stdio/tasks.rs"]
mod tasks;
#[path = "stdio/truth.rs"]
mod truth;
#[path = "stdio/waiting.rs"]
mod waiting;
