// Which network a node is of: the hash of its first block tells, whatever its address.
import { type Rpc, type SolanaRpcApi } from '@solana/kit';
import { type Chain, oracleAddresses } from '@strobe/sdk';
import { oracle } from '@strobe/sdk/programs';

export type NetworkName = 'mainnet' | 'devnet' | 'testnet' | 'localnet';

const GENESIS_HASHES: Readonly<Record<string, NetworkName>> = {
	'5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d': 'mainnet',
	EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG: 'devnet',
	'4uhcVJyU9pJkvQyS88uRDiswHXSCkY3zQawwpjk2NsNY': 'testnet',
};

/** A local network if no public one has the node's first block. */
export async function findNetwork(rpc: Rpc<SolanaRpcApi>): Promise<NetworkName> {
	const hash: string = await rpc.getGenesisHash().send();
	return GENESIS_HASHES[hash] ?? 'localnet';
}

/**
 * Refuses every network but a local one, by its first block and by what the programs on it were built for: a
 * page is no place for a key that holds money.
 *
 * @throws Error that says why
 */
export async function requireLocal(rpc: Rpc<SolanaRpcApi>, chain: Chain): Promise<void> {
	const network = await findNetwork(rpc);
	if (network !== 'localnet') {
		throw new Error(`This node is of ${network}: a key of this page is for a local network only. Connect a wallet.`);
	}
	const [config] = await chain.getAccounts([await oracleAddresses.config()]);
	if (!config || oracle.getOracleConfigDecoder().decode(config.data).network !== oracle.Network.Localnet) {
		throw new Error('The programs on this node are not of a local network, which a key of this page is for.');
	}
}
