use anchor_lang::prelude::*;
use market_core::{Held, Holdings};
use program_kit::Claim;

use crate::error::MarketError;

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
    /// Where fields are, after the discriminator.
    const IS_HELD_AT: usize = 2;
    const MARKET_AT: usize = 3;
    const HOLDINGS_AT: usize = Self::MARKET_AT + 3 * 32 + 24;

    /// Whose shares the data of an account hold; `None` if it is no position.
    pub fn held(data: &[u8]) -> Option<Held<'_>> {
        let fields = data.strip_prefix(Self::DISCRIMINATOR)?;
        Held::in_fields(fields, Self::MARKET_AT, Self::HOLDINGS_AT)
    }

    /// Bytes of a position in a market with `outcomes` outcomes, discriminator included.
    pub const fn space(outcomes: usize) -> usize {
        Holdings::space(outcomes).saturating_add(8 + Self::HOLDINGS_AT)
    }
}

/// A position that is traded in. A trade changes nothing but the holdings: they alone are read whole and written back,
/// which costs half of what the whole account does.
pub struct Traded<'a, 'info> {
    account: &'a AccountInfo<'info>,
    pub owner: Pubkey,
    pub is_held: bool,
    pub holdings: Holdings,
}

impl<'a, 'info> Traded<'a, 'info> {
    /// A position in a market.
    ///
    /// # Errors
    /// [`MarketError::WrongAccount`].
    pub fn read(account: &'a AccountInfo<'info>, market: &Pubkey) -> Result<Self> {
        require_keys_eq!(*account.owner, crate::ID, MarketError::WrongAccount);
        let data = account.try_borrow_data()?;
        let read = data
            .strip_prefix(Position::DISCRIMINATOR)
            .and_then(|fields| Self::in_fields(account, fields, market));
        Ok(read.ok_or(MarketError::WrongAccount)?)
    }

    fn in_fields(account: &'a AccountInfo<'info>, fields: &[u8], market: &Pubkey) -> Option<Self> {
        let is_held = *fields.get(Position::IS_HELD_AT)? != 0;
        let (own_market, rest) = fields.get(Position::MARKET_AT..)?.split_first_chunk()?;
        let holdings = Holdings::deserialize(&mut fields.get(Position::HOLDINGS_AT..)?);
        (own_market == market.as_array()).then_some(Self {
            account,
            owner: Pubkey::new_from_array(*rest.first_chunk()?),
            is_held,
            holdings: holdings.ok()?,
        })
    }

    /// Ends a trade: writes the holdings.
    ///
    /// # Errors
    /// Anchor's, of an account that is not writable or is too short.
    pub fn write(&self) -> Result<()> {
        let mut data = self.account.try_borrow_mut_data()?;
        let at = Position::DISCRIMINATOR
            .len()
            .saturating_add(Position::HOLDINGS_AT);
        let mut place = data.get_mut(at..).ok_or(MarketError::WrongAccount)?;
        Ok(self.holdings.serialize(&mut place)?)
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
