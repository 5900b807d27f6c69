import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isNone } from '@solana/kit';
import { StrobeError, ordersAddresses } from '@strobe/sdk';

import { startFlashWorld } from './flash-world.js';
import { readPrices } from './readings.js';
import { UNIT, startStandardWorld } from './standard-world.js';
import { SKIP } from './world.js';

const HALF = 1n << 62n;

test('an order to buy is placed, listed and taken back', { skip: SKIP }, async () => {
	const { world, market } = await startStandardWorld();
	const { wallet, strobe } = await world.user(100n * UNIT);
	const order = { market, outcome: 1, side: 'buy', total: 40n * UNIT, limit: 0.5, lastsSeconds: 600 } as const;
	const placed = await strobe.orders.place(order);
	assert.ok(placed.events.some(({ name }) => name === 'DeskOpened'));
	assert.ok(placed.events.some(({ name }) => name === 'OrderPlaced'));
	assert.equal(await world.balance(wallet.address), 60n * UNIT);

	const { state } = await strobe.orders.get(placed.order);
	assert.equal(state.desk, await ordersAddresses.desk(market));
	assert.deepEqual([state.money, state.left, state.slice], [40n * UNIT, 40n * UNIT, 40n * UNIT]);
	assert.deepEqual([state.limitFrom, state.limitTo], [HALF, HALF]);
	assert.equal(state.expiresAt, world.now() + 600n);
	assert.ok(isNone(state.trigger));

	// Somebody else finds it by its market, and not among his own.
	const { wallet: other, strobe: stranger } = await world.user(UNIT);
	const addresses = (await stranger.orders.list({ market })).map(({ address }) => address);
	assert.deepEqual(addresses, [placed.order]);
	assert.deepEqual(await stranger.orders.list({ owner: other.address }), []);
	await assert.rejects(stranger.orders.cancel(placed.order), StrobeError);

	await strobe.orders.cancel(placed.order);
	assert.equal(await world.balance(wallet.address), 100n * UNIT);
	assert.deepEqual(await strobe.orders.list(), []);
});

test('a stop holds shares until it is taken back', { skip: SKIP }, async () => {
	const { world, market } = await startStandardWorld();
	const { wallet, strobe } = await world.user(100n * UNIT);
	const { quote } = await strobe.markets.buy({ market, outcome: 0, stake: 10n * UNIT });
	const sale = { market, outcome: 0, side: 'sell', total: quote.shares, limit: 0.1 } as const;
	const first = await strobe.orders.place({ ...sale, total: UNIT, trigger: { stop: 0.25, windowSlots: 300 } });
	const slices = { slices: 4, limitTo: 0.05, lastsSeconds: 1_200 };
	const rest = { ...sale, ...slices, total: quote.shares - UNIT, trigger: { take: 0.75, trail: 0.125 } };
	const second = await strobe.orders.place(rest);
	assert.equal((await strobe.markets.position(market))?.holdings.shares[0], 0n);

	const stop = (await strobe.orders.get(first.order)).state;
	assert.ok(stop.trigger.__option === 'Some');
	const { terms } = stop.trigger.value;
	assert.deepEqual([terms.stop, terms.windowSlots], [{ __option: 'Some', value: HALF / 2n }, 300]);
	assert.ok(isNone(terms.take) && isNone(terms.trail));
	assert.equal(stop.maxDeviation, 1_000);
	const gradual = (await strobe.orders.get(second.order)).state;
	assert.ok(gradual.trigger.__option === 'Some' && isNone(gradual.trigger.value.terms.stop));
	assert.ok(gradual.limitFrom > gradual.limitTo);

	assert.equal((await strobe.orders.list({ owner: wallet.address })).length, 2);
	for (const { order } of [first, second]) await strobe.orders.cancel(order);
	assert.equal((await strobe.markets.position(market))?.holdings.shares[0], quote.shares);
});

