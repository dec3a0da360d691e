//! TLS by ourselves.

use std::{fs, io::Write, net::TcpStream, process::Command, sync::Arc};

use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use tempfile::TempDir;
use tokio_rustls::rustls::{
    ClientConfig, ClientConnection, ProtocolVersion, RootCertStore, StreamOwned, SupportedProtocolVersion,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, ServerName},
    version::{TLS12, TLS13},
};

use crate::relay::*;

/// A certificate of its own authority, in two files.
struct Pair {
    folder: TempDir,
    der: CertificateDer<'static>,
}

impl Pair {
    fn of(name: &str) -> Self {
        Self::between(name, 2020, 2100)
    }

    fn between(name: &str, from: i32, until: i32) -> Self {
        let (key, mut params) = (KeyPair::generate().unwrap(), CertificateParams::new([name.to_owned()]).unwrap());
        (params.not_before, params.not_after) = (date_time_ymd(from, 1, 1), date_time_ymd(until, 1, 1));
        let certificate = params.self_signed(&key).unwrap();
        let pair = Self { folder: tempfile::tempdir().unwrap(), der: certificate.der().clone() };
        fs::write(pair.folder.path().join("fullchain.pem"), certificate.pem()).unwrap();
        fs::write(pair.folder.path().join("privkey.pem"), key.serialize_pem()).unwrap();
        pair
    }

    fn flags(&self) -> [String; 4] {
        let file = |name: &str| self.folder.path().join(name).display().to_string();
        ["--tls-cert".into(), file("fullchain.pem"), "--tls-key".into(), file("privkey.pem")]
    }

