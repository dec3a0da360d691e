use std::{
    env, fs,
    io::{BufRead, BufReader, Write},
    iter,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use tempfile::TempDir;

use crate::{Program, Running, comes_true, program};

/// A desktop session: a home, a bus and perhaps a keyring of its own. It ends when dropped.
pub struct Session {
    // The keyring goes first, then its bus, then the folder of both.
    _keyring: Option<Program>,
    _bus: Program,
    address: String,
    home: TempDir,
}

impl Session {
    /// A session with an unlocked keyring.
    ///
    /// # Panics
    /// If none can be had.
    pub fn new() -> Self {
        let mut session = Self::without_keyring();
        // Once in thousands of starts the daemon does not come up. That is the desktop's affair and not
        // what is tested: every program of ours finds it running.
        session._keyring = (0..3).find_map(|_| session.keyring());
        assert!(session._keyring.is_some(), "gnome-keyring-daemon keeps no secrets here");
        session
    }

    /// The keyring's daemon, unlocked; nothing, and what it said, if it is not there in good time.
    fn keyring(&self) -> Option<Program> {
        let said = self.home().join("gnome-keyring.log");
        let log = fs::File::create(&said).expect("a file of ours");
        let mut daemon = self.command("gnome-keyring-daemon");
        daemon.args(["--foreground", "--unlock", "--components=secrets"]);
        daemon.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(log);
        let mut keyring = Program::start(daemon, "gnome-keyring");
        // A password of no characters would not create the login keyring.
        keyring.stdin().write_all(b"x").expect("the keyring takes a password");
        let mut answer = String::new();
        let unlocked = comes_true(Duration::from_secs(10), || {
            let mut ask = self.command("dbus-send");
            ask.args([
                "--session",
                "--print-reply",
                "--reply-timeout=2000",
                "--dest=org.freedesktop.secrets",
                "/org/freedesktop/secrets/collection/login",
                "org.freedesktop.DBus.Properties.Get",
                "string:org.freedesktop.Secret.Collection",
                "string:Locked",
            ]);
            let told = ask.output().expect("dbus-send starts");
            answer = format!("{}{}", String::from_utf8_lossy(&told.stdout), String::from_utf8_lossy(&told.stderr));
            answer.contains("boolean false")
        });
        if !unlocked {
            let said = fs::read_to_string(&said).unwrap_or_default();
            eprintln!("gnome-keyring-daemon does not come up. It says: {said}; and whoever asks it: {answer}");
        }
        unlocked.then_some(keyring)
    }

    /// A session in which nobody keeps secrets.
    pub fn without_keyring() -> Self {
        let home = TempDir::with_prefix("gerai-").expect("a folder for the session");
        fs::set_permissions(home.path(), fs::Permissions::from_mode(0o700)).expect("a folder of ours");
        let config = home.path().join("bus.conf");
        fs::write(&config, BUS.replace("HERE", &home.path().display().to_string())).expect("the bus can be described");
        let mut daemon = Command::new("dbus-daemon");
        daemon.arg("--config-file").arg(&config).args(["--nofork", "--nopidfile", "--print-address=1"]);
        daemon.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut bus = Program::start(daemon, "dbus");
        let mut address = String::new();
        BufReader::new(bus.stdout()).read_line(&mut address).expect("the bus says where it is");
        Self { _keyring: None, _bus: bus, address: address.trim().to_owned(), home }
    }

    /// The home of whoever is logged in.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Where Gerai keeps its data when nobody says otherwise.
    pub fn data(&self) -> PathBuf {
        self.home().join(".local/share/gerai")
    }

    /// Programs of this session, found before those of the PC.
    fn programs(&self) -> PathBuf {
        self.home().join("bin")
    }

    /// Puts a program of the desktop's in place that does nothing but write down what it is given: this file.
    ///
    /// # Panics
    /// If it cannot be written.
    pub fn pretend(&self, name: &str) -> PathBuf {
        let (program, told) = (self.programs().join(name), self.home().join(format!("{name} was given")));
        fs::create_dir_all(self.programs()).expect("a folder of ours");
        // It is there whole or not at all.
        let script = format!("#!/bin/sh\nprintf '%s' \"$1\" > '{0}.new' && mv '{0}.new' '{0}'\n", told.display());
        fs::write(&program, script).expect("the program can be written");
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("a file of ours");
        told
    }

    /// A command that runs in this session and sees nothing of the one outside, its screen least of all.
    pub fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        let outside = env::var_os("PATH").unwrap_or_default();
        let path = env::join_paths(iter::once(self.programs()).chain(env::split_paths(&outside)));
        command.env("PATH", path.expect("a path has no colon"));
        for outside in OUTSIDE {
            command.env_remove(outside);
        }
        command
            .env("HOME", self.home())
            .env("XDG_RUNTIME_DIR", self.home())
            .env("DBUS_SESSION_BUS_ADDRESS", &self.address)
            // There is no accessibility bus here, and GTK would complain about it in every window.
            .env("NO_AT_BRIDGE", "1")
            .stdin(Stdio::null());
        command
    }

    /// Runs one of our programs to its end and returns what it printed.
    ///
    /// # Panics
    /// If it fails, with what it said.
    pub fn run(&self, name: &str, arguments: &[&str]) -> String {
        let done = self.command(program(name)).args(arguments).output().expect("the program starts");
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{name} {arguments:?} failed: {said}");
        String::from_utf8_lossy(&done.stdout).into_owned()
    }

    /// Starts one of our programs that says in a line of JSON when it is ready.
    pub fn start(&self, name: &str, arguments: &[&str]) -> Running {
        let mut command = self.command(program(name));
        command.args(arguments);
        Running::start(command, name)
    }
}

impl Default for Session {
    fn default() -> Self {
        Self::new()
    }
}

const OUTSIDE: [&str; 12] = [
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "XAUTHORITY",
    "GNOME_KEYRING_CONTROL",
    "SSH_AUTH_SOCK",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_CACHE_HOME",
    "XDG_STATE_HOME",
    "GERAI_LOG",
    "GERAI_PACE",
    "WEBKIT_DISABLE_DMABUF_RENDERER",
];

/// Without the folders from which a bus starts services by itself.
const BUS: &str = r#"
<busconfig>
  <type>session</type>
  <listen>unix:path=HERE/bus</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;
