use anchor_lang::prelude::*;
use market_core::Holdings;
use program_kit::{increment, new_account::NewAccount};

use crate::{
    error::MarketError,
    state::{seeds, Market, Position, VERSION},
};

#[derive(Accounts)]
pub struct OpenPosition<'info> {
    #[account(mut)]
    pub payer: Signer<'info>,
    /// May be an address of another program.
    pub owner: Signer<'info>,
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
    /// CHECK: created by the handler.
    #[account(
        mut,
        seeds = [seeds::POSITION, market.key().as_ref(), owner.key().as_ref()],
        bump,
    )]
    pub position: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

/// Opens the account that holds the owner's shares in one market, once.
pub fn handle_open_position(ctx: Context<OpenPosition>, is_held: bool) -> Result<()> {
    let accounts = ctx.accounts;
    let mut market = accounts.market.load_mut()?;
    market.require_not_settled()?;

    increment(&mut market.open_positions).map_err(MarketError::from)?;
    let outcomes = usize::from(market.pool.outcomes);
    let position = Position {
        version: VERSION,
        bump: ctx.bumps.position,
        is_held,
        market: accounts.market.key(),
        owner: accounts.owner.key(),
        rent_payer: accounts.payer.key(),
        reserved: [0; 24],
        holdings: Holdings::none(outcomes),
    };
    NewAccount {
        payer: &accounts.payer,
        account: &accounts.position,
        system_program: &accounts.system_program,
        seeds: &[
            seeds::POSITION,
            position.market.as_ref(),
            position.owner.as_ref(),
            &[position.bump],
        ],
    }
    .write(Position::space(outcomes), &position)
}
