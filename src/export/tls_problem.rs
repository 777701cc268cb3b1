//! Why TLS could not be negotiated, and what to do about it.

use crate::config::printable;
use crate::export::endpoint_description::EndpointDescription;
use crate::util::certificate::CertificateTime;
use rustls::pki_types::UnixTime;
use rustls::{AlertDescription, CertificateError, Error, InvalidMessage};
use std::time::{Duration, SystemTime};

/// How many names of a certificate are shown.
const MAX_NAMES: usize = 3;
/// The last second that a date has four digits for its year: 9999-12-31.
const LAST_SECOND: u64 = 253_402_300_799;

/// Why TLS could not be negotiated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TlsProblem {
    /// No trusted authority has issued the certificate of the backend.
    UnknownIssuer,
    /// That certificate was valid until this day.
    Expired(Option<String>),
    /// That certificate is valid from this day on.
    NotYetValid(Option<String>),
    /// That certificate is for other hosts.
    OtherName(Vec<String>),
    /// That certificate is for an authority, as one that is made by hand often is.
    IsAuthority,
    /// That certificate cannot be checked for another reason.
    UnusableCertificate,
    /// The other side does not speak TLS.
    NotTls,
    /// The other side speaks no common version of TLS.
    OtherVersion,
    /// The backend wants a certificate of the client.
    NoClientCertificate,
    /// The backend does not accept the certificate of the client.
    ClientCertificate,
    /// The backend refuses the handshake and does not say why.
    Refused,
    /// Anything else.
    Other,
}

impl TlsProblem {
    pub(super) fn of(error: &Error) -> Self {
        match error {
            Error::InvalidCertificate(error) => Self::of_certificate(error),
            Error::InvalidMessage(
                InvalidMessage::InvalidContentType | InvalidMessage::UnknownProtocolVersion,
            ) => Self::NotTls,
            Error::PeerIncompatible(_) => Self::OtherVersion,
            Error::AlertReceived(alert) => Self::of_alert(*alert),
            _ => Self::Other,
        }
    }

    fn of_certificate(error: &CertificateError) -> Self {
        match error {
            // An authority that was made again has the same name and another key.
            CertificateError::UnknownIssuer | CertificateError::BadSignature => Self::UnknownIssuer,
            CertificateError::Expired => Self::Expired(None),
            CertificateError::ExpiredContext { not_after, .. } => Self::Expired(day(*not_after)),
            CertificateError::NotValidYet => Self::NotYetValid(None),
            CertificateError::NotValidYetContext { not_before, .. } => {
                Self::NotYetValid(day(*not_before))
            }
            CertificateError::NotValidForName => Self::OtherName(Vec::new()),
            CertificateError::NotValidForNameContext { presented, .. } => {
                Self::OtherName(presented.iter().filter_map(|it| host(it)).collect())
            }
            // Its type is of a crate that nothing else here uses.
            CertificateError::Other(error) if error.to_string() == "CaUsedAsEndEntity" => {
                Self::IsAuthority
            }
            _ => Self::UnusableCertificate,
        }
    }

    fn of_alert(alert: AlertDescription) -> Self {
        match alert {
            AlertDescription::ProtocolVersion => Self::OtherVersion,
            AlertDescription::CertificateRequired => Self::NoClientCertificate,
            AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied => Self::ClientCertificate,
            _ => Self::Refused,
        }
    }

