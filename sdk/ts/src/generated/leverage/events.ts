// Generated from the IDLs by scripts/generate.mjs; do not edit.

import {
	getClaimWithdrawnDecoder,
	getDeleverageCalledDecoder,
	getGroupCreatedDecoder,
	getHealthChangedDecoder,
	getListingSettledDecoder,
	getMarginAddedDecoder,
	getMarketDelistedDecoder,
	getMarketListedDecoder,
	getOpenCancelledDecoder,
	getOpenRequestedDecoder,
	getParametersChangedDecoder,
	getPoolClosedDecoder,
	getPoolCreatedDecoder,
	getPoolDepositEndedDecoder,
	getPoolDepositRequestedDecoder,
	getPoolTermsChangedDecoder,
	getPoolWithdrawCancelledDecoder,
	getPoolWithdrawRequestedDecoder,
	getPoolWithdrawnDecoder,
	getPositionOpenedDecoder,
	getPositionReducedDecoder,
	getPositionRepaidDecoder,
	getPositionSettledDecoder,
	getPositionsLiquidatedDecoder,
	getReleasedDecoder,
	getTrippedDecoder,
	type ClaimWithdrawn,
	type DeleverageCalled,
	type GroupCreated,
	type HealthChanged,
	type ListingSettled,
	type MarginAdded,
	type MarketDelisted,
	type MarketListed,
	type OpenCancelled,
	type OpenRequested,
	type ParametersChanged,
	type PoolClosed,
	type PoolCreated,
	type PoolDepositEnded,
	type PoolDepositRequested,
	type PoolTermsChanged,
	type PoolWithdrawCancelled,
	type PoolWithdrawRequested,
	type PoolWithdrawn,
	type PositionOpened,
	type PositionReduced,
	type PositionRepaid,
	type PositionSettled,
	type PositionsLiquidated,
	type Released,
	type Tripped,
} from './types/index.js';

/** What the program emits. */
export type ProgramEvent =
	| { name: 'ClaimWithdrawn'; data: ClaimWithdrawn }
	| { name: 'DeleverageCalled'; data: DeleverageCalled }
	| { name: 'GroupCreated'; data: GroupCreated }
	| { name: 'HealthChanged'; data: HealthChanged }
	| { name: 'ListingSettled'; data: ListingSettled }
	| { name: 'MarginAdded'; data: MarginAdded }
	| { name: 'MarketDelisted'; data: MarketDelisted }
	| { name: 'MarketListed'; data: MarketListed }
	| { name: 'OpenCancelled'; data: OpenCancelled }
	| { name: 'OpenRequested'; data: OpenRequested }
	| { name: 'ParametersChanged'; data: ParametersChanged }
	| { name: 'PoolClosed'; data: PoolClosed }
	| { name: 'PoolCreated'; data: PoolCreated }
	| { name: 'PoolDepositEnded'; data: PoolDepositEnded }
	| { name: 'PoolDepositRequested'; data: PoolDepositRequested }
	| { name: 'PoolTermsChanged'; data: PoolTermsChanged }
	| { name: 'PoolWithdrawCancelled'; data: PoolWithdrawCancelled }
	| { name: 'PoolWithdrawRequested'; data: PoolWithdrawRequested }
	| { name: 'PoolWithdrawn'; data: PoolWithdrawn }
	| { name: 'PositionOpened'; data: PositionOpened }
	| { name: 'PositionReduced'; data: PositionReduced }
	| { name: 'PositionRepaid'; data: PositionRepaid }
	| { name: 'PositionSettled'; data: PositionSettled }
	| { name: 'PositionsLiquidated'; data: PositionsLiquidated }
	| { name: 'Released'; data: Released }
	| { name: 'Tripped'; data: Tripped };

