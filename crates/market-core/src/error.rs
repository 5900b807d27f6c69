//! Why something was refused, in the terms of no program. [`errors`](crate::errors) gives a
//! program's own errors a variant for each.

use math::MathError;

/// Makes [`CoreError`], and the macro that puts its variants into a program's errors.
macro_rules! core_errors {
    ($dollar:tt $($variant:ident = $code:tt, $message:tt;)*) => {
        /// One cause each.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum CoreError {
            /// An amount is outside what its type or formula can take.
            Overflow,
            $(#[doc = $message] $variant,)*
        }

        /// Adds a variant for each [`CoreError`] to the errors of a program, from its 200th code
        /// on, and the conversions. The macro named by `then` makes the enum, and has to give it a
        /// variant `Overflow`.
        ///
        /// ```ignore
        /// market_core::errors! {
        ///     then program_kit::errors;
        ///     #[error_code(offset = 7000)]
        ///     pub enum FlashError { … }
        /// }
        /// ```
        #[macro_export]
        macro_rules! errors {
            (
                then $dollar($dollar then:ident)::+;
                $dollar(#[$dollar($dollar attribute:tt)*])*
                pub enum $dollar name:ident { $dollar($dollar own:tt)* }
            ) => {
                $dollar($dollar then)::+! {
                    $dollar(#[$dollar($dollar attribute)*])*
                    pub enum $dollar name {
                        $dollar($dollar own)*
                        $(#[msg($message)] $variant = $code,)*
                    }
                }

                impl From<$crate::CoreError> for $dollar name {
                    fn from(error: $crate::CoreError) -> Self {
                        match error {
                            $crate::CoreError::Overflow => Self::Overflow,
                            $($crate::CoreError::$variant => Self::$variant,)*
                        }
                    }
                }

                impl From<$crate::math::MathError> for $dollar name {
                    fn from(error: $crate::math::MathError) -> Self {
                        $crate::CoreError::from(error).into()
                    }
                }
            };
        }
    };
}

core_errors! { $
    HoursInvalid = 200, "Trading has to open, at or after 1970, before it ends: the lock less the frozen time";
    TradingNotStarted = 201, "Trading has not started";
    TradingOver = 202, "Trading is over: the market is frozen or locked";
    ObservationTimeOutOfRange = 203, "The time of an observation is out of range: from the planned lock to what can be proven before the deadline; an event's answer up to 60 s before the opening; a strike within 60 s of it";
    RuleNotOffered = 204, "The program does not offer this kind of rule";
    RuleUnknown = 205, "The kind of rule is none of the known ones";
    RuleOutcomes = 206, "A linear rule, and a strike of the opening, make two outcomes";
    StrikesInvalid = 207, "Strikes must rise and be one fewer than outcomes";
    BoundsInvalid = 208, "The lower bound must be below the upper one";
    ValueOutsideRule = 209, "The observed value is no outcome under the market's rule";
    StrikePending = 210, "The strike is not set yet: its observation at the opening is missing";
    StrikeNotPending = 211, "The market's strike does not wait for an observation";
    WrongProviderSet = 212, "The observation or root is of another provider set than the market believes now";
    WrongVerifyingKey = 213, "The observation or root was verified under another key than the market believes now";
    WrongFeed = 214, "The observation is of another feed than the market's";
    WrongObservationTime = 215, "The observation is of another time than the market waits for";
    WrongObservation = 216, "The account is neither where the market's observation is, or would be, nor its strike's";
    ObservationNotValid = 217, "The observation is contradicted: nobody may believe it";
    ObservationDisagrees = 218, "The market's observation says another value than this result: report the conflict";
    MarketNotOpen = 219, "The market is not open any more";
    MarketSettled = 220, "The market is resolved or void";
    MarketNotSettled = 221, "The market is not resolved or void yet";
    SlippageExceeded = 222, "The trade gives less than the bound asks for, or costs more";
    Dust = 223, "The amount is dust: it buys no share, or returns nothing";
    OutcomeOutOfRange = 224, "The market has no such outcome";
    OutcomeCountOutOfRange = 225, "The number of outcomes is out of range for the curve, or another than that of the opening prices";
    NotEnoughShares = 226, "There are fewer shares of this outcome than are to be taken";
    PriorOutOfRange = 227, "The opening prices must be at least 0.0001 each and sum to one";
    DepthOutOfRange = 228, "The depth is outside 1,000 to 10^15 base units";
    FeeRateOutOfRange = 229, "The fee rate is above the highest that is allowed";
    FeeSplitOutOfRange = 230, "The parts of a fee sum to more than the whole";
    PriceOutOfRange = 231, "The trade would push a price below the least price";
    NoConvergence = 232, "The curve's equation was not solved to within its tolerance";
    NoLiquidity = 233, "The pool has no liquidity left";
    LiquidityTooSmall = 234, "The liquidity added is worth less than one share of the pool";
    LiquidityLeftTooSmall = 235, "The depth left would be below 500 base units: leave more, or remove the whole supply";
    SharesOutstanding = 236, "An L2 curve takes and gives liquidity only while no share of the market is outstanding";
    SetsNotOffered = 237, "An L2 curve has no complete sets: it would pay more than one for a set";
    ScheduleNotOffered = 238, "The depth of an L2 curve cannot fall with the time left";
    SwitchNotOffered = 239, "Only an LMSR of two outcomes can become a pm-AMM";
    CurveUnknown = 240, "The curve is none of LMSR, pm-AMM and L2";
    CostAbovePayout = 242, "The shares would have cost more than they can ever pay";
    Paused = 243, "New risk is stopped for now; exits stay open";
    NotPaused = 244, "New risk is not stopped, or its end is set already";
    FeeFloorOutOfRange = 245, "The floor of the fee is above the highest that is allowed";
    Tie = 246, "The observed value is within a tick of a strike: the market is void";
    PriceRule = 247, "A price market has strikes, or takes its strike at the opening";
    PriceKey = 248, "A price market needs a verifying key that proves medians of ticks";
    PriceSamples = 249, "A price market takes an odd number of samples, 11 to 1,001, each 100 to 3,600,000 ms after the other; one of fewer moves the result by more than a fee of 160 basis points";
    PriceTick = 250, "The tick must be at least 1, and strikes more than two ticks apart";
    PriceTime = 251, "The times of a price market do not fit: they are multiples of the step, trading ends at or before the start of the closing window, and the strike's window ends at or before the opening";
    PriceFee = 252, "The fee is below what one moved sample is worth: at least 160 basis points with 11 to 29 samples, 100 from 31 on";
    PriceInterest = 253, "A price market reserves at least 1 of its feed's cap, and at most 100 times its funding";
    PriceFeedMissing = 254, "A price market needs the governed account of its base feed";
    PriceWindowFull = 255, "The market would put more at stake on this window than half of it costs to move: reserve less, or take another window";
    PriceWindowsFull = 256, "The feed has 64 windows that are not over: take one of those, or wait";
    PriceWindowsOpen = 258, "The feed has windows that are not over";
    InterestCapExceeded = 257, "The purchase would put more at stake than the market has reserved of its feed's cap";
    Insolvent = 241, "The market could not pay every winner: the instruction is refused";
}

impl From<MathError> for CoreError {
    fn from(error: MathError) -> Self {
        match error {
            MathError::Overflow
            | MathError::Underflow
            | MathError::DivisionByZero
            | MathError::OutsideDomain
            | MathError::EmptySchedule
            | MathError::PayoutAboveOne
            | MathError::ReservesOffCurve => Self::Overflow,
            MathError::NoConvergence => Self::NoConvergence,
            MathError::UnknownCurve => Self::CurveUnknown,
            MathError::OutcomeCountOutOfRange => Self::OutcomeCountOutOfRange,
            MathError::OutcomeOutOfRange => Self::OutcomeOutOfRange,
            MathError::DepthOutOfRange => Self::DepthOutOfRange,
            MathError::PriorPriceTooLow | MathError::PriorSumNotOne => Self::PriorOutOfRange,
            MathError::FeeRateTooHigh => Self::FeeRateOutOfRange,
            MathError::FeeFloorTooHigh => Self::FeeFloorOutOfRange,
            MathError::StakeTooSmall | MathError::NoShares => Self::Dust,
            MathError::PriceBelowMinimum => Self::PriceOutOfRange,
            MathError::MoreThanSold => Self::NotEnoughShares,
            MathError::Insolvent => Self::Insolvent,
            MathError::CostAbovePayout => Self::CostAbovePayout,
            MathError::SplitAboveWhole => Self::FeeSplitOutOfRange,
            MathError::NoLiquidity => Self::NoLiquidity,
            MathError::LiquidityTooSmall => Self::LiquidityTooSmall,
            MathError::LiquidityLeftTooSmall => Self::LiquidityLeftTooSmall,
            MathError::SharesOutstanding => Self::SharesOutstanding,
            MathError::SetsNotOffered => Self::SetsNotOffered,
            MathError::ScheduleNotOffered => Self::ScheduleNotOffered,
            MathError::SwitchNotOffered => Self::SwitchNotOffered,
            MathError::EmptyRange => Self::BoundsInvalid,
        }
    }
}
