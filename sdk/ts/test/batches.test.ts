import assert from 'node:assert/strict';
import { test } from 'node:test';

import { StrobeError } from '@strobe/sdk';
import { orders } from '@strobe/sdk/programs';

import { readPrices } from './readings.js';
import { UNIT, startStandardWorld } from './standard-world.js';
import { SKIP } from './world.js';

const DAY = 86_400n;
/** Ten to it base units are a unit. */
const POWER = 6;

test('sealed orders of both sides cross at a price that is fixed before they are shown', { skip: SKIP }, async () => {
	const { world, market, venue } = await startStandardWorld({ lastsSeconds: DAY });
	const users = await Promise.all([world.user(100n * UNIT), world.user(100n * UNIT)]);
	const { strobe } = users[0]!;
	// The desk is opened by an order, which goes back.
	const { order } = await strobe.orders.place({ market, outcome: 0, side: 'buy', total: UNIT, limit: 0.5 });
	await strobe.orders.cancel(order);
	await readPrices(world, market, venue);

	const { batch } = await strobe.batches.open({ market, denominationPower: POWER });
	assert.deepEqual((await strobe.batches.list({ market })).map(({ address }) => address), [batch]);
	const sealed = [];
	for (const [outcome, user] of users.entries()) {
		const seal = { batch, outcome, limit: 0.6, maxBond: UNIT };
		await assert.rejects(user.strobe.batches.seal({ ...seal, maxBond: 1n }), (error: StrobeError) => {
			assert.equal(error.errorName, 'BondAboveBound');
			return true;
		});
		sealed.push(await user.strobe.batches.seal(seal));
	}
	const first = sealed[0]!;
	assert.equal((await strobe.batches.order(first.order)).state.revealed.__option, 'None');
	await assert.rejects(strobe.batches.reveal(first.order, first.terms), StrobeError);

	const { state } = await strobe.batches.get(batch);
	world.setTime(state.commitUntil);
	await strobe.batches.price(batch);
	world.setTime(world.now() + 61n);
	await strobe.batches.price(batch);
	for (const { order, terms } of sealed) {
		const wrong = { ...terms, outcome: 1 - terms.outcome };
		await assert.rejects(strobe.batches.reveal(order, wrong), StrobeError);
		await strobe.batches.reveal(order, terms);
	}
	await strobe.batches.cross(batch);
	assert.equal((await strobe.batches.get(batch)).state.status, orders.BatchStatus.Crossed);
	let spent = 0n;
	const held = [];
	for (const [index, user] of users.entries()) {
		await user.strobe.batches.take(sealed[index]!.order);
		spent += 100n * UNIT - (await world.balance(user.wallet.address));
		held.push((await user.strobe.markets.position(market))!.holdings.shares);
	}
	// Bonds are back, and each side has the other one's complement.
	const sets = held[0]![0]!;
	assert.ok(sets > UNIT && sets === held[1]![1] && sets === spent);
	assert.deepEqual([held[0]![1], held[1]![0]], [0n, 0n]);
});

test('a sealed order is taken back before the commitments end', { skip: SKIP }, async () => {
	const { world, market, venue } = await startStandardWorld({ lastsSeconds: DAY });
	const { wallet, strobe } = await world.user(100n * UNIT);
	const placed = await strobe.orders.place({ market, outcome: 0, side: 'buy', total: UNIT, limit: 0.5 });
	await strobe.orders.cancel(placed.order);
	await readPrices(world, market, venue);
	const { batch } = await strobe.batches.open({ market, denominationPower: POWER });
	const { order } = await strobe.batches.seal({ batch, outcome: 1, limit: 0.5, maxBond: UNIT });
	assert.ok((await world.balance(wallet.address)) < 99n * UNIT, 'the money and a bond');
	await strobe.batches.take(order);
	assert.equal(await world.balance(wallet.address), 100n * UNIT);
});
