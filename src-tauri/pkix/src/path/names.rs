//! Name constraints, RFC 5280 §4.2.1.10 and §6.1.3 (b, c): which names the authorities of a path may certify.

use super::Constraint;
use crate::asn1::{Reader, Tlv, tag};
use crate::extension::general_name::GeneralName;
use crate::extension::oid;
use crate::{Certificate, DistinguishedName, Error};
use std::net::Ipv4Addr;

/// Comparisons of a name with a subtree in one path: the figure webpki and Go settled on after both had
/// been made to spin by certificates of thousands of names under thousands of constraints.
const COMPARISON_LIMIT: usize = 250_000;
/// `emailAddress` in a distinguished name.
const EMAIL_ADDRESS: &str = "1.2.840.113549.1.9.1";

/// A subtree of names; host names in lower case.
#[derive(Debug, Clone)]
enum Subtree {
    /// One mailbox, all of a host, or with a leading period all of the hosts below a domain.
    Email {
        local: Option<String>,
        host: String,
    },
    /// A host and all below it; empty for all hosts.
    Dns(String),
    /// One host, or with a leading period all hosts below a domain.
    Uri(String),
    /// Address and mask.
    Address(Vec<u8>),
    Directory(DistinguishedName),
    /// A form that is not processed (otherName, x400Address, ediPartyName, registeredID).
    Other(u8),
}

/// What the authorities seen so far allow.
#[derive(Debug, Default)]
pub(super) struct NameConstraints {
    /// One list per authority: a name must lie in every list that has its form.
    permitted: Vec<Vec<Subtree>>,
    excluded: Vec<Subtree>,
    comparisons: usize,
}

impl NameConstraints {
    /// §6.1.4 (g): takes the constraints of an authority into account, critical or not.
    pub(super) fn add(&mut self, certificate: &Certificate) -> Result<(), Constraint> {
        let Some(extension) = certificate.extension(oid::NAME_CONSTRAINTS) else {
            return Ok(());
        };
        let (permitted, excluded) =
            read(&extension.value).map_err(|_| Constraint::MalformedExtension)?;
        if !permitted.is_empty() {
            self.permitted.push(permitted);
        }
        self.excluded.extend(excluded);
        Ok(())
    }

    /// §6.1.3 (b, c): are all names of the certificate permitted and none excluded?
    pub(super) fn check(&mut self, certificate: &Certificate) -> Result<(), Constraint> {
        if self.permitted.is_empty() && self.excluded.is_empty() {
            return Ok(());
        }
        let alternative = certificate
            .alternative_names()
            .map_err(|_| Constraint::MalformedExtension)?;
        let subject = certificate.subject();
        if !subject.is_empty() {
            self.name(&GeneralName::Directory(subject.clone()))?;
        }
        // Addresses in the subject count where no alternative name gives them.
        if !alternative
            .iter()
            .any(|name| matches!(name, GeneralName::Email(_)))
        {
            for attribute in subject.attributes() {
                if attribute.oid == EMAIL_ADDRESS {
                    self.name(&GeneralName::Email(attribute.value.as_bytes()))?;
                }
            }
        }
        alternative.iter().try_for_each(|name| self.name(name))
    }

    fn name(&mut self, name: &GeneralName<'_>) -> Result<(), Constraint> {
        let subtrees = self.excluded.len() + self.permitted.iter().map(Vec::len).sum::<usize>();
        self.comparisons = self.comparisons.saturating_add(subtrees);
        if self.comparisons > COMPARISON_LIMIT {
            return Err(Constraint::TooMuchWork);
        }
        let refused = || Constraint::NameNotPermitted { name: spoken(name) };
        for subtree in &self.excluded {
            if subtree.has_form_of(name) && subtree.touches(name).is_none_or(|touched| touched) {
                return Err(refused());
            }
        }
        for list in &self.permitted {
            let mut of_this_form = list
                .iter()
                .filter(|subtree| subtree.has_form_of(name))
                .peekable();
            if of_this_form.peek().is_some()
                && !of_this_form.any(|subtree| subtree.holds(name) == Some(true))
            {
                return Err(refused());
            }
        }
        Ok(())
    }
}

