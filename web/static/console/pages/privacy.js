// Customers' rights, and the proof of what was done with their data.

import { h } from '/widget/dom.js';
import { pageHead, segments } from '../parts.js';
import { erasures } from './privacy_erasures.js';
import { ledger } from './privacy_ledger.js';
import { requests } from './privacy_requests.js';
import { retention } from './privacy_retention.js';

const PARTS = { requests, erasures, ledger, retention };

export function privacy(app, rest) {
  return new PrivacyPage(app, rest);
}

class PrivacyPage {
  constructor(app, rest) {
    this.app = app;
    const { words } = app;
    this.tabs = h('div', { class: 'tools' });
    this.place = h('div');
    this.element = h('div', { class: 'page privacy' },
      pageHead(words.pagePrivacy, words.privacyLead), this.tabs, this.place);
    this.turnTo(rest);
  }

  /** `rest` is the part's name. */
  turnTo(rest) {
    const { app } = this;
    const { words } = app;
    const chosen = Object.hasOwn(PARTS, rest) ? rest : 'requests';
    const focused = this.tabs.contains(document.activeElement);
    const options = [
      ['requests', words.privacyRequests], ['erasures', words.privacyErasures],
      ['ledger', words.privacyLedger], ['retention', words.privacyRetention],
    ];
    this.tabs.replaceChildren(segments(words.pagePrivacy, options, chosen, (name) => {
      location.hash = `#/privacy/${name}`;
    }));
    if (focused) this.tabs.querySelector('[aria-pressed=true]').focus();
    this.place.replaceChildren(PARTS[chosen](app));
  }
}
