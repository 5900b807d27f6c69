// A chain in memory with Strobe's programs from their bytecode, an oracle, providers and a mint.
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import {
	type Address,
	type EncodedAccount,
	type Instruction,
	type KeyPairSigner,
	address,
	generateKeyPairSigner,
	getAddressEncoder,
	getProgramDerivedAddress,
	lamports,
} from '@solana/kit';
import { FailedTransactionMetadata, LiteSVM, type TransactionMetadata } from 'litesvm';

import {
	type Chain,
	type Outcome,
	type Receipt,
	Strobe,
	TOKEN_PROGRAM,
	type TransactionFailure,
	associatedTokens,
	oracleAddresses,
	send,
} from '@strobe/sdk';
import { flashBets, leverage, markets, oracle, orders } from '@strobe/sdk/programs';

import { PROVIDERS, Providers, THRESHOLD, field } from './proofs.js';

const LOADER = address('BPFLoaderUpgradeab1e11111111111111111111111');
const folder = process.env['STROBE_BYTECODE'] ?? join(process.cwd(), '../../target/test-programs');

/** Why these tests cannot run here, or `false`. */
export const SKIP = existsSync(join(folder, 'oracle.so'))
	? false
	: `there is no bytecode in ${folder}: run scripts/build-programs`;

/** Unix second at which a world starts; its slot is 400 ms long. */
export const START = 1_800_000_000n;
const TIMELOCK = 3_600n;

export const FEED = 7n;

export class World {
	readonly svm = new LiteSVM();
	readonly chain: Chain = liteChain(this.svm);
	readonly providers = new Providers();
	admin!: KeyPairSigner;
	mint!: Address;
	providerSet!: Address;
	arbiterSet!: Address;
	verifyingKey!: Address;

	static async start(): Promise<World> {
		const world = new World();
		world.setTime(START);
		world.admin = await world.actor();
		world.mint = (await generateKeyPairSigner()).address;
		world.setAccount(world.mint, TOKEN_PROGRAM, mintData(6));
		const upgradeAuthority = await world.actor();
		for (const [name, program] of [
			['oracle', oracle.ORACLE_PROGRAM_ADDRESS],
			['flash_bets', flashBets.FLASH_BETS_PROGRAM_ADDRESS],
			['markets', markets.MARKETS_PROGRAM_ADDRESS],
			['orders', orders.ORDERS_PROGRAM_ADDRESS],
			['leverage', leverage.LEVERAGE_PROGRAM_ADDRESS],
		] as const) {
			world.svm.addProgramFromFile(program, join(folder, `${name}.so`));
			const data = await programData(program);
			world.setAccount(data, LOADER, programDataHeader(upgradeAuthority.address));
		}
		await world.initialize(upgradeAuthority);
		return world;
	}

	/** Somebody with SOL. */
	async actor(): Promise<KeyPairSigner> {
		const signer = await generateKeyPairSigner();
		this.svm.airdrop(signer.address, lamports(100_000_000_000n));
		return signer;
	}

	/** Somebody with SOL and `amount` of the mint. */
	async user(amount: bigint): Promise<{ wallet: KeyPairSigner; strobe: Strobe }> {
		const wallet = await this.actor();
		await this.fund(wallet.address, amount);
		return { wallet, strobe: this.strobe(wallet) };
	}

	strobe(wallet: KeyPairSigner): Strobe {
		return new Strobe({ chain: this.chain, wallet });
	}

	async fund(owner: Address, amount: bigint, mint = this.mint): Promise<Address> {
		const tokens = await associatedTokens(owner, mint);
		this.setAccount(tokens, TOKEN_PROGRAM, tokenData(mint, owner, amount));
		return tokens;
	}

	async balance(owner: Address): Promise<bigint> {
		const account = this.svm.getAccount(await associatedTokens(owner, this.mint));
		return account.exists ? new DataView(Uint8Array.from(account.data).buffer).getBigUint64(64, true) : 0n;
	}

	send(payer: KeyPairSigner, ...instructions: Instruction[]): Promise<Receipt> {
		this.svm.expireBlockhash();
		return send(this.chain, payer, instructions);
	}

	now(): bigint {
		return this.svm.getClock().unixTimestamp;
	}

	setTime(second: bigint): void {
		const clock = this.svm.getClock();
		const passed = second > clock.unixTimestamp ? second - clock.unixTimestamp : 0n;
		const slots = clock.unixTimestamp < START ? 1_000n : (passed * 5n) / 2n;
		clock.slot += slots;
		clock.unixTimestamp = second;
		this.svm.setClock(clock);
	}

	/** Has an observation verified by a real proof; gives its address. */
	async observe(feed: bigint, atMs: bigint, value: bigint): Promise<Address> {
		const { proof } = this.providers.prove(feed, atMs, value);
		const verify = await oracle.getVerifyObservationInstructionAsync({
			payer: this.admin,
			providerSet: this.providerSet,
			verifyingKey: this.verifyingKey,
			feedId: field(feed),
			observeAtMs: atMs,
			value,
			proof,
		});
		await this.send(this.admin, verify);
		const { providerSet, verifyingKey } = this;
		return oracleAddresses.observation({ providerSet, verifyingKey, feedId: field(feed), observeAtMs: atMs });
	}

