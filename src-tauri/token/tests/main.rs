//! The helper against a real software token and a misbehaving module.
