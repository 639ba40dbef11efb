//! The foot of a letter: who signs, where, and who receives it.

use super::row::{Row, join};
use super::{Found, LetterFacts};
use crate::Rect;

/// Authority prefixes of Decree 30, Annex I, II.7.b.
const PREFIXES: [&str; 5] = ["TM.", "KT.", "TL.", "TUQ.", "Q."];

/// The same as people write them.
const LOOSE_PREFIXES: [&str; 8] = ["TM ", "T/M ", "KT ", "K/T ", "TL ", "T/L ", "TUQ ", "T.M "];

/// What stands before a name and does not belong to it: learned titles and ranks.
const TITLES: [&str; 30] = [
    "giáo sư",
    "phó giáo sư",
    "tiến sĩ",
    "thạc sĩ",
    "bác sĩ",
    "kỹ sư",
    "cử nhân",
    "luật sư",
    "dược sĩ",
    "nhà giáo",
    "gs",
    "pgs",
    "ts",
    "tskh",
    "ths",
    "bs",
    "bsck",
    "bscki",
    "bsckii",
    "ks",
    "cn",
    "ds",
    "ls",
    "đại tướng",
    "thượng tướng",
    "trung tướng",
    "thiếu tướng",
    "đại tá",
    "thượng tá",
    "trung tá",
];

/// Words of a position. What holds none of them is taken for a name.
const POSITIONS: [&str; 34] = [
    "chủ tịch",
    "giám đốc",
    "bộ trưởng",
    "thứ trưởng",
    "chánh văn phòng",
    "phó văn phòng",
    "cục trưởng",
    "phó cục trưởng",
    "hiệu trưởng",
    "trưởng phòng",
    "phó phòng",
    "trưởng ban",
    "vụ trưởng",
    "viện trưởng",
    "thủ trưởng",
    "chánh thanh tra",
    "thủ tướng",
    "bí thư",
    "tư lệnh",
    "trưởng công an",
    "chủ nhiệm",
    "trưởng đoàn",
    "chánh án",
    "trưởng đài",
    "đội trưởng",
    "tổng kiểm toán",
    "phó trưởng",
    "phó hiệu trưởng",
    "phó chánh",
    "tổng biên tập",
    "ủy viên",
    "thư ký",
    "chủ tọa",
    "chủ trì",
];

/// A gap wider than this, in em, divides the list of recipients from the signature block.
const COLUMN_GAP: f64 = 0.9;

/// Two lines belong to one column when their centres are closer than this, in points.
const ALIGNED: f64 = 30.0;

/// The farthest a name stands below its position, in points: a signature takes 70 to 120.
const FARTHEST: f64 = 260.0;

/// The leader's image as large as it is usually set, in points (120–240 × 70–120 in real letters).
const IMAGE: (f64, f64) = (150.0, 75.0);

/// The lowest image in which a signature can still be recognised, in points.
const LOWEST: f64 = 45.0;

/// A space lower than this, in points, is none.
const TIGHT: f64 = 22.0;

/// How far a remark may move the image out of the middle, in points.
const MOVED: f64 = 10.0;

/// The narrowest one, in points.
const NARROWEST: f64 = 90.0;

/// The free space that must be below a position whose signer is not named, in points.
const UNNAMED: f64 = 60.0;

/// A signature block.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) page: usize,
    lines: Vec<Row>,
    /// `None`: the space below the position is all there is.
    name: Option<Row>,
    /// Remarks in the space between, like "(Ký tên, đóng dấu)".
    remarks: Vec<Row>,
    /// "Nơi nhận" stands beside it.
    pub(super) beside_recipients: bool,
}

