// What helps an agent to answer: the summary, suggested replies, and the company's knowledge.

import { h } from '/widget/dom.js';
import { fillPlace, badge, button, confidence, empty, outward, searchBox } from '../parts.js';
import { sentence } from '../dialog.js';
import { tongue } from './queue.js';
import { summaryView } from './summary.js';

const PAUSE_MS = 400;

export class Assist {
  /** `on.insert(text, suggestion?)`, `on.edit(text, suggestion?)`. */
  constructor(app, item, on) {
    this.app = app;
    this.item = item;
    this.on = on;
    const { words } = app;
    this.suggestions = h('div', { class: 'cards' });
    this.hits = h('div', { class: 'cards', role: 'status' });
    this.query = h('form', { role: 'search', onsubmit: (event) => { event.preventDefault(); this.find(); } },
      searchBox(words.searchKnowledge, { name: 'query', maxlength: '400' }));
    this.element = h('aside', { class: 'assist', 'aria-label': words.help },
      summaryView(item.summary, words),
      h('section', { class: 'suggested' }, h('h3', null, words.suggestions), this.suggestions),
      h('section', null, h('h3', null, words.pageKnowledge), this.query, this.hits));
  }

  /** Suggestions are for whoever may send them. */
  hold(mine) {
    if (this.mine === mine) return;
    this.mine = mine;
    this.element.classList.toggle('mine', mine);
    if (mine) this.refresh();
    else this.suggestions.replaceChildren(h('p', { class: 'quiet' }, this.app.words.suggestionsWhenHeld));
    if (this.found) this.drawHits(this.found);
  }

  refreshSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.refresh(), PAUSE_MS);
  }

  refresh() {
    if (!this.mine) return;
    const { app, item } = this;
    fillPlace(this.suggestions, app.words, () => app.api.suggestions(item.conversation_id),
      ({ suggestions }) => this.draw(suggestions));
  }

  draw(suggestions) {
    const { words } = this.app;
    if (!suggestions.length) return h('p', { class: 'quiet' }, words.noSuggestions);
    return suggestions.map((one) => this.suggestion(one));
  }

  suggestion(one) {
    const { words } = this.app;
    const { suggestion_id: id, text } = one;
    const card = h('article', { class: 'suggestion' },
      h('p', { class: 'text', lang: one.language || null }, text),
      source(one, words),
      h('div', { class: 'actions' },
        button(words.insert, () => this.use(id, 'insert', text), { small: true, symbol: 'insert' }),
        button(words.edit, () => this.use(id, 'edit', text), { small: true, symbol: 'edit' }),
        button(words.reject, () => this.reject(id, card), { kind: 'plain', small: true })));
    return card;
  }

  use(id, outcome, text) {
    this.on[outcome](text, id);
    this.record(id, outcome);
  }

  reject(id, card) {
    const next = card.nextElementSibling || card.previousElementSibling;
    card.remove();
    if (next) next.querySelector('button').focus();
    else this.suggestions.replaceChildren(h('p', { class: 'quiet', tabindex: '-1' }, this.app.words.noSuggestions));
    this.record(id, 'reject');
  }

  /** The record serves the quality report; a lost one must not stop anybody from answering. */
  record(id, outcome) {
    this.app.api.judgeSuggestion(id, outcome).catch(() => {});
  }

  async find() {
    const { app, item } = this;
    const query = new FormData(this.query).get('query').trim();
    if (!query) {
      this.found = null;
      this.hits.replaceChildren();
      return;
    }
    this.hits.setAttribute('aria-busy', 'true');
    try {
      const { hits } = await app.api.findPassages(query, item.collection);
      this.drawHits(hits);
    } catch (error) {
      this.hits.replaceChildren(sentence(error, app.words));
    } finally {
      this.hits.removeAttribute('aria-busy');
    }
  }

  drawHits(hits) {
    const { words } = this.app;
    this.found = hits;
    if (!hits.length) {
      this.hits.replaceChildren(empty('search', words.noHits));
      return;
    }
    this.hits.replaceChildren(...hits.map((hit) => h('article', { class: 'suggestion' },
      h('p', { class: 'text', lang: hit.language || null }, hit.text),
      source(hit, words),
      this.mine && h('div', { class: 'actions' },
        button(words.insert, () => this.on.insert(hit.text), { small: true, symbol: 'insert' })))));
  }
}

function source(one, words) {
  return h('p', { class: 'source' },
    one.language ? tongue(one.language, words) : badge('–'),
    outward(one.title || one.document_id, one.url, words),
    confidence(one.score, words.score));
}
