use std::{
    env,
    fs::{self, Permissions},
    io::{BufRead, BufReader},
    net::TcpListener,
    os::unix::fs::{PermissionsExt, chown},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
};

use rustix::process::{Signal, geteuid};
use tempfile::TempDir;

use crate::{programs::signal, until};

/// A real PostgreSQL on loopback, in a folder of its own. It ends with whoever started it.
pub struct Postgres {
    folder: TempDir,
    port: u16,
    programs: PathBuf,
    house: Option<Child>,
}

const OWNER: &str = "gerai";
const PASSWORD: &str = "rahasia-uji";
/// The server refuses to be root. It is this account instead, or that one where it is missing.
const ACCOUNTS: [&str; 2] = ["postgres", "nobody"];

impl Postgres {
    /// Makes a new one, and returns when it takes connections.
    ///
    /// # Panics
    /// If it does not start: Debian's package is `postgresql`.
    pub fn start() -> Self {
        Self::within(&env::temp_dir(), "scram-sha-256")
    }

    /// The same for many short tests: no disk keeps anybody waiting, and nobody hashes a password 4,096
    /// times for a connection. What was written is there after it was killed, though not after a power cut.
    ///
    /// # Panics
    /// As before.
    pub fn in_memory() -> Self {
        let (memory, disk) = (Path::new("/dev/shm"), env::temp_dir());
        Self::within(if memory.is_dir() { memory } else { &disk }, "password")
    }

    fn within(place: &Path, auth: &str) -> Self {
        let folder = tempfile::Builder::new().prefix("gerai-postgres").tempdir_in(place).expect("a folder can be made");
        let programs = programs();
        let password = folder.path().join("password");
        fs::write(&password, PASSWORD).expect("the folder can be written");
        if let Some(account) = account() {
            for theirs in [folder.path(), &password] {
                chown(theirs, Some(account.id), Some(account.group)).expect("root can give it away");
            }
        }
        let mut begin = as_somebody(&programs.join("initdb"));
        begin.arg("--pgdata").arg(folder.path().join("data")).arg("--pwfile").arg(&password);
        begin.args(["--username", OWNER, "--auth", auth, "--encoding", "UTF8", "--locale", "C"]);
        begin.args(["--no-sync", "--no-instructions"]).current_dir(folder.path());
        let begun = begin.output().expect("initdb starts");
        assert!(begun.status.success(), "initdb failed: {}", String::from_utf8_lossy(&begun.stderr));
        let port =
            TcpListener::bind(("127.0.0.1", 0)).and_then(|free| free.local_addr()).expect("a port is free").port();
        let mut server = Self { folder, port, programs, house: None };
        server.go_on();
        server
    }

