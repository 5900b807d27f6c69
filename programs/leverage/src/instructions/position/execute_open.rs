use anchor_lang::{prelude::*, AccountsClose};
use anchor_spl::token_interface::TokenInterface;
use markets::{
    program::Markets,
    state::{Market, Venue},
};
use math::{Opening, Shares};
use program_kit::{
    decrement, increment,
    new_account::{bump_of, NewAccount},
    EventHeader, Purse,
};

use crate::{
    error::LoanError,
    instructions::{ledger::Ledger, seconds_left, trading::trading},
    state::{
        locked_pool, require_calm, secured, seeds, CorrelationGroup, LendingPool, LeveredPosition,
        ListedMarket, PendingOpen, MARK_BOUNTY_LAMPORTS, OPEN_TIP_LAMPORTS, VERSION,
    },
};

#[derive(Accounts)]
pub struct ExecuteOpen<'info> {
    /// Advances the position's rent; gets it back of the request's lamports, and the tip.
    #[account(mut)]
    pub executor: Signer<'info>,
    #[account(mut)]
    pub pool: AccountLoader<'info, LendingPool>,
    #[account(mut)]
    pub group: AccountLoader<'info, CorrelationGroup>,
    #[account(
        mut,
        has_one = pool @ LoanError::WrongAccount,
        has_one = group @ LoanError::WrongAccount,
        has_one = market @ LoanError::WrongAccount,
        has_one = venue @ LoanError::WrongAccount,
    )]
    pub listing: AccountLoader<'info, ListedMarket>,
    #[account(
        mut,
        has_one = listing @ LoanError::WrongAccount,
        has_one = rent_payer @ LoanError::WrongRentReceiver,
    )]
    pub pending_open: Box<Account<'info, PendingOpen>>,
    /// PDA: "levered", account listing, account pending_open.owner, account pending_open.nonce
    ///
    /// CHECK: created by the handler.
    #[account(mut)]
    pub position: UncheckedAccount<'info>,
    /// CHECK: named by the request; gets what is left of its lamports.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
    pub venue: AccountLoader<'info, Venue>,
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
    /// CHECK: checked to be the listing's.
    #[account(mut)]
    pub listing_position: UncheckedAccount<'info>,
    /// CHECK: the markets' program checks it.
    #[account(mut)]
    pub market_tokens: UncheckedAccount<'info>,
    /// CHECK: named by the listing.
    #[account(mut)]
    pub listing_tokens: UncheckedAccount<'info>,
    /// CHECK: named by the pool.
    #[account(mut)]
    pub pool_tokens: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    pub markets_program: Program<'info, Markets>,
    pub system_program: Program<'info, System>,
}

#[event]
pub struct PositionOpened {
    pub header: EventHeader,
    pub listing: Pubkey,
    pub position: Pubkey,
    pub owner: Pubkey,
    pub rent_payer: Pubkey,
    pub executor: Pubkey,
    pub nonce: u64,
    pub outcome: u8,
    pub margin: u64,
    pub loan: u64,
    pub shares: u64,
    pub debt_shares: u64,
    /// After it: of this outcome, and of the pool.
    pub outcome_shares: u64,
    pub outcome_debt_shares: u64,
    pub listing_cash: u64,
    pub pool_cash: u64,
}

/// Buys a position's shares with its margin and its loan, if the delay has passed and the loan is within
/// every cap at the prices after the purchase; anybody, for the tip.
pub fn handle_execute_open(ctx: Context<ExecuteOpen>) -> Result<()> {
    let accounts = ctx.accounts;
    let clock = Clock::get()?;
    accounts.require_executable(&clock)?;
    let mut position = accounts.new_position(&clock)?;
    accounts.lend(&mut position, &clock)?;

    let pending = &accounts.pending_open;
    let stake = pending.margin.checked_add(pending.loan);
    let stake = stake.ok_or(LoanError::Overflow)?;
    let trading = trading!(accounts);
    position.shares = trading.buy(pending.outcome, stake, pending.min_shares)?;
    accounts.require_within_caps(&position, &clock)?;
    accounts.book(&position, &clock)?;
    accounts.create(&position)?;
    accounts.reimburse()
}

impl<'info> ExecuteOpen<'info> {
    fn require_executable(&self, clock: &Clock) -> Result<()> {
        let (now, pending) = (clock.unix_timestamp, &self.pending_open);
        let is_due = now >= pending.executable_from && clock.slot >= pending.executable_from_slot;
        require!(is_due, LoanError::DelayNotPassed);
        require_gte!(pending.expires_at, now, LoanError::RequestExpired);
        self.listing.load()?.require_open(clock)?;
        self.pool.load()?.breaker.require_normal(now)
    }

