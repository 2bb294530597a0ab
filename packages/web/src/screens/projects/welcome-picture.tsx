/** What the page is about, as a picture: things with boxes around them, one of them only suggested. */

const HEART = 'M0 16C-22 0-13-18 0-7 13-18 22 0 0 16Z';
const RING = 'M0-20a20 20 0 1 0 .01 0ZM0-10a10 10 0 1 1-.01 0Z';
const HEXAGON = 'M0-20 17-10V10L0 20-17 10V-10Z';
const CROSS = 'M-7-20H7V-7H20V7H7V20H-7V7H-20V-7H-7Z';

interface Thing {
  readonly name: string;
  readonly path: string;
  readonly fill: string;
  readonly line: string;
  readonly at: string;
  readonly isSuggested?: boolean;
}

const THINGS: readonly Thing[] = [
  { name: 'heart', path: HEART, fill: '#e4576b', line: '#ff6f86', at: 'translate(92 84) scale(1.7)' },
  { name: 'ring', path: RING, fill: '#f0b847', line: '#ffc94f', at: 'translate(270 70) scale(1.25)' },
  {
    name: 'cross',
    path: CROSS,
    fill: '#49b78c',
    line: '#4fdca5',
    at: 'translate(176 172) scale(1.5) rotate(18)',
  },
  {
    name: 'hexagon 0.87',
    path: HEXAGON,
    fill: '#6d8df0',
    line: '#7fa2ff',
    at: 'translate(306 196) scale(1.4)',
    isSuggested: true,
  },
];

export function WelcomePicture() {
  return (
    <svg class="welcome-picture" viewBox="0 0 380 260" aria-hidden="true">
      <rect width="380" height="260" rx="18" fill="#20303f" />
      <path d="M0 214Q95 176 190 212T380 200V242Q380 260 362 260H18Q0 260 0 242Z" fill="#2b4054" />
      {THINGS.map((thing) => (
        <BoxedThing key={thing.name} {...thing} />
      ))}
    </svg>
  );
}

function BoxedThing({ name, path, fill, line, at, isSuggested }: Thing) {
  const wide = 12 + 6.6 * name.length;
  return (
    <g>
      <path d={path} transform={at} fill={fill} fill-rule="evenodd" />
      <g transform={at.replace(/ (scale|rotate).*$/, '')}>
        <rect
          x="-40"
          y="-38"
          width="80"
          height="76"
          fill="none"
          stroke={line}
          stroke-width="2.5"
          stroke-dasharray={isSuggested ? '7 5' : undefined}
        />
        <path d={`M-41.2-54H${wide - 41.2}V-38H-41.2Z`} fill={line} />
        <text x="-36" y="-42" font-size="11" font-weight="600" fill="#14202b">
          {name}
        </text>
      </g>
    </g>
  );
}
