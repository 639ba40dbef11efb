//! Name constraints, RFC 5280 §4.2.1.10: on directory, mail, DNS, URI and IP names. A constraint on any other kind of
//! name cannot be checked, so a certificate with such a name fails.

use super::Constraint;
use crate::asn1::{Reader, Tlv, tag};
use crate::extension::oid;
use crate::{Certificate, DistinguishedName, Error};

/// Subtrees of one certificate; names of one certificate.
const LIMIT: usize = 512;

/// A general name of a kind that can be constrained.
#[derive(Debug, Clone)]
enum Name {
    Mail(String),
    Dns(String),
    Directory(DistinguishedName),
    Uri(String),
    Address(Vec<u8>),
    /// Another kind, by its tag.
    Other(u8),
}

impl Name {
    fn read(tlv: Tlv<'_>) -> Result<Self, Error> {
        let text = || String::from_utf8_lossy(tlv.value).to_lowercase();
        Ok(match tlv.tag {
            // The part before @ distinguishes case, and is lowered on both sides: that can only refuse.
            0x81 => Self::Mail(text()),
            0x82 => Self::Dns(text()),
            0xa4 => Self::Directory(DistinguishedName::from_der(tlv.value)?),
            0x86 => Self::Uri(text()),
            0x87 => Self::Address(tlv.value.to_vec()),
            other => Self::Other(other),
        })
    }

    /// Is it of the same kind as a subtree's base?
    fn is_like(&self, base: &Self) -> bool {
        match (self, base) {
            (Self::Other(own), Self::Other(other)) => own == other,
            _ => std::mem::discriminant(self) == std::mem::discriminant(base),
        }
    }

    /// Does it lie in the subtree? `None` if that cannot be told.
    fn within(&self, base: &Self) -> Option<bool> {
        match (self, base) {
            (Self::Directory(name), Self::Directory(base)) => Some(name.starts_with(base)),
            (Self::Mail(name), Self::Mail(base)) => mail_within(name, base),
            (Self::Dns(name), Self::Dns(base)) => {
                (!base.contains('*')).then(|| dns_within(name, base))
            }
            (Self::Uri(name), Self::Uri(base)) => host(name).map(|host| host_within(host, base)),
            (Self::Address(name), Self::Address(base)) => address_within(name, base),
            _ => None,
        }
    }
}

fn mail_within(name: &str, base: &str) -> Option<bool> {
    let (_, host) = name.split_once('@')?;
    if name.matches('@').count() != 1 || base.matches('@').count() > 1 {
        return None;
    }
    Some(if base.contains('@') {
        name == base
    } else {
        host_within(host, base)
    })
}

/// "Zero or more labels to the left" (a leading period, which the standard does not know, asks for one at least).
fn dns_within(name: &str, base: &str) -> bool {
    base.is_empty()
        || name == base
        || name
            .strip_suffix(base)
            .is_some_and(|rest| rest.ends_with('.') || base.starts_with('.'))
}

/// A period in front means any host below, none means that host.
fn host_within(host: &str, base: &str) -> bool {
    if base.starts_with('.') {
        host.ends_with(base) && host.len() > base.len()
    } else {
        host == base
    }
}

/// The host of a URI; one without a host, or with an address, cannot be compared (§4.2.1.10).
fn host(uri: &str) -> Option<&str> {
    let (_, rest) = uri.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    let host = host.split(':').next()?;
    let is_address = host.starts_with('[')
        || host
            .chars()
            .all(|letter| letter.is_ascii_digit() || letter == '.');
    (!host.is_empty() && !is_address).then_some(host)
}

/// Address and mask, each as long as the address.
fn address_within(name: &[u8], base: &[u8]) -> Option<bool> {
    if !matches!(base.len(), 8 | 32) {
        return None;
    }
    let (network, mask) = base.split_at(base.len() / 2);
    if name.len() != network.len() {
        return Some(false);
    }
    Some(
        name.iter()
            .zip(network)
            .zip(mask)
            .all(|((octet, network), mask)| octet & mask == network & mask),
    )
}

#[derive(Default)]
struct State {
    /// One list for each certificate that permits: a name must lie in all of them.
    permitted: Vec<Vec<Name>>,
    excluded: Vec<Name>,
}

