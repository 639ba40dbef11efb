//! Files as they should not be, signed in place in one batch: huge, of many pages or objects, linearized, with junk before
//! the header, without `startxref`.

use std::fs::{self, File};
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use antin_testkit::office::LEADER;
use antin_testkit::world::PROVINCE;

use crate::batch::{signatures, words};
use crate::fixture::{Stage, assert_same, files, line, run, sample, utf8};
use crate::judges;

/// Writes a PDF piece by piece; nothing of it is held but where its objects begin.
struct Writer {
    file: BufWriter<File>,
    at: u64,
    offsets: Vec<u64>,
}

impl Writer {
    fn create(path: &Path) -> Writer {
        let mut writer = Writer {
            file: BufWriter::new(File::create(path).unwrap()),
            at: 0,
            offsets: Vec::new(),
        };
        writer.put("%PDF-1.7\n");
        writer
    }

    fn put(&mut self, text: &str) {
        self.file.write_all(text.as_bytes()).unwrap();
        self.at += text.len() as u64;
    }

    /// The next object.
    fn object(&mut self, body: &str) {
        self.offsets.push(self.at);
        let number = self.offsets.len();
        self.put(&format!("{number} 0 obj\n{body}\nendobj\n"));
    }

    /// A stream of zeros that takes no room where the file system knows holes.
    fn zeros(&mut self, length: u64) {
        self.offsets.push(self.at);
        let number = self.offsets.len();
        self.put(&format!("{number} 0 obj\n<< /Length {length} >>\nstream\n"));
        self.at += length;
        self.file.seek(SeekFrom::Start(self.at)).unwrap();
        self.put("\nendstream\nendobj\n");
    }

    fn close(mut self) {
        let (start, size) = (self.at, self.offsets.len() + 1);
        let mut table = format!("xref\n0 {size}\n0000000000 65535 f\r\n");
        for offset in std::mem::take(&mut self.offsets) {
            table += &format!("{offset:010} 00000 n\r\n");
        }
        table += &format!("trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n");
        self.put(&table);
        self.file.flush().unwrap();
    }
}

/// So many pages that say `line`, so many more objects, and a stream of so many zeros.
fn make(path: &Path, line: &str, pages: usize, more: usize, zeros: u64) {
    const FIRST: usize = 5;
    let mut pdf = Writer::create(path);
    pdf.object("<< /Type /Catalog /Pages 2 0 R >>");
    // Balanced, as writers make it: a hundred pages to a node.
    let nodes: Vec<_> = (0..pages)
        .collect::<Vec<_>>()
        .chunks(100)
        .map(<[usize]>::to_vec)
        .collect();
    let node_at = |node: usize| FIRST + pages + node;
    let kids: Vec<_> = (0..nodes.len())
        .map(|node| format!("{} 0 R", node_at(node)))
        .collect();
    pdf.object(&format!(
        "<< /Type /Pages /Count {pages} /Kids [{}] /MediaBox [0 0 595 842] /Resources << /Font << /F 3 0 R >> >> >>",
        kids.join(" ")
    ));
    pdf.object(
        "<< /Type /Font /Subtype /Type1 /BaseFont /Times-Bold /Encoding << /Differences [128 /uni1ED0 /uni1EAC] >> >>",
    );
    let content = format!("BT /F 14 Tf 90 640 Td <{line}> Tj ET");
    pdf.object(&format!(
        "<< /Length {} >>\nstream\n{content}\nendstream",
        content.len()
    ));
    for page in 0..pages {
        pdf.object(&format!(
            "<< /Type /Page /Parent {} 0 R /Contents 4 0 R >>",
            node_at(page / 100)
        ));
    }
    for node in &nodes {
        let kids: Vec<_> = node
            .iter()
            .map(|page| format!("{} 0 R", FIRST + page))
            .collect();
        pdf.object(&format!(
            "<< /Type /Pages /Parent 2 0 R /Count {} /Kids [{}] >>",
            kids.len(),
            kids.join(" ")
        ));
    }
    for _ in 0..more {
        pdf.object("<< /Nothing null >>");
    }
    if zeros > 0 {
        pdf.zeros(zeros);
    }
    pdf.close();
}

/// "VAN BAN"
const PLAIN: &str = "56414E2042414E";
/// "TỐI MẬT", by the names of its letters.
const SECRET: &str = "548049204D8154";

