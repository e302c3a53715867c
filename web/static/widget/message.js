// One message in the log. Its parts are redrawn only when they change, so that focus, an opened
// passage and a screen reader's place in the text survive every update.

import { h, icon, safeHref, setAttribute, spoken } from './dom.js';
import { fill } from './strings.js';

const QUOTE_LIMIT = 280;
const REASONS = { other: 'reasonOther', wrong: 'reasonWrong', unclear: 'reasonUnclear' };

export class MessageView {
  constructor(message, actions) {
    this.message = message;
    this.actions = actions;
    this.parts = new Map();
    this.element = h('div', { class: `message ${message.kind}` });
  }

  update(context) {
    const { message } = this;
    const { words } = context;
    this.element.dataset.action = message.action || '';
    this.part('author', [words.tag, message.author, message.agent], () => this.author(words));
    this.part('bubble', [message.language], () => this.bubble());
    this.say(message);
    if (message.kind === 'customer') {
      this.part('status', [words.tag, message.status, message.problem], () => this.status(words));
    }
    if (message.kind === 'reply' && !message.pending) this.updateReply(context);
  }

  updateReply({ words, current, last, busy, handedOff }) {
    const { message } = this;
    const live = message.conversation === current;
    const offersPerson = live && last && message.action === 'refuse' && !handedOff;
    this.part('sources', [words.tag, message.citations], () => this.sources(words));
    this.part('suggestions', [words.tag, last && !busy], () => last && !busy && this.suggestions(words));
    this.part('person', [words.tag, offersPerson], () => offersPerson && this.person(words));
    const judged = live && message.action === 'answer' && Boolean(message.messageId);
    this.part('feedback', [words.tag, judged, message.helpful, message.reason],
      () => judged && this.feedback(words));
  }

  /** Builds the part anew if what it shows has changed; the keyboard stays where it was. */
  part(name, facts, build) {
    const signature = JSON.stringify(facts);
    const old = this.parts.get(name);
    if (old && old.signature === signature) return;
    const node = build() || document.createComment(name);
    const focused = old && old.node.contains(this.element.getRootNode().activeElement);
    if (old) old.node.replaceWith(node);
    else this.element.append(node);
    this.parts.set(name, { node, signature });
    if (focused && node.querySelector) (node.querySelector('[aria-pressed=true]') || node).focus();
  }

  author(words) {
    const { kind, author, agent } = this.message;
    if (kind === 'customer') return spoken(words.you);
    if (kind === 'disclosure') return h('span', { class: 'badge' }, icon('info'));
    if (kind === 'notice') return null;
    if (author === 'agent') return h('p', { class: 'author' }, icon('person'), agent || words.agent);
    return h('span', { class: 'badge' }, icon('spark'), spoken(words.assistant));
  }

  bubble() {
    this.dots = null;
    this.text = h('p', { class: 'text', dir: 'auto' });
    setAttribute(this.text, 'lang', this.message.language);
    return h('div', { class: 'bubble' }, this.text);
  }

  say({ text, pending }) {
    const waiting = Boolean(pending) && !text;
    if (waiting !== Boolean(this.dots)) {
      if (this.dots) this.dots.remove();
      this.dots = waiting ? h('span', { class: 'dots', 'aria-hidden': 'true' }, h('i'), h('i'), h('i')) : null;
      if (waiting) this.text.after(this.dots);
    }
    this.text.hidden = waiting;
    if (this.text.textContent !== text) this.text.textContent = text;
  }

  status(words) {
    const { message } = this;
    if (message.status === 'sending') return h('p', { class: 'status' }, words.sending);
    if (message.status !== 'failed') return null;
    return h('div', { class: 'status failed' },
      h('p', null, icon('warn'), words[message.problem]),
      h('button', { type: 'button', class: 'link', onclick: () => this.actions.retry(message) },
        icon('retry'), words.retry));
  }

  sources(words) {
    const { citations } = this.message;
    if (!citations || !citations.length) return null;
    return h('section', { class: 'sources', 'aria-label': words.sources },
      h('p', { class: 'caption' }, words.sources),
      h('ol', null, ...citations.map((citation, index) => source(citation, index + 1, words))));
  }

  suggestions(words) {
    const { action } = this.message;
    // A refusal's only suggestion is the person, who has a button of their own.
    const suggestions = (this.message.suggestions || []).filter(
      (each) => action !== 'refuse' || each.document_id,
    );
    if (!suggestions.length) return null;
    const caption = action === 'clarify' ? words.meant : words.related;
    return quickReplies(caption, suggestions.map(({ text }) => text), this.actions.send);
  }

  person(words) {
    return h('button', { type: 'button', class: 'offer', onclick: this.actions.handOff },
      icon('person'), words.person);
  }

  feedback(words) {
    const { helpful, reason } = this.message;
    const asksWhy = helpful === false && !reason;
    const thanked = helpful === true || Boolean(reason);
    return h('div', { class: 'feedback', tabindex: '-1' },
      h('div', { class: 'votes', role: 'group', 'aria-label': words.feedback },
        h('span', null, thanked ? words.thanks : words.feedback),
        this.thumb('up', true, words.helpful),
        this.thumb('down', false, words.unhelpful)),
      asksWhy && h('div', { class: 'reasons', role: 'group', 'aria-label': words.why },
        h('span', null, words.why),
        ...Object.entries(REASONS).map(([code, name]) => h('button', {
          type: 'button', class: 'chip small', onclick: () => this.actions.judge(this.message, false, code),
        }, words[name]))));
  }

  thumb(name, helpful, label) {
    const pressed = this.message.helpful === helpful;
    const judge = () => { if (!pressed) this.actions.judge(this.message, helpful); };
    return h('button', {
      type: 'button', class: 'thumb', 'aria-label': label, title: label, 'aria-pressed': String(pressed), onclick: judge,
    }, icon(name));
  }
}

function source(citation, number, words) {
  const href = safeHref(citation.url);
  const title = citation.title || fill(words.source, { n: number });
  const label = [
    h('span', { class: 'number', 'aria-hidden': 'true' }, String(number)),
    h('span', { class: 'title', lang: citation.language || null }, title),
  ];
  const link = { class: 'source', href, target: '_blank', rel: 'noopener noreferrer' };
  return h('li', null,
    href ? h('a', link, ...label, spoken(words.newTab)) : h('span', { class: 'source' }, ...label),
    citation.quote && h('details', { ontoggle: intoView },
      h('summary', null, words.quote),
      h('blockquote', { lang: citation.language || null }, shortened(citation.quote))));
}

function intoView({ target }) {
  if (target.open) target.scrollIntoView({ block: 'nearest' });
}

export function quickReplies(caption, texts, send) {
  return h('div', { class: 'quick', role: 'group', 'aria-label': caption },
    h('p', { class: 'caption' }, caption),
    ...texts.map((text) => h('button', { type: 'button', class: 'chip', onclick: () => send(text) }, text)));
}

function shortened(quote) {
  const letters = Array.from(quote);
  return letters.length > QUOTE_LIMIT ? `${letters.slice(0, QUOTE_LIMIT).join('')}…` : quote;
}
