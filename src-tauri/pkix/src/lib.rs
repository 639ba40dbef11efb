//! RFC 5280 and 6960.
