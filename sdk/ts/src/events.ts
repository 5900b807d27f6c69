// Events from the log of a transaction.
import { type Address, getBase64Encoder } from '@solana/kit';

import { PROGRAM_EVENTS, type StrobeEvent } from './generated/program-events.js';

export type { StrobeEvent };

/**
 * Every event of Strobe's programs in the log, in order.
 *
 * A log that the node cut short (`Log truncated`) gives the events before the cut.
 */
export function decodeEvents(logs: readonly string[]): StrobeEvent[] {
	const stack: Address[] = [];
	const events: StrobeEvent[] = [];
	for (const line of logs) {
		const data = /^Program data: ([A-Za-z0-9+/=]+)$/.exec(line)?.[1];
		const called = /^Program (\w+) invoke \[/.exec(line)?.[1];
		if (data !== undefined) {
			const program = stack.at(-1);
			const event = program === undefined ? undefined : decodeEvent(program, data);
			if (event) events.push(event);
		} else if (called !== undefined) {
			stack.push(called as Address);
		} else if (/^Program \w+ (success|failed)/.test(line)) {
			stack.pop();
		}
	}
	return events;
}

function decodeEvent(program: Address, base64: string): StrobeEvent | undefined {
	const bytes = getBase64Encoder().encode(base64);
	const own = PROGRAM_EVENTS[program];
	const event = own?.events.find(({ discriminator }) =>
		discriminator.every((byte, index) => bytes[index] === byte),
	);
	if (!own || !event) return undefined;
	const data = event.decoder.decode(bytes, event.discriminator.length);
	return { program: own.program, name: event.name, data } as StrobeEvent;
}