    /// Where a database of this name is found, with the password.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://{OWNER}:{PASSWORD}@127.0.0.1:{}/{database}", self.port)
    }

    /// Makes an empty database, and says where it is.
    ///
    /// # Panics
    /// If there is one of this name.
    pub fn new_database(&self, name: &str) -> String {
        self.tell("postgres", &format!("CREATE DATABASE {name}"));
        self.url(name)
    }

    /// Speaks TLS from now on to whoever wants that, with this certificate and its key, in PEM.
    ///
    /// # Panics
    /// If it does not take them.
    pub fn speak_tls(&self, certificate: &str, key: &str) {
        for (name, pem) in [("server.crt", certificate), ("server.key", key)] {
            let file = self.folder.path().join("data").join(name);
            fs::write(&file, pem).expect("the folder can be written");
            // It takes no key that others may read.
            fs::set_permissions(&file, Permissions::from_mode(0o600)).expect("the file is ours");
            if let Some(account) = account() {
                chown(&file, Some(account.id), Some(account.group)).expect("root can give it away");
            }
        }
        self.tell("postgres", "ALTER SYSTEM SET ssl = on");
        self.tell("postgres", "SELECT pg_reload_conf()");
    }

    /// Says this in SQL to a database, as its owner.
    ///
    /// # Panics
    /// If the database does not do it.
    pub fn tell(&self, database: &str, sql: &str) -> String {
        let mut psql = Command::new(self.programs.join("psql"));
        psql.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set", "ON_ERROR_STOP=1"]);
        psql.args(["--command", sql, &self.url(database)]);
        let said = psql.output().expect("psql starts");
        assert!(said.status.success(), "{sql}: {}", String::from_utf8_lossy(&said.stderr));
        String::from_utf8_lossy(&said.stdout).trim().to_owned()
    }

    /// Ends it as a crash would: at once, with nothing written down that was not.
    ///
    /// # Panics
    /// If it does not run.
    pub fn crash(&mut self) {
        signal(self.pid(), Signal::QUIT);
        self.end();
    }

    /// Kills it, and everything that works for it, in the middle of whatever they do.
    ///
    /// # Panics
    /// If it does not run.
    pub fn kill(&mut self) {
        let server = self.pid();
        // So that it starts nobody anew meanwhile.
        signal(server, Signal::STOP);
        let helpers = format!("/proc/{server}/task/{server}/children");
        let helpers = fs::read_to_string(helpers).expect("the kernel says who works for whom");
        let helpers: Vec<u32> = helpers.split_ascii_whitespace().filter_map(|pid| pid.parse().ok()).collect();
        helpers.iter().for_each(|pid| signal(*pid, Signal::KILL));
        signal(server, Signal::KILL);
        self.end();
        // Nobody can start it while one of them still holds its memory. Dead ones hold none, whether
        // somebody has taken note of their death or not.
        let lives = |pid: &u32| fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| !line.is_empty());
        until("all of it is dead", || !helpers.iter().any(lives));
    }

    fn pid(&self) -> u32 {
        let pid = fs::read_to_string(self.folder.path().join("data/postmaster.pid")).expect("it runs");
        pid.lines().next().and_then(|line| line.parse().ok()).expect("it begins with a number")
    }

    /// Starts it again where it had ended, and returns when it takes connections.
    ///
    /// # Panics
    /// If it does not start.
    pub fn go_on(&mut self) {
        // When whoever started it ends, however that happens, the shell has read its input to the end.
        // Nobody but the server talks, and so its last word is seen.
        let mut house = as_somebody(Path::new("sh"));
        house.args(["-c", r#""$@" </dev/null & exec 2>&-; cat; kill -QUIT $!; wait"#, "postgres"]);
        house.arg(self.programs.join("postgres")).arg("-D").arg(self.folder.path().join("data"));
        for setting in ["listen_addresses=127.0.0.1", "unix_socket_directories=", "shared_buffers=64MB", "fsync=on"] {
            house.args(["-c", setting]);
        }
        house.arg("-c").arg(format!("port={}", self.port)).current_dir(self.folder.path());
        let mut house = house.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a shell starts");
        let mut said = BufReader::new(house.stderr.take().expect("its output is ours"));
        self.house = Some(house);
        let mut all = String::new();
        loop {
            let before = all.len();
            let more = said.read_line(&mut all).expect("its output can be read");
            if all[before..].contains("ready to accept connections") {
                break;
            }
            assert!(more > 0, "PostgreSQL does not start: {all}");
        }
        // It goes on talking, and must not be kept waiting.
        thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
    }

    fn end(&mut self) {
        if let Some(mut house) = self.house.take() {
            drop(house.stdin.take());
            // It ends with its server.
            let _ = house.wait();
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.end();
    }
}

/// The newest server that Debian has installed, or whichever is on the path.
fn programs() -> PathBuf {
    let version = |folder: &PathBuf| folder.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok());
    let installed = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = installed.map(|folder| folder.path()).max_by_key(version).map(|folder| folder.join("bin"));
    let on_path = || {
        let path = env::var_os("PATH").unwrap_or_default();
        env::split_paths(&path).find(|folder| folder.join("initdb").exists())
    };
    newest.filter(|folder| folder.join("initdb").exists()).or_else(on_path).expect("install postgresql")
}

struct Account {
    name: &'static str,
    id: u32,
    group: u32,
}

/// Whom root becomes to run a server; nobody else needs to become anybody.
fn account() -> Option<Account> {
    if !geteuid().is_root() {
        return None;
    }
    let accounts = fs::read_to_string("/etc/passwd").unwrap_or_default();
    ACCOUNTS.into_iter().find_map(|name| {
        let line = accounts.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        let mut numbers = line.split(':').skip(1).map(|number| number.parse().ok());
        Some(Account { name, id: numbers.next()??, group: numbers.next()?? })
    })
}

fn as_somebody(program: &Path) -> Command {
    let Some(account) = account() else { return Command::new(program) };
    let mut command = Command::new("setpriv");
    command.args(["--reuid", account.name, "--regid", &account.group.to_string(), "--clear-groups", "--"]).arg(program);
    command
}