test('what is no order is refused before anything is asked', { skip: SKIP }, async () => {
	const { world, market } = await startStandardWorld();
	const { strobe } = await world.user(UNIT);
	const order = { market, outcome: 0, side: 'buy', total: UNIT, limit: 0.5 } as const;
	await assert.rejects(strobe.orders.place({ ...order, limit: 50 }), RangeError);
	await assert.rejects(strobe.orders.place({ ...order, limitTo: 0.6 }), TypeError);
	await assert.rejects(strobe.orders.place({ ...order, slices: 2, shown: 5n }), TypeError);
	// The programs refuse the rest by name.
	await assert.rejects(strobe.orders.place({ ...order, outcome: 7 }), StrobeError);
	await assert.rejects(strobe.orders.place({ ...order, total: 2n * UNIT }), (error: StrobeError) => {
		assert.equal(error.errorName, 'InsufficientFunds');
		return true;
	});
});

test('two orders whose limits cross are filled against each other by anybody', { skip: SKIP }, async () => {
	const { world, market, venue } = await startStandardWorld();
	const [yes, no, stranger] = [await world.user(100n * UNIT), await world.user(100n * UNIT), await world.user(UNIT)];
	const order = { market, side: 'buy', total: UNIT, limit: 0.502 } as const;
	const older = await yes.strobe.orders.place({ ...order, outcome: 0 });
	await readPrices(world, market, venue);
	const newer = await no.strobe.orders.place({ ...order, outcome: 1 });
	const own = yes.strobe.orders.match(older.order, older.order);
	await assert.rejects(own);
	const { events } = await stranger.strobe.orders.match(newer.order, older.order);
	const matched = events.find(({ name }) => name === 'OrdersMatched');
	assert.ok(matched);
	for (const [{ strobe }, { order }] of [[yes, older], [no, newer]] as const) await strobe.orders.cancel(order);
	const [first, second] = await Promise.all([yes, no].map(({ strobe }) => strobe.markets.position(market)));
	const shares = first!.holdings.shares[0]!;
	assert.ok(shares > UNIT && shares === second!.holdings.shares[1]);
	// Complete sets, which both paid for: the older one at its limit.
	const spent = 200n * UNIT - (await world.balance(yes.wallet.address)) - (await world.balance(no.wallet.address));
	assert.equal(spent, shares);
	assert.equal(await world.balance(yes.wallet.address), 99n * UNIT);
});

test('orders on flash markets are placed and taken back by the same calls', { skip: SKIP }, async () => {
	const { world, market } = await startFlashWorld({ durationSeconds: 60 });
	const { wallet, strobe } = await world.user(100n * UNIT);
	const order = { market, outcome: 0, side: 'buy', total: 4n * UNIT, limit: 0.6, lastsSeconds: 30 } as const;
	const placed = await strobe.orders.place(order);
	assert.ok(placed.events.some(({ name }) => name === 'TicketHeld'));
	assert.equal(await world.balance(wallet.address), 96n * UNIT);
	assert.deepEqual((await strobe.orders.list({ market })).map(({ address }) => address), [placed.order]);
	await strobe.orders.cancel(placed.order);
	assert.equal(await world.balance(wallet.address), 100n * UNIT);
});

test('on a market with a bet delay a slice waits, and is executed and booked by anybody', { skip: SKIP }, async () => {
	const { world, market } = await startFlashWorld({ delayMs: 2_000, executionSeconds: 4, durationSeconds: 60 });
	const { strobe } = await world.user(100n * UNIT);
	const { strobe: keeper } = await world.user(UNIT);
	const order = { market, outcome: 0, side: 'buy', total: UNIT / 4n, limit: 0.6, lastsSeconds: 50 } as const;
	const placed = await strobe.orders.place(order);
	const { events } = await keeper.orders.placeSlice(placed.order);
	assert.ok(events.some(({ name }) => name === 'SlicePlaced'));
	await assert.rejects(keeper.orders.endSlice(placed.order), StrobeError);
	world.setTime(world.now() + 3n);
	const ended = await keeper.orders.endSlice(placed.order);
	assert.ok(ended.events.some(({ name }) => name === 'SliceBooked'));
	const { state } = await strobe.orders.get(placed.order);
	assert.ok(state.left === 0n && state.shares > UNIT / 4n);
	await strobe.orders.cancel(placed.order);
	assert.equal((await strobe.flash.ticket(market))?.holdings.shares[0], state.shares);
});
