//! What mainnet refuses of a plan.

use anchor_lang::prelude::Pubkey;
use oracle::instructions::MIN_MAINNET_TIMELOCK_SECONDS;
use thiserror::Error;

use crate::step::{Kind, Step};

/// Least seconds that somebody has on mainnet to dispute a proposal.
const MIN_DISPUTE_WINDOW_SECONDS: u32 = 60 * 60;

/// Why a step is not for mainnet.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Objection {
    #[error("{step}: the timelock is {seconds} s, on mainnet at least 48 hours ({MIN_MAINNET_TIMELOCK_SECONDS} s)")]
    Timelock { step: String, seconds: i64 },
    #[error("{step}: {role} is {address}, one key of one signer; on mainnet it is the address of a multisig")]
    SingleSigner {
        step: String,
        role: &'static str,
        address: Pubkey,
    },
    #[error("{step}: a development key is made by one party, who can prove anything if it kept what it made the key from; mainnet takes keys of a ceremony")]
    DevelopmentKey { step: String },
    #[error("{step}: {threshold} of {size} decide, on mainnet at least two and more than half")]
    Threshold {
        step: String,
        threshold: u8,
        size: u8,
    },
    #[error("{step}: {cap} is unlimited, as only a demo's is")]
    Unlimited { step: String, cap: &'static str },
    #[error("{step}: a proposal can be disputed for {seconds} s, on mainnet for at least {MIN_DISPUTE_WINDOW_SECONDS} s")]
    DisputeWindow { step: String, seconds: u32 },
}

/// What mainnet refuses of a step.
pub(crate) fn objections(step: &Step) -> Vec<Objection> {
    let name = || step.name.clone();
    let single = |role, address: Pubkey| {
        let step = name();
        address.is_on_curve().then_some(Objection::SingleSigner {
            step,
            role,
            address,
        })
    };
    match &step.kind {
        Kind::Initialize(args) => {
            let seconds = args.timelock_seconds;
            let timelock = (seconds < MIN_MAINNET_TIMELOCK_SECONDS).then(|| Objection::Timelock {
                step: name(),
                seconds,
            });
            let governing = [("admin", args.admin), ("guardian", args.guardian)];
            let single = governing.map(|(role, address)| single(role, address));
            timelock
                .into_iter()
                .chain(single.into_iter().flatten())
                .collect()
        }
        Kind::ProviderSet(args) => {
            let (threshold, size) = (args.threshold, args.size);
            let decides = threshold >= 2 && u16::from(threshold) * 2 > u16::from(size);
            let weak = Objection::Threshold {
                step: name(),
                threshold,
                size,
            };
            (!decides).then_some(weak).into_iter().collect()
        }
        Kind::VerifyingKey(args) => {
            let development = Objection::DevelopmentKey { step: name() };
            args.development
                .then_some(development)
                .into_iter()
                .collect()
        }
        Kind::Vault { args, .. } => {
            let caps = [
                ("the cap of a market's funding", args.caps.market_funding),
                ("the cap of an event's funding", args.caps.event_funding),
                ("the cap of a feed's funding", args.caps.feed_funding),
                ("the cap of a day's loss", args.caps.daily_loss),
            ];
            let unlimited = caps.into_iter().filter(|(_, cap)| *cap == u64::MAX);
            let step = name();
            unlimited
                .map(|(cap, _)| Objection::Unlimited {
                    step: step.clone(),
                    cap,
                })
                .collect()
        }
        Kind::Venue { args, .. } => {
            let seconds = args.terms.min_dispute_window_seconds;
            let short = Objection::DisputeWindow {
                step: name(),
                seconds,
            };
            (seconds < MIN_DISPUTE_WINDOW_SECONDS)
                .then_some(short)
                .into_iter()
                .collect()
        }
    }
}
