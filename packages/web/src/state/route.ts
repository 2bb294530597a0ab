/** Where the visitor is: `#/` lists the projects, `#/ID/label` is a screen of one. */
import { signal } from '@preact/signals';

export const SCREENS = ['label', 'train', 'try', 'take'] as const;
export type Screen = (typeof SCREENS)[number];

export interface Route {
  readonly project?: string;
  readonly screen: Screen;
}

export const route = signal<Route>(read());
window.addEventListener('hashchange', () => {
  route.value = read();
});

export const addressOf = (project: string, screen: Screen = 'label') => `#/${project}/${screen}`;

export function goTo(address: string): void {
  location.hash = address;
}

function read(): Route {
  const [, project, name] = location.hash.split('/');
  const screen = SCREENS.find((one) => one === name) ?? 'label';
  return project ? { project, screen } : { screen };
}