impl Subtree {
    fn has_form_of(&self, name: &GeneralName<'_>) -> bool {
        matches!(
            (self, name),
            (Self::Email { .. }, GeneralName::Email(_))
                | (Self::Dns(_), GeneralName::Dns(_))
                | (Self::Uri(_), GeneralName::Uri(_))
                | (Self::Address(_), GeneralName::Address(_))
                | (Self::Directory(_), GeneralName::Directory(_))
        ) || matches!((self, name), (Self::Other(form), GeneralName::Other { tag, .. }) if form == tag)
    }

    /// Does every host or mailbox that the name stands for lie in the subtree? `None` if the name cannot be read.
    fn holds(&self, name: &GeneralName<'_>) -> Option<bool> {
        match (self, name) {
            (Self::Email { local, host }, GeneralName::Email(name)) => {
                let (name_local, name_host) = mailbox(name)?;
                Some(match local {
                    Some(local) => *local == name_local && *host == name_host,
                    None => is_host_or_below(&name_host, host),
                })
            }
            (Self::Dns(constraint), GeneralName::Dns(name)) => {
                let name = dns_name(name)?;
                let base = name.strip_prefix("*.").unwrap_or(&name);
                Some(is_within(base, constraint))
            }
            (Self::Uri(constraint), GeneralName::Uri(name)) => {
                Some(is_host_or_below(&uri_host(name)?, constraint))
            }
            (Self::Address(constraint), GeneralName::Address(name)) => {
                if !matches!(name.len(), 4 | 16) {
                    return None;
                }
                let (address, mask) = constraint.split_at_checked(constraint.len() / 2)?;
                let octets = name.iter().zip(address).zip(mask);
                Some(
                    name.len() == address.len()
                        && octets
                            .map(|((name, address), mask)| (name ^ address) & mask)
                            .all(|difference| difference == 0),
                )
            }
            (Self::Directory(constraint), GeneralName::Directory(name)) => {
                Some(name.starts_with(constraint))
            }
            _ => None,
        }
    }

    /// Does anything that the name stands for lie in the subtree? Differs from [`Self::holds`] for wildcards only:
    /// `*.example.com` stands for `foo.example.com` among others.
    fn touches(&self, name: &GeneralName<'_>) -> Option<bool> {
        if let (Self::Dns(constraint), GeneralName::Dns(name)) = (self, name)
            && let Some(base) = dns_name(name)?.strip_prefix("*.")
            && constraint
                .split_once('.')
                .is_some_and(|(_, rest)| rest == base)
        {
            return Some(true);
        }
        self.holds(name)
    }
}

fn read(value: &[u8]) -> Result<(Vec<Subtree>, Vec<Subtree>), Error> {
    let mut outer = Reader::new(value, "nameConstraints");
    let mut fields = outer.expect(tag::SEQUENCE)?.reader("nameConstraints");
    outer.finish()?;
    // §4.2.1.10: an empty sequence must not be issued.
    if fields.is_empty() {
        return Err(fields.error());
    }
    let mut subtrees = |n| match fields.optional(tag::context(n))? {
        Some(list) => subtrees(list),
        None => Ok(Vec::new()),
    };
    let (permitted, excluded) = (subtrees(0)?, subtrees(1)?);
    fields.finish()?;
    Ok((permitted, excluded))
}

fn subtrees(list: Tlv<'_>) -> Result<Vec<Subtree>, Error> {
    let mut list = list.reader("GeneralSubtrees");
    let mut all = Vec::new();
    while !list.is_empty() {
        let mut fields = list.expect(tag::SEQUENCE)?.reader("GeneralSubtree");
        let base = GeneralName::read(fields.read()?)?;
        // minimum is 0 and maximum absent in this profile; an encoded default is harmless.
        if let Some(minimum) = fields.optional(tag::context_primitive(0))?
            && minimum.value != [0]
        {
            return Err(fields.error());
        }
        fields.finish()?;
        all.push(subtree(base).ok_or(Error::malformed("GeneralSubtree"))?);
    }
    if all.is_empty() {
        return Err(list.error());
    }
    Ok(all)
}

