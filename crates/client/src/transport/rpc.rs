//! A cluster through one of its RPC nodes.

mod fees;
mod watch;

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use anchor_lang::{
    prelude::{Clock, Pubkey},
    solana_program::{instruction::Instruction, sysvar::SysvarId},
};
use oracle::Network;
use serde_json::json;
use solana_account::Account;
use solana_account_decoder_client_types::{UiAccount, UiAccountEncoding};
use solana_commitment_config::CommitmentConfig;
use solana_compute_budget_interface::ComputeBudgetInstruction;
use solana_message::{AddressLookupTableAccount, Hash};
use solana_rpc_client::rpc_client::RpcClient;
use solana_rpc_client_api::{
    client_error::{Error as ClientError, ErrorKind},
    config::{
        RpcAccountInfoConfig, RpcProgramAccountsConfig, RpcSendTransactionConfig,
        RpcSimulateTransactionConfig, RpcTransactionConfig,
    },
    filter::{Memcmp, RpcFilterType},
    request::{RpcError, RpcRequest},
    response::Response,
};
use solana_signer::Signer;
use solana_transaction::{versioned::VersionedTransaction, Signature};
use solana_transaction_error::TransactionError;
use solana_transaction_status_client_types::{
    TransactionStatus, UiTransactionEncoding, UiTransactionStatusMeta,
};

use super::{
    cluster::network_of, message, Cluster, Landed, Prepared, Refused, Simulated, Transport,
    TransportError, MAX_TRANSACTION_BYTES,
};
use crate::{errors::NamedError, events};

pub use fees::PriorityFee;
pub use watch::AccountWatch;

/// Most compute units that a transaction can have.
const MAX_COMPUTE_UNITS: u32 = 1_400_000;
/// A transaction may need more units than its simulation did: a fifth, and this.
const SPARE_COMPUTE_UNITS: u64 = 3_000;
/// How often what was sent is looked for, and how often it is sent again.
const POLL: Duration = Duration::from_millis(250);
const RESEND: Duration = Duration::from_secs(2);
/// How many slots a node that is current may have processed and not confirmed yet.
const USUAL_LAG_SLOTS: u64 = 4;
/// Looks at a landed transaction before its log is given up: nodes have it a little later.
const DETAIL_LOOKS: u32 = 20;

/// How a cluster is used.
#[derive(Clone, Copy, Debug)]
pub struct RpcSettings {
    pub commitment: CommitmentConfig,
    pub priority_fee: PriorityFee,
    /// How long a single request may take.
    pub request_timeout: Duration,
    /// How long a node may be silent about a transaction before its fate is called unknown.
    pub patience: Duration,
}

impl Default for RpcSettings {
    fn default() -> Self {
        Self {
            commitment: CommitmentConfig::confirmed(),
            priority_fee: PriorityFee::default(),
            request_timeout: Duration::from_secs(20),
            patience: Duration::from_secs(60),
        }
    }
}

/// A cluster through one of its RPC nodes.
pub struct Rpc {
    client: RpcClient,
    settings: RpcSettings,
}

impl Rpc {
    /// Asks nothing yet.
    pub fn new(cluster: &Cluster, settings: RpcSettings) -> Self {
        Self {
            client: RpcClient::new_with_timeout_and_commitment(
                cluster.rpc_url(),
                settings.request_timeout,
                settings.commitment,
            ),
            settings,
        }
    }

    /// The network that the node is of, by the hash of its first block.
    ///
    /// # Errors
    /// [`TransportError`] if the node does not answer.
    pub fn network(&self) -> Result<Network, TransportError> {
        let genesis_hash = self.client.get_genesis_hash();
        genesis_hash
            .map(|hash| network_of(&hash.to_string()))
            .map_err(|error| self.error(error))
    }

    /// Hash of the cluster's first block, which tells one cluster from another.
    ///
    /// # Errors
    /// [`TransportError`] if the node does not answer.
    pub fn genesis_hash(&self) -> Result<String, TransportError> {
        let hash = self.client.get_genesis_hash();
        hash.map(|hash| hash.to_string())
            .map_err(|error| self.error(error))
    }

    /// Lamports of an address.
    ///
    /// # Errors
    /// [`TransportError`] if the node does not answer.
    pub fn balance(&self, address: &Pubkey) -> Result<u64, TransportError> {
        self.client
            .get_balance(address)
            .map_err(|error| self.error(error))
    }

    /// Lamports that an account of `bytes` bytes must hold.
    ///
    /// # Errors
    /// [`TransportError`] if the node does not answer.
    pub fn rent(&self, bytes: usize) -> Result<u64, TransportError> {
        self.client
            .get_minimum_balance_for_rent_exemption(bytes)
            .map_err(|error| self.error(error))
    }