	private async initialize(upgradeAuthority: KeyPairSigner): Promise<void> {
		const { admin } = this;
		const initialize = await oracle.getInitializeInstructionAsync({
			payer: admin,
			upgradeAuthority,
			network: oracle.Network.Localnet,
			admin: admin.address,
			guardian: admin.address,
			timelockSeconds: TIMELOCK,
			retentionSeconds: 3n * 24n * 3_600n,
		});
		// Of another feed: a provider signs one answer to a question, and this one comes too early.
		const { key } = this.providers.prove(FEED + 1n, START * 1_000n, 0n);
		const set = {
			admin,
			epoch: 0,
			root: this.providers.root,
			threshold: THRESHOLD,
			size: PROVIDERS,
			medianSlack: PROVIDERS - THRESHOLD,
		};
		await this.send(
			admin,
			initialize,
			await oracle.getProposeProviderSetInstructionAsync({ ...set, id: 1, role: oracle.ProviderRole.Primary }),
			await oracle.getProposeProviderSetInstructionAsync({ ...set, id: 2, role: oracle.ProviderRole.Arbiter }),
		);
		await this.send(
			admin,
			await oracle.getProposeVerifyingKeyInstructionAsync({
				admin,
				circuitId: 3,
				keyVersion: 0,
				aggregation: oracle.Aggregation.Agreement,
				feedKind: oracle.FeedKind.Event,
				slots: 3,
				development: true,
				transcriptHash: new Uint8Array(32),
				r1csHash: new Uint8Array(32),
				key,
			}),
		);
		this.providerSet = await oracleAddresses.providerSet(1, 0);
		this.arbiterSet = await oracleAddresses.providerSet(2, 0);
		this.verifyingKey = await oracleAddresses.verifyingKey(3, 0);
		this.setTime(this.now() + TIMELOCK);
	}

	private setAccount(at: Address, programAddress: Address, data: Uint8Array): void {
		this.svm.setAccount({
			address: at,
			data,
			executable: false,
			lamports: lamports(this.svm.minimumBalanceForRentExemption(BigInt(data.length))),
			programAddress,
			space: BigInt(data.length),
		});
	}
}

async function programData(program: Address): Promise<Address> {
	const seeds = [getAddressEncoder().encode(program)];
	return (await getProgramDerivedAddress({ programAddress: LOADER, seeds }))[0];
}

function programDataHeader(authority: Address): Uint8Array {
	const data = new Uint8Array(45);
	data[0] = 3;
	data[12] = 1;
	data.set(getAddressEncoder().encode(authority), 13);
	return data;
}

function mintData(decimals: number): Uint8Array {
	const data = new Uint8Array(82);
	data[44] = decimals;
	data[45] = 1;
	return data;
}

function tokenData(mint: Address, owner: Address, amount: bigint): Uint8Array {
	const data = new Uint8Array(165);
	data.set(getAddressEncoder().encode(mint), 0);
	data.set(getAddressEncoder().encode(owner), 32);
	new DataView(data.buffer).setBigUint64(64, amount, true);
	data[108] = 1;
	return data;
}

/** The chain in memory as the SDK asks it. */
function liteChain(svm: LiteSVM): Chain {
	return {
		async getAccounts(addresses) {
			return addresses.map((at) => {
				const account = svm.getAccount(at);
				return account.exists ? (account as EncodedAccount) : null;
			});
		},
		async getProgramAccounts(program, prefix) {
			const all = svm.getProgramAccounts(program);
			return all.filter(({ data }) => prefix.every((byte, index) => data[index] === byte));
		},
		async getLifetime() {
			return { blockhash: svm.latestBlockhash(), lastValidBlockHeight: 1n << 60n };
		},
		async simulate(transaction) {
			const result = svm.withSigverify(false).simulateTransaction(transaction);
			svm.withSigverify(true);
			return result instanceof FailedTransactionMetadata ? failed(result) : succeeded(result.meta());
		},
		async send(transaction) {
			const result = svm.sendTransaction(transaction);
			return result instanceof FailedTransactionMetadata ? failed(result) : succeeded(result);
		},
	};
}

function succeeded(meta: TransactionMetadata): Outcome {
	const returnData = meta.returnData().data();
	return { failure: null, logs: meta.logs(), units: meta.computeUnitsConsumed(), returnData };
}

function failed(result: FailedTransactionMetadata): Outcome {
	return { ...succeeded(result.meta()), failure: failureOf(result) };
}

function failureOf(result: FailedTransactionMetadata): TransactionFailure {
	const error = result.err();
	const inner = typeof error === 'object' && 'err' in error ? error.err() : undefined;
	if (inner === undefined) return { kind: result.toString() };
	if (typeof inner === 'object' && 'code' in inner) {
		return { kind: 'InstructionError', detail: 'Custom', code: inner.code };
	}
	return { kind: 'InstructionError', detail: String(inner) };
}
