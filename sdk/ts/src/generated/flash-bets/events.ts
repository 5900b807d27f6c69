// Generated from the IDLs by scripts/generate.mjs; do not edit.

import {
	getBetPlacedDecoder,
	getBranchTradedDecoder,
	getBranchesMergedDecoder,
	getCashOutRequestedDecoder,
	getCashedOutDecoder,
	getChainBookClosedDecoder,
	getChainBookCreatedDecoder,
	getChainCashedOutDecoder,
	getChainClosedDecoder,
	getChainOpenedDecoder,
	getChainRequestedDecoder,
	getChainReturnedDecoder,
	getChangeCancelledDecoder,
	getChangeProposedDecoder,
	getDepositDoneDecoder,
	getDepositRequestedDecoder,
	getEventBookClosedDecoder,
	getEventBookCreatedDecoder,
	getFeesCollectedDecoder,
	getFlashMarketClosedDecoder,
	getFlashMarketCreatedDecoder,
	getFlashMarketVoidedDecoder,
	getFlashPriceFeedClosedDecoder,
	getFlashPriceFeedSetDecoder,
	getFlashStrikeSetDecoder,
	getLegsSettledDecoder,
	getMarketResolvedDecoder,
	getMarketResumedDecoder,
	getMarketSuspendedDecoder,
	getOperatorFeesClosedDecoder,
	getOrderDoneDecoder,
	getOrderQueuedDecoder,
	getQuantumClosedDecoder,
	getQuantumCollapsedDecoder,
	getQuantumCreatedDecoder,
	getQuantumDepositedDecoder,
	getQuantumReleasedDecoder,
	getQuantumSettledDecoder,
	getQuantumTicketSettledDecoder,
	getReceiptAskedDecoder,
	getRollingBoughtDecoder,
	getRollingEndedDecoder,
	getRollingOpenedDecoder,
	getRollingQueuedDecoder,
	getRollingRedeemedDecoder,
	getSurplusReleasedDecoder,
	getTicketHeldDecoder,
	getTicketOpenedDecoder,
	getTicketSharesTransferredDecoder,
	getTicketsSettledDecoder,
	getVaultClosedDecoder,
	getVaultCreatedDecoder,
	getVaultPausedDecoder,
	getVaultUnpausedDecoder,
	getVerseClosedDecoder,
	getVerseCreatedDecoder,
	getWithdrawRequestedDecoder,
	getWithdrawalReturnedDecoder,
	getWithdrawnDecoder,
	type BetPlaced,
	type BranchTraded,
	type BranchesMerged,
	type CashOutRequested,
	type CashedOut,
	type ChainBookClosed,
	type ChainBookCreated,
	type ChainCashedOut,
	type ChainClosed,
	type ChainOpened,
	type ChainRequested,
	type ChainReturned,
	type ChangeCancelled,
	type ChangeProposed,
	type DepositDone,
	type DepositRequested,
	type EventBookClosed,
	type EventBookCreated,
	type FeesCollected,
	type FlashMarketClosed,
	type FlashMarketCreated,
	type FlashMarketVoided,
	type FlashPriceFeedClosed,
	type FlashPriceFeedSet,
	type FlashStrikeSet,
	type LegsSettled,
	type MarketResolved,
	type MarketResumed,
	type MarketSuspended,
	type OperatorFeesClosed,
	type OrderDone,
	type OrderQueued,
	type QuantumClosed,
	type QuantumCollapsed,
	type QuantumCreated,
	type QuantumDeposited,
	type QuantumReleased,
	type QuantumSettled,
	type QuantumTicketSettled,
	type ReceiptAsked,
	type RollingBought,
	type RollingEnded,
	type RollingOpened,
	type RollingQueued,
	type RollingRedeemed,
	type SurplusReleased,
	type TicketHeld,
	type TicketOpened,
	type TicketSharesTransferred,
	type TicketsSettled,
	type VaultClosed,
	type VaultCreated,
	type VaultPaused,
	type VaultUnpaused,
	type VerseClosed,
	type VerseCreated,
	type WithdrawRequested,
	type WithdrawalReturned,
	type Withdrawn,
} from './types/index.js';

