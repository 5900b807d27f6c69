//! What an observed value means. A rule is written here once; a program says which it offers.

use alloc::vec::Vec;

use borsh::BorshDeserialize;
use math::{
    payout::{linear_payouts, scalar_bin},
    Price,
};

use crate::error::CoreError;

/// How an observed value becomes a result.
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[cfg_attr(not(feature = "idl-build"), derive(borsh::BorshSerialize))]
#[derive(BorshDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum RuleKind {
    /// The value is the index of the outcome.
    Categorical,
    /// The outcome is the number of strikes at or below the value.
    Threshold,
    /// The outcome is the bin of the value, of equal ones between two bounds.
    Scalar,
    /// Two outcomes, long and short, that share each unit by where the value is between two bounds.
    Linear,
}

impl RuleKind {
    const ALL: [Self; 4] = [
        Self::Categorical,
        Self::Threshold,
        Self::Scalar,
        Self::Linear,
    ];
}

/// A rule as who creates a market says it.
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[cfg_attr(not(feature = "idl-build"), derive(borsh::BorshSerialize))]
#[derive(BorshDeserialize, Clone, Debug, PartialEq, Eq)]
pub enum RuleTerms {
    /// The value is the index of the outcome.
    Categorical,
    /// The outcome is the number of strikes at or below the value. Strikes rise.
    Threshold { strikes: Vec<i64> },
    /// Two outcomes, down and up: the strike is the value observed at the opening.
    ThresholdAtOpening {
        /// `T` of the observation that sets the strike, unix milliseconds.
        strike_at_ms: u64,
    },
    /// The outcome is the bin of the value, of equal ones from `low` to `high`.
    Scalar { low: i64, high: i64 },
    /// Two outcomes, long and short: a share of long pays `(value − low) / (high − low)`.
    Linear { low: i64, high: i64 },
}

impl RuleTerms {
    pub fn kind(&self) -> RuleKind {
        match self {
            Self::Categorical => RuleKind::Categorical,
            Self::Threshold { .. } | Self::ThresholdAtOpening { .. } => RuleKind::Threshold,
            Self::Scalar { .. } => RuleKind::Scalar,
            Self::Linear { .. } => RuleKind::Linear,
        }
    }

    /// # Errors
    /// `RuleNotOffered` unless the rule is of one of these kinds.
    pub fn require_offered(&self, offered: &[RuleKind]) -> Result<(), CoreError> {
        offered
            .contains(&self.kind())
            .then_some(())
            .ok_or(CoreError::RuleNotOffered)
    }

    /// When the observation is that sets the strike, unix milliseconds; `None` if nothing is left
    /// to set.
    pub fn strike_at_ms(&self) -> Option<u64> {
        match self {
            Self::ThresholdAtOpening { strike_at_ms } => Some(*strike_at_ms),
            _ => None,
        }
    }
}

/// What a value means under a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// This outcome won.
    Outcome(u8),
    /// Two outcomes share each unit; the value is within the rule's bounds.
    Split { value: i64, low: i64, high: i64 },
    /// The value is too near a strike to say on which side it is: the market is void.
    Tie,
    /// The rule has no outcome for it: the market is void.
    NoOutcome,
}

/// What [`Meaning::result`] says of a tie, which no outcome and no value within bounds of a rule with
/// ties has.
pub const TIE: i64 = -1;

impl Meaning {
    /// One number for what is paid: two values with the same one pay the same.
    ///
    /// # Errors
    /// `ValueOutsideRule` if the value means no outcome.
    pub fn result(self) -> Result<i64, CoreError> {
        match self {
            Self::Outcome(outcome) => Ok(i64::from(outcome)),
            Self::Split { value, .. } => Ok(value),
            Self::Tie => Ok(TIE),
            Self::NoOutcome => Err(CoreError::ValueOutsideRule),
        }
    }

