use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};
use math::{BasisPoints, MathError, Money, Shares};

use crate::{error::FlashError, state::seeds, tokens::token_amount};

/// Limits of what the vault puts at risk. Lower at once, higher after the timelock.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct Caps {
    /// Most base units that one market may be funded with.
    pub market_funding: u64,
    /// Most base units at risk on one event, over all its markets.
    pub event_funding: u64,
    /// Most of the vault's equity that may be in markets, basis points.
    pub utilisation: u16,
    /// Milliseconds of a slot; only turns durations into slots.
    pub slot_ms: u16,
    pub padding: [u8; 4],
}

impl Caps {
    /// Range of `slot_ms`.
    pub const SLOT_MS: core::ops::RangeInclusive<u16> = 50..=2_000;

    /// # Errors
    /// [`FlashError::CapsOutOfRange`].
    pub fn check(&self) -> Result<()> {
        let is_valid = self.utilisation <= BasisPoints::ONE
            && Self::SLOT_MS.contains(&self.slot_ms)
            && self.padding == [0; 4];
        require!(is_valid, FlashError::CapsOutOfRange);
        Ok(())
    }

    /// Whether no limit is higher than in `other`, and times mean the same.
    pub fn only_lowers(&self, other: &Self) -> bool {
        self.market_funding <= other.market_funding
            && self.event_funding <= other.event_funding
            && self.utilisation <= other.utilisation
            && self.slot_ms == other.slot_ms
    }

    /// Slots that last at least `milliseconds`.
    pub fn slots(&self, milliseconds: u32) -> u64 {
        u64::from(milliseconds.div_ceil(u32::from(self.slot_ms)))
    }
}

/// Who gets which part of a market's fees, in basis points that sum to 10,000.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct FeeSplit {
    pub liquidity: u16,
    pub protocol: u16,
    pub operator: u16,
}

impl FeeSplit {
    /// # Errors
    /// [`FlashError::FeeSplitNotWhole`].
    pub fn check(&self) -> Result<()> {
        let sum = u32::from(self.liquidity) + u32::from(self.protocol) + u32::from(self.operator);
        require!(
            sum == u32::from(BasisPoints::ONE),
            FlashError::FeeSplitNotWhole
        );
        Ok(())
    }
}

/// The money behind the flash markets of one mint. Address: seeds `vault`, mint.
#[account(zero_copy)]
#[derive(Debug)]
#[repr(C)]
pub struct Vault {
    pub version: u8,
    pub bump: u8,
    /// 1 stops new risk; exits stay open.
    pub paused: u8,
    pub padding: u8,
    /// Split of the fees, copied into a market at its creation.
    pub fee_split: FeeSplit,
    pub padding_2: [u8; 6],
    pub mint: Pubkey,
    pub lp_mint: Pubkey,
    /// Holds `cash`, `pending_deposits`, `protocol_fees` and `operator_fees`.
    pub token_account: Pubkey,
    /// Creates, suspends and resumes markets, and gets the operator's part of the fees.
    pub operator: Pubkey,
    /// Takes the operator's place from `pending_operator_from`; the default key if none is named.
    pub pending_operator: Pubkey,
    /// Unix seconds.
    pub pending_operator_from: i64,
    /// Wallet whose token account gets the protocol's part of the fees.
    pub treasury: Pubkey,
    /// Base units that belong to LPs and are in no market.
    pub cash: u64,
    /// Base units put into markets and not got back, at cost.
    pub allocated: u64,
    pub protocol_fees: u64,
    pub operator_fees: u64,
    /// Base units that have bought no LP shares yet and are still their owners'.
    pub pending_deposits: u64,
    /// LP shares: the supply of the LP mint and those in withdrawals.
    pub shares: u64,
    pub requested_shares: u64,
    /// Slots between the request of a deposit or a withdrawal and its execution.
    pub notice_slots: u64,
    pub caps: Caps,
    /// Replaces `caps` from `pending_caps_from`, unless that is 0.
    pub pending_caps: Caps,
    /// Unix seconds; 0 if nothing is pending.
    pub pending_caps_from: i64,
    /// Unix seconds from which a pause is over; 0 if its end is not set.
    pub unpause_from: i64,
    pub reserved: [u8; 120],
}

const _: () = assert!(core::mem::size_of::<Vault>() == 464);

impl Vault {
    /// Whether new risk is stopped at `now`, unix seconds.
    pub fn is_paused(&self, now: i64) -> bool {
        let is_over = self.unpause_from != 0 && now >= self.unpause_from;
        self.paused != 0 && !is_over
    }

    /// # Errors
    /// [`FlashError::VaultPaused`].
    pub fn require_not_paused(&self, now: i64) -> Result<()> {
        require!(!self.is_paused(now), FlashError::VaultPaused);
        Ok(())
    }

    /// The operator in force at `now`, unix seconds.
    pub fn operator_at(&self, now: i64) -> Pubkey {
        let is_replaced =
            self.pending_operator != Pubkey::default() && now >= self.pending_operator_from;
        if is_replaced {
            self.pending_operator
        } else {
            self.operator
        }
    }

    /// # Errors
    /// [`FlashError::NotOperator`].
    pub fn require_operator(&self, signer: &Signer, now: i64) -> Result<()> {
        require_keys_eq!(signer.key(), self.operator_at(now), FlashError::NotOperator);
        Ok(())
    }

    /// The caps in force at `now`, unix seconds.
    pub fn caps_at(&self, now: i64) -> Caps {
        let is_replaced = self.pending_caps_from != 0 && now >= self.pending_caps_from;
        if is_replaced {
            self.pending_caps
        } else {
            self.caps
        }
    }

    /// LP equity with open markets at cost: what a deposit is priced on. Base units.
    ///
    /// # Errors
    /// [`FlashError::Overflow`].
    pub fn equity_at_cost(&self) -> Result<u64> {
        self.cash
            .checked_add(self.allocated)
            .ok_or_else(|| error!(FlashError::Overflow))
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

    /// Base units that the vault's token account must hold.
    ///
    /// # Errors
    /// [`FlashError::Overflow`].
    pub fn tracked(&self) -> Result<u64> {
        self.cash
            .checked_add(self.pending_deposits)
            .and_then(|sum| sum.checked_add(self.protocol_fees))
            .and_then(|sum| sum.checked_add(self.operator_fees))
            .ok_or_else(|| error!(FlashError::Overflow))
    }

    /// Ends every instruction that moves the vault's money (design section 9, invariant 2).
    ///
    /// # Errors
    /// [`FlashError::TokensMissing`], [`FlashError::SharesMismatch`].
    pub fn assert_backed(&self, token_account: &AccountInfo) -> Result<()> {
        require_gte!(
            token_amount(token_account)?,
            self.tracked()?,
            FlashError::TokensMissing
        );
        require_gte!(
            self.shares,
            self.requested_shares,
            FlashError::SharesMismatch
        );
        Ok(())
    }
}

/// Seeds with which a vault signs, apart from the account, which the call borrows.
pub struct VaultSigner {
    mint: Pubkey,
    bump: [u8; 1],
}

impl VaultSigner {
    pub fn of(vault: &Vault) -> Self {
        Self {
            mint: vault.mint,
            bump: [vault.bump],
        }
    }

    pub fn seeds(&self) -> [&[u8]; 3] {
        [seeds::VAULT, self.mint.as_ref(), &self.bump]
    }
}