fn subtree(base: GeneralName<'_>) -> Option<Subtree> {
    Some(match base {
        GeneralName::Email(text) if text.contains(&b'@') => {
            let (local, host) = mailbox(text)?;
            Subtree::Email {
                local: Some(local),
                host,
            }
        }
        GeneralName::Email(text) => Subtree::Email {
            local: None,
            host: host_constraint(text)?,
        },
        GeneralName::Dns([]) => Subtree::Dns(String::new()),
        GeneralName::Dns(text) => Subtree::Dns(host(text)?),
        GeneralName::Uri(text) => Subtree::Uri(host_constraint(text)?),
        GeneralName::Address(octets) => {
            let (_, mask) = octets.split_at_checked(octets.len() / 2)?;
            // A mask as in CIDR: ones, then zeros.
            let bits = mask
                .iter()
                .fold(0_u128, |sum, octet| (sum << 8) | u128::from(*octet));
            let width = u32::try_from(mask.len() * 8).ok()?;
            let shifted = bits.checked_shl(128_u32.checked_sub(width)?)?;
            let contiguous = shifted.leading_ones() == shifted.count_ones();
            if !matches!(octets.len(), 8 | 32) || !contiguous {
                return None;
            }
            Subtree::Address(octets.to_vec())
        }
        GeneralName::Directory(name) => Subtree::Directory(name),
        GeneralName::Other { tag, .. } => Subtree::Other(tag),
    })
}

/// A host, or with a leading period the domain above.
fn host_constraint(text: &[u8]) -> Option<String> {
    match text {
        [b'.', domain @ ..] => host(domain).map(|domain| format!(".{domain}")),
        all => host(all),
    }
}

