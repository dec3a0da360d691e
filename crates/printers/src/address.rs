use std::{fmt, path::PathBuf, str::FromStr};

/// Where a printer is. It is written as one word, such as `network:192.168.1.50:9100`, `cups:KASIR`,
/// `device:/dev/usb/lp0` or `serial:/dev/rfcomm0@9600`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Printer {
    /// On the network, where it takes bytes as they are.
    Network {
        /// Its name or number.
        host: String,
        /// Usually 9100.
        port: u16,
    },
    /// A queue of this PC's print service.
    Cups {
        /// Its name.
        queue: String,
    },
    /// A device file, such as a USB printer has.
    Device {
        /// Its path.
        path: PathBuf,
    },
    /// A serial port, also one that stands for Bluetooth.
    Serial {
        /// Its path.
        path: PathBuf,
        /// Bits a second.
        baud: u32,
    },
}

/// A text that names no printer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a printer is written like network:192.168.1.50, cups:QUEUE, device:/dev/usb/lp0 or serial:/dev/ttyUSB0@9600")]
pub struct WrongAddress;

/// The port on which printers take bytes as they are.
const RAW: u16 = 9100;
/// What most printers with a serial port are set to.
const USUAL_BAUD: u32 = 9600;
/// What such printers know.
const BAUDS: [u32; 8] = [1200, 2400, 4800, 9600, 19_200, 38_400, 57_600, 115_200];

impl FromStr for Printer {
    type Err = WrongAddress;

    fn from_str(text: &str) -> Result<Self, WrongAddress> {
        let (kind, rest) = text.trim().split_once(':').ok_or(WrongAddress)?;
        match kind {
            "network" => network(rest),
            // The characters that CUPS itself keeps out of the name of a queue, for they would leave its place in a path.
            "cups" if is_name(rest, 127) && !rest.contains(['/', '#', '?', '%', '\\']) => {
                Ok(Self::Cups { queue: rest.into() })
            }
            "device" => Ok(Self::Device { path: device(rest)? }),
            "serial" => {
                let (path, baud) = rest.split_once('@').unwrap_or((rest, ""));
                let baud = if baud.is_empty() { USUAL_BAUD } else { baud.parse().map_err(|_| WrongAddress)? };
                let path = device(path)?;
                BAUDS.contains(&baud).then_some(Self::Serial { path, baud }).ok_or(WrongAddress)
            }
            _ => Err(WrongAddress),
        }
    }
}

impl fmt::Display for Printer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Network { host, port } if host.contains(':') => write!(f, "network:[{host}]:{port}"),
            Self::Network { host, port } => write!(f, "network:{host}:{port}"),
            Self::Cups { queue } => write!(f, "cups:{queue}"),
            Self::Device { path } => write!(f, "device:{}", path.display()),
            Self::Serial { path, baud } => write!(f, "serial:{}@{baud}", path.display()),
        }
    }
}

fn network(text: &str) -> Result<Printer, WrongAddress> {
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, rest)) => (host, rest.strip_prefix(':')),
        None => match text.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    };
    let port = port.map_or(Ok(RAW), str::parse).map_err(|_| WrongAddress)?;
    let host_like = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
    if port == 0 || !is_name(host, 253) || !host.chars().all(host_like) {
        return Err(WrongAddress);
    }
    Ok(Printer::Network { host: host.into(), port })
}

/// Devices are in one place, so that no slip of the finger writes over a file.
fn device(text: &str) -> Result<PathBuf, WrongAddress> {
    let right = text.starts_with("/dev/") && is_name(text, 255) && !text.split('/').any(|part| part == "..");
    right.then(|| text.into()).ok_or(WrongAddress)
}

fn is_name(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.len()) && !text.chars().any(|c| c.is_control() || c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_printer_is_read_as_it_was_written() {
        for text in [
            "network:192.168.1.50:9100",
            "network:[fe80::1]:9101",
            "network:kasir.local:9100",
            "cups:KASIR_80",
            "device:/dev/usb/lp0",
            "serial:/dev/rfcomm0@19200",
        ] {
            let printer: Printer = text.parse().expect(text);
            assert_eq!(printer.to_string(), text);
        }
        assert_eq!("network:10.0.0.7".parse(), Ok(Printer::Network { host: "10.0.0.7".into(), port: 9100 }));
        assert_eq!(" serial:/dev/ttyS0 ".parse(), Ok(Printer::Serial { path: "/dev/ttyS0".into(), baud: 9600 }));
    }

    #[test]
    fn a_word_that_names_no_printer_is_refused() {
        for text in [
            "",
            "192.168.1.50",
            "network:",
            "network:host:0",
            "network:host:70000",
            "network:ho st",
            "network:user@host",
            "network:[::1",
            "cups:",
            "cups:two words",
            "cups:../jobs",
            "cups:a?b",
            "device:/home/kasir/nota.txt",
            "device:/dev/../etc/passwd",
            "device:lp0",
            "serial:/dev/ttyS0@12345",
            "serial:/dev/ttyS0@cepat",
            "usb:/dev/usb/lp0",
        ] {
            assert_eq!(text.parse::<Printer>(), Err(WrongAddress), "{text:?}");
        }
    }
}
