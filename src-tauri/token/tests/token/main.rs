//! The helper against a real software token, and against the same token with faults laid over it.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "in a test, a panic is a finding")]

mod fault;
mod fixture;
mod working;
