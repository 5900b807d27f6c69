// Generated from the IDLs by scripts/generate.mjs; do not edit.

import {
	getBoughtDecoder,
	getCreatorFeesCollectedDecoder,
	getCurveSwitchedDecoder,
	getDisputeBondClaimedDecoder,
	getDisputeResolvedDecoder,
	getLiquidityAddedDecoder,
	getLiquidityFeesCollectedDecoder,
	getLiquidityLockedDecoder,
	getLiquidityRedeemedDecoder,
	getLiquidityRemovedDecoder,
	getLiquidityTransferredDecoder,
	getMarketClosedDecoder,
	getMarketCreatedDecoder,
	getMarketFinalizedDecoder,
	getMarketVoidedDecoder,
	getPositionRedeemedDecoder,
	getPriceFeedClosedDecoder,
	getPriceFeedSetDecoder,
	getProposalBondClaimedDecoder,
	getProtocolFeesCollectedDecoder,
	getProtocolFeesReleasedDecoder,
	getResolutionDisputedDecoder,
	getResolutionProposedDecoder,
	getSetsMergedDecoder,
	getSetsSplitDecoder,
	getSharesTransferredDecoder,
	getSoldDecoder,
	getStrikeSetDecoder,
	getTreasurySetDecoder,
	getVenueCreatedDecoder,
	getVenuePausedDecoder,
	getVenueTermsSetDecoder,
	getVenueUnpausedDecoder,
	type Bought,
	type CreatorFeesCollected,
	type CurveSwitched,
	type DisputeBondClaimed,
	type DisputeResolved,
	type LiquidityAdded,
	type LiquidityFeesCollected,
	type LiquidityLocked,
	type LiquidityRedeemed,
	type LiquidityRemoved,
	type LiquidityTransferred,
	type MarketClosed,
	type MarketCreated,
	type MarketFinalized,
	type MarketVoided,
	type PositionRedeemed,
	type PriceFeedClosed,
	type PriceFeedSet,
	type ProposalBondClaimed,
	type ProtocolFeesCollected,
	type ProtocolFeesReleased,
	type ResolutionDisputed,
	type ResolutionProposed,
	type SetsMerged,
	type SetsSplit,
	type SharesTransferred,
	type Sold,
	type StrikeSet,
	type TreasurySet,
	type VenueCreated,
	type VenuePaused,
	type VenueTermsSet,
	type VenueUnpaused,
} from './types/index.js';

/** What the program emits. */
export type ProgramEvent =
	| { name: 'Bought'; data: Bought }
	| { name: 'CreatorFeesCollected'; data: CreatorFeesCollected }
	| { name: 'CurveSwitched'; data: CurveSwitched }
	| { name: 'DisputeBondClaimed'; data: DisputeBondClaimed }
	| { name: 'DisputeResolved'; data: DisputeResolved }
	| { name: 'LiquidityAdded'; data: LiquidityAdded }
	| { name: 'LiquidityFeesCollected'; data: LiquidityFeesCollected }
	| { name: 'LiquidityLocked'; data: LiquidityLocked }
	| { name: 'LiquidityRedeemed'; data: LiquidityRedeemed }
	| { name: 'LiquidityRemoved'; data: LiquidityRemoved }
	| { name: 'LiquidityTransferred'; data: LiquidityTransferred }
	| { name: 'MarketClosed'; data: MarketClosed }
	| { name: 'MarketCreated'; data: MarketCreated }
	| { name: 'MarketFinalized'; data: MarketFinalized }
	| { name: 'MarketVoided'; data: MarketVoided }
	| { name: 'PositionRedeemed'; data: PositionRedeemed }
	| { name: 'PriceFeedClosed'; data: PriceFeedClosed }
	| { name: 'PriceFeedSet'; data: PriceFeedSet }
	| { name: 'ProposalBondClaimed'; data: ProposalBondClaimed }
	| { name: 'ProtocolFeesCollected'; data: ProtocolFeesCollected }
	| { name: 'ProtocolFeesReleased'; data: ProtocolFeesReleased }
	| { name: 'ResolutionDisputed'; data: ResolutionDisputed }
	| { name: 'ResolutionProposed'; data: ResolutionProposed }
	| { name: 'SetsMerged'; data: SetsMerged }
	| { name: 'SetsSplit'; data: SetsSplit }
	| { name: 'SharesTransferred'; data: SharesTransferred }
	| { name: 'Sold'; data: Sold }
	| { name: 'StrikeSet'; data: StrikeSet }
	| { name: 'TreasurySet'; data: TreasurySet }
	| { name: 'VenueCreated'; data: VenueCreated }
	| { name: 'VenuePaused'; data: VenuePaused }
	| { name: 'VenueTermsSet'; data: VenueTermsSet }
	| { name: 'VenueUnpaused'; data: VenueUnpaused };

