//! The cross-reference table (7.5.4) and its trailer (7.5.5).

use super::{MAX_OBJECTS, Place, Section, Slot};
use crate::lex::Lexer;
use crate::revision::XrefKind;
use crate::{Damage, Error, Limit, parse};

/// Reads `xref` to the end of the trailer dictionary.
pub(super) fn read(lexer: &mut Lexer<'_>, budget: &mut usize) -> Result<Section, Error> {
    let start = lexer.pos();
    if !lexer.keyword(b"xref") {
        return Err(Error::damaged(Damage::XrefMissing, start));
    }
    let mut slots = Vec::new();
    loop {
        lexer.skip_space();
        if lexer.keyword(b"trailer") {
            break;
        }
        subsection(lexer, &mut slots, budget)?;
    }
    let trailer = parse::dictionary(lexer, 0)?;
    Ok(Section {
        at: start,
        span: start..lexer.pos(),
        kind: XrefKind::Table,
        slots,
        trailer,
        exceeds_size: false,
    })
}

/// An entry as the standard has it, 20 bytes with the spaces in their places: a large file has a hundred thousand.
fn fixed(lexer: &mut Lexer<'_>) -> Option<(u64, u64, bool)> {
    let (offset, rest) = lexer.rest().split_first_chunk::<10>()?;
    let (b' ', rest) = rest.split_first()? else {
        return None;
    };
    let (generation, rest) = rest.split_first_chunk::<5>()?;
    let [b' ', kind @ (b'n' | b'f'), b' ' | b'\r' | b'\n', ..] = rest else {
        return None;
    };
    let entry = (digits(offset)?, digits(generation)?, *kind == b'n');
    lexer.seek(lexer.pos() + 18);
    Some(entry)
}

fn digits(text: &[u8]) -> Option<u64> {
    text.iter().try_fold(0, |value, byte| match byte {
        b'0'..=b'9' => Some(value * 10 + u64::from(byte - b'0')),
        _ => None,
    })
}

/// An entry as writers have it.
fn entry(lexer: &mut Lexer<'_>) -> Result<(u64, u64, bool), Error> {
    let wrong = |lexer: &Lexer<'_>| Error::damaged(Damage::Xref, lexer.pos());
    let offset = lexer.unsigned().ok_or_else(|| wrong(lexer))?;
    lexer.skip_white();
    let generation = lexer.unsigned().ok_or_else(|| wrong(lexer))?;
    lexer.skip_white();
    let used = lexer.keyword(b"n");
    if !used && !lexer.keyword(b"f") {
        return Err(wrong(lexer));
    }
    Ok((offset, generation, used))
}

fn subsection(
    lexer: &mut Lexer<'_>,
    slots: &mut Vec<Slot>,
    budget: &mut usize,
) -> Result<(), Error> {
    let wrong = |lexer: &Lexer<'_>| Error::damaged(Damage::Xref, lexer.pos());
    let first = lexer.unsigned().ok_or_else(|| wrong(lexer))?;
    lexer.skip_white();
    let count = lexer.unsigned().ok_or_else(|| wrong(lexer))?;
    for number in first..first.saturating_add(count) {
        lexer.skip_white();
        let (offset, generation, used) = match fixed(lexer) {
            Some(entry) => entry,
            None => entry(lexer)?,
        };
        // In use at offset 0, where the header is: some writers mean an unused number.
        let place = if used && offset != 0 {
            Place::At(offset)
        } else {
            Place::Free
        };
        let generation = match u16::try_from(generation) {
            Ok(generation) => generation,
            // MuPDF gives the head of the free list generation 65536.
            Err(_) if place == Place::Free => u16::MAX,
            Err(_) => return Err(wrong(lexer)),
        };
        let number = u32::try_from(number).map_err(|_| wrong(lexer))?;
        *budget = budget.checked_sub(1).ok_or(Error::TooBig {
            what: Limit::Objects,
            limit: MAX_OBJECTS as u64,
        })?;
        slots.push(Slot::new(number, generation, place));
    }
    Ok(())
}

/// Puts a table that begins with `1 n` where `0 n` was meant one down: its first entry is the head of the free list,
/// which is always object 0. Harmless, since every object says its own number where it stands.
pub(super) fn shift(section: &mut Section) {
    let head = Slot::new(1, u16::MAX, Place::Free);
    if section.kind == XrefKind::Table && section.slots.first() == Some(&head) {
        for slot in &mut section.slots {
            slot.number = slot.number.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> Result<Section, Error> {
        read(&mut Lexer::new(text.as_bytes(), 0), &mut 100)
    }

    #[test]
    fn subsections_and_trailer() {
        let text = "xref\n0 1\n0000000000 65535 f \n3 2\n0000000100 00000 n \n0000000200 00007 n \ntrailer\n<</Size 5>>";
        let section = table(text).unwrap();
        let places: Vec<_> = section
            .slots
            .iter()
            .map(|slot| (slot.id(), slot.place()))
            .collect();
        let expected = [
            ((0, 65535), Place::Free),
            ((3, 0), Place::At(100)),
            ((4, 7), Place::At(200)),
        ];
        assert_eq!(places, expected);
        assert_eq!(section.span.end, text.len());
    }

    #[test]
    fn a_table_off_by_one() {
        let text = "xref\n1 2\n0000000000 65535 f \n0000000100 00000 n \ntrailer <</Size 2>>";
        let mut section = table(text).unwrap();
        shift(&mut section);
        assert_eq!(section.slots[1].number, 1);
    }

    #[test]
    fn a_count_beyond_the_entries_is_refused() {
        assert!(table("xref\n0 99999999\n0000000000 65535 f \ntrailer<</Size 1>>").is_err());
        assert!(matches!(
            read(
                &mut Lexer::new(b"xref 0 2 0 0 f 0 0 f trailer<<>>", 0),
                &mut 1
            ),
            Err(Error::TooBig {
                what: Limit::Objects,
                ..
            })
        ));
    }
}
