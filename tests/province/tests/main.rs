//! The province from outside.
