//! Through the door that a client uses: the built program, its standard input and its standard output.

#[path = "stdio/session.rs"]
mod session;

#[path = "stdio/listing.rs"]
mod listing;
#[path = "stdio/protocol.rs"]
mod protocol;
