//! A desktop session for one test: its own home, its own bus, its own keyring.

use std::{
    env, fs,
    os::unix::fs::PermissionsExt,
    process::{Command, Stdio},
};

use tempfile::TempDir;

/// What the test finds when it looks for a secret store.
pub enum Session<'a> {
    /// gnome-keyring, unlocked.
    Keyring,
    /// A bus, and nobody on it who keeps secrets.
    BareBus,
    /// Whatever is at this address of a bus.
    Bus(&'a str),
}

/// Runs `body` in a session of its own, as a second run of the test of this `name`.
pub fn within(session: Session<'_>, name: &str, body: impl FnOnce()) {
    if env::var_os(INSIDE).is_some() {
        return body();
    }
    let home = TempDir::new().expect("a folder for the session");
    fs::set_permissions(home.path(), fs::Permissions::from_mode(0o700)).expect("a folder of ours");
    let test = env::current_exe().expect("the test knows where it is");
    let mut command = match session {
        Session::Keyring => {
            let mut command = Command::new("dbus-run-session");
            command.args(["--", "sh", "-c", UNLOCK, "sh"]).arg(test);
            command
        }
        Session::BareBus => {
            let config = home.path().join("bus.conf");
            fs::write(&config, BARE_BUS).expect("the bus can be described");
            let mut command = Command::new("dbus-run-session");
            command.arg("--config-file").arg(config).arg("--").arg(test);
            command
        }
        Session::Bus(_) => Command::new(test),
    };
    command
        .args(["--exact", name, "--nocapture"])
        .env(INSIDE, "yes")
        .env("HOME", home.path())
        .env("XDG_RUNTIME_DIR", home.path())
        .envs(["XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"].map(|dir| (dir, home.path())))
        .stdin(Stdio::null());
    // No prompt may appear on the screen of whoever runs the tests.
    for outside in ["DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "GNOME_KEYRING_CONTROL"] {
        command.env_remove(outside);
    }
    if let Session::Bus(address) = session {
        command.env("DBUS_SESSION_BUS_ADDRESS", address);
    }
    let run = command
        .output()
        .unwrap_or_else(|error| panic!("dbus-run-session does not start ({error}); install dbus and gnome-keyring"));
    let said = [run.stdout, run.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let passed = run.status.success() && said[0].contains("test result: ok. 1 passed");
    assert!(passed, "in its own session the test failed:\n{}", said.join("\n"));
}

const INSIDE: &str = "GERAI_TEST_INSIDE_SESSION";

// A password of no characters would not create the login keyring.
const UNLOCK: &str = r#"
    command -v gnome-keyring-daemon >/dev/null || { echo 'install gnome-keyring' >&2; exit 1; }
    printf x | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1
    exec "$@"
"#;

/// Without the folders from which a bus starts services by itself.
const BARE_BUS: &str = r#"
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;
