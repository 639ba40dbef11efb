//! The Directive and the acts over it.

use antin_pades::{
    Act, Approve, Image, Issue, IssueFields, Place, Prepared, Rect, SignRequest, TextPlace,
    TextStyle, Words, prepare, seal_place,
};
use antin_pdf::Document;
use time::{OffsetDateTime, macros::datetime};

use crate::pki::{Pki, Signer, workspace};

/// Issued a day after it was drafted.
pub(crate) const TIME: OffsetDateTime = datetime!(2026-11-24 09:30:00 +7);
/// The seal's diameter: 36 mm.
const SEAL: f64 = 36.0 / 25.4 * 72.0;

pub(crate) fn read(name: &str) -> Vec<u8> {
    let path = workspace().join("tests/letter").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(crate) fn image(name: &str) -> Image {
    Image::from_png(&read(name)).expect("a picture")
}

fn place(page: usize, x0: f64, y0: f64, x1: f64, y1: f64) -> Place {
    Place {
        page,
        rect: Rect { x0, y0, x1, y1 },
    }
}

/// The blanks of the Directive, as `page` finds them.
pub(crate) fn approve() -> Approve {
    let leader = place(2, 356.0, 213.5, 506.0, 295.0);
    let image = image("signature.png");
    let blank = |x0, x1, baseline, style| TextPlace {
        place: place(0, x0, baseline - 4.0, x1, baseline + 12.0),
        baseline: Some(baseline),
        style,
    };
    let fields = IssueFields {
        number: blank(132.1, 161.3, 731.689, TextStyle::NUMBER),
        day: Some(blank(408.4, 431.1, 730.489, TextStyle::DATE)),
        month: Some(blank(460.7, 483.3, 730.489, TextStyle::DATE)),
        seal: seal_place(leader, &image, SEAL),
        incoming: Some(place(0, 85.0, 640.0, 185.0, 670.0)),
    };
    Approve {
        image,
        place: leader,
        fields: Some(fields),
    }
}

pub(crate) fn issue() -> Issue {
    Issue {
        number: "77".into(),
        day: "26".into(),
        month: "12".into(),
        seal: image("seal.png"),
    }
}

pub(crate) fn request<'a>(signer: &'a Signer, act: Act) -> SignRequest<'a> {
    let words = Words {
        name: "Phan Ngọc Thọ".into(),
        reason: "Ký duyệt (/Contents<00>)".into(),
        location: String::new(),
    };
    SignRequest {
        act,
        certificate: &signer.certificate,
        chain: &signer.chain,
        algorithm: signer.algorithm,
        time: TIME,
        timestamp: true,
        words,
    }
}

pub(crate) fn prepared(
    pdf: &[u8],
    signer: &Signer,
    act: Act,
) -> Result<Prepared, antin_pades::Error> {
    prepare(&Document::from_bytes(pdf.to_vec())?, &request(signer, act))
}

/// Signs and appends, and checks what must hold for every act.
#[track_caller]
pub(crate) fn signed(
    pki: &Pki,
    pdf: &[u8],
    signer: &Signer,
    act: Act,
    timestamped: bool,
) -> Vec<u8> {
    let prepared = prepared(pdf, signer, act).expect("the act is possible");
    let signature = pki.sign(signer, &prepared);
    let timestamp = timestamped.then(|| pki.timestamp(&signature));
    let update = prepared
        .finish(&signature, timestamp.as_deref())
        .expect("the signature fits");
    let eofs = update
        .bytes
        .windows(5)
        .filter(|window| window == b"%%EOF")
        .count();
    assert_eq!(eofs, 1, "one act, one revision");
    assert!(
        update.bytes.len() <= 60_000,
        "an act adds {} bytes",
        update.bytes.len()
    );
    [pdf, &update.bytes].concat()
}

/// The same places, all on the first page: for letters whose own layout does not matter.
pub(crate) fn elsewhere() -> Approve {
    let mut act = approve();
    act.place.page = 0;
    if let Some(fields) = &mut act.fields {
        fields.seal.page = 0;
    }
    act
}
