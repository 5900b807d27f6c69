//! A provider's key on disk, encrypted unless it is for tests.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use attestation::{PublicKey, SecretKey};
use chacha20poly1305::{
    aead::{Aead, Payload},
    KeyInit, XChaCha20Poly1305,
};
use clap::Args;
use rand::{rngs::OsRng, RngCore};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use zeroize::{Zeroize, Zeroizing};

use crate::commands::files::{read_secret_json, require_private, write_secret_json, FileError};

/// scrypt's cost as a power of two: 128 MiB, about half a second. More in a file is refused, so that
/// a file cannot ask for all memory.
const LOG_COST: u8 = 17;
const LARGEST_LOG_COST: u8 = 20;
const LEAST_PASSPHRASE: usize = 12;

/// Why a key cannot be used.
#[derive(Debug, Error)]
pub enum KeyFileError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("{path} holds a secret key and another one's public key", path = path.display())]
    KeysDoNotMatch { path: PathBuf },
    #[error(
        "{path} has neither or both of sealed_secret_key and unencrypted_secret_key, expected one",
        path = path.display()
    )]
    NotOneSecret { path: PathBuf },
    #[error("{path} asks for a cost of 2^{cost}, expected at most 2^{LARGEST_LOG_COST}", path = path.display())]
    Cost { path: PathBuf, cost: u8 },
    #[error("{path}: the passphrase is wrong, or the file was changed", path = path.display())]
    Refused { path: PathBuf },
    #[error("the passphrase cannot be asked for: {0}; name a file or a variable with --passphrase-file or --passphrase-env")]
    NotAsked(std::io::Error),
    #[error("the environment variable {0} has no passphrase")]
    NoVariable(String),
    #[error("the passphrase has {found} characters, expected at least {LEAST_PASSPHRASE}")]
    PassphraseTooShort { found: usize },
    #[error("the two passphrases differ")]
    PassphrasesDiffer,
    #[error("the passphrase cannot be used with this cost")]
    Derivation,
}

/// Where the passphrase of a key file comes from. Never an argument, which every process can see.
#[derive(Args)]
pub struct PassphraseArguments {
    /// File with the passphrase, readable by its owner only. Without it, and without a variable, the
    /// terminal is asked.
    #[arg(long, value_name = "FILE", conflicts_with = "passphrase_env")]
    passphrase_file: Option<PathBuf>,
    /// Name of the environment variable with the passphrase.
    #[arg(long, value_name = "NAME")]
    passphrase_env: Option<String>,
}

type Passphrase = Zeroizing<String>;

impl PassphraseArguments {
    fn given(&self) -> Result<Option<Passphrase>, KeyFileError> {
        if let Some(path) = &self.passphrase_file {
            require_private(path)?;
            let text = fs::read_to_string(path).map_err(FileError::io(path))?;
            let text = Zeroizing::new(text);
            return Ok(Some(Zeroizing::new(
                text.trim_end_matches(['\r', '\n']).to_owned(),
            )));
        }
        let Some(name) = &self.passphrase_env else {
            return Ok(None);
        };
        match env::var(name) {
            Ok(text) if !text.is_empty() => Ok(Some(Zeroizing::new(text))),
            _ => Err(KeyFileError::NoVariable(name.clone())),
        }
    }

    fn existing(&self) -> Result<Passphrase, KeyFileError> {
        self.given()?.map_or_else(|| ask("Passphrase: "), Ok)
    }

    fn new_one(&self) -> Result<Passphrase, KeyFileError> {
        let passphrase = match self.given()? {
            Some(given) => given,
            None => {
                let first = ask("New passphrase: ")?;
                if first != ask("Again: ")? {
                    return Err(KeyFileError::PassphrasesDiffer);
                }
                first
            }
        };
        let found = passphrase.chars().count();
        if found < LEAST_PASSPHRASE {
            return Err(KeyFileError::PassphraseTooShort { found });
        }
        Ok(passphrase)
    }
}

fn ask(prompt: &str) -> Result<Passphrase, KeyFileError> {
    rpassword::prompt_password(prompt)
        .map(Zeroizing::new)
        .map_err(KeyFileError::NotAsked)
}

/// A provider's key file. It has one of the secrets.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyFile {
    pub public_key: PublicKey,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sealed_secret_key: Option<Sealed>,
    /// 32 bytes, hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unencrypted_secret_key: Option<SecretText>,
}

/// Wiped from memory when dropped.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct SecretText(String);

impl Drop for SecretText {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// 32 bytes under XChaCha20-Poly1305 with a key that scrypt makes of a passphrase. All hexadecimal.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sealed {
    log_cost: u8,
    #[serde(with = "hex::serde")]
    salt: [u8; 32],
    #[serde(with = "hex::serde")]
    nonce: [u8; 24],
    #[serde(with = "hex::serde")]
    ciphertext: [u8; 48],
}

impl KeyFile {
    /// A file whose secret anybody can read who can read the file.
    pub fn unencrypted(secret: &SecretKey) -> Self {
        Self {
            public_key: secret.public_key(),
            sealed_secret_key: None,
            unencrypted_secret_key: Some(SecretText(hex::encode(secret.expose()))),
        }
    }

