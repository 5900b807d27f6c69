//! What a step finds on the chain.

use anchor_lang::{
    prelude::{ProgramData, Pubkey},
    AccountDeserialize,
};
use client::{
    addresses,
    instructions::oracle::{InitializeArgs, ProposeProviderSetArgs, ProposeVerifyingKeyArgs},
    transport::{find, Transport, TransportError},
};
use flash_bets::state::Vault;
use markets::state::Venue;
use oracle::{statement::domain, Network, OracleConfig, ProviderSet, VerifyingKey};

use super::{Kind, Look, Parties, Step};

impl Step {
    /// Compares the chain with what is declared.
    ///
    /// # Errors
    /// [`TransportError`] if the chain cannot be read.
    pub fn look(
        &self,
        chain: &mut dyn Transport,
        parties: &Parties,
    ) -> Result<Look, TransportError> {
        let found = match &self.kind {
            Kind::Initialize(args) => return initialize(chain, args, parties),
            Kind::ProviderSet(args) => provider_set(chain, args, self.network)?,
            Kind::VerifyingKey(args) => verifying_key(chain, args)?,
            Kind::Vault { mint, id, .. } => {
                find::<Vault>(chain, &addresses::flash_bets::vault(mint, *id))?.map(|_| Look::Done)
            }
            Kind::Venue { mint, .. } => {
                find::<Venue>(chain, &addresses::markets::venue(mint))?.map(|_| Look::Done)
            }
        };
        match found {
            Some(look) => Ok(look),
            None => may_propose(chain, parties),
        }
    }
}

fn differs(differences: Vec<String>) -> Look {
    if differences.is_empty() {
        Look::Done
    } else {
        Look::Differs(differences.join(", "))
    }
}

/// As [`differs`], of what governance can end.
fn published(differences: Vec<String>, standing: &oracle::state::Standing) -> Look {
    match (differs(differences), ended(standing)) {
        (Look::Done, Some(ended)) => Look::Ended(ended),
        (look, _) => look,
    }
}

/// How governance ended a provider set or a verifying key, if it did.
pub fn ended(standing: &oracle::state::Standing) -> Option<String> {
    if standing.suspended != 0 {
        return Some("it is suspended for good: nothing it says counts".to_owned());
    }
    (standing.retired != 0).then(|| "it is retired for good: no new market takes it".to_owned())
}

/// Says of each difference what was found and what is declared.
fn compare<T: PartialEq + std::fmt::Debug>(
    differences: &mut Vec<String>,
    name: &str,
    found: T,
    declared: T,
) {
    if found != declared {
        differences.push(format!(
            "{name} is {found:?} on the chain, not {declared:?} as declared"
        ));
    }
}

fn initialize(
    chain: &mut dyn Transport,
    args: &InitializeArgs,
    parties: &Parties,
) -> Result<Look, TransportError> {
    let Some(config) = find::<OracleConfig>(chain, &addresses::oracle::config())? else {
        return may_initialize(chain, parties);
    };
    let mut found = Vec::new();
    compare(&mut found, "the network", config.network, args.network);
    compare(
        &mut found,
        "the timelock in seconds",
        config.timelock_seconds,
        args.timelock_seconds,
    );
    compare(
        &mut found,
        "the retention in seconds",
        config.retention_seconds,
        args.retention_seconds,
    );
    // Later both may have been rotated. The first event is the initialization's.
    if config.sequence == oracle::state::FIRST_EVENT {
        let (admin, guardian) = (config.admin, config.guardian.value);
        compare(&mut found, "the admin", Text(admin), Text(args.admin));
        compare(
            &mut found,
            "the guardian",
            Text(guardian),
            Text(args.guardian),
        );
    }
    Ok(differs(found))
}

/// An address that is shown as users know it.
#[derive(PartialEq)]
struct Text(Pubkey);

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

