//! Signing one file in place.

use super::{
    Wish,
    figure::{Figure, Figures, Good},
    growth,
    kit::Kit,
    memory, note,
    verify::{cpu, row},
};

const INPUTS: [&str; 4] = ["letter", "scan100", "pages10k", "pages10k_objstm"];
const PEERS: [&str; 5] = [
    "pyhanko-token",
    "pyhanko-key",
    "pdfsig-token",
    "pdfsig-key",
    "mutool-key",
];
/// The chain goes into the signature, as the peers' configuration has it.
pub(super) const SIGN: &str =
    "sign --module {module} --token peers --pin-stdin --trust {root} --trust {home}/ca/sub.pem";
/// pyHanko, strict, accepts it.
const CHECK: &str = "{home}/venv/bin/python -m pyhanko --config {home}/pyhanko.yml sign validate --validation-context peers --no-revocation-check {out}";
/// Memory must not grow with the file.
const MEMORY: f64 = 20.0;

pub(super) fn run(kit: &Kit, wish: Wish, figures: &mut Figures) -> Result<(), String> {
    note("sign: antin");
    let command = kit.ours(&format!("{SIGN} {{in}}"));
    let mut arguments = vec![
        "--pin",
        "--inplace",
        "--label",
        "antin",
        "--cmd",
        &command,
        "--check",
        CHECK,
        "--inputs",
    ];
    arguments.extend(INPUTS);
    let mut rows = kit.rows("bench_sign.py", wish, &arguments)?;
    rows.extend(kit.peers("sign", wish)?);
    for input in INPUTS {
        let ours = row(&rows, "antin", input)?;
        let sha256 = cpu(row(&rows, "floor: sha256", input)?);
        let copy = cpu(row(&rows, "floor: cp", input)?);
        let of = |column: &str| {
            PEERS.map(|peer| (peer, rows.get(peer, input).and_then(|row| row.get(column))))
        };
        let mut others = vec![("sha256", Some(sha256)), ("cp", Some(copy))];
        others.extend(of("cpu"));
        figures.add(Figure {
            section: "sign",
            what: "CPU s",
            input: input.to_owned(),
            ours: cpu(ours),
            limit: Good::AtMost(1.3 * sha256 + copy + 0.025),
            rule: "1.3 × sha256 + 1 × cp + 25 ms",
            others,
        });
        figures.add(Figure {
            section: "sign",
            what: "RSS MiB",
            input: input.to_owned(),
            ours: ours.get("rss").unwrap_or(f64::INFINITY),
            limit: Good::AtMost(MEMORY),
            rule: "largest process, at any size",
            others: of("rss").to_vec(),
        });
        note(&format!("memory of all processes: {input}"));
        let peak = memory::signing(kit, input)?;
        figures.add(Figure {
            section: "sign",
            what: "PSS MiB",
            input: input.to_owned(),
            ours: peak,
            limit: Good::AtMost(MEMORY),
            rule: "all processes, at any size",
            others: Vec::new(),
        });
    }
    note("growth");
    growth::run(kit, figures)
}
