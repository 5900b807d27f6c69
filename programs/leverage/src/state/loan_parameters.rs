use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};
use math::{wide::scale_ceil, BasisPoints, LoanRules, LoanTerms, Price};

use crate::error::LoanError;

/// What the loans of a market are given and liquidated by. Parts are in basis points.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct LoanParameters {
    /// Least loan, base units.
    pub least_loan: u64,
    /// How long a price may move before anybody liquidates.
    pub latency_seconds: u32,
    /// Span before the end of trading over which what may be owed falls to nothing.
    pub decay_seconds: u32,
    /// Between the request of a loan and its execution; each has to pass.
    pub delay_seconds: u32,
    pub delay_slots: u32,
    /// For how long a position has to be marked before a part of it is sold.
    pub mark_slots: u32,
    /// For how long a mark counts.
    pub mark_lasts_slots: u32,
    /// Greatest debt over value at the opening, debt over value from which on a position is liquidated,
    /// and after a partial liquidation.
    pub opening: u16,
    pub maintenance: u16,
    pub target: u16,
    /// Parts of a liquidation's sale: of whom does it, and of the insurance.
    pub liquidator_reward: u16,
    pub insurance_reward: u16,
    /// Standard deviations of the price's move in the latency that an opening and a position withstand.
    pub opening_deviations: u16,
    pub maintenance_deviations: u16,
    /// Greatest distance of the spot price above the slow price s at an opening, part of
    /// `min(s, 1 − s)`.
    pub max_deviation: u16,
    /// Opposing money that all loans against an outcome withstand, part of the locked depth.
    pub withstands: u16,
    /// Most shares of an outcome that secure loans, part of the locked depth.
    pub most_shares: u16,
    /// Least part of the market's liquidity that cannot leave.
    pub least_locked: u16,
    /// Most of all debts of the market and of what it cost before, part of the pool's cash.
    pub market_loss: u16,
    /// Least and greatest price of an opening.
    pub least_price: u16,
    pub greatest_price: u16,
    /// What a loan pays to the insurance a day, part of the debt.
    pub jump_fee: u16,
    /// For how many minutes after its delay a request can be executed.
    pub execution_minutes: u16,
}

program_kit::scheduled! {
    /// Parameters that change only after a timelock.
    #[zero_copy]
    #[derive(Debug)]
    #[repr(C)]
    pub struct ScheduledLoanParameters of LoanParameters
}

const HOUR: u32 = 60 * 60;

/// Parts of a market's life over whose last one what may be owed falls, at the least.
const DECAY_PART: u64 = 8;

/// Least reward of whom liquidates, so that somebody does.
const LEAST_REWARD: u16 = 100;

impl LoanParameters {
    /// The defaults for a market that trades for so many seconds, which are the loosest there are: what
    /// an attacker takes under them is known (`strobe simulate leverage`). `unit` is one of the token.
    pub fn loosest(duration_seconds: u64, unit: u64) -> Self {
        Self {
            least_loan: unit.saturating_mul(20),
            latency_seconds: 60,
            decay_seconds: least_decay(duration_seconds),
            delay_seconds: 10,
            delay_slots: 20,
            mark_slots: 25,
            mark_lasts_slots: 150,
            opening: 6_000,
            maintenance: 7_500,
            target: 5_500,
            liquidator_reward: 200,
            insurance_reward: 100,
            opening_deviations: 8,
            maintenance_deviations: 8,
            max_deviation: 1_000,
            withstands: 2_500,
            most_shares: 3_000,
            least_locked: 2_500,
            market_loss: 100,
            least_price: 1_000,
            greatest_price: 9_000,
            jump_fee: 5,
            execution_minutes: 5,
        }
    }

    /// Whether they are nowhere looser than the loosest for a market that trades for so many seconds,
    /// and leave something to lend. Rewards are what they are there, in sum at most: more would be the
    /// borrowers' loss.
    ///
    /// # Errors
    /// [`LoanError::ParametersOutOfRange`].
    pub fn check(&self, duration_seconds: u64) -> Result<()> {
        let loosest = Self::loosest(duration_seconds, 0);
        let at_most = |own: u16, bound: u16| (1..=bound).contains(&own);
        let is_valid = at_most(self.opening, loosest.opening)
            && at_most(self.maintenance, loosest.maintenance)
            && self.opening < self.maintenance
            && at_most(self.target, loosest.target)
            && self.target < self.maintenance
            && (LEAST_REWARD..=loosest.liquidator_reward).contains(&self.liquidator_reward)
            && self.insurance_reward <= loosest.insurance_reward
            && self.opening_deviations >= loosest.opening_deviations
            && self.maintenance_deviations >= loosest.maintenance_deviations
            && at_most(self.max_deviation, loosest.max_deviation)
            && self.withstands >= loosest.withstands
            && at_most(self.most_shares, loosest.most_shares)
            && (loosest.least_locked..=BasisPoints::ONE).contains(&self.least_locked)
            && at_most(self.market_loss, loosest.market_loss)
            && self.least_price >= loosest.least_price
            && self.greatest_price <= loosest.greatest_price
            && self.least_price < self.greatest_price
            && self.jump_fee <= 100
            && self.least_loan > 0
            && self.are_times_valid(&loosest);
        require!(is_valid, LoanError::ParametersOutOfRange);
        Ok(())
    }

    fn are_times_valid(&self, loosest: &Self) -> bool {
        let from = |own: u32, least: u32, most: u32| (least..=most).contains(&own);
        from(self.latency_seconds, loosest.latency_seconds, HOUR)
            && self.decay_seconds >= loosest.decay_seconds
            && from(self.delay_seconds, loosest.delay_seconds, HOUR)
            && from(self.delay_slots, loosest.delay_slots, 10_000)
            && from(self.mark_slots, loosest.mark_slots, 50)
            && from(self.mark_lasts_slots, 100, loosest.mark_lasts_slots)
            && (1..=60).contains(&self.execution_minutes)
    }

    pub fn rules(&self) -> LoanRules {
        LoanRules {
            terms: LoanTerms {
                opening: BasisPoints(self.opening),
                maintenance: BasisPoints(self.maintenance),
                decay_seconds: self.decay_seconds.into(),
                latency_seconds: self.latency_seconds.into(),
                opening_deviations: self.opening_deviations,
                maintenance_deviations: self.maintenance_deviations,
            },
            target: BasisPoints(self.target),
            reward: BasisPoints(self.liquidator_reward.saturating_add(self.insurance_reward)),
            max_deviation: BasisPoints(self.max_deviation),
            withstands: BasisPoints(self.withstands),
            most_shares: BasisPoints(self.most_shares),
            least_price: BasisPoints(self.least_price),
            greatest_price: BasisPoints(self.greatest_price),
        }
    }

    /// What a loan pays to the insurance in so many seconds, part of the debt.
    pub fn jump_part(&self, seconds: u64) -> Price {
        const DAY: u64 = 24 * 60 * 60;
        let day = BasisPoints(self.jump_fee).to_price();
        let part = scale_ceil(day.0, seconds, DAY).ok();
        let part = part.and_then(|part| u64::try_from(part).ok());
        Price(part.unwrap_or(u64::MAX))
    }
}

fn least_decay(duration_seconds: u64) -> u32 {
    let part = duration_seconds.div_ceil(DECAY_PART);
    u32::try_from(part).unwrap_or(u32::MAX).max(HOUR)
}
