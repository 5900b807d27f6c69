use anchor_lang::prelude::*;
use program_kit::new_account::NewAccount;

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

    market.open_positions = market
        .open_positions
        .checked_add(1)
        .ok_or(MarketError::Overflow)?;
    let outcomes = usize::from(market.pool.outcomes);
    let position = Position {
        version: VERSION,
        bump: ctx.bumps.position,
        is_held,
        market: accounts.market.key(),
        owner: accounts.owner.key(),
        rent_payer: accounts.payer.key(),
        cost_basis: 0,
        reserved: [0; 24],
        shares: vec![0; outcomes],
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
