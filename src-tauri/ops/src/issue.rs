//! *Ký phát hành*: number, date and red seal in one act, one PIN, one revision.

mod by_hand;

use crate::{
    agencies, clock,
    error::{Code, Error, Result},
    letter::{self, Advance, store_error},
    office::{Office, Role},
    sign::{Level, Pen, Progress, Signed, Step, TokenSigns, may_sign, pades_error, picture},
    signer::Signer,
    sync::exchange_error,
    verify,
};
use antin_pades::{Act, Issue, Words};
use antin_pdf::Document;
use antin_records::{DocumentCode, LetterId, contract::NumberRequest};
use antin_store::{Letter, LetterState};
use antin_token::UserPin;
use time::Date;

/// *Ký phát hành* of one letter.
pub struct IssueOrder {
    /// The letter.
    pub letter: LetterId,
    /// The PIN of the seal's token; `None` where it has its own pad.
    pub pin: Option<UserPin>,
}

/// The clerk issues a signed letter.
///
/// The PIN comes before the number: a wrong one leaves no gap in the register. The number belongs to the
/// letter from then on, so that trying again does not take another.
///
/// # Errors
/// [`Code::LeaderSignatureMissing`] (Decree 30, Art. 32.2d), [`Code::NumberWaiting`] while the province cannot be
/// reached (Art. 15.3), and those of the token; the letter is then as it was.
pub fn issue(
    office: &Office,
    order: IssueOrder,
    progress: &mut dyn FnMut(Progress),
) -> Result<Letter> {
    let _one_act_at_a_time = office.act.lock();
    let now = clock::now();
    let letter = letter::at_step(office, order.letter, LetterState::Signed)?;
    may_issue(office, &letter)?;
    let document = letter::document(office, &letter)?;
    let date = issue_date(office, &letter)?;

    let who = office.signer(Role::Clerk)?;
    let mut signer = Signer::of_office(office, who, now)?;
    may_sign(&signer, office.trust(), now)?;
    let seal = picture(&office.image(who)?, &who.image)?;
    signer.unlock(order.pin)?;

    progress(Progress::at(Step::Number, 0, 4));
    let (code, date) = number(office, &letter, date)?;
    progress(Progress::at(Step::Token, 1, 4));
    let (number, month) = (code.printed_number(), month_text(date));
    let day = format!("{:02}", date.day());
    let acts = match by_hand(office, &letter, &document)? {
        Some(blanks) => blanks.acts(number, day, month, seal),
        None => vec![Act::Issue(Issue {
            number,
            day,
            month,
            seal,
        })],
    };
    let holder = signer.holder(office.trust());
    let pen = Pen {
        holder: &holder,
        trust: office.trust(),
        authorities: &office.config().tsa,
        level: Level::BestEffort,
        now,
    };
    let words = Words {
        name: office.config().agency.name.clone(),
        reason: format!("Ký phát hành {code}"),
        location: String::new(),
    };
    let mut token = |message: &[u8]| signer.sign(message);
    let mut at = |step| progress(Progress::at(step, 2, 4));
    let signed = in_turn(&pen, &document, acts, &words, &mut token, &mut at)?;
    progress(Progress::at(Step::Write, 3, 4));
    let letter = letter::advance(office, &letter, &document, &signed.update, Advance::Issued)?;
    signed.queue(office, letter.id);
    Ok(letter)
}

/// Whether the letter can be issued, as far as that is known without a token.
///
/// # Errors
/// The refusal that [`issue`] would give.
pub fn may_issue(office: &Office, letter: &Letter) -> Result<()> {
    let document = letter::document(office, letter)?;
    issue_date(office, letter)?;
    verify::require_leader(office, &document)?;
    by_hand(office, letter, &document).map(|_| ())
}

/// Where number, date and seal go in a letter that nobody prepared; `None` if somebody did.
fn by_hand(
    office: &Office,
    letter: &Letter,
    document: &Document,
) -> Result<Option<by_hand::Blanks>> {
    match antin_pades::ready_to_issue(document) {
        Ok(()) => Ok(None),
        Err(error @ antin_pades::Error::FieldMissing { .. }) => {
            let blanks = by_hand::blanks(office, letter, document);
            blanks.map(Some).ok_or_else(|| pades_error(error))
        }
        Err(error) => Err(pades_error(error)),
    }
}

