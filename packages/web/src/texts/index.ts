/** The texts of the page, in the visitor's language. */
import { signal } from '@preact/signals';
import { en, type Texts } from './en.js';

export const LANGUAGES = { en: 'English', zh: '中文' } as const;
export type Language = keyof typeof LANGUAGES;

const KEPT = 'froyolo-language';

export const language = signal<Language>('en');
export const texts = signal<Texts>(en);

/** Speaks the language that was chosen before, or the browser's. */
export async function startLanguage(): Promise<void> {
  const chosen = localStorage.getItem(KEPT);
  const known = isLanguage(chosen) ? chosen : navigator.language.startsWith('zh') ? 'zh' : 'en';
  await speak(known);
}

export async function chooseLanguage(chosen: Language): Promise<void> {
  localStorage.setItem(KEPT, chosen);
  await speak(chosen);
}

async function speak(chosen: Language): Promise<void> {
  texts.value = chosen === 'zh' ? (await import('./zh.js')).zh : en;
  language.value = chosen;
  document.documentElement.lang = chosen === 'zh' ? 'zh-CN' : 'en';
  document.title = texts.value.title;
}

const isLanguage = (value: unknown): value is Language =>
  typeof value === 'string' && Object.hasOwn(LANGUAGES, value);
