//! What the front end may call. One module per room, with the same words as the rooms and the verbs.
//!
//! A command that may take time is asynchronous and leaves the window's thread at once (`Desk::run`).

pub(crate) mod incoming;
#[cfg(test)]
mod names;
pub(crate) mod office;
pub(crate) mod outgoing;
pub(crate) mod sign;
pub(crate) mod verify;

use std::sync::Arc;

use antin_ops::UserPin;
#[cfg(test)]
pub(crate) use names::NAMES;
use serde::{Deserialize, Deserializer};
use tauri::State;

use crate::error::CommandError;
use crate::state::Desk;

/// How a command ends.
pub(crate) type Answer<T> = Result<T, CommandError>;
/// The desk, as Tauri hands it to a command.
pub(crate) type Shared<'a> = State<'a, Arc<Desk>>;

/// A PIN on its way from the dialog to the token.
#[derive(Debug)]
pub(crate) struct Pin(UserPin);

impl Pin {
    /// The PIN; none where nothing was typed, because the token has its own pad.
    pub(crate) fn typed(self) -> Option<UserPin> {
        Some(self.0).filter(|pin| !pin.is_empty())
    }
}

impl<'de> Deserialize<'de> for Pin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // `UserPin` wipes the string it takes over.
        String::deserialize(deserializer).map(|pin| Self(UserPin::new(pin)))
    }
}
