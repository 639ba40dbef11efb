//! Heads and feet of letters as they are found in offices, built from rows.

use super::*;
use crate::{Line, PageSize};
use row::tests::row as at;

const A4: PageSize = PageSize {
    width: 595.0,
    height: 842.0,
    crop: Rect {
        x0: 0.0,
        y0: 0.0,
        x1: 595.0,
        y1: 842.0,
    },
    rotate: 0,
};

fn page(page: usize, mut lines: Vec<Line>) -> PageText {
    lines.sort_by(|a, b| b.baseline.total_cmp(&a.baseline));
    PageText {
        page,
        size: A4,
        lines,
    }
}

fn centred(text: &str, x: f64, baseline: f64) -> Line {
    let width = at(text, 0.0, baseline, 13.0).rect().x1;
    at(text, x - width / 2.0, baseline, 13.0)
}

fn bold(mut line: Line) -> Line {
    for mark in &mut line.marks {
        mark.bold = true;
    }
    line
}

/// One line out of two that share a baseline.
fn beside(left: Line, right: Line) -> Line {
    let gap = crate::Mark {
        x0: left.rect().x1,
        x1: right.rect().x0,
        size: left.size,
        ..crate::Mark::default()
    };
    let text = format!("{} {}", left.text, right.text);
    let marks = left
        .marks
        .into_iter()
        .chain([gap])
        .chain(right.marks)
        .collect();
    Line {
        text,
        marks,
        ..right
    }
}

