//! What a letter is and what it is about: type, subject, addressees.

use super::Head;
use crate::Rect;
use crate::places::LetterFacts;
use crate::places::row::{Row, join};

/// The types of Decree 30, Art. 7, as they stand in capitals above the subject.
const TYPES: [&str; 27] = [
    "Nghị quyết",
    "Quyết định",
    "Chỉ thị",
    "Quy chế",
    "Quy định",
    "Thông cáo",
    "Thông báo",
    "Hướng dẫn",
    "Chương trình",
    "Kế hoạch",
    "Phương án",
    "Đề án",
    "Dự án",
    "Báo cáo",
    "Biên bản",
    "Tờ trình",
    "Hợp đồng",
    "Công điện",
    "Bản ghi nhớ",
    "Bản thỏa thuận",
    "Giấy ủy quyền",
    "Giấy mời",
    "Giấy giới thiệu",
    "Giấy nghỉ phép",
    "Phiếu gửi",
    "Phiếu chuyển",
    "Phiếu báo",
];

/// Rows below the number in which type or "V/v" must begin.
const TITLE_ROWS: usize = 8;

/// Type and subject: in the middle below the head, or, for an official letter, below the number.
pub(super) fn read(rows: &[Row], divide: f64, facts: &mut LetterFacts, head: &mut Head) {
    for at in head.end..rows.len().min(head.end + TITLE_ROWS) {
        let Some(row) = rows.get(at) else { break };
        let kind = TYPES
            .iter()
            .find(|kind| row.starts_with(kind))
            .filter(|_| row.is_upper());
        let Some(kind) = kind else { continue };
        let lines = subject_lines(row, rows.get(at + 1..).unwrap_or_default());
        facts.type_name = Some((*kind).to_owned());
        head.end = at + 1 + lines.len();
        facts.subject = Some(join(lines)).filter(|subject| !subject.is_empty());
        return;
    }
    // The date may stand lower than "V/v", so the search begins below the number, not below the head.
    let number = head.left.map_or(f64::INFINITY, |left| left.y0);
    let column = |row: &Row| row.between(f64::NEG_INFINITY, divide);
    let first = rows.iter().position(|row| {
        row.baseline < number
            && (column(row).starts_with("v/v") || column(row).starts_with("về việc"))
    });
    let Some(first) = first.filter(|first| *first < head.end + TITLE_ROWS) else {
        return;
    };
    let mut lines: Vec<Row> = Vec::new();
    for row in rows.iter().skip(first) {
        let line = column(row);
        if line.is_empty() {
            continue;
        }
        let goes_on = lines.last().is_none_or(|above| line.pitch(above) < 1.7);
        if !goes_on || row.find("kính gửi", 0).is_some() {
            break;
        }
        lines.push(line);
    }
    facts.type_name = Some("Công văn".to_owned());
    facts.subject = Some(join(&lines)).filter(|subject| !subject.is_empty());
    head.left = head.left.zip(lines.last()).map(|(left, last)| Rect {
        y0: last.bottom(),
        ..left
    });
    let below = lines
        .last()
        .map_or(f64::INFINITY, |last| last.baseline - 1.0);
    let end = rows
        .iter()
        .position(|row| row.baseline < below)
        .unwrap_or(rows.len());
    head.end = head.end.max(end);
}

/// The lines of the subject below its type: close, centred or bold as the first of them, not in capitals.
fn subject_lines<'a>(kind: &Row, below: &'a [Row]) -> &'a [Row] {
    const LINES: usize = 6;
    let first_bold = below.first().is_some_and(Row::is_bold);
    let mut above = kind;
    let mut count = 0;
    for row in below.iter().take(LINES) {
        let centred = (row.centre() - kind.centre()).abs() < 10.0;
        let alike = if first_bold { row.is_bold() } else { centred };
        let close = row.pitch(above) < if count == 0 { 2.6 } else { 1.9 };
        let another = row.is_upper() || row.starts_with("kính gửi") || row.starts_with("căn cứ");
        if !alike || !close || another || row.letters() == 0 {
            break;
        }
        above = row;
        count += 1;
    }
    below.get(..count).unwrap_or_default()
}

/// The items of "Kính gửi".
pub(super) fn addressees(rows: &[Row]) -> Vec<String> {
    const ROWS: usize = 40;
    let Some((at, word)) = rows.iter().enumerate().take(ROWS).find_map(|(at, row)| {
        row.find("kính gửi", 0)
            .filter(|f| f.start == 0)
            .map(|f| (at, f))
    }) else {
        return Vec::new();
    };
    let mut items: Vec<String> = Vec::new();
    if let Some(row) = rows.get(at) {
        let rest = row.part(word.end..row.chars().len()).text();
        let rest = rest.trim_start_matches([':', ' ']);
        items.extend(
            rest.split(';')
                .map(crate::places::item)
                .filter(|item| !item.is_empty()),
        );
    }
    for row in rows.iter().skip(at + 1).take(ROWS) {
        if !matches!(row.char(0), Some('-' | '–' | '+')) {
            break;
        }
        items.push(crate::places::item(&row.text()));
    }
    items
}
