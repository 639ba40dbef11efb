//! *Ký duyệt* of many letters: twenty of them before a meeting, one login.
//!
//! Each is signed in the order given, as [`approve`](crate::sign::approve) would. A letter that was signed before is passed
//! over, so that a batch that was stopped can be begun again with the same list.

use super::Summary;
use crate::{
    error::{Code, Error, Result},
    letter,
    office::Office,
    sign::{Place, Progress, Waiting, leader},
};
use antin_records::LetterId;
use antin_store::{Letter, LetterState};
use antin_token::UserPin;
use std::sync::atomic::{AtomicBool, Ordering};

/// A letter to be signed.
#[derive(Clone, Copy, Debug)]
pub struct Waits {
    /// The letter.
    pub letter: LetterId,
    /// Where the leader moved the signature to; `None` leaves it where it was found.
    pub place: Option<Place>,
}

/// What is told of a letter while the batch runs.
#[derive(Debug)]
pub enum LetterTold {
    /// Where its act stands.
    Progress(Progress),
    /// It is signed.
    Signed(Box<Letter>),
    /// It had been signed before.
    Already,
    /// It waits as before.
    Refused(Error),
    /// The batch ended before its turn.
    Left,
}

/// The competent person signs letters that wait. `tell` hears of each; setting `stop` ends the batch between letters.
///
/// # Errors
/// What stops everything before the first letter: no token, no certificate, a wrong PIN.
pub fn approve(
    office: &Office,
    letters: &[Waits],
    pin: Option<UserPin>,
    stop: &AtomicBool,
    tell: &mut dyn FnMut(LetterId, LetterTold),
) -> Result<Summary> {
    let _one_act_at_a_time = office.act.lock();
    let mut signer = leader(office)?;
    // What cannot be signed at all is said before the PIN is asked of the token.
    if let [only] = letters {
        Waiting::find(office, only.letter, only.place)?;
    }
    signer.unlock(pin)?;
    let holder = signer.holder(office.trust());
    let mut summary = Summary::default();
    for one in letters {
        if stop.load(Ordering::Relaxed) || summary.ended_by.is_some() {
            summary.left += 1;
            tell(one.letter, LetterTold::Left);
            continue;
        }
        if letters.len() > 1 && is_past(office, one.letter)? {
            summary.already += 1;
            tell(one.letter, LetterTold::Already);
            continue;
        }
        let signed = Waiting::find(office, one.letter, one.place).and_then(|waiting| {
            waiting.approve(office, &holder, &mut signer, &mut |at| {
                tell(one.letter, LetterTold::Progress(at));
            })
        });
        match signed {
            Ok(letter) => {
                summary.signed += 1;
                tell(one.letter, LetterTold::Signed(Box::new(letter)));
            }
            Err(error) => {
                summary.refuse(&error);
                tell(one.letter, LetterTold::Refused(error));
            }
        }
    }
    Ok(summary)
}

/// Whether the leader signed it before; the store has kept it then, judged and whole.
fn is_past(office: &Office, id: LetterId) -> Result<bool> {
    match letter::letter(office, id) {
        Ok(letter) => Ok(matches!(
            letter.state,
            LetterState::Signed | LetterState::Issued
        )),
        Err(error) if error.code == Code::LetterUnknown => Ok(false),
        Err(error) => Err(error),
    }
}
