//! The service as it is shipped.

use std::{fs, process::Command};

const UNIT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/gerai-relay.service");

#[test]
fn the_service_is_well_formed_and_as_locked_in_as_it_can_be() {
    let folder = tempfile::tempdir().unwrap();
    // It names the program where the package puts it.
    let unit = fs::read_to_string(UNIT).unwrap().replace("/usr/bin/gerai-relay", env!("CARGO_BIN_EXE_gerai-relay"));
    let place = folder.path().join("gerai-relay.service");
    fs::write(&place, unit).unwrap();
    for arguments in [&["verify"][..], &["security", "--offline=true", "--threshold=15"]] {
        let Ok(output) = Command::new("systemd-analyze").args(arguments).arg(&place).output() else {
            eprintln!("skipped: systemd-analyze is not installed");
            return;
        };
        let (out, said) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{arguments:?}: {said}{out}");
        assert!(!said.contains("gerai-relay.service:"), "{arguments:?}: {said}");
    }
}
