//! Lines to places: where number, date, signature, seal and incoming stamp belong.

mod header;
mod recipients;
mod row;
mod signing;

use crate::{PageSize, PageText, Rect};
use serde::{Deserialize, Serialize};

/// A place found on a page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// Page index, from 0.
    pub page: usize,
    /// Where, in user space.
    pub rect: Rect,
    /// From 0 (a guess) to 1 (everything fits).
    pub confidence: f64,
    /// Font size of the neighbouring text, in points: what is written here is written so large.
    pub size: f64,
    /// Baseline of the neighbouring text, where there is one to write on.
    pub baseline: Option<f64>,
}

/// Everything found in a letter. What is already typed has no place.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Places {
    /// The blank between "Số:" and the notation.
    pub number: Option<Found>,
    /// The blank after "ngày".
    pub day: Option<Found>,
    /// The blank after "tháng".
    pub month: Option<Found>,
    /// The image of the leader's signature, between position and full name.
    pub leader: Option<Found>,
    /// The agency's seal: 36 mm, over the left third of the leader's image.
    pub seal: Option<Found>,
    /// The incoming stamp ("dấu đến") of whoever receives the letter: 50 x 35 mm.
    pub incoming: Option<Found>,
    /// What the letter says about itself.
    pub letter: LetterFacts,
}

/// What the letter says about itself, as printed, NFC.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LetterFacts {
    /// The issuing organ, e.g. "ỦY BAN NHÂN DÂN TỈNH THỪA THIÊN HUẾ".
    pub organ_name: Option<String>,
    /// The organ above it, where it is printed.
    pub parent_organ: Option<String>,
    /// What follows the number, with its slash, e.g. "/2014/CT-UBND".
    pub code_notation: Option<String>,
    /// The document type as the decree writes it, e.g. "Chỉ thị"; "Công văn" where only "V/v" is printed.
    pub type_name: Option<String>,
    /// The subject with its "Về việc" or "V/v", wrapped lines joined.
    pub subject: Option<String>,
    /// The place before the date, e.g. "Thừa Thiên Huế".
    pub place_name: Option<String>,
    /// The items of "Nơi nhận" (the archive's line "Lưu" left out; "Như trên" replaced by the addressees).
    pub recipients: Vec<String>,
    /// Full name of the signer.
    pub signer_name: Option<String>,
    /// The signer's own position, e.g. "PHÓ CHỦ TỊCH".
    pub signer_position: Option<String>,
    /// On whose behalf, e.g. "TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH".
    pub competence: Vec<String>,
    /// The number, where it is already typed.
    pub number: Option<String>,
    /// The day, where it is already typed.
    pub day: Option<String>,
    /// The month, where it is already typed.
    pub month: Option<String>,
    /// The year.
    pub year: Option<String>,
}

impl LetterFacts {
    /// The subject without "Về việc" or "V/v", with a capital: as lists show it.
    pub fn bare_subject(&self) -> Option<String> {
        let subject = self.subject.as_deref()?;
        let lower = subject.to_lowercase();
        let bare = ["về việc ", "v/v ", "v/v: "]
            .iter()
            .find(|opening| lower.starts_with(*opening))
            .and_then(|opening| subject.char_indices().nth(opening.chars().count()))
            .map_or(subject, |(at, _)| subject.get(at..).unwrap_or(subject));
        let mut letters = bare.trim().chars();
        let first = letters.next()?;
        Some(first.to_uppercase().chain(letters).collect())
    }
}

/// 36 mm, the diameter of most agencies' seals, in points.
const SEAL: f64 = 36.0 * 72.0 / 25.4;

/// The incoming stamp of Decree 30, Annex IV: 50 mm wide, 35 mm high, in points.
const INCOMING: (f64, f64) = (50.0 * 72.0 / 25.4, 35.0 * 72.0 / 25.4);

/// How near the edge of the page a stamp may come, in points.
const EDGE: f64 = 14.0;

