use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};
use market_core::{difference, sum, Now, Pauses};
use math::{BasisPoints, MathError, Money, Shares};
use program_kit::{scheduled, Custody, EventHeader, ScheduledKey, ScheduledNumber, SignerSeeds};

use crate::{
    error::FlashError,
    state::{seeds, DailyLoss},
};

/// Limits of what the vault puts at risk. Tighter at once, wider after the timelock.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct Caps {
    /// Most base units that one market may be funded with.
    pub market_funding: u64,
    /// Most base units at risk on one event, over all its markets.
    pub event_funding: u64,
    /// Most base units at risk on one feed, over all its markets.
    pub feed_funding: u64,
    /// Most base units that may be lost within a day. What is in markets counts as lost until it is
    /// back.
    pub daily_loss: u64,
    /// Least seconds between the creation of a market and its opening.
    pub opening_lead_seconds: u32,
    /// Most of the vault's equity that may be in markets, basis points.
    pub utilisation: u16,
    /// Milliseconds of a slot; only turns bet delays into slots.
    pub slot_ms: u16,
}

impl Caps {
    /// Range of `slot_ms`.
    pub const SLOT_MS: core::ops::RangeInclusive<u16> = 50..=2_000;

    /// Range of `opening_lead_seconds`.
    pub const OPENING_LEAD_SECONDS: core::ops::RangeInclusive<u32> = 5..=3_600;

    /// # Errors
    /// [`FlashError::CapsOutOfRange`].
    pub fn check(&self) -> Result<()> {
        let is_valid = self.utilisation <= BasisPoints::ONE
            && Self::SLOT_MS.contains(&self.slot_ms)
            && Self::OPENING_LEAD_SECONDS.contains(&self.opening_lead_seconds);
        require!(is_valid, FlashError::CapsOutOfRange);
        Ok(())
    }

    /// Whether no limit is wider than in `other`, and times mean the same.
    pub fn only_tightens(&self, other: &Self) -> bool {
        self.market_funding <= other.market_funding
            && self.event_funding <= other.event_funding
            && self.feed_funding <= other.feed_funding
            && self.daily_loss <= other.daily_loss
            && self.opening_lead_seconds >= other.opening_lead_seconds
            && self.utilisation <= other.utilisation
            && self.slot_ms == other.slot_ms
    }

    /// Slots that last at least `milliseconds`.
    pub fn slots(&self, milliseconds: u32) -> u64 {
        u64::from(milliseconds.div_ceil(u32::from(self.slot_ms)))
    }
}

/// Parts of a market's fees, in basis points; LPs get the rest.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct FeeSplit {
    pub protocol: u16,
    pub operator: u16,
}

impl FeeSplit {
    /// # Errors
    /// `FeeSplitOutOfRange`.
    pub fn check(&self) -> Result<()> {
        let parts = u32::from(self.protocol).saturating_add(u32::from(self.operator));
        require_gte!(
            u32::from(BasisPoints::ONE),
            parts,
            FlashError::FeeSplitOutOfRange
        );
        Ok(())
    }
}

/// Range of the notice, in seconds: not shorter than an hour, in which anybody can book what was
/// known at a request.
pub const NOTICE_SECONDS: core::ops::RangeInclusive<u64> = 3_600..=90 * 86_400;

/// # Errors
/// [`FlashError::NoticeOutOfRange`].
pub fn check_notice(notice_seconds: u64) -> Result<()> {
    require!(
        NOTICE_SECONDS.contains(&notice_seconds),
        FlashError::NoticeOutOfRange
    );
    Ok(())
}

/// What chains cost and how much the vault may promise them; all zero while it offers none.
#[derive(
    AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable,
)]
#[repr(C)]
pub struct ChainTerms {
    /// Fee rate of each leg, basis points.
    pub fee_rate: u16,
    /// On the price of each leg, basis points of it.
    pub spread: u16,
    /// Most of the vault's equity that chains may have reserved, basis points; 0 if none are offered.
    pub reserve: u16,
    /// Fee rate of cashing out, basis points of the value.
    pub cash_out_fee_rate: u16,
}

impl ChainTerms {
    /// # Errors
    /// [`FlashError::ChainTermsOutOfRange`].
    pub fn check(&self) -> Result<()> {
        let is_valid = BasisPoints(self.fee_rate.max(self.cash_out_fee_rate))
            <= math::trade::MAX_FEE_RATE
            && BasisPoints(self.spread) <= math::chain::MAX_SPREAD
            && self.reserve <= BasisPoints::ONE;
        require!(is_valid, FlashError::ChainTermsOutOfRange);
        Ok(())
    }

    /// # Errors
    /// [`FlashError::ChainsNotOffered`].
    pub fn require_offered(&self) -> core::result::Result<(), FlashError> {
        if self.reserve == 0 {
            return Err(FlashError::ChainsNotOffered);
        }
        Ok(())
    }
}

