// SPDX-License-Identifier: Apache-2.0
// component.mjs CORE.wasm OUT.wasm [ADAPTER [WIT WORLD]]
//
// Makes a component of a core module. WIT is one text with all packages in it, WORLD what the module was written for;
// without them it is one that knows only WASI 0.1. ADAPTER says how WASI 0.1 is translated: command, reactor, or none.
import { readFile, writeFile } from 'node:fs/promises';
import {
	componentEmbed, componentNew, preview1AdapterCommandPath, preview1AdapterReactorPath,
} from '@bytecodealliance/jco';

const adapterPaths = { command: preview1AdapterCommandPath, reactor: preview1AdapterReactorPath };

async function adapters(name) {
	return name in adapterPaths ? [['wasi_snapshot_preview1', await readFile(adapterPaths[name]())]] : [];
}

async function embedded(core, wit, world) {
	return wit ? componentEmbed({ binary: core, witSource: await readFile(wit, 'utf8'), world }) : core;
}

const [core, out, adapter, wit, world] = process.argv.slice(2);
const module = await embedded(await readFile(core), wit, world);
await writeFile(out, await componentNew(module, await adapters(adapter)));
