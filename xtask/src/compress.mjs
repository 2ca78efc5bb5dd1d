// Writes NAME.br and NAME.gz beside the files of a finished bundle, for servers to send as they are: compress.mjs FOLDER.
// Each is written only where it is smaller by a tenth or more: below that a browser gains nothing by unpacking it.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const folder = process.argv[2];
// Each site writes its own: a compressed copy of ours would be sent in its place.
const EDITED = ['config.json'];

const pack = {
  '.br': (raw) =>
    brotliCompressSync(raw, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: 11,
        [constants.BROTLI_PARAM_LGWIN]: 24,
        [constants.BROTLI_PARAM_SIZE_HINT]: raw.length,
      },
    }),
  '.gz': (raw) => gzipSync(raw, { level: 9, memLevel: 9 }),
};

for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath ?? entry.path, entry.name);
  if (!entry.isFile() || /\.(br|gz)$/.test(path)) continue;
  const raw = readFileSync(path);
  for (const [ending, packed] of Object.entries(pack)) {
    const bytes = EDITED.includes(entry.name) ? raw : packed(raw);
    if (bytes.length * 10 <= raw.length * 9) writeFileSync(path + ending, bytes);
    else rmSync(path + ending, { force: true });
  }
}
