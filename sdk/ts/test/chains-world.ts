// Markets that chains may have legs on, and a group, in a world of flash bets.
import type { Address } from '@solana/kit';

import { TOKEN_PROGRAM, flashAddresses, oracleAddresses } from '@strobe/sdk';
import { flashBets } from '@strobe/sdk/programs';

import { DURATION, type FlashWorld, LEAD, UNIT, termsUntil } from './flash-world.js';
import { field } from './proofs.js';

/** One per cent of each leg, no spread, everything may be reserved. */
const TERMS = { feeRate: 100, spread: 0, reserve: 10_000, cashOutFeeRate: 100 };
const FIRST_FEED = 100n;

export interface LegMarket {
	market: Address;
	feed: bigint;
	observeAtMs: bigint;
}

/** Has the vault offer chains, once the timelock is over. */
export async function offerChains({ world, vault }: FlashWorld): Promise<void> {
	const propose = flashBets.getProposeChangeInstruction({
		authority: world.admin,
		config: await oracleAddresses.config(),
		vault,
		change: { __kind: 'ChainTerms', fields: [TERMS] },
	});
	await world.send(world.admin, propose);
	world.setTime(world.now() + 3_600n);
}

/** An even market on an event and a feed of its own, which opens in five seconds. */
async function announce(flash: FlashWorld, place: bigint): Promise<LegMarket> {
	const { world, operator, vault } = flash;
	const eventBook = await flashAddresses.eventBook(vault, 10n + place);
	const event = { operator, vault, eventBook, id: 10n + place, correlationGroup: 0n };
	await world.send(operator, await flashBets.getCreateEventBookInstructionAsync(event));
	const { state } = await world.strobe(operator).vaults.get(vault);
	const id = state.nextMarketId;
	const feed = FIRST_FEED + place;
	const observeAtMs = (world.now() + BigInt(LEAD + DURATION)) * 1_000n;
	const create = await flashBets.getCreateMarketInstructionAsync({
		operator,
		vault,
		vaultTokens: state.tokenAccount,
		mint: world.mint,
		eventBook,
		providerSet: world.providerSet,
		verifyingKey: world.verifyingKey,
		tokenProgram: TOKEN_PROGRAM,
		id,
		feedId: field(feed),
		terms: termsUntil(observeAtMs),
	});
	await world.send(operator, create);
	return { market: await flashAddresses.market(vault, id), feed, observeAtMs };
}

/** So many markets with chain books, which trade. */
export async function legs(flash: FlashWorld, count: number): Promise<LegMarket[]> {
	const { world, operator } = flash;
	const all: LegMarket[] = [];
	for (let place = 0; place < count; place += 1) all.push(await announce(flash, BigInt(place)));
	for (const { market } of all) await world.strobe(operator).chains.createBook(market);
	world.setTime(world.now() + BigInt(LEAD));
	return all;
}

/** Settles a market on `value` with a real proof, after its end. */
export async function settleOn({ world }: FlashWorld, leg: LegMarket, value: bigint): Promise<void> {
	const end = leg.observeAtMs / 1_000n + 1n;
	if (world.now() < end) world.setTime(end);
	const observation = await world.observe(leg.feed, leg.observeAtMs, value);
	await world.send(world.admin, flashBets.getResolveInstruction({ market: leg.market, observation }));
}

/** A group on two markets of two outcomes each, which trades. */
export async function group(flash: FlashWorld): Promise<{ group: Address; condition: LegMarket; asset: LegMarket }> {
	const { world, operator, vault } = flash;
	const [condition, asset] = [await announce(flash, 20n), await announce(flash, 21n)];
	const { state } = await world.strobe(operator).vaults.get(vault);
	const of = (await world.strobe(operator).flash.get(asset.market)).state;
	const id = state.nextMarketId;
	const create = await flashBets.getCreateQuantumInstructionAsync({
		operator,
		vault,
		vaultTokens: state.tokenAccount,
		mint: world.mint,
		condition: condition.market,
		asset: asset.market,
		conditionSet: world.providerSet,
		conditionKey: world.verifyingKey,
		assetSet: world.providerSet,
		assetKey: world.verifyingKey,
		eventBook: of.eventBook,
		feedBook: await flashAddresses.feedBook(vault, of.evidence.feedId),
		operatorFees: await flashAddresses.operatorFees(vault, operator.address),
		tokenProgram: TOKEN_PROGRAM,
		id,
		terms: { depth: 100n * UNIT, priors: [Array(2).fill(5_000), Array(2).fill(5_000)], opensInSeconds: LEAD },
	});
	await world.send(operator, create);
	world.setTime(world.now() + BigInt(LEAD));
	return { group: await flashAddresses.quantumGroup(vault, id), condition, asset };
}
