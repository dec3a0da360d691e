use std::{
    fs,
    os::unix::{fs::PermissionsExt, net::UnixStream},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use tempfile::TempDir;

use crate::{Program, until};

/// A print service of its own, a real CUPS with queues whose printers are files. It ends when dropped.
pub struct PrintService {
    _cupsd: Program,
    folder: TempDir,
}

/// What a queue of it does with a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Queue {
    /// It prints into [`PrintService::paper`].
    Prints,
    /// It has the description of an office printer and prints whatever comes through all the same.
    Office,
    /// It takes no jobs.
    Refuses,
    /// It takes jobs and somebody has stopped it.
    Stopped,
    /// It takes jobs and holds each of them.
    Holds,
    /// Its printer has no paper.
    NoPaper,
    /// Its printer cannot be reached, and it stops.
    Broken,
    /// Its printer takes all the time there is.
    Hangs,
}

const QUEUES: [Queue; 8] = [
    Queue::Prints,
    Queue::Office,
    Queue::Refuses,
    Queue::Stopped,
    Queue::Holds,
    Queue::NoPaper,
    Queue::Broken,
    Queue::Hangs,
];

impl PrintService {
    /// Starts it with a queue of every kind.
    ///
    /// # Panics
    /// If there is no CUPS, or it does not start.
    pub fn start() -> Self {
        let folder = TempDir::with_prefix("gerai-cups-").expect("a folder for the print service");
        let here = folder.path();
        // As root its printers belong to another user, who has to get in.
        fs::set_permissions(here, fs::Permissions::from_mode(0o755)).expect("a folder of ours");
        let folders = ["etc", "etc/ppd", "spool", "tmp", "log", "cache", "run", "bin", "bin/backend", "paper"];
        for name in folders {
            fs::create_dir(here.join(name)).expect("a folder of ours");
        }
        fs::set_permissions(here.join("paper"), fs::Permissions::from_mode(0o777)).expect("a folder of ours");
        for name in ["filter", "daemon", "notifier"] {
            let there = Path::new("/usr/lib/cups").join(name);
            std::os::unix::fs::symlink(there, here.join("bin").join(name)).expect("a link of ours");
        }
        let write = |name: &str, text: &str| {
            fs::write(here.join(name), text.replace("HERE", &here.display().to_string())).expect("a file of ours");
        };
        write("etc/cupsd.conf", CUPSD);
        write("etc/cups-files.conf", FILES);
        write("etc/printers.conf", &QUEUES.iter().map(Queue::described).collect::<String>());
        write("etc/ppd/Office.ppd", OFFICE);
        write("bin/backend/paper", BACKEND);
        let runs = fs::Permissions::from_mode(0o755);
        fs::set_permissions(here.join("bin/backend/paper"), runs).expect("a program of ours");
        let mut cupsd = Command::new("/usr/sbin/cupsd");
        cupsd.arg("-f").arg("-c").arg(here.join("etc/cupsd.conf")).arg("-s").arg(here.join("etc/cups-files.conf"));
        cupsd.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let cupsd = Program::start(cupsd, "cups-daemon");
        let service = Self { _cupsd: cupsd, folder };
        until("the print service listens", || UnixStream::connect(service.socket()).is_ok());
        service
    }

    /// Where it listens.
    pub fn socket(&self) -> PathBuf {
        self.folder.path().join("run/cups.sock")
    }

    /// Everything that came out of the printer of this queue.
    pub fn paper(&self, queue: Queue) -> Vec<u8> {
        fs::read(self.folder.path().join("paper").join(queue.name())).unwrap_or_default()
    }
}

impl Queue {
    /// Under which it is known.
    pub fn name(&self) -> String {
        format!("{self:?}")
    }

    fn described(&self) -> String {
        let does = match self {
            Self::NoPaper => "empty",
            Self::Broken => "broken",
            Self::Hangs => "hangs",
            _ => "prints",
        };
        let name = self.name();
        let state = if *self == Self::Stopped { "Stopped" } else { "Idle" };
        let accepts = if *self == Self::Refuses { "No" } else { "Yes" };
        let held = if *self == Self::Holds { "Option job-hold-until indefinite\n" } else { "" };
        format!(
            "<Printer {name}>\nInfo {name} of the tests\nState {state}\nAccepting {accepts}\n\
             DeviceURI paper:/{does}HERE/paper/{name}\nErrorPolicy stop-printer\n{held}</Printer>\n"
        )
    }
}

/// What Debian's configuration says about jobs; and nobody but this PC.
const CUPSD: &str = "\
LogLevel debug
MaxLogSize 0
Listen HERE/run/cups.sock
Browsing No
WebInterface No
DefaultAuthType Basic
<Location />
  Order allow,deny
  Allow localhost
</Location>
<Policy default>
  JobPrivateAccess default
  JobPrivateValues default
  <Limit Create-Job Print-Job Print-URI Validate-Job>
    Order deny,allow
  </Limit>
  <Limit Cancel-Job CUPS-Authenticate-Job>
    Require user @OWNER @SYSTEM
    Order deny,allow
  </Limit>
  <Limit All>
    Order deny,allow
  </Limit>
</Policy>
";

const FILES: &str = "\
ServerRoot HERE/etc
ServerBin HERE/bin
RequestRoot HERE/spool
TempDir HERE/tmp
StateDir HERE/run
CacheDir HERE/cache
AccessLog HERE/log/access
ErrorLog HERE/log/error
PageLog HERE/log/page
Sandboxing relaxed
";

/// A printer that is a file. CUPS calls it with the job's number, user, title, copies and options, and
/// its bytes or the file they are in.
const BACKEND: &str = r#"#!/bin/sh
[ $# -eq 0 ] && exit 0
device=${DEVICE_URI#paper:/}
does=${device%%/*}
paper=/${device#*/}
case $does in
  empty) echo 'STATE: +media-empty-error' >&2; exit 4 ;;
  broken) echo 'ERROR: the printer cannot be reached' >&2; exit 4 ;;
  hangs) exec sleep 600 ;;
esac
cat ${6:+"$6"} >>"$paper"
"#;

const OFFICE: &str = "\
*PPD-Adobe: \"4.3\"
*FormatVersion: \"4.3\"
*FileVersion: \"1.0\"
*LanguageVersion: English
*LanguageEncoding: ISOLatin1
*PCFileName: \"OFFICE.PPD\"
*Manufacturer: \"Office\"
*Product: \"(Office)\"
*ModelName: \"Office\"
*ShortNickName: \"Office\"
*NickName: \"Office\"
*PSVersion: \"(3010.000) 0\"
*ColorDevice: False
*DefaultColorSpace: Gray
*FileSystem: False
*LanguageLevel: \"3\"
*cupsVersion: 2.4
*cupsFilter: \"application/vnd.cups-postscript 0 -\"
*OpenUI *PageSize: PickOne
*DefaultPageSize: A4
*PageSize A4: \"\"
*CloseUI: *PageSize
*OpenUI *PageRegion: PickOne
*DefaultPageRegion: A4
*PageRegion A4: \"\"
*CloseUI: *PageRegion
*DefaultImageableArea: A4
*ImageableArea A4: \"0 0 595 842\"
*DefaultPaperDimension: A4
*PaperDimension A4: \"595 842\"
";
