import assert from 'node:assert/strict';
import { test } from 'node:test';

import { address, getStructEncoder, getU64Encoder, getI64Encoder, getAddressEncoder } from '@solana/kit';
import { PROGRAM_EVENTS, decodeEvents } from '@strobe/sdk';
import { oracle } from '@strobe/sdk/programs';

const { ORACLE_PROGRAM_ADDRESS } = oracle;
const OTHER = address('11111111111111111111111111111111');

function observationClosed(): string {
	const own = PROGRAM_EVENTS[ORACLE_PROGRAM_ADDRESS]!;
	const { discriminator } = own.events.find(({ name }) => name === 'ObservationClosed')!;
	const fields = getStructEncoder([
		['sequence', getU64Encoder()],
		['slot', getU64Encoder()],
		['unixTime', getI64Encoder()],
		['observation', getAddressEncoder()],
		['rentPayer', getAddressEncoder()],
	]).encode({ sequence: 1n, slot: 2n, unixTime: 3n, observation: OTHER, rentPayer: OTHER });
	return Buffer.from([...Array.from(discriminator), ...fields]).toString('base64');
}

test('events are of the program that emitted them', () => {
	const data = observationClosed();
	const events = decodeEvents([
		`Program ${ORACLE_PROGRAM_ADDRESS} invoke [1]`,
		`Program log: Program ${OTHER} invoke [2]`,
		`Program ${OTHER} invoke [2]`,
		`Program data: ${data}`,
		`Program ${OTHER} success`,
		`Program data: ${data}`,
		`Program ${ORACLE_PROGRAM_ADDRESS} success`,
		`Program data: ${data}`,
	]);
	assert.equal(events.length, 1);
	const [event] = events;
	assert.ok(event?.program === 'oracle' && event.name === 'ObservationClosed');
	assert.equal(event.data.header.slot, 2n);
	assert.equal(event.data.observation, OTHER);
});

test('every program has events, each with a discriminator of its own', () => {
	for (const { events } of Object.values(PROGRAM_EVENTS)) {
		const seen = new Set(events.map(({ discriminator }) => Array.from(discriminator).join()));
		assert.ok(events.length > 3);
		assert.equal(seen.size, events.length);
	}
});