    /// Asks a test cluster's faucet for lamports and waits until they are there, on a node that is
    /// [current](Self::wait_until_current).
    ///
    /// # Errors
    /// [`TransportError`] if the node has no faucet or does not answer.
    pub fn airdrop(&self, receiver: &Pubkey, lamports: u64) -> Result<Signature, TransportError> {
        self.wait_until_current()?;
        let signature = self
            .client
            .request_airdrop(receiver, lamports)
            .map_err(|error| self.error(error))?;
        let begun = Instant::now();
        while begun.elapsed() < self.settings.patience {
            if let Ok(Some(status)) = self.status(&signature, false) {
                if status.satisfies_commitment(self.settings.commitment) {
                    return Ok(signature);
                }
            }
            sleep(POLL);
        }
        Err(TransportError::Unconfirmed {
            signature,
            cause: "the faucet's transaction is not to be seen".to_string(),
        })
    }

    /// Waits until the node confirms new blocks. One that was started again answers with the state of an
    /// old block until then, and takes a transaction of before its end for a new one that has landed.
    ///
    /// # Errors
    /// [`TransportError`] if it does not answer, or is still behind when the patience is over.
    pub fn wait_until_current(&self) -> Result<(), TransportError> {
        let slot = |commitment| {
            let slot = self.client.get_slot_with_commitment(commitment);
            slot.map_err(|error| self.error(error))
        };
        let begun = Instant::now();
        let mut level = None;
        loop {
            let processed = slot(CommitmentConfig::processed())?;
            let confirmed = slot(CommitmentConfig::confirmed())?;
            if level.is_some_and(|level| confirmed > level) {
                return Ok(());
            }
            // Level once, and still so a block later: while it replays its ledger it is not.
            level = (processed <= confirmed.saturating_add(USUAL_LAG_SLOTS)).then_some(confirmed);
            if begun.elapsed() > self.settings.patience {
                return Err(TransportError::Behind {
                    url: self.client.url(),
                    confirmed,
                    processed,
                });
            }
            sleep(POLL);
        }
    }

    fn error(&self, error: ClientError) -> TransportError {
        const TOO_MANY_REQUESTS: u16 = 429;
        let url = self.client.url();
        match error.kind() {
            ErrorKind::Reqwest(cause)
                if cause.status().map(|status| status.as_u16()) == Some(TOO_MANY_REQUESTS) =>
            {
                TransportError::TooManyRequests { url }
            }
            ErrorKind::RpcError(RpcError::RpcResponseError { message, .. }) => {
                TransportError::Rpc {
                    url,
                    message: message.clone(),
                }
            }
            ErrorKind::Reqwest(cause) => TransportError::Silent {
                url,
                cause: without_address(cause),
            },
            kind => TransportError::Silent {
                url,
                cause: kind.to_string(),
            },
        }
    }

    fn account_config(&self) -> RpcAccountInfoConfig {
        RpcAccountInfoConfig {
            encoding: Some(UiAccountEncoding::Base64),
            commitment: Some(self.settings.commitment),
            ..RpcAccountInfoConfig::default()
        }
    }

    fn status(
        &self,
        signature: &Signature,
        with_history: bool,
    ) -> Result<Option<TransactionStatus>, ClientError> {
        let statuses = if with_history {
            self.client
                .get_signature_statuses_with_history(&[*signature])?
        } else {
            self.client.get_signature_statuses(&[*signature])?
        };
        Ok(statuses.value.into_iter().flatten().next())
    }

    /// Whether every block in which the transaction could land is final.
    fn is_expired(&self, prepared: &Prepared) -> Result<bool, ClientError> {
        let height = self
            .client
            .get_block_height_with_commitment(CommitmentConfig::finalized())?;
        Ok(height > prepared.last_valid_block_height)
    }

    /// Sends the same bytes, which a cluster takes once however often it gets them.
    fn hand_in(&self, transaction: &VersionedTransaction) -> Result<Signature, ClientError> {
        let config = RpcSendTransactionConfig {
            // It has been simulated, and a refusal for what it did itself would mislead.
            skip_preflight: true,
            max_retries: Some(0),
            ..RpcSendTransactionConfig::default()
        };
        self.client
            .send_transaction_with_config(transaction, config)
    }

    /// What became of the transaction, if that is known by now.
    fn look_for(&self, prepared: &Prepared) -> Result<Option<Fate>, ClientError> {
        let signature = prepared.signature();
        let is_expired = self.is_expired(prepared)?;
        let status = self.status(&signature, is_expired)?;
        Ok(match status {
            Some(status) if status.satisfies_commitment(self.settings.commitment) => {
                Some(Fate::Landed(status))
            }
            Some(_) => None,
            None => is_expired.then_some(Fate::Expired),
        })
    }

