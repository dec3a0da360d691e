use std::{
    fs,
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
};

use counter::{Closing, Evidence, NextPaper, Problem, date, utc};
use ledger::PaperKind;
use tauri::{AppHandle, Manager, Runtime};
use till::{Sale, Time};

/// What the evidence of an order is called: `bukti-K3F7-2026-11-25`.
pub fn evidence_of(evidence: &Evidence) -> String {
    let made_at = utc(evidence.made_at.0);
    format!("bukti-{}-{}", evidence.order.number, made_at.split('T').next().unwrap_or_default())
}

/// What the slip of an order is called as a file, or its receipt: `slip-K3F7-2026-11-25`.
pub fn paper_of(sale: &Sale, next: &NextPaper, now: Time) -> String {
    let kind = if next.kind == PaperKind::Receipt { "bukti-bayar" } else { "slip" };
    format!("{kind}-{}-{}", sale.number, date(now))
}

/// What the report of a day is called: `laporan-12-2026-11-25`.
pub fn report_of(closing: &Closing) -> String {
    format!("laporan-{}-{}", closing.number, date(closing.day))
}

/// Where people look for what they saved: their folder for downloads.
pub fn downloads<R: Runtime>(window: &AppHandle<R>) -> Result<PathBuf, Problem> {
    let paths = window.path();
    let home = || paths.home_dir().map(|home| home.join("Downloads"));
    paths.download_dir().or_else(|_| home()).map_err(|error| Problem::of("internal").with("detail", error))
}

/// Writes a file into that folder, and over nothing that is there already.
pub fn save(folder: &Path, name: &str, ending: &str, bytes: &[u8]) -> Result<PathBuf, Problem> {
    fs::create_dir_all(folder).map_err(|error| refused(&error, folder))?;
    let names = (1..1000).map(|n| if n == 1 { format!("{name}.{ending}") } else { format!("{name} ({n}).{ending}") });
    for path in names.map(|name| folder.join(name)) {
        match fs::File::create_new(&path) {
            Ok(mut file) => {
                file.write_all(bytes).and_then(|()| file.sync_all()).map_err(|error| {
                    // Half a proof is none.
                    let _ = fs::remove_file(&path);
                    refused(&error, folder)
                })?;
                return Ok(path);
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(refused(&error, folder)),
        }
    }
    Err(Problem::of("file_exists").with("path", folder.join(name).display()))
}

fn refused(error: &std::io::Error, folder: &Path) -> Problem {
    let code = match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "disk_full",
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => "folder_read_only",
        _ => "file_unwritable",
    };
    Problem::of(code).with("path", folder.display()).with("detail", error)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]
    use super::*;

    #[test]
    fn nothing_that_was_saved_before_is_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let downloads = folder.path().join("Unduhan");
        let first = save(&downloads, "bukti-K3F7", "html", b"one").unwrap();
        let second = save(&downloads, "bukti-K3F7", "html", b"two").unwrap();
        assert_eq!(
            (fs::read_to_string(&first).unwrap(), fs::read_to_string(&second).unwrap()),
            ("one".into(), "two".into())
        );
        assert_eq!(second.file_name().unwrap(), "bukti-K3F7 (2).html");
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let problem = save(&file.join("Unduhan"), "bukti", "html", b"").unwrap_err();
        assert_eq!(problem.code, "file_unwritable", "{problem:?}");
        assert!(
            problem.values.iter().any(|(gap, value)| *gap == "path" && value.ends_with("file/Unduhan")),
            "{problem:?}"
        );
    }
}
