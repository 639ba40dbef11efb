//! What the crate promises, over its public interface.

mod corpora;
mod scratch;