    /// # Errors
    /// That there is no passphrase, or that it is too short.
    pub fn sealed(secret: &SecretKey, from: &PassphraseArguments) -> Result<Self, KeyFileError> {
        let public_key = secret.public_key();
        let sealed = Sealed::new(secret, &public_key, &from.new_one()?)?;
        Ok(Self {
            public_key,
            sealed_secret_key: Some(sealed),
            unencrypted_secret_key: None,
        })
    }

    /// # Errors
    /// [`FileError`]: a file is not overwritten.
    pub fn write(&self, path: &Path) -> Result<(), FileError> {
        write_secret_json(path, self)
    }

    /// # Errors
    /// What is wrong with the file, others' access to it included.
    pub fn read(path: &Path) -> Result<Self, KeyFileError> {
        let file: Self = read_secret_json(path)?;
        if file.sealed_secret_key.is_some() == file.unencrypted_secret_key.is_some() {
            return Err(KeyFileError::NotOneSecret {
                path: path.to_owned(),
            });
        }
        if file.unencrypted_secret_key.is_some() {
            file.unencrypted_secret(path)?;
        }
        Ok(file)
    }

    pub fn is_encrypted(&self) -> bool {
        self.sealed_secret_key.is_some()
    }

    /// The secret of a file that was read from `path`.
    ///
    /// # Errors
    /// That there is no passphrase or a wrong one, or that the keys do not match.
    pub fn secret(
        &self,
        path: &Path,
        from: &PassphraseArguments,
    ) -> Result<SecretKey, KeyFileError> {
        let Some(sealed) = &self.sealed_secret_key else {
            return self
                .unencrypted_secret(path)?
                .ok_or_else(|| KeyFileError::NotOneSecret {
                    path: path.to_owned(),
                });
        };
        let cost = sealed.log_cost;
        if cost > LARGEST_LOG_COST {
            let path = path.to_owned();
            return Err(KeyFileError::Cost { path, cost });
        }
        let opened = sealed.open(&self.public_key, &from.existing()?)?;
        let secret = opened.ok_or_else(|| KeyFileError::Refused {
            path: path.to_owned(),
        })?;
        self.require_match(secret, path)
    }

    /// The secret of a file that has it unencrypted.
    ///
    /// # Errors
    /// That it is none, or of another public key.
    pub fn unencrypted_secret(&self, path: &Path) -> Result<Option<SecretKey>, KeyFileError> {
        let Some(text) = &self.unencrypted_secret_key else {
            return Ok(None);
        };
        let mut bytes = Zeroizing::new([0u8; 32]);
        hex::decode_to_slice(&text.0, bytes.as_mut()).map_err(|_| {
            KeyFileError::KeysDoNotMatch {
                path: path.to_owned(),
            }
        })?;
        self.require_match(SecretKey::from_bytes(*bytes), path)
            .map(Some)
    }

    fn require_match(&self, secret: SecretKey, path: &Path) -> Result<SecretKey, KeyFileError> {
        if secret.public_key() != self.public_key {
            return Err(KeyFileError::KeysDoNotMatch {
                path: path.to_owned(),
            });
        }
        Ok(secret)
    }
}

impl Sealed {
    fn new(
        secret: &SecretKey,
        public_key: &PublicKey,
        passphrase: &str,
    ) -> Result<Self, KeyFileError> {
        let mut sealed = Self {
            log_cost: LOG_COST,
            salt: [0; 32],
            nonce: [0; 24],
            ciphertext: [0; 48],
        };
        OsRng.fill_bytes(&mut sealed.salt);
        OsRng.fill_bytes(&mut sealed.nonce);
        let bound = sealed.bound_to(public_key);
        let payload = Payload {
            msg: secret.expose(),
            aad: &bound,
        };
        let encrypted = sealed
            .cipher(passphrase)?
            .encrypt(&sealed.nonce.into(), payload);
        let encrypted = encrypted.ok().and_then(|bytes| bytes.try_into().ok());
        sealed.ciphertext = encrypted.ok_or(KeyFileError::Derivation)?;
        Ok(sealed)
    }

    fn open(
        &self,
        public_key: &PublicKey,
        passphrase: &str,
    ) -> Result<Option<SecretKey>, KeyFileError> {
        let bound = self.bound_to(public_key);
        let payload = Payload {
            msg: &self.ciphertext,
            aad: &bound,
        };
        let opened = self
            .cipher(passphrase)?
            .decrypt(&self.nonce.into(), payload);
        let opened = opened.ok().map(Zeroizing::new);
        let bytes = opened.and_then(|bytes| <[u8; 32]>::try_from(bytes.as_slice()).ok());
        Ok(bytes.map(SecretKey::from_bytes))
    }

    fn cipher(&self, passphrase: &str) -> Result<XChaCha20Poly1305, KeyFileError> {
        let parameters = scrypt::Params::new(self.log_cost, 8, 1, 32);
        let parameters = parameters.map_err(|_| KeyFileError::Derivation)?;
        let mut key = Zeroizing::new([0u8; 32]);
        scrypt::scrypt(passphrase.as_bytes(), &self.salt, &parameters, key.as_mut())
            .map_err(|_| KeyFileError::Derivation)?;
        Ok(XChaCha20Poly1305::new((&*key).into()))
    }

    /// What the ciphertext is bound to.
    fn bound_to(&self, public_key: &PublicKey) -> Vec<u8> {
        let point = public_key.point();
        format!(
            "strobe/provider-key/v1 {} {} {}",
            point.x, point.y, self.log_cost
        )
        .into_bytes()
    }
}