/** What the program emits. */
export type ProgramEvent =
	| { name: 'BetPlaced'; data: BetPlaced }
	| { name: 'BranchTraded'; data: BranchTraded }
	| { name: 'BranchesMerged'; data: BranchesMerged }
	| { name: 'CashOutRequested'; data: CashOutRequested }
	| { name: 'CashedOut'; data: CashedOut }
	| { name: 'ChainBookClosed'; data: ChainBookClosed }
	| { name: 'ChainBookCreated'; data: ChainBookCreated }
	| { name: 'ChainCashedOut'; data: ChainCashedOut }
	| { name: 'ChainClosed'; data: ChainClosed }
	| { name: 'ChainOpened'; data: ChainOpened }
	| { name: 'ChainRequested'; data: ChainRequested }
	| { name: 'ChainReturned'; data: ChainReturned }
	| { name: 'ChangeCancelled'; data: ChangeCancelled }
	| { name: 'ChangeProposed'; data: ChangeProposed }
	| { name: 'DepositDone'; data: DepositDone }
	| { name: 'DepositRequested'; data: DepositRequested }
	| { name: 'EventBookClosed'; data: EventBookClosed }
	| { name: 'EventBookCreated'; data: EventBookCreated }
	| { name: 'FeesCollected'; data: FeesCollected }
	| { name: 'FlashMarketClosed'; data: FlashMarketClosed }
	| { name: 'FlashMarketCreated'; data: FlashMarketCreated }
	| { name: 'FlashMarketVoided'; data: FlashMarketVoided }
	| { name: 'FlashPriceFeedClosed'; data: FlashPriceFeedClosed }
	| { name: 'FlashPriceFeedSet'; data: FlashPriceFeedSet }
	| { name: 'FlashStrikeSet'; data: FlashStrikeSet }
	| { name: 'LegsSettled'; data: LegsSettled }
	| { name: 'MarketResolved'; data: MarketResolved }
	| { name: 'MarketResumed'; data: MarketResumed }
	| { name: 'MarketSuspended'; data: MarketSuspended }
	| { name: 'OperatorFeesClosed'; data: OperatorFeesClosed }
	| { name: 'OrderDone'; data: OrderDone }
	| { name: 'OrderQueued'; data: OrderQueued }
	| { name: 'QuantumClosed'; data: QuantumClosed }
	| { name: 'QuantumCollapsed'; data: QuantumCollapsed }
	| { name: 'QuantumCreated'; data: QuantumCreated }
	| { name: 'QuantumDeposited'; data: QuantumDeposited }
	| { name: 'QuantumReleased'; data: QuantumReleased }
	| { name: 'QuantumSettled'; data: QuantumSettled }
	| { name: 'QuantumTicketSettled'; data: QuantumTicketSettled }
	| { name: 'ReceiptAsked'; data: ReceiptAsked }
	| { name: 'RollingBought'; data: RollingBought }
	| { name: 'RollingEnded'; data: RollingEnded }
	| { name: 'RollingOpened'; data: RollingOpened }
	| { name: 'RollingQueued'; data: RollingQueued }
	| { name: 'RollingRedeemed'; data: RollingRedeemed }
	| { name: 'SurplusReleased'; data: SurplusReleased }
	| { name: 'TicketHeld'; data: TicketHeld }
	| { name: 'TicketOpened'; data: TicketOpened }
	| { name: 'TicketSharesTransferred'; data: TicketSharesTransferred }
	| { name: 'TicketsSettled'; data: TicketsSettled }
	| { name: 'VaultClosed'; data: VaultClosed }
	| { name: 'VaultCreated'; data: VaultCreated }
	| { name: 'VaultPaused'; data: VaultPaused }
	| { name: 'VaultUnpaused'; data: VaultUnpaused }
	| { name: 'VerseClosed'; data: VerseClosed }
	| { name: 'VerseCreated'; data: VerseCreated }
	| { name: 'WithdrawRequested'; data: WithdrawRequested }
	| { name: 'WithdrawalReturned'; data: WithdrawalReturned }
	| { name: 'Withdrawn'; data: Withdrawn };

