import assert from 'node:assert/strict';
import { test } from 'node:test';

import { random } from './random.js';
import { UNIT, settle, startStandardWorld } from './standard-world.js';
import { SKIP } from './world.js';

test('shares are bought, sold and redeemed', { skip: SKIP }, async () => {
	const standard = await startStandardWorld();
	const { world, market } = standard;
	const { wallet, strobe } = await world.user(100n * UNIT);
	const bought = await strobe.markets.buy({ market, outcome: 0, stake: 10n * UNIT });
	assert.equal((await strobe.markets.position(market))?.holdings.shares[0], bought.quote.shares);
	const part = bought.quote.shares / 3n;
	const sold = await strobe.markets.sell({ market, outcome: 0, shares: part });
	const exact = await strobe.markets.buy({ market, outcome: 1, shares: 5n * UNIT });
	const left = 90n * UNIT + sold.quote.amount - exact.quote.amount;
	assert.equal(await world.balance(wallet.address), left);

	await settle(standard, 0n);
	const redeemed = await strobe.markets.redeem({ market });
	assert.equal(await world.balance(wallet.address), left + bought.quote.shares - part);
	assert.equal(await strobe.markets.position(market), null);
	assert.ok(redeemed.events.every(({ program }) => program === 'markets'));
});

test('quotes are what the program charges, to the base unit', { skip: SKIP }, async () => {
	const { world, market } = await startStandardWorld();
	const { wallet, strobe } = await world.user(100_000n * UNIT);
	const next = random(2n);
	const held = [0n, 0n];
	for (let order = 0; order < 40; order += 1) {
		const outcome = Number(next(2n));
		const before = await world.balance(wallet.address);
		const kind = next(3n);
		if (kind === 0n && held[outcome]! > 1_000n) {
			const shares = 1n + next(held[outcome]!);
			const { quote } = await strobe.markets.sell({ market, outcome, shares });
			assert.equal(await world.balance(wallet.address), before + quote.amount);
			held[outcome]! -= shares;
		} else {
			const amount = 1_000n + next(20n * UNIT);
			const size = kind === 1n ? { shares: amount } : { stake: amount };
			const { quote } = await strobe.markets.buy({ market, outcome, ...size });
			assert.equal(await world.balance(wallet.address), before - quote.amount);
			held[outcome]! += quote.shares;
		}
		assert.deepEqual((await strobe.markets.position(market))?.holdings.shares, held);
		world.setTime(world.now() + next(30n));
	}
});

test('liquidity is added as quoted, and removed', { skip: SKIP }, async () => {
	const { world, market } = await startStandardWorld();
	const { wallet, strobe } = await world.user(1_000n * UNIT);
	await strobe.markets.buy({ market, outcome: 0, stake: 7n * UNIT });
	const before = (await strobe.markets.position(market))!.holdings.shares;
	const receipt = await strobe.markets.addLiquidity({ market, amount: 50n * UNIT });
	const added = receipt.events.find(({ name }) => name === 'LiquidityAdded');
	assert.ok(added?.name === 'LiquidityAdded');
	const quote = added.data;
	assert.equal((await strobe.markets.liquidity(market))?.shares, quote.shares);
	const after = (await strobe.markets.position(market))!.holdings.shares;
	assert.deepEqual(
		after,
		before.map((shares, outcome) => shares + quote.returned[outcome]!),
	);

	const money = await world.balance(wallet.address);
	const removed = await strobe.markets.removeLiquidity({ market });
	const event = removed.events.find(({ name }) => name === 'LiquidityRemoved');
	assert.ok(event?.name === 'LiquidityRemoved' && event.data.cash > 0n);
	assert.equal(await world.balance(wallet.address), money + event.data.cash);
	assert.equal((await strobe.markets.liquidity(market))?.shares, 0n);
});