export const EVENTS = [
	{ name: 'Bought', discriminator: new Uint8Array([193,56,215,24,156,76,42,104]), decoder: getBoughtDecoder() },
	{ name: 'CreatorFeesCollected', discriminator: new Uint8Array([117,190,177,156,222,94,28,227]), decoder: getCreatorFeesCollectedDecoder() },
	{ name: 'CurveSwitched', discriminator: new Uint8Array([113,106,95,190,71,104,94,5]), decoder: getCurveSwitchedDecoder() },
	{ name: 'DisputeBondClaimed', discriminator: new Uint8Array([27,74,142,126,193,173,93,119]), decoder: getDisputeBondClaimedDecoder() },
	{ name: 'DisputeResolved', discriminator: new Uint8Array([121,64,249,153,139,128,236,187]), decoder: getDisputeResolvedDecoder() },
	{ name: 'LiquidityAdded', discriminator: new Uint8Array([154,26,221,108,238,64,217,161]), decoder: getLiquidityAddedDecoder() },
	{ name: 'LiquidityFeesCollected', discriminator: new Uint8Array([63,175,75,150,208,156,77,215]), decoder: getLiquidityFeesCollectedDecoder() },
	{ name: 'LiquidityLocked', discriminator: new Uint8Array([150,201,204,183,217,13,119,185]), decoder: getLiquidityLockedDecoder() },
	{ name: 'LiquidityRedeemed', discriminator: new Uint8Array([78,81,213,176,1,84,138,65]), decoder: getLiquidityRedeemedDecoder() },
	{ name: 'LiquidityRemoved', discriminator: new Uint8Array([225,105,216,39,124,116,169,189]), decoder: getLiquidityRemovedDecoder() },
	{ name: 'LiquidityTransferred', discriminator: new Uint8Array([138,85,165,88,158,170,55,56]), decoder: getLiquidityTransferredDecoder() },
	{ name: 'MarketClosed', discriminator: new Uint8Array([86,91,119,43,94,0,217,113]), decoder: getMarketClosedDecoder() },
	{ name: 'MarketCreated', discriminator: new Uint8Array([88,184,130,231,226,84,6,58]), decoder: getMarketCreatedDecoder() },
	{ name: 'MarketFinalized', discriminator: new Uint8Array([83,62,66,204,37,76,234,179]), decoder: getMarketFinalizedDecoder() },
	{ name: 'MarketVoided', discriminator: new Uint8Array([217,12,138,39,108,75,89,26]), decoder: getMarketVoidedDecoder() },
	{ name: 'PositionRedeemed', discriminator: new Uint8Array([129,143,180,44,111,214,220,176]), decoder: getPositionRedeemedDecoder() },
	{ name: 'PriceFeedClosed', discriminator: new Uint8Array([62,6,176,12,126,2,110,8]), decoder: getPriceFeedClosedDecoder() },
	{ name: 'PriceFeedSet', discriminator: new Uint8Array([194,47,73,53,154,209,254,201]), decoder: getPriceFeedSetDecoder() },
	{ name: 'ProposalBondClaimed', discriminator: new Uint8Array([207,177,49,99,219,124,132,254]), decoder: getProposalBondClaimedDecoder() },
	{ name: 'ProtocolFeesCollected', discriminator: new Uint8Array([165,34,125,155,15,86,99,191]), decoder: getProtocolFeesCollectedDecoder() },
	{ name: 'ProtocolFeesReleased', discriminator: new Uint8Array([93,186,145,52,11,106,157,211]), decoder: getProtocolFeesReleasedDecoder() },
	{ name: 'ResolutionDisputed', discriminator: new Uint8Array([209,249,106,201,166,82,67,14]), decoder: getResolutionDisputedDecoder() },
	{ name: 'ResolutionProposed', discriminator: new Uint8Array([209,21,193,193,218,234,131,108]), decoder: getResolutionProposedDecoder() },
	{ name: 'SetsMerged', discriminator: new Uint8Array([52,162,73,89,66,68,118,52]), decoder: getSetsMergedDecoder() },
	{ name: 'SetsSplit', discriminator: new Uint8Array([122,80,239,51,203,114,74,4]), decoder: getSetsSplitDecoder() },
	{ name: 'SharesTransferred', discriminator: new Uint8Array([219,222,239,232,2,70,64,200]), decoder: getSharesTransferredDecoder() },
	{ name: 'Sold', discriminator: new Uint8Array([205,203,210,202,96,11,192,10]), decoder: getSoldDecoder() },
	{ name: 'StrikeSet', discriminator: new Uint8Array([206,31,210,238,79,123,152,18]), decoder: getStrikeSetDecoder() },
	{ name: 'TreasurySet', discriminator: new Uint8Array([69,231,163,135,254,194,109,166]), decoder: getTreasurySetDecoder() },
	{ name: 'VenueCreated', discriminator: new Uint8Array([43,254,195,223,129,54,53,83]), decoder: getVenueCreatedDecoder() },
	{ name: 'VenuePaused', discriminator: new Uint8Array([109,52,40,54,16,55,32,225]), decoder: getVenuePausedDecoder() },
	{ name: 'VenueTermsSet', discriminator: new Uint8Array([7,74,169,17,207,190,178,135]), decoder: getVenueTermsSetDecoder() },
	{ name: 'VenueUnpaused', discriminator: new Uint8Array([159,135,0,120,106,155,98,96]), decoder: getVenueUnpausedDecoder() },
] as const;
