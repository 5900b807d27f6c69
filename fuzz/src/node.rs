//! What a node answers, who may be anybody.

use anchor_lang::{prelude::Pubkey, Discriminator};
use client::{accounts::decode, events::emitted};

use crate::Target;

/// Reads an account as one of a type, and says whether it was one.
type Read = fn(&[u8]) -> bool;

/// The data of an account of each type that is only zeros.
macro_rules! accounts {
    ($($account:ty),* $(,)?) => {
        [$((
            <$account>::DISCRIMINATOR,
            (|data| decode::<$account>(&<$account as anchor_lang::Owner>::owner(), data).is_ok()) as Read,
        )),*]
    };
}

/// Accounts of all programs and logs of transactions are read or refused. The first byte of an input says
/// which.
pub fn node_answers() -> Target {
    let accounts = accounts![
        oracle::OracleConfig,
        oracle::ProviderSet,
        oracle::VerifyingKey,
        oracle::Observation,
        oracle::ResultRoot,
        flash_bets::state::Vault,
        flash_bets::state::FlashMarket,
        flash_bets::state::Ticket,
        flash_bets::state::PendingOrder,
        flash_bets::state::Chain,
        flash_bets::state::RollingChain,
        flash_bets::state::QuantumGroup,
        markets::state::Venue,
        markets::state::Market,
        markets::state::Position,
        markets::state::Dispute,
        orders::state::Desk,
        orders::state::DeskOrder,
        orders::state::Batch,
        orders::state::SealedOrder,
        leverage::state::LendingPool,
        leverage::state::ListedMarket,
        leverage::state::LeveredPosition,
        leverage::state::PendingOpen,
    ];
    let program = oracle::ID;
    let logs = format!(
        "Program {program} invoke [1]\nProgram log: x\nProgram data: AAAAAAAAAAA=\n\
         Program {program} consumed 7 of 9 compute units\nProgram {program} success\nLog truncated"
    );
    let mut made = vec![[b"\xff", logs.as_bytes()].concat()];
    for (number, (discriminator, _)) in (0u8..).zip(&accounts) {
        for length in [100, 160, 240, 360, 800] {
            let mut data = [&[number], *discriminator].concat();
            data.resize(9 + length, 0);
            made.push(data);
        }
    }
    Target::new("node_answers", made, move |input| {
        let Some((number, data)) = input.split_first() else {
            return false;
        };
        if *number == 0xff {
            let text = String::from_utf8_lossy(data);
            let logs: Vec<_> = text.lines().map(str::to_owned).collect();
            let events = emitted(&logs);
            let read = |program: Pubkey| events.iter().any(|event| event.program == program);
            return read(program);
        }
        let (_, read) = &accounts[usize::from(*number) % accounts.len()];
        read(data)
    })
}