fn may_initialize(chain: &mut dyn Transport, parties: &Parties) -> Result<Look, TransportError> {
    let address = addresses::program_data(&oracle::ID);
    let Some(account) = chain.account(&address)? else {
        return Ok(Look::Waits("the oracle is not deployed".to_owned()));
    };
    let data = ProgramData::try_deserialize(&mut account.data.as_slice());
    let authority = data.ok().and_then(|data| data.upgrade_authority_address);
    let own = parties.upgrade_authority;
    Ok(match authority {
        Some(found) if found == own => Look::Ready,
        Some(found) => Look::Waits(format!(
            "the oracle's upgrade authority is {found}, not {own}, and only it may initialize"
        )),
        None => Look::Waits("the oracle has no upgrade authority, so nobody may initialize".into()),
    })
}

fn may_propose(chain: &mut dyn Transport, parties: &Parties) -> Result<Look, TransportError> {
    let config = find::<OracleConfig>(chain, &addresses::oracle::config())?;
    let own = parties.admin;
    Ok(match config {
        None => Look::Waits("the oracle is not initialized".to_owned()),
        Some(config) if config.admin == own => Look::Ready,
        Some(config) => Look::Waits(format!(
            "the admin is {}, not {own}, and only it may do this",
            config.admin
        )),
    })
}

fn provider_set(
    chain: &mut dyn Transport,
    args: &ProposeProviderSetArgs,
    network: Network,
) -> Result<Option<Look>, TransportError> {
    let address = addresses::oracle::provider_set(args.id, args.epoch);
    let set = find::<ProviderSet>(chain, &address)?;
    Ok(set.map(|set| published(provider_set_differences(&set, args, network), &set.standing)))
}

/// What of a set is otherwise than its proposal on the network has it; nothing but its standing changes
/// later.
pub fn provider_set_differences(
    set: &ProviderSet,
    args: &ProposeProviderSetArgs,
    network: Network,
) -> Vec<String> {
    let mut found = Vec::new();
    compare(&mut found, "the role", set.role, args.role as u8);
    compare(&mut found, "the threshold", set.threshold, args.threshold);
    compare(&mut found, "the size", set.size, args.size);
    compare(
        &mut found,
        "the median slack",
        set.median_slack,
        args.median_slack,
    );
    if set.root != args.root {
        found.push("the members are others on the chain than declared".to_owned());
    }
    if set.domain != domain(&oracle::ID, network) {
        let network = network.tag();
        found.push(format!(
            "the domain on the chain is not that of {network}: its signatures are for another network"
        ));
    }
    found
}

fn verifying_key(
    chain: &mut dyn Transport,
    args: &ProposeVerifyingKeyArgs,
) -> Result<Option<Look>, TransportError> {
    let address = addresses::oracle::verifying_key(args.circuit_id, args.key_version);
    let key = find::<VerifyingKey>(chain, &address)?;
    Ok(key.map(|key| published(verifying_key_differences(&key, args), &key.standing)))
}

/// What of a key is otherwise than its proposal has it; nothing but its standing changes later.
pub fn verifying_key_differences(
    key: &VerifyingKey,
    args: &ProposeVerifyingKeyArgs,
) -> Vec<String> {
    let mut found = Vec::new();
    if key.key.as_slice() != args.key {
        found.push("the key is another on the chain than declared".to_owned());
    }
    compare(
        &mut found,
        "the aggregation",
        key.aggregation,
        args.aggregation as u8,
    );
    compare(
        &mut found,
        "the kind of feed",
        key.feed_kind,
        args.feed_kind as u8,
    );
    compare(&mut found, "the slots", key.slots, args.slots);
    let development = u8::from(args.development);
    compare(&mut found, "development", key.development, development);
    if key.transcript_hash != args.transcript_hash {
        found.push("the transcript is another on the chain than declared".to_owned());
    }
    if key.r1cs_hash != args.r1cs_hash {
        found.push("the .r1cs is another on the chain than declared".to_owned());
    }
    found
}
