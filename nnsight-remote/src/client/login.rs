//! Keys that `nnsight login` has saved, by server.

use super::{Error, Result};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Where they are: `nnsight/keys.json` in the user's folder of configuration.
fn file() -> Option<PathBuf> {
    let folder = std::env::var_os("XDG_CONFIG_HOME").map(PathBuf::from);
    let folder = folder.or_else(|| std::env::home_dir().map(|home| home.join(".config")));
    folder.map(|folder| folder.join("nnsight").join("keys.json"))
}

fn broken(file: &Path, reason: impl ToString) -> Error {
    Error::Login {
        file: file.to_owned(),
        reason: reason.to_string(),
    }
}

fn read(file: &Path) -> Result<BTreeMap<String, String>> {
    match std::fs::read(file) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| broken(file, error)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(BTreeMap::new()),
        Err(error) => Err(broken(file, error)),
    }
}

fn change(change: impl FnOnce(&mut BTreeMap<String, String>)) -> Result<()> {
    let Some(file) = file() else {
        let home = Path::new("~/.config/nnsight/keys.json");
        return Err(broken(home, "there is no home directory"));
    };
    let mut keys = read(&file)?;
    change(&mut keys);
    let text = serde_json::to_vec_pretty(&keys).map_err(|error| broken(&file, error))?;
    let written = || -> std::io::Result<()> {
        std::fs::create_dir_all(file.parent().unwrap_or(Path::new(".")))?;
        let mut options = std::fs::File::options();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        std::io::Write::write_all(&mut options.open(&file)?, &text)
    };
    written().map_err(|error| broken(&file, error))
}

fn name(url: &str) -> &str {
    url.trim_end_matches('/')
}

/// The key for a server, if one was saved.
pub(super) fn find(url: &str) -> Result<Option<String>> {
    let Some(file) = file() else { return Ok(None) };
    Ok(read(&file)?.remove(name(url)))
}

/// Saves the key for a server, for [`Server::connect`](super::Server::connect). The file is readable by its owner alone.
///
/// # Errors
/// [`Error::Login`].
pub fn save(url: &str, key: &str) -> Result<()> {
    change(|keys| drop(keys.insert(name(url).to_owned(), key.to_owned())))
}

/// Forgets the key for a server.
///
/// # Errors
/// [`Error::Login`].
pub fn forget(url: &str) -> Result<()> {
    change(|keys| drop(keys.remove(name(url))))
}
