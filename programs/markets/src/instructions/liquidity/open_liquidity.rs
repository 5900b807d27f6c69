use anchor_lang::prelude::*;
use program_kit::{increment, new_account::NewAccount};

use crate::{
    error::MarketError,
    state::{seeds, LiquidityPosition, Market, VERSION},
};

#[derive(Accounts)]
pub struct OpenLiquidity<'info> {
    #[account(mut)]
    pub payer: Signer<'info>,
    /// May be an address of another program.
    pub owner: Signer<'info>,
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
    /// CHECK: created by the handler.
    #[account(
        mut,
        seeds = [seeds::LIQUIDITY, market.key().as_ref(), owner.key().as_ref()],
        bump,
    )]
    pub liquidity: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

/// Opens the account that holds the owner's part of one market's liquidity, once.
pub fn handle_open_liquidity(ctx: Context<OpenLiquidity>) -> Result<()> {
    let accounts = ctx.accounts;
    let mut market = accounts.market.load_mut()?;
    market.require_not_settled()?;

    increment(&mut market.open_liquidity).map_err(MarketError::from)?;
    let liquidity = LiquidityPosition {
        version: VERSION,
        bump: ctx.bumps.liquidity,
        market: accounts.market.key(),
        owner: accounts.owner.key(),
        rent_payer: accounts.payer.key(),
        shares: 0,
        locked_shares: 0,
        fee_checkpoint: market.growth().per_share,
        fees_owed: 0,
        reserved: [0; 32],
    };
    NewAccount {
        payer: &accounts.payer,
        account: &accounts.liquidity,
        system_program: &accounts.system_program,
        seeds: &[
            seeds::LIQUIDITY,
            liquidity.market.as_ref(),
            liquidity.owner.as_ref(),
            &[liquidity.bump],
        ],
    }
    .write(LiquidityPosition::SPACE, &liquidity)
}
