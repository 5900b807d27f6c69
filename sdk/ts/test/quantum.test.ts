import assert from 'node:assert/strict';
import { test } from 'node:test';

import { StrobeError, type TradeOrder, loadQuotes } from '@strobe/sdk';

import { group as startGroup, settleOn } from './chains-world.js';
import { UNIT, startFlashWorld } from './flash-world.js';
import { random } from './random.js';
import { SKIP } from './world.js';

const named = (name: string) => (error: unknown) => {
	assert.ok(error instanceof StrobeError, String(error));
	assert.equal(error.errorName, name);
	return true;
};

test('branches are traded at what was quoted, and the one that comes true is paid', { skip: SKIP }, async () => {
	const flash = await startFlashWorld();
	const { world } = flash;
	const { group, condition, asset } = await startGroup(flash);
	const { wallet, strobe } = await world.user(1_000n * UNIT);
	await strobe.quantum.deposit({ group, amount: 500n * UNIT });
	const quotes = await loadQuotes();
	const next = random(5n);
	const held = [
		[0n, 0n],
		[0n, 0n],
	];
	for (let count = 0; count < 24; count += 1) {
		const [branch, outcome] = [Number(next(2n)), Number(next(2n))];
		const own = held[branch]![outcome]!;
		const kind = next(3n);
		const order: TradeOrder =
			kind === 0n && own > 1_000n
				? { sell: 1n + next(own) }
				: kind === 1n
					? { buy: 1_000n + next(10n * UNIT) }
					: { stake: 1_000n + next(10n * UNIT) };
		const local = quotes.quoteBranch(await strobe.quantum.snapshot(group), branch, outcome, order);
		const credit = (await strobe.quantum.ticket(group))!.credits[branch]!;
		const { quote } = await strobe.quantum.trade({ group, branch, outcome, order, slippage: 0n });
		const { prices, ...numbers } = local;
		assert.deepEqual(numbers, quote);
		assert.ok(Math.abs(prices.reduce((sum, price) => sum + price, 0) - 1) < 1e-9);
		held[branch]![outcome]! += 'sell' in order ? -quote.shares : quote.shares;
		const ticket = (await strobe.quantum.ticket(group))!;
		assert.equal(ticket.credits[branch], credit + ('sell' in order ? quote.amount : -quote.amount));
		assert.deepEqual(ticket.shares[branch]!.slice(0, 2), held[branch]);
		world.setTime(world.now() + next(2n));
	}
	await strobe.quantum.merge({ group, amount: 50n * UNIT });
	assert.equal(await world.balance(wallet.address), 550n * UNIT);

	await assert.rejects(strobe.quantum.settle({ group }), named('TradingNotOver'));
	await settleOn(flash, condition, 1n);
	await settleOn(flash, asset, 0n);
	const ticket = (await strobe.quantum.ticket(group))!;
	const { strobe: anybody } = await world.user(0n);
	await anybody.quantum.settle({ group, owner: wallet.address });
	const paid = ticket.credits[1]! + ticket.shares[1]![0]!;
	assert.equal(await world.balance(wallet.address), 550n * UNIT + paid);
	assert.equal(await strobe.quantum.ticket(group), null);
});

test('a trade that is refused is explained, here and by the module alike', { skip: SKIP }, async () => {
	const flash = await startFlashWorld();
	const { world } = flash;
	const { group, condition } = await startGroup(flash);
	const { strobe } = await world.user(10n * UNIT);
	await strobe.quantum.deposit({ group, amount: 5n * UNIT });
	const quotes = await loadQuotes();
	const stake = (amount: bigint): TradeOrder => ({ stake: amount });
	const trade = (branch: number, outcome: number, order: TradeOrder) =>
		strobe.quantum.trade({ group, branch, outcome, order });
	await assert.rejects(trade(0, 0, stake(6n * UNIT)), named('NotEnoughCredit'));
	await assert.rejects(trade(2, 0, stake(UNIT)), named('BranchOutOfRange'));
	await assert.rejects(strobe.quantum.merge({ group, amount: 6n * UNIT }), named('NotEnoughCredit'));
	const at = await strobe.quantum.snapshot(group);
	assert.throws(() => quotes.quoteBranch(at, 2, 0, stake(UNIT)), named('BranchOutOfRange'));
	assert.throws(() => quotes.quoteBranch(at, 0, 0, stake(0n)), named('ZeroAmount'));
	world.setTime(condition.observeAtMs / 1_000n);
	await assert.rejects(trade(0, 0, stake(UNIT)), named('TradingOver'));
	const late = await strobe.quantum.snapshot(group);
	assert.throws(() => quotes.quoteBranch(late, 0, 0, stake(UNIT)), named('TradingOver'));
	assert.deepEqual(
		(await strobe.quantum.list()).map(({ address }) => address),
		[group],
	);
});
