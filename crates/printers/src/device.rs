use std::path::Path;

use rustix::{
    fs::{FileType, Mode, OFlags, fstat, open as open_file},
    io::Errno,
    termios::{ControlModes, InputModes, OptionalActions, tcgetattr, tcsetattr},
};

use crate::{
    Why,
    line::{Kind, Line},
};

/// Opens the device of a printer.
pub(crate) fn open(path: &Path) -> Result<Line, Why> {
    open_as(path, Kind::Device).map_err(|errno| why(errno, Why::NotAllowedLp))
}

/// Opens a serial port and sets its speed.
pub(crate) fn open_serial(path: &Path, baud: u32) -> Result<Line, Why> {
    let port = open_as(path, Kind::Serial).map_err(|errno| why(errno, Why::NotAllowedDialout))?;
    set_up(&port, baud).map_err(|_| Why::NotADevice)?;
    Ok(port)
}

fn open_as(path: &Path, kind: Kind) -> Result<Line, Errno> {
    // Without waiting for a carrier, and without making this the terminal that can end us.
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let end = match open_file(path, flags, Mode::empty()) {
        // Some printers only listen.
        Err(Errno::INVAL) => open_file(path, (flags - OFlags::RDWR) | OFlags::WRONLY, Mode::empty())?,
        opened => opened?,
    };
    if FileType::from_raw_mode(fstat(&end)?.st_mode) != FileType::CharacterDevice {
        return Err(Errno::NOTTY);
    }
    Ok(Line::over(end, kind))
}

/// Every byte goes as it is, eight bits, and the printer may ask for a pause in the only way that
/// every cable carries.
fn set_up(port: &Line, baud: u32) -> rustix::io::Result<()> {
    let mut set = tcgetattr(port)?;
    set.make_raw();
    set.control_modes |= ControlModes::CLOCAL | ControlModes::CREAD;
    set.input_modes |= InputModes::IXON;
    set.set_speed(baud)?;
    tcsetattr(port, OptionalActions::Now, &set)
}

fn why(errno: Errno, not_allowed: Why) -> Why {
    match errno {
        Errno::ACCESS | Errno::PERM => not_allowed,
        Errno::BUSY => Why::InUse,
        Errno::NOTTY | Errno::ISDIR => Why::NotADevice,
        _ => Why::NotThere,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_may_not_write_hears_which_group_is_missing() {
        assert_eq!(why(Errno::ACCESS, Why::NotAllowedLp), Why::NotAllowedLp);
        assert_eq!(why(Errno::PERM, Why::NotAllowedDialout), Why::NotAllowedDialout);
        assert_eq!(why(Errno::BUSY, Why::NotAllowedLp), Why::InUse);
        assert_eq!(why(Errno::NODEV, Why::NotAllowedLp), Why::NotThere, "it was pulled out");
        assert_eq!(why(Errno::NOENT, Why::NotAllowedLp), Why::NotThere);
    }
}
