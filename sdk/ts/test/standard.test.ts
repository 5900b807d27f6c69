import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type Address, type KeyPairSigner } from '@solana/kit';
import { TOKEN_PROGRAM, associatedTokens, hashTerms, marketsAddresses, oracleAddresses } from '@strobe/sdk';
import { markets } from '@strobe/sdk/programs';

import { field } from './proofs.js';
import { random } from './random.js';
import { FEED, SKIP, World } from './world.js';

const UNIT = 1_000_000n;
const HOUR = 3_600n;
const DISPUTE_WINDOW = 600;

const VENUE_TERMS = {
	bondFloor: UNIT,
	bondCap: 1_000_000n * UNIT,
	creatorBond: 0n,
	minResolutionSeconds: 2 * 3_600,
	creatorBondShare: 0,
	minLiquidityFeeShare: 0,
	minDisputeWindowSeconds: 60,
	maxDisputeWindowSeconds: 7 * 24 * 3_600,
	bondShare: 100,
	protocolFeeShare: 2_000,
	maxFeeRate: 500,
	slotMs: 400,
};

interface StandardWorld {
	world: World;
	venue: Address;
	market: Address;
	observeAtMs: bigint;
	creator: KeyPairSigner;
}

/** A venue with a market of two outcomes that trades for an hour, its address found from its terms. */
async function start(): Promise<StandardWorld> {
	const world = await World.start();
	const { admin, mint, providerSet, verifyingKey, arbiterSet } = world;
	const venue = await marketsAddresses.venue(mint);
	await world.send(
		admin,
		await markets.getCreateVenueInstructionAsync({
			admin,
			config: await oracleAddresses.config(),
			mint,
			tokenProgram: TOKEN_PROGRAM,
			treasury: admin.address,
			terms: VENUE_TERMS,
		}),
	);
	const { wallet: creator } = await world.user(1_000n * UNIT);
	const opensAt = world.now();
	const observeAtMs = opensAt * 1_000n;
	const args = {
		id: 1n,
		feedId: field(FEED),
		rule: { __kind: 'Categorical' } as const,
		tolerance: 0n,
		curve: { __kind: 'Lmsr' } as const,
		offersSwitch: false,
		outcomes: 2,
		weights: [],
		depth: 100n * UNIT,
		feeRate: 100,
		creatorFeeShare: 1_000,
		observeAtMs,
		opensAt,
		locksAt: opensAt + HOUR,
		frozenSeconds: 0,
		proposalSeconds: 7_200,
		disputeWindowSeconds: DISPUTE_WINDOW,
		arbitrationSeconds: 7_200,
	};
	const arbiterKey = verifyingKey;
	const terms = { providerSet, verifyingKey, arbiterSet, arbiterKey, venueTerms: VENUE_TERMS, args };
	const termsHash = await hashTerms(terms);
	const market = await marketsAddresses.market(venue, creator.address, termsHash);
	await world.send(
		creator,
		await markets.getCreateMarketInstructionAsync({
			creator,
			venue,
			mint,
			providerSet,
			verifyingKey,
			arbiterSet,
			arbiterKey,
			creatorTokens: await associatedTokens(creator.address, mint),
			tokenProgram: TOKEN_PROGRAM,
			termsHash,
			args,
		}),
	);
	return { world, venue, market, observeAtMs, creator };
}

/** Proposes `value` with a real proof and lets the dispute window pass. */
async function settle({ world, venue, market, observeAtMs }: StandardWorld, value: bigint): Promise<void> {
	const observation = await world.observe(FEED, observeAtMs, value);
	const { wallet: proposer } = await world.user(1_000n * UNIT);
	const { providerSet, verifyingKey } = world;
	const propose = markets.getProposeResolutionInstruction({
		proposer,
		venue,
		market,
		providerSet,
		verifyingKey,
		observation,
		marketTokens: await marketsAddresses.marketTokens(market),
		proposerTokens: await associatedTokens(proposer.address, world.mint),
		tokenProgram: TOKEN_PROGRAM,
		maxBond: 1n << 62n,
	});
	await world.send(proposer, propose);
	world.setTime(world.now() + BigInt(DISPUTE_WINDOW));
	const finalize = markets.getFinalizeInstruction({
		venue,
		market,
		providerSet,
		verifyingKey,
		observation,
		strikeObservation: '11111111111111111111111111111111' as Address,
	});
	await world.send(world.admin, finalize);
}

test('shares are bought, sold and redeemed', { skip: SKIP }, async () => {
	const standard = await start();
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
	const { world, market } = await start();
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
	const { world, market } = await start();
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
