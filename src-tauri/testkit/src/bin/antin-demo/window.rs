//! The desk on the demo's office.
use crate::Outcome;
use antin_testkit::world::World;
pub(crate) fn show(_world: &World) -> Outcome<()> {
    Ok(())
}
