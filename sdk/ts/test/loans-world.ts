// A market of a day that a pool lends on, made by the generated client alone.
import type { Address } from '@solana/kit';
import { TOKEN_PROGRAM, associatedTokens, leverageAddresses, marketsAddresses, oracleAddresses } from '@strobe/sdk';
import { leverage, markets } from '@strobe/sdk/programs';

import { UNIT, startStandardWorld } from './standard-world.js';
import { START, type World } from './world.js';

const HOUR = 3_600;
const DAY = 24 * HOUR;
/** Of the pool, and longer than the market's dispute window. */
export const NOTICE_SECONDS = HOUR;

/** The loosest that there are for a market of a day. */
const PARAMETERS = {
	leastLoan: 20n * UNIT,
	latencySeconds: 60,
	decaySeconds: 3 * HOUR,
	delaySeconds: 10,
	delaySlots: 20,
	markSlots: 25,
	markLastsSlots: 150,
	opening: 6_000,
	maintenance: 7_500,
	target: 5_500,
	liquidatorReward: 200,
	insuranceReward: 100,
	openingDeviations: 8,
	maintenanceDeviations: 8,
	maxDeviation: 1_000,
	withstands: 2_500,
	mostShares: 3_000,
	leastLocked: 2_500,
	marketLoss: 100,
	leastPrice: 1_000,
	greatestPrice: 9_000,
	jumpFee: 5,
	executionMinutes: 5,
};

export interface LoansWorld {
	world: World;
	market: Address;
	pool: Address;
	listing: Address;
}

/** A pool without money, which lends on the market four hours from now. */
export async function startLoansWorld(): Promise<LoansWorld> {
	const locksAt = START + 3_600n + BigInt(DAY);
	const differing = { depth: 1_000n * UNIT, locksAt, observeAtMs: locksAt * 1_000n };
	const { world, market, creator } = await startStandardWorld(differing);
	const { admin, mint } = world;
	const config = await oracleAddresses.config();
	const liquidity = await marketsAddresses.liquidity(market, creator.address);
	const account = world.svm.getAccount(liquidity);
	if (!account.exists) throw new Error('the creator has liquidity');
	const { shares } = markets.getLiquidityPositionDecoder().decode(account.data);
	await world.send(creator, markets.getLockLiquidityInstruction({ owner: creator, market, liquidity, shares }));
	const pool = await leverageAddresses.pool(mint, 1);
	const group = await leverageAddresses.group(pool, 1);
	const listing = await leverageAddresses.listing(pool, market);
	const terms = {
		idleRate: 200,
		kinkRate: 1_000,
		fullRate: 10_000,
		kink: 8_000,
		groupLoss: 300,
		totalLoss: 1_000,
		noticeSeconds: NOTICE_SECONDS,
	};
	await world.send(
		admin,
		await leverage.getCreatePoolInstructionAsync({ admin, config, mint, id: 1, terms, tokenProgram: TOKEN_PROGRAM }),
		await leverage.getCreateGroupInstructionAsync({ admin, config, pool, id: 1 }),
		await leverage.getListMarketInstructionAsync({
			admin,
			config,
			pool,
			group,
			market,
			mint,
			listingTokens: await associatedTokens(listing, mint),
			listingPosition: await marketsAddresses.position(market, listing),
			tokenProgram: TOKEN_PROGRAM,
			parameters: PARAMETERS,
		}),
	);
	return { world, market, pool, listing };
}
