//! Who does what in a deployment.

use std::fmt;

use attestation::PublicKey;
use serde::Deserialize;

/// A role that has a key of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Deployer,
    UpgradeAuthority,
    Admin,
    Guardian,
    Operator,
    Keeper,
    Treasury,
    /// Of this place in the list.
    Provider(usize),
    Arbiter(usize),
}

impl Role {
    /// Whether who has the key decides what the programs do.
    pub fn governs(self) -> bool {
        matches!(self, Self::UpgradeAuthority | Self::Admin | Self::Guardian)
    }

    /// Whether the key is at home on the machine that deploys to mainnet.
    pub fn may_be_here(self) -> bool {
        matches!(self, Self::Deployer | Self::Keeper)
    }

    /// Whether the key is a provider's, which has no account.
    pub fn signs_observations(self) -> bool {
        matches!(self, Self::Provider(_) | Self::Arbiter(_))
    }

    /// What the file of roles should say.
    pub fn expected(self) -> &'static str {
        match self {
            Self::Provider(_) | Self::Arbiter(_) => {
                "a list of files of strobe attest keygen, or of public keys"
            }
            _ => "a key file or an address",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        let name = match self {
            Self::Deployer => "deployer",
            Self::UpgradeAuthority => "upgrade_authority",
            Self::Admin => "admin",
            Self::Guardian => "guardian",
            Self::Operator => "operator",
            Self::Keeper => "keeper",
            Self::Treasury => "treasury",
            Self::Provider(place) => return write!(formatter, "providers[{place}]"),
            Self::Arbiter(place) => return write!(formatter, "arbiters[{place}]"),
        };
        formatter.write_str(name)
    }
}

/// The file of roles. A role is a file with its key, or its address if the key is elsewhere.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Roles {
    deployer: Option<String>,
    upgrade_authority: Option<String>,
    admin: Option<String>,
    guardian: Option<String>,
    operator: Option<String>,
    keeper: Option<String>,
    treasury: Option<String>,
    #[serde(default)]
    providers: Vec<Signer>,
    #[serde(default)]
    arbiters: Vec<Signer>,
}

/// Who signs observations.
#[derive(Clone, Debug, Deserialize)]
#[serde(
    untagged,
    expecting = "expected a key file, or a public key of two numbers in texts"
)]
pub enum Signer {
    Address(PublicKey),
    File(String),
}

/// What the file of roles says of one role.
pub enum Entry {
    /// A Solana key file or an address.
    Solana(String),
    Signer(Signer),
}

impl Roles {
    /// Roles that the file says something of.
    pub fn entries(&self) -> impl Iterator<Item = (Role, Entry)> + '_ {
        let single = self.single().into_iter().filter_map(|(role, text)| {
            let text = text.as_ref()?;
            Some((role, Entry::Solana(text.clone())))
        });
        let listed = |signers: &'_ [Signer], role: fn(usize) -> Role| {
            let entry = |signer: &Signer| Entry::Signer(signer.clone());
            let entries = signers.iter().map(entry).enumerate();
            entries
                .map(|(place, entry)| (role(place), entry))
                .collect::<Vec<_>>()
        };
        single
            .chain(listed(&self.providers, Role::Provider))
            .chain(listed(&self.arbiters, Role::Arbiter))
    }

    /// Roles that it says nothing of.
    pub fn missing(&self) -> impl Iterator<Item = Role> + '_ {
        let single = self.single().into_iter();
        let lists = [
            (Role::Provider(0), self.providers.is_empty()),
            (Role::Arbiter(0), self.arbiters.is_empty()),
        ];
        single
            .map(|(role, text)| (role, text.is_none()))
            .chain(lists)
            .filter_map(|(role, is_missing)| is_missing.then_some(role))
    }

    fn single(&self) -> [(Role, &Option<String>); 7] {
        [
            (Role::Deployer, &self.deployer),
            (Role::UpgradeAuthority, &self.upgrade_authority),
            (Role::Admin, &self.admin),
            (Role::Guardian, &self.guardian),
            (Role::Operator, &self.operator),
            (Role::Keeper, &self.keeper),
            (Role::Treasury, &self.treasury),
        ]
    }
}
