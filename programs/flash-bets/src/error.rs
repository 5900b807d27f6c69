//! Every refusal of the flash bets, one cause each. Codes are append-only.

use anchor_lang::prelude::*;
use math::MathError;

#[error_code(offset = 7000)]
pub enum FlashError {
    #[msg("The signer is not the admin of the oracle's configuration")]
    NotAdmin,
    #[msg("The signer is not the vault's operator")]
    NotOperator,
    #[msg("The key is the default key, which nobody holds")]
    DefaultKey,
    #[msg("The mint has an extension under which tokens could be taken, taxed or held back")]
    MintExtensionRefused,
    #[msg("The caps are out of range: utilisation up to 10,000 basis points, slots of 50 to 2,000 ms, padding zero")]
    CapsOutOfRange,
    #[msg("The parts of the fee split must sum to 10,000 basis points")]
    FeeSplitNotWhole,
    #[msg("The notice is out of range: 1 to 10,000,000 slots")]
    NoticeOutOfRange,
    #[msg("The vault is paused: no new risk, exits stay open")]
    VaultPaused,
    #[msg("The vault is not paused")]
    VaultNotPaused,
    #[msg("The amount is 0")]
    ZeroAmount,
    #[msg("The deposit is too small for a single LP share")]
    DepositTooSmall,
    #[msg("The notice of this deposit or withdrawal has not passed yet")]
    NoticeNotPassed,
    #[msg("The withdrawal is worth nothing now: the vault's cash is all in markets")]
    NothingToWithdraw,
    #[msg("The result is less than the bound asks for")]
    SlippageExceeded,
    #[msg("The market would need more of the vault than one market may have")]
    MarketCapExceeded,
    #[msg("The market would put more at risk on this event than one event may have")]
    EventCapExceeded,
    #[msg("The market would put more of the vault's equity to use than its utilisation cap")]
    UtilisationExceeded,
    #[msg("The vault has not enough free cash to fund the market")]
    NotEnoughCash,
    #[msg("The event has markets that are not closed yet")]
    EventInUse,
    #[msg("A flash market lasts 5 seconds to 4 hours and opens within 4 hours")]
    DurationOutOfRange,
    #[msg("The number of outcomes is out of range: 2 to 10, and 2 for a pm-AMM")]
    OutcomeCountOutOfRange,
    #[msg("The opening prices must be at least the least price and sum to one")]
    PriorOutOfRange,
    #[msg("The depth is out of range")]
    DepthOutOfRange,
    #[msg("The frozen time must be shorter than the market and, where depth falls with the time left, at least a 64th of it")]
    FreezeOutOfRange,
    #[msg(
        "The bet delay is out of range: up to 30 s, with 0.1 to 60 s to execute, before the freeze"
    )]
    DelayOutOfRange,
    #[msg("The time to resolve is out of range: 1 minute to 24 hours after the lock")]
    ResolutionTimeOutOfRange,
    #[msg("The time of an observation is out of range: from the planned lock to a minute before the deadline; an event's answer up to 60 s before the opening; a strike within 60 s of it")]
    ObservationTimeOutOfRange,
    #[msg("Strikes must rise, one fewer than outcomes; a strike of the opening stands alone")]
    StrikesInvalid,
    #[msg("The fee rate is above the cap of 500 basis points")]
    FeeRateOutOfRange,
    #[msg("The feed id is not below the BN254 scalar field's order")]
    NotAFieldElement,
    #[msg("The provider set is not one of primary role")]
    ProviderSetNotPrimary,
    #[msg("The market is not open any more")]
    MarketNotOpen,
    #[msg("The market is not resolved or void yet")]
    MarketNotSettled,
    #[msg("Trading has not started")]
    TradingNotStarted,
    #[msg("Trading is over: the market is frozen or locked")]
    TradingOver,
    #[msg("The market is suspended by its operator for now")]
    MarketSuspended,
    #[msg("The market is not suspended")]
    MarketNotSuspended,
    #[msg("The suspension is 0 slots or longer than what the market has left")]
    SuspensionOutOfRange,
    #[msg("The market has no such outcome")]
    OutcomeOutOfRange,
    #[msg("The ticket holds fewer shares of this outcome")]
    NotEnoughShares,
    #[msg("The stake buys no share, or the shares return nothing: the amount is dust")]
    Dust,
    #[msg("The trade would push a price below the least price")]
    PriceOutOfRange,
    #[msg("The market has a bet delay: a pending order account is needed")]
    DelayRequired,
    #[msg("The market has no bet delay: no pending order account is taken")]
    DelayNotOffered,
    #[msg("The order's delay and time to execute would end after trading is over")]
    DelayPastFreeze,
    #[msg("The delay of this order has not passed yet")]
    DelayNotPassed,
    #[msg("The time to execute this has passed; it can be cancelled")]
    ExecutionOver,
    #[msg("This can still be executed; it can be cancelled after that")]
    ExecutionPossible,
    #[msg("The account is not the one that the market, vault or ticket names")]
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
    #[msg("The observed value is no outcome under the market's rule")]
    ValueOutsideRule,
    #[msg("The strike is not set yet: its opening observation is missing")]
    StrikePending,
    #[msg("The strike is fixed or set already")]
    StrikeNotPending,
    #[msg("The market's deadline has not passed; only a proof can settle it")]
    DeadlineNotPassed,
    #[msg("The owner has orders pending in this market, which come first")]
    OrdersPending,
    #[msg("The market has tickets that are not settled yet")]
    TicketsOpen,
    #[msg("The remaining accounts must come in threes: ticket, owner, the owner's token account")]
    SettlementAccounts,
    #[msg("There is nothing to collect")]
    NothingToCollect,
    #[msg("The market could not pay every winner: the instruction is refused")]
    Insolvent,
    #[msg("The token account holds less than the books say")]
    TokensMissing,
    #[msg("The bookkeeping of LP shares does not add up")]
    SharesMismatch,
    #[msg("The curve's equation was not solved to within its tolerance")]
    NoConvergence,
    #[msg("An amount is outside what its type or formula can take")]
    Overflow,
    #[msg("The owner's token account holds fewer LP shares")]
    NotEnoughLpShares,
    #[msg("The event had no market yet: only who paid its rent can close it, and must sign")]
    EventUnused,
    #[msg("No next operator waits for the timelock")]
    NoPendingOperator,
    #[msg("The account is not the observation that this market names")]
    WrongObservation,
    #[msg("The market's observation says another value than this result: report the conflict")]
    ObservationDisagrees,
    #[msg("Nothing contradicts the observation: the market waits for it or for its deadline")]
    NotConflicted,
    #[msg("The deposit would make more LP shares than can be counted: it is vast, or losses left a share next to nothing")]
    TooManyShares,
    #[msg("The vault's free cash would not cover the withdrawals that wait, which come first")]
    WithdrawalsWaiting,
    #[msg("These are the last LP shares, or nearly, and markets still hold money that is theirs: settle and release those first")]
    LastShares,
    #[msg("Nothing was settled: no ticket is there, or none without orders pending and with a token account that can take its payout")]
    NothingSettled,
}

