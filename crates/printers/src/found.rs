use std::{fs, path::Path};

use crate::{Means, Printer, cups};

/// A printer that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Where.
    pub printer: Printer,
    /// What people call it, if it has a name.
    pub called: String,
}

/// The baud rate that is tried first with a port nobody has told more about.
const USUAL_BAUD: u32 = 9600;

/// Every printer this PC knows of: queues, devices and serial ports that something was plugged into.
/// A printer on the network is found by its address. `devices` is `/dev`.
pub fn found(devices: &Path, means: &Means) -> Vec<Found> {
    // Without a print service there are no queues.
    let queues = cups::queues(means).unwrap_or_default().into_iter();
    let queues = queues.map(|(queue, called)| Found { printer: Printer::Cups { queue }, called });
    let nameless = |printer| Found { printer, called: String::new() };
    let plugged = named(&devices.join("usb"), &["lp"]).into_iter().chain(named(devices, &["lp"]));
    let plugged = plugged.map(|path| nameless(Printer::Device { path }));
    // Ports on the board are always there, with something plugged in or not.
    let ports = named(devices, &["ttyUSB", "ttyACM", "rfcomm"]).into_iter();
    let ports = ports.map(|path| nameless(Printer::Serial { path, baud: USUAL_BAUD }));
    queues.chain(plugged).chain(ports).collect()
}

/// What is in a folder under such a name and a number.
fn named(folder: &Path, names: &[&str]) -> Vec<std::path::PathBuf> {
    let numbered = |name: &str| {
        let number = names.iter().find_map(|wanted| name.strip_prefix(wanted));
        number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<_> =
        entries.filter(|entry| numbered(&entry.file_name().to_string_lossy())).map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_printer_may_be_plugged_into_is_found() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("usb")).expect("a folder");
        for name in ["usb/lp1", "usb/lp0", "usb/hiddev0", "ttyUSB0", "ttyS0", "rfcomm0", "lp", "tty0"] {
            fs::write(folder.path().join(name), "").expect("a file");
        }
        let means = Means {
            cupsd: crate::Cupsd::Socket(folder.path().join("nobody")),
            user: "kasir".into(),
            patience: crate::Patience::of_a_shop(),
        };
        let found: Vec<String> = found(folder.path(), &means).iter().map(|found| found.printer.to_string()).collect();
        let at = |name: &str| folder.path().join(name).display().to_string();
        let expected = [
            format!("device:{}", at("usb/lp0")),
            format!("device:{}", at("usb/lp1")),
            format!("serial:{}@9600", at("rfcomm0")),
            format!("serial:{}@9600", at("ttyUSB0")),
        ];
        assert_eq!(found, expected);
    }
}
