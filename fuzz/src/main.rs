//! libFuzzer before one of the targets of `fuzzed`, named by `GERAI_FUZZ_TARGET`.

#![no_main]

use std::{env, sync::LazyLock};

use fuzzed::TARGETS;

static READ: LazyLock<fn(&[u8])> = LazyLock::new(|| {
    let name = env::var("GERAI_FUZZ_TARGET").unwrap_or_default();
    let target = TARGETS.iter().find(|target| target.name == name);
    target.unwrap_or_else(|| panic!("GERAI_FUZZ_TARGET names no target: {name:?}")).read
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| READ(bytes));
