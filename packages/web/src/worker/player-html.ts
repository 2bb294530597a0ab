/** The HTML around a detector's page. */

export interface PlayerParts {
  readonly title: string;
  /** For the code. */
  readonly settings: object;
  /** Base64. */
  readonly model: string;
  readonly wasm: string;
  readonly loader: string;
  readonly code: string;
}

/** Returned in pieces: joining so many megabytes would block the page. */
export function playerHtml({ title, settings, model, wasm, loader, code }: PlayerParts): string[] {
  const data = (id: string, text: string) => [`<script type="text/plain" id="${id}">`, text, '</script>\n'];
  return [
    headOf(title),
    ...data('model', model),
    ...data('wasm', wasm),
    ...data('loader', loader),
    ...data('settings', escaped(JSON.stringify(settings))),
    '<script type="module">',
    code.replace(/<\/script/gi, '<\\/script'),
    '</script>\n</body>\n</html>\n',
  ];
}

const headOf = (title: string) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>${escaped(title)}</h1>
<button id="camera" type="button">Camera</button>
<label class="button">Picture…<input id="file" type="file" accept="image/*"></label>
<label>Confidence <input id="confidence" type="range" min="0.05" max="0.95" step="0.05" value="0.4"></label>
<span id="status" role="status">Loading…</span>
</header>
<main><video id="video" muted playsinline hidden></video><canvas id="canvas" role="img" aria-label="Detections"></canvas></main>
`;

const escaped = (text: string) => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

const STYLE = `:root{color-scheme:light dark;font:16px/1.4 system-ui,sans-serif}
body{margin:0}header{display:flex;flex-wrap:wrap;gap:.8rem;align-items:center;padding:.8rem 1rem}
h1{font-size:1.1rem;margin:0 auto 0 0}button,.button{font:inherit;padding:.4em .9em;border:1px solid;border-radius:8px;
background:none;color:inherit;cursor:pointer}.button input{position:absolute;opacity:0;width:1px}
.button:focus-within{outline:2px solid}main{display:grid;place-items:center}canvas{max-width:100%;max-height:85vh}`;