fn head() -> Vec<Line> {
    vec![
        beside(
            at("UBND TỈNH A", 100.0, 780.0, 12.0),
            bold(at("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 290.0, 780.0, 12.0)),
        ),
        beside(
            bold(at("SỞ NỘI VỤ", 105.0, 765.0, 12.0)),
            bold(at("Độc lập - Tự do - Hạnh phúc", 320.0, 765.0, 12.0)),
        ),
        at("Số:~~~/QĐ-SNV", 90.0, 740.0, 13.0),
        at("Huế, ngày~~tháng~~năm 2024", 320.0, 738.0, 13.0),
    ]
}

fn foot(top: f64) -> Vec<Line> {
    vec![
        at("Nơi nhận:", 85.0, top, 12.0),
        at("- Như Điều 3;", 85.0, top - 13.0, 11.0),
        at("- Lưu: VT.", 85.0, top - 26.0, 11.0),
        centred("GIÁM ĐỐC", 430.0, top - 2.0),
        centred("Trần Văn Bình", 430.0, top - 100.0),
    ]
}

fn places(pages: &[PageText]) -> Places {
    find_places(pages)
}

fn letter(more: Vec<Line>) -> Places {
    let lines = head().into_iter().chain(foot(300.0)).chain(more).collect();
    places(&[page(0, lines)])
}

#[test]
fn a_date_a_point_lower_than_the_number_keeps_its_own_baseline() {
    let line = beside(
        at("Số:~~~/QĐ-SNV", 90.0, 739.2, 13.0),
        at("Huế, ngày~~tháng~~năm 2024", 320.0, 738.0, 13.0),
    );
    let lines = head()
        .into_iter()
        .take(2)
        .chain([line])
        .chain(foot(300.0))
        .collect();
    let found = places(&[page(0, lines)]);
    let baseline = |found: &Option<Found>| found.as_ref().and_then(|found| found.baseline);
    assert_eq!(baseline(&found.number), Some(739.2));
    assert_eq!(baseline(&found.day), Some(738.0));
    assert_eq!(baseline(&found.month), Some(738.0));
}

#[test]
fn a_plain_decision_is_read_whole() {
    let found = letter(vec![
        bold(centred("QUYẾT ĐỊNH", 310.0, 700.0)),
        bold(centred("Về việc cử cán bộ đi học", 310.0, 685.0)),
        bold(centred("GIÁM ĐỐC SỞ NỘI VỤ", 310.0, 660.0)),
        at(
            "Căn cứ Luật Cán bộ, công chức số 22/2008/QH12 ngày 13 tháng 11 năm 2008;",
            121.0,
            640.0,
            13.0,
        ),
    ]);
    let facts = &found.letter;
    assert_eq!(facts.parent_organ.as_deref(), Some("UBND TỈNH A"));
    assert_eq!(facts.organ_name.as_deref(), Some("SỞ NỘI VỤ"));
    assert_eq!(facts.code_notation.as_deref(), Some("/QĐ-SNV"));
    assert_eq!(facts.place_name.as_deref(), Some("Huế"));
    assert_eq!(facts.type_name.as_deref(), Some("Quyết định"));
    assert_eq!(facts.subject.as_deref(), Some("Về việc cử cán bộ đi học"));
    assert_eq!(facts.bare_subject().as_deref(), Some("Cử cán bộ đi học"));
    assert_eq!(facts.recipients, ["Như Điều 3"]);
    assert_eq!(facts.signer_name.as_deref(), Some("Trần Văn Bình"));
    assert_eq!(facts.signer_position.as_deref(), Some("GIÁM ĐỐC"));
    assert!(facts.competence.is_empty(), "{facts:?}");
    let leader = found
        .leader
        .expect("the authority's line in the middle is no signature block");
    assert!((leader.rect.centre().0 - 430.0).abs() < 3.0, "{leader:?}");
    assert!(
        (200.0..300.0).contains(&leader.rect.centre().1),
        "{leader:?}"
    );
}

#[test]
fn the_seal_covers_a_third_of_the_image_on_its_left() {
    let found = letter(vec![]);
    let (leader, seal) = (found.leader.unwrap().rect, found.seal.unwrap().rect);
    assert!((seal.width() - 102.05).abs() < 0.01 && (seal.height() - 102.05).abs() < 0.01);
    assert!((leader.x0 + leader.width() / 3.0 - seal.x1).abs() < 0.01);
    assert!((leader.centre().1 - seal.centre().1).abs() < 0.01);
}

#[test]
fn columns_that_nearly_touch_are_told_apart() {
    let found = places(&[page(
        0,
        vec![
            beside(
                at("ỦY BAN NHÂN DÂN XÃ B", 100.0, 780.0, 13.0),
                at("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 244.0, 780.0, 13.0),
            ),
            at(
                "Số:~~~/QĐ-UBND~Huế, ngày~~tháng~~năm 2024",
                100.0,
                740.0,
                13.0,
            ),
        ],
    )]);
    assert_eq!(
        found.letter.organ_name.as_deref(),
        Some("ỦY BAN NHÂN DÂN XÃ B")
    );
    assert_eq!(found.letter.code_notation.as_deref(), Some("/QĐ-UBND"));
    assert_eq!(found.letter.place_name.as_deref(), Some("Huế"));
    assert!(
        found.number.is_some() && found.day.is_some() && found.month.is_some(),
        "{found:?}"
    );
}

#[test]
fn number_and_date_need_not_be_level_and_the_motto_may_wrap() {
    let found = places(&[page(
        0,
        vec![
            beside(
                at("SỞ Y TẾ", 120.0, 780.0, 12.0),
                at("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT", 300.0, 780.0, 12.0),
            ),
            at("NAM", 400.0, 766.0, 12.0),
            at("Độc lập - Tự do - Hạnh phúc", 320.0, 752.0, 12.0),
            at("Số:~~~/SYT-VP", 100.0, 750.0, 13.0),
            at("V/v báo cáo tình", 100.0, 734.0, 12.0),
            at("hình dịch bệnh", 105.0, 720.0, 12.0),
            at("Huế, ngày~~tháng 12 năm 2024", 320.0, 711.0, 13.0),
            at("Kính gửi: Bộ Y tế; Sở Tài chính.", 150.0, 680.0, 13.0),
        ],
    )]);
    assert_eq!(found.letter.organ_name.as_deref(), Some("SỞ Y TẾ"));
    assert_eq!(found.letter.type_name.as_deref(), Some("Công văn"));
    assert_eq!(
        found.letter.subject.as_deref(),
        Some("V/v báo cáo tình hình dịch bệnh")
    );
    assert!(found.day.is_some(), "{found:?}");
    assert!(found.month.is_none(), "the month is typed");
    assert_eq!(found.letter.month.as_deref(), Some("12"));
}

#[test]
fn what_is_typed_has_no_place() {
    let found = places(&[page(
        0,
        vec![
            at("Số: 77/2014/CT-UBND", 100.0, 740.0, 13.0),
            at("Huế, ngày 26 tháng 12 năm 2014", 320.0, 740.5, 13.0),
        ],
    )]);
    assert!(
        found.number.is_none() && found.day.is_none() && found.month.is_none(),
        "{found:?}"
    );
    let facts = found.letter;
    let typed = [
        facts.number,
        facts.code_notation,
        facts.day,
        facts.month,
        facts.year,
    ];
    assert_eq!(
        typed.map(Option::unwrap),
        ["77", "/2014/CT-UBND", "26", "12", "2014"]
    );
}

#[test]
fn dots_are_a_blank_and_a_spaced_notation_is_joined() {
    let found = places(&[page(
        0,
        vec![
            at("Số: ......./QĐ - UBND", 100.0, 740.0, 13.0),
            at("Huế, ngày ..... tháng … năm 2014", 320.0, 720.0, 13.0),
        ],
    )]);
    assert!(
        found.number.is_some() && found.day.is_some() && found.month.is_some(),
        "{found:?}"
    );
    assert_eq!(found.letter.code_notation.as_deref(), Some("/QĐ-UBND"));
}

#[test]
fn words_of_the_foot_in_running_text_are_not_the_foot() {
    let found = letter(vec![
        at(
            "Nơi nhận văn bản ghi rõ; TM. hoặc KT. Thủ trưởng cơ quan ký thay.",
            85.0,
            500.0,
            13.0,
        ),
        at(
            "TM. ỦY BAN NHÂN DÂN ký các văn bản sau đây:",
            85.0,
            480.0,
            13.0,
        ),
        at("CHỦ TỊCH ỦY BAN NHÂN DÂN TỈNH", 200.0, 460.0, 13.0),
        at(
            "Căn cứ Nghị định số 30/2020/NĐ-CP ngày 05 tháng 3 năm 2020 của Chính phủ",
            85.0,
            440.0,
            13.0,
        ),
    ]);
    assert_eq!(found.letter.signer_name.as_deref(), Some("Trần Văn Bình"));
    assert_eq!(found.letter.recipients, ["Như Điều 3"]);
}

#[test]
fn an_appendix_with_a_signature_of_its_own_does_not_win() {
    let first = head().into_iter().chain(foot(300.0)).collect();
    let appendix = page(
        1,
        vec![
            centred("PHỤ LỤC", 310.0, 780.0),
            centred(
                "(Kèm theo Quyết định số~~/QĐ-SNV ngày~~tháng~~năm 2024)",
                310.0,
                760.0,
            ),
            centred("TRƯỞNG PHÒNG", 430.0, 300.0),
            centred("Lê Thị Cúc", 430.0, 200.0),
        ],
    );
    let found = places(&[page(0, first), appendix]);
    assert_eq!(found.leader.as_ref().map(|leader| leader.page), Some(0));
    assert_eq!(found.number.as_ref().map(|number| number.page), Some(0));
    assert_eq!(found.letter.signer_name.as_deref(), Some("Trần Văn Bình"));
}

#[test]
fn the_signature_page_need_not_be_the_first_and_a_position_may_stand_below_the_space() {
    let last = page(
        2,
        vec![
            at("Nơi nhận:", 85.0, 700.0, 12.0),
            at("- Các sở, ban, ngành và các cơ", 85.0, 687.0, 11.0),
            at("quan trung ương;", 85.0, 674.0, 11.0),
            at("- Lưu: VT.", 85.0, 661.0, 11.0),
            centred("TM. ỦY BAN NHÂN DÂN", 430.0, 698.0),
            centred("CHỦ TỊCH", 430.0, 600.0),
            centred("Trần Văn Bình", 430.0, 585.0),
        ],
    );
    let found = places(&[page(0, head()), page(1, vec![]), last]);
    let leader = found.leader.unwrap();
    assert_eq!(leader.page, 2);
    assert!(
        (610.0..700.0).contains(&leader.rect.centre().1),
        "{leader:?}"
    );
    assert_eq!(found.letter.competence, ["TM. ỦY BAN NHÂN DÂN"]);
    assert_eq!(found.letter.signer_position.as_deref(), Some("CHỦ TỊCH"));
    assert_eq!(
        found.letter.recipients,
        ["Các sở, ban, ngành và các cơ quan trung ương"]
    );
}

#[test]
fn recipients_that_touch_the_block_are_cut_from_it() {
    let found = places(&[page(
        0,
        vec![
            beside(
                at("Nơi nhận:", 85.0, 300.0, 12.0),
                at("TM. ỦY BAN NHÂN DÂN", 340.0, 300.0, 13.0),
            ),
            beside(
                at(
                    "- Sở Giáo dục và Đào tạo tỉnh Thừa Thiên;",
                    85.0,
                    286.0,
                    11.0,
                ),
                at("KT. CHỦ TỊCH", 365.0, 285.0, 13.0),
            ),
            centred("PHÓ CHỦ TỊCH", 405.0, 271.0),
            centred("Trần Văn Bình", 405.0, 180.0),
        ],
    )]);
    assert_eq!(
        found.letter.recipients,
        ["Sở Giáo dục và Đào tạo tỉnh Thừa Thiên"]
    );
    assert_eq!(
        found.letter.competence,
        ["TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH"]
    );
    assert_eq!(
        found.letter.signer_position.as_deref(),
        Some("PHÓ CHỦ TỊCH")
    );
}

#[test]
fn nothing_is_found_in_what_is_no_letter() {
    assert_eq!(places(&[]), Places::default());
    assert_eq!(places(&[page(0, vec![])]), Places::default());
    let prose = at(
        "Số: 5 đường Lê Lợi, gần ngã ba/ngã tư, ngày mai",
        85.0,
        700.0,
        13.0,
    );
    assert_eq!(places(&[page(0, vec![prose])]), Places::default());
}
