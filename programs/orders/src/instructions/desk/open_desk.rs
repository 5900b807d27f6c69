use anchor_lang::prelude::*;
use anchor_spl::{
    associated_token::{self, AssociatedToken},
    token_interface::TokenInterface,
};
use markets::{program::Markets, state::Market};
use program_kit::{new_account::NewAccount, EventHeader};

use crate::{
    error::OrderError,
    state::{seeds, Desk, PriceReading, VERSION},
};

#[derive(Accounts)]
pub struct OpenDesk<'info> {
    #[account(mut)]
    pub payer: Signer<'info>,
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
    /// CHECK: named by the market.
    pub mint: UncheckedAccount<'info>,
    /// CHECK: created by the handler.
    #[account(mut, seeds = [seeds::DESK, market.key().as_ref()], bump)]
    pub desk: UncheckedAccount<'info>,
    /// The desk's associated token account, so that whoever has the desk paid, pays it there.
    ///
    /// CHECK: created by the handler if it is not there.
    #[account(mut)]
    pub desk_tokens: UncheckedAccount<'info>,
    /// CHECK: the markets' program checks its address and creates it.
    #[account(mut)]
    pub desk_position: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    pub associated_token_program: Program<'info, AssociatedToken>,
    pub markets_program: Program<'info, Markets>,
    pub system_program: Program<'info, System>,
}

#[event]
pub struct DeskOpened {
    pub header: EventHeader,
    pub desk: Pubkey,
    pub market: Pubkey,
    pub rent_payer: Pubkey,
}

/// Opens the desk of a market that is not settled, with its token account and its position.
pub fn handle_open_desk(ctx: Context<OpenDesk>) -> Result<()> {
    let accounts = ctx.accounts;
    let clock = Clock::get()?;
    let desk = new_desk(accounts, &ctx.bumps, &clock)?;
    emit!(DeskOpened {
        header: EventHeader::first(&clock),
        desk: accounts.desk.key(),
        market: desk.market,
        rent_payer: desk.rent_payer,
    });

    let bump = [desk.bump];
    let desk_seeds: &[&[u8]] = &seeds::of_desk(&desk.market, &bump);
    NewAccount {
        payer: &accounts.payer,
        account: &accounts.desk,
        system_program: &accounts.system_program,
        seeds: desk_seeds,
    }
    .write_zero_copy(&desk)?;
    accounts.create_tokens()?;
    let open = markets::cpi::accounts::OpenPosition {
        payer: accounts.payer.to_account_info(),
        owner: accounts.desk.to_account_info(),
        market: accounts.market.to_account_info(),
        position: accounts.desk_position.to_account_info(),
        system_program: accounts.system_program.to_account_info(),
    };
    markets::cpi::open_position(
        CpiContext::new_with_signer(accounts.markets_program.key(), open, &[desk_seeds]),
        true,
    )
}

fn new_desk(accounts: &OpenDesk, bumps: &OpenDeskBumps, clock: &Clock) -> Result<Desk> {
    let market = accounts.market.load()?;
    require_keys_eq!(market.mint, accounts.mint.key(), OrderError::WrongAccount);
    require_gt!(market.fee_rate, 0, OrderError::FeeFreeMarket);
    let nothing: PriceReading = bytemuck::Zeroable::zeroed();
    Ok(Desk {
        version: VERSION,
        bump: bumps.desk,
        settled: 0,
        outcomes: market.pool.outcomes,
        open_orders: 0,
        sequence: EventHeader::first(clock).sequence,
        market: accounts.market.key(),
        venue: market.venue,
        mint: market.mint,
        token_account: accounts.desk_tokens.key(),
        rent_payer: accounts.payer.key(),
        cash: 0,
        shares: bytemuck::Zeroable::zeroed(),
        payouts: bytemuck::Zeroable::zeroed(),
        earlier: nothing,
        later: nothing,
        recent_fills: [0; 2],
        reserved: [0; 48],
    })
}

impl OpenDesk<'_> {
    /// The associated token program checks the address.
    fn create_tokens(&self) -> Result<()> {
        let create = associated_token::Create {
            payer: self.payer.to_account_info(),
            associated_token: self.desk_tokens.to_account_info(),
            authority: self.desk.to_account_info(),
            mint: self.mint.to_account_info(),
            system_program: self.system_program.to_account_info(),
            token_program: self.token_program.to_account_info(),
        };
        let program = self.associated_token_program.key();
        associated_token::create_idempotent(CpiContext::new(program, create))
    }
}
