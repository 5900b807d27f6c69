//! What the programs that hold money share: which mints they admit, how tokens move, how token
//! accounts are made, how accounts hold amounts, and when the observations may be that markets wait for.
//!
//! Nothing here names an error of its own: the programs do, each in its own terms.

pub mod amounts;
pub mod new_account;
pub mod new_tokens;
pub mod observation_time;
pub mod tokens;