/// The block of the letter itself; appendices may have others.
pub(super) fn block(pages: &[(usize, Vec<Row>)], head: (usize, usize)) -> Option<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for (page, rows) in pages {
        let start = if *page == head.0 { head.1 } else { 0 };
        let headings: Vec<Row> = rows
            .iter()
            .skip(start)
            .flat_map(parts)
            .filter(is_recipients_heading)
            .collect();
        for (at, row) in rows.iter().enumerate().skip(start) {
            let anchors = parts(row)
                .into_iter()
                .filter(|part| is_position(part) || headings.iter().any(|h| is_beside(part, h)));
            for anchor in anchors {
                // The lower lines of a block already found are no blocks of their own.
                let known = blocks
                    .iter()
                    .any(|block| block.page == *page && block.holds(&anchor));
                if known {
                    continue;
                }
                let found = from(*page, &anchor, rows.get(at + 1..).unwrap_or_default());
                blocks.extend(found.filter(|block| block.name.is_some() || is_position(&anchor)));
            }
        }
        for heading in &headings {
            for block in blocks.iter_mut().filter(|block| block.page == *page) {
                let first = block.lines.first().map_or(0.0, |line| line.baseline);
                block.beside_recipients |= (first - heading.baseline).abs() < 60.0;
            }
        }
    }
    // The letter ends with its recipients; of several signers the rightmost is the host's own.
    let (named, unnamed): (Vec<Block>, Vec<Block>) =
        blocks.into_iter().partition(|block| block.name.is_some());
    let (beside, others): (Vec<Block>, Vec<Block>) =
        named.into_iter().partition(|block| block.beside_recipients);
    let rightmost = beside.into_iter().reduce(|best, block| {
        let further = block.page == best.page && block.centre() > best.centre();
        if further { block } else { best }
    });
    // Without a name, only beside the recipients is it the letter's own.
    let bare = || unnamed.into_iter().find(|block| block.beside_recipients);
    // Without recipients near it, a block with running text under it is an example in that text.
    let rows = |page: usize| {
        let found = pages.iter().find(|(nth, _)| *nth == page);
        found.map_or(&[][..], |(_, rows)| rows)
    };
    let first = || {
        let mut others = others;
        others.retain(|block| !is_example(block, rows(block.page)));
        others.into_iter().reduce(|best, block| {
            let level = block.page == best.page && (block.top() - best.top()).abs() < ALIGNED;
            if level && block.centre() > best.centre() {
                block
            } else {
                best
            }
        })
    };
    rightmost.or_else(first).or_else(bare)
}

fn is_example(block: &Block, rows: &[Row]) -> bool {
    const WIDE: f64 = 250.0;
    let is_text = |row: &&Row| {
        let parts = row.segments(COLUMN_GAP);
        row.baseline < block.bottom()
            && parts
                .iter()
                .any(|part| part.x1() - part.x0() > WIDE && !part.is_upper() && !part.is_bold())
    };
    let heading = rows
        .iter()
        .flat_map(parts)
        .any(|part| is_recipients_heading(&part));
    !heading && rows.iter().filter(is_text).count() >= 3
}

/// The parts of a row, divided at gaps and before an authority prefix.
pub(super) fn parts(row: &Row) -> Vec<Row> {
    row.segments(COLUMN_GAP)
        .into_iter()
        .flat_map(|segment| {
            let cut = PREFIXES
                .iter()
                .filter_map(|prefix| segment.find(prefix, 1))
                .map(|found| found.start)
                .min()
                .filter(|cut| segment.part(*cut..segment.chars().len()).is_upper());
            match cut {
                Some(cut) => {
                    vec![
                        segment.part(0..cut),
                        segment.part(cut..segment.chars().len()),
                    ]
                }
                None => vec![segment],
            }
        })
        .filter(|part| !part.is_empty())
        .collect()
}

fn has_prefix(row: &Row) -> bool {
    let text = row.text();
    let mut prefixes = PREFIXES.iter().chain(&LOOSE_PREFIXES);
    prefixes.any(|prefix| text.starts_with(prefix))
}

fn is_acting(row: &Row) -> bool {
    row.text().starts_with("Q.")
}

fn holds_position(row: &Row) -> bool {
    // By itself only with its tone: Trương is a family's name.
    let text = row.text().to_uppercase();
    let mut words = text.split(' ');
    POSITIONS.iter().any(|word| row.find(word, 0).is_some())
        || text.starts_with("CHÁNH ")
        || words.any(|word| word == "TRƯỞNG")
}

fn is_position(row: &Row) -> bool {
    let short = row.chars().len() <= 60;
    let upper = row.is_upper() && (has_prefix(row) || holds_position(row));
    // Schools and clubs sometimes write theirs small, but bold and by itself.
    let small = row.is_bold() && POSITIONS.iter().any(|word| row.starts_with(word));
    short
        && (upper
            || (small
                && row.chars().len() <= 30
                && !row.char_is(row.chars().len() - 1, &['.', ':', ';', ','])))
}

/// Capitals to the right of "Nơi nhận": a position, whatever its words ("TỔNG THANH TRA").
fn is_beside(row: &Row, heading: &Row) -> bool {
    let level = row.baseline - heading.baseline;
    row.is_upper()
        && row.letters() >= 4
        && row.chars().len() <= 60
        && row.x0() > heading.x1()
        && (-30.0..45.0).contains(&level)
}

