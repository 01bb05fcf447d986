//! Who may ask: keys, of which only a keyed hash is kept.

use crate::clock::now;
use crate::whole::write_whole;
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

/// What a key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Submit jobs, and see its own.
    User,
    /// See all jobs, and stop them.
    Operator,
}

/// A key, as the server keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// Whose it is.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// When it was made, in milliseconds since 1970 in UTC.
    pub made_at: u64,
    /// When it was revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<u64>,
    /// Jobs of its own that may wait or run, if not as many as the server's limits say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unfinished: Option<usize>,
    /// The HMAC-SHA-256 of the key under the server's secret, in hexadecimal digits.
    mac: String,
}

/// Why keys cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Their file.
    #[error("`{file}` cannot be read or written: {reason}")]
    File {
        /// Which.
        file: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A name that is taken.
    #[error("there is a key of that name already: revoke `{name}` first, or choose another name")]
    Taken {
        /// The name.
        name: String,
    },
    /// A name that is not there.
    #[error("there is no key of the name `{name}`")]
    Unknown {
        /// The name.
        name: String,
    },
    /// The system gives no random numbers.
    #[error("the system gives no random numbers: {0}")]
    Random(String),
}

/// The keys of a server, in a folder. A file that another process changes is read again.
pub struct Keys {
    file: PathBuf,
    secret: Vec<u8>,
    known: Mutex<(Option<SystemTime>, Vec<Key>)>,
}

/// How a key begins, so that one that is found somewhere is known for what it is.
const PREFIX: &str = "nns_";

impl Keys {
    /// Opens the keys in a folder; the server's secret is made if it is not there.
    ///
    /// # Errors
    /// [`KeyError::File`], [`KeyError::Random`].
    pub fn open(folder: &Path) -> Result<Self, KeyError> {
        let unreadable = |file: &Path, error: std::io::Error| KeyError::File {
            file: file.to_owned(),
            reason: error.to_string(),
        };
        std::fs::create_dir_all(folder).map_err(|error| unreadable(folder, error))?;
        let secret_file = folder.join("secret");
        let secret = match std::fs::read(&secret_file) {
            Ok(secret) => secret,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let secret = random()?.to_vec();
                write_private(&secret_file, &secret).map_err(|error| unreadable(&secret_file, error))?;
                secret
            }
            Err(error) => return Err(unreadable(&secret_file, error)),
        };
        let keys = Keys {
            file: folder.join("keys.json"),
            secret,
            known: Mutex::default(),
        };
        keys.list()?;
        Ok(keys)
    }

    /// All keys, in the order in which they were made.
    ///
    /// # Errors
    /// [`KeyError::File`].
    pub fn list(&self) -> Result<Vec<Key>, KeyError> {
        let unreadable = |reason: String| KeyError::File {
            file: self.file.clone(),
            reason,
        };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = match std::fs::metadata(&self.file) {
            Ok(metadata) => metadata.modified().ok(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(unreadable(error.to_string())),
        };
        if changed.is_none() {
            known.1.clear();
        } else if known.0 != changed {
            let bytes = std::fs::read(&self.file).map_err(|error| unreadable(error.to_string()))?;
            known.1 = serde_json::from_slice(&bytes).map_err(|error| unreadable(error.to_string()))?;
        }
        known.0 = changed;
        Ok(known.1.clone())
    }

    /// Makes a key: it is told once, and never again.
    ///
    /// # Errors
    /// [`KeyError::Taken`], [`KeyError::Random`], [`KeyError::File`].
    pub fn add(&self, name: &str, role: Role, unfinished: Option<usize>) -> Result<String, KeyError> {
        let mut keys = self.list()?;
        if keys
            .iter()
            .any(|key| key.name == name && key.revoked_at.is_none())
        {
            return Err(KeyError::Taken {
                name: name.to_owned(),
            });
        }
        let token = format!("{PREFIX}{}", hex(&random()?));
        keys.push(Key {
            name: name.to_owned(),
            role,
            made_at: now(),
            revoked_at: None,
            unfinished,
            mac: hex(&self.mac(&token).finalize().into_bytes()),
        });
        self.write(&keys)?;
        Ok(token)
    }

    /// Revokes a key: from now on it opens nothing.
    ///
    /// # Errors
    /// [`KeyError::Unknown`], [`KeyError::File`].
    pub fn revoke(&self, name: &str) -> Result<(), KeyError> {
        let mut keys = self.list()?;
        let mut own = keys
            .iter_mut()
            .filter(|key| key.name == name && key.revoked_at.is_none());
        let Some(key) = own.next() else {
            return Err(KeyError::Unknown {
                name: name.to_owned(),
            });
        };
        key.revoked_at = Some(now());
        self.write(&keys)
    }

    /// The key that a token is, if it is one that is not revoked.
    ///
    /// # Errors
    /// [`KeyError::File`].
    pub fn find(&self, token: &str) -> Result<Option<Key>, KeyError> {
        let mut found = None;
        for key in self.list()? {
            // All are compared, each in constant time.
            let is_own = unhex(&key.mac).is_some_and(|mac| self.mac(token).verify_slice(&mac).is_ok());
            if is_own && key.revoked_at.is_none() {
                found = Some(key);
            }
        }
        Ok(found)
    }

    fn mac(&self, token: &str) -> Hmac<Sha256> {
        let mut mac = match Hmac::<Sha256>::new_from_slice(&self.secret) {
            Ok(mac) => mac,
            Err(_) => unreachable!("HMAC takes secrets of any length"),
        };
        mac.update(token.as_bytes());
        mac
    }

    fn write(&self, keys: &[Key]) -> Result<(), KeyError> {
        let unwritable = |reason: String| KeyError::File {
            file: self.file.clone(),
            reason,
        };
        let text = serde_json::to_vec_pretty(keys).map_err(|error| unwritable(error.to_string()))?;
        write_whole(&self.file, &text).map_err(|error| unwritable(error.to_string()))?;
        // Two changes within the file system's tick look like one.
        self.known.lock().unwrap_or_else(PoisonError::into_inner).0 = None;
        Ok(())
    }
}

/// Writes a file that its owner alone may read.
fn write_private(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut options = std::fs::File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    std::io::Write::write_all(&mut options.open(file)?, bytes)
}

/// 32 random bytes.
fn random() -> Result<[u8; 32], KeyError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| KeyError::Random(error.to_string()))?;
    Ok(bytes)
}

/// A number for a job: 32 random hexadecimal digits.
pub(crate) fn job_id() -> Result<String, KeyError> {
    Ok(hex(&random()?[..16]))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes().chunks(2);
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    digits.map(byte).collect()
}
