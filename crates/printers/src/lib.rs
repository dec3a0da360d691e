//! Paths to paper. Bytes go to a [`Printer`], and what became of them is told honestly: until the
//! first byte has left a failure is a failure, afterwards nobody knows what is on the paper, unless
//! the printer says so itself.
//!
//! Nothing here knows what is printed. Every wait is a value that is handed in ([`Patience`]).
//!
//! On Windows paper goes through the spooler. Its place is a module beside `cups`, a kind of
//! [`Printer`] and an arm of [`hand_over`]; it is written when it can be run.

mod address;
mod condition;
mod cups;
mod device;
mod found;
mod http;
mod ipp;
mod line;
mod network;
mod talk;

use std::time::Duration;

pub use address::{Printer, WrongAddress};
pub use condition::Condition;
pub use cups::Cupsd;
pub use found::{Found, found};

/// How long is waited for what, and where the print service of this PC is.
#[derive(Clone, Debug)]
pub struct Means {
    /// How long is waited for what.
    pub patience: Patience,
    /// The print service.
    pub cupsd: Cupsd,
    /// Who prints, by the name this PC knows them by; a print service lets its owner take a job back.
    pub user: String,
}

/// How long is waited for what.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Until a printer on the network takes the connection.
    pub connect: Duration,
    /// Until it answers how it is. One that answers does so at once; many never do, and every slip
    /// waits for those, so this is short.
    pub status: Duration,
    /// Until it takes the next byte.
    pub write: Duration,
    /// Until one that answers says that everything before is printed.
    pub printed: Duration,
    /// Until one that says nothing would have cut the connection.
    pub silence: Duration,
    /// Until the print service is done with a job.
    pub job: Duration,
}

/// What became of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The printer says that it has printed them.
    Confirmed,
    /// They were taken. This printer says no more than that.
    HandedOver,
    /// Nothing of them can come out any more.
    Failed(Why),
    /// They may be on paper, whole, in part, or not at all: somebody has to look.
    Unknown(Why),
}

/// Why nothing came out, or why nobody knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Nobody on the network has this name.
    NoSuchHost,
    /// Nothing answers at this address.
    NotReached,
    /// Something is at this address, but takes nothing on this port.
    Refused,
    /// The device is not there: unplugged, or switched off.
    NotThere,
    /// At this path is no device.
    NotADevice,
    /// This PC's user may not write to printers at a parallel or USB port.
    NotAllowedLp,
    /// This PC's user may not write to serial ports.
    NotAllowedDialout,
    /// Another program has it.
    InUse,
    /// It has no paper.
    PaperOut,
    /// Its cover is open.
    CoverOpen,
    /// It is switched to off-line, or does not say why it rests.
    Offline,
    /// It says that it is broken: the knife, the head.
    Broken,
    /// The connection was cut.
    Cut,
    /// It stopped taking bytes.
    Stuck,
    /// The print service of this PC does not run.
    NoService,
    /// The print service answered what cannot be understood.
    Nonsense,
    /// The print service lets this PC's user print nothing.
    NotAllowed,
    /// It knows no queue of this name.
    NoSuchQueue,
    /// The queue takes no jobs.
    QueueRefuses,
    /// The queue takes jobs and prints nothing: somebody has stopped it, or an error has.
    QueueStopped,
    /// The job was held.
    JobHeld,
    /// The queue does not let bytes through as they are.
    NotRaw,
    /// The print service gave the job up.
    JobGivenUp,
    /// Somebody cancelled the job.
    JobCancelled,
    /// The job did not end in time.
    JobSlow,
}

impl Patience {
    /// What a shop has.
    pub fn of_a_shop() -> Self {
        Self {
            connect: Duration::from_secs(3),
            status: Duration::from_millis(150),
            write: Duration::from_secs(10),
            printed: Duration::from_secs(10),
            silence: Duration::from_millis(500),
            job: Duration::from_secs(30),
        }
    }
}

impl Why {
    /// Every reason there is.
    pub const ALL: [Self; 25] = [
        Self::NoSuchHost,
        Self::NotReached,
        Self::Refused,
        Self::NotThere,
        Self::NotADevice,
        Self::NotAllowedLp,
        Self::NotAllowedDialout,
        Self::InUse,
        Self::PaperOut,
        Self::CoverOpen,
        Self::Offline,
        Self::Broken,
        Self::Cut,
        Self::Stuck,
        Self::NoService,
        Self::Nonsense,
        Self::NotAllowed,
        Self::NoSuchQueue,
        Self::QueueRefuses,
        Self::QueueStopped,
        Self::JobHeld,
        Self::NotRaw,
        Self::JobGivenUp,
        Self::JobCancelled,
        Self::JobSlow,
    ];
}

/// Hands bytes over, and waits as long as it takes to tell what became of them.
pub fn hand_over(printer: &Printer, bytes: &[u8], means: &Means) -> Outcome {
    let line = match printer {
        Printer::Cups { queue } => return cups::print(queue, bytes, means),
        Printer::Network { host, port } => network::connect(host, *port, means.patience.connect),
        Printer::Device { path } => device::open(path),
        Printer::Serial { path, baud } => device::open_serial(path, *baud),
    };
    line.map_or_else(Outcome::Failed, |line| talk::hand_over(line, bytes, &means.patience))
}

/// Asks a printer how it is, and prints nothing.
pub fn probe(printer: &Printer, means: &Means) -> Result<Condition, Why> {
    let line = match printer {
        Printer::Cups { queue } => return cups::probe(queue, means),
        Printer::Network { host, port } => network::connect(host, *port, means.patience.connect),
        Printer::Device { path } => device::open(path),
        Printer::Serial { path, baud } => device::open_serial(path, *baud),
    };
    talk::probe(line?, &means.patience)
}
