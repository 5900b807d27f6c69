//! Every refusal of the standard markets, one cause each. Codes are append-only.

use anchor_lang::prelude::*;
use math::MathError;

#[error_code(offset = 8000)]
pub enum MarketError {
    #[msg("The signer is not the admin of the oracle's configuration")]
    NotAdmin,
    #[msg("The key is the default key, which nobody holds")]
    DefaultKey,
    #[msg("The mint has an extension under which tokens could be taken, taxed or held back")]
    MintExtensionRefused,
    #[msg("The terms are out of range: shares up to 10,000 basis points, fees up to 500, bond floor from 1 to its cap, dispute windows of 60 s to 30 days in order, slots of 50 to 2,000 ms")]
    TermsOutOfRange,
    #[msg("The venue is paused: no new risk, exits stay open")]
    VenuePaused,
    #[msg("The venue is not paused")]
    VenueNotPaused,
    #[msg("A market lasts 1 minute to 2 years and opens within 30 days")]
    DurationOutOfRange,
    #[msg("Trading must stay open for some time: the frozen time is not shorter than the market")]
    FreezeOutOfRange,
    #[msg("The times to propose a result and to arbitrate are out of range: 2 hours to 90 days")]
    ResolutionTimeOutOfRange,
    #[msg("The dispute window is outside the venue's range")]
    DisputeWindowOutOfRange,
    #[msg("The time of an observation is out of range: from the planned lock to before the deadline; an event's answer up to 60 s before the opening; a strike within 60 s of it")]
    ObservationTimeOutOfRange,
    #[msg("Strikes must rise, one fewer than outcomes and at most 31; one from the opening makes two outcomes; bounds must rise; a linear rule has two outcomes and a tolerance of at most a hundredth of its range")]
    RuleInvalid,
    #[msg("The fee rate is above the venue's highest")]
    FeeRateOutOfRange,
    #[msg("The parts of the protocol and of the creator sum to more than 10,000 basis points")]
    FeeSplitOutOfRange,
    #[msg("The feed id is not below the BN254 scalar field's order")]
    NotAFieldElement,
    #[msg("The provider set is not one of primary role")]
    ProviderSetNotPrimary,
    #[msg("The provider set is not one of arbiter role")]
    ProviderSetNotArbiter,
    #[msg("The number of outcomes is out of range: 2 to 32 for an LMSR, 2 for a pm-AMM, 2 to 64 for an L2 curve, as many as weights if there are any")]
    OutcomeCountOutOfRange,
    #[msg("The opening prices must be at least the least price and sum to one")]
    PriorOutOfRange,
    #[msg("The depth is out of range")]
    DepthOutOfRange,
    #[msg("A switch of the curve is offered by LMSR markets of two outcomes only")]
    SwitchNotPossible,
    #[msg("The market does not offer a switch of the curve, or has made it")]
    SwitchNotOffered,
    #[msg("The curve can be switched in the last eighth of the market's life")]
    TooEarlyToSwitch,
    #[msg("A result is proposed already, or the market is settled")]
    MarketNotOpen,
    #[msg("The market is resolved or void")]
    MarketSettled,
    #[msg("The market is not resolved or void yet")]
    MarketNotSettled,
    #[msg("Trading has not started")]
    TradingNotStarted,
    #[msg("Trading is over: the market is frozen or locked")]
    TradingOver,
    #[msg("The market has no such outcome")]
    OutcomeOutOfRange,
    #[msg("The position holds fewer shares of this outcome, the provider fewer of the pool, or the curve buys fewer back")]
    NotEnoughShares,
    #[msg("The trade gives less than the bound asks for, or costs more")]
    SlippageExceeded,
    #[msg("The amount is 0")]
    ZeroAmount,
    #[msg("The amount is dust: it buys no share, or returns nothing")]
    Dust,
    #[msg("The trade would push a price below the least price")]
    PriceOutOfRange,
    #[msg("The shares of this position wait for the result: it is redeem-only")]
    PositionRedeemOnly,
    #[msg("The position is not of the kind that takes what the curve gives back")]
    WrongPositionKind,
    #[msg("An L2 curve has no complete sets: it would pay more than one for a set")]
    SetsNotOffered,
    #[msg("The pool has no liquidity left")]
    NoLiquidity,
    #[msg("The account is not the one that the market, venue or position names")]
    WrongAccount,
    #[msg("The token account is not the associated one of who is to be paid, who does not sign; or it cannot receive, and no account of his that can is given in its place")]
    WrongTokenAccount,
    #[msg("The observation is of another provider set than the market's")]
    WrongProviderSet,
    #[msg("The observation was verified under another key than the market's")]
    WrongVerifyingKey,
    #[msg("The observation is of another feed than the market's")]
    WrongFeed,
    #[msg("The observation is of another time than the market waits for")]
    WrongObservationTime,
    #[msg("The observation is not valid")]
    ObservationNotValid,
    #[msg("The account is not where the market's observation is, or would be")]
    WrongObservation,
    #[msg("The market's observation, or its strike's, says something else than the root, the proposal or the strike")]
    ObservationDisagrees,
    #[msg("The observation is neither conflicted nor of another value than the market took: a dispute needs a bond")]
    ObservationNotConflicted,
    #[msg("The observed value is no outcome under the market's rule")]
    ValueOutsideRule,
    #[msg("The time to propose a result is over; the market can be voided")]
    ProposalOver,
    #[msg("No result is proposed, or it is disputed already")]
    NotProposed,
    #[msg("The time to dispute is over; the proposal can be finalized")]
    DisputeWindowOver,
    #[msg("The proposal can still be disputed")]
    DisputeWindowOpen,
    #[msg("The market is not disputed")]
    NotDisputed,
    #[msg("The arbiters' time is over; the market can be voided")]
    ArbitrationOver,
    #[msg("The deadline has not passed, or a proposal waits to be finalized")]
    DeadlineNotPassed,
    #[msg(
        "The remaining accounts must come in threes: position, owner, the owner's token account"
    )]
    RedemptionAccounts,
    #[msg("Nothing was redeemed: no position is the market's, or no token account can take its owner's payout")]
    NothingRedeemed,
    #[msg("The market has positions, providers, bonds or disputes that are not settled yet")]
    ClaimsOpen,
    #[msg("There is nothing to collect")]
    NothingToCollect,
    #[msg("The market could not pay every winner: the instruction is refused")]
    Insolvent,
    #[msg("The token account holds less than the books say")]
    TokensMissing,
    #[msg("The curve's equation was not solved to within its tolerance")]
    NoConvergence,
    #[msg("An amount is outside what its type or formula can take")]
    Overflow,
    #[msg("The providers contradict themselves: the result is the arbiters' to say")]
    ObservationConflicted,
    #[msg("The bond is higher than the bound asks for")]
    BondAboveMaximum,
    #[msg("An L2 curve takes liquidity only while no share of the market is outstanding")]
    SharesOutstanding,
    #[msg("The depth left would be below 500 base units: leave more, or remove the whole supply")]
    LiquidityLeftTooSmall,
    #[msg(
        "The strike waits for the observation at the opening, after a dispute for the arbiters'"
    )]
    StrikePending,
    #[msg("The market's strike does not wait for an observation")]
    StrikeNotPending,
}

