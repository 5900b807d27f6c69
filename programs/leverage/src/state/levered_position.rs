use anchor_lang::prelude::*;

use crate::{
    error::LoanError,
    state::{DeleverageCall, ListedMarket, PriceMark},
};

/// What whoever marks a position first gets of the lamports that its owner prepaid.
#[constant]
pub const MARK_BOUNTY_LAMPORTS: u64 = 50_000;

/// Shares that secure a loan. Address: seeds `levered`, listing, owner, nonce.
///
/// The loan has no recourse: the owner's is what the shares return beyond the debt, if anything.
#[account(zero_copy)]
#[derive(Debug)]
#[repr(C)]
pub struct LeveredPosition {
    pub version: u8,
    pub bump: u8,
    pub outcome: u8,
    /// 1 while its bounty waits for who marks it.
    pub has_bounty: u8,
    /// Of the last call of its listing that is counted in it.
    pub call_number: u32,
    pub listing: Pubkey,
    pub owner: Pubkey,
    /// Paid rent and bounty; gets what is left of them.
    pub rent_payer: Pubkey,
    pub nonce: u64,
    /// In the market's position that the listing holds.
    pub shares: u64,
    pub debt_shares: u64,
    /// Base units in the listing's token account that are the owner's.
    pub claim: u64,
    /// Base units for the insurance, counted up to `jump_index`; paid after the debt.
    pub jump_fee: u64,
    pub jump_index: u64,
    /// Slot in which it was marked as having as much debt as may be owed; 0 if it is not.
    pub marked_slot: u64,
    /// Of the mark: unix second, and the market's sum of the outcome's prices, which an average since then
    /// starts from; see [`math::twap`].
    pub marked_at: i64,
    pub marked_sum: u64,
    /// Debt shares that may stay of it by the last call that is counted in it.
    pub kept_debt_shares: u64,
    pub reserved: [u8; 8],
}

const _: () = assert!(LeveredPosition::SPACE == 200);

impl LeveredPosition {
    /// Bytes of the account.
    pub const SPACE: usize = 8 + size_of::<Self>();

    /// Whether nothing is left that anybody has a claim to.
    pub fn is_empty(&self) -> bool {
        self.shares == 0 && self.debt_shares == 0 && self.claim == 0
    }

    /// Whether its mark counts at a slot: it is old enough, and not too old.
    pub fn is_marked_at(&self, slot: u64, from: u32, until: u32) -> bool {
        let age = slot.saturating_sub(self.marked_slot);
        self.marked_slot > 0 && (u64::from(from)..=u64::from(until)).contains(&age)
    }

    /// Marks it, or takes the mark away.
    pub fn mark(&mut self, mark: Option<PriceMark>) {
        let none = PriceMark {
            slot: 0,
            at: 0,
            sum: 0,
        };
        let mark = mark.unwrap_or(none);
        (self.marked_slot, self.marked_at, self.marked_sum) = (mark.slot, mark.at, mark.sum);
    }

    /// Its mark, of slot 0 if it has none.
    pub fn marked(&self) -> PriceMark {
        PriceMark {
            slot: self.marked_slot,
            at: self.marked_at,
            sum: self.marked_sum,
        }
    }

    /// Counts the last call of its listing, before anything changes its debt: what may stay is of what stood
    /// then.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn count_call(&mut self, call: &DeleverageCall) -> Result<()> {
        if self.call_number != call.number {
            self.kept_debt_shares = call.kept(self.outcome, self.debt_shares)?;
            self.call_number = call.number;
        }
        Ok(())
    }

    /// Counts the fee for the insurance on a debt that stood since the last time.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn accrue_jump_fee(&mut self, listing: &ListedMarket, debt: u64) -> Result<()> {
        let part = listing.jump_index.saturating_sub(self.jump_index);
        let fee = u128::from(debt)
            .saturating_mul(part.into())
            .div_ceil(1 << 63);
        let fee = u64::try_from(fee).ok();
        self.jump_fee = fee
            .and_then(|fee| self.jump_fee.checked_add(fee))
            .ok_or(LoanError::Overflow)?;
        self.jump_index = listing.jump_index;
        Ok(())
    }
}
