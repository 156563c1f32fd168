// SPDX-License-Identifier: Apache-2.0
// javascript.mjs SOURCE.js OUT.wasm WIT-FOLDER WORLD: a component of a script, with the interpreter in it.
import { readFile, writeFile } from 'node:fs/promises';
import { componentize } from '@bytecodealliance/componentize-js';

const [source, out, witPath, worldName] = process.argv.slice(2);
const { component } = await componentize(await readFile(source, 'utf8'), { witPath, worldName });
await writeFile(out, component);
