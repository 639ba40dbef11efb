//! The command line's words.

use antin_ops::{message::Language, pades::Disputed};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Ký số và văn thư của cơ quan nhà nước · the signing and filing desk of a state office.
#[derive(Parser)]
#[command(name = "antin", version, disable_help_subcommand = true)]
pub(crate) struct Words {
    /// One JSON object a line instead of sentences.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Language of the sentences; without it ANTIN_LANG, else Vietnamese.
    #[arg(long, global = true, value_enum)]
    lang: Option<Lang>,
    /// The office's folder; without it ANTIN_OFFICE, else the current folder.
    #[arg(long, global = true, value_name = "DIR")]
    office: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

#[derive(Clone, Copy, ValueEnum)]
enum Lang {
    Vi,
    En,
}

impl Words {
    pub(crate) fn language(&self) -> Language {
        let english = || std::env::var("ANTIN_LANG").is_ok_and(|l| l.starts_with("en"));
        match self.lang {
            Some(Lang::En) => Language::En,
            None if english() => Language::En,
            _ => Language::Vi,
        }
    }

    /// The office's folder, wherever it was named.
    pub(crate) fn office(&self) -> PathBuf {
        self.named_office().unwrap_or_else(|| PathBuf::from("."))
    }

    /// The office's folder, if one was named.
    pub(crate) fn named_office(&self) -> Option<PathBuf> {
        self.office
            .clone()
            .or_else(|| std::env::var_os("ANTIN_OFFICE").map(PathBuf::from))
    }
}

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Ký: a letter of the office, or any PDF in place
    Sign(Box<Sign>),
    /// Gia hạn: validation data and archive time-stamps for signed PDFs, in place
    Extend(Extend),
    /// Kiểm tra: judge the signatures of PDFs
    Verify(Verify),
    /// Trình ký: letters waiting for the leader, and all others
    #[command(subcommand)]
    Letter(Letter),
    /// Ký phát hành: number from the province, date and seal in one act
    Issue(Issue),
    /// Phát hành: send an issued letter through the outbox
    Dispatch(Dispatch),
    /// Drain the outbox and fetch the inbox
    Sync(Sync),
    /// Văn bản đến: list, accept, refuse
    Inbox(Inbox),
    /// Hàng chờ gửi: what was sent, what waits and why
    Outbox,
    /// Giấy báo: list or verify signed receipts
    #[command(subcommand)]
    Receipt(Receipt),
    /// Thiết bị ký: what is plugged in, what is wrong with it, its PIN
    #[command(subcommand)]
    Token(crate::token::Order),
    /// Đường dẫn chứng thực: from a certificate to an anchor, by RFC 5280
    #[command(subcommand)]
    Path(crate::path::Order),
    /// Dữ liệu tin cậy: which authorities are believed, and since when
    #[command(subcommand)]
    Trust(crate::trust::Order),
}

