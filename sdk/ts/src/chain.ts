// How the SDK reaches a chain: an RPC node, or whatever else offers these few questions.
import {
	type Address,
	type Base64EncodedWireTransaction,
	type Blockhash,
	type EncodedAccount,
	type ReadonlyUint8Array,
	type Rpc,
	type Signature,
	type SolanaRpcApi,
	type Transaction,
	type TransactionWithLifetime,
	getBase58Decoder,
	getBase64EncodedWireTransaction,
	getBase64Encoder,
	getSignatureFromTransaction,
} from '@solana/kit';

/** Why the runtime refused a transaction, as far as it says. */
export interface TransactionFailure {
	/** The runtime's own word: `InstructionError`, `BlockhashNotFound`, … */
	kind: string;
	/** Of an instruction: `Custom` or the runtime's word. */
	detail?: string;
	/** The program's code if `detail` is `Custom`. */
	code?: number;
}

/** What became of a transaction, simulated or executed. */
export interface Outcome {
	failure: TransactionFailure | null;
	logs: readonly string[];
	/** Compute units consumed. */
	units: bigint;
	/** Of a simulation: what the last program that returned anything returned. */
	returnData?: ReadonlyUint8Array | undefined;
}

/** Until when a transaction can be executed. */
export interface Lifetime {
	blockhash: Blockhash;
	lastValidBlockHeight: bigint;
}

export interface Chain {
	/** Each account, `null` where there is none. */
	getAccounts(addresses: readonly Address[]): Promise<(EncodedAccount | null)[]>;
	/** Accounts of a program whose data begin with these bytes. */
	getProgramAccounts(program: Address, prefix: Uint8Array): Promise<EncodedAccount[]>;
	getLifetime(): Promise<Lifetime>;
	/** Signatures need not be there. */
	simulate(transaction: Transaction): Promise<Outcome>;
	/** Sends a signed transaction and waits until it is confirmed or can be executed no more. */
	send(transaction: Transaction & TransactionWithLifetime, lifetime: Lifetime): Promise<Outcome>;
}

/** A transaction that was not executed in time, and never will be: it may be built anew. */
export class TransactionExpired extends Error {
	override readonly name = 'TransactionExpired';
	constructor(readonly signature: Signature) {
		super(`Transaction ${signature} was not executed before its blockhash expired, and never will be`);
	}
}

/** The node stopped answering: the transaction may have been executed, so look at it before trying again. */
export class NodeSilent extends Error {
	override readonly name = 'NodeSilent';
	constructor(
		readonly signature: Signature,
		cause: unknown,
	) {
		super(`The node does not answer; transaction ${signature} may have been executed: look before you try again`, {
			cause,
		});
	}
}

const POLL_MS = 400;
/** Questions in a row that a node may leave without an answer: it may only have had too many. */
const MOST_FAILURES = 10;

/** The chain behind an RPC node. */
export function rpcChain(rpc: Rpc<SolanaRpcApi>): Chain {
	const commitment = 'confirmed';
	return {
		async getAccounts(addresses) {
			const { value } = await rpc
				.getMultipleAccounts([...addresses], { commitment, encoding: 'base64' })
				.send();
			return value.map((account, index) => (account ? fromRpc(addresses[index]!, account) : null));
		},
		async getProgramAccounts(program, prefix) {
			const bytes = getBase58Decoder().decode(prefix);
			const filter = { memcmp: { bytes, encoding: 'base58', offset: 0n } } as const;
			const found = await rpc
				.getProgramAccounts(program, { commitment, encoding: 'base64', filters: [filter as never] })
				.send();
			return found.map(({ account, pubkey }) => fromRpc(pubkey, account));
		},
		async getLifetime() {
			return (await rpc.getLatestBlockhash({ commitment }).send()).value;
		},
		async simulate(transaction) {
			const { value } = await rpc
				.simulateTransaction(getBase64EncodedWireTransaction(transaction), {
					commitment,
					encoding: 'base64',
					replaceRecentBlockhash: true,
					sigVerify: false,
				})
				.send();
			return {
				failure: parseFailure(value.err),
				logs: value.logs ?? [],
				units: value.unitsConsumed ?? 0n,
				returnData: value.returnData ? getBase64Encoder().encode(value.returnData.data[0]) : undefined,
			};
		},
		async send(transaction, lifetime) {
			const wire = getBase64EncodedWireTransaction(transaction);
			const signature = getSignatureFromTransaction(transaction);
			for (let failures = 0; failures < MOST_FAILURES; ) {
				try {
					const confirmed = await sendOnce(rpc, wire, signature, lifetime);
					if (confirmed) return { ...confirmed, ...(await logsOf(rpc, signature)) };
					failures = 0;
				} catch (error) {
					failures += 1;
					if (error instanceof TransactionExpired) throw error;
					if (failures === MOST_FAILURES) throw new NodeSilent(signature, error);
				}
				await pause();
			}
			throw new NodeSilent(signature, undefined);
		},
	};
}

function pause(): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, POLL_MS));
}

/** Sends a transaction and looks whether it was executed; `null` if not yet. */
async function sendOnce(
	rpc: Rpc<SolanaRpcApi>,
	wire: Base64EncodedWireTransaction,
	signature: Signature,
	lifetime: Lifetime,
): Promise<Pick<Outcome, 'failure'> | null> {
	// The same bytes have the same signature: sent again they cannot be executed twice.
	await rpc.sendTransaction(wire, { encoding: 'base64', skipPreflight: true }).send();
	// The height comes first: what was executed up to it has a status then.
	const height = await rpc.getBlockHeight({ commitment: 'confirmed' }).send();
	const status = (await rpc.getSignatureStatuses([signature]).send()).value[0];
	if (status && status.confirmationStatus !== 'processed') return { failure: parseFailure(status.err) };
	if (!status && height > lifetime.lastValidBlockHeight) throw new TransactionExpired(signature);
	return null;
}

async function logsOf(rpc: Rpc<SolanaRpcApi>, signature: Signature): Promise<Omit<Outcome, 'failure'>> {
	// The node may confirm a transaction a moment before it can tell it.
	for (let tries = 0; tries < 10; tries += 1) {
		const found = await rpc
			.getTransaction(signature, {
				commitment: 'confirmed',
				encoding: 'base64',
				maxSupportedTransactionVersion: 0,
			})
			.send();
		if (found?.meta) {
			return { logs: found.meta.logMessages ?? [], units: found.meta.computeUnitsConsumed ?? 0n };
		}
		await pause();
	}
	return { logs: [], units: 0n };
}

/** What a node gives as the `err` of a transaction. */
export function parseFailure(error: unknown): TransactionFailure | null {
	if (error === null || error === undefined) return null;
	if (typeof error === 'string') return { kind: error };
	const [kind, value] = Object.entries(error as object)[0] ?? ['Unknown', null];
	if (kind !== 'InstructionError' || !Array.isArray(value)) return { kind };
	const detail: unknown = value[1];
	if (typeof detail === 'string') return { kind, detail };
	const [word, code] = Object.entries(detail as object)[0] ?? ['Unknown', null];
	return word === 'Custom' ? { kind, detail: word, code: Number(code) } : { kind, detail: word };
}

interface RpcAccount {
	data: readonly [string, string];
	executable: boolean;
	lamports: EncodedAccount['lamports'];
	owner: Address;
	space: bigint;
}

function fromRpc(address: Address, account: RpcAccount): EncodedAccount {
	const { data, executable, lamports, owner, space } = account;
	return {
		address,
		data: getBase64Encoder().encode(data[0]),
		executable,
		lamports,
		programAddress: owner,
		space,
	};
}