/// What is written or printed in the space of the signature, and is neither position nor name.
fn is_remark(row: &Row) -> bool {
    const OPENINGS: [&str; 8] = [
        "đã ký",
        "ký bởi",
        "người ký",
        "thời gian ký",
        "ngày ký",
        "cơ quan",
        "email",
        "signature",
    ];
    let opens = |opening: &str| {
        row.find(opening, 0).is_some_and(|found| {
            found.start == 0
                && (found.end == row.chars().len() || row.char_is(found.end, &[':', '.']))
        })
    };
    matches!(row.char(0), Some('(' | '[')) || OPENINGS.iter().any(|opening| opens(opening))
}

pub(super) fn is_recipients_heading(row: &Row) -> bool {
    row.starts_with("nơi nhận") && row.letters() == "nơinhận".chars().count()
}

/// The name without what stands before it: "TS. Nguyễn Văn A" is Nguyễn Văn A.
fn bare_name(text: &str) -> &str {
    let mut rest = text.trim();
    loop {
        let small = rest.to_lowercase();
        let word = small.split([' ', '.']).next().unwrap_or_default();
        let title = TITLES.iter().find(|title| {
            if title.contains(' ') {
                small.starts_with(*title)
            } else {
                word == **title
            }
        });
        let Some(title) = title else { return rest };
        let length = title.chars().count();
        let end = rest
            .char_indices()
            .nth(length)
            .map_or(rest.len(), |(at, _)| at);
        rest = rest
            .get(end..)
            .unwrap_or_default()
            .trim_start_matches(['.', ',', ' ', '-']);
    }
}

/// Two to six words with capitals, and nothing else.
fn is_name(row: &Row) -> bool {
    let text = row.text();
    let words: Vec<&str> = bare_name(&text).split(' ').collect();
    (2..=6).contains(&words.len())
        && words.iter().all(|word| {
            word.starts_with(char::is_uppercase)
                && word
                    .chars()
                    .all(|c| c.is_alphabetic() || matches!(c, '\'' | '’' | '-'))
        })
        && !holds_position(row)
}

/// Follows the column down from its first line to a name.
fn from(page: usize, anchor: &Row, below: &[Row]) -> Option<Block> {
    let mut lines = vec![anchor.clone()];
    let mut remarks = Vec::new();
    let block = |lines: Vec<Row>, remarks: Vec<Row>, name: Option<Row>| Block {
        page,
        lines,
        name,
        remarks,
        beside_recipients: false,
    };
    for row in below {
        let last = lines.last()?;
        let distance = last.baseline - row.baseline;
        if distance > FARTHEST {
            break;
        }
        let parts = parts(row);
        let Some(line) = parts.iter().find(|part| in_column(part, anchor)) else {
            let centre = anchor.centre();
            let crosses = |part: &Row| part.x0() < centre && part.x1() > centre;
            // Something else stands in the column: this was no signature block.
            if parts.iter().any(crosses) {
                return (distance > UNNAMED).then(|| block(lines, remarks, None));
            }
            continue;
        };
        let below_space = line.pitch(last) >= 2.0;
        if is_remark(line) {
            remarks.push(line.clone());
        } else if is_name(line) && (below_space || !line.is_upper()) {
            return Some(block(lines, remarks, Some(line.clone())));
        } else if is_position(line) || (line.is_upper() && !below_space) {
            lines.push(line.clone());
        } else {
            return (distance > UNNAMED).then(|| block(lines, remarks, None));
        }
    }
    Some(block(lines, remarks, None))
}

/// Below one another, centred or otherwise.
fn in_column(part: &Row, anchor: &Row) -> bool {
    let shared = part.x1().min(anchor.x1()) - part.x0().max(anchor.x0());
    let narrower = (part.x1() - part.x0()).min(anchor.x1() - anchor.x0());
    let wider = (part.x1() - part.x0()).max(anchor.x1() - anchor.x0());
    (part.centre() - anchor.centre()).abs() < ALIGNED || (shared > 0.8 * narrower && wider < 300.0)
}

impl Block {
    fn all(&self) -> impl Iterator<Item = &Row> {
        self.lines.iter().chain(&self.name)
    }

    fn centre(&self) -> f64 {
        let of_lines = self.lines.iter().map(Row::centre).sum::<f64>();
        let count = u32::try_from(self.lines.len()).map_or(1.0, f64::from);
        let of_lines = of_lines / count.max(1.0);
        self.name
            .as_ref()
            .map_or(of_lines, |name| f64::midpoint(of_lines, name.centre()))
    }

    pub(super) fn top(&self) -> f64 {
        self.lines.first().map_or(0.0, |line| line.baseline)
    }

    pub(super) fn bottom(&self) -> f64 {
        let last = self.all().last();
        last.map_or(0.0, |line| line.baseline)
    }

