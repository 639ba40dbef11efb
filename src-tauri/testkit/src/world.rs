//! A whole small world to work in: PKI and its services, tokens, the province's server, and four agencies with an office
//! each. Tests and the demo use the same one; everything runs on loopback and ends with its owner.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use der::pem::LineEnding;
use der::{Encode, EncodePem};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::office::{self, CLERK, LEADER};
use crate::pki::{Pki, Role};
use crate::process::{self, Guard};
use crate::{Error, SoftHsm};

/// An agency of the demo's directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DemoAgency {
    /// Its code (invented, of the form of Decision 20/2020).
    pub id: &'static str,
    /// Its code in the older form of QCVN 102.
    pub code102: &'static str,
    /// Its name.
    pub name: &'static str,
    /// The name of the agency above it.
    pub parent: Option<&'static str>,
    /// The folder of its office.
    pub folder: &'static str,
    /// Its clerk.
    pub clerk: &'static str,
}

/// The sender.
pub const PROVINCE: DemoAgency = DemoAgency {
    id: "H57",
    code102: "000.00.00.H57",
    name: "Ủy ban nhân dân tỉnh Thừa Thiên Huế",
    parent: None,
    folder: "ubnd-tinh",
    clerk: "Hoàng Thu Hằng",
};

/// The receivers.
pub const RECEIVERS: [DemoAgency; 3] = [
    DemoAgency {
        id: "H57.12",
        code102: "000.00.12.H57",
        name: "Sở Thông tin và Truyền thông",
        parent: Some("Ủy ban nhân dân tỉnh Thừa Thiên Huế"),
        folder: "so-tttt",
        clerk: "Trần Văn Minh",
    },
    DemoAgency {
        id: "H57.31",
        code102: "000.00.31.H57",
        name: "Ủy ban nhân dân huyện Phong Điền",
        parent: Some("Ủy ban nhân dân tỉnh Thừa Thiên Huế"),
        folder: "phong-dien",
        clerk: "Nguyễn Thị Mai",
    },
    DemoAgency {
        id: "H57.38",
        code102: "000.00.38.H57",
        name: "Ủy ban nhân dân thành phố Huế",
        parent: Some("Ủy ban nhân dân tỉnh Thừa Thiên Huế"),
        folder: "tp-hue",
        clerk: "Lê Thị Hoa",
    },
];

/// The day the demo's letters are issued under: the Directive's own.
pub const ISSUE_DATE: &str = "2014-12-26";
/// The Directive is number 77 of its year.
const NUMBERS_GIVEN: u32 = 76;

/// The programs of a build, wherever it lies.
#[derive(Debug, Clone)]
pub struct Programs {
    folder: PathBuf,
}

impl Programs {
    /// The programs beside the running one; a test's own program lies one folder deeper.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn beside_this() -> Result<Self, Error> {
        let this = std::env::current_exe()?;
        let mut folder = this.parent().unwrap_or(Path::new(".")).to_path_buf();
        if folder.ends_with("deps") {
            folder.pop();
        }
        Ok(Self { folder })
    }

    /// One of them.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder
            .join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    }
}

/// The world.
#[derive(Debug)]
pub struct World {
    folder: PathBuf,
    programs: Programs,
    pki: Pki,
    tokens: SoftHsm,
    province_port: u16,
    province: Option<Guard>,
    _services: Guard,
}

impl World {
    /// Makes the world anew in `folder`; what was there is removed. `letters` is the folder of the sample letters.
    ///
    /// # Errors
    /// [`Error::NotInstalled`], [`Error::NotReady`], [`Error::File`], [`Error::Tool`].
    pub fn create(folder: &Path, letters: &Path, programs: Programs) -> Result<Self, Error> {
        if folder.exists() {
            fs::remove_dir_all(folder).map_err(Error::file(folder))?;
        }
        fs::create_dir_all(folder).map_err(Error::file(folder))?;
        let folder = std::path::absolute(folder)?;
        let services = start_services(&programs, &folder.join("pki"))?;
        let pki = Pki::open(&folder.join("pki"))?;
        let tokens = office::create_tokens(&folder.join("tokens"), &pki)?;
        let mut world = Self {
            province_port: free_port()?,
            folder,
            programs,
            pki,
            tokens,
            province: None,
            _services: services,
        };
        world.write_directory()?;
        world.start_province()?;
        for agency in [PROVINCE].iter().chain(&RECEIVERS) {
            world.write_office(agency, letters)?;
        }
        Ok(world)
    }

