/** Snippets of the documentation: TypeScript compiles against the packages, command lines have flags that exist. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { globSync } from 'tinyglobby';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const DOCUMENTS = globSync(['README.md', 'docs/*.md', 'packages/*/README.md'], { cwd: ROOT });
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

interface Snippet {
  readonly file: string;
  /** Line of the document that it begins after. */
  readonly line: number;
  readonly code: string;
}

function snippetsOf(file: string, text: string, language: string): Snippet[] {
  const blocks = text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'));
  return [...blocks].map(({ 1: code = '', index }) => ({
    file,
    code,
    line: text.slice(0, index).split('\n').length,
  }));
}

const all = (language: string) => DOCUMENTS.flatMap((file) => snippetsOf(file, read(file), language));

/** Code cells of a notebook as one program. */
function notebook(file: string): Snippet {
  const { cells } = JSON.parse(read(file)) as { cells: { cell_type: string; source: string[] }[] };
  const code = cells.filter(({ cell_type }) => cell_type === 'code').map(({ source }) => source.join(''));
  return { file, line: 0, code: code.join('\n') };
}

/** Parts of a program are no program: only what imports is compiled. */
const programs = [
  ...all('ts'),
  ...globSync('examples/notebooks/*.ipynb', { cwd: ROOT }).map(notebook),
].filter(({ code }) => /^import /m.test(code));

function compilerOptions(): ts.CompilerOptions {
  const file = join(ROOT, 'tsconfig.json');
  const { config } = ts.readConfigFile(file, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
  return { ...options, noEmit: true, noUnusedLocals: false, noUnusedParameters: false, incremental: false };
}

/** Errors of every program by its index. */
function compile(snippets: readonly Snippet[]): string[][] {
  const options = compilerOptions();
  const host = ts.createCompilerHost(options);
  // Beside a package, so that what it depends on is found.
  const place = ({ file }: Snippet, i: number) =>
    join(ROOT, file.startsWith('packages/') ? dirname(file) : 'examples', `snippet-${i}.ts`);
  const files = new Map(snippets.map((snippet, i) => [place(snippet, i), `${snippet.code}\nexport {};\n`]));
  const { readFile, fileExists, getSourceFile } = host;
  host.readFile = (name) => files.get(name) ?? readFile(name);
  host.fileExists = (name) => files.has(name) || fileExists(name);
  host.getSourceFile = (name, version, ...rest) => {
    const text = files.get(name);
    return text === undefined
      ? getSourceFile(name, version, ...rest)
      : ts.createSourceFile(name, text, version);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  return snippets.map((snippet, i) => {
    const source = program.getSourceFile(place(snippet, i));
    if (!source) return ['it is not part of the program'];
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return found.map(({ messageText, start = 0 }) => {
      const { line } = source.getLineAndCharacterOfPosition(start);
      return `line ${snippet.line + line + 1}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
    });
  });
}

test('TypeScript in the documents compiles', () => {
  const errors = compile(programs).flatMap((found, i) =>
    found.map((error) => `${programs[i]?.file}, ${error}`),
  );
  expect(errors).toEqual([]);
  expect(programs.length).toBeGreaterThan(5);
}, 120_000);

describe('command lines in the documents', () => {
  /** The flags of each command, as `docs/cli.md` lists them. */
  const commands = new Map(
    [...read('docs/cli.md').matchAll(/<!-- flags: (.*?) -->([\s\S]*?)<!-- end -->/g)].map(
      ([, name = '', table = '']) => [
        name,
        new Set([...table.matchAll(/^\| `(--[\w-]+)/gm)].map(([, flag]) => flag)),
      ],
    ),
  );
  const lines = all('sh').flatMap(({ file, code }) =>
    code
      .split('\n')
      .filter((line) => /(^|npx |froyolo\/cli )froyolo \w/.test(line))
      .map((line) => ({ file, line: line.replace(/\s#.*$/, '') })),
  );

  test.each(lines)('$file: $line', ({ line }) => {
    const words = line.slice(line.lastIndexOf('froyolo ') + 'froyolo '.length).split(/\s+/);
    const name = [words.slice(0, 2).join(' '), words[0] ?? ''].find((one) => commands.has(one));
    expect(name, `a command of docs/cli.md in "${line}"`).toBeDefined();
    const known = commands.get(name ?? '') ?? new Set();
    const flags = words.filter((word) => word.startsWith('--')).map((word) => word.split('=')[0]);
    const general = new Set(['--help', '--debug', '--version']);
    expect(flags.filter((flag) => !known.has(flag) && !general.has(flag ?? ''))).toEqual([]);
  });
});
