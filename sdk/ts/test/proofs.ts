// Providers and real proofs of what they signed, made by the `strobe` command when the tests run.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(process.cwd(), '../..');
const strobe = process.env['STROBE'] ?? join(root, 'target/debug/strobe');
const keys = process.env['STROBE_KEYS'] ?? join(root, 'target/strobe-keys');

function run(...words: string[]): string {
	return execFileSync(strobe, words, { encoding: 'utf8', env: { ...process.env, STROBE_KEYS: keys } });
}

function hex(text: string): Uint8Array {
	return Uint8Array.from(Buffer.from(text, 'hex'));
}

/** A number as a field element, big-endian. */
export function field(value: bigint): Uint8Array {
	return hex(value.toString(16).padStart(64, '0'));
}

export const PROVIDERS = 3;
export const THRESHOLD = 2;

export class Providers {
	private readonly folder = mkdtempSync(join(tmpdir(), 'strobe-sdk-'));
	readonly root: Uint8Array;

	constructor() {
		const providers = this.each((key, index) => {
			run('attest', 'keygen', '--unencrypted', '--out', key);
			const { public_key } = JSON.parse(readFileSync(key, 'utf8'));
			return { name: `provider-${index}`, public_key };
		});
		const file = this.file('providers.json');
		writeFileSync(file, JSON.stringify({ threshold: THRESHOLD, providers }));
		this.root = field(BigInt(JSON.parse(run('providers', 'root', file)).root));
	}

	/** That the answer to `feed` at `atMs` is `value`: the proof, and the key to verify it with. */
	prove(feed: bigint, atMs: bigint, value: bigint): { proof: Uint8Array; key: Uint8Array } {
		const about = ['--feed', String(feed), '--observed-at', String(atMs), '--value', String(value)];
		const attestations = this.each((key) =>
			JSON.parse(run('attest', 'sign', '--key', key, '--kind', 'event', '--any-time', ...about)),
		);
		const file = this.file('attestations.json');
		writeFileSync(file, JSON.stringify(attestations));
		const out = this.file('proof');
		const of = ['--providers', this.file('providers.json'), '--attestations', file];
		run('prove', ...of, '--at', String(atMs), '--any-time', '--circuit', 'quorum-3', '--out', out);
		const read = (name: string) => JSON.parse(readFileSync(join(out, name), 'utf8'));
		return {
			proof: hex(read('strobe-proof.json').proof),
			key: hex(read('strobe-verifying-key.json').key),
		};
	}

	private each<T>(make: (key: string, index: number) => T): T[] {
		return Array.from({ length: PROVIDERS }, (_, index) => make(this.file(`provider-${index}.json`), index));
	}

	private file(name: string): string {
		return join(this.folder, name);
	}
}
