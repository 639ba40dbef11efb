//! Letters with signatures of the shapes met in the field, made by OpenSSL, in a world with a PKI and its services.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use antin_cades::{accept_timestamp, add_timestamp, signature_value, timestamp_request};
use antin_testkit::pki::{Credential, Pki, Role};
use antin_testkit::responder::{Behaviour, Listener, Responder, Service};
use serde_json::json;
use tempfile::TempDir;
use time::{OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

/// Room for the CMS in hexadecimal; real tools reserve as much.
const HOLE: usize = 32_768;

/// How a signature is made.
#[derive(Clone, Copy)]
pub(crate) struct Form {
    pub(crate) digest: &'static str,
    /// `ETSI.CAdES.detached` with signing-certificate-v2, else `adbe.pkcs7.detached`.
    pub(crate) etsi: bool,
    /// BER with indefinite lengths.
    pub(crate) indefinite: bool,
    /// No signed attributes: the time stands in the dictionary, local time written as universal time.
    pub(crate) local_as_utc: bool,
    /// With a time-stamp token.
    pub(crate) stamped: bool,
}

impl Form {
    pub(crate) const ADBE: Form = Form {
        digest: "sha256",
        etsi: false,
        indefinite: false,
        local_as_utc: false,
        stamped: false,
    };
    pub(crate) const CADES: Form = Form {
        etsi: true,
        ..Form::ADBE
    };
    pub(crate) const LOCAL_AS_UTC: Form = Form {
        local_as_utc: true,
        ..Form::ADBE
    };

    fn sub_filter(self) -> &'static str {
        match self.etsi {
            true => "ETSI.CAdES.detached",
            false => "adbe.pkcs7.detached",
        }
    }
}

/// Who signs, and how.
#[derive(Clone, Copy)]
pub(crate) struct Signature {
    role: Role,
    form: Form,
}

#[expect(clippy::disallowed_methods, reason = "the letters are written now")]
fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}

/// The world.
pub(crate) struct Letters {
    folder: TempDir,
    pki: Arc<Pki>,
    services: Responder,
    now: OffsetDateTime,
}

