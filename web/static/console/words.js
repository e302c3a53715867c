// Which language the console speaks.

import { EN } from './words.en.js';
import { ZH } from './words.zh.js';
import { KNOWLEDGE_EN } from './knowledge_words.en.js';
import { KNOWLEDGE_ZH } from './knowledge_words.zh.js';
import { PRIVACY_EN } from './privacy_words.en.js';
import { PRIVACY_ZH } from './privacy_words.zh.js';
import { RETRIEVAL_EN } from './retrieval_words.en.js';
import { RETRIEVAL_ZH } from './retrieval_words.zh.js';

const KEY = 'kefu-console:language';

export const WORDS = {
  en: { ...EN, ...KNOWLEDGE_EN, ...PRIVACY_EN, ...RETRIEVAL_EN },
  zh: { ...ZH, ...KNOWLEDGE_ZH, ...PRIVACY_ZH, ...RETRIEVAL_ZH },
};

/** What somebody chose in this browser, or null. */
export function chosenLanguage() {
  try {
    const kept = localStorage.getItem(KEY);
    return kept in WORDS ? kept : null;
  } catch {
    return null;
  }
}

export function keepLanguage(language) {
  try {
    localStorage.setItem(KEY, language);
  } catch {
    // Storage is full or forbidden: the choice lasts as long as the page.
  }
}

export function browserLanguage() {
  const bases = (navigator.languages || []).map((tag) => tag.toLowerCase().split('-')[0]);
  return bases.find((base) => base in WORDS) || 'en';
}
