// Times, shares and names as a person reads them, in the language of the console.

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export function secondsSince(iso, now = Date.now()) {
  return Math.max(0, Math.round((now - Date.parse(iso)) / 1000));
}

/** How long ago, short enough for a list: `35 s`, `12 min`, `3 h`, `2 d`. */
export function age(iso, words, now) {
  const seconds = secondsSince(iso, now);
  if (seconds < MINUTE) return fill(words.ageSeconds, { n: seconds });
  if (seconds < HOUR) return fill(words.ageMinutes, { n: Math.floor(seconds / MINUTE) });
  if (seconds < DAY) return fill(words.ageHours, { n: Math.floor(seconds / HOUR) });
  return fill(words.ageDays, { n: Math.floor(seconds / DAY) });
}

export function clock(iso, words) {
  return new Intl.DateTimeFormat(words.tag, { hour: '2-digit', minute: '2-digit', hour12: false })
    .format(new Date(iso));
}

export function dateAndTime(iso, words) {
  if (!iso) return '–';
  return new Intl.DateTimeFormat(words.tag, {
    year: 'numeric', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hour12: false,
  }).format(new Date(iso));
}

export function day(iso, words) {
  return new Intl.DateTimeFormat(words.tag, { year: 'numeric', month: 'short', day: 'numeric' })
    .format(new Date(iso));
}

export function percent(share) {
  return share == null ? '–' : `${Math.round(share * 100)} %`;
}

export function decimal(value, digits = 3) {
  return value == null ? '–' : Number(value).toFixed(digits);
}

export function fill(template, values) {
  return template.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

/** `return_window` as people say it; names that the product does not know have no translation. */
export function readable(name) {
  return (name || '').replace(/[_-]+/g, ' ');
}