    /// What a share of each outcome pays; Q1.63, rounded down.
    ///
    /// # Errors
    /// `ValueOutsideRule` if the value means no outcome, or one beyond `N`; `Tie`.
    pub fn payouts<const N: usize>(self) -> Result<[Price; N], CoreError> {
        let mut payouts = [Price::ZERO; N];
        match self {
            Self::Outcome(outcome) => {
                let payout = payouts.get_mut(usize::from(outcome));
                *payout.ok_or(CoreError::ValueOutsideRule)? = Price::ONE;
            }
            Self::Split { value, low, high } => {
                let sides = linear_payouts(value, low, high)?;
                for (payout, side) in payouts.iter_mut().zip(sides) {
                    *payout = side;
                }
            }
            Self::Tie => return Err(CoreError::Tie),
            Self::NoOutcome => return Err(CoreError::ValueOutsideRule),
        }
        Ok(payouts)
    }
}

/// The fields of [`Rule`], of a program's own name: `rule!(STRIKES; attributes pub struct Name)`.
#[macro_export]
macro_rules! rule {
    ($strikes:ident; $($head:tt)*) => {
        $($head)* {
            /// A `RuleKind`.
            pub kind: u8,
            /// Strikes there are; of a rule with bounds, 2.
            pub strike_count: u8,
            /// 1 while the strike waits for the observation at the opening.
            pub strike_pending: u8,
            /// Outcomes of the market.
            pub outcomes: u8,
            /// A value within this of a strike is a tie; 0 if there are none.
            pub tick: u32,
            /// Strikes in rising order; of a scalar or linear rule, its bounds.
            pub strikes: [i64; $strikes],
        }
    };
}

rule! { STRIKES;
    /// A market's rule, with room for so many strikes.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[repr(C)]
    pub struct Rule<const STRIKES: usize>
}

impl<const STRIKES: usize> Rule<STRIKES> {
    /// The rule that the terms say, of a market with so many outcomes.
    ///
    /// # Errors
    /// `StrikesInvalid` unless strikes rise and are one fewer than outcomes; `BoundsInvalid` unless
    /// bounds rise; `RuleOutcomes` if the rule makes another number of outcomes.
    pub fn new(terms: &RuleTerms, outcomes: u8) -> Result<Self, CoreError> {
        let mut rule = Self {
            kind: terms.kind() as u8,
            strike_count: 0,
            strike_pending: u8::from(terms.strike_at_ms().is_some()),
            outcomes,
            tick: 0,
            strikes: [0; STRIKES],
        };
        match terms {
            RuleTerms::Categorical => {}
            RuleTerms::Threshold { strikes } => {
                let rise = strikes.windows(2).all(|pair| pair.first() < pair.last());
                if !rise || strikes.len().saturating_add(1) != usize::from(outcomes) {
                    return Err(CoreError::StrikesInvalid);
                }
                rule.write_strikes(strikes)?;
            }
            RuleTerms::ThresholdAtOpening { .. } => {
                require_two(outcomes)?;
                rule.write_strikes(&[0])?;
            }
            RuleTerms::Scalar { low, high } => rule.write_bounds(*low, *high)?,
            RuleTerms::Linear { low, high } => {
                require_two(outcomes)?;
                rule.write_bounds(*low, *high)?;
            }
        }
        Ok(rule)
    }

    fn write_bounds(&mut self, low: i64, high: i64) -> Result<(), CoreError> {
        if low >= high {
            return Err(CoreError::BoundsInvalid);
        }
        self.write_strikes(&[low, high])
    }

    fn write_strikes(&mut self, strikes: &[i64]) -> Result<(), CoreError> {
        let places = self.strikes.get_mut(..strikes.len());
        places
            .ok_or(CoreError::StrikesInvalid)?
            .copy_from_slice(strikes);
        self.strike_count = u8::try_from(strikes.len()).map_err(|_| CoreError::StrikesInvalid)?;
        Ok(())
    }

    /// # Errors
    /// `RuleUnknown`, which no market of this crate's making has.
    pub fn kind(&self) -> Result<RuleKind, CoreError> {
        let kind = RuleKind::ALL.get(usize::from(self.kind)).copied();
        kind.ok_or(CoreError::RuleUnknown)
    }

