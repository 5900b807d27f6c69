import assert from 'node:assert/strict';
import { test } from 'node:test';

import { AccountRole } from '@solana/kit';
import { StrobeError, type Traded, associatedTokens, flashAddresses } from '@strobe/sdk';
import { flashBets } from '@strobe/sdk/programs';

import { UNIT, resolve, startFlashWorld } from './flash-world.js';
import { random } from './random.js';
import { SKIP } from './world.js';

test('a bet is placed, won and paid', { skip: SKIP }, async () => {
	const flash = await startFlashWorld();
	const { world, market } = flash;
	const { wallet, strobe } = await world.user(100n * UNIT);

	const bet = await strobe.flash.placeBet({ market, outcome: 1, stake: 10n * UNIT });
	const ticket = await strobe.flash.ticket(market);
	assert.equal(ticket?.holdings.shares[1], bet.quote.shares);
	assert.equal(await world.balance(wallet.address), 90n * UNIT);
	const names = bet.events.map(({ program, name }) => `${program}.${name}`);
	assert.ok(names.includes('flashBets.BetPlaced'), names.join());

	await resolve(flash, 1n);
	const settled = await strobe.flash.settle({ market });
	assert.equal(await world.balance(wallet.address), 90n * UNIT + bet.quote.shares);
	assert.equal(await strobe.flash.ticket(market), null);
	assert.ok(settled.events.some(({ name }) => name === 'TicketsSettled'));
});

test('quotes are what the program charges, to the base unit', { skip: SKIP }, async () => {
	const { world, market } = await startFlashWorld();
	const { wallet, strobe } = await world.user(100_000n * UNIT);
	const next = random(1n);
	const held = [0n, 0n];
	for (let order = 0; order < 40; order += 1) {
		const outcome = Number(next(2n));
		const before = await world.balance(wallet.address);
		if (next(3n) === 0n && held[outcome]! > 1_000n) {
			const shares = 1n + next(held[outcome]!);
			const { quote } = await strobe.flash.cashOut({ market, outcome, shares });
			assert.equal(await world.balance(wallet.address), before + quote.amount);
			held[outcome]! -= shares;
		} else {
			const stake = 1_000n + next(20n * UNIT);
			const { quote } = await strobe.flash.placeBet({ market, outcome, stake });
			assert.equal(await world.balance(wallet.address), before - quote.amount);
			held[outcome]! += quote.shares;
		}
		const ticket = await strobe.flash.ticket(market);
		assert.deepEqual(ticket?.holdings.shares, held);
		world.setTime(world.now() + next(2n));
	}
});

test('a bet that is refused is explained, and nothing is sent', { skip: SKIP }, async () => {
	const flash = await startFlashWorld();
	const { world, market } = flash;
	const { wallet, strobe } = await world.user(5n * UNIT);
	const tooMuch = strobe.flash.placeBet({ market, outcome: 0, stake: 6n * UNIT });
	await assert.rejects(tooMuch, (error: unknown) => {
		assert.ok(error instanceof StrobeError);
		assert.equal(error.errorName, 'InsufficientFunds');
		return true;
	});
	world.setTime(flash.observeAtMs / 1_000n);
	const late = strobe.flash.placeBet({ market, outcome: 0, stake: UNIT });
	await assert.rejects(late, (error: unknown) => {
		assert.ok(error instanceof StrobeError);
		assert.equal(error.errorName, 'TradingOver');
		return true;
	});
	assert.equal(await world.balance(wallet.address), 5n * UNIT);
});

test('in a market with a bet delay every order waits, and is executed by anybody', { skip: SKIP }, async () => {
	const { world, vault, market } = await startFlashWorld({ delayMs: 2_000, executionSeconds: 20 });
	const { wallet, strobe } = await world.user(100n * UNIT);
	const execute = async ({ events }: Traded) => {
		const queued = events.find(({ name }) => name === 'OrderQueued');
		assert.ok(queued?.name === 'OrderQueued');
		world.setTime(world.now() + 3n);
		const { tokenAccount, evidence } = (await strobe.flash.get(market)).state;
		const instruction = flashBets.getExecuteOrdersInstruction({
			vault,
			market,
			marketTokens: tokenAccount,
			observation: evidence.observation,
			executor: world.admin.address,
		});
		const tokens = await associatedTokens(wallet.address, world.mint);
		const ticket = await flashAddresses.ticket(market, wallet.address);
		const order = [queued.data.pending, ticket, wallet.address, tokens, wallet.address];
		const remaining = order.map((address) => ({ address, role: AccountRole.WRITABLE }));
		await world.send(world.admin, { ...instruction, accounts: [...instruction.accounts, ...remaining] });
	};
	const bet = await strobe.flash.placeBet({ market, outcome: 0, stake: 10n * UNIT });
	assert.equal((await strobe.flash.ticket(market))?.holdings.shares[0], 0n);
	await execute(bet);
	assert.equal((await strobe.flash.ticket(market))?.holdings.shares[0], bet.quote.shares);
	await execute(await strobe.flash.buyShares({ market, outcome: 1, shares: 5n * UNIT }));
	assert.equal((await strobe.flash.ticket(market))?.holdings.shares[1], 5n * UNIT);
	await execute(await strobe.flash.cashOut({ market, outcome: 1, shares: 2n * UNIT }));
	assert.equal((await strobe.flash.ticket(market))?.holdings.shares[1], 3n * UNIT);
});

test('markets are listed with their prices', { skip: SKIP }, async () => {
	const { world, market } = await startFlashWorld();
	const { strobe } = await world.user(UNIT);
	const list = await strobe.flash.list();
	assert.deepEqual(
		list.map((view) => view.address),
		[market],
	);
	const prices = await strobe.flash.prices(list[0]!);
	assert.ok(prices.every((price) => Math.abs(price - 0.5) < 0.001), prices.join());
});
