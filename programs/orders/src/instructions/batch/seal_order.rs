use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use markets::state::{Market, Position, Venue};
use math::Price;
use program_kit::{new_account::NewAccount, EventHeader, Purse};

use crate::{
    error::OrderError,
    state::{seeds, AnyMarket, Batch, BatchStatus, Desk, MarketCopy, SealedOrder, VERSION},
};

#[derive(Accounts)]
#[instruction(nonce: u64)]
pub struct SealOrder<'info> {
    /// Pays rent and tips.
    #[account(mut)]
    pub payer: Signer<'info>,
    pub owner: Signer<'info>,
    #[account(
        mut,
        has_one = market @ OrderError::WrongAccount,
        has_one = venue @ OrderError::WrongAccount,
    )]
    pub desk: AccountLoader<'info, Desk>,
    pub venue: AccountLoader<'info, Venue>,
    pub market: AccountLoader<'info, Market>,
    #[account(mut, has_one = desk @ OrderError::WrongAccount)]
    pub batch: Box<Account<'info, Batch>>,
    /// CHECK: created by the handler.
    #[account(
        mut,
        seeds = [
            seeds::SEALED_ORDER,
            batch.key().as_ref(),
            owner.key().as_ref(),
            &nonce.to_le_bytes(),
        ],
        bump,
    )]
    pub sealed_order: UncheckedAccount<'info>,
    /// CHECK: what the owner pays from; the token program checks it.
    #[account(mut)]
    pub owner_tokens: UncheckedAccount<'info>,
    /// CHECK: named by the desk.
    #[account(mut)]
    pub desk_tokens: UncheckedAccount<'info>,
    /// The owner's, to which shares go in the end.
    #[account(
        has_one = market @ OrderError::WrongAccount,
        has_one = owner @ OrderError::WrongAccount,
    )]
    pub owner_position: Box<Account<'info, Position>>,
    pub token_program: Interface<'info, TokenInterface>,
    pub system_program: Program<'info, System>,
}

/// What is put in, beside the order's terms.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealArgs {
    /// See [`crate::state::SealedTerms::commitment`].
    pub commitment: [u8; 32],
    /// The greatest bond to put in, base units.
    pub max_bond: u64,
    /// Lamports for who returns the order, and as many for who prices and crosses the batch.
    pub tip_lamports: u64,
}

#[event]
pub struct OrderSealed {
    pub header: EventHeader,
    pub desk: Pubkey,
    pub market: Pubkey,
    pub batch: Pubkey,
    pub sealed_order: Pubkey,
    pub owner: Pubkey,
    pub rent_payer: Pubkey,
    pub nonce: u64,
    pub commitment: [u8; 32],
    /// Base units.
    pub denomination: u64,
    pub bond: u64,
    pub tip_lamports: u64,
    /// After it.
    pub committed: u32,
    pub desk_cash: u64,
}

/// Takes an order of unknown side and limit into a batch, with its bond.
pub fn handle_seal_order(ctx: Context<SealOrder>, nonce: u64, args: SealArgs) -> Result<()> {
    let accounts = ctx.accounts;
    let clock = Clock::get()?;
    let is_open = clock.unix_timestamp < accounts.batch.commit_until;
    require!(is_open, OrderError::CommitmentsOver);
    let bond = accounts.bond(&clock)?;
    require_gte!(args.max_bond, bond, OrderError::BondAboveBound);
    let order = SealedOrder {
        version: VERSION,
        bump: ctx.bumps.sealed_order,
        batch: accounts.batch.key(),
        owner: accounts.owner.key(),
        rent_payer: accounts.payer.key(),
        nonce,
        commitment: args.commitment,
        bond,
        tip_lamports: args.tip_lamports,
        revealed: None,
        reserved: [0; 32],
    };
    accounts.book(&order, &clock)?;
    accounts.create(&order)?;
    let put_in = accounts
        .batch
        .denomination()?
        .checked_add(bond)
        .ok_or(OrderError::Overflow)?;
    Purse::new(
        &accounts.desk,
        &accounts.desk_tokens,
        &accounts.token_program,
    )?
    .receive(&accounts.owner_tokens, &accounts.owner, put_in)
}

impl SealOrder<'_> {
    /// The bond, which is the same for both sides: at the average price of the first outcome, at its slow price
    /// or at its present one, whichever asks most. An average may be of long ago, a present price pushed, and
    /// both at once in one transaction; the slow price forgets what is long ago, and no push moves it.
    fn bond(&self, clock: &Clock) -> Result<u64> {
        require!(
            self.batch.status == BatchStatus::Open,
            OrderError::CommitmentsOver
        );
        let now = self.venue.load()?.now(clock);
        require!(!now.is_paused(), OrderError::VenuePaused);
        let market = MarketCopy::standard_up_to_date(self.market.as_ref(), now)?;
        let any = AnyMarket::Standard(&market);
        any.require_trading(now.seconds)?;
        let mut desk = self.desk.load_mut()?;
        desk.read_prices(any);
        let average = desk.average(any, 0)?;
        let spot = any.spot_price(0)?;
        let [slow, ..] = market.pool.slow_prices;
        let until = market.hours.trading_until;
        let mut bond = 0;
        for price in [average, Price(slow), spot] {
            bond = self.batch.bond(price, until)?.max(bond);
        }
        Ok(bond)
    }

    fn book(&mut self, order: &SealedOrder, clock: &Clock) -> Result<()> {
        let denomination = self.batch.denomination()?;
        self.batch.commit(order.bond)?;
        let mut desk = self.desk.load_mut()?;
        desk.add(0, denomination, 0)?;
        desk.add(0, order.bond, 0)?;
        emit!(OrderSealed {
            header: desk.next_event(clock)?,
            desk: self.desk.key(),
            market: desk.market,
            batch: order.batch,
            sealed_order: self.sealed_order.key(),
            owner: order.owner,
            rent_payer: order.rent_payer,
            nonce: order.nonce,
            commitment: order.commitment,
            denomination,
            bond: order.bond,
            tip_lamports: order.tip_lamports,
            committed: self.batch.committed,
            desk_cash: desk.cash,
        });
        Ok(())
    }

    fn create(&self, order: &SealedOrder) -> Result<()> {
        const SPACE: usize = SealedOrder::DISCRIMINATOR.len() + SealedOrder::INIT_SPACE;
        NewAccount {
            payer: &self.payer,
            account: &self.sealed_order,
            system_program: &self.system_program,
            seeds: &[
                seeds::SEALED_ORDER,
                order.batch.as_ref(),
                order.owner.as_ref(),
                &order.nonce.to_le_bytes(),
                &[order.bump],
            ],
        }
        .write(SPACE, order)?;
        for to in [
            self.sealed_order.to_account_info(),
            self.batch.to_account_info(),
        ] {
            let from = self.payer.to_account_info();
            let transfer = anchor_lang::system_program::Transfer { from, to };
            let system = self.system_program.key();
            anchor_lang::system_program::transfer(
                CpiContext::new(system, transfer),
                order.tip_lamports,
            )?;
        }
        Ok(())
    }
}
