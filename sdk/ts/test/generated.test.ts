// What Codama generates from the IDLs is enough: a flash market's whole life without the layer on it, until
// no account is left and every token is where it belongs.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type Address, type KeyPairSigner, type ProgramDerivedAddress, AccountRole } from '@solana/kit';
import { associatedTokens } from '@strobe/sdk';
import { flashBets, oracle } from '@strobe/sdk/programs';

import { DEPOSIT, type FlashWorld, NOTICE, UNIT, resolve, startFlashWorld } from './flash-world.js';
import { field } from './proofs.js';
import { FEED, SKIP } from './world.js';

const first = async (found: Promise<ProgramDerivedAddress>): Promise<Address> => (await found)[0];
const writable = (address: Address) => ({ address, role: AccountRole.WRITABLE });

/** A bettor with tokens, a bet on each outcome, and a part of the first one sold again. */
async function trade({ world, vault, market }: FlashWorld): Promise<KeyPairSigner> {
	const { wallet: bettor } = await world.user(100n * UNIT);
	const marketTokens = await first(flashBets.findMarketTokensPda({ market }));
	const tokens = await associatedTokens(bettor.address, world.mint);
	const ticket = await first(flashBets.findTicketPda({ market, owner: bettor.address }));
	for (const outcome of [0, 1]) {
		const bet = flashBets.getOpenTicketAndBetInstruction({
			payer: bettor,
			owner: bettor.address,
			vault,
			market,
			ticket,
			marketTokens,
			payerTokens: tokens,
			rentPayer: bettor,
			nonce: 0n,
			args: { outcome, stake: 20n * UNIT, minShares: 0n, tipLamports: 0n },
		});
		await world.send(bettor, bet);
	}
	const sale = flashBets.getCashOutInstruction({
		owner: bettor,
		vault,
		market,
		ticket,
		marketTokens,
		ownerTokens: tokens,
		nonce: 0n,
		outcome: 0,
		shares: 5n * UNIT,
		minReturn: 0n,
		tipLamports: 0n,
	});
	await world.send(bettor, sale);
	return bettor;
}

async function settle({ world, market }: FlashWorld, bettor: KeyPairSigner): Promise<void> {
	const { address: owner } = bettor;
	const ticket = await first(flashBets.findTicketPda({ market, owner }));
	const marketTokens = await first(flashBets.findMarketTokensPda({ market }));
	const instruction = flashBets.getSettleTicketsInstruction({ market, marketTokens, inOneCall: false });
	const paid = [ticket, owner, await associatedTokens(owner, world.mint), owner].map(writable);
	await world.send(world.admin, { ...instruction, accounts: [...instruction.accounts, ...paid] });
}

/** Returns the market's money to the vault, pays the operator, and closes what was its own. */
async function closeMarket({ world, operator, vault, market, eventBook }: FlashWorld): Promise<void> {
	const vaultTokens = await first(flashBets.findVaultTokensPda({ vault }));
	const feedBook = await first(flashBets.findFeedBookPda({ vault, feedId: field(FEED) }));
	const operatorFees = await first(flashBets.findOperatorFeesPda({ vault, operator: operator.address }));
	const close = flashBets.getCloseMarketInstruction({
		vault,
		vaultTokens,
		market,
		marketTokens: await first(flashBets.findMarketTokensPda({ market })),
		eventBook,
		feedBook,
		feedBookRentPayer: operator.address,
		operatorFees,
		operator: operator.address,
	});
	await world.send(world.admin, close);
	const paid = { vault, vaultTokens };
	const earned = flashBets.getCollectFeesInstruction({
		...paid,
		receiver: operator.address,
		receiverTokens: await world.fund(operator.address, 0n),
		operatorFees,
	});
	const protocol = flashBets.getCollectFeesInstruction({
		...paid,
		receiver: world.admin.address,
		receiverTokens: await world.fund(world.admin.address, 0n),
	});
	await world.send(world.admin, earned, protocol);
	await world.send(
		operator,
		flashBets.getCloseOperatorFeesInstruction({
			authority: operator,
			vault,
			operatorFees,
			operator: operator.address,
		}),
		flashBets.getCloseEventBookInstruction({
			authority: operator,
			vault,
			eventBook,
			rentPayer: operator.address,
		}),
	);
}

/** Pays the provider out, and closes the vault. */
async function closeVault({ world, provider, vault }: FlashWorld): Promise<void> {
	const vaultTokens = await first(flashBets.findVaultTokensPda({ vault }));
	const lpMint = await first(flashBets.findLpMintPda({ vault }));
	const ownerLpTokens = await associatedTokens(provider.address, lpMint);
	const held = world.svm.getAccount(ownerLpTokens);
	assert.ok(held.exists);
	const request = await flashBets.getRequestWithdrawInstructionAsync({
		owner: provider,
		rentPayer: provider,
		vault,
		lpMint,
		ownerLpTokens,
		shares: new DataView(Uint8Array.from(held.data).buffer).getBigUint64(64, true),
		minAmount: 0n,
	});
	await world.send(provider, request);
	world.setTime(world.now() + NOTICE);
	const withdraw = flashBets.getWithdrawInstruction({
		vault,
		vaultTokens,
		withdrawal: await first(flashBets.findWithdrawalPda({ vault, owner: provider.address })),
		owner: provider.address,
		rentPayer: provider.address,
		ownerTokens: await associatedTokens(provider.address, world.mint),
	});
	await world.send(world.admin, withdraw);
	const close = flashBets.getCloseVaultInstruction({
		admin: world.admin,
		config: await first(oracle.findConfigPda()),
		vault,
		vaultTokens,
		rentPayer: world.admin.address,
		treasury: world.admin.address,
		treasuryTokens: await associatedTokens(world.admin.address, world.mint),
	});
	await world.send(world.admin, close);
}

test('a generated client runs the whole life of a flash market', { skip: SKIP }, async () => {
	const flash = await startFlashWorld();
	const { world, operator, provider } = flash;
	const bettor = await trade(flash);
	const account = world.svm.getAccount(flash.market);
	assert.ok(account.exists);
	const state = flashBets.getFlashMarketDecoder().decode(account.data);
	assert.deepEqual([state.openTickets, state.settlement.status], [1, 0]);

	await resolve(flash, 1n);
	await settle(flash, bettor);
	await closeMarket(flash);
	await closeVault(flash);

	assert.deepEqual(world.svm.getProgramAccounts(flashBets.FLASH_BETS_PROGRAM_ADDRESS), []);
	const owners = [bettor, operator, provider, world.admin];
	const balances = await Promise.all(owners.map(({ address }) => world.balance(address)));
	assert.equal(
		balances.reduce((sum, balance) => sum + balance),
		DEPOSIT + 100n * UNIT,
	);
	assert.ok(
		balances.every((balance) => balance > 0n),
		balances.join(),
	);
});
