//! One picture for each act, in `target/screens/acts`, to be looked at beside the rule it follows; and what of it poppler
//! reads as text, where it stands and in which size.

use std::process::Command;

use crate::{
    acts::write,
    gallery,
    pki::{Pki, run, workspace},
};

/// Points are told from the upper left corner of the page.
struct Word {
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
}

#[test]
fn each_act_drawn_and_read() {
    let pki = Pki::empty();
    let folder = workspace().join("target/screens/acts");
    std::fs::create_dir_all(&folder).unwrap();
    for shown in gallery::all(&pki) {
        let file = write(&pki, &format!("{}.pdf", shown.name), &shown.after);
        for page in shown.pages {
            let number = page.to_string();
            let mut draw = Command::new("pdftoppm");
            draw.args([
                "-png",
                "-r",
                "110",
                "-singlefile",
                "-f",
                &number,
                "-l",
                &number,
            ]);
            run(draw
                .arg(&file)
                .arg(folder.join(format!("{}-{page}", shown.name))));
        }
        let Some(page) = shown.pages.first().map(usize::to_string) else {
            continue;
        };
        let words = |word: &str| found(&file, &page, word);
        let wanted: &[&str] = match shown.name {
            "issue" | "number" => &["77", "26", "12"],
            "incoming" | "incoming-corner" => &["1234", "29/12/2014", "THÔNG", "ĐẾN", "nghệ"],
            "appendix" => &["77/2014/CT-UBND", "2026-11-24T09:30:00+07:00"],
            "copy-sao-y" => &["Sao", "y", "2026-11-24T09:30:00+07:00"],
            "copy-sao-luc" => &["Sao", "lục", "2026-11-24T09:30:00+07:00"],
            "copy-trich-sao" => &["Trích", "sao", "2026-11-24T09:30:00+07:00"],
            "comment" => &["Đồng", "trình", "nhận:"],
            _ => &[],
        };
        for word in wanted {
            assert!(
                !words(word).is_empty(),
                "{word} is not read in {}",
                shown.name
            );
        }
        if shown.name.starts_with("copy") || shown.name == "appendix" {
            // Top right of the first page, 10 points (Decree 30/2020, Annex I, II.8.b and part two, I.3): the box of a word
            // is as high as the font's ascent and descent, 1.107 em.
            let time = &words("2026-11-24T09:30:00+07:00")[0];
            assert!(time.top < 72.0 && time.right > 540.0, "{}", shown.name);
            assert!(
                (time.bottom - time.top - 11.07).abs() < 0.2,
                "{}",
                time.bottom - time.top
            );
        }
        if shown.name == "issue" || shown.name == "number" {
            // On the line of what the draft has, which is 110.2 points below the upper edge, in its 13 points.
            let (number, code) = (&words("77")[0], &words("/2014/CT-UBND")[0]);
            assert!(
                (number.bottom - 0.216 * 13.0 - 110.2).abs() < 0.1,
                "{}",
                shown.name
            );
            assert!(
                number.right <= code.left + 0.5 && number.left > 120.0,
                "{}",
                shown.name
            );
            assert!((number.bottom - number.top - 14.39).abs() < 0.3);
        }
    }
}

/// Where poppler finds a word.
fn found(file: &std::path::Path, page: &str, word: &str) -> Vec<Word> {
    let mut command = Command::new("pdftotext");
    command.args(["-bbox", "-f", page, "-l", page]);
    let boxes = run(command.arg(file).arg("-"));
    let value = |line: &str, key: &str| -> f64 {
        let at = line.split(&format!("{key}=\"")).nth(1).unwrap();
        at.split('"').next().unwrap().parse().unwrap()
    };
    boxes
        .lines()
        .filter(|line| line.contains(&format!(">{word}<")))
        .map(|line| Word {
            left: value(line, "xMin"),
            top: value(line, "yMin"),
            right: value(line, "xMax"),
            bottom: value(line, "yMax"),
        })
        .collect()
}
