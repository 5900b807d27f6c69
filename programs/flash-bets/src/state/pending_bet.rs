use anchor_lang::prelude::*;

/// What waits for its delay to pass.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq, InitSpace)]
pub enum Order {
    /// The stake is in escrow in the market's token account.
    Buy { stake: u64, min_shares: u64 },
    /// The shares are taken off the ticket.
    Sell { shares: u64, min_return: u64 },
}

/// An order in a market with a bet delay. Address: seeds `pending`, market, owner, nonce.
#[account]
#[derive(InitSpace, Debug)]
pub struct PendingBet {
    pub version: u8,
    pub bump: u8,
    pub outcome: u8,
    pub market: Pubkey,
    /// Paid the rent, and gets it back.
    pub owner: Pubkey,
    pub nonce: u64,
    pub order: Order,
    pub placed_slot: u64,
    /// First slot in which it can be executed.
    pub executable_slot: u64,
    /// Last slot in which it can be executed; cancelled after it.
    pub last_slot: u64,
}