/// A host name in lower case, if it is one: labels of letters, digits, hyphens (and underscores, which occur)
/// of 1 to 63 octets.
fn host(text: &[u8]) -> Option<String> {
    let label = |label: &[u8]| {
        (1..=63).contains(&label.len())
            && label
                .iter()
                .all(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_'))
            && !label.starts_with(b"-")
            && !label.ends_with(b"-")
    };
    let valid = text.len() <= 253 && text.split(|octet| *octet == b'.').all(label);
    let text = std::str::from_utf8(text).ok().filter(|_| valid)?;
    Some(text.to_ascii_lowercase())
}

/// A host name that may have `*` for its first label.
pub(super) fn dns_name(text: &[u8]) -> Option<String> {
    match text.strip_prefix(b"*.") {
        Some(base) => host(base).map(|base| format!("*.{base}")),
        None => host(text),
    }
}

/// Local part as written, host in lower case.
pub(super) fn mailbox(text: &[u8]) -> Option<(String, String)> {
    let at = text.iter().rposition(|octet| *octet == b'@')?;
    let (local, rest) = text.split_at_checked(at)?;
    let quoted = local.len() >= 2 && local.starts_with(b"\"") && local.ends_with(b"\"");
    let plain = !local.is_empty()
        && local
            .iter()
            .all(|octet| octet.is_ascii_graphic() && !b"\"(),:;<>@[\\]".contains(octet));
    if !quoted && !plain {
        return None;
    }
    Some((
        String::from_utf8(local.to_vec()).ok()?,
        host(rest.get(1..)?)?,
    ))
}

/// The fully qualified host of a URI; `None` without one, as for an address (§4.2.1.10 wants both refused).
fn uri_host(text: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(text).ok()?;
    let (_, rest) = text.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let address = authority
        .rsplit_once('@')
        .map_or(authority, |(_, address)| address);
    let name = address.split_once(':').map_or(address, |(name, _)| name);
    if name.parse::<Ipv4Addr>().is_ok() {
        return None;
    }
    host(name.as_bytes())
}

/// A constraint on mail or URI hosts: itself only, or with a leading period only what is below.
fn is_host_or_below(host: &str, constraint: &str) -> bool {
    if constraint.starts_with('.') {
        host.len() > constraint.len() && host.ends_with(constraint)
    } else {
        host == constraint
    }
}

/// A constraint on DNS names: itself and all below.
fn is_within(name: &str, constraint: &str) -> bool {
    constraint.is_empty()
        || name
            .strip_suffix(constraint)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// For the report.
fn spoken(name: &GeneralName<'_>) -> String {
    let lossy = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
    match name {
        GeneralName::Email(text) => format!("email:{}", lossy(text)),
        GeneralName::Dns(text) => format!("DNS:{}", lossy(text)),
        GeneralName::Uri(text) => format!("URI:{}", lossy(text)),
        GeneralName::Address(octets) => format!("IP:{}", crate::name::hex(octets)),
        GeneralName::Directory(name) => name.to_string(),
        GeneralName::Other { tag, .. } => format!("[{}]", tag & 0x1f),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(constraint: GeneralName<'_>, name: GeneralName<'_>) -> Option<bool> {
        subtree(constraint).unwrap().holds(&name)
    }

    #[test]
    fn hosts_and_mailboxes() {
        use GeneralName::{Dns, Email, Uri};
        for (constraint, name, expected) in [
            (Dns(b"example.com"), Dns(b"EXAMPLE.com"), Some(true)),
            (Dns(b"example.com"), Dns(b"a.b.example.com"), Some(true)),
            (Dns(b"example.com"), Dns(b"badexample.com"), Some(false)),
            (Dns(b""), Dns(b"anything.vn"), Some(true)),
            (Dns(b"example.com"), Dns(b"a..example.com"), None),
            (Email(b"example.com"), Email(b"a@example.com"), Some(true)),
            (
                Email(b"example.com"),
                Email(b"a@b.example.com"),
                Some(false),
            ),
            (
                Email(b".example.com"),
                Email(b"a@b.example.com"),
                Some(true),
            ),
            (Email(b".example.com"), Email(b"a@example.com"), Some(false)),
            (
                Email(b"a@example.com"),
                Email(b"A@example.com"),
                Some(false),
            ),
            (Email(b"a@example.com"), Email(b"a@Example.COM"), Some(true)),
            (
                Uri(b"example.com"),
                Uri(b"http://u@example.com:1/x"),
                Some(true),
            ),
            (
                Uri(b".example.com"),
                Uri(b"http://example.com/"),
                Some(false),
            ),
            (Uri(b"example.com"), Uri(b"http://192.0.2.1/"), None),
            (Uri(b"example.com"), Uri(b"urn:example.com"), None),
        ] {
            let what = format!("{constraint:?} {name:?}");
            assert_eq!(holds(constraint, name), expected, "{what}");
        }
    }

    #[test]
    fn addresses() {
        use GeneralName::Address;
        let net = [192, 0, 2, 0, 255, 255, 255, 0];
        assert_eq!(holds(Address(&net), Address(&[192, 0, 2, 9])), Some(true));
        assert_eq!(holds(Address(&net), Address(&[192, 0, 3, 9])), Some(false));
        assert_eq!(
            holds(Address(&net), Address(&[0; 16])),
            Some(false),
            "other family"
        );
        assert_eq!(holds(Address(&net), Address(&[192, 0, 2])), None);
        assert!(
            subtree(Address(&[192, 0, 2, 0, 255, 0, 255, 0])).is_none(),
            "mask with a hole"
        );
        assert!(subtree(Address(&[0; 8])).is_some(), "all addresses");
        assert!(subtree(Address(&[0; 7])).is_none());
    }

    #[test]
    fn a_wildcard_touches_what_it_may_stand_for() {
        let tree = subtree(GeneralName::Dns(b"foo.example.com")).unwrap();
        let wildcard = GeneralName::Dns(b"*.example.com");
        assert_eq!(tree.touches(&wildcard), Some(true));
        assert_eq!(tree.holds(&wildcard), Some(false));
        let deeper = subtree(GeneralName::Dns(b"a.foo.example.com")).unwrap();
        assert_eq!(
            deeper.touches(&wildcard),
            Some(false),
            "a wildcard is one label"
        );
    }

    #[test]
    fn constraints_that_are_none() {
        for bad in [
            GeneralName::Dns(b"*.example.com"),
            GeneralName::Dns(b".example.com"),
            GeneralName::Email(b"a@b@example.com"),
            GeneralName::Email(b"@example.com"),
            GeneralName::Uri(b"http://example.com"),
        ] {
            assert!(subtree(bad.clone()).is_none(), "{bad:?}");
        }
    }
}
