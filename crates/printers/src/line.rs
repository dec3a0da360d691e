use std::{
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::{Errno, read, write},
    net::{Shutdown, shutdown},
    termios::{QueueSelector, tcflush},
};

/// A line to a printer: bytes go one way, and some printers answer.
pub(crate) struct Line {
    end: OwnedFd,
    kind: Kind,
}

impl AsFd for Line {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.end.as_fd()
    }
}

/// What it leads over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Network,
    Device,
    Serial,
}

/// What came back over it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// So many bytes.
    Bytes(Vec<u8>),
    /// Nothing in this time.
    Nothing,
    /// Nothing, and nothing ever will: a device that does not answer.
    Mute,
    /// The other end has ended the conversation in good order.
    Ended,
    /// The other end is gone.
    Gone,
}

/// Why a line takes no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoMore {
    /// The other end is gone.
    Gone,
    /// It has taken nothing for too long.
    Stuck,
}

impl Line {
    /// A line over something that was opened so that it never blocks.
    pub(crate) fn over(end: OwnedFd, kind: Kind) -> Self {
        Self { end, kind }
    }

    /// Sends as much of it as the line takes now, and waits at most so long until it takes anything.
    pub(crate) fn send(&self, bytes: &[u8], patience: Duration) -> Result<usize, NoMore> {
        let until = Instant::now() + patience;
        loop {
            match write(&self.end, bytes) {
                Ok(0) | Err(Errno::AGAIN) => {}
                Ok(sent) => return Ok(sent),
                Err(Errno::INTR) => continue,
                Err(_) => return Err(NoMore::Gone),
            }
            if !self.ready(PollFlags::OUT, until) {
                return Err(NoMore::Stuck);
            }
        }
    }

    /// Hears what comes, at most until then.
    pub(crate) fn hear(&self, until: Instant) -> Heard {
        loop {
            let mut bytes = [0; 64];
            match read(&self.end, &mut bytes) {
                Ok(0) if self.kind == Kind::Network => return Heard::Ended,
                Ok(0) if self.kind == Kind::Serial => return Heard::Gone,
                // A device that cannot answer has nothing to read, now and ever.
                Ok(0) | Err(Errno::INVAL | Errno::BADF) => return Heard::Mute,
                Ok(some) => return Heard::Bytes(bytes[..some].into()),
                Err(Errno::AGAIN) => {}
                Err(Errno::INTR) => continue,
                Err(_) => return Heard::Gone,
            }
            if !self.ready(PollFlags::IN, until) {
                return Heard::Nothing;
            }
        }
    }

    /// Waits until everything that was sent has left this PC, as far as a line can tell.
    pub(crate) fn drain(&self, patience: Duration) -> Result<(), NoMore> {
        match self.kind {
            // A port counts as ready when little is left to send.
            Kind::Serial if !self.ready(PollFlags::OUT, Instant::now() + patience) => Err(NoMore::Stuck),
            _ => Ok(()),
        }
    }

    /// Says that nothing more will be sent.
    pub(crate) fn end(&self) {
        if self.kind == Kind::Network {
            // If it is gone, what is heard next says so.
            let _ = shutdown(&self.end, Shutdown::Write);
        }
    }

    /// Lets nothing out any more that still waits in this PC.
    pub(crate) fn give_up(&self) {
        if self.kind == Kind::Serial {
            // It is given up in any case.
            let _ = tcflush(&self.end, QueueSelector::OFlush);
        }
    }

    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    fn ready(&self, flags: PollFlags, until: Instant) -> bool {
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let Ok(timeout) = Timespec::try_from(left) else { return false };
            match poll(&mut [PollFd::from_borrowed_fd(self.end.as_fd(), flags)], Some(&timeout)) {
                Ok(0) => return false,
                Ok(_) => return true,
                Err(Errno::INTR) => {}
                Err(_) => return false,
            }
        }
    }
}
