//! Reference provincial document system.
