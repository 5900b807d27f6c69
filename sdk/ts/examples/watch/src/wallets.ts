// Who signs: a wallet of the browser's by the Wallet Standard, or on a local network a key of the page's own.
import {
	type Transaction,
	type TransactionModifyingSigner,
	type TransactionSigner,
	type TransactionWithLifetime,
	type TransactionWithinSizeLimit,
	address,
	createSignerFromKeyPair,
	generateKeyPair,
	getTransactionDecoder,
	getTransactionEncoder,
} from '@solana/kit';
import { getWallets } from '@wallet-standard/app';
import type { Wallet, WalletAccount } from '@wallet-standard/base';

import type { NetworkName } from './network.js';

/** What this page uses of a wallet. */
interface Connect {
	connect(): Promise<{ accounts: readonly WalletAccount[] }>;
}
interface SignTransaction {
	signTransaction(input: {
		account: WalletAccount;
		transaction: Uint8Array;
		chain: string;
	}): Promise<readonly { signedTransaction: Uint8Array }[]>;
}

const CONNECT = 'standard:connect';
const SIGN = 'solana:signTransaction';

/** Wallets here that can sign. */
export function usableWallets(): readonly Wallet[] {
	return getWallets()
		.get()
		.filter(({ features }) => CONNECT in features && SIGN in features);
}

/** Told when a wallet comes or goes. */
export function onWallets(changed: () => void): void {
	getWallets().on('register', changed);
	getWallets().on('unregister', changed);
}

/**
 * Asks a wallet for an account, and has it sign from then on.
 *
 * @throws Error if it gives none, or none for this network
 */
export async function connectWallet(wallet: Wallet, network: NetworkName): Promise<TransactionSigner> {
	const { accounts } = await (wallet.features[CONNECT] as Connect).connect();
	const chain = `solana:${network}` as const;
	const account = accounts.find(({ chains, features }) => chains.includes(chain) && features.includes(SIGN));
	if (!account) throw new Error(`${wallet.name} gave no account for ${network}: choose that network in it`);
	const feature = wallet.features[SIGN] as SignTransaction;
	const signer: TransactionModifyingSigner = {
		address: address(account.address),
		// One after the other: each is a question to a person.
		async modifyAndSignTransactions(transactions) {
			const signed = [];
			for (const transaction of transactions) {
				const bytes = Uint8Array.from(getTransactionEncoder().encode(transaction));
				const [answer] = await feature.signTransaction({ account, transaction: bytes, chain });
				if (!answer) throw new Error(`${wallet.name} signed nothing`);
				signed.push(signedTransaction(transaction, answer.signedTransaction));
			}
			return signed;
		},
	};
	return signer;
}

function signedTransaction(
	asked: Transaction | (Transaction & TransactionWithLifetime),
	bytes: Uint8Array,
): Transaction & TransactionWithinSizeLimit & TransactionWithLifetime {
	if (!('lifetimeConstraint' in asked)) throw new Error('The transaction has no blockhash');
	const { lifetimeConstraint } = asked;
	const signed = getTransactionDecoder().decode(bytes);
	// The size is checked once more before it is sent.
	return { ...signed, lifetimeConstraint } as Transaction & TransactionWithinSizeLimit & TransactionWithLifetime;
}

const DATABASE = 'strobe-watch';
const STORE = 'keys';

/** The page's own key, made on first use. Nobody can read it out of the browser. */
export async function localKey(): Promise<TransactionSigner> {
	const database = await answer(indexedDB.open(DATABASE, 1), (request) => request.result.createObjectStore(STORE));
	try {
		const store = (mode: IDBTransactionMode) => database.transaction(STORE, mode).objectStore(STORE);
		let key = (await answer(store('readonly').get('local'))) as CryptoKeyPair | undefined;
		if (!key) {
			key = await generateKeyPair();
			await answer(store('readwrite').put(key, 'local'));
		}
		return await createSignerFromKeyPair(key);
	} finally {
		database.close();
	}
}

function answer<R extends IDBRequest>(request: R, upgrade?: (request: R) => void): Promise<R['result']> {
	return new Promise((resolve, reject) => {
		request.onsuccess = () => resolve(request.result);
		request.onerror = () => reject(request.error ?? new Error('The browser keeps no keys for this page'));
		if (upgrade && request instanceof IDBOpenDBRequest) request.onupgradeneeded = () => upgrade(request);
	});
}