    fn new_position(&self, clock: &Clock) -> Result<LeveredPosition> {
        let pending = &self.pending_open;
        let nonce = pending.nonce.to_le_bytes();
        let seeds: [&[u8]; 4] = [
            seeds::LEVERED_POSITION,
            pending.listing.as_ref(),
            pending.owner.as_ref(),
            &nonce,
        ];
        let bump = bump_of(self.position.key, &seeds, &crate::ID);
        let mut listing = self.listing.load_mut()?;
        listing.accrue_jump(clock.unix_timestamp);
        Ok(LeveredPosition {
            version: VERSION,
            bump: bump.ok_or(LoanError::WrongAccount)?,
            outcome: pending.outcome,
            has_bounty: 1,
            listing: pending.listing,
            owner: pending.owner,
            rent_payer: pending.rent_payer,
            nonce: pending.nonce,
            shares: 0,
            debt_shares: 0,
            claim: 0,
            jump_fee: 0,
            jump_index: listing.jump_index,
            marked_slot: 0,
            marked_at: 0,
            marked_sum: 0,
            call_number: listing.call.number,
            kept_debt_shares: u64::MAX,
            reserved: [0; 8],
        })
    }

    /// Moves the loan to the listing, whose it is no more than the margin: both are spent at once.
    fn lend(&self, position: &mut LeveredPosition, clock: &Clock) -> Result<()> {
        let pending = &self.pending_open;
        self.pool.load_mut()?.accrue(clock.unix_timestamp)?;
        self.ledger().lend(position, pending.loan)?;
        {
            let mut listing = self.listing.load_mut()?;
            listing.change_cash(0, pending.margin)?;
            decrement(&mut listing.open_requests).map_err(LoanError::from)?;
            increment(&mut listing.open_positions).map_err(LoanError::from)?;
        }
        let pool = Purse::new(&self.pool, &self.pool_tokens, &self.token_program)?;
        let listing = Purse::new(&self.listing, &self.listing_tokens, &self.token_program)?;
        pool.pay_to(&listing, pending.loan)
    }

    /// After the purchase, which has brought the slow prices up to what stood before it.
    #[inline(never)]
    fn require_within_caps(&self, position: &LeveredPosition, clock: &Clock) -> Result<()> {
        let now = clock.unix_timestamp;
        self.ledger().require_bearable(now)?;
        let market = self.market.load()?;
        require_calm(&market)?;
        let listing = self.listing.load()?;
        let pool = self.pool.load()?;
        let debt = |shares| pool.book.debt(Shares(shares)).map_err(LoanError::from);
        let (all_shares, all_debt_shares) = listing.loans_of(position.outcome);
        let opening = Opening {
            shares: Shares(position.shares),
            debt: debt(position.debt_shares)?,
            all_shares: Shares(all_shares),
            all_debt: debt(all_debt_shares)?,
            left_seconds: seconds_left(&market, now),
        };
        let parameters = listing.parameters.at(now);
        let locked = locked_pool(&market, parameters.least_locked)?;
        let locked = secured(&locked, &market, position.outcome)?;
        let rules = parameters.rules();
        Ok(rules
            .check_opening(&locked, &opening)
            .map_err(LoanError::from)?)
    }

    fn book(&self, position: &LeveredPosition, clock: &Clock) -> Result<()> {
        let pending = &self.pending_open;
        let pool_cash = self.pool.load()?.book.cash;
        let mut listing = self.listing.load_mut()?;
        let (outcome_shares, outcome_debt_shares) = listing.loans_of(position.outcome);
        emit!(PositionOpened {
            header: listing.next_event(clock)?,
            listing: position.listing,
            position: self.position.key(),
            owner: position.owner,
            rent_payer: position.rent_payer,
            executor: self.executor.key(),
            nonce: position.nonce,
            outcome: position.outcome,
            margin: pending.margin,
            loan: pending.loan,
            shares: position.shares,
            debt_shares: position.debt_shares,
            outcome_shares,
            outcome_debt_shares,
            listing_cash: listing.cash,
            pool_cash,
        });
        Ok(())
    }

    fn create(&self, position: &LeveredPosition) -> Result<()> {
        NewAccount {
            payer: &self.executor,
            account: &self.position,
            system_program: &self.system_program,
            seeds: &[
                seeds::LEVERED_POSITION,
                position.listing.as_ref(),
                position.owner.as_ref(),
                &position.nonce.to_le_bytes(),
                &[position.bump],
            ],
        }
        .write_zero_copy(position)
    }

    /// Closes the request: the bounty to the position, what the executor advanced and the tip to the executor,
    /// the rest to who paid.
    fn reimburse(&mut self) -> Result<()> {
        let advanced = Rent::get()?.minimum_balance(LeveredPosition::SPACE);
        let due = advanced.saturating_add(OPEN_TIP_LAMPORTS);
        self.pending_open
            .sub_lamports(due.saturating_add(MARK_BOUNTY_LAMPORTS))?;
        self.position.add_lamports(MARK_BOUNTY_LAMPORTS)?;
        self.executor.add_lamports(due)?;
        let rent_payer = self.rent_payer.to_account_info();
        self.pending_open.close(rent_payer)
    }

    fn ledger(&self) -> Ledger<'_, 'info> {
        Ledger {
            pool: &self.pool,
            group: &self.group,
            listing: &self.listing,
        }
    }
}