export const EVENTS = [
	{ name: 'ClaimWithdrawn', discriminator: new Uint8Array([27,5,178,133,16,163,132,179]), decoder: getClaimWithdrawnDecoder() },
	{ name: 'DeleverageCalled', discriminator: new Uint8Array([237,102,37,192,125,242,197,109]), decoder: getDeleverageCalledDecoder() },
	{ name: 'GroupCreated', discriminator: new Uint8Array([132,94,184,198,77,165,13,26]), decoder: getGroupCreatedDecoder() },
	{ name: 'HealthChanged', discriminator: new Uint8Array([207,128,6,106,148,123,49,20]), decoder: getHealthChangedDecoder() },
	{ name: 'ListingSettled', discriminator: new Uint8Array([160,199,158,115,172,155,237,111]), decoder: getListingSettledDecoder() },
	{ name: 'MarginAdded', discriminator: new Uint8Array([121,187,28,95,195,171,37,8]), decoder: getMarginAddedDecoder() },
	{ name: 'MarketDelisted', discriminator: new Uint8Array([221,179,59,161,218,81,167,151]), decoder: getMarketDelistedDecoder() },
	{ name: 'MarketListed', discriminator: new Uint8Array([29,11,143,239,139,12,79,19]), decoder: getMarketListedDecoder() },
	{ name: 'OpenCancelled', discriminator: new Uint8Array([74,171,37,164,201,35,132,133]), decoder: getOpenCancelledDecoder() },
	{ name: 'OpenRequested', discriminator: new Uint8Array([250,233,179,0,52,172,211,7]), decoder: getOpenRequestedDecoder() },
	{ name: 'ParametersChanged', discriminator: new Uint8Array([199,80,214,98,15,70,180,118]), decoder: getParametersChangedDecoder() },
	{ name: 'PoolClosed', discriminator: new Uint8Array([106,46,29,231,42,44,73,119]), decoder: getPoolClosedDecoder() },
	{ name: 'PoolCreated', discriminator: new Uint8Array([202,44,41,88,104,220,157,82]), decoder: getPoolCreatedDecoder() },
	{ name: 'PoolDepositEnded', discriminator: new Uint8Array([2,47,230,235,9,242,246,13]), decoder: getPoolDepositEndedDecoder() },
	{ name: 'PoolDepositRequested', discriminator: new Uint8Array([124,210,191,26,176,54,3,199]), decoder: getPoolDepositRequestedDecoder() },
	{ name: 'PoolTermsChanged', discriminator: new Uint8Array([198,224,114,121,117,57,17,190]), decoder: getPoolTermsChangedDecoder() },
	{ name: 'PoolWithdrawCancelled', discriminator: new Uint8Array([70,54,157,173,138,206,183,64]), decoder: getPoolWithdrawCancelledDecoder() },
	{ name: 'PoolWithdrawRequested', discriminator: new Uint8Array([250,174,203,203,199,132,160,59]), decoder: getPoolWithdrawRequestedDecoder() },
	{ name: 'PoolWithdrawn', discriminator: new Uint8Array([23,62,221,23,53,222,69,207]), decoder: getPoolWithdrawnDecoder() },
	{ name: 'PositionOpened', discriminator: new Uint8Array([237,175,243,230,147,117,101,121]), decoder: getPositionOpenedDecoder() },
	{ name: 'PositionReduced', discriminator: new Uint8Array([251,198,158,1,128,208,153,2]), decoder: getPositionReducedDecoder() },
	{ name: 'PositionRepaid', discriminator: new Uint8Array([37,117,33,145,91,227,157,156]), decoder: getPositionRepaidDecoder() },
	{ name: 'PositionSettled', discriminator: new Uint8Array([75,100,92,189,245,116,252,221]), decoder: getPositionSettledDecoder() },
	{ name: 'PositionsLiquidated', discriminator: new Uint8Array([112,9,180,150,78,128,244,110]), decoder: getPositionsLiquidatedDecoder() },
	{ name: 'Released', discriminator: new Uint8Array([232,229,255,136,101,189,15,220]), decoder: getReleasedDecoder() },
	{ name: 'Tripped', discriminator: new Uint8Array([40,214,132,64,92,55,119,107]), decoder: getTrippedDecoder() },
] as const;