    /// Its folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Its PKI.
    #[must_use]
    pub fn pki(&self) -> &Pki {
        &self.pki
    }

    /// Its tokens.
    #[must_use]
    pub fn tokens(&self) -> &SoftHsm {
        &self.tokens
    }

    /// The programs it runs.
    #[must_use]
    pub fn programs(&self) -> &Programs {
        &self.programs
    }

    /// The office of an agency.
    #[must_use]
    pub fn office(&self, agency: &DemoAgency) -> PathBuf {
        self.folder.join(agency.folder)
    }

    /// Where the province's server listens.
    #[must_use]
    pub fn province_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.province_port)
    }

    /// The bearer credential of an agency.
    #[must_use]
    pub fn credential(agency: &DemoAgency) -> String {
        format!("demo-{}", agency.folder)
    }

    /// Starts the province's server, or starts it again on what it holds.
    ///
    /// # Errors
    /// [`Error::NotReady`], [`Error::NotInstalled`].
    pub fn start_province(&mut self) -> Result<(), Error> {
        let receipts = self.pki.leaf(Role::Receipts)?;
        let mut command = process::command(self.programs.path("antin-province"));
        command
            .arg("--dir")
            .arg(self.folder.join("province"))
            .args(["--listen", &format!("127.0.0.1:{}", self.province_port)])
            .arg("--signer-key")
            .arg(receipts.key().path())
            .arg("--signer-cert")
            .arg(&self.write_receipt_chain()?)
            .arg("--trust")
            .arg(self.pki.root().path())
            .arg("--trust")
            .arg(self.pki.sub().path());
        self.province = Some(ready(
            command,
            "antin-province",
            &self.folder.join("province.log"),
        )?);
        Ok(())
    }

    /// The certificate that signs receipts with the one above it: a receipt must stand alone before a third party.
    fn write_receipt_chain(&self) -> Result<PathBuf, Error> {
        let path = self.folder.join("province/receipts-chain.pem");
        let mut text = String::new();
        for certificate in [self.pki.leaf(Role::Receipts)?, self.pki.sub()] {
            text += &certificate.certificate().to_pem(LineEnding::LF)?;
        }
        fs::write(&path, text).map_err(Error::file(&path))?;
        Ok(path)
    }

    /// Ends the province's server without warning, as a power cut would.
    pub fn kill_province(&mut self) {
        if let Some(mut province) = self.province.take() {
            province.kill();
        }
    }

    /// An `antin` of this world, working in an agency's office.
    #[must_use]
    pub fn antin(&self, agency: &DemoAgency) -> Command {
        let mut command = process::command(self.programs.path("antin"));
        command
            .env("ANTIN_OFFICE", self.office(agency))
            .env("ANTIN_LANG", "vi")
            .envs(self.tokens.env());
        command
    }

    /// Runs `antin` with a PIN or nothing on its standard input.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::NotInstalled`].
    pub fn run(&self, agency: &DemoAgency, words: &[&str], input: &str) -> Result<Output, Error> {
        let mut command = self.antin(agency);
        command
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            // A program that wants nothing may close its end first.
            let _ = std::io::Write::write_all(&mut stdin, input.as_bytes());
        }
        Ok(child.wait_with_output()?)
    }

    fn write_directory(&self) -> Result<(), Error> {
        let folder = self.folder.join("province");
        fs::create_dir_all(&folder).map_err(Error::file(&folder))?;
        let agencies: Vec<Value> = [PROVINCE]
            .iter()
            .chain(&RECEIVERS)
            .map(|agency| {
                json!({
                    "id": agency.id, "otherId": agency.code102, "name": agency.name, "parent": agency.parent,
                    "accessTokenSha256": hex(&Sha256::digest(Self::credential(agency))),
                })
            })
            .collect();
        let series = json!([{
            "agency": PROVINCE.id, "documentType": "chi-thi", "normative": true, "year": 2014, "last": NUMBERS_GIVEN,
        }]);
        let config = json!({ "issuer": PROVINCE.id, "agencies": agencies, "series": series });
        write_json(&folder.join("agencies.json"), &config)
    }

    fn write_office(&self, agency: &DemoAgency, letters: &Path) -> Result<(), Error> {
        let office = self.office(agency);
        fs::create_dir_all(&office).map_err(Error::file(&office))?;
        let credential = office.join("credential");
        fs::write(&credential, Self::credential(agency)).map_err(Error::file(&credential))?;
        for image in ["signature.png", "seal.png"] {
            let target = office.join(image);
            fs::copy(letters.join(image), &target).map_err(Error::file(&target))?;
        }
        let receipts = self.pki.leaf(Role::Receipts)?;
        let issuer = common_name(receipts.certificate());
        let key = receipts
            .certificate()
            .tbs_certificate
            .subject_public_key_info
            .to_der()?;
        let server = json!({
            "url": self.province_url(), "credential": "credential", "receipt_issuer": issuer,
            "receipt_keys": [hex(&Sha256::digest(key))],
        });
        let config = json!({
            "agency": { "id": agency.id, "name": agency.name },
            "server": server,
            "signers": self.signers(agency),
            "demo_trust": [self.pki.root().path()],
            "intermediates": [self.pki.sub().path()],
            "tsa": [self.pki.tsa_url()],
            "allowed_hosts": ["127.0.0.1"],
            "issue_date": ISSUE_DATE,
            "language": "vi",
        });
        write_json(&office.join("office.json"), &config)
    }

    /// Only the sender signs in the demo; every office has its clerk, who receives.
    fn signers(&self, agency: &DemoAgency) -> Value {
        let clerk = json!({
            "role": "clerk", "name": agency.clerk, "title": "Văn thư", "module": self.tokens.module(),
            "token": CLERK.label, "image": "seal.png",
        });
        if agency.id != PROVINCE.id {
            return json!([clerk]);
        }
        json!([
            {
                "role": "leader", "name": "Phan Ngọc Thọ", "title": "Phó Chủ tịch UBND tỉnh", "module": self.tokens.module(),
                "token": LEADER.label, "image": "signature.png",
            },
            clerk,
        ])
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn common_name(certificate: &x509_cert::Certificate) -> String {
    let subject = certificate.tbs_certificate.subject.to_string();
    let name = subject.split(',').find_map(|part| part.strip_prefix("CN="));
    name.unwrap_or(&subject).to_owned()
}

fn start_services(programs: &Programs, folder: &Path) -> Result<Guard, Error> {
    let mut command = process::command(programs.path("antin-demo-pki"));
    command
        .args(["serve", "--dir"])
        .arg(folder)
        .args(["--port", "0"]);
    ready(command, "antin-demo-pki", &folder.with_extension("log"))
}

/// Starts a server and waits for the line that says it listens.
fn ready(mut command: Command, name: &str, log: &Path) -> Result<Guard, Error> {
    let log = fs::File::create(log).map_err(Error::file(log))?;
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log);
    let mut guard = Guard::spawn(command)?;
    let not_ready = || Error::NotReady {
        program: name.to_owned(),
    };
    let stdout = guard.child().stdout.take().ok_or_else(not_ready)?;
    let mut lines = BufReader::new(stdout);
    let mut line = String::new();
    if lines.read_line(&mut line)? == 0 || !line.contains("http://") {
        return Err(not_ready());
    }
    // Whatever else it prints must not fill the pipe.
    std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
    Ok(guard)
}

/// The server comes back on the same port, so the port is chosen here.
fn free_port() -> Result<u16, Error> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn write_json(path: &Path, value: &Value) -> Result<(), Error> {
    fs::write(path, format!("{value:#}\n")).map_err(Error::file(path))
}