    /// What happened, and the cure.
    pub(super) fn message(&self, endpoint: &EndpointDescription) -> String {
        let EndpointDescription { authority, host, ca_file, client_certificate, .. } = endpoint;
        let the_certificate = format!("The certificate of {authority}");
        match self {
            Self::UnknownIssuer => match ca_file {
                Some(file) => format!(
                    "{the_certificate} is not from the authority in {file}. Put the certificate of its \
                     authority into that file."
                ),
                None => format!(
                    "{the_certificate} is from an authority that this machine does not trust. Set \
                     tls.ca_file, or OTEL_EXPORTER_OTLP_CERTIFICATE for an endpoint of the environment, to \
                     the certificate of that authority."
                ),
            },
            Self::Expired(day) => format!(
                "{the_certificate} has expired{}. Replace it there. If it is valid, correct the clock of \
                 this machine.",
                on(" on ", day.as_deref())
            ),
            Self::NotYetValid(day) => format!(
                "{the_certificate} is not valid{}. Correct the clock of this machine, or replace the \
                 certificate there.",
                on(" before ", day.as_deref())
            ),
            Self::OtherName(names) => {
                let shown = names.iter().take(MAX_NAMES).map(String::as_str).collect::<Vec<_>>();
                let more = if names.len() > MAX_NAMES { " and others" } else { "" };
                let of_names = if shown.is_empty() {
                    " names another host".to_owned()
                } else {
                    format!(" is for {}{more}", shown.join(", "))
                };
                format!(
                    "{the_certificate}{of_names}, and not for {host}. Write a host name of the certificate \
                     into the endpoint."
                )
            }
            Self::IsAuthority => format!(
                "{the_certificate} is one of an authority, which must not be used by a server. Issue one \
                 for the server with it (basicConstraints CA:FALSE)."
            ),
            Self::UnusableCertificate => format!(
                "{the_certificate} cannot be checked: it is damaged, or made in a way that is not supported. \
                 Replace it there."
            ),
            Self::NotTls => format!(
                "{authority} does not speak TLS. If it is for plain HTTP, write http:// in the endpoint."
            ),
            Self::OtherVersion => format!(
                "{authority} speaks neither TLS 1.2 nor TLS 1.3 with a cipher of today. Update it, or send \
                 to a collector before it."
            ),
            Self::NoClientCertificate => format!("{authority} {NEEDS_CLIENT_CERTIFICATE}"),
            Self::ClientCertificate => match client_certificate {
                Some(file) => format!(
                    "{authority} does not accept the client certificate in {file}. Use one that is valid and \
                     from an authority that it trusts."
                ),
                None => format!("{authority} {NEEDS_CLIENT_CERTIFICATE}"),
            },
            Self::Refused => format!(
                "{authority} refused the TLS handshake.{}",
                if client_certificate.is_none() { MAY_NEED_CLIENT_CERTIFICATE } else { "" }
            ),
            Self::Other => format!("The TLS handshake with {authority} failed."),
        }
    }
}

const NEEDS_CLIENT_CERTIFICATE: &str = "requires a client certificate. Set tls.certificate_file and tls.key_file, or \
                                        OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE and \
                                        OTEL_EXPORTER_OTLP_CLIENT_KEY for an endpoint of the environment.";
/// The cure if a backend does not say why it ends a connection with TLS.
pub(super) const MAY_NEED_CLIENT_CERTIFICATE: &str = " If it requires a client certificate, set \
                                                      tls.certificate_file and tls.key_file.";

fn on(word: &str, day: Option<&str>) -> String {
    day.map(|day| format!("{word}{day}")).unwrap_or_default()
}

fn day(time: UnixTime) -> Option<String> {
    let seconds = Duration::from_secs(time.as_secs().min(LAST_SECOND));
    let time = CertificateTime::of(SystemTime::UNIX_EPOCH.checked_add(seconds)?);
    Some(time.day().to_owned())
}