/// Finds the places of a letter in the text of its pages.
///
/// Nothing is measured from the edges of the page: every place is found between words, so a letter
/// of any margins, columns and fonts is read alike. What cannot be found is `None`.
pub fn find_places(pages: &[PageText]) -> Places {
    let rows: Vec<(usize, Vec<row::Row>)> = pages
        .iter()
        .map(|page| (page.page, row::rows(page)))
        .collect();
    let mut letter = LetterFacts::default();
    // A cover without a word comes before some letters.
    let Some((first, first_rows)) = rows.iter().find(|(_, rows)| !rows.is_empty()) else {
        return Places::default();
    };
    let mut head = header::read(*first, first_rows, &mut letter);
    let block = signing::block(&rows, (*first, head.end));
    let signer = block.as_ref().and_then(|block| {
        let (page, rows) = rows.iter().find(|(page, _)| *page == block.page)?;
        Some((*page, rows, block.first()?))
    });
    if let Some((page, rows, signer)) = signer {
        header::date_above(page, rows, signer, &mut letter, &mut head);
    }
    letter.recipients = recipients(&rows, block.as_ref(), &head);
    let size = |page: usize| {
        let text = pages.iter().find(|text| text.page == page);
        text.map(|text| text.size).unwrap_or_default()
    };
    let bounds = |page: usize| size(page).frame();
    let leader = block.as_ref().and_then(|block| {
        block.describe(&mut letter);
        let page = rows.iter().find(|(page, _)| *page == block.page);
        let rows = page.map_or(&[][..], |(_, rows)| rows);
        block.image(&bounds(block.page), rows)
    });
    let seal = leader
        .as_ref()
        .map(|leader| seal(leader, &bounds(leader.page)));
    let incoming = incoming(*first, first_rows, &head, &bounds(*first));
    let header::Head {
        number, day, month, ..
    } = head;
    let unturned = |found: Option<Found>| found.map(|found| found.unturned(&size));
    Places {
        number: unturned(number),
        day: unturned(day),
        month: unturned(month),
        leader: unturned(leader),
        seal: unturned(seal),
        incoming: unturned(incoming),
        letter,
    }
}

impl Found {
    /// From the frame the text stands in to user space. On a turned page the baseline is no y of user space.
    fn unturned(self, size: &impl Fn(usize) -> PageSize) -> Found {
        let size = size(self.page);
        Found {
            rect: size.unturned(self.rect),
            baseline: self.baseline.filter(|_| size.rotate == 0),
            ..self
        }
    }
}

fn recipients(
    rows: &[(usize, Vec<row::Row>)],
    block: Option<&signing::Block>,
    head: &header::Head,
) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for item in recipients::recipients(rows, block) {
        let small = item.to_lowercase();
        let as_above = small.starts_with("như trên") || small.starts_with("như kính gửi");
        let items = if as_above && !head.addressees.is_empty() {
            head.addressees.clone()
        } else {
            vec![item]
        };
        for item in items {
            if !all.contains(&item) {
                all.push(item);
            }
        }
    }
    all
}

/// An item of a list without its dash and its stop.
fn item(text: &str) -> String {
    text.trim_start_matches(|c: char| c == ' ' || is_bullet(Some(c)))
        .trim_end_matches([';', '.', ',', ' '])
        .to_owned()
}

/// What an item of a list begins with. Word's bullets are letters of a symbol font: a private code.
fn is_bullet(letter: Option<char>) -> bool {
    matches!(
        letter,
        Some(
            '-' | '–'
                | '—'
                | '−'
                | '+'
                | '*'
                | '•'
                | '·'
                | '▪'
                | '■'
                | '◦'
                | '○'
                | '\u{fffd}'
                | '\u{e000}'..='\u{f8ff}'
        )
    )
}

/// Decree 30, Annex I, II.8.a: over about a third of the signature's image, on its left.
fn seal(leader: &Found, bounds: &Rect) -> Found {
    let right = leader.rect.x0 + leader.rect.width() / 3.0;
    let (_, middle) = leader.rect.centre();
    let rect = Rect::around(right - SEAL / 2.0, middle, SEAL, SEAL);
    Found {
        rect: rect.kept_inside(bounds),
        baseline: None,
        ..leader.clone()
    }
}

/// Decree 30, Art. 22 and Annex IV: below the number, where it hides least.
fn incoming(page: usize, rows: &[row::Row], head: &header::Head, bounds: &Rect) -> Option<Found> {
    let left = head.left?;
    let text: Vec<Rect> = rows
        .iter()
        .flat_map(|row| row.segments(1.0))
        .map(|part| part.rect())
        .collect();
    let edge = bounds.x0 + EDGE;
    let top = left.y0 - 4.0;
    let centred = (left.centre().0 - INCOMING.0 / 2.0).max(edge);
    let hidden = |x0: f64| {
        let rect = Rect {
            x0,
            y0: top - INCOMING.1,
            x1: x0 + INCOMING.0,
            y1: top,
        };
        (
            rect,
            text.iter().map(|part| part.overlap(&rect)).sum::<f64>(),
        )
    };
    let (rect, hidden) = [centred, f64::midpoint(centred, edge), edge]
        .into_iter()
        .map(hidden)
        .reduce(|best, other| if other.1 + 1.0 < best.1 { other } else { best })?;
    let confidence = (0.9 - hidden / (INCOMING.0 * INCOMING.1)).clamp(0.1, 0.9);
    Some(Found {
        page,
        rect: rect.kept_inside(bounds),
        confidence,
        size: 10.0,
        baseline: None,
    })
}

#[cfg(test)]
mod tests;
