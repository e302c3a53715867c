// The frame around a page: where to go, who is signed in, and whether the server can be reached.

import { h, spoken } from '/widget/dom.js';
import { icon } from './icons.js';
import { fill } from './format.js';
import { PAGES } from './pages.js';

const NOTICE_MS = 6000;

export class Frame {
  constructor(app) {
    this.app = app;
    this.notices = new Notices(app.words);
    const { words } = app;
    this.links = new Map(PAGES.filter(({ needs }) => app.may(needs)).map((page) => [page.name, this.link(page)]));
    this.strip = h('div', { class: 'strip', role: 'status', hidden: true });
    this.main = h('main', { id: 'main', tabindex: '-1' });
    this.element = h('div', { class: 'frame' },
      h('a', { class: 'skip', href: '#main', onclick: (event) => { event.preventDefault(); this.main.focus(); } }, words.skip),
      h('nav', { class: 'rail', 'aria-label': words.pages },
        h('span', { class: 'mark', lang: 'zh-Hans', 'aria-hidden': 'true' }, '客'),
        h('ul', null, ...[...this.links.values()].map((link) => h('li', null, link))),
        h('p', { class: 'who' }, h('strong', null, app.me.name), words[`role_${app.me.role}`]),
        this.language(), this.out()),
      h('div', { class: 'stage' }, this.strip, this.main),
      this.notices.element);
    this.showReach();
    this.showCount();
  }

  link({ name, symbol, word }) {
    return h('a', { href: `#/${name}` }, icon(symbol), h('span', null, this.app.words[word]));
  }

  language() {
    const { words } = this.app;
    return h('button', {
      type: 'button', class: 'language', lang: words.otherTag, onclick: () => this.app.speak(words.other),
    }, h('span', null, words.otherName));
  }

  out() {
    return h('button', { type: 'button', onclick: () => this.app.leave() },
      icon('out'), h('span', null, this.app.words.signOut));
  }

  /** Shows the page, and lets a screen reader begin at its heading. */
  hold(element, { focus }) {
    this.main.replaceChildren(element);
    this.main.scrollTop = 0;
    const heading = element.querySelector('h1');
    if (focus && heading) heading.focus({ preventScroll: true });
  }

  showPage(page) {
    for (const [name, link] of this.links) {
      if (name === page.name) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
    this.title = this.app.words[page.word];
    this.showCount();
  }

  showCount() {
    const { waiting, words } = this.app;
    const count = waiting && waiting.queue ? waiting.queue.counts.waiting : 0;
    const link = this.links.get('live');
    document.title = `${count ? `(${count}) ` : ''}${this.title || words.signIn} · Kefu`;
    if (!link || this.count === count) return;
    this.count = count;
    const old = link.querySelector('.count');
    if (old) old.remove();
    if (count) link.append(h('span', { class: 'count' }, String(count), spoken(fill(words.countWaiting, { n: '' }))));
  }

  showReach() {
    const { feed, words } = this.app;
    const offline = !navigator.onLine;
    const lost = feed && !feed.connected;
    const text = (offline && words.offline) || (lost && words.reconnecting) || '';
    this.strip.hidden = !text;
    // Said again only when it has changed.
    if (this.strip.dataset.text !== text) {
      this.strip.dataset.text = text;
      this.strip.replaceChildren(...(text ? [icon('offline'), text] : []));
    }
  }
}

class Notices {
  constructor(words) {
    this.words = words;
    this.element = h('div', { class: 'notices', role: 'status', 'aria-live': 'polite' });
  }

  add(content, { bad } = {}) {
    const away = () => notice.remove();
    const notice = h('div', { class: bad ? 'notice bad' : 'notice' },
      h('span', null, content),
      h('button', { type: 'button', 'aria-label': this.words.close, onclick: away }, icon('close')));
    this.element.replaceChildren(notice);
    setTimeout(away, NOTICE_MS);
  }
}
