//! Every refusal of the standard markets, one cause each. Codes are append-only.

use anchor_lang::prelude::*;

market_core::errors! {
    then program_kit::errors;
    #[error_code(offset = 8000)]
    pub enum MarketError {
        #[msg("The terms are out of range: shares up to 10,000 basis points, those of protocol and providers together too, fees up to 500, bond floor from 1 to its cap, dispute windows of 60 s to 30 days in order, times to resolve of 2 hours to 90 days, slots of 50 to 2,000 ms")]
        TermsOutOfRange,
        #[msg("A market lasts 1 minute to 2 years and opens within 30 days, or opened up to 60 s ago")]
        DurationOutOfRange,
        #[msg("The times to propose a result and to arbitrate are out of range: from the venue's shortest, which is 2 hours or more, to 90 days")]
        ResolutionTimeOutOfRange,
        #[msg("The dispute window is outside the venue's range")]
        DisputeWindowOutOfRange,
        #[msg("The hash is not that of the terms: of the arguments, the providers, the keys and the venue's terms now")]
        TermsHashMismatch,
        #[msg("Only a linear rule has a tolerance, of at most a hundredth of the way between its bounds")]
        ToleranceOutOfRange,
        #[msg("The feed id is not below the BN254 scalar field's order")]
        NotAFieldElement,
        #[msg("A switch of the curve is offered by LMSR markets of two outcomes only")]
        SwitchNotPossible,
        #[msg("The curve can be switched in the last eighth of the market's life")]
        TooEarlyToSwitch,
        #[msg("The position holds shares, or is owed fees")]
        PositionNotEmpty,
        #[msg("The liquidity is locked until trading is over")]
        SharesLocked,
        #[msg("The observation is neither conflicted nor of another value than the market took: a dispute needs a bond")]
        ObservationNotConflicted,
        #[msg("The providers contradict themselves: the result is the arbiters' to say")]
        ObservationConflicted,
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
        #[msg("The bond is higher than the bound asks for")]
        BondAboveMaximum,
        #[msg("The deadline has not passed, or a proposal waits to be finalized")]
        DeadlineNotPassed,
        #[msg("The remaining accounts must come in fours: position, owner, the owner's token account, who paid the position's rent")]
        RedemptionAccounts,
        #[msg("Nothing was redeemed: no position is the market's, or it is held, or no token account can take its owner's payout")]
        NothingRedeemed,
        #[msg("The market has positions, providers, bonds or disputes that are not settled yet")]
        ClaimsOpen,
        #[msg("A market is closed 60 s after its opening at the earliest, so that its address is never used again")]
        TooEarlyToClose,
        #[msg("The creator's part of the fees, with the protocol's, leaves providers less than the venue's least part")]
        LiquidityFeeShareTooLow,
        #[msg("Neither provider set nor verifying key is suspended: a dispute needs a bond")]
        ProvidersNotSuspended,
        #[msg("Trading is not over: until then a suspension calls no arbiters without a proposal")]
        TradingNotOver,
    }
}
