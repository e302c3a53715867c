// Testing the search: one question with every stage, or many with their right answers.

import { h } from '/widget/dom.js';
import { pageHead, segments } from '../parts.js';
import { retrievalGaps } from './retrieval_gaps.js';
import { retrievalBatch } from './retrieval_batch.js';
import { retrievalOne } from './retrieval_one.js';

const PARTS = { one: retrievalOne, many: retrievalBatch, gaps: retrievalGaps };

export function searchTest(app, rest) {
  return new RetrievalPage(app, rest);
}

class RetrievalPage {
  constructor(app, rest) {
    this.app = app;
    const { words } = app;
    this.tabs = h('div', { class: 'tools' });
    this.place = h('div');
    this.element = h('div', { class: 'page retrieval' },
      pageHead(words.pageRetrieval, words.retrievalLead), this.tabs, this.place);
    this.turnTo(rest);
  }

  /** `rest` is the part's name. */
  turnTo(rest) {
    const { app } = this;
    const { words } = app;
    this.leave();
    const insight = app.may('review.read');
    const chosen = Object.hasOwn(PARTS, rest) && (rest !== 'gaps' || insight) ? rest : 'one';
    const focused = this.tabs.contains(document.activeElement);
    const options = [['one', words.retrievalOne], ['many', words.retrievalMany],
      ...(insight ? [['gaps', words.retrievalGaps]] : [])];
    this.tabs.replaceChildren(segments(words.pageRetrieval, options, chosen, (name) => {
      location.hash = `#/retrieval/${name}`;
    }));
    if (focused) this.tabs.querySelector('[aria-pressed=true]').focus();
    this.part = PARTS[chosen](app);
    this.place.replaceChildren(this.part.element);
  }

  leave() {
    if (this.part && this.part.leave) this.part.leave();
  }
}