    fn landed(
        &self,
        signature: Signature,
        status: &TransactionStatus,
    ) -> Result<Landed, TransportError> {
        let meta = self.details(&signature);
        let logs: Vec<String> = meta
            .as_ref()
            .and_then(|meta| Option::from(meta.log_messages.clone()))
            .unwrap_or_default();
        if let Some(error) = &status.err {
            return Err(refused(error, logs, Some(signature)));
        }
        Ok(Landed {
            signature,
            slot: status.slot,
            compute_units: meta
                .as_ref()
                .and_then(|meta| Option::from(meta.compute_units_consumed.clone())),
            fee_lamports: meta.as_ref().map(|meta| meta.fee),
            events: events::emitted(&logs),
            logs,
        })
    }

    /// `None` if the node does not have them: the transaction is in force all the same.
    fn details(&self, signature: &Signature) -> Option<UiTransactionStatusMeta> {
        let config = RpcTransactionConfig {
            encoding: Some(UiTransactionEncoding::Base64),
            commitment: Some(self.settings.commitment),
            max_supported_transaction_version: Some(0),
        };
        for _ in 0..DETAIL_LOOKS {
            if let Ok(found) = self.client.get_transaction_with_config(signature, config) {
                return found.transaction.meta;
            }
            sleep(POLL);
        }
        None
    }

    /// Waits for the end of a transaction, which is handed in meanwhile if `sends`.
    fn follow(&self, prepared: &Prepared, sends: bool) -> Result<Landed, TransportError> {
        let signature = prepared.signature();
        let mut answered = Instant::now();
        let mut handed_in: Option<Instant> = None;
        loop {
            if sends && handed_in.is_none_or(|at| at.elapsed() >= RESEND) {
                let is_first = handed_in.is_none();
                handed_in = Some(Instant::now());
                match self.hand_in(&prepared.transaction) {
                    Err(error) if is_first && is_refusal(&error) => return Err(self.error(error)),
                    Ok(_) | Err(_) => {}
                }
            }
            match self.look_for(prepared) {
                Ok(Some(Fate::Landed(status))) => return self.landed(signature, &status),
                Ok(Some(Fate::Expired)) => return Err(TransportError::Expired { signature }),
                Ok(None) => answered = Instant::now(),
                Err(error) if answered.elapsed() > self.settings.patience => {
                    let cause = self.error(error).to_string();
                    return Err(TransportError::Unconfirmed { signature, cause });
                }
                Err(_) => {}
            }
            sleep(POLL);
        }
    }
}

enum Fate {
    Landed(TransactionStatus),
    Expired,
}

impl Transport for Rpc {
    fn account(&mut self, address: &Pubkey) -> Result<Option<Account>, TransportError> {
        let config = self.account_config();
        // The client's own call hides why it failed behind "AccountNotFound".
        let found: Response<Option<UiAccount>> = self
            .client
            .send(
                RpcRequest::GetAccountInfo,
                json!([address.to_string(), config]),
            )
            .map_err(|error| self.error(error))?;
        Ok(found.value.and_then(|account| account.decode()))
    }

    fn accounts_of(
        &mut self,
        program: &Pubkey,
        discriminator: &[u8],
    ) -> Result<Vec<(Pubkey, Account)>, TransportError> {
        // A comparison with nothing is refused by some nodes.
        let filters = (!discriminator.is_empty()).then(|| {
            let starts_with = Memcmp::new_raw_bytes(0, discriminator.to_vec());
            vec![RpcFilterType::Memcmp(starts_with)]
        });
        let config = RpcProgramAccountsConfig {
            filters,
            account_config: self.account_config(),
            ..RpcProgramAccountsConfig::default()
        };
        let found = self
            .client
            .get_program_ui_accounts_with_config(program, config)
            .map_err(|error| self.error(error))?;
        Ok(found
            .into_iter()
            .filter_map(|(address, account)| Some((address, account.decode::<Account>()?)))
            .collect())
    }

    fn clock(&mut self) -> Result<Clock, TransportError> {
        let account = self.account(&Clock::id())?;
        account
            .and_then(|account| bincode::deserialize(&account.data).ok())
            .ok_or(TransportError::Missing {
                name: "clock",
                address: Clock::id(),
            })
    }

    fn wait_past(&mut self, slot: u64) -> Result<(), TransportError> {
        let begun = Instant::now();
        loop {
            let confirmed = self.client.get_slot().map_err(|error| self.error(error))?;
            if confirmed > slot {
                return Ok(());
            }
            if begun.elapsed() > self.settings.patience {
                return Err(TransportError::Behind {
                    url: self.client.url(),
                    confirmed,
                    processed: slot,
                });
            }
            sleep(POLL);
        }
    }