/// Signs each act over what the one before it has made. All are written at once.
fn in_turn(
    pen: &Pen<'_>,
    document: &Document,
    acts: Vec<Act>,
    words: &Words,
    token: &mut TokenSigns<'_, Error>,
    at: &mut dyn FnMut(Step),
) -> Result<Signed> {
    let mut appended = Vec::new();
    let mut last = None;
    for act in acts {
        let so_far;
        let document = if appended.is_empty() {
            document
        } else {
            let bytes = [document.bytes(), &appended].concat();
            so_far = Document::from_bytes(bytes).map_err(|e| verify::pdf_error(e, ""))?;
            &so_far
        };
        let draft = pen.draft(document, document.bytes(), act, words.clone())?;
        let signed = pen.complete(document, draft, token, at)?;
        appended.extend_from_slice(&signed.update.bytes);
        last = Some(signed);
    }
    let mut signed = last.ok_or_else(|| Error::new(Code::FieldsMissing))?;
    signed.update.bytes = appended;
    Ok(signed)
}

/// What issuing would write.
pub struct Preview {
    /// The number, once the province has given it.
    pub number: Option<String>,
    /// The day, in two digits.
    pub day: String,
    /// The month as the decree writes it.
    pub month: String,
    /// The date.
    pub date: Date,
}

/// What issuing would write today.
#[must_use]
pub fn preview(office: &Office, letter: &Letter) -> Preview {
    let date = letter
        .issued_on
        .or(office.config().issue_date)
        .unwrap_or_else(|| office.today());
    let number = letter.code.as_ref().map(DocumentCode::printed_number);
    Preview {
        number,
        day: format!("{:02}", date.day()),
        month: month_text(date),
        date,
    }
}

/// Days under 10 and the months 1 and 2 are padded with a zero (Decree 30, Annex I, II.4.b).
pub(crate) fn month_text(date: Date) -> String {
    let month = u8::from(date.month());
    if month <= 2 {
        format!("{month:02}")
    } else {
        month.to_string()
    }
}

/// Today; the demo's office may live on its sample's day. A year typed on the draft must be that day's.
fn issue_date(office: &Office, letter: &Letter) -> Result<Date> {
    let date = office.config().issue_date.unwrap_or_else(|| office.today());
    match letter::printed_year(letter) {
        Some(printed) if printed != date.year() => Err(Error::new(Code::LetterYearDiffers)
            .with("printed", printed)
            .with("year", date.year())),
        _ => Ok(date),
    }
}

/// The system numbers letters (Decree 30, Art. 15.3). Asking again for the same letter gives the same number.
fn number(office: &Office, letter: &Letter, date: Date) -> Result<(DocumentCode, Date)> {
    if let (Some(code), Some(date)) = (&letter.code, letter.issued_on) {
        return Ok((code.clone(), date));
    }
    let metadata = letter::metadata(letter).ok_or_else(|| Error::new(Code::FieldsMissing))?;
    let request = NumberRequest {
        agency: agencies::own(office)?.id,
        document_type: metadata.document_type,
        normative: metadata.notation.year().is_some(),
        year: date.year(),
        date,
    };
    let granted = office
        .province()?
        .number(letter.id, &request)
        .map_err(|e| exchange_error(office, e, Code::NumberWaiting))?;
    let code = metadata
        .notation
        .with_number(granted.number)
        .map_err(Error::unknown)?;
    office
        .store()
        .grant_number(letter.id, &code, granted.date)
        .map_err(store_error)?;
    Ok((code, granted.date))
}

#[cfg(test)]
mod tests {
    use super::month_text;
    use time::macros::date;

    #[test]
    fn months_are_written_as_the_decree_writes_them() {
        assert_eq!(month_text(date!(2026 - 01 - 05)), "01");
        assert_eq!(month_text(date!(2026 - 02 - 05)), "02");
        assert_eq!(month_text(date!(2026 - 03 - 05)), "3");
        assert_eq!(month_text(date!(2014 - 12 - 26)), "12");
    }
}
