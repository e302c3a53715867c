// How many of what were deleted, as a person reads it.

import { readable } from '../format.js';

/** Only what there was any of. */
export function countsText(counts, words) {
  const found = Object.entries(counts).filter(([, count]) => count > 0);
  const said = found.map(([name, count]) => `${words[`count_${name}`] || readable(name)} ${count}`);
  return said.join(' · ') || '–';
}