    fn simulate_with(
        &mut self,
        instructions: &[Instruction],
        tables: &[AddressLookupTableAccount],
        payer: &Pubkey,
    ) -> Result<Simulated, TransportError> {
        let limit = ComputeBudgetInstruction::set_compute_unit_limit(MAX_COMPUTE_UNITS);
        let with_limit: Vec<_> = std::iter::once(limit)
            .chain(instructions.iter().cloned())
            .collect();
        let message = message(&with_limit, tables, payer, Hash::default())?;
        let signers = usize::from(message.header().num_required_signatures);
        let transaction = VersionedTransaction {
            signatures: vec![Signature::default(); signers],
            message,
        };
        require_size(&transaction)?;
        let config = RpcSimulateTransactionConfig {
            replace_recent_blockhash: true,
            commitment: Some(self.settings.commitment),
            encoding: Some(UiTransactionEncoding::Base64),
            ..RpcSimulateTransactionConfig::default()
        };
        let found = self
            .client
            .simulate_transaction_with_config(&transaction, config)
            .map_err(|error| self.error(error))?
            .value;
        let logs = found.logs.unwrap_or_default();
        match found.err.map(TransactionError::from) {
            Some(TransactionError::AccountNotFound | TransactionError::InsufficientFundsForFee) => {
                Err(TransportError::NoFunds { payer: *payer })
            }
            Some(error) => Err(refused(&error, logs, None)),
            None => Ok(Simulated {
                compute_units: found.units_consumed,
                logs,
                return_data: None,
            }),
        }
    }

    fn prepare_with(
        &mut self,
        instructions: &[Instruction],
        tables: &[AddressLookupTableAccount],
        signers: &[&dyn Signer],
    ) -> Result<Prepared, TransportError> {
        let payer = match signers.first() {
            Some(payer) => payer.pubkey(),
            None => return Err(solana_signer::SignerError::NotEnoughSigners.into()),
        };
        let simulated = self.simulate_with(instructions, tables, &payer)?;
        let price = self.priority_fee(instructions)?;
        let mut all = vec![ComputeBudgetInstruction::set_compute_unit_limit(
            compute_unit_limit(simulated.compute_units),
        )];
        if price > 0 {
            all.push(ComputeBudgetInstruction::set_compute_unit_price(price));
        }
        all.extend_from_slice(instructions);

        let (blockhash, last_valid_block_height) = self
            .client
            .get_latest_blockhash_with_commitment(self.settings.commitment)
            .map_err(|error| self.error(error))?;
        let message = message(&all, tables, &payer, blockhash)?;
        let transaction = VersionedTransaction::try_new(message, signers)?;
        require_size(&transaction)?;
        Ok(Prepared {
            transaction,
            last_valid_block_height,
        })
    }

    fn submit(&mut self, prepared: &Prepared) -> Result<Landed, TransportError> {
        self.follow(prepared, true)
    }

    fn watch(&mut self, prepared: &Prepared) -> Result<Landed, TransportError> {
        self.follow(prepared, false)
    }
}

/// Whether the node itself, rather than the way to it, says no.
fn is_refusal(error: &ClientError) -> bool {
    matches!(
        error.kind(),
        ErrorKind::RpcError(RpcError::RpcResponseError { .. })
    )
}

fn refused(
    error: &TransactionError,
    logs: Vec<String>,
    signature: Option<Signature>,
) -> TransportError {
    TransportError::Refused(Box::new(Refused {
        error: NamedError::of_transaction(error, &logs),
        logs,
        signature,
    }))
}

fn compute_unit_limit(simulated: Option<u64>) -> u32 {
    let Some(units) = simulated else {
        return MAX_COMPUTE_UNITS;
    };
    let with_spare = units
        .saturating_add(units.div_ceil(5))
        .saturating_add(SPARE_COMPUTE_UNITS);
    u32::try_from(with_spare).map_or(MAX_COMPUTE_UNITS, |units| units.min(MAX_COMPUTE_UNITS))
}

fn require_size(transaction: &VersionedTransaction) -> Result<(), TransportError> {
    let bytes = bincode::serialized_size(transaction).unwrap_or(u64::MAX);
    match usize::try_from(bytes) {
        Ok(bytes) if bytes <= MAX_TRANSACTION_BYTES => Ok(()),
        Ok(bytes) => Err(TransportError::TooLarge { bytes }),
        Err(_) => Err(TransportError::TooLarge { bytes: usize::MAX }),
    }
}

/// The deepest cause: those above it repeat the address, which may have a secret in it.
fn without_address(error: &dyn std::error::Error) -> String {
    let mut deepest = error;
    while let Some(cause) = deepest.source() {
        deepest = cause;
    }
    deepest.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limit_leaves_a_fifth_and_stays_in_range() {
        assert_eq!(compute_unit_limit(Some(100_000)), 123_000);
        assert_eq!(compute_unit_limit(Some(1_390_000)), MAX_COMPUTE_UNITS);
        assert_eq!(compute_unit_limit(None), MAX_COMPUTE_UNITS);
    }
}
