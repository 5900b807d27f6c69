import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { type Address, address } from '@solana/kit';
import { StrobeError, describeCode, explain, programName } from '@strobe/sdk';

interface Idl {
	address: string;
	metadata: { name: string };
	errors: { code: number; name: string; msg: string }[];
}

const folder = join(process.cwd(), '../../idl');
const idls: Idl[] = readdirSync(folder).map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')));

function refusal(program: Address, code: number): StrobeError {
	const logs = [
		`Program ${program} invoke [1]`,
		`Program ${program} failed: custom program error: 0x${code.toString(16)}`,
	];
	return explain({ kind: 'InstructionError', detail: 'Custom', code }, logs);
}

test('every error of every program has its name and its sentence', () => {
	let count = 0;
	for (const { address: program, metadata, errors } of idls) {
		for (const { code, name, msg } of errors) {
			const error = refusal(address(program), code);
			assert.equal(error.message, `${name} (${code}) from ${metadata.name}: ${msg}`);
			assert.deepEqual([error.errorName, error.sentence, error.code], [name, msg, code]);
			count += 1;
		}
	}
	assert.ok(count > 100, String(count));
});

test("an error that a program passes on has its owner's name", () => {
	const [flash, oracle] = ['flash_bets', 'oracle'].map(
		(name) => idls.find(({ metadata }) => metadata.name === name)!,
	);
	const own = new Set(flash!.errors.map(({ code }) => code));
	const foreign = oracle!.errors.find(({ code }) => !own.has(code))!;
	const [name, sentence] = describeCode(address(flash!.address), foreign.code);
	assert.deepEqual([name, sentence], [foreign.name, foreign.msg]);
});

test('the program that failed first is named, not its caller', () => {
	const [outer, inner] = [idls[0]!.address, '11111111111111111111111111111111'];
	const logs = [
		`Program ${outer} invoke [1]`,
		`Program ${inner} invoke [2]`,
		`Program ${inner} failed: custom program error: 0x0`,
		`Program ${outer} failed: custom program error: 0x0`,
	];
	const error = explain({ kind: 'InstructionError', detail: 'Custom', code: 0 }, logs);
	assert.deepEqual([error.errorName, error.program], ['AccountAlreadyInUse', inner]);
	assert.equal(programName(address(inner)), 'system');
});

test('a constraint of Anchor is named from the log', () => {
	const program = idls[0]!.address;
	const logs = [
		`Program ${program} invoke [1]`,
		'Program log: AnchorError caused by account: vault. Error Code: ConstraintSeeds. ' +
			'Error Number: 2006. Error Message: A seeds constraint was violated.',
		`Program ${program} failed: custom program error: 0x7d6`,
	];
	const error = explain({ kind: 'InstructionError', detail: 'Custom', code: 2006 }, logs);
	assert.equal(error.errorName, 'ConstraintSeeds');
	assert.equal(error.sentence, 'A seeds constraint was violated (account vault)');
});

test('an error of the runtime has its own name and a sentence', () => {
	const error = explain({ kind: 'BlockhashNotFound' }, []);
	assert.deepEqual([error.errorName, error.code, error.program], ['BlockhashNotFound', undefined, undefined]);
	assert.match(error.message, /expired/);
});