export const EVENTS = [
	{ name: 'BetPlaced', discriminator: new Uint8Array([88,88,145,226,126,206,32,0]), decoder: getBetPlacedDecoder() },
	{ name: 'BranchTraded', discriminator: new Uint8Array([128,245,245,145,215,94,53,164]), decoder: getBranchTradedDecoder() },
	{ name: 'BranchesMerged', discriminator: new Uint8Array([240,63,186,171,166,26,58,189]), decoder: getBranchesMergedDecoder() },
	{ name: 'CashOutRequested', discriminator: new Uint8Array([229,168,225,92,34,144,202,69]), decoder: getCashOutRequestedDecoder() },
	{ name: 'CashedOut', discriminator: new Uint8Array([141,169,223,233,161,75,111,255]), decoder: getCashedOutDecoder() },
	{ name: 'ChainBookClosed', discriminator: new Uint8Array([247,53,40,182,199,85,172,171]), decoder: getChainBookClosedDecoder() },
	{ name: 'ChainBookCreated', discriminator: new Uint8Array([25,159,169,172,174,26,47,115]), decoder: getChainBookCreatedDecoder() },
	{ name: 'ChainCashedOut', discriminator: new Uint8Array([147,172,180,159,142,213,166,135]), decoder: getChainCashedOutDecoder() },
	{ name: 'ChainClosed', discriminator: new Uint8Array([76,212,226,84,73,197,97,2]), decoder: getChainClosedDecoder() },
	{ name: 'ChainOpened', discriminator: new Uint8Array([127,71,97,1,31,39,98,16]), decoder: getChainOpenedDecoder() },
	{ name: 'ChainRequested', discriminator: new Uint8Array([150,240,13,254,31,2,208,62]), decoder: getChainRequestedDecoder() },
	{ name: 'ChainReturned', discriminator: new Uint8Array([116,4,106,107,143,253,28,137]), decoder: getChainReturnedDecoder() },
	{ name: 'ChangeCancelled', discriminator: new Uint8Array([139,179,97,81,214,21,119,93]), decoder: getChangeCancelledDecoder() },
	{ name: 'ChangeProposed', discriminator: new Uint8Array([170,10,10,8,244,196,146,151]), decoder: getChangeProposedDecoder() },
	{ name: 'DepositDone', discriminator: new Uint8Array([171,203,85,8,94,178,41,240]), decoder: getDepositDoneDecoder() },
	{ name: 'DepositRequested', discriminator: new Uint8Array([35,33,229,138,116,238,192,22]), decoder: getDepositRequestedDecoder() },
	{ name: 'EventBookClosed', discriminator: new Uint8Array([27,34,119,181,153,44,125,133]), decoder: getEventBookClosedDecoder() },
	{ name: 'EventBookCreated', discriminator: new Uint8Array([204,4,236,1,255,66,127,18]), decoder: getEventBookCreatedDecoder() },
	{ name: 'FeesCollected', discriminator: new Uint8Array([233,23,117,225,107,178,254,8]), decoder: getFeesCollectedDecoder() },
	{ name: 'FlashMarketClosed', discriminator: new Uint8Array([49,238,74,225,184,155,137,253]), decoder: getFlashMarketClosedDecoder() },
	{ name: 'FlashMarketCreated', discriminator: new Uint8Array([148,146,134,217,208,17,43,172]), decoder: getFlashMarketCreatedDecoder() },
	{ name: 'FlashMarketVoided', discriminator: new Uint8Array([110,42,117,208,70,194,206,199]), decoder: getFlashMarketVoidedDecoder() },
	{ name: 'FlashPriceFeedClosed', discriminator: new Uint8Array([136,119,140,112,137,93,219,11]), decoder: getFlashPriceFeedClosedDecoder() },
	{ name: 'FlashPriceFeedSet', discriminator: new Uint8Array([83,242,101,234,187,27,74,194]), decoder: getFlashPriceFeedSetDecoder() },
	{ name: 'FlashStrikeSet', discriminator: new Uint8Array([193,126,66,241,10,249,54,147]), decoder: getFlashStrikeSetDecoder() },
	{ name: 'LegsSettled', discriminator: new Uint8Array([26,145,120,85,112,139,77,21]), decoder: getLegsSettledDecoder() },
	{ name: 'MarketResolved', discriminator: new Uint8Array([89,67,230,95,143,106,199,202]), decoder: getMarketResolvedDecoder() },
	{ name: 'MarketResumed', discriminator: new Uint8Array([144,13,227,141,241,104,229,55]), decoder: getMarketResumedDecoder() },
	{ name: 'MarketSuspended', discriminator: new Uint8Array([147,245,94,135,220,239,193,195]), decoder: getMarketSuspendedDecoder() },
	{ name: 'OperatorFeesClosed', discriminator: new Uint8Array([147,201,101,92,120,126,68,104]), decoder: getOperatorFeesClosedDecoder() },
	{ name: 'OrderDone', discriminator: new Uint8Array([102,222,153,66,155,168,232,9]), decoder: getOrderDoneDecoder() },
	{ name: 'OrderQueued', discriminator: new Uint8Array([168,41,24,40,159,186,137,115]), decoder: getOrderQueuedDecoder() },
	{ name: 'QuantumClosed', discriminator: new Uint8Array([241,206,110,63,20,189,242,51]), decoder: getQuantumClosedDecoder() },
	{ name: 'QuantumCollapsed', discriminator: new Uint8Array([176,26,217,195,239,152,158,99]), decoder: getQuantumCollapsedDecoder() },
	{ name: 'QuantumCreated', discriminator: new Uint8Array([37,48,11,16,7,132,249,122]), decoder: getQuantumCreatedDecoder() },
	{ name: 'QuantumDeposited', discriminator: new Uint8Array([219,255,236,146,115,14,112,94]), decoder: getQuantumDepositedDecoder() },
	{ name: 'QuantumReleased', discriminator: new Uint8Array([164,17,195,175,164,92,157,23]), decoder: getQuantumReleasedDecoder() },
	{ name: 'QuantumSettled', discriminator: new Uint8Array([233,93,73,179,208,5,125,115]), decoder: getQuantumSettledDecoder() },
	{ name: 'QuantumTicketSettled', discriminator: new Uint8Array([128,250,131,136,216,48,194,15]), decoder: getQuantumTicketSettledDecoder() },
	{ name: 'ReceiptAsked', discriminator: new Uint8Array([77,223,119,92,248,193,201,29]), decoder: getReceiptAskedDecoder() },
	{ name: 'RollingBought', discriminator: new Uint8Array([9,124,232,115,187,209,227,118]), decoder: getRollingBoughtDecoder() },
	{ name: 'RollingEnded', discriminator: new Uint8Array([235,10,66,117,162,78,48,217]), decoder: getRollingEndedDecoder() },
	{ name: 'RollingOpened', discriminator: new Uint8Array([142,248,150,91,115,189,219,46]), decoder: getRollingOpenedDecoder() },
	{ name: 'RollingQueued', discriminator: new Uint8Array([9,244,39,198,16,1,55,238]), decoder: getRollingQueuedDecoder() },
	{ name: 'RollingRedeemed', discriminator: new Uint8Array([189,165,166,189,18,213,155,95]), decoder: getRollingRedeemedDecoder() },
	{ name: 'SurplusReleased', discriminator: new Uint8Array([196,139,162,193,225,22,235,221]), decoder: getSurplusReleasedDecoder() },
	{ name: 'TicketHeld', discriminator: new Uint8Array([87,61,107,1,121,122,26,5]), decoder: getTicketHeldDecoder() },
	{ name: 'TicketOpened', discriminator: new Uint8Array([224,38,43,125,232,170,103,203]), decoder: getTicketOpenedDecoder() },
	{ name: 'TicketSharesTransferred', discriminator: new Uint8Array([48,73,167,35,233,3,161,133]), decoder: getTicketSharesTransferredDecoder() },
	{ name: 'TicketsSettled', discriminator: new Uint8Array([179,224,80,39,10,105,138,61]), decoder: getTicketsSettledDecoder() },
	{ name: 'VaultClosed', discriminator: new Uint8Array([238,129,38,228,227,118,249,215]), decoder: getVaultClosedDecoder() },
	{ name: 'VaultCreated', discriminator: new Uint8Array([117,25,120,254,75,236,78,115]), decoder: getVaultCreatedDecoder() },
	{ name: 'VaultPaused', discriminator: new Uint8Array([198,157,22,151,68,100,162,35]), decoder: getVaultPausedDecoder() },
	{ name: 'VaultUnpaused', discriminator: new Uint8Array([116,95,48,104,229,9,64,84]), decoder: getVaultUnpausedDecoder() },
	{ name: 'VerseClosed', discriminator: new Uint8Array([135,239,119,27,65,42,167,120]), decoder: getVerseClosedDecoder() },
	{ name: 'VerseCreated', discriminator: new Uint8Array([194,137,56,182,171,111,237,240]), decoder: getVerseCreatedDecoder() },
	{ name: 'WithdrawRequested', discriminator: new Uint8Array([114,16,240,206,93,128,151,39]), decoder: getWithdrawRequestedDecoder() },
	{ name: 'WithdrawalReturned', discriminator: new Uint8Array([78,136,225,170,131,13,118,89]), decoder: getWithdrawalReturnedDecoder() },
	{ name: 'Withdrawn', discriminator: new Uint8Array([20,89,223,198,194,124,219,13]), decoder: getWithdrawnDecoder() },
] as const;
