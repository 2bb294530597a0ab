/** The documentation as a site: the same Markdown files that are read in the repository. */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitepress';

const DOCS = fileURLToPath(new URL('../../docs', import.meta.url));

/** Heading of a page, without marks. */
function titleOf(file: string): string {
  const heading = /^# (.*)$/m.exec(readFileSync(`${DOCS}/${file}`, 'utf8'));
  return (heading?.[1] ?? file).replaceAll('`', '');
}

/** The pages of a folder and its subfolders, by title. */
function pagesIn(folder: string) {
  const files = readdirSync(`${DOCS}/${folder}`, { recursive: true, encoding: 'utf8' });
  return files
    .filter((name) => name.endsWith('.md'))
    .map((name) => name.replaceAll('\\', '/'))
    .map((name) => ({ text: titleOf(`${folder}/${name}`), link: `/${folder}/${addressOf(name)}` }))
    .sort((a, b) => a.text.localeCompare(b.text));
}

/** Address of a page in its folder: a README is the folder itself. */
const addressOf = (name: string) => name.replace(/\.md$/, '').replace(/(^|\/)README$/, '$1');

const page = (name: string) => ({ text: titleOf(`${name}.md`), link: `/${name}` });

const require = createRequire(import.meta.url);
/** One copy of it, for rendering to HTML and in browsers. */
const VUE = [
  { find: /^vue$/, replacement: require.resolve('vue/dist/vue.runtime.esm-bundler.js') },
  { find: /^vue\/server-renderer$/, replacement: fileURLToPath(import.meta.resolve('vue/server-renderer')) },
];

const USE = ['installing', 'freezing', 'learning', 'cli', 'devices', 'export', 'scale', 'performance'];

export default defineConfig({
  title: 'Froyolo',
  description: 'Fine-tune YOLOv5 detectors with frozen layers, in TypeScript',
  srcDir: DOCS,
  outDir: fileURLToPath(new URL('../dist', import.meta.url)),
  cleanUrls: true,
  // Files and folders of the repository that are no pages: packages, examples, tests, results.
  ignoreDeadLinks: [/\.\.\//, /\.(json|html|txt|svg|png)$/, /\/arms$/],
  // Pages lie outside of this package: what they are compiled to finds Vue by its path.
  vite: { resolve: { alias: VUE } },
  rewrites: (path) => path.replace(/README\.md$/, 'index.md'),
  themeConfig: {
    search: { provider: 'local' },
    nav: [
      { text: 'Commands', link: '/cli' },
      { text: 'Results', link: '/results/' },
    ],
    sidebar: [
      { text: 'Use', items: USE.map(page) },
      { text: 'Understand', items: ['architecture', 'decisions', 'debugging'].map(page) },
      { text: 'Contribute', collapsed: true, items: pagesIn('contributing') },
      { text: 'Results', collapsed: true, items: pagesIn('results') },
    ],
  },
});
