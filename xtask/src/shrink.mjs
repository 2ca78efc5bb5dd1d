// Makes what Trunk built smaller: shrink.mjs FOLDER NAME UGLIFY. The glue that wasm-bindgen writes is
// minified, and the names of what the program imports from it, which no tool shortens, become numbers.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [folder, name, uglify] = process.argv.slice(2);
const { minify } = createRequire(import.meta.url)(uglify);

/** Reads a number of the binary format (LEB128) at `at`: [value, where the next byte is]. */
function number(bytes, at) {
  for (let value = 0, shift = 0; ; shift += 7) {
    const byte = bytes[at++];
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return [value, at];
  }
}

function encoded(value) {
  const out = [];
  do {
    const low = value % 128;
    value = Math.floor(value / 128);
    out.push(value ? low | 0x80 : low);
  } while (value);
  return out;
}

/** The import section with new names, and how the old ones are called now. */
function rename(section) {
  const names = new Map();
  const out = [];
  let [count, at] = number(section, 0);
  out.push(...encoded(count));
  const text = () => {
    const [length, begin] = number(section, at);
    at = begin + length;
    return section.subarray(begin, at).toString();
  };
  const put = (word) => out.push(...encoded(Buffer.byteLength(word)), ...Buffer.from(word));
  for (; count > 0; count -= 1) {
    put(text());
    const old = text();
    if (!names.has(old)) names.set(old, '_' + names.size.toString(36));
    put(names.get(old));
    // What follows says the kind: function, table, memory or global.
    const begin = at;
    const kind = section[at++];
    const limits = () => {
      const flags = section[at++];
      [, at] = number(section, at);
      if (flags & 1) [, at] = number(section, at);
    };
    if (kind === 0) [, at] = number(section, at);
    else if (kind === 1) { at += 1; limits(); }
    else if (kind === 2) limits();
    else if (kind === 3) at += 2;
    else throw new Error(`an import of kind ${kind} is not known here`);
    out.push(...section.subarray(begin, at));
  }
  return [Buffer.from(out), names];
}

const wasmFile = join(folder, `${name}_bg.wasm`);
const wasm = readFileSync(wasmFile);
const parts = [wasm.subarray(0, 8)];
let names = new Map();
for (let at = 8; at < wasm.length; ) {
  const [length, begin] = number(wasm, at + 1);
  const end = begin + length;
  if (wasm[at] === 2) {
    const [section, renamed] = rename(wasm.subarray(begin, end));
    names = renamed;
    parts.push(Buffer.from([2, ...encoded(section.length)]), section);
  } else {
    parts.push(wasm.subarray(at, end));
  }
  at = end;
}

const glueFile = join(folder, `${name}.js`);
const glue = readFileSync(glueFile, 'utf8').replace(/\b__w\w+\b/g, (word) => names.get(word) ?? word);
for (const short of names.values()) {
  if (!new RegExp(`\\b${short}\\b`).test(glue)) throw new Error(`the glue has nothing for an import (${short})`);
}
const files = { [glueFile]: glue };
for (const own of ['boot.js', 'keeper.js']) files[join(folder, own)] = readFileSync(join(folder, own), 'utf8');
for (const [file, source] of Object.entries(files)) {
  const { code, error } = minify(source, { module: true, compress: { passes: 2 }, mangle: true });
  if (error) throw error;
  files[file] = code;
}
// Comments and blanks of the page and of its first style sheet.
for (const file of ['index.html', 'boot.css'].map((file) => join(folder, file))) {
  const text = readFileSync(file, 'utf8').replace(/<!--[\s\S]*?-->|\/\*[\s\S]*?\*\//g, '').replace(/\s+/g, ' ');
  files[file] = file.endsWith('.css') ? text.replace(/\s*([{};,])\s*/g, '$1').replace(/: /g, ':') : text.replace(/> </g, '><').trim();
}
// Nothing is written before all of it has worked.
writeFileSync(wasmFile, Buffer.concat(parts));
for (const [file, code] of Object.entries(files)) writeFileSync(file, code);