impl From<MathError> for FlashError {
    fn from(error: MathError) -> Self {
        match error {
            MathError::Overflow
            | MathError::Underflow
            | MathError::DivisionByZero
            | MathError::OutsideDomain
            | MathError::EmptySchedule
            | MathError::CostAbovePayout
            | MathError::UnknownCurve
            | MathError::PayoutAboveOne
            | MathError::NoLiquidity
            | MathError::LiquidityTooSmall
            | MathError::SharesOutstanding
            | MathError::LiquidityLeftTooSmall
            | MathError::SetsNotOffered
            | MathError::ScheduleNotOffered
            | MathError::SwitchNotOffered
            | MathError::ReservesOffCurve
            | MathError::EmptyRange => Self::Overflow,
            MathError::NoConvergence => Self::NoConvergence,
            MathError::OutcomeCountOutOfRange => Self::OutcomeCountOutOfRange,
            MathError::OutcomeOutOfRange => Self::OutcomeOutOfRange,
            MathError::DepthOutOfRange => Self::DepthOutOfRange,
            MathError::PriorPriceTooLow | MathError::PriorSumNotOne => Self::PriorOutOfRange,
            MathError::FeeRateTooHigh => Self::FeeRateOutOfRange,
            MathError::StakeTooSmall | MathError::NoShares => Self::Dust,
            MathError::PriceBelowMinimum => Self::PriceOutOfRange,
            MathError::MoreThanSold => Self::NotEnoughShares,
            MathError::Insolvent => Self::Insolvent,
            MathError::SplitAboveWhole => Self::FeeSplitNotWhole,
        }
    }
}