scheduled! {
    /// Terms of chains that change only after the timelock.
    #[derive(
        AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable,
    )]
    #[repr(C)]
    pub struct ScheduledChainTerms of ChainTerms
}

scheduled! {
    /// Caps that get wider only after the timelock.
    #[derive(
        AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable,
    )]
    #[repr(C)]
    pub struct ScheduledCaps of Caps
}

scheduled! {
    /// A split of fees that changes only after the timelock.
    #[derive(
        AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable,
    )]
    #[repr(C)]
    pub struct ScheduledFeeSplit of FeeSplit
}

/// The money behind flash markets of one mint. Address: seeds `vault`, mint, id.
#[account(zero_copy)]
#[derive(Debug)]
#[repr(C)]
pub struct Vault {
    pub version: u8,
    pub bump: u8,
    pub padding: [u8; 6],
    /// Tells the vaults of one mint apart.
    pub id: u64,
    pub mint: Pubkey,
    pub lp_mint: Pubkey,
    /// Holds `cash`, `pending_deposits`, `chain_stakes`, `protocol_fees` and `operator_fees`.
    pub token_account: Pubkey,
    /// Gets the rent on close.
    pub rent_payer: Pubkey,
    /// Creates, suspends and resumes markets, and gets the operator's part of their fees.
    pub operator: ScheduledKey,
    /// Wallet whose token account gets the protocol's part of the fees.
    pub treasury: ScheduledKey,
    /// Split of the fees, copied into a market at its creation.
    pub fee_split: ScheduledFeeSplit,
    /// Between the request of a deposit or a withdrawal and its execution.
    pub notice_seconds: ScheduledNumber,
    pub caps: ScheduledCaps,
    /// Stops new risk; exits stay open.
    pub pauses: Pauses,
    /// Base units that belong to LPs and are in no market, what is reserved for chains included.
    pub cash: u64,
    /// Base units put into markets and not got back, at cost.
    pub allocated: u64,
    pub protocol_fees: u64,
    /// Sum of what [`super::OperatorFees`] hold.
    pub operator_fees: u64,
    /// Base units that have bought no LP shares yet and are still their owners'.
    pub pending_deposits: u64,
    /// LP shares: the supply of the LP mint and those in withdrawals.
    pub shares: u64,
    pub requested_shares: u64,
    /// Of the next market: no number is used twice.
    pub next_market_id: u64,
    /// Number of the last event.
    pub sequence: u64,
    pub losses: DailyLoss,
    /// Event books that are not closed.
    pub event_books: u32,
    /// Accounts of what operators have earned that are not closed.
    pub operator_accounts: u32,
    /// Part of the cash that is promised to chains: the whole payout of each that is open.
    pub chain_reserve: u64,
    /// Stakes of chains that wait for their execution; still their owners'.
    pub chain_stakes: u64,
    pub chain_terms: ScheduledChainTerms,
    /// Chains that are not closed.
    pub open_chains: u32,
    /// Verses that are not closed.
    pub verses: u32,
    pub reserved: [u8; 80],
}

const _: () = assert!(core::mem::size_of::<Vault>().is_multiple_of(8));

impl Vault {
    /// # Errors
    /// [`FlashError::NotOperator`].
    pub fn require_operator(&self, signer: &Signer, now: i64) -> Result<()> {
        require_keys_eq!(signer.key(), self.operator.at(now), FlashError::NotOperator);
        Ok(())
    }

    /// # Errors
    /// `Paused` at `now`, unix seconds.
    pub fn require_not_paused(&self, now: i64) -> core::result::Result<(), FlashError> {
        Ok(self.pauses.require_not_paused(now)?)
    }

    /// The present moment, as far as it concerns a market of the vault.
    pub fn now(&self, clock: &Clock) -> Now {
        Now::new(clock.slot, clock.unix_timestamp, self.pauses)
    }

    /// Whether nobody has anything in the vault: all have left, or what is left is worth nothing. All
    /// shares together are then worth less than a base unit, or a billionth of one each.
    pub fn is_unused(&self) -> bool {
        let (shares, cash) = (Shares(self.shares), Money(self.cash));
        let is_worthless = math::vault::is_ruined(shares, cash)
            || math::vault::assets_for_shares(shares, shares, cash) == Ok(Money::ZERO);
        let is_settled = self.allocated == 0
            && self.event_books == 0
            && self.operator_accounts == 0
            && self.verses == 0;
        let owed = [
            u64::from(self.open_chains),
            self.pending_deposits,
            self.requested_shares,
            self.protocol_fees,
            self.operator_fees,
        ];
        is_worthless && is_settled && owed == [0; 5]
    }

