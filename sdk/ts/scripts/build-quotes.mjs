// Builds the quotes (crates/quotes-wasm) and writes them to src/quotes-module.ts, so that neither Node nor
// a bundler has a file to look for, and to dist/quotes.wasm for whoever would rather serve them. Always
// builds: what is packed is never older than the formulas.
import { execFileSync } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../../..');
const linked = join(here, '../dist/quotes.wasm');
const TARGET = 'wasm32-unknown-unknown';
const FUNCTIONS = [
    'market_buffer',
    'market_capacity',
    'venue_buffer',
    'venue_capacity',
    'answer_buffer',
    'prices',
    'quote',
    'parts_buffer',
    'parts_capacity',
    'quote_chain',
    'quote_cash_out',
    'quote_branch',
];
const STACK_BYTES = 256 * 1024;

function run(program, args, env = {}) {
    const options = { cwd: root, env: { ...process.env, ...env }, encoding: 'utf8', maxBuffer: 1 << 28 };
    return execFileSync(program, args, { ...options, stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Compiles to a library; gives its file. */
function compile() {
    // What is compiled in parts for the sake of the next build is optimised less; and a path of this
    // machine has no place in a package.
    const cargoHome = process.env.CARGO_HOME ?? join(homedir(), '.cargo');
    const flags = [`--remap-path-prefix=${cargoHome}=cargo`, `--remap-path-prefix=${join(root)}=strobe`];
    const env = { CARGO_INCREMENTAL: '0', CARGO_ENCODED_RUSTFLAGS: flags.join('\x1f') };
    const what = ['--package', 'strobe-quotes-wasm', '--lib', '--crate-type', 'staticlib'];
    const how = ['--locked', '--target', TARGET, '--profile', 'wasm', '--message-format', 'json-render-diagnostics'];
    const messages = run('cargo', ['rustc', ...what, ...how], env).split('\n');
    const files = messages.flatMap((line) => (line.startsWith('{') ? (JSON.parse(line).filenames ?? []) : []));
    return files.find((file) => file.endsWith('libquotes_wasm.a'));
}

/**
 * Links what these functions need. Cargo's own linking would keep every function that a crate below
 * exports for JavaScript, which is most of the module.
 */
function link(library) {
    const host = /^host: (.*)$/m.exec(run('rustc', ['-vV']))[1];
    const linker = join(run('rustc', ['--print', 'sysroot']).trim(), 'lib/rustlib', host, 'bin/rust-lld');
    const options = ['-flavor', 'wasm', '--no-entry', '--gc-sections', '--strip-all', '-z', `stack-size=${STACK_BYTES}`];
    run(linker, [...options, ...FUNCTIONS.map((name) => `--export=${name}`), library, '-o', linked]);
}

/** The module without its custom sections, which nothing that runs reads. */
function bare(bytes) {
    const kept = [bytes.subarray(0, 8)];
    for (let at = 8; at < bytes.length; ) {
        const start = at;
        const isCustom = bytes[at++] === 0;
        let length = 0;
        for (let shift = 0; ; shift += 7) {
            const byte = bytes[at++];
            length |= (byte & 0x7f) << shift;
            if (byte < 0x80) break;
        }
        at += length;
        if (!isCustom) kept.push(bytes.subarray(start, at));
    }
    return Buffer.concat(kept);
}

try {
    await mkdir(dirname(linked), { recursive: true });
    await rm(linked, { force: true });
    link(compile());
    const bytes = bare(await readFile(linked));
    await writeFile(linked, bytes);
    const imports = WebAssembly.Module.imports(new WebAssembly.Module(bytes));
    if (imports.length > 0) throw new Error(`the module asks its host for ${imports.map(({ name }) => name)}`);
    const notice = '// Built from crates/quotes-wasm by scripts/build-quotes.mjs; not committed.\n\n';
    const text = `export const QUOTES_MODULE: string =\n\t'${bytes.toString('base64')}';\n`;
    await writeFile(join(here, '../src/quotes-module.ts'), `${notice}/** The module's bytes in base64. */\n${text}`);
    console.log(`quotes.wasm: ${bytes.length} bytes`);
} catch (error) {
    const reason = error.code === 'ENOENT' ? `${error.path} is missing: install Rust (https://rustup.rs)` : error.message;
    console.error(`build-quotes: ${reason}`);
    console.error(`build-quotes: if the target is missing: rustup target add ${TARGET}`);
    process.exit(1);
}
