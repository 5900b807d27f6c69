//! The embedded chain as a client reaches any other.

use anchor_lang::{
    prelude::{Clock, Pubkey},
    solana_program::instruction::Instruction,
};
use client::transport::{message, Landed, Prepared, Refused, Simulated, Transport, TransportError};
use solana_account::Account;
use solana_message::AddressLookupTableAccount;
use solana_signer::{Signer, SignerError};
use solana_transaction::{versioned::VersionedTransaction, Signature};

use super::Chain;
use crate::SendError;

impl Transport for Chain {
    fn account(&mut self, address: &Pubkey) -> Result<Option<Account>, TransportError> {
        self.find_account(*address).map_err(unreachable)
    }

    fn accounts_of(
        &mut self,
        program: &Pubkey,
        discriminator: &[u8],
    ) -> Result<Vec<(Pubkey, Account)>, TransportError> {
        let mut found = Self::accounts_of(self, &[*program]).map_err(unreachable)?;
        found.retain(|(_, account)| account.data.starts_with(discriminator));
        Ok(found)
    }

    fn clock(&mut self) -> Result<Clock, TransportError> {
        Ok(Self::clock(self).clone())
    }

    fn wait_past(&mut self, slot: u64) -> Result<(), TransportError> {
        let slots = (slot + 1).saturating_sub(self.slot());
        self.advance(slots, 0);
        Ok(())
    }

    fn simulate_with(
        &mut self,
        instructions: &[Instruction],
        tables: &[AddressLookupTableAccount],
        payer: &Pubkey,
    ) -> Result<Simulated, TransportError> {
        let blockhash = self
            .runtime
            .block_on(self.context.banks_client.get_latest_blockhash())
            .map_err(unreachable)?;
        self.ripen(tables);
        let message = message(instructions, tables, payer, blockhash)?;
        let signers = usize::from(message.header().num_required_signatures);
        let transaction = VersionedTransaction {
            signatures: vec![Signature::default(); signers],
            message,
        };
        let simulation = self.context.banks_client.simulate_transaction(transaction);
        let outcome = self.runtime.block_on(simulation).map_err(unreachable)?;
        let details = outcome.simulation_details;
        let (units, logs) = details.map_or((None, Vec::new()), |details| {
            (Some(details.units_consumed), details.logs)
        });
        match outcome.result {
            None | Some(Ok(())) => Ok(Simulated {
                compute_units: units,
                logs,
                return_data: None,
            }),
            Some(Err(error)) => Err(refused(
                client::NamedError::of_transaction(&error, &logs),
                logs,
                None,
            )),
        }
    }

    /// The first signer pays the fee here too, unlike in [`Chain::send`].
    fn prepare_with(
        &mut self,
        instructions: &[Instruction],
        tables: &[AddressLookupTableAccount],
        signers: &[&dyn Signer],
    ) -> Result<Prepared, TransportError> {
        let payer = signers.first().ok_or(SignerError::NotEnoughSigners)?;
        let payer = payer.pubkey();
        self.simulate_with(instructions, tables, &payer)?;
        loop {
            let blockhash = self
                .runtime
                .block_on(self.context.banks_client.get_latest_blockhash())
                .map_err(unreachable)?;
            let message = message(instructions, tables, &payer, blockhash)?;
            let transaction = VersionedTransaction::try_new(message, signers)?;
            if self.sent.insert(transaction.signatures[0]) {
                return Ok(Prepared {
                    transaction,
                    last_valid_block_height: u64::MAX,
                });
            }
            self.pause();
        }
    }

    /// What is sent here is processed at once, or it is not there.
    fn watch(&mut self, prepared: &Prepared) -> Result<Landed, TransportError> {
        Err(TransportError::Expired {
            signature: prepared.signature(),
        })
    }

    fn submit(&mut self, prepared: &Prepared) -> Result<Landed, TransportError> {
        let signature = prepared.signature();
        let receipt = self
            .process(prepared.transaction.clone())
            .map_err(|error| match error {
                SendError::Refused(refusal) => {
                    refused(refusal.error, refusal.logs, Some(signature))
                }
                other => unreachable(other),
            })?;
        Ok(Landed {
            signature,
            slot: self.slot(),
            compute_units: receipt.compute_units,
            fee_lamports: None,
            logs: receipt.logs,
            events: receipt.events,
        })
    }
}

fn refused(
    error: client::NamedError,
    logs: Vec<String>,
    signature: Option<solana_transaction::Signature>,
) -> TransportError {
    TransportError::Refused(Box::new(Refused {
        error,
        logs,
        signature,
    }))
}

fn unreachable(error: impl std::error::Error + Send + Sync + 'static) -> TransportError {
    TransportError::Other(Box::new(error))
}
