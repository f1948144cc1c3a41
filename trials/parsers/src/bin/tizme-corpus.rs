//! Writes the seeds of every door as files, for cargo-fuzz: `tizme-corpus --out DIR`.

use std::path::PathBuf;
use std::process::ExitCode;

use parsers::DOORS;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [flag, folder] = arguments.as_slice() else {
        eprintln!("use: tizme-corpus --out DIR");
        return ExitCode::from(2);
    };
    if flag != "--out" {
        eprintln!("use: tizme-corpus --out DIR");
        return ExitCode::from(2);
    }
    match write(&PathBuf::from(folder)) {
        Ok(files) => {
            println!("{files} seeds in {folder}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{folder}: {error}");
            ExitCode::from(2)
        }
    }
}

fn write(folder: &std::path::Path) -> std::io::Result<usize> {
    let mut files = 0;
    for door in DOORS {
        let own = folder.join(door.name);
        std::fs::create_dir_all(&own)?;
        for (number, seed) in (door.seeds)().iter().enumerate() {
            std::fs::write(own.join(format!("seed-{number:03}")), seed)?;
            files += 1;
        }
    }
    Ok(files)
}
