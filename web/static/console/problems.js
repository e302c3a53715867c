// Why something did not work, in the language of whoever asked for it.

const BY_STATUS = {
  401: 'problemSession',
  403: 'problemForbidden',
  404: 'problemGone',
  409: 'problemConflict',
  413: 'problemInput',
  422: 'problemInput',
  429: 'problemBusy',
  503: 'problemUnavailable',
};
// The server's own sentence says which rule was broken; it is written in English.
const WITH_DETAIL = new Set([409, 413, 422]);

/** `[sentence, the server's sentence or null]`; an error may bring what is to be said of it. */
export function problemText(error, words) {
  if (error.said) return [error.said, null];
  if (error.status === undefined) return [words.problemServer, null];
  if (error.status === 0) return [navigator.onLine ? words.problemUnreachable : words.problemOffline, null];
  const detail = WITH_DETAIL.has(error.status) && error.detail ? error.detail : null;
  return [words[BY_STATUS[error.status] || 'problemServer'], detail];
}
