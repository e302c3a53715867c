// Names that the server gives in English identifiers, as a person calls them.

import { readable } from '../format.js';

/** A reason, action or state that the console knows; a new one of the server's is shown as it is. */
function known(prefix, name, words) {
  return words[`${prefix}_${name}`] || readable(name);
}

export const reasonWord = (name, words) => known('reason', name, words);
export const actionWord = (name, words) => known('action', name, words);
