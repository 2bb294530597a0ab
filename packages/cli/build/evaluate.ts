/** Modules that are run while the package is built: what they export stands in the bundle as plain values. */
import type { Options } from 'tsup';

type Plugin = NonNullable<Options['esbuildPlugins']>[number];

/**
 * Puts JSON in the place of modules, so that nothing they import is loaded by a user.
 * @param filter which files; each imports no Node module that isn't built in once it is bundled
 */
export function evaluate(filter: RegExp): Plugin {
  return {
    name: 'evaluate',
    setup({ esbuild, onLoad }) {
      onLoad({ filter }, async ({ path }) => {
        const { outputFiles, metafile } = await esbuild.build({
          entryPoints: [path],
          bundle: true,
          write: false,
          metafile: true,
          format: 'esm',
          platform: 'node',
          tsconfigRaw: {},
          logLevel: 'silent',
        });
        const [code = ''] = outputFiles.map((file) => Buffer.from(file.contents).toString('base64'));
        const values: object = await import(`data:text/javascript;base64,${code}`);
        const contents = Object.entries(values).map(
          ([name, value]) => `export const ${name} = ${JSON.stringify(value)};`,
        );
        return { contents: contents.join('\n'), loader: 'js', watchFiles: Object.keys(metafile.inputs) };
      });
    },
  };
}
