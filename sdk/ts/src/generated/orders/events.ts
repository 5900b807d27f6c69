// Generated from the IDLs by scripts/generate.mjs; do not edit.

import {
	getDeskClosedDecoder,
	getDeskOpenedDecoder,
	getDeskSettledDecoder,
	getOrderFilledDecoder,
	getOrderPlacedDecoder,
	getOrderReturnedDecoder,
	getOrderWatchedDecoder,
	type DeskClosed,
	type DeskOpened,
	type DeskSettled,
	type OrderFilled,
	type OrderPlaced,
	type OrderReturned,
	type OrderWatched,
} from './types/index.js';

/** What the program emits. */
export type ProgramEvent =
	| { name: 'DeskClosed'; data: DeskClosed }
	| { name: 'DeskOpened'; data: DeskOpened }
	| { name: 'DeskSettled'; data: DeskSettled }
	| { name: 'OrderFilled'; data: OrderFilled }
	| { name: 'OrderPlaced'; data: OrderPlaced }
	| { name: 'OrderReturned'; data: OrderReturned }
	| { name: 'OrderWatched'; data: OrderWatched };

export const EVENTS = [
	{ name: 'DeskClosed', discriminator: new Uint8Array([251,30,66,204,221,164,0,118]), decoder: getDeskClosedDecoder() },
	{ name: 'DeskOpened', discriminator: new Uint8Array([92,209,198,167,123,179,70,54]), decoder: getDeskOpenedDecoder() },
	{ name: 'DeskSettled', discriminator: new Uint8Array([64,6,36,199,207,8,184,183]), decoder: getDeskSettledDecoder() },
	{ name: 'OrderFilled', discriminator: new Uint8Array([120,124,109,66,249,116,174,30]), decoder: getOrderFilledDecoder() },
	{ name: 'OrderPlaced', discriminator: new Uint8Array([96,130,204,234,169,219,216,227]), decoder: getOrderPlacedDecoder() },
	{ name: 'OrderReturned', discriminator: new Uint8Array([93,88,161,156,100,224,65,43]), decoder: getOrderReturnedDecoder() },
	{ name: 'OrderWatched', discriminator: new Uint8Array([8,92,119,2,109,1,154,97]), decoder: getOrderWatchedDecoder() },
] as const;
