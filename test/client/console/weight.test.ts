/** What a person with a slow connection waits for. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import t from 'tap';

const built = new URL('../../../dist/console/', import.meta.url);

/** Of all that is loaded before the page is there, compressed. Bytes. */
const mostBytes = 150_000;

void t.test('the page and all that it loads weigh less than 150 KB, compressed', async (t) => {
  const page = readFileSync(fileURLToPath(new URL('index.html', built)), 'utf8');
  const loaded = [...page.matchAll(/(?:src|href)="\/console\/([^"]+)"/g)].map(([, path = '']) => {
    return readFileSync(fileURLToPath(new URL(path, built)));
  });
  t.equal(loaded.length, 3, 'the script, the styles, and the icon');
  const bytes = [Buffer.from(page), ...loaded].map((file) => gzipSync(file).length);
  const sum = bytes.reduce((all, one) => all + one, 0);
  t.ok(sum < mostBytes, `${sum} bytes, of ${mostBytes}`);
});

void t.test('nothing is loaded later, and nothing from elsewhere', async (t) => {
  const page = readFileSync(fileURLToPath(new URL('index.html', built)), 'utf8');
  const [, path = ''] = /src="\/console\/([^"]+)"/.exec(page) ?? [];
  const script = readFileSync(fileURLToPath(new URL(path, built)), 'utf8');
  t.notMatch(script, /\bimport\s*\(/);
  t.notMatch(page, /(?:src|href)="(?!\/console\/)/);
});
