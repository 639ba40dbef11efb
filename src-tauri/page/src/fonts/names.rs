//! The glyph names a program may ask for, beyond those the font itself gives.
//!
//! A file may choose letters by names such as `uni1ED8`; Liberation calls that glyph
//! `Ocircumflexdotbelow`. hayro asks the font by name, then the Adobe list (which knows the second
//! kind of name only), and then drops the letter. So the copy in memory names its glyphs in the
//! first way; the Adobe list still finds the others through the character map.

use std::collections::BTreeMap;

/// Names of the standard Macintosh order, which need no string of their own.
const MACINTOSH_NAMES: u16 = 258;

/// A copy of the font whose `post` table names glyphs `uniXXXX`. `None` if it is no such font.
pub(super) fn with_unicode_names(font: &[u8]) -> Option<Vec<u8>> {
    let old = table(font, *b"post")?;
    let glyphs = u16_at(bytes_of(font, &table(font, *b"maxp")?)?, 4)?;
    let characters = characters(bytes_of(font, &table(font, *b"cmap")?)?)?;
    let old_names = bytes_of(font, &old)?;

    let mut post = vec![0, 2, 0, 0];
    post.extend(old_names.get(4..32)?);
    post.extend(glyphs.to_be_bytes());
    let mut strings = Vec::new();
    let mut next = MACINTOSH_NAMES;
    for glyph in 0..glyphs {
        let index = u16_at(old_names, 34 + 2 * usize::from(glyph))?;
        if index < MACINTOSH_NAMES {
            post.extend(index.to_be_bytes());
            continue;
        }
        let name = match characters.get(&glyph) {
            Some(character) => format!("uni{character:04X}"),
            None => format!("glyph{glyph}"),
        };
        strings.push(u8::try_from(name.len()).ok()?);
        strings.extend(name.bytes());
        post.extend(next.to_be_bytes());
        next = next.checked_add(1)?;
    }
    post.extend(strings);

    let mut copy = font.to_vec();
    copy.resize(copy.len().next_multiple_of(4), 0);
    let offset = u32::try_from(copy.len()).ok()?.to_be_bytes();
    let length = u32::try_from(post.len()).ok()?.to_be_bytes();
    copy.get_mut(old.record + 8..old.record + 12)?
        .copy_from_slice(&offset);
    copy.get_mut(old.record + 12..old.record + 16)?
        .copy_from_slice(&length);
    copy.extend(post);
    Some(copy)
}

/// Where a table's record stands in the directory, and what it says.
struct Table {
    record: usize,
    offset: usize,
    length: usize,
}

fn table(font: &[u8], tag: [u8; 4]) -> Option<Table> {
    (0..usize::from(u16_at(font, 4)?))
        .map(|index| 12 + 16 * index)
        .find_map(|record| {
            (font.get(record..record + 4)? == tag).then_some(())?;
            let offset = usize::try_from(u32_at(font, record + 8)?).ok()?;
            let length = usize::try_from(u32_at(font, record + 12)?).ok()?;
            Some(Table {
                record,
                offset,
                length,
            })
        })
}

fn bytes_of<'a>(font: &'a [u8], table: &Table) -> Option<&'a [u8]> {
    font.get(table.offset..table.offset.checked_add(table.length)?)
}

/// Glyph to character, from the Windows Unicode subtable (format 4). The lowest character names a glyph.
fn characters(cmap: &[u8]) -> Option<BTreeMap<u16, u16>> {
    let windows = (0..usize::from(u16_at(cmap, 2)?))
        .map(|index| 4 + 8 * index)
        .find(|record| u16_at(cmap, *record) == Some(3) && u16_at(cmap, *record + 2) == Some(1))?;
    let subtable = cmap.get(usize::try_from(u32_at(cmap, windows + 4)?).ok()?..)?;
    if u16_at(subtable, 0)? != 4 {
        return None;
    }
    let double = usize::from(u16_at(subtable, 6)?);
    let mut characters = BTreeMap::new();
    for segment in (0..double).step_by(2) {
        let end = u16_at(subtable, 14 + segment)?;
        let start = u16_at(subtable, 16 + double + segment)?;
        let delta = u16_at(subtable, 16 + 2 * double + segment)?;
        let range_at = 16 + 3 * double + segment;
        let range = usize::from(u16_at(subtable, range_at)?);
        for character in start..=end {
            let glyph = if range == 0 {
                character.wrapping_add(delta)
            } else {
                match u16_at(
                    subtable,
                    range_at + range + 2 * usize::from(character - start),
                ) {
                    None | Some(0) => continue,
                    Some(glyph) => glyph.wrapping_add(delta),
                }
            };
            characters.entry(glyph).or_insert(character);
        }
    }
    Some(characters)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(
        bytes.get(at..at.checked_add(2)?)?.try_into().ok()?,
    ))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(
        bytes.get(at..at.checked_add(4)?)?.try_into().ok()?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bundled_font_gets_its_names() {
        for family in [
            super::super::Family::Serif,
            super::super::Family::Sans,
            super::super::Family::Mono,
        ] {
            for (bold, italic) in [(false, false), (true, false), (false, true), (true, true)] {
                let font = super::super::bundled(family, bold, italic);
                let named = with_unicode_names(font).expect("a font of the known form");
                let post = bytes_of(&named, &table(&named, *b"post").unwrap())
                    .unwrap()
                    .to_vec();
                assert!(post.windows(7).any(|name| name == b"uni1ED8"), "{family:?}");
                let rest = table(&named, *b"glyf").unwrap();
                assert!(bytes_of(&named, &rest) == bytes_of(font, &table(font, *b"glyf").unwrap()));
            }
        }
    }

    #[test]
    fn what_is_no_font_has_no_names() {
        let font = super::super::bundled(super::super::Family::Serif, false, false);
        for length in [0, 5, 12, 40, 400, 4000] {
            assert!(
                with_unicode_names(&font[..length]).is_none(),
                "{length} bytes"
            );
        }
    }
}
