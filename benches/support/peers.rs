//! The other side of a benchmark: `benches/peers/forward.py`, run in the Python that the user names.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::process::{Command, Stdio};

/// What the script prints with `--json`.
#[derive(Deserialize)]
pub struct Peers {
    versions: BTreeMap<String, Option<String>>,
    threads: usize,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    peer: String,
    case: String,
    /// Seconds.
    quartiles: [f64; 3],
}

/// Runs the script if `NNSIGHT_PEERS_PYTHON` names a Python; `None` if not, or if it failed, which it says itself.
pub fn measure(rounds: usize) -> Option<Peers> {
    let python = std::env::var_os("NNSIGHT_PEERS_PYTHON")?;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peers/forward.py");
    println!("\n{} {script} --rounds {rounds} ...", python.display());
    let output = Command::new(python)
        .args([script, "--json", "--rounds", &rounds.to_string()])
        .stderr(Stdio::inherit())
        .output();
    match output {
        Ok(output) if output.status.success() => match serde_json::from_slice(&output.stdout) {
            Ok(peers) => Some(peers),
            Err(error) => {
                eprintln!("the script printed something else: {error}");
                None
            }
        },
        Ok(output) => {
            eprintln!("the script failed: {}", output.status);
            None
        }
        Err(error) => {
            eprintln!("that Python cannot be run: {error}");
            None
        }
    }
}

impl Peers {
    /// PyTorch's median of a case, in seconds.
    pub fn median(&self, case: &str) -> Option<f64> {
        let mut cases = self.cases.iter();
        let found = cases.find(|found| found.peer == "PyTorch" && found.case == case);
        found.map(|case| case.quartiles[1])
    }

    /// Prints all cases.
    pub fn report(&self) {
        let versions = self.versions.iter();
        let versions: Vec<String> = versions
            .filter_map(|(name, version)| Some(format!("{name} {}", version.as_ref()?)))
            .collect();
        println!("{}, {} threads", versions.join(", "), self.threads);
        for Case {
            peer,
            case,
            quartiles,
        } in &self.cases
        {
            let [first, median, third] = quartiles.map(|seconds| seconds * 1e6);
            let name = format!("{peer}: {case}");
            println!("  {name:<44} {median:>10.2} us  [{first:.2} .. {third:.2}]");
        }
    }
}
