// A vault with liquidity and a market that trades, made by the generated client alone.
import type { Address, KeyPairSigner } from '@solana/kit';

import { TOKEN_PROGRAM, associatedTokens, flashAddresses, oracleAddresses } from '@strobe/sdk';
import { flashBets } from '@strobe/sdk/programs';

import { field } from './proofs.js';
import { FEED, World } from './world.js';

export const NOTICE = 3_600n;
export const LEAD = 5;
export const DURATION = 60;
const HALF = 1n << 62n;
export const UNIT = 1_000_000n;
export const DEPOSIT = 10_000n * UNIT;

export interface FlashWorld {
	world: World;
	operator: KeyPairSigner;
	/** Whose all liquidity is. */
	provider: KeyPairSigner;
	vault: Address;
	eventBook: Address;
	market: Address;
	/** `T` of the observation that resolves the market, unix milliseconds. */
	observeAtMs: bigint;
}

/** A vault of 10,000 units with an operator and a provider of liquidity. */
async function createVault(world: World, operator: KeyPairSigner): Promise<Address> {
	const { admin, mint } = world;
	const create = await flashBets.getCreateVaultInstructionAsync({
		admin,
		config: await oracleAddresses.config(),
		mint,
		tokenProgram: TOKEN_PROGRAM,
		id: 1n,
		args: {
			operator: operator.address,
			treasury: admin.address,
			noticeSeconds: NOTICE,
			caps: {
				marketFunding: 1n << 62n,
				eventFunding: 1n << 62n,
				feedFunding: 1n << 62n,
				dailyLoss: 1n << 62n,
				openingLeadSeconds: LEAD,
				utilisation: 10_000,
				slotMs: 400,
			},
			feeSplit: { protocol: 3_000, operator: 1_000 },
		},
	});
	await world.send(admin, create);
	return flashAddresses.vault(mint, 1n);
}

async function deposit(world: World, vault: Address, amount: bigint): Promise<KeyPairSigner> {
	const { wallet: owner } = await world.user(amount);
	const { mint } = world;
	const vaultTokens = await flashAddresses.vaultTokens(vault);
	const lpMint = await flashAddresses.lpMint(vault);
	const ownerTokens = await associatedTokens(owner.address, mint);
	const request = await flashBets.getRequestDepositInstructionAsync({
		owner,
		rentPayer: owner,
		vault,
		vaultTokens,
		ownerTokens,
		tokenProgram: TOKEN_PROGRAM,
		amount,
		minShares: 0n,
	});
	await world.send(owner, request);
	world.setTime(world.now() + NOTICE);
	const execute = flashBets.getExecuteDepositInstruction({
		vault,
		vaultTokens,
		lpMint,
		deposit: await flashAddresses.deposit(vault, owner.address),
		owner: owner.address,
		rentPayer: owner.address,
		ownerTokens,
		ownerLpTokens: await world.fund(owner.address, 0n, lpMint),
		tokenProgram: TOKEN_PROGRAM,
	});
	await world.send(owner, execute);
	return owner;
}

/** Even terms of two outcomes on an LMSR, which opens soon and is observed at its lock. */
export function termsUntil(observeAtMs: bigint): flashBets.FlashMarketTermsArgs {
	return {
		parent: 0n,
		rule: { __kind: 'Categorical' },
		price: null,
		curve: flashBets.FlashCurve.Lmsr,
		depth: 100n * UNIT,
		prior: [HALF, HALF],
		microTau: false,
		feeRate: 100,
		feeFloorBps: 0,
		observeAtMs,
		opensInSeconds: LEAD,
		durationSeconds: DURATION,
		freezeSeconds: 0,
		delayMs: 0,
		executionSeconds: 0,
		resolutionSeconds: 300,
	};
}

/** A market that is open: of two outcomes on an LMSR, unless the terms differ. */
export async function startFlashWorld(differing: Partial<flashBets.FlashMarketTermsArgs> = {}): Promise<FlashWorld> {
	const world = await World.start();
	const operator = await world.actor();
	const vault = await createVault(world, operator);
	const provider = await deposit(world, vault, DEPOSIT);
	const eventBook = await flashAddresses.eventBook(vault, 1n);
	await world.send(
		operator,
		await flashBets.getCreateEventBookInstructionAsync({ operator, vault, eventBook, id: 1n, correlationGroup: 0n }),
	);
	const locksAt = world.now() + BigInt(LEAD + DURATION);
	const observeAtMs = locksAt * 1_000n;
	const id = 1n;
	const market = await flashAddresses.market(vault, id);
	const create = await flashBets.getCreateMarketInstructionAsync({
		operator,
		vault,
		vaultTokens: await flashAddresses.vaultTokens(vault),
		mint: world.mint,
		eventBook,
		providerSet: world.providerSet,
		verifyingKey: world.verifyingKey,
		tokenProgram: TOKEN_PROGRAM,
		id,
		feedId: field(FEED),
		terms: { ...termsUntil(observeAtMs), ...differing },
	});
	await world.send(operator, create);
	world.setTime(world.now() + BigInt(LEAD));
	return { world, operator, provider, vault, eventBook, market, observeAtMs };
}

/** Settles a market on `value` with a real proof, after its end. */
export async function resolve({ world, market, observeAtMs }: FlashWorld, value: bigint): Promise<void> {
	world.setTime(observeAtMs / 1_000n + 1n);
	const observation = await world.observe(FEED, observeAtMs, value);
	await world.send(world.admin, flashBets.getResolveInstruction({ market, observation }));
}