#[test]
fn files_as_they_should_not_be() {
    let stage = Stage::new();
    let folder = stage.path("lô");
    fs::create_dir(&folder).unwrap();
    let at = |name: &str| folder.join(name);
    // Offsets gain a digit at 10^8.
    make(&at("lớn.pdf"), PLAIN, 1, 0, 105_000_000);
    make(&at("nhiều trang.pdf"), PLAIN, 10_000, 0, 0);
    make(&at("nhiều đối tượng.pdf"), PLAIN, 1, 200_000, 0);
    let letter = fs::read(sample("cong-van.pdf")).unwrap();
    let linearized = at("tuyến tính.pdf");
    run(Command::new("qpdf")
        .arg("--linearize")
        .arg(sample("cong-van.pdf"))
        .arg(&linearized));
    make(&at("mật và lớn.pdf"), SECRET, 1, 0, 60 << 20);
    fs::write(
        at("rác đầu.pdf"),
        [b"HTTP/1.1 200 OK\r\n\r\n", &letter[..]].concat(),
    )
    .unwrap();
    let end = letter
        .windows(9)
        .rposition(|window| window == b"startxref")
        .unwrap();
    fs::write(at("thiếu startxref.pdf"), &letter[..end]).unwrap();
    let good = [
        "lớn.pdf",
        "nhiều trang.pdf",
        "nhiều đối tượng.pdf",
        "tuyến tính.pdf",
    ];
    let bad = ["mật và lớn.pdf", "rác đầu.pdf", "thiếu startxref.pdf"];

    let all: Vec<PathBuf> = good.iter().chain(&bad).map(|name| at(name)).collect();
    let lengths: Vec<_> = all
        .iter()
        .map(|file| fs::metadata(file).unwrap().len())
        .collect();
    let refused: Vec<_> = all[5..]
        .iter()
        .map(|file| fs::read(file).unwrap())
        .collect();
    let names: Vec<_> = all.iter().map(|file| utf8(file)).collect();
    let sign = [&["sign", "--pin-stdin", "--level", "b", "--"], &names[..]].concat();
    let answer = stage.json(&PROVINCE, &sign, &line(LEADER.pin)).ended(1);
    let said = words(&answer.rows());
    assert_eq!(said[..4], ["signed"; 4], "{answer}");
    assert_eq!(said[4], "LetterSecret", "{answer}");
    assert_eq!(said[5], "DocumentBehindJunk", "{answer}");
    assert_eq!(said[6], "DocumentDamaged", "{answer}");
    for (file, before) in all.iter().zip(&lengths).take(4) {
        let grown = fs::metadata(file).unwrap().len() - before;
        assert!((1..20_000).contains(&grown), "{}: {grown}", file.display());
        assert_eq!(signatures(&stage, file), 1);
        judges::pdfsig(file, 1);
    }
    judges::qpdf(&linearized);
    assert_eq!(fs::metadata(&all[4]).unwrap().len(), lengths[4]);
    for (file, before) in all[5..].iter().zip(&refused) {
        assert_same(&fs::read(file).unwrap(), before, "what was refused");
        let row = answer
            .rows()
            .into_iter()
            .find(|row| row["file"] == utf8(file));
        let row = row.unwrap();
        for sentence in ["what", "advice"] {
            assert!(
                !row["error"][sentence].as_str().unwrap().is_empty(),
                "{row}"
            );
        }
    }
    assert_eq!(files(&folder).len(), 7, "nothing lies beside them");
}

/// Over 2^31 bytes, where signed 32-bit offsets end. Takes 5 GB of disk and a minute, so it is run by its name only.
#[test]
#[ignore = "5 GB of disk, a minute"]
fn a_large_file_over_two_gigabytes() {
    let stage = Stage::new();
    let file = stage.path("hai tỷ byte.pdf");
    make(&file, PLAIN, 1, 0, (1 << 31) + (1 << 20));
    let before = fs::metadata(&file).unwrap().len();
    let sign = ["sign", "--pin-stdin", "--level", "b", "--", utf8(&file)];
    let mut antin = Command::new("/usr/bin/time");
    let program = stage.world.antin(&PROVINCE);
    antin
        .args(["-f", "%U s user, %S s system, %M KiB"])
        .arg(program.get_program())
        .args(program.get_args())
        .args(sign);
    for (name, value) in program.get_envs() {
        if let Some(value) = value {
            antin.env(name, value);
        }
    }
    let pin = stage.path("pin");
    fs::write(&pin, line(LEADER.pin)).unwrap();
    let output = antin.stdin(File::open(&pin).unwrap()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    println!("{} bytes: {said}", before);
    assert!(fs::metadata(&file).unwrap().len() > before);
    judges::pdfsig(&file, 1);
    assert_eq!(signatures(&stage, &file), 1);
}
