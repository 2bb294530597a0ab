/** The documentation as a site: it builds, without dead links, and holds every page. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { globSync } from 'tinyglobby';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const VITEPRESS = join(ROOT, 'site/node_modules/vitepress/bin/vitepress.js');

test('pnpm docs:site', async () => {
  const out = mkdtempSync(join(tmpdir(), 'froyolo-site-'));
  try {
    const args = [VITEPRESS, 'build', '--outDir', out];
    const env = { ...process.env, NODE_ENV: 'production' };
    await promisify(execFile)(process.execPath, args, { cwd: join(ROOT, 'site'), env });
    const documents = globSync('**/*.md', { cwd: join(ROOT, 'docs') });
    expect(documents.length).toBeGreaterThan(20);
    const pages = documents.map((file) => file.replace(/README\.md$/, 'index.md').replace(/md$/, 'html'));
    expect(pages.filter((page) => !existsSync(join(out, page)))).toEqual([]);
    expect(readFileSync(join(out, 'export.html'), 'utf8')).toContain('exportModel');
    const sidebar = readFileSync(join(out, 'results/plan.html'), 'utf8');
    const links = pages.map((page) => `href="/${page.replace(/(index)?\.html$/, '')}"`);
    expect(links.filter((link) => !sidebar.includes(link))).toEqual([]);
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}, 300_000);
