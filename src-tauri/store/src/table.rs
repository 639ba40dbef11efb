//! One file per table, each with the rows' type and everything done to them.

pub(crate) mod attempt;
pub(crate) mod cursor;
pub(crate) mod delivery;
pub(crate) mod dispatch;
pub(crate) mod inbound;
pub(crate) mod incoming;
pub(crate) mod letter;
pub(crate) mod op;
pub(crate) mod receipt;
pub(crate) mod timestamp;
