use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use bytemuck::Zeroable;
use market_core::sum;
use math::chain::MAX_LEGS;
use program_kit::{increment, new_account::NewAccount, EventHeader, Purse};

use super::{
    legs::{load_legs, require_independent, Leg},
    offer::{offer, ChainOdds, Moment},
};
use crate::{
    error::FlashError,
    state::{
        seeds::{self, require_bump},
        Chain, ChainLeg, ChainStatus, Vault, VERSION,
    },
};

/// Least slots between the request of a chain, or of cashing one out, and its execution.
#[constant]
pub const MIN_CHAIN_DELAY_SLOTS: u64 = 10;

/// Seconds after that delay in which anybody can execute it.
#[constant]
pub const CHAIN_EXECUTION_SECONDS: i64 = 10;

/// Least legs of a chain: one alone is a bet, which the market itself takes.
#[constant]
pub const MIN_CHAIN_LEGS: u8 = 2;

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct RequestChainArgs {
    /// Base units.
    pub stake: u64,
    /// Least payout to accept, base units.
    pub min_payout: u64,
    /// Lamports for whoever executes it.
    pub tip_lamports: u64,
    /// Of each leg, in the order of their accounts.
    pub outcomes: Vec<u8>,
}

/// Remaining accounts, in fives for each leg:
/// 0. a market of the vault,
/// 1. its chain book,
/// 2. its event's book,
/// 3. its feed's book,
/// 4. where its observation is, or would be.
#[derive(Accounts)]
#[instruction(nonce: u64)]
pub struct RequestChain<'info> {
    /// Pays the stake.
    pub owner: Signer<'info>,
    /// Pays rent and tip, and gets the rent back.
    #[account(mut)]
    pub rent_payer: Signer<'info>,
    #[account(mut)]
    pub vault: AccountLoader<'info, Vault>,
    /// CHECK: named by the vault.
    #[account(mut)]
    pub vault_tokens: UncheckedAccount<'info>,
    /// CHECK: the token program checks mint, balance and authority.
    #[account(mut)]
    pub owner_tokens: UncheckedAccount<'info>,
    /// PDA: "chain", account vault, account owner, arg nonce
    ///
    /// CHECK: created at that address by the handler.
    #[account(mut)]
    pub chain: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    pub system_program: Program<'info, System>,
}

#[event]
pub struct ChainRequested {
    pub header: EventHeader,
    pub vault: Pubkey,
    pub chain: Pubkey,
    pub owner: Pubkey,
    pub nonce: u64,
    pub stake: u64,
    pub min_payout: u64,
    pub tip_lamports: u64,
    pub markets: Vec<Pubkey>,
    pub outcomes: Vec<u8>,
    /// What it would come to now.
    pub odds: ChainOdds,
    pub executable_slot: u64,
    /// First and last second in which anybody may execute it.
    pub executable_at: i64,
    pub executable_until: i64,
    /// After it: stakes of chains that wait.
    pub chain_stakes: u64,
}

