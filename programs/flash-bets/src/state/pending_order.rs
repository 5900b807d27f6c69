use anchor_lang::prelude::*;
use program_kit::Claim;

use crate::state::ChainWait;

/// What somebody wants to trade.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq, InitSpace)]
pub enum Order {
    /// Buys for exactly this many base units, fee included.
    Stake { stake: u64, min_shares: u64 },
    /// Buys exactly these shares, for at most so many base units, fee included.
    Buy { shares: u64, max_cost: u64 },
    /// Sells exactly these shares, for at least so many base units, fee deducted.
    Sell { shares: u64, min_return: u64 },
}

impl Order {
    /// Base units that a buyer puts into escrow until the order is executed; a seller puts none.
    pub fn escrow(&self) -> u64 {
        match *self {
            Self::Stake { stake, .. } => stake,
            Self::Buy { max_cost, .. } => max_cost,
            Self::Sell { .. } => 0,
        }
    }

    /// Whether it sells shares that a ticket holds.
    pub fn is_sale(&self) -> bool {
        matches!(self, Self::Sell { .. })
    }

    /// The shares or the stake that the order names.
    pub fn size(&self) -> u64 {
        match *self {
            Self::Stake { stake, .. } => stake,
            Self::Buy { shares, .. } | Self::Sell { shares, .. } => shares,
        }
    }
}

/// An order in a market with a bet delay. Address: seeds `pending`, market, placer, nonce.
#[account]
#[derive(InitSpace, Debug)]
pub struct PendingOrder {
    pub version: u8,
    pub bump: u8,
    pub outcome: u8,
    /// Of the ticket's address.
    pub ticket_bump: u8,
    pub market: Pubkey,
    /// Put in the stake and gets back what is not spent of it. A seller is the owner.
    pub placer: Pubkey,
    /// Owner of the ticket that the order is for. Once the market is settled that ticket may be gone
    /// before a purchase for it has ended.
    pub owner: Pubkey,
    /// Paid rent and tip; gets the rent.
    pub rent_payer: Pubkey,
    pub nonce: u64,
    pub order: Order,
    /// Lamports for whoever ends the order, in this account beside its rent.
    pub tip_lamports: u64,
    pub placed_slot: u64,
    /// It can be executed from this slot on, and not before `executable_at`.
    pub executable_slot: u64,
    /// Unix seconds.
    pub executable_at: i64,
    /// Last second in which it can be executed; after it what was put in goes back.
    pub executable_until: i64,
    pub reserved: [u8; 32],
}

impl PendingOrder {
    /// When it can be executed.
    pub fn wait(&self) -> ChainWait {
        ChainWait {
            requested_slot: self.placed_slot,
            executable_slot: self.executable_slot,
            executable_at: self.executable_at,
            executable_until: self.executable_until,
        }
    }
}

impl Claim for PendingOrder {
    fn parties(&self) -> [Pubkey; 3] {
        [self.market, self.placer, self.rent_payer]
    }
}
