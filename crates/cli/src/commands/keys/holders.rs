//! Who holds a role: a key on this machine, or an address.

use std::path::{Path, PathBuf};

use anchor_lang::prelude::Pubkey;
use attestation::PublicKey;
use solana_keypair::Keypair;
use solana_signer::Signer as _;
use thiserror::Error;
use zeroize::Zeroizing;

use super::roles::{Entry, Signer};
use crate::commands::{
    attest::{KeyFile, KeyFileError},
    files::{read_secret_json, FileError},
};

/// Holder of a role.
pub struct Holder {
    address: Address,
    /// Whether the key is on this machine.
    is_here: bool,
    /// What the key is made from, if it is on this machine and not encrypted.
    seed: Option<Zeroizing<[u8; 32]>>,
}

#[derive(PartialEq, Eq)]
enum Address {
    Solana(Pubkey),
    Provider(PublicKey),
}

/// Why a role has no usable holder.
#[derive(Debug, Error)]
pub enum HolderFault {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("{} is neither an address nor the name of a key file that ends in .json", shown(.0))]
    NotAnAddress(String),
    #[error("{path} is no Solana key file: expected the 64 bytes that solana-keygen writes, secret and its public key", path = path.display())]
    NotAKeypair { path: PathBuf },
    #[error(transparent)]
    Provider(#[from] KeyFileError),
}

impl Holder {
    /// Reads what the file of roles in `folder` says of a role.
    ///
    /// # Errors
    /// Each variant of [`HolderFault`].
    pub fn read(folder: &Path, entry: &Entry) -> Result<Self, HolderFault> {
        match entry {
            Entry::Solana(text) if text.ends_with(".json") => solana_key(folder.join(text)),
            Entry::Solana(text) => text
                .parse()
                .map(|address| Self::elsewhere(Address::Solana(address)))
                .map_err(|_| HolderFault::NotAnAddress(text.clone())),
            Entry::Signer(Signer::File(name)) => provider_key(folder.join(name)),
            Entry::Signer(Signer::Address(key)) => Ok(Self::elsewhere(Address::Provider(*key))),
        }
    }

    fn elsewhere(address: Address) -> Self {
        Self {
            address,
            is_here: false,
            seed: None,
        }
    }

    /// Whether both are one key, or made from one secret.
    pub fn is_key_of(&self, other: &Self) -> bool {
        self.address == other.address || (self.seed.is_some() && self.seed == other.seed)
    }

    /// Whether the key is on this machine.
    pub fn is_here(&self) -> bool {
        self.is_here
    }

    /// Whether somebody can have the private key of the address. An address of a program's, as that of
    /// a multisig, is not on the curve and has none.
    pub fn is_single_signer(&self) -> bool {
        match &self.address {
            Address::Solana(address) => address.is_on_curve(),
            Address::Provider(_) => true,
        }
    }

    /// `None` of a provider, who has no account.
    pub fn solana_address(&self) -> Option<Pubkey> {
        match &self.address {
            Address::Solana(address) => Some(*address),
            Address::Provider(_) => None,
        }
    }

    /// `None` if the key is elsewhere or is a provider's.
    pub fn keypair(&self) -> Option<Keypair> {
        self.solana_address()?;
        self.seed.as_deref().copied().map(Keypair::new_from_array)
    }

    pub fn address(&self) -> String {
        match &self.address {
            Address::Solana(address) => address.to_string(),
            Address::Provider(key) => serde_json::to_string(key).unwrap_or_default(),
        }
    }
}

/// What may be a secret, which is longer than an address, is not repeated.
fn shown(text: &str) -> String {
    const LONGEST_ADDRESS: usize = 44;
    match text.chars().count() {
        length if length > LONGEST_ADDRESS => format!("a text of {length} characters"),
        _ => format!("{text:?}"),
    }
}

fn solana_key(path: PathBuf) -> Result<Holder, HolderFault> {
    let bytes: Vec<u8> = read_secret_json(&path)?;
    let Some((seed, key)) = keypair(&bytes) else {
        return Err(HolderFault::NotAKeypair { path });
    };
    Ok(Holder {
        address: Address::Solana(key.pubkey()),
        is_here: true,
        seed: Some(Zeroizing::new(seed)),
    })
}

fn provider_key(path: PathBuf) -> Result<Holder, HolderFault> {
    let file = KeyFile::read(&path)?;
    let secret = file.unencrypted_secret(&path)?;
    Ok(Holder {
        address: Address::Provider(file.public_key),
        is_here: true,
        seed: secret.map(|secret| Zeroizing::new(*secret.expose())),
    })
}

/// The secret and the key of a Solana key file, whose second half is the public key of the first.
pub fn keypair(bytes: &[u8]) -> Option<([u8; 32], Keypair)> {
    let key = Keypair::try_from(bytes).ok()?;
    let seed = bytes.first_chunk::<32>()?;
    (Keypair::new_from_array(*seed).pubkey() == key.pubkey()).then_some((*seed, key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_in_place_of_an_address_is_not_repeated() {
        let secret = "4Z7c".repeat(22);
        let fault = Holder::read(Path::new("."), &Entry::Solana(secret)).err();
        let said = fault.expect("no address").to_string();
        assert!(
            said.starts_with("a text of 88 characters is neither"),
            "{said}"
        );
    }
}
