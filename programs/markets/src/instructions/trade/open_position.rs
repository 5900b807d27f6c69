use anchor_lang::prelude::*;
use program_kit::new_account::NewAccount;

use crate::{
    error::MarketError,
    state::{seeds, Market, Position, PositionKind, VERSION},
};

#[derive(Accounts)]
#[instruction(kind: PositionKind)]
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
        seeds = [
            seeds::POSITION,
            market.key().as_ref(),
            owner.key().as_ref(),
            &[kind as u8],
        ],
        bump,
    )]
    pub position: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

/// Opens the account that holds the owner's shares in one market, once for each kind.
pub fn handle_open_position(ctx: Context<OpenPosition>, kind: PositionKind) -> Result<()> {
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
        kind,
        market: accounts.market.key(),
        owner: accounts.owner.key(),
        cost_basis: 0,
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
            &[kind as u8],
            &[position.bump],
        ],
    }
    .write(Position::space(outcomes), &position)
}
