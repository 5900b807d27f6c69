//! Who gets what after the result.

mod claim_dispute_bond;
mod claim_proposal_bond;
mod close_market;
mod redeem;
mod redeem_liquidity;

pub use claim_dispute_bond::*;
pub use claim_proposal_bond::*;
pub use close_market::*;
pub use redeem::*;
pub use redeem_liquidity::*;
