import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Address } from '@solana/kit';
import {
	type Chain,
	Strobe,
	StrobeError,
	closeLookupTable,
	deactivateLookupTable,
	loadQuotes,
} from '@strobe/sdk';

import { legs, offerChains, settleOn } from './chains-world.js';
import { UNIT, startFlashWorld } from './flash-world.js';
import { SKIP, type World } from './world.js';

const CLOCK = 'SysvarC1ock11111111111111111111111111111111' as Address;
const DELAY = 5n;

const named = (name: string) => (error: unknown) => {
	assert.ok(error instanceof StrobeError, String(error));
	assert.equal(error.errorName, name);
	return true;
};

/** The chain of a world whose slots pass when somebody looks at the clock, as they do elsewhere. */
function passing(world: World): Chain {
	return {
		...world.chain,
		async getAccounts(addresses) {
			const found = await world.chain.getAccounts(addresses);
			if (addresses.length === 1 && addresses[0] === CLOCK) passSlot(world);
			return found;
		},
	};
}

function passSlot(world: World): void {
	const clock = world.svm.getClock();
	clock.slot += 1n;
	world.svm.setClock(clock);
}

test('a chain opens, wins and is paid what was quoted', { skip: SKIP }, async () => {
	const flash = await startFlashWorld();
	const { world } = flash;
	await offerChains(flash);
	const [first, second] = await legs(flash, 2);
	const { wallet, strobe } = await world.user(100n * UNIT);
	const { strobe: anybody } = await world.user(0n);
	const on = [first!, second!].map(({ market }) => ({ market, outcome: 1 }));

	const quotes = await loadQuotes();
	const local = quotes.quoteChain(await strobe.chains.snapshot(on), 10n * UNIT);
	const opened = await strobe.chains.open({ legs: on, stake: 10n * UNIT });
	const { prices, ...odds } = local;
	assert.deepEqual(odds, opened.quote);
	assert.ok(prices.every((price) => price > 0.5 && price < 0.6), prices.join());
	assert.equal(opened.lookupTable, undefined);
	assert.ok(opened.events.some(({ name }) => name === 'ChainRequested'));
	await assert.rejects(anybody.chains.execute({ chain: opened.chain }), named('DelayNotPassed'));
	world.setTime(world.now() + DELAY);
	const expected = quotes.quoteChain(await strobe.chains.snapshot(on), 10n * UNIT);
	await anybody.chains.execute({ chain: opened.chain });
	const { state } = await strobe.chains.get(opened.chain);
	assert.deepEqual([state.openLegs, state.payout], [2, expected.payout]);
	assert.deepEqual(
		(await strobe.chains.list(wallet.address)).map(({ address }) => address),
		[opened.chain],
	);

	await settleOn(flash, first!, 1n);
	await settleOn(flash, second!, 1n);
	await anybody.chains.settle(opened.chain);
	assert.equal(await world.balance(wallet.address), 90n * UNIT + expected.payout);
	assert.deepEqual(await strobe.chains.list(), []);
});

test('nine legs go by a lookup table, and are cashed out for what was quoted', { skip: SKIP }, async () => {
	const flash = await startFlashWorld();
	const { world } = flash;
	await offerChains(flash);
	const all = await legs(flash, 9);
	const { wallet } = await world.user(100n * UNIT);
	const strobe = new Strobe({ chain: passing(world), wallet });
	const on = all.map(({ market }) => ({ market, outcome: 0 }));
	const quotes = await loadQuotes();
	const opened = await strobe.chains.open({ legs: on, stake: 100_000n });
	const { chain, lookupTable } = opened;
	assert.ok(lookupTable && lookupTable.addresses.length > 45);
	assert.ok(opened.quote.multiple > 450n * 10n ** 12n, String(opened.quote.multiple));
	world.setTime(world.now() + DELAY);
	await strobe.chains.execute({ chain, lookupTable });

	await assert.rejects(strobe.chains.execute({ chain, lookupTable }), named('NoCashOutWaiting'));
	await strobe.chains.cashOut({ chain, minReturn: 1n });
	world.setTime(world.now() + DELAY);
	const worth = quotes.quoteChainCashOut(await world.strobe(wallet).chains.cashOutSnapshot(chain));
	const before = await world.balance(wallet.address);
	await strobe.chains.execute({ chain, lookupTable });
	assert.equal(await world.balance(wallet.address), before + worth);

	const context = { chain: world.chain, wallet };
	await deactivateLookupTable(context, lookupTable.address);
	world.setTime(world.now() + 240n);
	world.svm.setSlotHashes([]);
	await closeLookupTable(context, lookupTable.address);
	assert.equal(world.svm.getAccount(lookupTable.address).exists, false);
});

test('a chain that is refused is explained, here and by the module alike', { skip: SKIP }, async () => {
	const flash = await startFlashWorld();
	const { world, market } = flash;
	const [first, second] = await legs(flash, 2);
	const { strobe } = await world.user(100n * UNIT);
	const on = [first!, second!].map((leg) => ({ market: leg.market, outcome: 1 }));
	const quotes = await loadQuotes();
	await assert.rejects(strobe.chains.open({ legs: on, stake: UNIT }), named('ChainsNotOffered'));
	const at = await strobe.chains.snapshot(on);
	assert.throws(() => quotes.quoteChain(at, UNIT), named('ChainsNotOffered'));
	await assert.rejects(strobe.chains.open({ legs: [on[0]!, on[0]!], stake: UNIT }), named('LegsShareEvent'));
	await assert.rejects(strobe.chains.open({ legs: [on[0]!], stake: UNIT }), named('ChainLegCount'));
	const outside = [on[0]!, { market, outcome: 1 }];
	await assert.rejects(strobe.chains.snapshot(outside), /There is no chain book/);
	assert.throws(() => quotes.quoteChain({ ...at, vault: at.vault.slice(1) }, UNIT), TypeError);
	assert.throws(() => quotes.quoteChain(at, -1n), RangeError);
});
