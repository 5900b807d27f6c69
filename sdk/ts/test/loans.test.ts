import assert from 'node:assert/strict';
import { test } from 'node:test';

import { StrobeError, TOKEN_PROGRAM, associatedTokens, leverageAddresses } from '@strobe/sdk';
import { leverage } from '@strobe/sdk/programs';

import { type LoansWorld, NOTICE_SECONDS, startLoansWorld } from './loans-world.js';
import { UNIT } from './standard-world.js';
import { SKIP } from './world.js';

const LENT = 100_000n * UNIT;

/** A pool that has money and lends; its lender's deposit. */
async function lending({ world, pool }: LoansWorld) {
	const { wallet, strobe } = await world.user(LENT);
	const { deposit } = await strobe.loans.deposit(pool, LENT, 0n);
	world.setTime(world.now() + BigInt(NOTICE_SECONDS));
	const execute = leverage.getExecuteDepositInstruction({
		pool,
		poolTokens: await leverageAddresses.poolTokens(pool),
		deposit,
		owner: wallet.address,
		rentPayer: wallet.address,
		ownerTokens: await associatedTokens(wallet.address, world.mint),
		tokenProgram: TOKEN_PROGRAM,
	});
	await world.send(world.admin, execute);
	world.setTime(world.now() + 4n * 3_600n);
	return { deposit, strobe };
}

test('a position is asked for, opened by another, reduced, paid of and repaid', { skip: SKIP }, async () => {
	const loans = await startLoansWorld();
	const { world, market, pool, listing } = loans;
	await lending(loans);
	assert.equal((await world.strobe(world.admin).loans.pool(pool)).state.book.cash, LENT);
	const { wallet, strobe } = await world.user(200n * UNIT);
	const order = { listing, outcome: 0, margin: 40n * UNIT, loan: 30n * UNIT, minShares: 120n * UNIT };
	const asked = await strobe.loans.open(order);
	assert.equal(await world.balance(wallet.address), 160n * UNIT);
	assert.equal((await strobe.loans.request(asked.request)).state.loan, 30n * UNIT);

	const { strobe: keeper } = await world.user(UNIT);
	await assert.rejects(keeper.loans.execute(asked.request), (error: StrobeError) => {
		assert.equal(error.errorName, 'DelayNotPassed');
		return true;
	});
	world.setTime(world.now() + 11n);
	const opened = await keeper.loans.execute(asked.request);
	assert.ok(opened.events.some(({ name }) => name === 'PositionOpened'));
	const [found] = await keeper.loans.positions({ listing });
	assert.equal(found?.address, asked.position);
	const { shares, debtShares } = (await keeper.loans.position(asked.position)).state;
	assert.ok(shares > 120n * UNIT && debtShares <= 30n * UNIT && debtShares > 29n * UNIT);
	assert.deepEqual(await keeper.loans.positions({ owner: world.admin.address }), []);

	await assert.rejects(keeper.loans.close(asked.position, 0n), StrobeError);
	await strobe.loans.close(asked.position, 0n, 10n * UNIT);
	await keeper.loans.addMargin(asked.position, UNIT);
	assert.equal((await strobe.loans.position(asked.position)).state.shares, shares - 10n * UNIT);
	await strobe.loans.repay(asked.position, 40n * UNIT);
	assert.equal((await strobe.markets.position(market))?.holdings.shares[0], shares - 10n * UNIT);
	assert.equal((await strobe.loans.position(asked.position)).state.debtShares, 0n);
});

test('a request is taken back, and what a closed position leaves is withdrawn', { skip: SKIP }, async () => {
	const loans = await startLoansWorld();
	const { world, listing } = loans;
	const { deposit, strobe: lender } = await lending(loans);
	const { wallet, strobe } = await world.user(200n * UNIT);
	const order = { listing, outcome: 1, margin: 40n * UNIT, loan: 30n * UNIT, minShares: 0n };
	const first = await strobe.loans.open(order);
	await strobe.loans.cancel(first.request);
	assert.equal(await world.balance(wallet.address), 200n * UNIT);

	const { request, position } = await strobe.loans.open(order);
	world.setTime(world.now() + 11n);
	await strobe.loans.execute(request);
	await strobe.loans.close(position, 60n * UNIT);
	const { claim } = (await strobe.loans.position(position)).state;
	assert.ok(claim > 35n * UNIT && claim < 40n * UNIT);
	await lender.loans.withdraw(position);
	assert.equal(await world.balance(wallet.address), 160n * UNIT + claim);

	await assert.rejects(strobe.loans.leave(deposit, 1n, 0n), StrobeError);
	const left = await lender.loans.leave(deposit, LENT / 2n, 1n);
	assert.ok(left.events.some(({ name }) => name === 'PoolWithdrawRequested'));
});
