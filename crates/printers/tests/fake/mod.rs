//! Printers that do what is asked of them, over the network or a pseudo-terminal, and tell what they got.

#![allow(dead_code, reason = "not every test plays with everything")]

use std::{
    fs::File,
    io::{Read, Write},
    net::TcpListener,
    sync::mpsc::{Receiver, channel},
    thread,
    time::Duration,
};

use printers::{Cupsd, Means, Patience, Printer};
use rustix::{
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    termios::{OptionalActions, tcgetattr, tcsetattr},
};

/// What a printer does.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// It answers how it is, with these four bytes.
    pub status: Option<[u8; 4]>,
    /// It answers so after the bytes, instead.
    pub afterwards: Option<[u8; 4]>,
    /// It says in its turn that all is printed.
    pub in_turn: bool,
    /// It takes so many bytes of what is to be printed and hangs up.
    pub cut_after: Option<usize>,
}

pub const FINE: [u8; 4] = [0x12; 4];
pub const NO_PAPER: [u8; 4] = [0x1a, 0x32, 0x12, 0x72];
pub const COVER_OPEN: [u8; 4] = [0x1a, 0x16, 0x12, 0x12];

pub const SILENT: Manner = Manner { status: None, afterwards: None, in_turn: false, cut_after: None };
pub const GOOD: Manner = Manner { status: Some(FINE), afterwards: None, in_turn: true, cut_after: None };

/// A printer at work for one conversation.
pub struct Fake {
    pub printer: Printer,
    printed: Receiver<Vec<u8>>,
}

impl Fake {
    /// On the network, for bytes of this length.
    pub fn on_the_network(manner: Manner, length: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (tell, printed) = channel();
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = tell.send(serve(&mut stream, manner, length));
        });
        Self { printer: Printer::Network { host: "127.0.0.1".into(), port }, printed }
    }

    /// At a serial port.
    pub fn at_a_port(manner: Manner, length: usize) -> Self {
        let (mut end, path) = port();
        let (tell, printed) = channel();
        thread::spawn(move || {
            let _ = tell.send(serve(&mut end, manner, length));
        });
        Self { printer: Printer::Serial { path: path.into(), baud: 115_200 }, printed }
    }

    /// Behind a device file.
    pub fn behind_a_device(manner: Manner, length: usize) -> Self {
        let fake = Self::at_a_port(manner, length);
        let Printer::Serial { path, .. } = fake.printer else { unreachable!() };
        Self { printer: Printer::Device { path }, ..fake }
    }

    /// What it has printed when the conversation is over.
    pub fn printed(&self) -> Vec<u8> {
        self.printed.recv().unwrap()
    }
}

/// A pair of a pseudo-terminal: our end, and the path of the other.
pub fn port() -> (File, String) {
    let end = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&end).unwrap();
    unlockpt(&end).unwrap();
    // Whoever opens it as a mere device leaves it as it is.
    let mut set = tcgetattr(&end).unwrap();
    set.make_raw();
    tcsetattr(&end, OptionalActions::Now, &set).unwrap();
    let path = ptsname(&end, Vec::new()).unwrap().into_string().unwrap();
    (end.into(), path)
}

/// Short waits: what is to come comes over this PC alone.
pub fn means() -> Means {
    let patience = Patience {
        connect: Duration::from_secs(5),
        status: Duration::from_secs(5),
        write: Duration::from_secs(5),
        printed: Duration::from_secs(5),
        silence: Duration::from_secs(5),
        job: Duration::from_secs(20),
    };
    Means { patience, cupsd: Cupsd::Socket("/nowhere/cups.sock".into()), user: "kasir".into() }
}

/// With so little patience for a printer that says nothing.
pub fn hasty() -> Means {
    let usual = means();
    let little = Duration::from_millis(20);
    Means { patience: Patience { status: little, printed: little, silence: little, ..usual.patience }, ..usual }
}

/// A slip as a printer gets it: letters, bars, and the cut.
pub fn slip() -> Vec<u8> {
    let mut slip = b"\x1b@\x1ba\x01\x1d!\x11Rp 162.500\n\x1d!\x00BAYAR DI INDOMARET\n8127 7405 8887 0520\n".to_vec();
    slip.extend(b"\x1dv0\x00\x30\x00\x18\x00");
    slip.extend((0..0x30 * 0x18).map(|dot: u32| (dot * 37 % 251) as u8));
    slip.extend(b"\x1bd\x04\x1dV\x42\x00");
    slip
}

fn serve(line: &mut (impl Read + Write), manner: Manner, length: usize) -> Vec<u8> {
    let mut printed = Vec::new();
    let mut pending = Vec::new();
    let wanted = manner.cut_after.unwrap_or(length);
    let mut part = [0; 1];
    loop {
        if printed.len() == wanted && manner.cut_after.is_some() {
            return printed;
        }
        // A port whose other end is closed fails to read.
        let Ok(1) = line.read(&mut part) else { return printed };
        let done = printed.len() == length;
        if printed.is_empty() || done {
            pending.push(part[0]);
            match pending[..] {
                [0x10] | [0x10, 4] => continue,
                [0x10, 4, n] => {
                    let status = if done { manner.afterwards.or(manner.status) } else { manner.status };
                    if let Some(status) = status {
                        let _ = line.write_all(&[status[usize::from(n) - 1]]);
                    }
                    pending.clear();
                    continue;
                }
                [0x1d] | [0x1d, b'r'] if done => continue,
                [0x1d, b'r', 1] if done => {
                    if manner.in_turn {
                        let _ = line.write_all(&[0]);
                    }
                    pending.clear();
                    continue;
                }
                _ => {
                    printed.append(&mut pending);
                    continue;
                }
            }
        }
        printed.push(part[0]);
    }
}
