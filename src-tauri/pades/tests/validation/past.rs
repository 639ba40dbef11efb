//! Proofs of existence through the years: signed, stamped, archived, revoked, expired, and judged, each at its date.
//!
//! The authorities are made in Python, since the `openssl` command stamps with today's clock only; pyHanko judges the
//! same files with the same lists at the same time (EN 319 102-1, 5.6.3).

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use antin_cades::KeyAlgorithm;
use antin_pades::indication::{Indication, SubIndication};
use antin_pades::report::{Level, ProofKind, SignatureReport};
use antin_pades::{
    Act, Plain, SignRequest, Trust, ValidationData, Verdict, Words, extend, prepare, validate,
};
use antin_pdf::Document;
use antin_pkix::{Certificate, Evidence, TrustStore};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use self::rows::ROWS;
use crate::judges::python;
use crate::letter::read;

mod rows;

/// A day, as `YYYY-MM-DD`; its noon.
type Day = &'static str;

/// The authorities.
struct Past {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Past {
    fn make() -> Self {
        let mut child = Command::new(python())
            .args(["-c", include_str!("past.py")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        Self {
            to: child.stdin.take().unwrap(),
            from: BufReader::new(child.stdout.take().unwrap()),
            child,
        }
    }

    fn ask(&mut self, order: &Value) -> Value {
        writeln!(self.to, "{order}").unwrap();
        let mut line = String::new();
        self.from.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("{order} was answered with {line:?}"))
    }

    fn bytes(&mut self, order: &Value) -> Vec<u8> {
        unhex(self.ask(order)["hex"].as_str().unwrap())
    }

    fn certificate(&mut self, name: &str) -> Vec<u8> {
        self.bytes(&json!({"do": "certificate", "name": name}))
    }

    fn stamp(&mut self, authority: &str, at: Day, digest: &[u8]) -> Vec<u8> {
        let digest = hex(digest);
        let at = format!("{at}T12:00:00");
        self.bytes(&json!({"do": "stamp", "authority": authority, "at": at, "digest": digest}))
    }

    /// The lists of both authorities on a day, good for thirty days, with what was revoked until then.
    fn lists(&mut self, day: Day, revoked: &[Revoked]) -> Vec<Vec<u8>> {
        let until = moment(day) + time::Duration::days(30);
        let until = until.format(&Rfc3339).unwrap().replace('Z', "");
        ["root", "sub"]
            .map(|issuer| {
                let entries: Vec<Value> = revoked
                    .iter()
                    .filter(|(name, since, _)| *since < day && issuer_of(name) == issuer)
                    .map(|(name, since, reason)| json!([name, format!("{since}T12:00:00"), reason]))
                    .collect();
                self.bytes(&json!({
                    "do": "revocations", "issuer": issuer, "from": format!("{day}T06:00:00"), "until": until,
                    "revoked": entries,
                }))
            })
            .to_vec()
    }
}

impl Drop for Past {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn issuer_of(name: &str) -> &'static str {
    match name {
        "leader" | "seal" => "sub",
        _ => "root",
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|octet| format!("{octet:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

fn moment(day: Day) -> OffsetDateTime {
    OffsetDateTime::parse(&format!("{day}T12:00:00Z"), &Rfc3339).unwrap()
}

/// Who, since when, and why (`x509.ReasonFlags`).
type Revoked = (&'static str, Day, &'static str);

/// What is done to the letter, in this order.
#[derive(Clone, Copy)]
enum Step {
    /// Signed, and stamped by an authority on a day.
    Sign(&'static str, Option<(&'static str, Day)>),
    /// A store with the lists of these days is added.
    Store(&'static [Day]),
    /// A store with an answer about the leader on a day, its responder's certificate beside it, and the root's list.
    Ask(Day),
    /// A document time-stamp, with the lists of these days in its revision.
    Archive(&'static str, Day, &'static [Day]),
}
use Step::{Archive, Ask, Sign, Store};

struct Row {
    name: &'static str,
    steps: &'static [Step],
    revoked: &'static [Revoked],
    judged: Day,
    /// Lists the judge has beside the file, of these days.
    lists: &'static [Day],
    expected: (Indication, Option<SubIndication>),
    /// When the leader's signature is known to have existed, and what shows it.
    best: (Day, Option<ProofKind>),
    level: Level,
    /// pyHanko is asked, too, and must say the same. It is not where certificates have expired by the day of judging: it
    /// takes lists made later as a word about them, and then finds no time at which everything was valid.
    pyhanko: bool,
}

impl Row {
    /// pyHanko's algorithm for archives has no use for a signature without a time-stamp of its own.
    fn is_stamped(&self) -> bool {
        let first = self.steps.iter().find(|step| matches!(step, Sign(..)));
        matches!(first, Some(Sign(_, Some(_))))
    }

    fn write(&self, past: &mut Past) -> Vec<u8> {
        let mut pdf = read("directive.pdf");
        for step in self.steps {
            let document = Document::from_bytes(pdf.clone()).unwrap();
            let tail = match step {
                Sign(who, stamped) => sign(past, &document, who, *stamped),
                Store(days) => extend::store(&document, &self.data(past, days))
                    .unwrap()
                    .unwrap(),
                Ask(day) => {
                    let mut data = self.data(past, &[day]);
                    data.crls.truncate(1);
                    let at = format!("{day}T12:00:00");
                    data.ocsp =
                        vec![past.bytes(&json!({"do": "answer", "name": "leader", "at": at}))];
                    data.certificates.push(past.certificate("responder"));
                    extend::store(&document, &data).unwrap().unwrap()
                }
                Archive(authority, day, days) => {
                    let data = self.data(past, days);
                    let prepared =
                        extend::prepare_timestamp(&document, &data, &pdf[..], 0).unwrap();
                    let token = past.stamp(authority, day, prepared.imprint());
                    prepared.finish(&token).unwrap().bytes
                }
            };
            pdf.extend(tail);
        }
        pdf
    }

    fn data(&self, past: &mut Past, days: &[Day]) -> ValidationData {
        let names = ["root", "sub", "tsa1", "tsa2", "tsa3"];
        ValidationData {
            certificates: names.map(|name| past.certificate(name)).to_vec(),
            crls: days
                .iter()
                .flat_map(|day| past.lists(day, self.revoked))
                .collect(),
            ocsp: Vec::new(),
        }
    }
}

fn sign(
    past: &mut Past,
    document: &Document,
    who: &str,
    stamped: Option<(&'static str, Day)>,
) -> Vec<u8> {
    let certificate = past.certificate(who);
    let chain = [past.certificate("sub")];
    let request = SignRequest {
        act: Act::Plain(Plain { appearance: None }),
        certificate: &certificate,
        chain: &chain,
        algorithm: KeyAlgorithm::Rsa,
        time: moment("2021-06-15"),
        timestamp: stamped.is_some(),
        words: Words {
            name: who.into(),
            reason: String::new(),
            location: String::new(),
        },
    };
    let prepared = prepare(document, &request).unwrap();
    let bytes = hex(prepared.to_be_signed());
    let signature = past.bytes(&json!({"do": "sign", "name": who, "bytes": bytes}));
    let token = stamped.map(|(tsa, day)| past.stamp(tsa, day, &Sha256::digest(&signature)));
    prepared.finish(&signature, token.as_deref()).unwrap().bytes
}

fn summary(one: &SignatureReport) -> impl PartialEq + std::fmt::Debug {
    (
        (one.indication, one.sub_indication),
        one.best_time,
        one.proof.as_ref().map(|proof| proof.kind),
        one.level,
    )
}

#[test]
fn proofs_slide_through_the_years() {
    let mut past = Past::make();
    let root = Certificate::from_der(&past.certificate("root")).unwrap();
    let trust = TrustStore {
        anchors: vec![root],
        intermediates: Vec::new(),
    };
    let (mut wrong, mut outside) = (Vec::new(), 0);
    for row in ROWS {
        let pdf = row.write(&mut past);
        let crls: Vec<Vec<u8>> = row
            .lists
            .iter()
            .flat_map(|day| past.lists(day, row.revoked))
            .collect();
        let evidence = Evidence {
            crls: crls.clone(),
            ocsp: Vec::new(),
        };
        let document = Document::from_bytes(pdf.clone()).unwrap();
        let report = validate(&document, &trust, &evidence, moment(row.judged));
        assert_eq!(report.verdict, Verdict::Valid, "{}: {report:#?}", row.name);
        let one = report
            .signatures
            .iter()
            .find(|one| one.name.as_deref() == Some("leader"))
            .unwrap();
        let (best, proof) = row.best;
        let expected = (row.expected, moment(best), proof, row.level);
        let found = format!("{:?}", summary(one));
        if found != format!("{expected:?}") {
            wrong.push(format!(
                "{}\n  expected {expected:?}\n  found    {found}\n  {:?} {:?}",
                row.name, one.path, one.timestamps
            ));
        }
        assert_eq!(
            one.trust == Trust::Trusted,
            one.indication == Indication::TotalPassed,
            "{}",
            row.name
        );
        if row.pyhanko {
            outside += 1;
            let judged = past.ask(&json!({
                "do": "judge", "pdf": hex(&pdf), "at": format!("{}T12:00:00", row.judged),
                "crls": crls.iter().map(|list| hex(list)).collect::<Vec<_>>(),
                "stamped": row.is_stamped(),
            }));
            let ours = match row.expected {
                (Indication::TotalPassed, _) => json!("OK"),
                (_, sub) => serde_json::to_value(sub).unwrap(),
            };
            if judged["said"] != ours {
                wrong.push(format!("{}\n  pyHanko {judged}, ours {ours}", row.name));
            }
        }
    }
    println!(
        "{} rows, {outside} of them judged by pyHanko, too",
        ROWS.len()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
