// One question: every candidate with what each stage of the search made of it.

import { h } from '/widget/dom.js';
import { decimal, fill, readable } from '../format.js';
import { badge, empty, fillPlace, searchBox, segments } from '../parts.js';
import { Collections } from './collections.js';

const CANDIDATES = 12;
const FINE = 1;

export function retrievalOne(app) {
  return new OneQuestion(app);
}

class OneQuestion {
  constructor(app) {
    this.app = app;
    const { words } = app;
    this.language = '';
    this.collections = new Collections(app, () => this.search());
    this.tongues = h('div');
    this.place = h('div', { 'aria-live': 'polite' },
      empty('search', words.retrievalStart, words.retrievalStartText));
    this.box = searchBox(words.retrievalQuestion, { name: 'query', maxlength: '2000' });
    this.element = h('div', null,
      h('form', { class: 'asking', onsubmit: (event) => this.send(event) },
        this.box, this.tongues, this.collections.element,
        h('button', { type: 'submit', class: 'button primary' }, words.retrievalTry)),
      this.place);
    this.drawTongues();
    this.collections.chosen().catch((error) => app.complain(error));
  }

  get question() {
    return this.box.querySelector('input').value.trim();
  }

  drawTongues() {
    const { words } = this.app;
    const options = [['', words.allLanguages], ['en', words.english], ['zh', words.chinese]];
    this.tongues.replaceChildren(segments(words.retrievalOnly, options, this.language, (language) => {
      this.language = language;
      this.drawTongues();
      this.tongues.querySelector('[aria-pressed=true]').focus();
      this.search();
    }));
  }

  send(event) {
    event.preventDefault();
    this.search();
  }

  search() {
    const { app, question } = this;
    if (!question) return null;
    return fillPlace(this.place, app.words, async () => app.api.testSearch({
      query: question,
      collection: await this.collections.chosen(),
      language: this.language || null,
      limit: CANDIDATES,
      explain: true,
    }), ({ explanation }) => this.draw(explanation));
  }

  draw(found) {
    const { words } = this.app;
    const limit = found.thresholds.answer;
    const below = found.candidates.findIndex((one) => !one.passes);
    const rows = found.candidates.map((one) => this.candidate(one));
    if (below >= 0) {
      const share = percentage(limit);
      rows.splice(below, 0, h('li', { class: 'threshold' }, fill(words.retrievalThreshold, { share })));
    }
    return [this.outcome(found),
      rows.length ? h('ol', { class: 'candidates' }, ...rows) : empty('search', words.retrievalNothing)];
  }

  outcome({ query, intent, out_of_scope: outside, decision, found, admitted, passages }) {
    const { words } = this.app;
    const deeds = {
      answer: words.retrievalDoAnswer, clarify: words.retrievalDoClarify,
      refuse: words.retrievalDoRefuse, handoff: words.retrievalDoHandoff,
    };
    const action = deeds[decision.action] || readable(decision.action);
    return h('div', { class: 'card outcome' },
      h('p', null, fill(words.retrievalWould, { action, reason: readable(decision.reason) })),
      h('p', null, fill(words.retrievalAskedAs, { query })),
      h('p', null, fill(words.retrievalIntent, { intent: readable(intent) || '–', share: percentage(outside) })),
      h('p', null, fill(words.retrievalCounts, { found, admitted, passages })));
  }

  candidate(one) {
    const { words } = this.app;
    const tag = one.language === 'zh' ? 'zh-Hans' : 'en';
    const { place, words: shared } = one;
    const behind = place === null;
    return h('li', { class: `card candidate${behind ? ' behind' : ''}`, 'data-id': one.document_id },
      h('div', { class: 'top' },
        h('strong', { lang: tag }, `${place ? `${place}. ` : ''}${one.title || one.nearest_question}`),
        h('small', null, one.document_id),
        one.passes ? badge(words.retrievalAnswers, 'good', 'done') : badge(words.retrievalFails, 'warn'),
        behind && badge(this.fate(one), 'info'),
        h('span', { class: 'chance' }, bar(one.probability, words.retrievalProbability),
          percentage(one.probability))),
      h('p', { class: 'body', lang: tag }, one.text),
      h('dl', { class: 'stages' }, ...this.stages(one)),
      h('p', { class: 'said' }, `${words.retrievalNearest}: ${one.nearest_question}`),
      shared.length ? h('p', { class: 'said' }, fill(words.retrievalShared, { list: shared.join(' · ') })) : null);
  }

  stages({ stages, hint }) {
    const { words } = this.app;
    const shown = [
      [words.retrievalText, stages.text], [words.retrievalNearest, stages.nearest],
      [words.retrievalLexical, stages.lexical], [words.retrievalCoverage, stages.coverage],
    ].map(([label, { value, rank }]) => stage(label, value, fill(words.retrievalRank, { n: rank })));
    return hint === null ? shown : [...shown, stage(words.retrievalHint, hint, '')];
  }

  fate({ fate, instead }) {
    const { words } = this.app;
    if (fate === 'duplicate') return fill(words.retrievalSame, { id: instead });
    return fate === 'same_article' ? words.retrievalBetter : words.retrievalFar;
  }
}

function stage(label, value, rank) {
  return h('div', null,
    h('dt', null, h('span', null, label), h('span', null, rank)),
    h('dd', null, bar(value, label), decimal(value)));
}

/** A cosine may be below 0, where there is nothing to draw. */
function bar(value, label) {
  return h('meter', { min: '0', max: '1', value: String(Math.max(0, value)), 'aria-label': label });
}

export function percentage(share) {
  return share == null ? '–' : `${(100 * share).toFixed(FINE)} %`;
}
