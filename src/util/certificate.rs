//! What a certificate says of itself, for messages. Nothing here decides whether it is trusted.
//!
//! Source: <https://www.rfc-editor.org/rfc/rfc5280#section-4.1>

use std::time::SystemTime;

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const INTEGER: u8 = 0x02;
const OBJECT_IDENTIFIER: u8 = 0x06;
/// The tag of the version, which the first version of certificates does not have.
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
/// A string with two bytes for each character.
const BMP_STRING: u8 = 0x1e;
/// The parts of a name, the most telling first: common name, organisation, unit of an organisation.
const NAME_PARTS: [&[u8]; 3] = [b"\x55\x04\x03", b"\x55\x04\x0a", b"\x55\x04\x0b"];
/// The most bytes of a name that are kept.
const MAX_NAME_BYTES: usize = 64;

/// What a certificate says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFacts {
    /// Whom it is for. `None` if that has no name.
    pub subject: Option<String>,
    /// Who has issued it.
    pub issuer: Option<String>,
    /// The first instant at which it is valid.
    pub not_before: CertificateTime,
    /// The last one.
    pub not_after: CertificateTime,
}

/// An instant of a certificate, as in RFC 3339. So the order of the texts is that of the instants.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CertificateTime(String);

impl CertificateFacts {
    /// Reads a certificate in DER. `None` if it is not one.
    pub fn read(der: &[u8]) -> Option<Self> {
        let mut certificate = DerReader(DerReader(der).element(SEQUENCE)?);
        let mut body = DerReader(certificate.element(SEQUENCE)?);
        // Absent in the first version.
        let _ = body.element(VERSION);
        body.element(INTEGER)?;
        body.element(SEQUENCE)?;
        let issuer = name(body.element(SEQUENCE)?);
        let mut validity = DerReader(body.element(SEQUENCE)?);
        let (not_before, not_after) = (time(&mut validity)?, time(&mut validity)?);
        let subject = name(body.element(SEQUENCE)?);
        Some(Self { subject, issuer, not_before, not_after })
    }
}

impl CertificateTime {
    /// Of a clock.
    pub fn of(time: SystemTime) -> Self {
        Self(humantime::format_rfc3339_seconds(time).to_string())
    }

    /// The day, such as `2026-01-31`.
    pub fn day(&self) -> &str {
        self.0.get(..10).unwrap_or(&self.0)
    }
}

/// The rest of a text in DER.
struct DerReader<'a>(&'a [u8]);

impl<'a> DerReader<'a> {
    /// The content of the next element, if that has this tag. Otherwise it stays.
    fn element(&mut self, tag: u8) -> Option<&'a [u8]> {
        let (found, content, rest) = self.split()?;
        (found == tag).then(|| {
            self.0 = rest;
            content
        })
    }

    /// The tag and the content of the next element.
    fn any(&mut self) -> Option<(u8, &'a [u8])> {
        let (tag, content, rest) = self.split()?;
        self.0 = rest;
        Some((tag, content))
    }

    /// The tag and the content of the next element, and what is behind it.
    fn split(&self) -> Option<(u8, &'a [u8], &'a [u8])> {
        let (&tag, rest) = self.0.split_first()?;
        let (&first, rest) = rest.split_first()?;
        // A length below 128 is in one byte. Otherwise that byte says how many bytes have it.
        let (length, rest) = match usize::from(first) {
            length @ 0..=0x7f => (length, rest),
            count @ 0x81..=0x84 => {
                let (digits, rest) = rest.split_at_checked(count - 0x80)?;
                let length = digits.iter().fold(0_u64, |all, digit| all << 8 | u64::from(*digit));
                (usize::try_from(length).ok()?, rest)
            }
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(length)?;
        Some((tag, content, rest))
    }
}

/// The most telling part of a name.
fn name(content: &[u8]) -> Option<String> {
    let mut parts: [Option<String>; 3] = [None, None, None];
    let mut sets = DerReader(content);
    while let Some(set) = sets.element(SET) {
        let mut attributes = DerReader(set);
        while let Some(attribute) = attributes.element(SEQUENCE) {
            let mut attribute = DerReader(attribute);
            let Some(kind) = attribute.element(OBJECT_IDENTIFIER) else { continue };
            let Some((tag, value)) = attribute.any() else { continue };
            let part = NAME_PARTS.iter().zip(&mut parts).find(|(it, _)| **it == kind);
            if let Some((_, part)) = part {
                *part = Some(text(tag, value)).filter(|text| !text.is_empty());
            }
        }
    }
    parts.into_iter().flatten().next()
}

