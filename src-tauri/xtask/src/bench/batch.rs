//! Two hundred letters in one call: signed with one login, and verified.

use super::{
    Wish,
    figure::{Figure, Figures, Good},
    kit::{Kit, Row, Rows},
    note,
    sign::SIGN,
    verify::VERIFY,
};

const LETTERS: &str = "200 letters";
const SIGNERS: [&str; 4] = [
    "pyhanko-token",
    "pyhanko-key",
    "mutool-key, a process each",
    "pdfsig-key, a process each",
];
/// Of the raw rate of the token, as the clock on the wall has it: what is left is reading, hashing and writing.
const OF_RAW: f64 = 0.6;

pub(super) fn run(kit: &Kit, wish: Wish, figures: &mut Figures) -> Result<(), String> {
    let peers = kit.peers("batch", wish)?;
    note("200 letters signed: antin");
    let command = kit.ours(&format!("{SIGN} {{files}}"));
    let check = "{home}/venv/bin/python {kit}/batch_pyhanko.py verify {dir}";
    let arguments = [
        "--pin", "--label", "antin", "--cmd", &command, "--check", check,
    ];
    let rows = kit.rows("bench_batch.py", wish, &arguments)?;
    let raw = rate(&rows, "floor: raw signatures", "per_wall_s");
    let beside = |column: &str, of: &[&'static str]| -> Vec<(&'static str, Option<f64>)> {
        let value = |label: &str| peers.get(label, "").and_then(|row| row.get(column));
        of.iter().map(|label| (*label, value(label))).collect()
    };
    let mut others = vec![("raw", raw)];
    others.extend(beside("per_cpu_s", &SIGNERS));
    figures.add(figure(
        &rows,
        "signed per CPU s",
        "per_cpu_s",
        300.0,
        "",
        others,
    ));
    let mut others = vec![("raw", raw)];
    others.extend(beside("per_wall_s", &SIGNERS));
    let limit = OF_RAW * raw.unwrap_or(f64::INFINITY);
    figures.add(figure(
        &rows,
        "signed per second",
        "per_wall_s",
        limit,
        "60 % of the token's raw rate",
        others,
    ));

    note("200 letters verified: antin");
    let command = kit.ours(&format!("{VERIFY} {{files}}"));
    let arguments = ["--verify", "--label", "antin", "--cmd", &command];
    let rows = kit.rows("bench_batch.py", wish, &arguments)?;
    let mut others = vec![("sha256", rate(&rows, "floor: sha256", "per_cpu_s"))];
    others.extend(beside(
        "per_cpu_s",
        &["pyhanko-verify", "pyhanko-verify-nodiff"],
    ));
    figures.add(figure(
        &rows,
        "verified per CPU s",
        "per_cpu_s",
        400.0,
        "",
        others,
    ));
    Ok(())
}

fn figure(
    rows: &Rows,
    what: &'static str,
    column: &str,
    limit: f64,
    rule: &'static str,
    others: Vec<(&'static str, Option<f64>)>,
) -> Figure {
    Figure {
        section: "batch",
        what,
        input: LETTERS.to_owned(),
        ours: rate(rows, "antin", column).unwrap_or(0.0),
        limit: Good::AtLeast(limit),
        rule,
        others,
    }
}

fn rate(rows: &Rows, label: &str, column: &str) -> Option<f64> {
    rows.get(label, "").and_then(|row: &Row| row.get(column))
}
