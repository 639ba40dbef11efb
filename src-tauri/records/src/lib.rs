//! The office's rules.
