// Who opened, exported or erased what: newest first, page by page, and whether the chain holds.

import { h } from '/widget/dom.js';
import { dateAndTime, fill, readable } from '../format.js';
import { badge, button, empty, failed, fillPlace, loading, table } from '../parts.js';

const SIZE = 50;

export function ledger(app) {
  return new LedgerPart(app).element;
}

class LedgerPart {
  constructor(app) {
    this.app = app;
    const { words } = app;
    // The highest number on the page; null for the newest there is.
    this.top = null;
    this.place = h('div');
    this.verdict = h('div', { role: 'status' });
    this.element = h('div', { class: 'ledger' },
      h('div', { class: 'tools' },
        button(words.verifyLedger, () => this.verify(), { kind: 'primary', symbol: 'audits' }),
        h('p', null, words.ledgerText)),
      this.verdict, this.place);
    this.read();
  }

  read() {
    const { app, top } = this;
    const asked = top === null ? { limit: SIZE } : { after: Math.max(0, top - SIZE), limit: Math.min(SIZE, top) };
    return fillPlace(this.place, app.words, () => app.api.ledger(asked), (page) => this.draw(page));
  }

  draw({ newest, items }) {
    const { words } = this.app;
    if (!newest) return empty('audits', words.ledgerEmpty);
    return [table(words.privacyLedger, [
      { label: words.entry, cell: ({ sequence }) => String(sequence) },
      { label: words.time, cell: ({ at }) => dateAndTime(at, words) },
      { label: words.who, cell: (one) => h('span', null, one.actor_name || one.actor,
        h('small', null, words[`role_${one.role}`] || readable(one.role))) },
      { label: words.deed, cell: ({ action }) => words[`deed_${action}`] || readable(action) },
      { label: words.about, kind: 'about', cell: ({ subject }) => h('small', null, subject) },
      { label: words.purpose, cell: ({ purpose }) => words[`purpose_${purpose.replace(/\W/g, '_')}`] || purpose },
    ], [...items].reverse()), this.pager(newest)];
  }

  pager(newest) {
    const { words } = this.app;
    const top = this.top === null ? newest : this.top;
    const bottom = Math.max(1, top - SIZE + 1);
    const turn = (next) => {
      this.top = next >= newest ? null : next;
      this.read();
    };
    return h('div', { class: 'pager' },
      button(words.newer, () => turn(top + SIZE), { small: true, disabled: top >= newest }),
      h('span', null, fill(words.range, { from: bottom, to: top, total: newest })),
      button(words.older, () => turn(top - SIZE), { small: true, disabled: bottom === 1 }));
  }

  async verify() {
    const { app } = this;
    const { words, language } = app;
    this.verdict.replaceChildren(loading(words, 2));
    try {
      const { intact, sentences } = await app.api.verifyLedger();
      this.verdict.replaceChildren(h('div', { class: 'card' },
        badge(intact ? words.ledgerHolds : words.ledgerBroken, intact ? 'good' : 'bad', intact ? 'done' : 'warn'),
        ...sentences[language].map((sentence) => h('p', null, sentence))));
    } catch (error) {
      this.verdict.replaceChildren(failed(error, words, () => this.verify()));
    }
  }
}
