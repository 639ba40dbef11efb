//! The committed letters: read, drawn, and their places held against what poppler says.

use crate::fixture::{letter, program};
use antin_page::{DocumentHandle, Found, Host, Places, find_places};
use std::process::Command;

fn opened(name: &str) -> DocumentHandle {
    Host::spawn(program())
        .unwrap()
        .open_file(&letter(name))
        .unwrap()
}

/// A word as `pdftotext -bbox-layout` prints it, turned to y up.
#[derive(Debug, Clone)]
struct Word {
    page: usize,
    text: String,
    x0: f64,
    x1: f64,
    y0: f64,
    y1: f64,
}

fn words(name: &str) -> Vec<Word> {
    let output = Command::new("pdftotext")
        .arg("-bbox-layout")
        .arg(letter(name))
        .arg("-")
        .output()
        .unwrap();
    assert!(output.status.success(), "pdftotext: {output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let mut words = Vec::new();
    let (mut page, mut height) = (0, 0.0);
    for line in text.lines().map(str::trim) {
        let attribute = |name: &str| -> f64 {
            line.split(&format!("{name}=\""))
                .nth(1)
                .unwrap()
                .split('"')
                .next()
                .unwrap()
                .parse()
                .unwrap()
        };
        if line.starts_with("<page ") {
            page += 1;
            height = attribute("height");
        } else if line.starts_with("<word ") {
            words.push(Word {
                page: page - 1,
                text: line
                    .split('>')
                    .nth(1)
                    .unwrap()
                    .split('<')
                    .next()
                    .unwrap()
                    .to_owned(),
                x0: attribute("xMin"),
                x1: attribute("xMax"),
                y0: height - attribute("yMax"),
                y1: height - attribute("yMin"),
            });
        }
    }
    words
}

/// The first of these words, and each of the others as the next to its right on the same line.
fn sequence(words: &[Word], texts: &[&str]) -> Vec<Word> {
    let next = |before: &Word, text: &str| {
        words
            .iter()
            .filter(|word| word.page == before.page && (word.y0 - before.y0).abs() < 2.0)
            .filter(|word| word.x0 >= before.x1)
            .min_by(|a, b| a.x0.total_cmp(&b.x0))
            .filter(|word| word.text == text)
    };
    words
        .iter()
        .filter(|word| word.text == texts[0])
        .find_map(|first| {
            let mut found = vec![first.clone()];
            for text in &texts[1..] {
                found.push(next(&found[found.len() - 1], text)?.clone());
            }
            Some(found)
        })
        .unwrap_or_else(|| panic!("{texts:?} is not in the letter"))
}

/// The blank between two words, against the place found, edge by edge.
#[track_caller]
fn assert_blank(found: Option<&Found>, before: &Word, after: &Word) {
    let found = found.expect("the place is found");
    let rect = found.rect;
    assert_eq!(found.page, before.page);
    for (is, should) in [
        (rect.x0, before.x1),
        (rect.x1, after.x0),
        (rect.y0, before.y0),
        (rect.y1, before.y1),
    ] {
        assert!(
            (is - should).abs() < 4.0,
            "{is} is not {should}: {rect:?} {before:?} {after:?}"
        );
    }
    assert!(found.confidence > 0.9, "{found:?}");
    assert!((found.size - 13.0).abs() < 0.01, "{found:?}");
}

/// The leader's image is centred on the name, between it and the position, and touches neither.
#[track_caller]
fn assert_leader(found: &Places, position: &[Word], name: &[Word]) {
    let leader = found.leader.as_ref().expect("the leader's place is found");
    let middle = f64::midpoint(name[0].x0, name[name.len() - 1].x1);
    assert_eq!(leader.page, name[0].page);
    assert!(
        (leader.rect.centre().0 - middle).abs() < 3.0,
        "{leader:?} {name:?}"
    );
    assert!(
        leader.rect.y1 <= position[0].y0 + 2.0,
        "{leader:?} {position:?}"
    );
    assert!(leader.rect.y0 >= name[0].y1 - 2.0, "{leader:?} {name:?}");
    let gap_middle = f64::midpoint(position[0].y0, name[0].y1);
    assert!(
        (leader.rect.centre().1 - gap_middle).abs() < 15.0,
        "{leader:?}"
    );
    let seal = found.seal.as_ref().expect("the seal's place is found");
    assert!(
        (seal.rect.centre().0 - leader.rect.x0).abs() < 17.0,
        "{seal:?} {leader:?}"
    );
    assert!(
        (seal.rect.centre().1 - leader.rect.centre().1).abs() < 6.0,
        "{seal:?} {leader:?}"
    );
}

#[test]
fn the_places_of_the_directive_are_its_blanks() {
    let (found, words) = (
        find_places(&opened("directive.pdf").texts().unwrap()),
        words("directive.pdf"),
    );
    let number = sequence(&words, &["Số:", "/2014/CT-UBND"]);
    assert_blank(found.number.as_ref(), &number[0], &number[1]);
    let date = sequence(&words, &["ngày", "tháng", "năm", "2014"]);
    assert_blank(found.day.as_ref(), &date[0], &date[1]);
    assert_blank(found.month.as_ref(), &date[1], &date[2]);
    let position = sequence(&words, &["PHÓ", "CHỦ", "TỊCH"]);
    assert_leader(
        &found,
        &position,
        &sequence(&words, &["Phan", "Ngọc", "Thọ"]),
    );
    assert_eq!(found.leader.as_ref().unwrap().page, 2);
    assert_eq!(
        found.incoming.as_ref().map(|incoming| incoming.page),
        Some(0)
    );
}

#[test]
fn the_directive_says_who_what_and_to_whom() {
    let facts = find_places(&opened("directive.pdf").texts().unwrap()).letter;
    assert_eq!(
        facts.organ_name.as_deref(),
        Some("ỦY BAN NHÂN DÂN TỈNH THỪA THIÊN HUẾ")
    );
    assert_eq!(facts.parent_organ, None);
    assert_eq!(facts.code_notation.as_deref(), Some("/2014/CT-UBND"));
    assert_eq!(facts.type_name.as_deref(), Some("Chỉ thị"));
    assert_eq!(
        facts.subject.as_deref(),
        Some(
            "Về việc tăng cường trao đổi văn bản điện tử và ứng dụng chữ ký số trong các cơ quan \
             nhà nước trên địa bàn tỉnh Thừa Thiên Huế"
        )
    );
    assert_eq!(facts.place_name.as_deref(), Some("Thừa Thiên Huế"));
    assert_eq!(facts.recipients.len(), 6, "{:?}", facts.recipients);
    assert_eq!(facts.recipients[3], "UBND các huyện, thị xã, TP Huế");
    assert_eq!(facts.signer_name.as_deref(), Some("Phan Ngọc Thọ"));
    assert_eq!(facts.signer_position.as_deref(), Some("PHÓ CHỦ TỊCH"));
    assert_eq!(facts.competence, ["TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH"]);
    assert_eq!((facts.number, facts.day, facts.month), (None, None, None));
    assert_eq!(facts.year.as_deref(), Some("2014"));
}

#[test]
fn an_official_letter_with_an_appendix_is_found_on_its_first_page() {
    let (found, words) = (
        find_places(&opened("cong-van.pdf").texts().unwrap()),
        words("cong-van.pdf"),
    );
    let number = sequence(&words, &["Số:", "/UBND-NV"]);
    assert_blank(found.number.as_ref(), &number[0], &number[1]);
    let date = sequence(&words, &["ngày", "tháng", "12", "năm", "2014"]);
    assert_blank(found.day.as_ref(), &date[0], &date[1]);
    assert_eq!(found.month, None, "the month is typed");
    let position = sequence(&words, &["PHÓ", "CHỦ", "TỊCH"]);
    assert_leader(
        &found,
        &position,
        &sequence(&words, &["Phan", "Ngọc", "Thọ"])[..],
    );
    let facts = found.letter;
    assert_eq!(facts.type_name.as_deref(), Some("Công văn"));
    assert_eq!(
        facts.subject.as_deref(),
        Some("V/v rà soát biên chế sự nghiệp giáo dục năm 2015")
    );
    assert_eq!(
        facts.recipients[0], "Sở Giáo dục và Đào tạo",
        "\"Như trên\" is who it is addressed to"
    );
    assert_eq!(facts.month.as_deref(), Some("12"));
}

#[test]
fn an_invitation_is_not_led_astray_by_the_dates_in_its_text() {
    let (found, words) = (
        find_places(&opened("giay-moi.pdf").texts().unwrap()),
        words("giay-moi.pdf"),
    );
    let number = sequence(&words, &["Số:", "/GM-UBND"]);
    assert_blank(found.number.as_ref(), &number[0], &number[1]);
    let date = sequence(&words, &["ngày", "tháng", "năm", "2014"]);
    assert_blank(found.day.as_ref(), &date[0], &date[1]);
    assert_blank(found.month.as_ref(), &date[1], &date[2]);
    assert_eq!(found.letter.type_name.as_deref(), Some("Giấy mời"));
}

/// Mean brightness of blocks of 10 x 10 pixels: what is where, whatever the anti-aliasing.
fn blocks(pixels: &[u8], bytes_a_pixel: usize, width: usize) -> Vec<u64> {
    const SIDE: usize = 10;
    let rows: Vec<&[u8]> = pixels.chunks_exact(width * bytes_a_pixel).collect();
    rows.chunks_exact(SIDE)
        .flat_map(|rows| {
            (0..width / SIDE).map(move |column| {
                let sum: u64 = rows
                    .iter()
                    .flat_map(|row| {
                        let start = column * SIDE * bytes_a_pixel;
                        row[start..].iter().step_by(bytes_a_pixel).take(SIDE)
                    })
                    .map(|value| u64::from(*value))
                    .sum();
                sum / 100
            })
        })
        .collect()
}

#[test]
fn the_directive_is_drawn_as_poppler_draws_it() {
    let document = opened("directive.pdf");
    assert_eq!(document.pages().len(), 3);
    assert_eq!(
        document.bytes().as_ref(),
        std::fs::read(letter("directive.pdf")).unwrap()
    );
    for page in 0..3 {
        let pixels = document.render(page, 600).unwrap();
        let output = Command::new("pdftoppm")
            .args(["-f", &(page + 1).to_string(), "-l", &(page + 1).to_string()])
            .args(["-scale-to-x", &pixels.width.to_string()])
            .args(["-scale-to-y", &pixels.height.to_string()])
            .arg(letter("directive.pdf"))
            .output()
            .unwrap();
        let size = format!("P6\n{} {}\n255\n", pixels.width, pixels.height);
        let theirs = output
            .stdout
            .strip_prefix(size.as_bytes())
            .expect("a picture of the same size");
        assert!(
            pixels.rgba.chunks_exact(4).all(|pixel| pixel[3] == 255),
            "opaque"
        );
        let width = usize::try_from(pixels.width).unwrap();
        let (ours, theirs) = (blocks(&pixels.rgba, 4, width), blocks(theirs, 3, width));
        assert_eq!(ours.len(), theirs.len());
        let worst = ours
            .iter()
            .zip(&theirs)
            .map(|(a, b)| a.abs_diff(*b))
            .max()
            .unwrap();
        assert!(worst < 40, "page {page}: a block differs by {worst} of 255");
        let dark = pixels
            .rgba
            .chunks_exact(4)
            .filter(|pixel| pixel[0] < 128)
            .count();
        assert!(dark > 2000, "page {page} has only {dark} dark pixels");
    }
    assert_eq!(
        document.notices().unwrap(),
        [],
        "an honest letter has nothing to be told"
    );
}