    /// Strikes, or bounds, in rising order.
    pub fn strikes(&self) -> &[i64] {
        self.strikes
            .get(..usize::from(self.strike_count))
            .unwrap_or(&self.strikes)
    }

    pub fn is_strike_pending(&self) -> bool {
        self.strike_pending != 0
    }

    /// The strike that was taken from an observation; `None` while it is pending.
    pub fn strike(&self) -> Option<i64> {
        let strike = self.strikes().first().copied();
        strike.filter(|_| !self.is_strike_pending())
    }

    /// Takes the strike from what was observed at the opening.
    ///
    /// # Errors
    /// `StrikeNotPending`.
    pub fn set_strike(&mut self, value: i64) -> Result<(), CoreError> {
        if !self.is_strike_pending() {
            return Err(CoreError::StrikeNotPending);
        }
        self.write_strikes(&[value])?;
        self.strike_pending = 0;
        Ok(())
    }

    /// What `value` means.
    ///
    /// # Errors
    /// `StrikePending` while that cannot be said; `RuleUnknown`.
    pub fn meaning(&self, value: i64) -> Result<Meaning, CoreError> {
        let outcome = match self.kind()? {
            RuleKind::Categorical => u8::try_from(value)
                .ok()
                .filter(|outcome| *outcome < self.outcomes),
            RuleKind::Threshold => {
                if self.is_strike_pending() {
                    return Err(CoreError::StrikePending);
                }
                if self.is_tie(value) {
                    return Ok(Meaning::Tie);
                }
                let reached = self.strikes().iter().filter(|strike| **strike <= value);
                u8::try_from(reached.count()).ok()
            }
            RuleKind::Scalar => {
                let (low, high) = self.bounds()?;
                Some(scalar_bin(value, low, high, self.outcomes)?)
            }
            RuleKind::Linear => {
                let (low, high) = self.bounds()?;
                let value = value.clamp(low, high);
                return Ok(Meaning::Split { value, low, high });
            }
        };
        Ok(outcome.map_or(Meaning::NoOutcome, Meaning::Outcome))
    }

    fn is_tie(&self, value: i64) -> bool {
        let tick = u64::from(self.tick);
        let is_near = |strike: &i64| strike.abs_diff(value) <= tick;
        tick != 0 && self.strikes().iter().any(is_near)
    }

    /// # Errors
    /// `BoundsInvalid` if the rule has none.
    pub fn bounds(&self) -> Result<(i64, i64), CoreError> {
        match *self.strikes() {
            [low, high] if low < high => Ok((low, high)),
            _ => Err(CoreError::BoundsInvalid),
        }
    }
}

