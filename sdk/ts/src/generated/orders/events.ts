// Generated from the IDLs by scripts/generate.mjs; do not edit.

import {
	getBatchClosedDecoder,
	getBatchCrossedDecoder,
	getBatchOpenedDecoder,
	getBatchPricedDecoder,
	getDeskClosedDecoder,
	getDeskOpenedDecoder,
	getDeskSettledDecoder,
	getOrderCancelledDecoder,
	getOrderFilledDecoder,
	getOrderPlacedDecoder,
	getOrderReturnedDecoder,
	getOrderRevealedDecoder,
	getOrderSealedDecoder,
	getOrderWatchedDecoder,
	getOrdersMatchedDecoder,
	getSealedOrderReturnedDecoder,
	getSliceBookedDecoder,
	getSlicePlacedDecoder,
	type BatchClosed,
	type BatchCrossed,
	type BatchOpened,
	type BatchPriced,
	type DeskClosed,
	type DeskOpened,
	type DeskSettled,
	type OrderCancelled,
	type OrderFilled,
	type OrderPlaced,
	type OrderReturned,
	type OrderRevealed,
	type OrderSealed,
	type OrderWatched,
	type OrdersMatched,
	type SealedOrderReturned,
	type SliceBooked,
	type SlicePlaced,
} from './types/index.js';

/** What the program emits. */
export type ProgramEvent =
	| { name: 'BatchClosed'; data: BatchClosed }
	| { name: 'BatchCrossed'; data: BatchCrossed }
	| { name: 'BatchOpened'; data: BatchOpened }
	| { name: 'BatchPriced'; data: BatchPriced }
	| { name: 'DeskClosed'; data: DeskClosed }
	| { name: 'DeskOpened'; data: DeskOpened }
	| { name: 'DeskSettled'; data: DeskSettled }
	| { name: 'OrderCancelled'; data: OrderCancelled }
	| { name: 'OrderFilled'; data: OrderFilled }
	| { name: 'OrderPlaced'; data: OrderPlaced }
	| { name: 'OrderReturned'; data: OrderReturned }
	| { name: 'OrderRevealed'; data: OrderRevealed }
	| { name: 'OrderSealed'; data: OrderSealed }
	| { name: 'OrderWatched'; data: OrderWatched }
	| { name: 'OrdersMatched'; data: OrdersMatched }
	| { name: 'SealedOrderReturned'; data: SealedOrderReturned }
	| { name: 'SliceBooked'; data: SliceBooked }
	| { name: 'SlicePlaced'; data: SlicePlaced };

export const EVENTS = [
	{ name: 'BatchClosed', discriminator: new Uint8Array([192,76,201,211,10,212,139,232]), decoder: getBatchClosedDecoder() },
	{ name: 'BatchCrossed', discriminator: new Uint8Array([113,121,66,223,251,138,21,70]), decoder: getBatchCrossedDecoder() },
	{ name: 'BatchOpened', discriminator: new Uint8Array([232,120,56,150,9,193,191,96]), decoder: getBatchOpenedDecoder() },
	{ name: 'BatchPriced', discriminator: new Uint8Array([71,213,208,136,50,226,85,126]), decoder: getBatchPricedDecoder() },
	{ name: 'DeskClosed', discriminator: new Uint8Array([251,30,66,204,221,164,0,118]), decoder: getDeskClosedDecoder() },
	{ name: 'DeskOpened', discriminator: new Uint8Array([92,209,198,167,123,179,70,54]), decoder: getDeskOpenedDecoder() },
	{ name: 'DeskSettled', discriminator: new Uint8Array([64,6,36,199,207,8,184,183]), decoder: getDeskSettledDecoder() },
	{ name: 'OrderCancelled', discriminator: new Uint8Array([108,56,128,68,168,113,168,239]), decoder: getOrderCancelledDecoder() },
	{ name: 'OrderFilled', discriminator: new Uint8Array([120,124,109,66,249,116,174,30]), decoder: getOrderFilledDecoder() },
	{ name: 'OrderPlaced', discriminator: new Uint8Array([96,130,204,234,169,219,216,227]), decoder: getOrderPlacedDecoder() },
	{ name: 'OrderReturned', discriminator: new Uint8Array([93,88,161,156,100,224,65,43]), decoder: getOrderReturnedDecoder() },
	{ name: 'OrderRevealed', discriminator: new Uint8Array([241,84,202,173,0,48,108,91]), decoder: getOrderRevealedDecoder() },
	{ name: 'OrderSealed', discriminator: new Uint8Array([214,246,124,3,226,247,237,45]), decoder: getOrderSealedDecoder() },
	{ name: 'OrderWatched', discriminator: new Uint8Array([8,92,119,2,109,1,154,97]), decoder: getOrderWatchedDecoder() },
	{ name: 'OrdersMatched', discriminator: new Uint8Array([178,8,229,95,192,161,128,196]), decoder: getOrdersMatchedDecoder() },
	{ name: 'SealedOrderReturned', discriminator: new Uint8Array([106,173,204,82,223,96,254,161]), decoder: getSealedOrderReturnedDecoder() },
	{ name: 'SliceBooked', discriminator: new Uint8Array([206,200,127,140,71,87,158,90]), decoder: getSliceBookedDecoder() },
	{ name: 'SlicePlaced', discriminator: new Uint8Array([73,8,49,122,80,96,238,150]), decoder: getSlicePlacedDecoder() },
] as const;
