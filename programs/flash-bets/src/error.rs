//! Every refusal of the flash bets, one cause each. Codes are append-only.

use anchor_lang::prelude::*;

market_core::errors! {
    then program_kit::errors;
    #[error_code(offset = 7000)]
    pub enum FlashError {
        #[msg("The signer is not the vault's operator")]
        NotOperator,
        #[msg("The caps are out of range: utilisation up to 10,000 basis points, slots of 50 to 2,000 ms, a lead of 5 to 3,600 s")]
        CapsOutOfRange,
        #[msg("The notice is out of range: 3,600 to 7,776,000 seconds")]
        NoticeOutOfRange,
        #[msg("The oracle keeps observations for less than three days: they could be gone before a market's deadline")]
        RetentionTooShort,
        #[msg("The mint has so many decimals that LP tokens cannot have three more")]
        TooManyDecimals,
        #[msg("The vault has shares with money behind them, money on its way or books that are open")]
        VaultInUse,
        #[msg("The deposit is too small for a single LP share")]
        DepositTooSmall,
        #[msg("The deposit would make more LP shares than can be counted: it is vast, or losses left a share next to nothing")]
        TooManyShares,
        #[msg("The notice of this deposit or withdrawal has not passed yet")]
        NoticeNotPassed,
        #[msg("The notice of this withdrawal has passed: it is paid, or it lapses")]
        NoticePassed,
        #[msg("The time to execute this has passed; what was put in can be given back")]
        ExecutionOver,
        #[msg("This can still be executed; what was put in can be given back after that")]
        ExecutionPossible,
        #[msg("The withdrawal is worth nothing now: the vault's cash is all in markets")]
        NothingToWithdraw,
        #[msg("These are the last LP shares, or nearly, and markets still hold money that is theirs: settle and release those first")]
        LastShares,
        #[msg("The owner's token account holds fewer LP shares")]
        NotEnoughLpShares,
        #[msg("The bookkeeping of LP shares does not add up")]
        SharesMismatch,
        #[msg("The market would need more of the vault than one market may have")]
        MarketCapExceeded,
        #[msg("More of the vault would be at risk on this event than one event may have")]
        EventCapExceeded,
        #[msg("More of the vault would be at risk on this feed than one feed may have")]
        FeedCapExceeded,
        #[msg("More of the vault's equity would be in markets and reserved for chains than its utilisation cap")]
        UtilisationExceeded,
        #[msg("What was lost within a day, and what is in markets and reserved for chains with this one, is more than may be lost within a day")]
        LossCapExceeded,
        #[msg("The vault has not enough free cash")]
        NotEnoughCash,
        #[msg("The vault's free cash would not cover the withdrawals that wait, which come first")]
        WithdrawalsWaiting,
        #[msg("The market's id is not the vault's next one: read `next_market_id` of the vault")]
        MarketIdNotNext,
        #[msg("The event has markets that are not closed yet")]
        EventInUse,
        #[msg("The event had a market within a day: only the operator can close its book")]
        EventNotIdle,
        #[msg("A flash market lasts 5 seconds to 4 hours and opens within 4 hours")]
        DurationOutOfRange,
        #[msg("The market would open sooner after its creation than the vault's lead")]
        OpensTooSoon,
        #[msg("The frozen time must be shorter than the market and, where depth falls with the time left, at least a second and a 64th of it")]
        FreezeOutOfRange,
        #[msg("The bet delay is out of range: up to 30 s, with 1 to 60 s to execute, both together shorter than trading; without a delay the time to execute must be 0")]
        DelayOutOfRange,
        #[msg("A market that may be resolved while it trades needs a bet delay of at least 1 s")]
        DelayNeeded,
        #[msg("The time to resolve is out of range: 5 minutes to 24 hours after the later of lock and observation")]
        ResolutionTimeOutOfRange,
        #[msg("The feed id is not below the BN254 scalar field's order")]
        NotAFieldElement,
        #[msg("The market is suspended by its operator for now")]
        MarketSuspended,
        #[msg("The market is not suspended")]
        MarketNotSuspended,
        #[msg("The suspension is 0 seconds or costs more than what the market has left: at least its delay and its time to execute")]
        SuspensionOutOfRange,
        #[msg("The market has a bet delay: a pending order account is needed")]
        DelayRequired,
        #[msg("The market has no bet delay: no pending order account is taken")]
        DelayNotOffered,
        #[msg("The order's delay and time to execute would end after trading is over")]
        DelayPastFreeze,
        #[msg("The delay of this order has not passed yet, in slots and in seconds")]
        DelayNotPassed,
        #[msg("The remaining accounts must come in fives: order, ticket, placer, the placer's token account, who paid the rent")]
        OrderAccounts,
        #[msg("No order was executed and none given back: none of them is there")]
        NothingExecuted,
        #[msg("The result is of a time after trading, which is not over")]
        TradingNotOver,
        #[msg("An observation names the outcome: resolve the market on it")]
        OutcomeKnown,
        #[msg("The observation of the strike is there: set the strike, and resolve the market")]
        StrikeKnown,
        #[msg("The market's deadline has not passed; only a proof can settle it")]
        DeadlineNotPassed,
        #[msg("Orders are pending in this market, which come first")]
        OrdersPending,
        #[msg("The market has tickets that are not settled yet")]
        TicketsOpen,
        #[msg("The remaining accounts must come in fours: ticket, owner, the owner's token account, who paid the rent")]
        SettlementAccounts,
        #[msg("Nothing was settled: no ticket is there, or none that is not held, without sales pending and with a token account that can take its payout")]
        NothingSettled,
        #[msg("The operator has markets that are not closed, or fees that are not collected")]
        OperatorInUse,
        #[msg("The group has no such branch: there is one for each outcome of its condition, from 0")]
        BranchOutOfRange,
        #[msg("The ticket has less credit in this branch, or in one of the branches, than that")]
        NotEnoughCredit,
        #[msg("The condition's result is in the group's books: there are no more deposits, trades and merges")]
        GroupCollapsed,
        #[msg("The condition's result is not in the group's books yet: collapse the group first")]
        GroupNotCollapsed,
        #[msg("What the group's balances are paid is fixed: settle the tickets")]
        GroupSettled,
        #[msg("What the group's balances are paid is not fixed yet: it waits for the results of its condition and its asset")]
        GroupNotSettled,
        #[msg("A branch's credits, cash and fees do not sum to what was deposited")]
        BranchesUnbalanced,
        #[msg("The condition and the asset must be two open markets of the group's vault")]
        GroupMarkets,
        #[msg("The results of condition and asset must be of their locks or later: else whoever has a proof would trade on it")]
        GroupResultEarly,
        #[msg("The asset's market must have no bet delay: a group has no orders that wait")]
        AssetHasDelay,
        #[msg("Neither condition nor asset may be a market on a price: what branches hold would not count against the cap of what may be at stake on it")]
        GroupOnPrice,
        #[msg("There must be a row of opening prices for each outcome of the condition, with one for each outcome of the asset, basis points that sum to 10,000")]
        BranchPriorsOutOfRange,
        #[msg("Quantum groups have not taken this market's result yet: collapse or settle them first")]
        GroupsOpen,
        #[msg("The group has tickets that are not settled yet, or its surplus is not released")]
        GroupInUse,
        #[msg("The terms of chains are out of range: fee rates up to 1,000 basis points, spread up to 5,000, reserve up to 10,000")]
        ChainTermsOutOfRange,
        #[msg("The vault offers no chains: the reserve of its chain terms is 0")]
        ChainsNotOffered,
        #[msg("A chain has 2 to 9 legs, with an outcome for each")]
        ChainLegCount,
        #[msg("The remaining accounts must come in fives, one for each leg that is open: market, chain book, event book, feed book, observation")]
        ChainLegAccounts,
        #[msg("The remaining accounts must come in fours: market, chain book, event book, feed book")]
        ChainSettlementAccounts,
        #[msg("Two legs of the chain are of one event")]
        LegsShareEvent,
        #[msg("Two legs of the chain are of events of one correlation group")]
        LegsShareGroup,
        #[msg("Two legs of the chain are of one feed")]
        LegsShareFeed,
        #[msg("The observation that a leg waits for exists: its result is known")]
        LegResultKnown,
        #[msg("A leg was suspended while the chain waited")]
        LegWasSuspended,
        #[msg("A leg pays no more than it costs: with spread and fee its price is one or more")]
        LegTooCertain,
        #[msg("The chain pays more than 500 times its stake, the most where the shortest leg lasts up to 60 seconds")]
        MultipleAbove500,
        #[msg("The chain pays more than 250 times its stake, the most where the shortest leg lasts up to 10 minutes")]
        MultipleAbove250,
        #[msg("The chain pays more than 150 times its stake, the most where the shortest leg lasts up to 30 minutes")]
        MultipleAbove150,
        #[msg("The chain pays more than 100 times its stake, the most where the shortest leg lasts up to an hour")]
        MultipleAbove100,
        #[msg("The chain pays more than 75 times its stake, the most where the shortest leg lasts up to 4 hours")]
        MultipleAbove75,
        #[msg("Open chains through this market could be paid more than one market may be funded with")]
        LegCapExceeded,
        #[msg("Chains would have more of the vault's equity reserved than its chain terms allow")]
        ChainReserveExceeded,
        #[msg("The chain does not wait for its execution")]
        ChainNotWaiting,
        #[msg("The chain is not open: it waits for its execution, or a leg is lost")]
        ChainNotOpen,
        #[msg("The chain has legs that are not settled yet")]
        LegsOpen,
        #[msg("The chain has no leg left that is open: close it")]
        NoLegsOpen,
        #[msg("The chain is not asked to be cashed out")]
        NoCashOutWaiting,
        #[msg("The market has a chain book, which is closed first: once no leg of a chain is open in it")]
        ChainBookOpen,
        #[msg("Legs of chains are open in this market")]
        ChainBookInUse,
        #[msg("No chain has legs on a market on a price: what may be at stake there is capped by what it costs to move it")]
        LegOnPrice,
        #[msg("The pending order has ended already")]
        OrderEnded,
        #[msg("The pending order has not ended yet")]
        OrderNotEnded,
        #[msg("Nobody lends in a flash market: what is borrowed through a result has to be paid back out of the win, which leaves what the stake alone would pay")]
        BorrowNotOffered,
        #[msg("The remaining accounts must come in twos, for each leg after the first: market, its token account")]
        RollingLegAccounts,
        #[msg("Two legs of the rolling chain are on one market")]
        LegsShareMarket,
        #[msg("The legs of the rolling chain are on markets of different mints")]
        LegsOfOtherMint,
        #[msg("The most to pay for a share of a leg must be above zero and at most one")]
        RollingPriceOutOfRange,
        #[msg("The remaining accounts must be the next leg's: market, its token account, its vault, its observation")]
        NextLegAccounts,
        #[msg("The leg's market is closed")]
        LegGone,
        #[msg("The rolling chain holds no shares: its stake waits for the bet delay")]
        RollingWaiting,
        #[msg("The rolling chain holds shares: nothing of it waits for a bet delay")]
        RollingNotWaiting,
        #[msg("More of the vault would be at risk on a verse, or on one above it, than it may have")]
        VerseCapExceeded,
        #[msg("The event's verse, and every one above it, must be among the accounts, writable; of another event none")]
        VerseMissing,
        #[msg("A verse is at most on the eighth level, the root counted")]
        VerseTooDeep,
        #[msg("Events or verses name this verse, which are closed first")]
        VerseInUse,
        #[msg("Something named the verse within a day: only the operator can close it")]
        VerseNotIdle,
        #[msg("Open chains would be paid more than half of what a verse, or one above it, may have at risk: the rest is for markets")]
        VerseChainsExceeded,
        #[msg("The time in which the next leg can be taken has passed")]
        RollingStepLate,
        #[msg("The most above the slow price is out of range: up to 10,000 basis points of it")]
        AboveSlowOutOfRange,
    }
}
