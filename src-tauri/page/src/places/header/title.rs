//! What a letter is and what it is about: type, subject, addressees.

use super::{Columns, Head, is_stamp};
use crate::Rect;
use crate::places::LetterFacts;
use crate::places::row::{Row, join};
use crate::places::{is_bullet, item};

/// The types of Decree 30, Art. 7, and of legal documents, as they stand in capitals above the subject.
const TYPES: [&str; 31] = [
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
    // Of the Law on legal documents
    "Nghị định",
    "Thông tư liên tịch",
    "Thông tư",
    "Pháp lệnh",
];

/// Rows below the number in which type or "V/v" must begin.
const TITLE_ROWS: usize = 8;

/// Type and subject: in the middle below the head, or, for an official letter, below the number.
pub(super) fn read(rows: &[Row], columns: &Columns, facts: &mut LetterFacts, head: &mut Head) {
    for at in head.end..rows.len().min(head.end + TITLE_ROWS) {
        let Some(row) = rows.get(at) else { break };
        // A stamp may stand beside it.
        let mut parts = row.segments(1.5);
        parts.insert(0, row.clone());
        let kind = parts
            .iter()
            .filter(|part| part.is_upper())
            .find_map(|part| {
                let kind = TYPES.iter().find(|kind| part.starts_with(kind))?;
                Some((*kind, part))
            });
        let Some((kind, line)) = kind else { continue };
        let lines = subject_lines(line, rows.get(at + 1..).unwrap_or_default());
        facts.type_name = Some(kind.to_owned());
        let last = lines.last().unwrap_or(line).baseline;
        let end = rows.iter().position(|row| row.baseline < last);
        head.end = end.unwrap_or(rows.len());
        facts.subject = Some(join(&lines)).filter(|subject| !subject.is_empty());
        return;
    }
    // The date may stand lower than "V/v", so the search begins below the number, not below the head.
    let number = head.left.map_or(f64::INFINITY, |left| left.y0);
    let column = |row: &Row| columns.left(row);
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
fn subject_lines(kind: &Row, below: &[Row]) -> Vec<Row> {
    const LINES: usize = 6;
    // What shares the row but not the middle is a stamp.
    let middle = |row: &Row| {
        let mut parts = row.segments(1.5);
        parts.sort_by(|a, b| {
            let off = |row: &Row| (row.centre() - kind.centre()).abs();
            off(a).total_cmp(&off(b))
        });
        parts.into_iter().next().unwrap_or_default()
    };
    let first = below.iter().map(middle).find(|row| !is_stamp(row));
    let first_bold = first.is_some_and(|row| row.is_bold());
    let mut lines: Vec<Row> = Vec::new();
    for row in below
        .iter()
        .map(middle)
        .filter(|row| !is_stamp(row))
        .take(LINES)
    {
        let above = lines.last().unwrap_or(kind);
        let centred = (row.centre() - kind.centre()).abs() < 10.0;
        let alike = if first_bold { row.is_bold() } else { centred };
        let close = row.pitch(above) < if lines.is_empty() { 2.6 } else { 1.9 };
        let another = row.is_upper() || row.starts_with("kính gửi") || row.starts_with("căn cứ");
        if !alike || !close || another || row.letters() == 0 {
            break;
        }
        lines.push(row);
    }
    lines
}

/// The items of "Kính gửi": each begins with a dash, or the line before it has ended with a semicolon.
pub(super) fn addressees(rows: &[Row]) -> Vec<String> {
    const ROWS: usize = 40;
    let Some((at, word)) = rows.iter().enumerate().take(ROWS).find_map(|(at, row)| {
        // A stamp may stand before it.
        let found = row.find("kính gửi", 0)?;
        let begins = row.part(0..found.start);
        (begins.is_empty() || is_stamp(&begins)).then_some((at, found))
    }) else {
        return Vec::new();
    };
    let mut items: Vec<String> = Vec::new();
    let Some(heading) = rows.get(at) else {
        return items;
    };
    let heading = heading.part(word.start..heading.chars().len());
    let rest = heading.part(word.end - word.start..heading.chars().len());
    let rest = rest.text();
    let rest = rest.trim_start_matches([':', ' ']);
    items.extend(rest.split_inclusive(';').map(str::to_owned));
    let mut above = heading.clone();
    for row in rows.iter().skip(at + 1).take(ROWS) {
        let dash = is_bullet(row.char(0));
        let whole = items
            .last()
            .is_none_or(|item| item.trim_end().ends_with([';', ',']));
        let open = items
            .last()
            .is_some_and(|item| !item.trim_end().ends_with(['.', ';', ':']));
        // The body begins further left than the list, and with a larger distance.
        let listed = row.x0() > heading.x0() - 1.0 && row.pitch(&above) < 1.9;
        match items.last_mut() {
            _ if dash || (whole && listed) => items.push(row.text()),
            Some(item) if open && listed => {
                item.push(' ');
                item.push_str(&row.text());
            }
            _ => break,
        }
        above = row.clone();
    }
    items
        .iter()
        .map(|text| item(text))
        .filter(|item| !item.is_empty())
        .collect()
}