/// Checks `chain`, leaf first, anchor last; the anchor's own constraints bind too (RFC 5937).
pub(super) fn check(chain: &[Certificate]) -> Result<(), (usize, Constraint)> {
    let mut state = State::default();
    for (index, certificate) in chain.iter().enumerate().rev() {
        let malformed = |_| (index, Constraint::MalformedExtension);
        let is_anchor = index + 1 == chain.len() && index != 0;
        if !is_anchor && (index == 0 || !certificate.is_self_issued()) && !state.is_empty() {
            let names = names(certificate).map_err(malformed)?;
            if !names.iter().all(|name| state.admits(name)) {
                return Err((index, Constraint::Name));
            }
        }
        // §4.2.1.10: only an authority's certificate may constrain names.
        let is_authority = certificate
            .basic_constraints()
            .is_ok_and(|found| found.is_some_and(|found| found.ca));
        if index == 0 && !is_authority && certificate.extension(oid::NAME_CONSTRAINTS).is_some() {
            return Err((index, Constraint::MalformedExtension));
        }
        state.add(certificate).map_err(malformed)?;
    }
    Ok(())
}

impl State {
    fn is_empty(&self) -> bool {
        self.permitted.is_empty() && self.excluded.is_empty()
    }

    fn admits(&self, name: &Name) -> bool {
        let excluded = self.excluded.iter().filter(|base| name.is_like(base));
        let free = excluded
            .map(|base| name.within(base))
            .all(|within| within == Some(false));
        let permitted = self.permitted.iter().all(|list| {
            let mut bases = list.iter().filter(|base| name.is_like(base)).peekable();
            bases.peek().is_none() || bases.any(|base| name.within(base) == Some(true))
        });
        free && permitted
    }

    fn add(&mut self, certificate: &Certificate) -> Result<(), Error> {
        let Some(extension) = certificate.extension(oid::NAME_CONSTRAINTS) else {
            return Ok(());
        };
        let mut fields = Reader::new(&extension.value, "nameConstraints")
            .expect(tag::SEQUENCE)?
            .reader("nameConstraints");
        if let Some(list) = fields.optional(tag::context(0))? {
            self.permitted.push(subtrees(list)?);
        }
        if let Some(list) = fields.optional(tag::context(1))? {
            self.excluded.extend(subtrees(list)?);
        }
        fields.finish()
    }
}

fn subtrees(list: Tlv<'_>) -> Result<Vec<Name>, Error> {
    let mut list = list.reader("GeneralSubtrees");
    let mut found = Vec::new();
    while !list.is_empty() {
        let mut subtree = list.expect(tag::SEQUENCE)?.reader("GeneralSubtree");
        let base = Name::read(subtree.read()?)?;
        // §4.2.1.10: minimum is always zero, which DER leaves out, and maximum absent.
        subtree.finish()?;
        let malformed = match &base {
            Name::Address(octets) => !matches!(octets.len(), 8 | 32),
            Name::Dns(text) => text.contains('*'),
            Name::Mail(text) => text.matches('@').count() > 1,
            _ => false,
        };
        if malformed || found.len() >= LIMIT {
            return Err(list.error());
        }
        found.push(base);
    }
    Ok(found)
}

/// The subject, its mail addresses, and the alternative names.
fn names(certificate: &Certificate) -> Result<Vec<Name>, Error> {
    let mut found = Vec::new();
    if let Some(extension) = certificate.extension(oid::SUBJECT_ALT_NAME) {
        let mut list = Reader::new(&extension.value, "subjectAltName")
            .expect(tag::SEQUENCE)?
            .reader("subjectAltName");
        while !list.is_empty() {
            found.push(Name::read(list.read()?)?);
            if found.len() > LIMIT {
                return Err(list.error());
            }
        }
    }
    let subject = certificate.subject();
    if !found.iter().any(|name| matches!(name, Name::Mail(_))) {
        let mails = subject
            .attributes()
            .iter()
            .filter(|attribute| attribute.oid == "1.2.840.113549.1.9.1");
        found.extend(mails.map(|attribute| Name::Mail(attribute.value.to_lowercase())));
    }
    if !subject.is_empty() {
        found.push(Name::Directory(subject.clone()));
    }
    Ok(found)
}