impl Letters {
    pub(crate) fn new() -> Letters {
        let folder = tempfile::tempdir().unwrap();
        let listener = Listener::bind(0).unwrap();
        let begun = now().replace_nanosecond(0).unwrap();
        let pki = Pki::create(&folder.path().join("pki"), &listener.url(), begun).unwrap();
        let pki = Arc::new(pki);
        let services = listener.serve(Arc::clone(&pki), Box::new(now));
        Letters {
            folder,
            pki,
            services,
            now: begun,
        }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A moment after everything was signed and listed, for `--at`.
    pub(crate) fn now(&self) -> String {
        (self.now + time::Duration::HOUR).format(&Rfc3339).unwrap()
    }

    /// The network to lists, status answers and time-stamps.
    pub(crate) fn network(&self, works: bool) {
        let behaviour = if works { Behaviour::On } else { Behaviour::Off };
        for service in [Service::Crl, Service::Ocsp, Service::Tsa] {
            self.services.set(service, behaviour);
        }
    }

    /// A new office that trusts the root, and knows the authority below it or not.
    pub(crate) fn office(&self, name: &str, knows_issuer: bool) -> PathBuf {
        let folder = self.folder().join(name);
        fs::create_dir_all(&folder).unwrap();
        let intermediates: Vec<&Path> = match knows_issuer {
            true => vec![self.pki.sub().path()],
            false => Vec::new(),
        };
        let config = json!({
            "agency": { "id": "H57", "name": "UBND tỉnh" },
            "server": { "url": "http://127.0.0.1:9", "credential": "credential", "receipt_issuer": "" },
            "signers": [], "trust": [self.pki.root().path()], "intermediates": intermediates,
            "allowed_hosts": ["127.0.0.1"],
        });
        fs::write(folder.join("office.json"), config.to_string()).unwrap();
        folder
    }

    /// Takes the anchor from an office.
    pub(crate) fn distrust(&self, office: &Path) {
        let path = office.join("office.json");
        let text = fs::read_to_string(&path).unwrap();
        let mut config: serde_json::Value = serde_json::from_str(&text).unwrap();
        config["trust"] = json!([]);
        fs::write(path, config.to_string()).unwrap();
    }

    /// The official's signature.
    pub(crate) fn sign(&self, form: Form) -> Signature {
        let role = Role::Official;
        Signature { role, form }
    }

    /// The agency's.
    pub(crate) fn seal(&self, form: Form) -> Signature {
        let role = Role::Seal;
        Signature { role, form }
    }

    /// A letter of one page with these signatures, one revision each.
    pub(crate) fn write(&self, name: &str, signatures: &[Signature]) -> PathBuf {
        let mut pdf = Pdf::page();
        for (index, signature) in signatures.iter().enumerate() {
            let when =
                self.now + time::Duration::hours(if signature.form.local_as_utc { 7 } else { 0 });
            let hole = pdf.add_signature(index, signature.form.sub_filter(), when);
            let parts = [&pdf.bytes[..hole.0], &pdf.bytes[hole.1..]].concat();
            let cms = self.cms(*signature, &parts);
            let hex: String = cms.iter().map(|byte| format!("{byte:02x}")).collect();
            pdf.bytes[hole.0 + 1..hole.0 + 1 + hex.len()].copy_from_slice(hex.as_bytes());
        }
        let path = self.folder().join(name);
        fs::write(&path, &pdf.bytes).unwrap();
        path
    }

    fn cms(&self, signature: Signature, content: &[u8]) -> Vec<u8> {
        let (form, folder) = (signature.form, self.folder());
        let signer = self.pki.leaf(signature.role).unwrap();
        let (data, out) = (folder.join("signed-bytes"), folder.join("signature.der"));
        fs::write(&data, content).unwrap();
        let mut command = Command::new("openssl");
        // Without -certfile only the signer's own certificate goes in, as in 126 of 127 signatures of the field.
        command.args([
            "cms",
            "-sign",
            "-binary",
            "-outform",
            "DER",
            "-md",
            form.digest,
        ]);
        command.arg("-in").arg(&data).arg("-out").arg(&out);
        command
            .arg("-signer")
            .arg(self.pem(signer))
            .arg("-inkey")
            .arg(signer.key().path());
        command.args(form.etsi.then_some("-cades"));
        command.args(form.indefinite.then_some("-stream"));
        command.args(form.local_as_utc.then_some("-noattr"));
        let output = command.output().unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let cms = fs::read(&out).unwrap();
        assert_eq!(form.indefinite, cms[1] == 0x80, "indefinite length");
        if form.stamped { self.stamp(&cms) } else { cms }
    }

    fn pem(&self, credential: &Credential) -> PathBuf {
        let path = self.folder().join("signer.pem");
        let mut command = Command::new("openssl");
        command
            .args(["x509", "-inform", "DER", "-in"])
            .arg(credential.path());
        assert!(command.arg("-out").arg(&path).status().unwrap().success());
        path
    }

    fn stamp(&self, cms: &[u8]) -> Vec<u8> {
        let value = signature_value(cms).unwrap();
        let request = timestamp_request(&value, 7);
        let host = self.pki.url().trim_start_matches("http://");
        let mut stream = TcpStream::connect(host).unwrap();
        let head = format!(
            "POST /tsa HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/timestamp-query\r\ncontent-length: {}\r\n\r\n",
            request.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(&request).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let body = answer
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .unwrap()
            + 4;
        let token = accept_timestamp(&answer[body..], &value, 7).unwrap();
        add_timestamp(cms, &token.der).unwrap()
    }

    /// What is said without what differs from day to day and from machine to machine.
    pub(crate) fn without_today(&self, text: &str) -> String {
        let text = text.replace(self.pki.url().trim_start_matches("http://"), "ca.example");
        let letters: Vec<char> = text.chars().collect();
        let (mut said, mut at) = (String::new(), 0);
        while at < letters.len() {
            // 09:41:05 26/12/2014, 26/12/2014
            let shapes = [
                ("##:##:## ##/##/####", "«giờ ngày»"),
                ("##/##/####", "«ngày»"),
            ];
            let found = shapes.iter().find(|(shape, _)| {
                let window = letters.get(at..at + shape.len()).unwrap_or_default();
                !window.is_empty()
                    && window
                        .iter()
                        .zip(shape.chars())
                        .all(|(letter, sign)| match sign {
                            '#' => letter.is_ascii_digit(),
                            sign => *letter == sign,
                        })
            });
            match found {
                Some((shape, name)) => {
                    said += name;
                    at += shape.len();
                }
                None => {
                    said.push(letters[at]);
                    at += 1;
                }
            }
        }
        // The bundle's version and age are not this test's.
        let of_bundle =
            |line: &str| line.starts_with("Dữ liệu tin cậy:") || line.starts_with("Trust data:");
        let line = |line: &str| match of_bundle(line) {
            true => line
                .chars()
                .map(|c| if c.is_ascii_digit() { 'N' } else { c })
                .collect(),
            false => line.to_owned(),
        };
        said.lines().map(|l| line(l) + "\n").collect()
    }
}

/// A PDF that grows by one revision for each signature.
struct Pdf {
    bytes: Vec<u8>,
    xref: usize,
    fields: Vec<usize>,
}

impl Pdf {
    fn page() -> Pdf {
        let mut pdf = Pdf {
            bytes: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec(),
            xref: 0,
            fields: Vec::new(),
        };
        let text = "BT /F1 14 Tf 72 760 Td (Letter) Tj ET";
        let objects = [
            (1, pdf.catalog()),
            (2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned()),
            (3, pdf.the_page()),
            (
                4,
                format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len()),
            ),
            (
                5,
                "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
            ),
        ];
        pdf.revision(&objects, 6);
        pdf
    }

    fn references(&self) -> String {
        self.fields.iter().map(|id| format!("{id} 0 R ")).collect()
    }

    fn catalog(&self) -> String {
        let fields = self.references();
        format!("<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [{fields}] /SigFlags 3 >> >>")
    }

    fn the_page(&self) -> String {
        let annotations = self.references();
        format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Annots [{annotations}] /Resources << /Font << /F1 5 0 R >> >> >>"
        )
    }

