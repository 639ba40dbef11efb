//! Real parts for tests and the demo.
