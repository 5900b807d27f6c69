use anchor_lang::prelude::*;
use market_core::{Held, Holdings};
use program_kit::Claim;

/// For how long after the settlement only its owner redeems a held position, in seconds.
#[constant]
pub const HOLD_SECONDS: i64 = 7 * 24 * 60 * 60;

/// What one owner holds in one market. Address: seeds `position`, market, owner.
///
/// 159 bytes for a market of two outcomes. The rent goes to who paid it.
#[account]
#[derive(Debug)]
pub struct Position {
    pub version: u8,
    pub bump: u8,
    /// Whether only its owner redeems it, for [`HOLD_SECONDS`] after the settlement: programs hold
    /// positions for others, and have to see what they were paid. For the same reason an L2 curve does
    /// not compare its cost with what it may pay: whoever holds it sees to that for each of the others.
    pub is_held: bool,
    pub market: Pubkey,
    /// May be an address of another program.
    pub owner: Pubkey,
    pub rent_payer: Pubkey,
    pub reserved: [u8; 24],
    /// The cost is what the owner paid. Shares that somebody else paid for or gave cost it nothing.
    pub holdings: Holdings,
}

impl Position {
    /// Whose shares the data of an account hold; `None` if it is no position.
    pub fn held(data: &[u8]) -> Option<Held<'_>> {
        const MARKET_AT: usize = 3;
        const HOLDINGS_AT: usize = MARKET_AT + 3 * 32 + 24;
        let fields = data.strip_prefix(Self::DISCRIMINATOR)?;
        Held::in_fields(fields, MARKET_AT, HOLDINGS_AT)
    }

    /// Bytes of a position in a market with `outcomes` outcomes, discriminator included.
    pub const fn space(outcomes: usize) -> usize {
        const FIXED: usize = 8 + 3 + 3 * 32 + 24;
        Holdings::space(outcomes).saturating_add(FIXED)
    }
}

impl Claim for Position {
    fn parties(&self) -> [Pubkey; 3] {
        [self.market, self.owner, self.rent_payer]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_read_where_they_are_written() {
        let position = Position {
            version: 1,
            bump: 2,
            is_held: true,
            market: Pubkey::new_unique(),
            owner: Pubkey::new_unique(),
            rent_payer: Pubkey::new_unique(),
            reserved: [7; 24],
            holdings: Holdings {
                cost_basis: -5,
                shares: vec![3, u64::MAX],
            },
        };
        let mut data = Vec::new();
        position.try_serialize(&mut data).unwrap();
        let held = Position::held(&data).unwrap();
        assert_eq!(held.market, position.market.as_array());
        assert_eq!(held.owner, position.owner.as_array());
        assert_eq!(held.shares, position.holdings.shares);
        assert_eq!(Position::held(&data[1..]), None);
        assert_eq!(Position::held(&data[..data.len() - 1]), None);
    }
}
