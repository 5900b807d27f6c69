use anchor_lang::prelude::*;
use program_kit::{
    new_account::{bump_of, NewAccount},
    EventHeader,
};
use result_tree::{Root, MAX_LEAVES};

use crate::{
    error::OracleError,
    state::{
        require_observable, seeds, ProviderSet, ResultRoot, VerifyingKey, FIRST_EVENT, VERSION,
    },
};

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct VerifyResultRootArgs {
    /// Feed on which the providers publish roots, a field element, big-endian.
    pub feed_id: [u8; 32],
    /// Time that the root was signed for, unix milliseconds, from 1 to `i64::MAX`.
    pub observe_at_ms: u64,
    /// Number of results.
    pub leaves: u32,
    /// The tree's top node.
    pub top: [u8; 32],
    /// `−A ‖ B ‖ C`, uncompressed, big-endian.
    pub proof: [u8; groth16::PROOF_LEN],
}

#[derive(Accounts)]
pub struct VerifyResultRoot<'info> {
    #[account(mut)]
    pub payer: Signer<'info>,
    pub provider_set: AccountLoader<'info, ProviderSet>,
    pub verifying_key: AccountLoader<'info, VerifyingKey>,
    /// At the address that the root has: seeds `root`, provider set, verifying key, root.
    ///
    /// CHECK: created at that address.
    #[account(mut)]
    pub result_root: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

#[event]
pub struct ResultRootVerified {
    pub header: EventHeader,
    pub result_root: Pubkey,
    pub provider_set: Pubkey,
    pub verifying_key: Pubkey,
    pub feed_id: [u8; 32],
    pub observe_at_ms: u64,
    pub leaves: u32,
    pub top: [u8; 32],
    pub rent_payer: Pubkey,
}

/// As `verify_observation`, for the root of up to 2²⁰ results. The proof is of a root under the
/// domain of roots, so that a number cannot stand for one.
pub fn handle_verify_result_root(
    ctx: Context<VerifyResultRoot>,
    args: VerifyResultRootArgs,
) -> Result<()> {
    let accounts = &ctx.accounts;
    let clock = Clock::get()?;
    require_observable(args.observe_at_ms, &clock)?;
    require!(
        (1..=MAX_LEAVES).contains(&args.leaves),
        OracleError::ResultCountOutOfRange
    );
    require!(
        accounts.result_root.data_is_empty(),
        OracleError::AlreadyVerified
    );
    let provider_set = accounts.provider_set.load()?;
    provider_set.require_usable(clock.unix_timestamp)?;
    let verifying_key = accounts.verifying_key.load()?;
    verifying_key.require_usable(clock.unix_timestamp)?;
    verifying_key.require_agreement()?;

    let root = Root::new(args.leaves, &args.top);
    let public_input =
        provider_set.input_of_root(&verifying_key, &args.feed_id, args.observe_at_ms, &root)?;
    groth16::verify(verifying_key.key(), &args.proof, &public_input).map_err(OracleError::from)?;

    let result_root = ResultRoot {
        version: VERSION,
        bump: 0,
        padding: [0; 2],
        leaves: args.leaves,
        provider_set: accounts.provider_set.key(),
        verifying_key: accounts.verifying_key.key(),
        domain: provider_set.domain,
        top: args.top,
        feed_id: args.feed_id,
        observe_at_ms: args.observe_at_ms,
        verified_slot: clock.slot,
        verified_at: clock.unix_timestamp,
        rent_payer: accounts.payer.key(),
        sequence: FIRST_EVENT,
        reserved: [0; 64],
    };
    accounts.record(result_root, &root)?;
    emit!(ResultRootVerified {
        header: EventHeader::first(&clock),
        result_root: accounts.result_root.key(),
        provider_set: accounts.provider_set.key(),
        verifying_key: accounts.verifying_key.key(),
        feed_id: args.feed_id,
        observe_at_ms: args.observe_at_ms,
        leaves: args.leaves,
        top: args.top,
        rent_payer: accounts.payer.key(),
    });
    Ok(())
}

impl VerifyResultRoot<'_> {
    fn record(&self, mut result_root: ResultRoot, root: &Root) -> Result<()> {
        let seeds: [&[u8]; 4] = [
            seeds::RESULT_ROOT,
            result_root.provider_set.as_ref(),
            result_root.verifying_key.as_ref(),
            root.as_bytes(),
        ];
        let bump = bump_of(self.result_root.key, &seeds, &crate::ID)
            .ok_or(OracleError::WrongRootAddress)?;
        result_root.bump = bump;
        let [prefix, set, key, root] = seeds;
        NewAccount {
            payer: &self.payer,
            account: &self.result_root,
            system_program: &self.system_program,
            seeds: &[prefix, set, key, root, &[bump]],
        }
        .write_zero_copy(&result_root)
    }
}
