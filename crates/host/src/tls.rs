//! TLS by ourselves: a certificate that is looked at before it is used, and again when it was
//! renewed.

use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

use relay::line::Greets;
use tokio::net::TcpStream;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        Error, ServerConfig,
        client::verify_server_name,
        crypto::aws_lc_rs::{self, Ticketer},
        pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject},
        server::{ClientHello, ParsedCertificate, ResolvesServerCert},
        sign::CertifiedKey,
    },
    server::TlsStream,
};
use x509_parser::{parse_x509_certificate, time::ASN1Time};

use mailroom::Time;

use crate::settings::PublicUrl;

/// Where a certificate lies, and whose it has to be.
#[derive(Clone, Debug)]
pub struct Files {
    /// The certificate, and those that lead from it to its authority.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
    /// The name it has to be for, if that is known.
    pub public_url: Option<PublicUrl>,
}

/// Why a certificate cannot be used, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum NoTls {
    /// A file cannot be read.
    #[error("{0} cannot be read ({1}); name another file, or let this account read it")]
    Unreadable(PathBuf, String),
    /// It holds none.
    #[error("{0} holds no certificate; name the file with the whole chain in PEM, often fullchain.pem")]
    NoCertificate(PathBuf),
    /// It holds none.
    #[error("{0} holds no private key; name the file with it in PEM, often privkey.pem")]
    NoKey(PathBuf),
    /// They are of two pairs.
    #[error("the key {1} is not the one of the certificate {0}; name the two that belong together")]
    NotAPair(PathBuf, PathBuf),
    /// It is over.
    #[error("the certificate {0} expired on {1}; renew it")]
    Expired(PathBuf, String),
    /// It has not begun.
    #[error("the certificate {0} is good from {1} on only; see whether this machine's clock is right")]
    NotYet(PathBuf, String),
    /// It is somebody else's.
    #[error("the certificate {0} is not for {1}; name the one that is, or correct --public-url")]
    NotForUs(PathBuf, String),
    /// Something else.
    #[error("the certificate {0} cannot be used: {1}; name another")]
    Unusable(PathBuf, String),
}

/// A certificate in use. A renewed one takes its place while the relay works.
#[derive(Clone)]
pub struct Tls {
    files: Files,
    now: Arc<Certificate>,
    acceptor: TlsAcceptor,
}

struct Certificate(RwLock<Arc<CertifiedKey>>);

impl Tls {
    /// Reads it, if it can be used at this time.
    pub fn of(files: Files, at: Time) -> Result<Self, NoTls> {
        let (key, _) = read(&files, at)?;
        let now = Arc::new(Certificate(RwLock::new(Arc::new(key))));
        let unusable = |error: Error| NoTls::Unusable(files.certificate.clone(), error.to_string());
        // 1.2 has to stay: Midtrans' sender speaks nothing newer.
        let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(unusable)?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&now) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        config.ticketer = Ticketer::new().map_err(unusable)?;
        Ok(Self { files, now, acceptor: TlsAcceptor::from(Arc::new(config)) })
    }

    /// Takes up what lies there now. If that cannot be used, what was good stays.
    pub fn renew(&self, at: Time) -> Result<(), NoTls> {
        let (key, _) = read(&self.files, at)?;
        *self.now.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(key);
        Ok(())
    }

    /// The files it is read from.
    pub fn files(&self) -> &Files {
        &self.files
    }
}

/// Until when the certificate is good, if it can be used at this time.
pub fn good_until(files: &Files, at: Time) -> Result<Time, NoTls> {
    read(files, at).map(|(_, until)| until)
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Certificate")
    }
}

impl Greets for Tls {
    type Line = TlsStream<TcpStream>;

    async fn greet(&self, stream: TcpStream) -> io::Result<Self::Line> {
        self.acceptor.accept(stream).await
    }
}

fn read(files: &Files, at: Time) -> Result<(CertifiedKey, Time), NoTls> {
    let Files { certificate, key, public_url } = files;
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&bytes(certificate)?)
        .collect::<Result<_, _>>()
        .map_err(|_| NoTls::NoCertificate(certificate.clone()))?;
    let first = chain.first().ok_or_else(|| NoTls::NoCertificate(certificate.clone()))?.clone();
    let private = PrivateKeyDer::from_pem_slice(&bytes(key)?).map_err(|_| NoTls::NoKey(key.clone()))?;
    let unusable = |what: String| NoTls::Unusable(certificate.clone(), what);
    let pair = CertifiedKey::from_der(chain, private, &aws_lc_rs::default_provider()).map_err(|error| match error {
        Error::InconsistentKeys(_) => NoTls::NotAPair(certificate.clone(), key.clone()),
        other => unusable(other.to_string()),
    })?;
    let (_, parsed) = parse_x509_certificate(&first).map_err(|error| unusable(error.to_string()))?;
    let validity = parsed.validity();
    let now = at.millis() / 1_000;
    if now > validity.not_after.timestamp() {
        return Err(NoTls::Expired(certificate.clone(), day(validity.not_after)));
    }
    if now < validity.not_before.timestamp() {
        return Err(NoTls::NotYet(certificate.clone(), day(validity.not_before)));
    }
    if let Some(host) = public_url.as_ref().and_then(PublicUrl::host) {
        let name = ServerName::try_from(host.clone()).map_err(|error| unusable(error.to_string()))?;
        let named = ParsedCertificate::try_from(&first).map_err(|error| unusable(error.to_string()))?;
        verify_server_name(&named, &name).map_err(|_| NoTls::NotForUs(certificate.clone(), host))?;
    }
    Ok((pair, Time::from_millis(validity.not_after.timestamp().saturating_mul(1_000))))
}

fn bytes(file: &Path) -> Result<Vec<u8>, NoTls> {
    std::fs::read(file).map_err(|error| NoTls::Unreadable(file.to_owned(), error.to_string()))
}

/// As a host would write it: 2026-11-26.
fn day(time: ASN1Time) -> String {
    let time = time.to_datetime();
    format!("{:04}-{:02}-{:02}", time.year(), u8::from(time.month()), time.day())
}
