//! Who is certified: the people, the agency and the services every demo and test office meets.

/// The certificates every demo and test office has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Phan Ngọc Thọ, vice chairman, who signs.
    Official,
    /// The province's People's Committee: its seal, held by the clerk.
    Seal,
    /// The time-stamping service.
    TimeStamping,
    /// The OCSP responder.
    OcspResponder,
    /// The province's document system, which signs receipts.
    Receipts,
    /// An official whose certificate has run out.
    Expired,
    /// An official whose certificate was revoked 30 days ago.
    Revoked,
}

impl Role {
    pub(super) const ALL: [Self; 7] = [
        Self::Official,
        Self::Seal,
        Self::TimeStamping,
        Self::OcspResponder,
        Self::Receipts,
        Self::Expired,
        Self::Revoked,
    ];

    pub(super) fn stem(self) -> &'static str {
        match self {
            Self::Official => "official",
            Self::Seal => "seal",
            Self::TimeStamping => "tsa",
            Self::OcspResponder => "ocsp",
            Self::Receipts => "receipts",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }

    pub(super) fn subject(self) -> Subject<'static> {
        let of_province = |name| Subject {
            name,
            organization: Some(PROVINCE),
            unit: None,
            locality: Some(HUE),
        };
        let of_service = |name| Subject {
            name,
            organization: Some(COMMITTEE),
            unit: None,
            locality: None,
        };
        match self {
            Self::Official => Subject {
                unit: Some("Lãnh đạo Ủy ban"),
                ..of_province("Phan Ngọc Thọ")
            },
            Self::Seal => Subject {
                unit: Some("Văn phòng"),
                ..of_province("Ủy ban nhân dân tỉnh Thừa Thiên Huế")
            },
            Self::Receipts => of_province("Hệ thống quản lý văn bản và điều hành tỉnh (DEMO)"),
            Self::Expired => of_province("Nguyễn Văn Cũ (DEMO)"),
            Self::Revoked => of_province("Lê Thị Thu Hồi (DEMO)"),
            Self::TimeStamping => of_service("Dịch vụ cấp dấu thời gian (DEMO)"),
            Self::OcspResponder => of_service("Dịch vụ trạng thái chứng thư số (DEMO)"),
        }
    }

    pub(super) fn profile(self) -> Profile {
        match self {
            Self::TimeStamping => Profile::TimeStamping,
            Self::OcspResponder => Profile::OcspResponder,
            _ => Profile::Signer,
        }
    }
}

/// The authority's name, marked as not the real one.
pub(super) const COMMITTEE: &str = "Ban Cơ yếu Chính phủ (DEMO)";
const PROVINCE: &str = "UBND TỈNH THỪA THIÊN HUẾ";
const HUE: &str = "Thừa Thiên Huế";

/// What a certificate is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// A person's or an agency's signature.
    Signer,
    /// RFC 3161.
    TimeStamping,
    /// RFC 6960, not itself checked for revocation.
    OcspResponder,
}

/// Whom a certificate names. The country is Viet Nam.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// CN.
    pub name: &'a str,
    /// O.
    pub organization: Option<&'a str>,
    /// OU.
    pub unit: Option<&'a str>,
    /// L.
    pub locality: Option<&'a str>,
}