    /// Adds a signature field with room for its value; returns where that lies, delimiters included.
    fn add_signature(
        &mut self,
        index: usize,
        sub_filter: &str,
        when: OffsetDateTime,
    ) -> (usize, usize) {
        let (field, value) = (6 + 2 * index, 7 + 2 * index);
        self.fields.push(field);
        let when = when.to_offset(UtcOffset::UTC);
        let when = format!(
            "D:{}{:02}{:02}{:02}{:02}{:02}Z",
            when.year(),
            u8::from(when.month()),
            when.day(),
            when.hour(),
            when.minute(),
            when.second()
        );
        let placeholder = "0".repeat(HOLE);
        let objects = [
            (1, self.catalog()),
            (3, self.the_page()),
            (
                field,
                format!(
                    "<< /Type /Annot /Subtype /Widget /FT /Sig /T (Signature{}) /F 132 /Rect [0 0 0 0] /P 3 0 R /V {value} 0 R >>",
                    index + 1
                ),
            ),
            (
                value,
                format!(
                    "<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /{sub_filter} /M ({when}) \
                 /ByteRange [0 1111111111 2222222222 3333333333] /Contents <{placeholder}> >>"
                ),
            ),
        ];
        let begun = self.bytes.len();
        self.revision(&objects, value + 1);
        let find = |word: &[u8]| {
            let new = &self.bytes[begun..];
            begun
                + new
                    .windows(word.len())
                    .position(|window| window == word)
                    .unwrap()
        };
        let start = find(b"/Contents <") + "/Contents ".len();
        let end = start + HOLE + 2;
        let range = find(b"0 1111111111");
        let numbers = format!("{} {} {}", start, end, self.bytes.len() - end);
        let numbers = format!("0 {numbers:<32}");
        self.bytes[range..range + 34].copy_from_slice(numbers.as_bytes());
        (start, end)
    }

    fn revision(&mut self, objects: &[(usize, String)], size: usize) {
        let mut places = Vec::new();
        for (id, body) in objects {
            places.push((*id, self.bytes.len()));
            self.bytes
                .extend(format!("{id} 0 obj\n{body}\nendobj\n").bytes());
        }
        let at = self.bytes.len();
        let mut table = String::from("xref\n");
        if self.xref == 0 {
            table += "0 1\n0000000000 65535 f \n";
        }
        for (id, place) in places {
            table += &format!("{id} 1\n{place:010} 00000 n \n");
        }
        let previous = match self.xref {
            0 => String::new(),
            previous => format!(" /Prev {previous}"),
        };
        table +=
            &format!("trailer\n<< /Size {size} /Root 1 0 R{previous} >>\nstartxref\n{at}\n%%EOF\n");
        self.bytes.extend(table.bytes());
        self.xref = at;
    }
}
