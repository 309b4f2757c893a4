//! Runs each target once on each input that a folder has for it: `fuzz/replay`.

use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs, io, thread};

fn main() -> io::Result<ExitCode> {
    let folder = &PathBuf::from(env::args_os().nth(1).expect("the folder"));
    let faults = thread::scope(|scope| {
        let running: Vec<_> = properties::TARGETS
            .iter()
            .map(|(name, check)| scope.spawn(move || replay(name, *check, &folder.join(name))))
            .collect();
        let faults = running.into_iter().map(|target| target.join().expect("panics are caught"));
        faults.sum::<io::Result<usize>>()
    })?;
    Ok(if faults == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Returns the number of inputs with a fault.
fn replay(name: &str, check: properties::Check, folder: &Path) -> io::Result<usize> {
    let (mut inputs, mut faults) = (0, 0);
    for entry in fs::read_dir(folder)? {
        let (path, data) = entry.and_then(|entry| Ok((entry.path(), fs::read(entry.path())?)))?;
        inputs += 1;
        if catch_unwind(|| check(&data)).is_err() {
            eprintln!("{name}: FAULT with {}", path.display());
            faults += 1;
        }
    }
    println!("{name}: {inputs} inputs, {faults} faults");
    Ok(faults)
}
