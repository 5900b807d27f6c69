use anchor_lang::prelude::*;
use oracle::OracleConfig;
use program_kit::{refuse_durable_nonce, EventHeader, INSTRUCTIONS_SYSVAR};

use crate::{error::MarketError, state::Venue};

#[derive(Accounts)]
pub struct SetTreasury<'info> {
    pub admin: Signer<'info>,
    /// The oracle's configuration. Its type proves it.
    #[account(has_one = admin @ MarketError::NotAdmin)]
    pub config: Account<'info, OracleConfig>,
    #[account(mut)]
    pub venue: AccountLoader<'info, Venue>,
    /// CHECK: the instructions sysvar.
    #[account(address = INSTRUCTIONS_SYSVAR)]
    pub instructions: UncheckedAccount<'info>,
}

#[event]
pub struct TreasurySet {
    pub header: EventHeader,
    pub venue: Pubkey,
    pub old: Pubkey,
    pub new: Pubkey,
    /// Unix seconds from which the new one is paid.
    pub active_from: i64,
}

/// Changes the wallet that gets the protocol's fees once the timelock has passed. The treasury of now
/// proposed again takes a pending change back.
pub fn handle_set_treasury(ctx: Context<SetTreasury>, treasury: Pubkey) -> Result<()> {
    let accounts = ctx.accounts;
    refuse_durable_nonce(&accounts.instructions).map_err(MarketError::from)?;
    require_keys_neq!(treasury, Pubkey::default(), MarketError::DefaultKey);
    let clock = Clock::get()?;
    let now = clock.unix_timestamp;
    let mut venue = accounts.venue.load_mut()?;

    let old = venue.treasury.at(now);
    let active_from = accounts.config.active_from(now)?;
    venue.treasury.propose(treasury, now, active_from);
    emit!(TreasurySet {
        header: venue.next_event(&clock)?,
        venue: accounts.venue.key(),
        old,
        new: treasury,
        active_from,
    });
    Ok(())
}
