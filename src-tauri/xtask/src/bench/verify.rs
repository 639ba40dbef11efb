//! Verifying one file.

use super::{
    Wish,
    figure::{Figure, Figures, Good},
    kit::{Kit, Row, Rows},
    note,
};

const ONE_SIGNATURE: [&str; 4] = ["letter", "scan100", "pages10k", "pages10k_objstm"];
const TWO_SIGNATURES: [&str; 4] = [
    "letter_2sig",
    "scan100_2sig",
    "pages10k_2sig",
    "pages10k_objstm_2sig",
];
const PEERS: [&str; 4] = ["pyhanko", "pyhanko-nodiff", "pdfsig", "mutool"];
/// With the lists of revocations at hand, so that there is a whole answer. The peers are told to look at none.
pub(super) const VERIFY: &str = "verify --offline --trust {root} --evidence {home}/evidence";
/// The answer is right, not only fast.
const RIGHT: &str = r#"--json {in} | grep -qE '"verdict":"(valid|modified-allowed)"'"#;

pub(super) fn run(kit: &Kit, wish: Wish, figures: &mut Figures) -> Result<(), String> {
    note("verify: antin");
    let command = kit.ours(&format!("{VERIFY} {{in}}"));
    let check = format!(
        "sh -c \"{} {}\"",
        kit.ours(VERIFY),
        RIGHT.replace('"', "\\\"")
    );
    let mut arguments = vec![
        "--verify", "--label", "antin", "--cmd", &command, "--check", &check, "--inputs",
    ];
    arguments.extend(ONE_SIGNATURE);
    arguments.extend(TWO_SIGNATURES);
    let mut rows = kit.rows("bench_sign.py", wish, &arguments)?;
    rows.extend(kit.peers("verify", wish)?);
    rows.extend(kit.peers("verify2", wish)?);
    for input in ONE_SIGNATURE.iter().chain(&TWO_SIGNATURES) {
        let ours = row(&rows, "antin", input)?;
        let sha256 = cpu(row(&rows, "floor: sha256", input)?);
        let many_pages = TWO_SIGNATURES.contains(input) && input.starts_with("pages");
        let (limit, rule) = if many_pages {
            (0.2, "0.2 s")
        } else {
            (3.0 * sha256 + 0.015, "3 × sha256 + 15 ms")
        };
        let mut others = vec![("sha256", Some(sha256))];
        others
            .extend(PEERS.map(|peer| (peer, rows.get(peer, input).and_then(|row| row.get("cpu")))));
        figures.add(Figure {
            section: "verify",
            what: "CPU s",
            input: (*input).to_owned(),
            ours: cpu(ours),
            limit: Good::AtMost(limit),
            rule,
            others,
        });
        let limit = match *input {
            "scan100" | "scan100_2sig" => 24.0,
            _ if many_pages => 64.0,
            _ => continue,
        };
        figures.add(Figure {
            section: "verify",
            what: "RSS MiB",
            input: (*input).to_owned(),
            ours: ours.get("rss").unwrap_or(f64::INFINITY),
            limit: Good::AtMost(limit),
            rule: "",
            others: PEERS
                .map(|peer| (peer, rows.get(peer, input).and_then(|row| row.get("rss"))))
                .to_vec(),
        });
    }
    Ok(())
}

/// A row that must be there.
pub(super) fn row<'a>(rows: &'a Rows, label: &str, input: &str) -> Result<&'a Row, String> {
    rows.get(label, input)
        .ok_or_else(|| format!("✗ there is no row {label} {input}"))
}

pub(super) fn cpu(row: &Row) -> f64 {
    row.get("cpu").unwrap_or(f64::INFINITY)
}
