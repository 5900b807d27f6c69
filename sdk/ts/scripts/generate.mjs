// Writes the clients of the programs to src/generated, or to the folder given, from ../../idl alone:
// what Codama makes of each IDL, and the tables of events and errors that it does not make.
import { readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { rootNodeFromAnchor } from '@codama/nodes-from-anchor';
import { renderVisitor } from '@codama/renderers-js';
import { visit } from '@codama/visitors-core';

const here = dirname(fileURLToPath(import.meta.url));
const idls = join(here, '../../../idl');
const out = process.argv[2] ?? join(here, '../src/generated');
const notice = '// Generated from the IDLs by scripts/generate.mjs; do not edit.\n\n';

/** Every IDL, by the name of its program's folder. */
async function readIdls() {
    const files = (await readdir(idls)).filter((file) => file.endsWith('.json')).sort();
    return Promise.all(
        files.map(async (file) => ({
            name: file.replace(/\.json$/, '').replace(/_(\w)/g, (_, letter) => letter.toUpperCase()),
            folder: file.replace(/\.json$/, '').replaceAll('_', '-'),
            idl: JSON.parse(await readFile(join(idls, file), 'utf8')),
        })),
    );
}

/** Events are types like others to Codama, so that it writes their decoders. */
function render(folder, idl) {
    const root = rootNodeFromAnchor({ ...idl, events: [] });
    const options = {
        deleteFolderBeforeRendering: true,
        generatedFolder: '.',
        kitImportStrategy: 'rootOnly',
        prettierOptions: { printWidth: 110, singleQuote: true, tabWidth: 1, useTabs: true },
        syncPackageJson: false,
    };
    return visit(root, renderVisitor(join(out, folder), options));
}

/** The decoder of each event by its discriminator. */
function eventTable(idl) {
    const names = idl.events.map(({ name }) => name);
    const decoders = names.map((name) => `get${name}Decoder`);
    const entries = idl.events.map(
        ({ name, discriminator }) =>
            `\t{ name: '${name}', discriminator: new Uint8Array([${discriminator}]), decoder: get${name}Decoder() },\n`,
    );
    const types = names.map((name) => `\t| { name: '${name}'; data: ${name} }\n`);
    return (
        notice +
        `import {\n${decoders.map((decoder) => `\t${decoder},\n`).join('')}` +
        `${names.map((name) => `\ttype ${name},\n`).join('')}} from './types/index.js';\n\n` +
        `/** What the program emits. */\nexport type ProgramEvent =\n${types.join('').trimEnd()};\n\n` +
        `export const EVENTS = [\n${entries.join('')}] as const;\n`
    );
}

/** Name and sentence of each error: Codama leaves the sentences out of production bundles. */
function errorTable(programs) {
    const entries = programs.map(({ idl }) => {
        const errors = idl.errors.map(
            ({ code, name, msg }) => `\t\t\t${code}: [${JSON.stringify(name)}, ${JSON.stringify(msg)}],\n`,
        );
        return `\t'${idl.address}': {\n\t\tname: '${idl.metadata.name}',\n\t\terrors: {\n${errors.join('')}\t\t},\n\t},\n`;
    });
    return (
        notice +
        '/** Errors of each program by code: name and sentence. */\n' +
        'export const PROGRAM_ERRORS: Readonly<\n' +
        '\tRecord<string, { name: string; errors: Readonly<Record<number, readonly [name: string, message: string]>> }>\n' +
        `> = {\n${entries.join('')}};\n`
    );
}

/**
 * Tables of events by program. A program's events are in its folder; their union is here.
 */
function eventIndex(programs) {
    const imports = programs.map(({ name, folder }) => `import * as ${name} from './${folder}/events.js';\n`);
    const union = programs.map(({ name }) => `\t| ({ program: '${name}' } & ${name}.ProgramEvent)\n`);
    const entries = programs.map(
        ({ name, idl }) => `\t'${idl.address}': { program: '${name}', events: ${name}.EVENTS },\n`,
    );
    return (
        `${notice}import type { Decoder, ReadonlyUint8Array } from '@solana/kit';\n\n${imports.join('')}\n` +
        `/** An event, and the program that emitted it. */\nexport type StrobeEvent =\n${union.join('').trimEnd()};\n\n` +
        '/** Each program\'s events by its address. */\nexport const PROGRAM_EVENTS: Readonly<\n\tRecord<string, {\n' +
        '\t\tprogram: string;\n\t\tevents: readonly {\n\t\t\tname: string;\n\t\t\tdiscriminator: ReadonlyUint8Array;\n' +
        `\t\t\tdecoder: Decoder<unknown>;\n\t\t}[];\n\t}>\n> = {\n${entries.join('')}};\n`
    );
}

/** Everything of each program under its name. */
function index(programs) {
    const exports = programs.map(({ name, folder }) => `export * as ${name} from './${folder}/index.js';\n`);
    return notice + exports.join('');
}

/** Takes Codama's plugin away: its types do not hold under `tsc --strict`. */
async function dropPlugin(folder) {
    const programs = join(out, folder, 'programs');
    for (const file of await readdir(programs)) {
        const path = join(programs, file);
        const source = await readFile(path, 'utf8');
        const plugin = source.search(/^export type \w+Plugin = \{/m);
        if (plugin >= 0) await writeFile(path, source.slice(0, plugin));
    }
}

/** Node resolves only whole file names: `../types` becomes `../types/index.js`. */
async function completeImports(folder) {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) {
            await completeImports(path);
            continue;
        }
        const source = await readFile(path, 'utf8');
        const specifiers = new Set([...source.matchAll(/from '(\.[^']*)'/g)].map(([, specifier]) => specifier));
        let complete = source;
        for (const specifier of specifiers) {
            if (specifier.endsWith('.js')) continue;
            const isFolder = await stat(join(folder, specifier)).then((found) => found.isDirectory(), () => false);
            const file = specifier === '.' || isFolder ? `${specifier}/index.js` : `${specifier}.js`;
            complete = complete.replaceAll(`from '${specifier}'`, `from '${file}'`);
        }
        if (complete !== source) await writeFile(path, complete);
    }
}

const programs = await readIdls();
await rm(out, { recursive: true, force: true });
for (const { folder, idl } of programs) {
    await render(folder, idl);
    await dropPlugin(folder);
    await writeFile(join(out, folder, 'events.ts'), eventTable(idl));
}
await completeImports(out);
await writeFile(join(out, 'program-errors.ts'), errorTable(programs));
await writeFile(join(out, 'program-events.ts'), eventIndex(programs));
await writeFile(join(out, 'index.ts'), index(programs));