    /// LP equity with open markets at cost: what a deposit is priced on. Base units.
    ///
    /// # Errors
    /// [`FlashError::Overflow`].
    pub fn equity_at_cost(&self) -> Result<u64> {
        sum([self.cash, self.allocated]).map_err(|error| FlashError::from(error).into())
    }

    /// What chains leave of the cash: their reserve counts as spent. Base units.
    ///
    /// # Errors
    /// [`FlashError::NotEnoughCash`].
    pub fn free_cash(&self) -> core::result::Result<u64, FlashError> {
        difference(self.cash, self.chain_reserve).map_err(|_| FlashError::NotEnoughCash)
    }

    /// LP shares that `amount` base units buy now, at the high estimate.
    ///
    /// # Errors
    /// [`FlashError::DepositTooSmall`], [`FlashError::TooManyShares`],
    /// [`FlashError::SlippageExceeded`] if they are fewer than `min_shares`.
    pub fn shares_for(&self, amount: u64, min_shares: u64) -> Result<u64> {
        let equity = Money(self.equity_at_cost()?);
        let shares = math::vault::shares_for_deposit(Money(amount), Shares(self.shares), equity)
            .map_err(|error| match error {
                MathError::NoShares => FlashError::DepositTooSmall,
                MathError::Overflow => FlashError::TooManyShares,
                other => other.into(),
            })?
            .0;
        require!(
            self.shares.checked_add(shares).is_some(),
            FlashError::TooManyShares
        );
        require_gte!(shares, min_shares, FlashError::SlippageExceeded);
        Ok(shares)
    }

    /// Base units that `shares` are paid now, at the low estimate, with open markets at zero and what is
    /// reserved for chains spent.
    ///
    /// # Errors
    /// [`FlashError::LastShares`], [`FlashError::NothingToWithdraw`], [`FlashError::SlippageExceeded`]
    /// for less than `min_amount`.
    pub fn amount_for(&self, shares: u64, min_amount: u64) -> Result<u64> {
        let staying = self
            .shares
            .checked_sub(shares)
            .ok_or(FlashError::SharesMismatch)?;
        // Else what markets hold would be nobody's for good.
        require!(
            (self.allocated == 0 && self.chain_reserve == 0)
                || staying >= math::vault::least_staying(Shares(self.shares)).0,
            FlashError::LastShares
        );
        let worth = |assets| {
            math::vault::assets_for_shares(Shares(shares), Shares(self.shares), Money(assets))
                .map_err(FlashError::from)
        };
        let amount = worth(self.free_cash()?)?.0;
        // Shares too few for a base unit are given up: else they would block their owner's next request.
        require!(
            amount > 0 || worth(self.equity_at_cost()?)?.0 == 0,
            FlashError::NothingToWithdraw
        );
        require_gte!(amount, min_amount, FlashError::SlippageExceeded);
        Ok(amount)
    }