fn require_two(outcomes: u8) -> Result<(), CoreError> {
    (outcomes == 2).then_some(()).ok_or(CoreError::RuleOutcomes)
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    fn rule(terms: RuleTerms, outcomes: u8) -> Result<Rule<9>, CoreError> {
        Rule::new(&terms, outcomes)
    }

    #[test]
    fn value_of_a_categorical_rule_is_its_outcome_or_none() {
        let rule = rule(RuleTerms::Categorical, 3).unwrap();
        assert_eq!(rule.meaning(2), Ok(Meaning::Outcome(2)));
        for value in [-1, 3, 9, 256, i64::MAX, i64::MIN] {
            assert_eq!(rule.meaning(value), Ok(Meaning::NoOutcome));
        }
    }

    #[test]
    fn outcome_of_a_threshold_rule_is_the_number_of_strikes_reached() {
        let rule = rule(
            RuleTerms::Threshold {
                strikes: vec![10, 20],
            },
            3,
        )
        .unwrap();
        for (value, outcome) in [
            (i64::MIN, 0),
            (9, 0),
            (10, 1),
            (19, 1),
            (20, 2),
            (i64::MAX, 2),
        ] {
            assert_eq!(rule.meaning(value), Ok(Meaning::Outcome(outcome)));
        }
    }

    #[test]
    fn strikes_rise_and_are_one_fewer_than_outcomes() {
        for strikes in [vec![], vec![10], vec![10, 10], vec![20, 10], vec![1, 2, 3]] {
            let refused = rule(RuleTerms::Threshold { strikes }, 3);
            assert_eq!(refused, Err(CoreError::StrikesInvalid));
        }
        let strikes = (0..10).collect();
        let too_many = rule(RuleTerms::Threshold { strikes }, 11);
        assert_eq!(too_many, Err(CoreError::StrikesInvalid));
    }

    #[test]
    fn strike_of_the_opening_is_set_once() {
        let mut rule = rule(RuleTerms::ThresholdAtOpening { strike_at_ms: 1 }, 2).unwrap();
        assert_eq!(rule.meaning(5), Err(CoreError::StrikePending));
        assert_eq!(rule.strike(), None);
        assert_eq!(rule.set_strike(5), Ok(()));
        assert_eq!(rule.strike(), Some(5));
        assert_eq!(rule.set_strike(6), Err(CoreError::StrikeNotPending));
        assert_eq!(rule.meaning(4), Ok(Meaning::Outcome(0)));
        assert_eq!(rule.meaning(5), Ok(Meaning::Outcome(1)));
    }

    #[test]
    fn value_within_a_tick_of_a_strike_is_a_tie() {
        let strikes = vec![10, 20];
        let mut rule = rule(RuleTerms::Threshold { strikes }, 3).unwrap();
        rule.tick = 2;
        for (value, meaning) in [
            (7, Meaning::Outcome(0)),
            (8, Meaning::Tie),
            (10, Meaning::Tie),
            (12, Meaning::Tie),
            (13, Meaning::Outcome(1)),
            (22, Meaning::Tie),
            (23, Meaning::Outcome(2)),
        ] {
            assert_eq!(rule.meaning(value), Ok(meaning), "{value}");
        }
        assert_eq!(Meaning::Tie.result(), Ok(TIE));
        assert_eq!(Meaning::Tie.payouts::<3>(), Err(CoreError::Tie));
    }

    #[test]
    fn linear_rule_shares_each_unit() {
        let rule = rule(RuleTerms::Linear { low: 0, high: 100 }, 2).unwrap();
        let half = Price(Price::ONE.0 / 2);
        let payouts = rule.meaning(50).unwrap().payouts::<3>();
        assert_eq!(payouts, Ok([half, half, Price::ZERO]));
        assert_eq!(rule.meaning(500).unwrap().result(), Ok(100));
        assert_eq!(rule.meaning(-1).unwrap().result(), Ok(0));
    }

    #[test]
    fn scalar_rule_names_a_bin() {
        let rule = rule(RuleTerms::Scalar { low: 0, high: 100 }, 4).unwrap();
        for (value, bin) in [(-1, 0), (24, 0), (25, 1), (99, 3), (100, 3), (i64::MAX, 3)] {
            assert_eq!(rule.meaning(value), Ok(Meaning::Outcome(bin)));
        }
    }

    #[test]
    fn bounds_rise_and_two_sided_rules_have_two_outcomes() {
        for (low, high) in [(1, 1), (2, 1)] {
            for terms in [
                RuleTerms::Scalar { low, high },
                RuleTerms::Linear { low, high },
            ] {
                assert_eq!(rule(terms, 2), Err(CoreError::BoundsInvalid));
            }
        }
        let linear = RuleTerms::Linear { low: 0, high: 1 };
        assert_eq!(rule(linear, 3), Err(CoreError::RuleOutcomes));
        let opening = RuleTerms::ThresholdAtOpening { strike_at_ms: 1 };
        assert_eq!(rule(opening, 3), Err(CoreError::RuleOutcomes));
    }

    #[test]
    fn only_offered_rules_are_taken() {
        let offered = [RuleKind::Categorical, RuleKind::Threshold];
        assert_eq!(RuleTerms::Categorical.require_offered(&offered), Ok(()));
        let linear = RuleTerms::Linear { low: 0, high: 1 };
        assert_eq!(
            linear.require_offered(&offered),
            Err(CoreError::RuleNotOffered)
        );
    }
}
