use anchor_lang::prelude::*;

use crate::error::MarketError;

/// What one provider has in one market. Address: seeds `liquidity`, market, owner.
///
/// The rent goes to who paid it.
#[account]
#[derive(InitSpace, Debug)]
pub struct LiquidityPosition {
    pub version: u8,
    pub bump: u8,
    pub market: Pubkey,
    /// May be an address of another program.
    pub owner: Pubkey,
    pub rent_payer: Pubkey,
    /// Of the market's `liquidity_supply`.
    pub shares: u64,
    /// Those of them that stay until trading is over.
    pub locked_shares: u64,
    /// The market's fee growth up to which `fees_owed` is current.
    pub fee_checkpoint: u128,
    /// Base units not collected yet.
    pub fees_owed: u64,
    pub reserved: [u8; 32],
}

impl LiquidityPosition {
    /// Bytes of the account, discriminator included.
    pub const SPACE: usize = 8 + Self::INIT_SPACE;

    /// Takes shares out: while the curve trades, only those that are not locked.
    ///
    /// # Errors
    /// `NotEnoughShares`, [`MarketError::SharesLocked`].
    pub fn take(&mut self, shares: u64, is_trading_over: bool) -> Result<()> {
        let left = self
            .shares
            .checked_sub(shares)
            .ok_or(MarketError::NotEnoughShares)?;
        if !is_trading_over {
            require_gte!(left, self.locked_shares, MarketError::SharesLocked);
        }
        self.shares = left;
        Ok(())
    }
}
