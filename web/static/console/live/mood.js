// What the sentiment score of the last messages looks like, and what it is called.

import { spoken } from '/widget/dom.js';
import { badge } from '../parts.js';

const ANGRY = -0.5;
const UNHAPPY = -0.15;
const GLAD = 0.35;

/** Nothing for a calm customer; `brief` shows the face alone. */
export function mood(score, words, { brief } = {}) {
  if (score == null) return null;
  const said = (word) => (brief ? spoken(word) : word);
  if (score <= ANGRY) return badge(said(words.moodAngry), 'bad', 'angry');
  if (score <= UNHAPPY) return badge(said(words.moodUnhappy), 'warn', 'angry');
  return score >= GLAD ? badge(said(words.moodGlad), 'good', 'glad') : null;
}

export function moodWord(score, words) {
  if (score == null) return '–';
  if (score <= ANGRY) return words.moodAngry;
  if (score <= UNHAPPY) return words.moodUnhappy;
  return score >= GLAD ? words.moodGlad : words.moodCalm;
}