fn text(tag: u8, value: &[u8]) -> String {
    let mut text = if tag == BMP_STRING {
        let units = value.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
        char::decode_utf16(units).map(|it| it.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    } else {
        String::from_utf8_lossy(value).into_owned()
    };
    text.truncate(text.floor_char_boundary(MAX_NAME_BYTES));
    text
}

fn time(validity: &mut DerReader<'_>) -> Option<CertificateTime> {
    let (tag, content) = validity.any()?;
    let digits = std::str::from_utf8(content).ok()?.strip_suffix('Z')?;
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = match (tag, digits.len()) {
        (GENERALIZED_TIME, 14) => digits.to_owned(),
        // Two digits of a year are those from 1950 to 2049.
        (UTC_TIME, 12) => format!("{}{digits}", if digits < "5" { "20" } else { "19" }),
        _ => return None,
    };
    let [year, month, day, hour, minute, second] =
        [0..4, 4..6, 6..8, 8..10, 10..12, 12..14].map(|part| &digits[part]);
    let is_real = ("01"..="12").contains(&month) && ("01"..="31").contains(&day);
    is_real.then(|| CertificateTime(format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::Duration;

    fn element(tag: u8, content: &[u8]) -> Vec<u8> {
        let length = u16::try_from(content.len()).unwrap();
        let mut bytes = vec![tag];
        match length {
            0..=0x7f => bytes.push(u8::try_from(length).unwrap()),
            _ => bytes.extend([&[0x82][..], &length.to_be_bytes()].concat()),
        }
        bytes.extend(content);
        bytes
    }

    fn named(parts: &[(&[u8], u8, &[u8])]) -> Vec<u8> {
        let sets = parts.iter().map(|(kind, tag, value)| {
            let attribute = [element(OBJECT_IDENTIFIER, kind), element(*tag, value)].concat();
            element(SET, &element(SEQUENCE, &attribute))
        });
        element(SEQUENCE, &sets.collect::<Vec<_>>().concat())
    }

    fn certificate(issuer: &[u8], validity: [(u8, &str); 2], subject: &[u8]) -> Vec<u8> {
        let validity = validity.map(|(tag, text)| element(tag, text.as_bytes())).concat();
        let body = [
            element(VERSION, &element(INTEGER, b"\x02")),
            element(INTEGER, &[7; 20]),
            element(SEQUENCE, &element(OBJECT_IDENTIFIER, b"\x2a\x86")),
            issuer.to_vec(),
            element(SEQUENCE, &validity),
            subject.to_vec(),
        ];
        element(SEQUENCE, &element(SEQUENCE, &body.concat()))
    }

    const UTF8: u8 = 0x0c;
    const COMMON_NAME: &[u8] = NAME_PARTS[0];
    const ORGANISATION: &[u8] = NAME_PARTS[1];

    #[test]
    fn the_most_telling_part_of_a_name_is_read() {
        let long = "é".repeat(40);
        let cut = "é".repeat(32);
        for (parts, expected) in [
            (&[(COMMON_NAME, UTF8, b"R11" as &[u8]), (ORGANISATION, UTF8, b"LE")][..], Some("R11")),
            (&[(ORGANISATION, UTF8, b"LE")], Some("LE")),
            (&[(COMMON_NAME, BMP_STRING, b"\0o\0k")], Some("ok")),
            (&[(COMMON_NAME, UTF8, long.as_bytes())], Some(cut.as_str())),
            (&[(COMMON_NAME, UTF8, b"")], None),
            (&[(b"\x55\x04\x06", UTF8, b"DE")], None),
            (&[], None),
        ] {
            let times = [(UTC_TIME, "260101000000Z"), (UTC_TIME, "270101000000Z")];
            let der = certificate(&named(parts), times, &named(&[]));
            let facts = CertificateFacts::read(&der).unwrap();
            assert_eq!((facts.issuer.as_deref(), facts.subject), (expected, None), "{parts:?}");
        }
    }

    #[test]
    fn a_validity_is_compared_with_a_clock() {
        let times = [(UTC_TIME, "991231235959Z"), (GENERALIZED_TIME, "20500102030405Z")];
        let CertificateFacts { not_before, not_after, .. } =
            CertificateFacts::read(&certificate(&named(&[]), times, &named(&[]))).unwrap();
        assert_eq!((not_before.day(), not_after.day()), ("1999-12-31", "2050-01-02"));
        // 2026-01-31 09:00:00 UTC
        let now = CertificateTime::of(SystemTime::UNIX_EPOCH + Duration::from_hours(491_625));
        assert!(not_before < now && now < not_after);
        for wrong in ["20500102030405", "2050010203040Z", "20501302030405Z", "2050010203040xZ"] {
            let times = [(GENERALIZED_TIME, wrong), (UTC_TIME, "270101000000Z")];
            let der = certificate(&named(&[]), times, &named(&[]));
            assert_eq!(CertificateFacts::read(&der), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = CertificateFacts::read(&bytes);
        }

        #[test]
        fn a_cut_certificate_is_not_one(end in 0_usize..120) {
            let times = [(UTC_TIME, "260101000000Z"), (UTC_TIME, "270101000000Z")];
            let der = certificate(&named(&[(COMMON_NAME, UTF8, b"x")]), times, &named(&[]));
            prop_assume!(end < der.len());
            prop_assert_eq!(CertificateFacts::read(&der[..end]), None);
        }
    }
}
