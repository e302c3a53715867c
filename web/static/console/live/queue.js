// Conversations that are open, those first that have waited longest.

import { h, spoken } from '/widget/dom.js';
import { age, fill } from '../format.js';
import { icon } from '../icons.js';
import { badge, empty, failed, loading, segments } from '../parts.js';
import { reasonWord } from './names.js';
import { mood } from './mood.js';

const TICK_MS = 15_000;

export class QueueView {
  constructor(app) {
    this.app = app;
    this.known = null;
    const { words } = app;
    this.filter = h('div');
    this.list = h('div', { class: 'rows' });
    this.announcer = h('p', { class: 'spoken', role: 'status' });
    this.element = h('section', { class: 'queue', 'aria-labelledby': 'queue-title' },
      h('header', null, h('h1', { id: 'queue-title', tabindex: '-1' }, words.pageLive), this.filter),
      this.list, this.announcer);
    this.list.addEventListener('keydown', (event) => this.move(event));
    this.unsubscribe = app.waiting.subscribe(() => this.draw());
    this.timer = setInterval(() => this.draw(), TICK_MS);
    this.draw();
    if (!app.waiting.queue) app.waiting.read();
  }

  mark(id) {
    this.opened = id;
    this.draw();
  }

  leave() {
    clearInterval(this.timer);
    this.unsubscribe();
    if (this.app.waiting && this.app.waiting.state !== 'open') this.app.waiting.choose('open');
  }

  draw() {
    const { waiting, words } = this.app;
    if (!waiting) return;
    this.drawFilter();
    if (waiting.queue) this.drawRows(waiting.queue.items);
    else if (waiting.error) this.list.replaceChildren(failed(waiting.error, words, () => waiting.read()));
    else this.list.replaceChildren(loading(words));
    this.announce();
  }

  drawFilter() {
    const { waiting, words } = this.app;
    if (this.drawnFilter === waiting.state) return;
    const focused = this.filter.contains(document.activeElement);
    this.drawnFilter = waiting.state;
    const options = [['open', words.filterOpen], ['bot', words.filterBot], ['closed', words.filterClosed]];
    this.filter.replaceChildren(segments(words.show, options, waiting.state, (state) => waiting.choose(state)));
    if (focused) this.filter.querySelector('[aria-pressed=true]').focus();
  }

  drawRows(items) {
    const { words } = this.app;
    const focused = this.list.contains(document.activeElement)
      && document.activeElement.getAttribute('href');
    if (!items.length) {
      const [title, text] = this.app.waiting.state === 'open'
        ? [words.queueEmpty, words.queueEmptyText] : [words.queueNone, null];
      this.list.replaceChildren(empty('done', title, text));
      return;
    }
    this.list.replaceChildren(...this.groups(items).map(([name, members]) => (
      h('section', null,
        h('h2', null, name, h('span', null, String(members.length))),
        h('ul', null, ...members.map((item) => h('li', null, this.row(item))))))));
    const again = focused && this.list.querySelector(`a[href="${CSS.escape(focused)}"]`);
    if (again) again.focus({ preventScroll: true });
  }

  groups(items) {
    const { words } = this.app;
    const of = (test) => items.filter(test);
    return [
      [words.groupMine, of(({ mine, state }) => mine && state === 'held')],
      [words.groupWaiting, of(({ state }) => state === 'waiting')],
      [words.groupOthers, of(({ mine, state }) => state === 'held' && !mine)],
      [words.groupBot, of(({ state }) => state === 'bot')],
      [words.groupClosed, of(({ state }) => state === 'closed')],
    ].filter(([, members]) => members.length);
  }

  row(item) {
    const { words, waiting } = this.app;
    const since = item.state === 'waiting' ? item.waiting_since : item.last && item.last.at;
    const current = item.conversation_id === this.opened;
    return h('a', { href: `#/live/${item.conversation_id}`, 'aria-current': current && 'true', class: item.state },
      h('span', { class: 'line' },
        h('span', { class: 'tongue' }, tongue(item.language, words)),
        h('span', { class: 'why' }, item.reason ? reasonWord(item.reason, words) : words[`state_${item.state}`]),
        mood(item.sentiment, words, { brief: true }),
        since && h('time', { datetime: since }, item.state === 'waiting' && spoken(words.waitingFor), age(since, words, waiting.now))),
      h('span', { class: 'last', lang: item.language || null },
        item.last ? h('span', { class: 'by' }, `${words[`by_${item.last.author}`]} `) : null,
        item.last ? item.last.text : words.nothingYet),
      item.holder && !item.mine && h('span', { class: 'holder' }, icon('person'), item.holder.name));
  }

  /** Says once that somebody new waits. */
  announce() {
    const { waiting, words } = this.app;
    if (!waiting.queue) return;
    const ids = waiting.queue.items.filter(({ state }) => state === 'waiting').map((item) => item.conversation_id);
    const news = this.known && waiting.state === 'open' ? ids.filter((id) => !this.known.has(id)) : [];
    if (news.length) this.announcer.textContent = fill(words.newWaiting, { n: news.length });
    if (waiting.state === 'open') this.known = new Set(ids);
  }

  move(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const links = [...this.list.querySelectorAll('a')];
    const next = links[links.indexOf(document.activeElement) + step];
    if (next) next.focus();
  }
}

export function tongue(language, words) {
  return badge(language && language.startsWith('zh') ? words.shortChinese : language ? words.shortEnglish : '–', 'info');
}
