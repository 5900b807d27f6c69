use anchor_lang::prelude::*;

/// What one provider has in one market. Address: seeds `liquidity`, market, owner.
///
/// The rent goes to the owner, whoever paid it.
#[account]
#[derive(InitSpace, Debug)]
pub struct LiquidityPosition {
    pub version: u8,
    pub bump: u8,
    pub market: Pubkey,
    pub owner: Pubkey,
    /// Of the market's `liquidity_supply`.
    pub shares: u64,
    /// The market's fee growth up to which `fees_owed` is current.
    pub fee_checkpoint: u128,
    /// Base units not collected yet.
    pub fees_owed: u64,
}