    /// First and last second in which a request of `now` can be executed, for so many seconds.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn notice_from(&self, now: i64, execution_seconds: i64) -> Result<[i64; 2]> {
        let available_at = i64::try_from(self.notice_seconds.at(now))
            .ok()
            .and_then(|notice| now.checked_add(notice))
            .ok_or(FlashError::Overflow)?;
        let available_until = available_at
            .checked_add(execution_seconds)
            .ok_or(FlashError::Overflow)?;
        Ok([available_at, available_until])
    }

    /// Takes the funding of a new market out of the cash, within the caps. Cash for withdrawals that
    /// wait is left.
    ///
    /// What is in markets counts as lost, and what is reserved for chains: then no day's losses are above the cap, whatever comes of
    /// the markets. Of those lost within a day let the last be created at some moment: all others were
    /// lost before, within a day, or were in markets then, and the cap held.
    ///
    /// # Errors
    /// [`FlashError::MarketCapExceeded`], [`FlashError::NotEnoughCash`],
    /// [`FlashError::UtilisationExceeded`], [`FlashError::LossCapExceeded`],
    /// [`FlashError::WithdrawalsWaiting`].
    pub fn allocate(&mut self, funding: u64, now: i64) -> Result<()> {
        let caps = self.caps.at(now);
        require_gte!(caps.market_funding, funding, FlashError::MarketCapExceeded);
        let equity = self.equity_at_cost()?;
        self.cash = self
            .cash
            .checked_sub(funding)
            .ok_or(FlashError::NotEnoughCash)?;
        self.allocated = sum([self.allocated, funding]).map_err(FlashError::from)?;
        self.require_risk_within_caps(equity, now)
    }

    /// Takes the stake of a chain that waited, and reserves its whole payout, within the caps. The reserve
    /// counts as a market's funding does: as at risk until it is freed.
    ///
    /// # Errors
    /// As [`Self::allocate`], and [`FlashError::ChainReserveExceeded`].
    pub fn open_chain(&mut self, stake: u64, payout: u64, now: i64) -> Result<()> {
        let equity = self.equity_at_cost()?;
        self.chain_stakes = difference(self.chain_stakes, stake).map_err(FlashError::from)?;
        self.cash = sum([self.cash, stake]).map_err(FlashError::from)?;
        self.chain_reserve = sum([self.chain_reserve, payout]).map_err(FlashError::from)?;
        let most = BasisPoints(self.chain_terms.at(now).reserve)
            .of_floor(equity)
            .map_err(FlashError::from)?;
        require_gte!(most, self.chain_reserve, FlashError::ChainReserveExceeded);
        self.require_risk_within_caps(equity, now)
    }

    /// Frees what was reserved for a chain, or a part of it.
    ///
    /// # Errors
    /// [`FlashError::Overflow`].
    pub fn free_reserve(&mut self, amount: u64) -> core::result::Result<(), FlashError> {
        self.chain_reserve = difference(self.chain_reserve, amount)?;
        Ok(())
    }

    /// Books what a chain is paid out of the cash, whose reserve is free. What is above its stake is a loss
    /// of this day.
    ///
    /// # Errors
    /// [`FlashError::Overflow`].
    pub fn book_chain_paid(&mut self, stake: u64, paid: u64, now: i64) -> Result<()> {
        self.cash = difference(self.cash, paid).map_err(FlashError::from)?;
        let loss = Money(paid.saturating_sub(stake));
        self.losses.record(loss, now).map_err(FlashError::from)?;
        Ok(())
    }

    /// Asserts that what is at risk, in markets and reserved for chains, is within the caps, and that the
    /// cash that is free covers withdrawals that wait. `equity` is the high estimate before.
    fn require_risk_within_caps(&self, equity: u64, now: i64) -> Result<()> {
        let caps = self.caps.at(now);
        let at_risk = sum([self.allocated, self.chain_reserve]).map_err(FlashError::from)?;
        let most = BasisPoints(caps.utilisation)
            .of_floor(equity)
            .map_err(FlashError::from)?;
        require_gte!(most, at_risk, FlashError::UtilisationExceeded);
        let lost = self.losses.lost(now).map_err(FlashError::from)?;
        let at_stake = sum([lost.0, at_risk]).map_err(FlashError::from)?;
        require_gte!(caps.daily_loss, at_stake, FlashError::LossCapExceeded);
        let waiting = math::vault::cash_for_withdrawals(
            Shares(self.requested_shares),
            Shares(self.shares),
            Money(equity),
        )
        .map_err(FlashError::from)?;
        require_gte!(self.free_cash()?, waiting.0, FlashError::WithdrawalsWaiting);
        Ok(())
    }

    /// As [`Self::allocate`], for what has the vault's next number; gives the caps that hold now.
    ///
    /// # Errors
    /// Those, and `Overflow`.
    pub fn fund_next(&mut self, funding: u64, now: i64) -> Result<Caps> {
        self.allocate(funding, now)?;
        let next = self.next_market_id.checked_add(1);
        self.next_market_id = next.ok_or(FlashError::Overflow)?;
        Ok(self.caps.at(now))
    }

    /// Books that a market's funding is back, but for what it `returned` less.
    ///
    /// # Errors
    /// [`FlashError::Overflow`].
    pub fn deallocate(&mut self, funding: u64, returned: u64, now: i64) -> Result<()> {
        self.allocated = difference(self.allocated, funding).map_err(FlashError::from)?;
        let loss = Money(funding.saturating_sub(returned));
        self.losses.record(loss, now).map_err(FlashError::from)?;
        Ok(())
    }

    /// What the next event of the vault starts with.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn next_event(&mut self, clock: &Clock) -> core::result::Result<EventHeader, FlashError> {
        Ok(EventHeader::next(&mut self.sequence, clock)?)
    }
}

impl Custody for Vault {
    type Error = FlashError;

    fn token_account(&self) -> Pubkey {
        self.token_account
    }

    fn signer(&self) -> SignerSeeds {
        SignerSeeds::new(&[
            seeds::VAULT,
            self.mint.as_ref(),
            &self.id.to_le_bytes(),
            &[self.bump],
        ])
    }

    fn tracked(&self) -> core::result::Result<u64, FlashError> {
        Ok(sum([
            self.cash,
            self.pending_deposits,
            self.chain_stakes,
            self.protocol_fees,
            self.operator_fees,
        ])?)
    }

    /// The vault owes nobody more than its books say: LP shares that leave must be there, and what is
    /// reserved for chains too.
    fn assert_solvent(&self) -> core::result::Result<(), FlashError> {
        if self.shares < self.requested_shares {
            return Err(FlashError::SharesMismatch);
        }
        if self.cash < self.chain_reserve {
            return Err(FlashError::Insolvent);
        }
        Ok(())
    }
}
