use anchor_lang::prelude::*;
use market_core::Fill;
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

/// How a pending order ended.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq, InitSpace)]
pub enum OrderResult {
    Bought {
        shares: u64,
        /// Base units, fee included.
        amount: u64,
        fee: u64,
    },
    Sold {
        /// Base units, fee deducted.
        amount: u64,
        fee: u64,
    },
    /// What was put in went back: the market's observation exists, the market was suspended
    /// meanwhile, the vault is paused, or the price is outside the bound.
    Returned,
    /// What was put in went back: the order was not executed in its time, or trading is over. A
    /// purchase may end so after its ticket was settled.
    Lapsed,
}

impl OrderResult {
    /// Of an order that was executed.
    pub fn filled(order: Order, fill: Fill) -> Self {
        match order {
            Order::Stake { .. } | Order::Buy { .. } => Self::Bought {
                shares: fill.shares.0,
                amount: fill.amount.0,
                fee: fill.fee.0,
            },
            Order::Sell { .. } => Self::Sold {
                amount: fill.amount.0,
                fee: fill.fee.0,
            },
        }
    }
}

/// Whether a pending order stays when it has ended, for its placer to read how.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq, InitSpace)]
pub enum Receipt {
    /// It is closed at its end.
    None,
    /// It stays.
    Asked,
    /// It ended so, and holds nothing but its rent.
    Kept(OrderResult),
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
    pub receipt: Receipt,
    pub reserved: [u8; 6],
}

impl PendingOrder {
    /// How it ended, of one that stays.
    pub fn kept(&self) -> Option<OrderResult> {
        match self.receipt {
            Receipt::Kept(result) => Some(result),
            Receipt::None | Receipt::Asked => None,
        }
    }
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
