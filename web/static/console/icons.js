// 24 x 24 outlines, drawn with the stroke of the surrounding text.

const SVG_NAMESPACE = 'http://www.w3.org/2000/svg';

const OUTLINES = {
  live: ['M4 6a2 2 0 0 1 2-2h12a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-7l-5 4v-4a2 2 0 0 1-2-2z', 'M8.5 9h7', 'M8.5 12h4'],
  knowledge: ['M5 4.5h6a2 2 0 0 1 2 2V20a2 2 0 0 0-2-2H5z', 'M19 4.5h-4a2 2 0 0 0-2 2V20a2 2 0 0 1 2-2h4z'],
  review: ['M9 5h11', 'M9 12h11', 'M9 19h11', 'M3.5 5l1.2 1.2L7 4', 'M3.5 12l1.2 1.2L7 11', 'M3.5 19l1.2 1.2L7 18'],
  models: ['M12 3l8 4.5v9L12 21l-8-4.5v-9z', 'M4 7.5l8 4.5 8-4.5', 'M12 12v9'],
  jobs: ['M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z', 'M12 7v5l3.5 2'],
  audits: ['M12 3l7 3v5c0 4.6-2.9 8-7 10-4.1-2-7-5.4-7-10V6z', 'M9 11.8l2.2 2.2L15.2 10'],
  users: ['M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7z', 'M3 20a6 6 0 0 1 12 0', 'M16 4.6a3.5 3.5 0 0 1 0 6', 'M17.5 14.4A6 6 0 0 1 21 20'],
  back: ['M15 5l-7 7 7 7'],
  close: ['M6 6l12 12', 'M18 6L6 18'],
  send: ['M12 19V5', 'M6 11l6-6 6 6'],
  spark: ['M12 4l1.9 5.1L19 11l-5.1 1.9L12 18l-1.9-5.1L5 11l5.1-1.9z', 'M19 16.5v3.5', 'M17.3 18.2h3.4'],
  download: ['M12 4v11', 'M7 10.5l5 5 5-5', 'M5 19.5h14'],
  search: ['M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14z', 'M16 16l4.5 4.5'],
  lock: ['M6 11h12v9H6z', 'M8.5 11V8a3.5 3.5 0 0 1 7 0v3'],
  open: ['M6 11h12v9H6z', 'M8.5 11V8a3.5 3.5 0 0 1 6.6-1.6'],
  warn: ['M12 4l9 16H3z', 'M12 10v4.5', 'M12 17.3v.1'],
  done: ['M5 12.5l4.5 4.5L19 7.5'],
  add: ['M12 5v14', 'M5 12h14'],
  edit: ['M4 20l1-4L16.2 4.8a1.9 1.9 0 0 1 2.7 0l.3.3a1.9 1.9 0 0 1 0 2.7L8 19z', 'M14.5 6.5l3 3'],
  insert: ['M20 5v6a3 3 0 0 1-3 3H5', 'M9 10l-4 4 4 4'],
  retry: ['M19.5 12a7.5 7.5 0 1 1-2.2-5.3L20 9.5', 'M20 4.5v5h-5'],
  out: ['M10 4H5v16h5', 'M14 8l4 4-4 4', 'M18 12H9'],
  tab: ['M9 5H5v14h14v-4', 'M13 5h6v6', 'M19 5l-8 8'],
  person: ['M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8z', 'M5 20.5a7 7 0 0 1 14 0'],
  calm: ['M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z', 'M8.5 14.5h7', 'M9 9.5v.1', 'M15 9.5v.1'],
  glad: ['M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z', 'M8.5 14c1.6 2.4 5.4 2.4 7 0', 'M9 9.5v.1', 'M15 9.5v.1'],
  angry: ['M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z', 'M8.5 16c1.6-2.4 5.4-2.4 7 0', 'M8 8.5l2.2 1.4', 'M16 8.5l-2.2 1.4'],
  offline: ['M4 4l16 16', 'M8.5 15.5a5 5 0 0 1 6-.8', 'M5 12a10 10 0 0 1 4-2.4', 'M13 9.1a10 10 0 0 1 6 2.9', 'M12 19v.1'],
};

export function icon(name) {
  const svg = document.createElementNS(SVG_NAMESPACE, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('class', 'icon');
  for (const outline of OUTLINES[name]) {
    const path = document.createElementNS(SVG_NAMESPACE, 'path');
    path.setAttribute('d', outline);
    svg.append(path);
  }
  return svg;
}
