use anchor_lang::prelude::*;

/// What the vault has at risk on one event, over all its markets. Address: seeds `event`, vault, id.
#[account]
#[derive(InitSpace, Debug)]
pub struct Event {
    pub version: u8,
    pub bump: u8,
    /// Markets not closed yet; the account can be closed at 0.
    pub open_markets: u32,
    pub id: u64,
    pub vault: Pubkey,
    /// Base units that the vault has put into the event's markets and not got back.
    pub allocated: u64,
    /// Gets the rent on close.
    pub rent_payer: Pubkey,
    /// Whether it had a market yet.
    pub used: bool,
    pub reserved: [u8; 31],
}