#[derive(Args)]
pub(crate) struct Sign {
    /// The act: `approve` for a letter of the office, the others for files
    #[arg(long, value_enum, default_value_t = ActName::Plain)]
    pub(crate) act: ActName,
    #[command(flatten)]
    pub(crate) facts: Facts,
    /// Say what the files' own signatures still allow; sign nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// PKCS#11 module; without it the office's leader's
    #[arg(long, value_name = "SO")]
    pub(crate) module: Option<PathBuf>,
    /// The token's label or serial number
    #[arg(long, value_name = "LABEL")]
    pub(crate) token: Option<String>,
    /// CKA_ID of the certificate, in hexadecimal
    #[arg(long, value_name = "HEX")]
    pub(crate) cert_id: Option<String>,
    /// Read the PIN from standard input (the only way to give one)
    #[arg(long)]
    pub(crate) pin_stdin: bool,
    /// How much proof of time: b, t (in an office it comes later where no authority answers at once), lt (with
    /// validation data), lta (and an archive time-stamp); without it a time-stamp if one can be had
    #[arg(long, value_enum)]
    pub(crate) level: Option<LevelName>,
    /// Time-stamp authority; may be given several times
    #[arg(long, value_name = "URL")]
    pub(crate) tsa: Vec<String>,
    /// Files with trust anchors, beside the bundled ones
    #[arg(long, value_name = "FILE")]
    pub(crate) trust: Vec<PathBuf>,
    /// Where the result of a single file goes; without it the file is signed in place
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// SHA-256 of the file as it was shown; given once for each file, in their order
    #[arg(long, value_name = "HEX")]
    pub(crate) expect_sha256: Vec<String>,
    /// Of several files, sign also those that this key signed last; without it they are passed over, so that the same
    /// command can be given again after a failure
    #[arg(long)]
    pub(crate) again: bool,
    /// PDFs, or folders for the PDFs in them; with `--act approve`, letters of the office
    #[arg(required = true, value_name = "FILE|DIR")]
    pub(crate) files: Vec<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ActName {
    /// Ký duyệt
    Approve,
    /// Số, ngày on a letter signed elsewhere: needs --number
    Number,
    /// Đóng dấu on a letter signed elsewhere
    Seal,
    /// Ký phụ lục: needs --number
    Appendix,
    /// Ký bản sao: needs --form and --of
    Copy,
    /// Dấu đến: needs --number
    Incoming,
    /// Ký nháy, ý kiến: needs --image or --comment
    Initial,
    /// A signature of no special kind
    Plain,
}

/// What the acts on files write.
#[derive(Args)]
pub(crate) struct Facts {
    /// The letter's number (number), number and notation (appendix), or the number of arrival (incoming)
    #[arg(
        long,
        value_name = "TEXT",
        required_if_eq_any([("act", "number"), ("act", "appendix"), ("act", "incoming")])
    )]
    pub(crate) number: Option<String>,
    /// The copy's form
    #[arg(long, value_enum, required_if_eq("act", "copy"))]
    pub(crate) form: Option<FormName>,
    /// What was copied
    #[arg(long, value_enum, required_if_eq("act", "copy"))]
    pub(crate) of: Option<OriginalName>,
    /// The agency that copies or receives; without it the office's
    #[arg(long, value_name = "NAME")]
    pub(crate) agency: Option<String>,
    /// Day of issue or of arrival, dd/MM/yyyy; without it today
    #[arg(long, value_name = "DAY")]
    pub(crate) day: Option<String>,
    /// To whom an incoming letter goes
    #[arg(long, value_name = "NAME", default_value = "")]
    pub(crate) forward: String,
    /// Number and notation of an incoming letter's dossier
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(crate) dossier: String,
    /// The initial's or the seal's picture (PNG); without it the office's seal
    #[arg(long, value_name = "PNG")]
    pub(crate) image: Option<PathBuf>,
    /// The comment
    #[arg(long, value_name = "TEXT", conflicts_with = "image")]
    pub(crate) comment: Option<String>,
    /// Number and seal: draw also where validators differ on whether the certification in the file allows it
    #[arg(long)]
    disputed: bool,
    /// Where to draw initial, comment or seal: page from 1, then left, bottom, right, top in points
    #[arg(
        long,
        value_name = "PAGE,X0,Y0,X1,Y1",
        value_delimiter = ',',
        num_args = 1
    )]
    pub(crate) place: Vec<f64>,
}

