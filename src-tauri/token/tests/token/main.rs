//! The helper against a real software token, and against tokens that fail as a script says.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "in a test, a panic is a finding")]

mod change_pin;
mod crash;
mod driver;
mod fixture;
mod garbage;
mod pin;
mod plug;
mod scripted;
mod signing;
mod working;
