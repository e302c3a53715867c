// Sentences that people label, one after the other, without leaving the keyboard.

import { h } from '/widget/dom.js';
import { fill, readable, dateAndTime } from '../format.js';
import { badge, button, choice, empty, field, fillPlace, pageHead, segments, table } from '../parts.js';
import { reasonWord } from '../live/names.js';
import { Collections } from './collections.js';

const SIZE = 50;

export function review(app) {
  return new ReviewPage(app);
}

class ReviewPage {
  constructor(app) {
    this.app = app;
    this.state = 'pending';
    this.collections = new Collections(app, () => this.read());
    const { words } = app;
    this.decides = app.may('review.decide');
    this.place = h('div');
    this.filter = h('div');
    this.element = h('div', { class: 'page review' },
      pageHead(words.pageReview, words.reviewLead),
      h('div', { class: 'tools' }, this.filter, this.collections.element),
      this.place);
    this.pressed = (event) => this.key(event);
    document.addEventListener('keydown', this.pressed);
    this.drawFilter();
    this.read();
  }

  leave() {
    document.removeEventListener('keydown', this.pressed);
  }

  drawFilter() {
    const { words } = this.app;
    const options = ['pending', 'approved', 'rejected'].map((state) => [state, words[`review_${state}`]]);
    this.filter.replaceChildren(segments(words.show, options, this.state, (state) => {
      this.state = state;
      this.drawFilter();
      this.filter.querySelector('[aria-pressed=true]').focus();
      this.read();
    }));
  }

  read() {
    const { app, state } = this;
    this.items = [];
    return fillPlace(this.place, app.words, async () => (
      app.api.review({ collection: await this.collections.chosen(), state, limit: SIZE })
    ), (found) => {
      Object.assign(this, { items: found.items, intents: found.intents, left: found.pending, at: 0 });
      return this.state === 'pending' && this.decides ? this.deck() : this.rows();
    });
  }

  // One at a time

  deck() {
    this.stand = h('div', { class: 'stand' });
    this.drawCard();
    return this.stand;
  }

  drawCard() {
    const { words } = this.app;
    const item = this.items[this.at];
    if (!item) {
      this.stand.replaceChildren(this.left > 0
        ? empty('review', words.reviewMore, null, button(words.goOn, () => this.read(), { kind: 'primary' }))
        : empty('done', words.reviewDone, words.reviewDoneText));
      return;
    }
    const names = item.suggested && !this.intents.includes(item.suggested) ? [item.suggested, ...this.intents] : this.intents;
    this.label = choice([...(item.suggested ? [] : [['', words.chooseIntent]]), ...names.map((name) => [name, readable(name)])],
      item.suggested || '', { onchange: () => this.mayApprove() });
    this.approve = button(words.approve, () => this.decide(this.label.value), { kind: 'primary', symbol: 'done' });
    this.mayApprove();
    this.stand.replaceChildren(
      h('article', { class: 'card sentence', tabindex: '-1', 'aria-label': fill(words.reviewLeft, { n: this.left }) },
        h('p', { class: 'facts' }, badge(item.language === 'zh' ? words.chinese : words.english, 'info'),
          badge(reasonWord(item.reason, words)),
          h('span', null, fill(words.reviewLeft, { n: this.left }))),
        h('blockquote', { lang: item.language === 'zh' ? 'zh-Hans' : 'en' }, item.text),
        field(words.wanted, this.label),
        h('div', { class: 'actions' }, this.approve,
          button(words.rejectSentence, () => this.decide(null), { kind: 'danger', symbol: 'close' }),
          button(words.skipOne, () => this.skip(), { kind: 'plain' }))),
      this.keys());
  }

  keys() {
    const { words } = this.app;
    const line = (key, text) => h('li', null, h('kbd', null, key), ` ${text}`);
    return h('ul', { class: 'keys', 'aria-label': words.keys },
      line('A', words.approve), line('L', words.relabel), line('R', words.rejectSentence), line('J', words.skipOne), line('K', words.previous));
  }

  mayApprove() {
    this.approve.disabled = !this.label.value;
  }

  key(event) {
    if (this.state !== 'pending' || !this.items || !this.items[this.at] || !this.label) return;
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog')) return;
    // A select takes letters for itself; Enter and Escape lead out of it.
    const inField = event.target.closest('select, input, textarea');
    if (inField) {
      if (event.key === 'Escape') this.focusCard();
      return;
    }
    const act = {
      a: () => this.label.value && this.decide(this.label.value),
      r: () => this.decide(null),
      l: () => this.label.focus(),
      j: () => this.skip(),
      k: () => this.skip(-1),
    }[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act();
  }

  skip(step = 1) {
    this.at = Math.max(0, this.at + step);
    this.drawCard();
    this.focusCard();
  }

  focusCard() {
    const card = this.stand.querySelector('.sentence, .button');
    if (card) card.focus();
  }

  async decide(label) {
    const item = this.items[this.at];
    if (this.deciding) return;
    this.deciding = true;
    try {
      await this.app.api.decide(item.id, label);
      this.items.splice(this.items.indexOf(item), 1);
      this.left -= 1;
      this.drawCard();
      this.focusCard();
    } catch (error) {
      this.app.complain(error);
    } finally {
      this.deciding = false;
    }
  }

  // All at once

  rows() {
    const { words } = this.app;
    if (!this.items.length) return empty('review', words.reviewNone);
    return table(words.pageReview, [
      { label: words.sentence, cell: (one) => h('span', { lang: one.language === 'zh' ? 'zh-Hans' : 'en' }, one.text) },
      { label: words.why, cell: (one) => reasonWord(one.reason, words) },
      { label: words.wanted, cell: (one) => readable(one.label || one.suggested) || '–' },
      { label: words.decidedBy, cell: (one) => [one.reviewer || '–', h('small', null, dateAndTime(one.decided_at, words))] },
      ...(this.decides && this.state !== 'pending' ? [{ label: words.actions, kind: 'deeds', cell: (one) => this.turnAround(one) }] : []),
    ], this.items);
  }

  turnAround(item) {
    const { words } = this.app;
    const approving = this.state === 'rejected';
    const label = item.label || item.suggested;
    if (approving && !label) return [];
    const decide = async () => {
      try {
        await this.app.api.decide(item.id, approving ? label : null);
        this.read();
      } catch (error) {
        this.app.complain(error);
      }
    };
    return h('span', { class: 'actions' }, button(approving ? words.approve : words.rejectSentence, decide, { small: true }));
  }
}