impl From<MathError> for MarketError {
    fn from(error: MathError) -> Self {
        match error {
            MathError::Overflow
            | MathError::Underflow
            | MathError::DivisionByZero
            | MathError::OutsideDomain
            | MathError::EmptySchedule
            | MathError::UnknownCurve
            | MathError::ScheduleNotOffered
            | MathError::ReservesOffCurve
            | MathError::PayoutAboveOne => Self::Overflow,
            MathError::NoConvergence => Self::NoConvergence,
            MathError::OutcomeCountOutOfRange => Self::OutcomeCountOutOfRange,
            MathError::OutcomeOutOfRange => Self::OutcomeOutOfRange,
            MathError::DepthOutOfRange => Self::DepthOutOfRange,
            MathError::PriorPriceTooLow | MathError::PriorSumNotOne => Self::PriorOutOfRange,
            MathError::FeeRateTooHigh => Self::FeeRateOutOfRange,
            MathError::StakeTooSmall | MathError::NoShares | MathError::LiquidityTooSmall => {
                Self::Dust
            }
            MathError::NoLiquidity => Self::NoLiquidity,
            MathError::SharesOutstanding => Self::SharesOutstanding,
            MathError::LiquidityLeftTooSmall => Self::LiquidityLeftTooSmall,
            MathError::SetsNotOffered => Self::SetsNotOffered,
            MathError::SwitchNotOffered => Self::SwitchNotOffered,
            MathError::EmptyRange => Self::RuleInvalid,
            MathError::PriceBelowMinimum => Self::PriceOutOfRange,
            MathError::MoreThanSold => Self::NotEnoughShares,
            MathError::Insolvent => Self::Insolvent,
            MathError::SplitAboveWhole => Self::FeeSplitOutOfRange,
        }
    }
}