impl Facts {
    pub(crate) fn disputed(&self) -> Disputed {
        if self.disputed {
            Disputed::Draw
        } else {
            Disputed::Refuse
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum FormName {
    /// Sao y
    SaoY,
    /// Sao lục
    SaoLuc,
    /// Trích sao
    TrichSao,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum OriginalName {
    /// An original on paper
    Paper,
    /// A “sao y” on paper
    Copy,
    /// An electronic original
    Electronic,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum LevelName {
    B,
    T,
    Lt,
    Lta,
}

#[derive(Args)]
pub(crate) struct Extend {
    /// `t` puts a time-stamp into the room the last signature kept; `lt` adds validation data where they are missing,
    /// closed by an archive time-stamp; `lta` adds one in any case
    #[arg(long, value_enum, default_value_t = ExtendLevel::Lta)]
    pub(crate) level: ExtendLevel,
    /// Time-stamp authority; may be given several times; without it the office's
    #[arg(long, value_name = "URL")]
    pub(crate) tsa: Vec<String>,
    /// Files with trust anchors, beside the bundled ones
    #[arg(long, value_name = "FILE")]
    pub(crate) trust: Vec<PathBuf>,
    /// Signed PDFs
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExtendLevel {
    T,
    Lt,
    Lta,
}

#[derive(Args)]
pub(crate) struct Verify {
    /// Files or folders with trust anchors, beside the bundled ones
    #[arg(long, value_name = "FILE|DIR")]
    pub(crate) trust: Vec<PathBuf>,
    /// Judge as of this moment (RFC 3339) instead of now
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<String>,
    /// Fetch what is missing: issuers, revocation lists, certificates' status. Without it nothing leaves this computer
    #[arg(long)]
    pub(crate) fetch: bool,
    /// Fetch nothing, which is what happens anyway
    #[arg(long, conflicts_with = "fetch")]
    pub(crate) offline: bool,
    /// Judge with the lists, answers and certificates in this folder instead of the office's; what is fetched is kept there
    #[arg(long, value_name = "DIR")]
    pub(crate) evidence: Option<PathBuf>,
    /// Write the result on one page (PDF) for the file; a folder when there are several files
    #[arg(long, value_name = "PDF|DIR")]
    pub(crate) report: Option<PathBuf>,
    /// Draw each signed version against the present one; pictures of what differs go to this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) diff: Option<PathBuf>,
    /// PDFs, or folders that are looked through for PDFs
    #[arg(required = true, value_name = "FILE|DIR")]
    pub(crate) files: Vec<PathBuf>,
}

#[derive(Subcommand)]
pub(crate) enum Letter {
    /// Put a draft before the leader
    Add {
        /// How urgent: normal, khan, thuong-khan, hoa-toc
        #[arg(long, default_value = "normal")]
        urgency: String,
        /// The draft
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// All letters and where they stand
    List,
    /// Write a letter's current PDF to a file
    Export {
        /// The letter
        letter: String,
        /// Where to
        #[arg(value_name = "FILE")]
        out: PathBuf,
    },
}

#[derive(Args)]
pub(crate) struct Issue {
    /// Read the PIN of the seal's token from standard input
    #[arg(long)]
    pub(crate) pin_stdin: bool,
    /// The letter
    pub(crate) letter: String,
}

#[derive(Args)]
pub(crate) struct Dispatch {
    /// Recipients' codes, separated by commas
    #[arg(long, value_delimiter = ',', required = true)]
    pub(crate) to: Vec<String>,
    /// Only save it in the outbox; the next synchronisation sends it
    #[arg(long)]
    pub(crate) queue_only: bool,
    /// The letter
    pub(crate) letter: String,
}

#[derive(Args)]
pub(crate) struct Sync {
    /// Go on until nothing waits
    #[arg(long)]
    pub(crate) watch: bool,
}

#[derive(Args)]
pub(crate) struct Inbox {
    #[command(subcommand)]
    pub(crate) act: Option<InboxAct>,
}

#[derive(Subcommand)]
pub(crate) enum InboxAct {
    /// Accept a delivery and register it
    Accept {
        /// The delivery
        delivery: String,
    },
    /// Return a delivery to its sender
    Refuse {
        /// Why, for the sender to read
        #[arg(long)]
        reason: String,
        /// The delivery
        delivery: String,
    },
    /// Write a delivery's PDF to a file
    Export {
        /// The delivery
        delivery: String,
        /// Where to
        #[arg(value_name = "FILE")]
        out: PathBuf,
    },
}

#[derive(Subcommand)]
pub(crate) enum Receipt {
    /// Receipts of the office's dispatches
    List,
    /// Write all receipts of the office to a folder
    Export {
        /// The folder
        #[arg(value_name = "DIR")]
        out: PathBuf,
    },
    /// Judge a receipt, offline
    Verify {
        /// Files with trust anchors, beside the bundled ones
        #[arg(long, value_name = "FILE")]
        trust: Vec<PathBuf>,
        /// The receipt (CMS, DER)
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}