    fn relay(&self) -> Relay {
        Relay::start(&self.flags().iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// What the relay says that is started with it and must not start.
    fn refused(&self, more: &[&str]) -> String {
        let flags = self.flags();
        let flags: Vec<&str> = flags.iter().map(String::as_str).chain(more.iter().copied()).collect();
        let output = serve(&self.folder.path().join("relay.db"), &flags).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(said.lines().count(), 1, "one sentence: {said}");
        assert!(said.ends_with(".\n") && !said.starts_with(char::is_lowercase), "{said}");
        assert!(!self.folder.path().join("relay.db").exists(), "and nothing was made");
        said
    }
}

/// Asks over TLS of this version, and returns which one it was in the end.
fn ask_over(
    relay: &Relay,
    pair: &Pair,
    version: &'static SupportedProtocolVersion,
    request: &str,
) -> (ProtocolVersion, Answer) {
    let mut roots = RootCertStore::empty();
    roots.add(pair.der.clone()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("relay.example").unwrap();
    let client = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut line = StreamOwned::new(client, connect(relay.address));
    line.write_all(request.as_bytes()).unwrap();
    let answer = answer(&mut line);
    (line.conn.protocol_version().unwrap(), answer)
}

#[test]
fn who_speaks_nothing_newer_than_tls_1_2_is_understood() {
    let pair = Pair::of("relay.example");
    let relay = pair.relay();
    let channel = relay.channel();
    let body = notification(1).to_string();
    let notify = request("POST", &format!("/n/{}", channel.secret), None, &body);
    let (version, answer) = ask_over(&relay, &pair, &TLS12, &notify);
    assert_eq!((version, answer.status), (ProtocolVersion::TLSv1_2, 200));
    let (version, answer) = ask_over(&relay, &pair, &TLS13, &notify);
    assert_eq!((version, answer.status), (ProtocolVersion::TLSv1_3, 200));
}

#[test]
fn openssl_agrees_about_tls_1_2() {
    let pair = Pair::of("relay.example");
    let relay = pair.relay();
    let mut command = Command::new("openssl");
    command.args(["s_client", "-tls1_2", "-brief", "-connect", &relay.address.to_string()]);
    let Ok(output) = command.stdin(std::process::Stdio::null()).output() else {
        eprintln!("skipped: openssl is not installed");
        return;
    };
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("TLSv1.2"), "{said}");
}

#[test]
fn a_certificate_that_is_over_is_refused_by_name_and_day() {
    let pair = Pair::between("relay.example", 2020, 2021);
    let said = pair.refused(&[]);
    assert!(
        said.contains("fullchain.pem") && said.contains("expired on 2021-01-01") && said.contains("renew"),
        "{said}"
    );
}

#[test]
fn a_certificate_that_has_not_begun_is_refused() {
    let said = Pair::between("relay.example", 2098, 2099).refused(&[]);
    assert!(said.contains("2098-01-01") && said.contains("clock"), "{said}");
}

#[test]
fn a_certificate_of_another_name_is_refused() {
    let said = Pair::of("other.example").refused(&["--public-url", "https://relay.example"]);
    assert!(said.contains("not for relay.example"), "{said}");
}

#[test]
fn a_key_of_another_certificate_is_refused() {
    let (pair, other) = (Pair::of("relay.example"), Pair::of("relay.example"));
    let privkey = |pair: &Pair| pair.folder.path().join("privkey.pem");
    fs::copy(privkey(&other), privkey(&pair)).unwrap();
    let said = pair.refused(&[]);
    assert!(said.contains("belong together"), "{said}");
}

#[test]
fn files_that_hold_no_certificate_or_no_key_are_refused() {
    for (file, hint) in [("fullchain.pem", "no certificate"), ("privkey.pem", "no private key")] {
        let pair = Pair::of("relay.example");
        let place = pair.folder.path().join(file);
        fs::write(&place, "something else").unwrap();
        assert!(pair.refused(&[]).contains(hint));
        fs::remove_file(&place).unwrap();
        let said = pair.refused(&[]);
        assert!(said.contains(file) && said.contains("cannot be read"), "{said}");
    }
}

#[test]
fn a_renewed_certificate_is_taken_up_without_a_restart_and_a_broken_one_is_not() {
    let (pair, renewed) = (Pair::of("relay.example"), Pair::of("relay.example"));
    let relay = pair.relay();
    let health = request("GET", "/healthz", None, "");
    assert_eq!(ask_over(&relay, &pair, &TLS12, &health).1.status, 200);
    let file = |pair: &Pair, name: &str| pair.folder.path().join(name);
    let copy = |name: &str| fs::copy(file(&renewed, name), file(&pair, name)).unwrap();
    copy("fullchain.pem");
    relay.signal("HUP");
    // The key is still the old one: whoever renews writes one file after the other.
    assert_eq!(ask_over(&relay, &pair, &TLS12, &health).1.status, 200);
    copy("privkey.pem");
    relay.signal("HUP");
    while presented(relay.address) != renewed.der {
        std::thread::yield_now();
    }
    assert_eq!(ask_over(&relay, &renewed, &TLS12, &health).1.status, 200);
}

/// The certificate it shows to whoever asks.
fn presented(address: std::net::SocketAddr) -> CertificateDer<'static> {
    #[derive(Debug)]
    struct Anybody;
    use tokio_rustls::rustls::{
        DigitallySignedStruct, Error, SignatureScheme,
        client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        pki_types::UnixTime,
    };
    impl ServerCertVerifier for Anybody {
        fn verify_server_cert(
            &self,
            _: &CertificateDer<'_>,
            _: &[CertificateDer<'_>],
            _: &ServerName<'_>,
            _: &[u8],
            _: UnixTime,
        ) -> Result<ServerCertVerified, Error> {
            Ok(ServerCertVerified::assertion())
        }
        fn verify_tls12_signature(
            &self,
            _: &[u8],
            _: &CertificateDer<'_>,
            _: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            Ok(HandshakeSignatureValid::assertion())
        }
        fn verify_tls13_signature(
            &self,
            _: &[u8],
            _: &CertificateDer<'_>,
            _: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            Ok(HandshakeSignatureValid::assertion())
        }
        fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
            aws_lc_rs::default_provider().signature_verification_algorithms.supported_schemes()
        }
    }
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anybody))
        .with_no_client_auth();
    let client = ClientConnection::new(Arc::new(config), ServerName::try_from("relay.example").unwrap()).unwrap();
    let mut line: StreamOwned<ClientConnection, TcpStream> = StreamOwned::new(client, connect(address));
    line.write_all(request("GET", "/healthz", None, "").as_bytes()).unwrap();
    answer(&mut line);
    line.conn.peer_certificates().unwrap()[0].clone().into_owned()
}
