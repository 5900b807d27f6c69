//! Every refusal of the loans, one cause each. Codes are append-only.

use anchor_lang::prelude::*;
use math::{LeverageError, MathError, OpeningRefusal};

program_kit::errors! {
#[error_code(offset = 10000)]
#[derive(PartialEq, Eq)]
pub enum LoanError {
    #[msg("The pool's terms are out of range: rates that rise up to 10,000 basis points with a kink between, a loss of a group up to 300 and of all up to 1,000, a notice of 1 hour to 7 days")]
    TermsOutOfRange,
    #[msg("A parameter is looser than what the rules were tried with, or the decay is shorter than an eighth of the market's life or an hour")]
    ParametersOutOfRange,
    #[msg("The market has no such outcome")]
    OutcomeOutOfRange,
    #[msg("Only LMSR and pm-AMM markets whose depth does not fall with time and whose curve does not switch are lent on")]
    CurveNotOffered,
    #[msg("The market's result may be known while it trades")]
    MayEndEarly,
    #[msg("A market lasts a day or longer to be lent on")]
    MarketTooShort,
    #[msg("The market's dispute window is longer than the pool's notice")]
    DisputeWindowTooLong,
    #[msg("Less of the market's liquidity is locked than the parameters ask for")]
    TooLittleLocked,
    #[msg("The market does not trade any more")]
    TradingOver,
    #[msg("The listing is not open yet: its timelock, or the age of the market's prices")]
    ListingNotOpen,
    #[msg("The pool or the listing takes no new loans")]
    ReduceOnly,
    #[msg("The loan is below the least one")]
    LoanTooSmall,
    #[msg("The delay of the request has not passed yet")]
    DelayNotPassed,
    #[msg("The request has expired; its margin can be given back")]
    RequestExpired,
    #[msg("Only its owner cancels a request that can still be executed")]
    StillExecutable,
    #[msg("The spot price is outside the range of openings")]
    PriceNotOffered,
    #[msg("The spot price is too far above the slow price")]
    DeviationTooGreat,
    #[msg("Too many shares of the outcome secure loans")]
    TooManyShares,
    #[msg("The loan is above what is lent against the shares")]
    LoanAboveCap,
    #[msg("All loans against the outcome are above what is lent against all their shares")]
    AllLoansAboveCap,
    #[msg("Too little money on the other side would put all loans against the outcome under water")]
    TooEasilyUnderWater,
    #[msg("All loans of the market, of its group or of the pool, with what they cost before, are above what the pool bears")]
    WorstLossAboveCap,
    #[msg("The pool has less cash that is not wanted for withdrawals")]
    NotEnoughCash,
    #[msg("The notice has not passed yet")]
    NoticeNotPassed,
    #[msg("The time to execute the request is over")]
    ExecutionOver,
    #[msg("The request can still be executed")]
    ExecutionPossible,
    #[msg("The deposit waits for its notice, and has no shares yet")]
    DepositPending,
    #[msg("The deposit bought its shares already")]
    DepositDone,
    #[msg("There are fewer shares than that")]
    NotEnoughShares,
    #[msg("The money is below the bound")]
    AmountBelowMinimum,
    #[msg("The debt and the fee are above the bound")]
    DebtAboveMaximum,
    #[msg("The position has no debt")]
    NoDebt,
    #[msg("The position has no shares")]
    NoShares,
    #[msg("No position given can be liquidated: its debt is below what may be owed, or its mark is too young or too old, or it returns nothing")]
    NothingToLiquidate,
    #[msg("The remaining accounts must be positions of the listing, each once")]
    LiquidationAccounts,
    #[msg("The time to sell what pays all debts has not come: the last eighth of the decay")]
    TooEarlyToDeleverage,
    #[msg("The market is not settled yet")]
    MarketNotSettled,
    #[msg("The listing is settled already")]
    ListingSettled,
    #[msg("The listing is not settled yet")]
    ListingNotSettled,
    #[msg("The position has shares, a debt or a claim")]
    PositionInUse,
    #[msg("The listing has positions, requests or money")]
    ListingInUse,
    #[msg("The market's position holds fewer shares than the loans' owners have")]
    SharesMissing,
    #[msg("The books of debts do not add up")]
    DebtsMismatch,
    #[msg("The pool or the listing takes no new loans already")]
    AlreadyTripped,
    #[msg("The pool or the listing takes new loans, or is going to")]
    NotTripped,
    #[msg("The notice does not get shorter: listed markets' dispute windows fit into it")]
    NoticeShortened,
    #[msg("The pool has deposits, groups or listings, or the group has listings")]
    PoolInUse,
    #[msg("The price must be above zero and below one")]
    PriceOutOfRange,
    #[msg("The sale leaves more debt on each share than there was: who may not lose by it does not sell what secures it; add margin, repay, or let it be liquidated")]
    SaleLeavesDebt,
    #[msg("The market's fee is below 10 basis points: who pushes its price for a moment pays too little for it")]
    FeeTooLow,
    #[msg("All loans against the outcome owe less than they may together, at the spot price, the slow one, or the average since the call")]
    LoansNotDue,
    #[msg("A call to reduce all loans against an outcome stands; the next one can be made after it")]
    CallStands,
    #[msg("No call to reduce loans stands, or its notice has not passed yet")]
    CallNotDue,
    #[msg("The spot price is within three eighths of the less likely side of the slow price")]
    PriceCalm,
    #[msg("Less than 95 percent of the pool's money is lent")]
    UtilisationLow,
    #[msg("A price of the market stood far from its slow price: all have to stand near theirs for the time constant")]
    PriceNotCalm,
    #[msg("The listing has cost lenders something: it can be closed once it and its loans are settled")]
    ListingHasLost,
}
}

impl From<MathError> for LoanError {
    fn from(error: MathError) -> Self {
        match error {
            MathError::NoShares => Self::NoShares,
            MathError::OutcomeOutOfRange => Self::OutcomeOutOfRange,
            _ => Self::Overflow,
        }
    }
}

impl From<LeverageError> for LoanError {
    fn from(error: LeverageError) -> Self {
        match error {
            LeverageError::NotOffered => Self::CurveNotOffered,
            LeverageError::NoDebt => Self::NoDebt,
            LeverageError::UnderWater => Self::TooEasilyUnderWater,
            LeverageError::TargetOutOfRange => Self::ParametersOutOfRange,
            LeverageError::PriceOutOfRange => Self::PriceOutOfRange,
            LeverageError::Math(error) => error.into(),
        }
    }
}

impl From<OpeningRefusal> for LoanError {
    fn from(refusal: OpeningRefusal) -> Self {
        match refusal {
            OpeningRefusal::PriceNotOffered => Self::PriceNotOffered,
            OpeningRefusal::DeviationTooGreat => Self::DeviationTooGreat,
            OpeningRefusal::TooManyShares => Self::TooManyShares,
            OpeningRefusal::DebtAboveCap => Self::LoanAboveCap,
            OpeningRefusal::AllDebtAboveCap => Self::AllLoansAboveCap,
            OpeningRefusal::TooEasilyUnderWater => Self::TooEasilyUnderWater,
            OpeningRefusal::Formula(error) => error.into(),
        }
    }
}
