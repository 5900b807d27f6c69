import assert from 'node:assert/strict';
import { test } from 'node:test';

import { AccountMissing, StrobeError } from '@strobe/sdk';

import { NOTICE, UNIT, startFlashWorld } from './flash-world.js';
import { SKIP } from './world.js';

test('liquidity goes into a vault and out of it', { skip: SKIP }, async () => {
	const { world, vault } = await startFlashWorld();
	const { wallet, strobe } = await world.user(1_000n * UNIT);
	const { vaults } = strobe;
	assert.deepEqual((await vaults.list()).map(({ address }) => address), [vault]);

	await vaults.deposit({ vault, amount: 400n * UNIT });
	assert.equal(await world.balance(wallet.address), 600n * UNIT);
	assert.equal((await vaults.waiting(vault)).deposit?.amount, 400n * UNIT);
	await assert.rejects(vaults.completeDeposit({ vault }), (error: unknown) => {
		assert.ok(error instanceof StrobeError);
		assert.equal(error.errorName, 'NoticeNotPassed');
		return true;
	});
	const { availableUntil } = (await vaults.waiting(vault)).deposit!;
	await assert.rejects(vaults.cancelDeposit({ vault }), /^StrobeError: ExecutionPossible/);
	world.setTime(availableUntil + 1n);
	await vaults.cancelDeposit({ vault });
	assert.equal(await world.balance(wallet.address), 1_000n * UNIT);
	await assert.rejects(vaults.completeDeposit({ vault }), AccountMissing);

	await vaults.deposit({ vault, amount: 1_000n * UNIT });
	world.setTime(world.now() + NOTICE);
	// Anybody completes it, for the owner.
	const { strobe: other } = await world.user(0n);
	await other.vaults.completeDeposit({ vault, owner: wallet.address });
	const shares = await vaults.shares(vault);
	assert.ok(shares > 0n);

	await vaults.withdraw({ vault });
	assert.equal(await vaults.shares(vault), 0n);
	assert.equal((await vaults.waiting(vault)).withdrawal?.shares, shares);
	await vaults.cancelWithdrawal(vault);
	assert.equal(await vaults.shares(vault), shares);

	await vaults.withdraw({ vault, shares: shares / 2n });
	world.setTime(world.now() + NOTICE);
	await vaults.completeWithdrawal({ vault });
	const paid = await world.balance(wallet.address);
	// What is in an open market, 69.3 of 11,000, counts for nothing in a withdrawal.
	assert.equal(paid / UNIT, 496n);
	assert.deepEqual(await vaults.waiting(vault), { deposit: null, withdrawal: null });
});