/// Asks for a chain at the odds of the moment of its execution, after the longest bet delay of its legs, and
/// returns what it would come to now. The stake waits in the vault.
pub fn handle_request_chain<'info>(
    ctx: Context<'info, RequestChain<'info>>,
    nonce: u64,
    args: RequestChainArgs,
) -> Result<ChainOdds> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    let legs = load_legs(&accounts.vault.key(), ctx.remaining_accounts)?;
    require!(
        legs.len() == args.outcomes.len()
            && (usize::from(MIN_CHAIN_LEGS)..=MAX_LEGS).contains(&legs.len()),
        FlashError::ChainLegCount
    );
    require_gt!(args.stake, 0, FlashError::ZeroAmount);
    require_independent(&legs)?;
    let mut vault = accounts.vault.load_mut()?;
    let moment = Moment {
        clock: &clock,
        now: vault.now(&clock),
        terms: vault.chain_terms.at(clock.unix_timestamp),
    };
    let slot_ms = vault.caps.at(clock.unix_timestamp).slot_ms;
    let mut chain = new_chain(accounts, nonce, &args, &legs, slot_ms)?;
    chain.wait_from(&clock, CHAIN_EXECUTION_SECONDS)?;
    let odds = offer(&mut chain, &legs, &moment, None)?;
    chain.forget_offer();

    increment(&mut vault.open_chains).map_err(FlashError::from)?;
    vault.chain_stakes = sum([vault.chain_stakes, args.stake]).map_err(FlashError::from)?;
    emit!(ChainRequested {
        header: vault.next_event(&clock)?,
        vault: chain.vault,
        chain: accounts.chain.key(),
        owner: chain.owner,
        nonce,
        stake: args.stake,
        min_payout: args.min_payout,
        tip_lamports: args.tip_lamports,
        markets: chain.legs().iter().map(|leg| leg.market).collect(),
        outcomes: args.outcomes,
        odds,
        executable_slot: chain.wait.executable_slot,
        executable_at: chain.wait.executable_at,
        executable_until: chain.wait.executable_until,
        chain_stakes: vault.chain_stakes,
    });
    drop(vault);
    create(accounts, &chain)?;
    let (vault, tokens) = (&accounts.vault, &accounts.vault_tokens);
    let purse = Purse::new(vault, tokens, &accounts.token_program)?;
    purse.receive(&accounts.owner_tokens, &accounts.owner, chain.stake)?;
    Ok(odds)
}

/// A chain that waits, without a price.
fn new_chain(
    accounts: &RequestChain,
    nonce: u64,
    args: &RequestChainArgs,
    legs: &[Leg],
    slot_ms: u16,
) -> Result<Box<Chain>> {
    let mut chain = Box::new(Chain::zeroed());
    let (vault, owner) = (accounts.vault.key(), accounts.owner.key());
    let seeds: [&[u8]; 4] = [
        seeds::CHAIN,
        vault.as_ref(),
        owner.as_ref(),
        &nonce.to_le_bytes(),
    ];
    chain.version = VERSION;
    chain.bump = require_bump(&accounts.chain, &seeds)?;
    chain.status = ChainStatus::Waiting as u8;
    chain.vault = vault;
    chain.owner = owner;
    chain.rent_payer = accounts.rent_payer.key();
    chain.nonce = nonce;
    chain.stake = args.stake;
    chain.bound = args.min_payout;
    chain.tip_lamports = args.tip_lamports;
    chain.delay_slots = MIN_CHAIN_DELAY_SLOTS;
    let least_ms = MIN_CHAIN_DELAY_SLOTS.saturating_mul(slot_ms.into());
    chain.delay_seconds = i64::try_from(least_ms.div_ceil(1_000)).unwrap_or(i64::MAX);
    let places = chain.legs.iter_mut().zip(legs).zip(&args.outcomes);
    let (mut delay_slots, mut delay_seconds) = (chain.delay_slots, chain.delay_seconds);
    for ((place, leg), outcome) in places {
        let market = leg.books.market.load()?;
        *place = ChainLeg::unpriced(leg.books.market.key(), *outcome);
        delay_slots = delay_slots.max(market.delay_slots);
        delay_seconds = delay_seconds.max(market.delay_seconds.into());
    }
    (chain.delay_slots, chain.delay_seconds) = (delay_slots, delay_seconds);
    let count = u8::try_from(legs.len()).map_err(|_| FlashError::ChainLegCount)?;
    (chain.leg_count, chain.open_legs) = (count, count);
    Ok(chain)
}

/// Creates the chain's account and puts the tip into it.
fn create(accounts: &RequestChain, chain: &Chain) -> Result<()> {
    let nonce = chain.nonce.to_le_bytes();
    let account = NewAccount {
        payer: &accounts.rent_payer,
        account: &accounts.chain,
        system_program: &accounts.system_program,
        seeds: &[
            seeds::CHAIN,
            chain.vault.as_ref(),
            chain.owner.as_ref(),
            &nonce,
            &[chain.bump],
        ],
    };
    account.write_zero_copy(chain)?;
    account.add_lamports(chain.tip_lamports)
}
