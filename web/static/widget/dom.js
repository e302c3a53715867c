// Elements without markup strings: what a server or a customer wrote can only ever become text.

const SVG_NAMESPACE = 'http://www.w3.org/2000/svg';

// 24 x 24 outlines, drawn with the stroke of the surrounding text.
const ICONS = {
  chat: ['M4 6a2 2 0 0 1 2-2h12a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-7l-5 4v-4a2 2 0 0 1-2-2z', 'M8.5 9h7', 'M8.5 12h4'],
  close: ['M6 6l12 12', 'M18 6L6 18'],
  retry: ['M19.5 12a7.5 7.5 0 1 1-2.2-5.3L20 9.5', 'M20 4.5v5h-5'],
  renew: ['M12 20h8', 'M15.5 4.6a1.9 1.9 0 0 1 2.7 0l1.2 1.2a1.9 1.9 0 0 1 0 2.7L9 19l-5 1 1-5z'],
  send: ['M12 19V5', 'M6 11l6-6 6 6'],
  person: ['M4 13a8 8 0 0 1 16 0', 'M4 13v3a2 2 0 0 0 2 2h1v-6H5', 'M20 13v3a2 2 0 0 1-2 2h-1v-6h2', 'M17 18c0 1.7-1.6 3-4 3'],
  up: ['M7 11v9H4v-9z', 'M7 11l4-7.5c1.3 0 2.2 1 2.2 2.2V9h5a1.8 1.8 0 0 1 1.8 2.1l-1.2 7A2.2 2.2 0 0 1 16.6 20H7'],
  down: ['M7 13V4H4v9z', 'M7 13l4 7.5c1.3 0 2.2-1 2.2-2.2V15h5a1.8 1.8 0 0 0 1.8-2.1l-1.2-7A2.2 2.2 0 0 0 16.6 4H7'],
  info: ['M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z', 'M12 11v5', 'M12 7.8v.1'],
  spark: ['M12 4l1.9 5.1L19 11l-5.1 1.9L12 18l-1.9-5.1L5 11l5.1-1.9z', 'M19 16.5v3.5', 'M17.3 18.2h3.4'],
  warn: ['M12 4l9 16H3z', 'M12 10v4.5', 'M12 17.3v.1'],
};

/** An element; `on…` properties are listeners, `null` and `false` attributes are left out. */
export function h(tag, properties, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties || {})) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else setAttribute(element, name, value);
  }
  element.append(...children.filter((child) => child != null && child !== false));
  return element;
}

export function setAttribute(element, name, value) {
  if (value == null || value === false) element.removeAttribute(name);
  else element.setAttribute(name, value === true ? '' : value);
}

export function icon(name) {
  const svg = document.createElementNS(SVG_NAMESPACE, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('class', 'icon');
  for (const outline of ICONS[name]) {
    const path = document.createElementNS(SVG_NAMESPACE, 'path');
    path.setAttribute('d', outline);
    svg.append(path);
  }
  return svg;
}

/** Text that only a screen reader says. */
export function spoken(text) {
  return h('span', { class: 'spoken' }, text);
}

/** The address if it is one of the web or a path of this page, else null. */
export function safeHref(address) {
  if (!address) return null;
  try {
    const url = new URL(address, document.baseURI);
    return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : null;
  } catch {
    return null;
  }
}
