use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use markets::{
    program::Markets,
    state::{seeds::POSITION, Market, MAX_OUTCOMES},
};
use math::kept_payouts;
use program_kit::{new_account::find_address, EventHeader, Purse};

use crate::{
    error::LoanError,
    instructions::ledger::Ledger,
    state::{seeds, CorrelationGroup, LendingPool, ListedMarket},
};

#[derive(Accounts)]
pub struct SettleMarket<'info> {
    #[account(mut)]
    pub pool: AccountLoader<'info, LendingPool>,
    #[account(mut)]
    pub group: AccountLoader<'info, CorrelationGroup>,
    #[account(
        mut,
        has_one = pool @ LoanError::WrongAccount,
        has_one = group @ LoanError::WrongAccount,
        has_one = market @ LoanError::WrongAccount,
        has_one = rent_payer @ LoanError::WrongRentReceiver,
    )]
    pub listing: AccountLoader<'info, ListedMarket>,
    /// CHECK: named by the listing; gone if everybody was paid and it was closed.
    #[account(mut)]
    pub market: UncheckedAccount<'info>,
    /// The listing's; gone if somebody redeemed it after the time for which it is held.
    ///
    /// CHECK: the markets' program checks it.
    #[account(mut)]
    pub listing_position: UncheckedAccount<'info>,
    /// CHECK: the markets' program checks it.
    #[account(mut)]
    pub market_tokens: UncheckedAccount<'info>,
    /// CHECK: named by the listing.
    #[account(mut)]
    pub listing_tokens: UncheckedAccount<'info>,
    /// CHECK: named by the listing as who paid the position's rent.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    pub markets_program: Program<'info, Markets>,
}

#[event]
pub struct ListingSettled {
    pub header: EventHeader,
    pub listing: Pubkey,
    pub market: Pubkey,
    /// What the listing's shares were paid, base units.
    pub received: u64,
    /// After it.
    pub listing_cash: u64,
}

/// Redeems all shares of a settled market at once; anybody. What each position is paid is its shares'
/// part, rounded down: by what a share of its outcome pays, or, of a market that was closed before
/// anybody settled the listing, by the average of all shares.
pub fn handle_settle_market(ctx: Context<SettleMarket>) -> Result<()> {
    let accounts = ctx.accounts;
    let clock = Clock::get()?;
    let payouts = accounts.payouts()?;
    {
        let mut listing = accounts.listing.load_mut()?;
        require!(!listing.is_settled(), LoanError::ListingSettled);
        listing.settled = 1;
    }
    if *accounts.listing_position.owner == markets::ID {
        accounts.redeem()?;
    } else {
        accounts.require_position_is_gone()?;
    }
    let purse = Purse::new(
        &accounts.listing,
        &accounts.listing_tokens,
        &accounts.token_program,
    )?;
    let balance = purse.balance()?;
    {
        let mut listing = accounts.listing.load_mut()?;
        let received = balance
            .checked_sub(listing.cash)
            .ok_or(LoanError::TokensMissing)?;
        listing.payouts = kept_payouts(payouts, received, &listing.shares);
        listing.cash = balance;
        emit!(ListingSettled {
            header: listing.next_event(&clock)?,
            listing: accounts.listing.key(),
            market: listing.market,
            received,
            listing_cash: listing.cash,
        });
    }
    let ledger = Ledger {
        pool: &accounts.pool,
        group: &accounts.group,
        listing: &accounts.listing,
    };
    ledger.forget_lost()?;
    purse.assert_backed()
}

impl SettleMarket<'_> {
    /// What a share of each outcome pays, as the market says; `None` of one that is gone, which had
    /// paid everybody.
    fn payouts(&self) -> Result<Option<[u64; MAX_OUTCOMES]>> {
        if *self.market.owner != markets::ID {
            return Ok(None);
        }
        let data = self.market.try_borrow_data()?;
        let market = Market::in_data(&data).ok_or(LoanError::WrongAccount)?;
        let is_settled = market.settlement.is_settled();
        require!(is_settled, LoanError::MarketNotSettled);
        Ok(Some(market.settlement.payouts))
    }

    /// That the account is no position shows that the listing has none only if it is at the position's
    /// address: else anybody could settle the listing without its shares' money. Nobody signs for it, so
    /// it has to be found, off the curve.
    fn require_position_is_gone(&self) -> Result<()> {
        let (market, listing) = (self.market.key(), self.listing.key());
        let position: &[&[u8]] = &[POSITION, market.as_ref(), listing.as_ref()];
        let is_its = find_address(position, &markets::ID) == Some(self.listing_position.key());
        require!(is_its, LoanError::WrongAccount);
        Ok(())
    }

    fn redeem(&self) -> Result<()> {
        let (pool, bump) = {
            let listing = self.listing.load()?;
            (listing.pool, [listing.bump])
        };
        let market = self.market.key();
        let signer: &[&[u8]] = &seeds::of_listing(&pool, &market, &bump);
        let redeem = markets::cpi::accounts::Redeem {
            market: self.market.to_account_info(),
            market_tokens: self.market_tokens.to_account_info(),
            token_program: self.token_program.to_account_info(),
            // Not taken: the listing signs.
            fallback_tokens: Some(self.listing_tokens.to_account_info()),
        };
        let mut owner = self.listing.to_account_info();
        owner.is_signer = true;
        let position = vec![
            self.listing_position.to_account_info(),
            owner,
            self.listing_tokens.to_account_info(),
            self.rent_payer.to_account_info(),
        ];
        markets::cpi::redeem(
            CpiContext::new_with_signer(self.markets_program.key(), redeem, &[signer])
                .with_remaining_accounts(position),
        )
    }
}