/// The host in a name such as `DnsName("otlp.example")` or `IpAddress(127.0.0.1)`.
fn host(name: &str) -> Option<String> {
    let (kind, rest) = name.split_once('(')?;
    let host = rest.trim_end_matches(')').trim_matches('"');
    (matches!(kind, "DnsName" | "IpAddress") && !host.is_empty()).then(|| printable(host))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls::{OtherError, PeerIncompatible};
    use std::sync::Arc;

    fn endpoint(client_certificate: Option<&str>) -> EndpointDescription {
        EndpointDescription {
            authority: "otlp.example:443".to_owned(),
            client_certificate: client_certificate.map(str::to_owned),
            ..EndpointDescription::example()
        }
    }

    /// 2026-01-31 09:00:00 UTC.
    fn time() -> UnixTime {
        UnixTime::since_unix_epoch(Duration::from_hours(491_625))
    }

    #[test]
    fn each_reason_of_tls_has_a_cause_and_a_cure() {
        let certificate = |error| Error::InvalidCertificate(error);
        let names = |presented: &[&str]| {
            certificate(CertificateError::NotValidForNameContext {
                expected: "otlp.example".try_into().unwrap(),
                presented: presented.iter().map(|it| (*it).to_owned()).collect(),
            })
        };
        let alert = Error::AlertReceived;
        let is_authority = OtherError(Arc::from(Box::<dyn std::error::Error + Send + Sync>::from(
            "CaUsedAsEndEntity",
        )));
        for (error, expected) in [
            (
                certificate(CertificateError::UnknownIssuer),
                "The certificate of otlp.example:443 is from an authority that this machine does not trust. \
                 Set tls.ca_file, or OTEL_EXPORTER_OTLP_CERTIFICATE for an endpoint of the environment, to \
                 the certificate of that authority.",
            ),
            (
                certificate(CertificateError::ExpiredContext { time: time(), not_after: time() }),
                "The certificate of otlp.example:443 has expired on 2026-01-31. Replace it there. If it is \
                 valid, correct the clock of this machine.",
            ),
            (
                certificate(CertificateError::NotValidYetContext {
                    time: time(),
                    not_before: time(),
                }),
                "The certificate of otlp.example:443 is not valid before 2026-01-31. Correct the clock of \
                 this machine, or replace the certificate there.",
            ),
            (
                names(&["DnsName(\"a.example\")", "IpAddress(127.0.0.1)", "DirectoryName"]),
                "The certificate of otlp.example:443 is for a.example, 127.0.0.1, and not for otlp.example. \
                 Write a host name of the certificate into the endpoint.",
            ),
            (
                names(&["DnsName(\"a\")", "DnsName(\"b\")", "DnsName(\"c\")", "DnsName(\"d\")"]),
                "The certificate of otlp.example:443 is for a, b, c and others, and not for otlp.example. \
                 Write a host name of the certificate into the endpoint.",
            ),
            (
                certificate(CertificateError::Other(is_authority)),
                "The certificate of otlp.example:443 is one of an authority, which must not be used by a \
                 server. Issue one for the server with it (basicConstraints CA:FALSE).",
            ),
            (
                certificate(CertificateError::BadEncoding),
                "The certificate of otlp.example:443 cannot be checked: it is damaged, or made in a way that \
                 is not supported. Replace it there.",
            ),
            (
                Error::InvalidMessage(InvalidMessage::InvalidContentType),
                "otlp.example:443 does not speak TLS. If it is for plain HTTP, write http:// in the endpoint.",
            ),
            (
                Error::PeerIncompatible(PeerIncompatible::ServerDoesNotSupportTls12Or13),
                "otlp.example:443 speaks neither TLS 1.2 nor TLS 1.3 with a cipher of today. Update it, or \
                 send to a collector before it.",
            ),
            (
                alert(AlertDescription::CertificateRequired),
                "otlp.example:443 requires a client certificate. Set tls.certificate_file and tls.key_file, \
                 or OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE and OTEL_EXPORTER_OTLP_CLIENT_KEY for an endpoint \
                 of the environment.",
            ),
            (
                alert(AlertDescription::HandshakeFailure),
                "otlp.example:443 refused the TLS handshake. If it requires a client certificate, set \
                 tls.certificate_file and tls.key_file.",
            ),
            (Error::HandshakeNotComplete, "The TLS handshake with otlp.example:443 failed."),
        ] {
            assert_eq!(TlsProblem::of(&error).message(&endpoint(None)), expected);
        }
    }

    #[test]
    fn a_client_certificate_that_is_not_accepted_is_named() {
        let problem = TlsProblem::of(&Error::AlertReceived(AlertDescription::UnknownCA));
        assert_eq!(
            problem.message(&endpoint(Some("tls.certificate_file"))),
            "otlp.example:443 does not accept the client certificate in tls.certificate_file. Use one that is \
             valid and from an authority that it trusts."
        );
        assert_eq!(
            problem.message(&endpoint(None)).find("requires a client certificate"),
            Some(17)
        );
    }

    #[test]
    fn an_authority_that_is_configured_is_named() {
        let ca_file = Some("tls.ca_file".to_owned());
        let message =
            TlsProblem::UnknownIssuer.message(&EndpointDescription { ca_file, ..endpoint(None) });
        assert_eq!(
            message,
            "The certificate of otlp.example:443 is not from the authority in tls.ca_file. Put the \
             certificate of its authority into that file."
        );
    }
}
