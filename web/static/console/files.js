// A file for the person at the console, made in the browser: its name and words stand in no address.

import { h } from '/widget/dom.js';

const KEPT_MS = 60_000;

export function offerFile(blob, name) {
  const address = URL.createObjectURL(blob);
  const link = h('a', { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  // The browser reads it after the click; kept for good, it would fill the memory.
  setTimeout(() => URL.revokeObjectURL(address), KEPT_MS);
}
