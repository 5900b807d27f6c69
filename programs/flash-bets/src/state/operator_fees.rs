use anchor_lang::prelude::*;

/// What one operator has earned by the markets it created. Address: seeds `operator-fees`, vault,
/// operator.
///
/// Fees stay those of the operator under whom they were earned. Opened with the operator's first
/// market, whose rent the operator pays.
#[account]
#[derive(InitSpace, Debug)]
pub struct OperatorFees {
    pub version: u8,
    pub bump: u8,
    pub vault: Pubkey,
    pub operator: Pubkey,
    /// Base units, in the vault's token account.
    pub amount: u64,
    /// The operator's markets that are not closed yet.
    pub open_markets: u32,
    pub reserved: [u8; 32],
}
