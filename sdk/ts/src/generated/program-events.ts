// Generated from the IDLs by scripts/generate.mjs; do not edit.

import type { Decoder, ReadonlyUint8Array } from '@solana/kit';

import * as flashBets from './flash-bets/events.js';
import * as leverage from './leverage/events.js';
import * as markets from './markets/events.js';
import * as oracle from './oracle/events.js';
import * as orders from './orders/events.js';

/** An event, and the program that emitted it. */
export type StrobeEvent =
	| ({ program: 'flashBets' } & flashBets.ProgramEvent)
	| ({ program: 'leverage' } & leverage.ProgramEvent)
	| ({ program: 'markets' } & markets.ProgramEvent)
	| ({ program: 'oracle' } & oracle.ProgramEvent)
	| ({ program: 'orders' } & orders.ProgramEvent);

/** Each program's events by its address. */
export const PROGRAM_EVENTS: Readonly<
	Record<string, {
		program: string;
		events: readonly {
			name: string;
			discriminator: ReadonlyUint8Array;
			decoder: Decoder<unknown>;
		}[];
	}>
> = {
	'2kRMLRLvey8jzxoy2d29JXNuGCCSKk5jFe19VLst659f': { program: 'flashBets', events: flashBets.EVENTS },
	'5WCXhVMNHtX3JSH17wgizeGfkGNzfXuMeYxrakVC72sd': { program: 'leverage', events: leverage.EVENTS },
	'DyPUNi27dUWvNG7NkqY2p9NuLQBRRcUyTP1BBoE35HEK': { program: 'markets', events: markets.EVENTS },
	'73nDbVsSF1zLEKeCDPJkXveoHXcxisDFsQAtpkWi3eGu': { program: 'oracle', events: oracle.EVENTS },
	'EtNxmb7dt5kyN6EyShqJHxGfYZfFerdu1dKBPhDEiug5': { program: 'orders', events: orders.EVENTS },
};
