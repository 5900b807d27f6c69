//! How a rolling chain ends.

use anchor_lang::prelude::*;
use program_kit::EventHeader;

use crate::{
    error::FlashError,
    state::{FlashMarket, RollingChain},
};

/// Why a rolling chain ended.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum RollingEnd {
    /// Its last leg paid.
    Won,
    /// Its leg paid nothing.
    Lost,
    /// Its next leg could not be taken; code of the error.
    Stopped { reason: u32 },
    /// What waited for a bet delay was given back: the market's observation exists, the market was suspended
    /// meanwhile, the vault is paused, or the price is above the bound.
    Returned,
    /// What waited was not executed in its time, or trading is over.
    Lapsed,
    /// By its owner, who got so many shares of the leg that it was in, if its market was not settled.
    ByOwner { shares: u64 },
}

impl RollingEnd {
    pub fn stopped(reason: FlashError) -> Self {
        Self::Stopped {
            reason: reason.into(),
        }
    }
}

#[event]
pub struct RollingEnded {
    pub header: EventHeader,
    /// The market that it was in.
    pub market: Pubkey,
    pub chain: Pubkey,
    pub owner: Pubkey,
    /// Index of the leg that it was in.
    pub leg: u8,
    pub end: RollingEnd,
    /// Base units that the owner was paid.
    pub paid: u64,
    /// After it: what waits in the market's escrow.
    pub escrow: u64,
}

/// Says how a chain ended in a market.
///
/// # Errors
/// [`FlashError::Overflow`].
pub fn report_end(
    market: &mut FlashMarket,
    chain: &Account<RollingChain>,
    end: RollingEnd,
    paid: u64,
    clock: &Clock,
) -> core::result::Result<(), FlashError> {
    emit!(RollingEnded {
        header: market.next_event(clock)?,
        market: chain.market(),
        chain: chain.key(),
        owner: chain.owner,
        leg: chain.leg,
        end,
        paid,
        escrow: market.escrow,
    });
    Ok(())
}

/// Pays the tip of a step, which the account has beside its rent.
///
/// # Errors
/// `ArithmeticOverflow`.
pub fn pay_tip<'info>(
    chain: &Account<'info, RollingChain>,
    executor: &AccountInfo<'info>,
) -> Result<()> {
    chain.sub_lamports(chain.tip_lamports)?;
    executor.add_lamports(chain.tip_lamports)?;
    Ok(())
}
