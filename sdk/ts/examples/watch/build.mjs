// Writes the page to dist: three files that any server serves. The SDK is the one beside it, built by
// `npm run build` there.
import { copyFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const sdk = join(here, '../../dist');
/** The page's own `@solana/kit` for the SDK too: beside that are those of its tests as well. */
const ownKit = {
    name: 'own-kit',
    setup({ onResolve, resolve }) {
        onResolve({ filter: /^@solana\/kit(\/|$)/ }, ({ path, kind, pluginData }) =>
            pluginData ? undefined : resolve(path, { kind, resolveDir: here, pluginData: true }),
        );
    },
};
await mkdir(join(here, 'dist'), { recursive: true });
await build({
    entryPoints: [join(here, 'src/main.ts')],
    outfile: join(here, 'dist/main.js'),
    alias: { '@strobe/sdk/programs': join(sdk, 'generated/index.js'), '@strobe/sdk': join(sdk, 'index.js') },
    bundle: true,
    define: { 'process.env.NODE_ENV': '"production"' },
    format: 'iife',
    minify: true,
    plugins: [ownKit],
    target: 'es2022',
    logLevel: 'warning',
});
for (const file of ['index.html', 'style.css']) await copyFile(join(here, file), join(here, 'dist', file));