    fn holds(&self, line: &Row) -> bool {
        (self.bottom()..=self.top()).contains(&line.baseline)
            && (line.centre() - self.centre()).abs() < ALIGNED
    }

    pub(super) fn x0(&self) -> f64 {
        self.all().map(Row::x0).fold(f64::INFINITY, f64::min)
    }

    /// The image between position and name: in the widest gap of the column, in its middle. `None` where there is no space: a letter as it was published, not one to be signed.
    pub(super) fn image(&self, bounds: &Rect, rows: &[Row]) -> Option<Found> {
        let (top, bottom, clear) = self.space()?;
        let gap = top - bottom;
        if gap < TIGHT {
            return None;
        }
        let height = IMAGE.1.min(gap).max(LOWEST);
        let (middle, centre) = (f64::midpoint(top, bottom), self.centre());
        let (width, narrowed) = free_width(centre, middle, height.min(gap), rows);
        let rect = Rect::around(centre, middle, width, height);
        let confidence = match (gap >= LOWEST && !narrowed, self.beside_recipients) {
            _ if self.name.is_none() || !clear => 0.4,
            (true, true) => 0.95,
            (true, false) => 0.7,
            (false, _) => 0.3,
        };
        let size = self.all().last().map_or(13.0, |line| line.size);
        Some(Found {
            page: self.page,
            rect: rect.kept_inside(bounds),
            confidence,
            size,
            baseline: None,
        })
    }

    /// Upper and lower edge of the space for the image, and whether nothing stands in it. A remark is left free where that
    /// moves the image but little: people sign in the middle.
    fn space(&self) -> Option<(f64, f64, bool)> {
        let last = self.lines.last()?;
        if self.name.is_none() {
            return Some((last.bottom(), last.bottom() - IMAGE.1, true));
        }
        let (top, bottom) = widest_gap(self.all().collect())?;
        if self.remarks.is_empty() {
            return Some((top, bottom, true));
        }
        let free = widest_gap(self.all().chain(&self.remarks).collect())?;
        let moved = f64::midpoint(free.0, free.1) - f64::midpoint(top, bottom);
        if moved.abs() < MOVED && free.0 - free.1 >= LOWEST {
            Some((free.0, free.1, true))
        } else {
            Some((top, bottom, false))
        }
    }

    pub(super) fn first(&self) -> Option<&Row> {
        self.lines.first()
    }

    pub(super) fn describe(&self, facts: &mut LetterFacts) {
        let name = self.name.as_ref().map(Row::text);
        facts.signer_name = name.map(|name| bare_name(&name).to_owned());
        // A prefixed line and what wraps below it say on whose behalf; from the next position on it is the signer's own.
        let mut own: Vec<Row> = Vec::new();
        for line in &self.lines {
            let prefixed = has_prefix(line) && !is_acting(line);
            if !prefixed
                && (!own.is_empty()
                    || holds_position(line)
                    || is_acting(line)
                    || facts.competence.is_empty())
            {
                own.push(line.clone());
                continue;
            }
            match facts.competence.last_mut() {
                Some(before) if !prefixed => {
                    before.push(' ');
                    before.push_str(&line.text());
                }
                _ => facts.competence.push(line.text()),
            }
        }
        facts.signer_position = Some(join(&own)).filter(|position| !position.is_empty());
    }
}

/// The lower edge of the upper and the upper edge of the lower of the two lines that stand farthest apart.
fn widest_gap(mut lines: Vec<&Row>) -> Option<(f64, f64)> {
    lines.sort_by(|a, b| b.baseline.total_cmp(&a.baseline));
    let gaps = lines.windows(2).filter_map(|pair| match pair {
        [upper, lower] => Some((upper.bottom(), lower.top())),
        _ => None,
    });
    gaps.max_by(|a, b| (a.0 - a.1).total_cmp(&(b.0 - b.1)))
}

/// How wide an image can be around a centre without lying over text beside it, and whether that is too narrow.
fn free_width(centre: f64, middle: f64, height: f64, rows: &[Row]) -> (f64, bool) {
    const MARGIN: f64 = 3.0;
    let (low, high) = (middle - height / 2.0, middle + height / 2.0);
    let beside = rows
        .iter()
        .filter(|row| row.baseline + 0.7 * row.size > low && row.baseline < high)
        .flat_map(|row| row.segments(COLUMN_GAP));
    let half = beside
        .map(|part| {
            let distance = if part.x1() < centre {
                centre - part.x1()
            } else {
                part.x0() - centre
            };
            distance - MARGIN
        })
        .fold(IMAGE.0 / 2.0, f64::min);
    ((2.0 * half).max(NARROWEST), 2.0 * half < NARROWEST)
}
