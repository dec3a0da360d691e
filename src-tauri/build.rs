//! Checks the window's configuration and permissions at build time.

use std::path::Path;

fn main() {
    // New files are otherwise not noticed.
    for watched in ["ui/dist", "src-tauri/permissions", "icons"] {
        println!("cargo:rerun-if-changed={watched}");
    }
    if !Path::new("ui/dist/index.html").exists() {
        eprintln!(
            "ui/dist is missing: build the window first, with `npm ci && npm run build` in ui/, or use scripts/run."
        );
        std::process::exit(1);
    }
    let manifest = tauri_build::AppManifest::new().permissions_path_pattern("src-tauri/permissions/*.toml");
    if let Err(error) = tauri_build::try_build(tauri_build::Attributes::new().app_manifest(manifest)) {
        eprintln!("{error:#}");
        std::process::exit(1);
    }
}
