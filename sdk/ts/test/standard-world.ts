// A venue with a market that trades, made by the generated client alone.
import { type Address, type KeyPairSigner } from '@solana/kit';
import { TOKEN_PROGRAM, associatedTokens, hashTerms, marketsAddresses, oracleAddresses } from '@strobe/sdk';
import { markets } from '@strobe/sdk/programs';

import { field } from './proofs.js';
import { FEED, World } from './world.js';

export const UNIT = 1_000_000n;
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

export interface StandardWorld {
	world: World;
	venue: Address;
	market: Address;
	observeAtMs: bigint;
	creator: KeyPairSigner;
}

/**
 * A venue with a market that trades for an hour or so long as is said, its address found from its terms: of two outcomes on an LMSR,
 * unless the terms differ.
 */
export async function startStandardWorld({
	lastsSeconds = HOUR,
	...differing
}: Partial<markets.CreateMarketArgsArgs> & { lastsSeconds?: bigint } = {}): Promise<StandardWorld> {
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
		price: null,
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
		locksAt: opensAt + lastsSeconds,
		frozenSeconds: 0,
		proposalSeconds: 7_200,
		disputeWindowSeconds: DISPUTE_WINDOW,
		arbitrationSeconds: 7_200,
		...differing,
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
export async function settle({ world, venue, market, observeAtMs }: StandardWorld, value: bigint): Promise<void> {
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
