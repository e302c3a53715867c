// The panel, and how the keyboard and a screen reader get around in it.

import { h, icon, setAttribute } from './dom.js';
import { MessageView, quickReplies } from './message.js';
import { fill } from './strings.js';

const TEXT_LIMIT = 4000;
const COUNT_FROM = 3600;
// NVDA misses a live region that changes in the same moment as the focus.
const ANNOUNCE_DELAY = 250;
const FOCUSABLE = 'button, textarea, a[href], summary, [tabindex="0"]';
// The width below which the panel covers the page; style.css has the same number.
const FULL_SCREEN = matchMedia('(max-width: 480px)');

export class View {
  constructor(root, actions, privacy) {
    this.actions = actions;
    this.privacy = privacy;
    this.rows = new Map();
    this.build();
    root.append(this.panel);
    this.follow();
    if (window.visualViewport) {
      visualViewport.addEventListener('resize', () => this.fit());
      visualViewport.addEventListener('scroll', () => this.fit());
    }
  }

  // Skeleton

  build() {
    const { actions } = this;
    this.title = h('h2', { id: 'title' });
    this.subtitle = h('p');
    this.switcher = h('button', { type: 'button', class: 'switch', onclick: actions.switchLanguage });
    this.renew = this.tool('renew', () => this.confirmNew());
    this.closer = this.tool('close', actions.close);
    this.log = h('div', {
      class: 'log', role: 'log', 'aria-live': 'off', tabindex: '0',
    });
    this.bar = h('div', { class: 'bar', role: 'status', hidden: true });
    this.personLabel = h('span');
    this.person = h('button', { type: 'button', class: 'person', onclick: actions.handOff },
      icon('person'), this.personLabel);
    this.announcer = h('div', { class: 'spoken', role: 'status', 'aria-live': 'polite' });
    this.panel = h('div', { class: 'panel', role: 'dialog', 'aria-labelledby': 'title', hidden: true },
      h('header', null,
        h('span', { class: 'mark' }, icon('chat')),
        h('div', { class: 'names' }, this.title, this.subtitle),
        this.switcher, this.renew, this.closer),
      this.log, this.bar, this.privacy && this.privacy.element, this.composer(), this.announcer);
    this.panel.addEventListener('keydown', (event) => this.pressed(event));
  }

  tool(name, onclick) {
    return h('button', { type: 'button', class: 'tool', onclick }, icon(name));
  }

  composer() {
    this.input = h('textarea', {
      rows: '1', enterkeyhint: 'send', autocomplete: 'off', 'aria-describedby': 'count',
      oninput: () => { this.actions.draft(this.input.value); this.resize(); },
      onkeydown: (event) => this.typed(event),
    });
    this.sender = h('button', { type: 'submit', class: 'send' }, icon('send'));
    this.count = h('span', { id: 'count', class: 'count' });
    const submit = (event) => { event.preventDefault(); this.submit(); };
    return h('form', { class: 'composer', onsubmit: submit },
      h('div', { class: 'field' }, this.input, this.sender),
      h('div', { class: 'below' }, this.person, this.count));
  }

  // Drawing

  render(model) {
    const relabelled = this.words !== model.words;
    this.words = model.words;
    this.model = model;
    if (relabelled) this.relabel();
    const focused = this.panel.contains(this.focus);
    const stays = this.follows || this.hasNews();
    this.subtitle.textContent = model.speaker;
    this.renderMessages();
    this.renderBar();
    this.renderComposer();
    if (stays) this.scrollToEnd();
    if (focused && !this.panel.contains(this.focus)) this.settleFocus();
  }

  get focus() {
    return this.panel.getRootNode().activeElement;
  }

  hasNews() {
    const { messages } = this.model;
    const last = messages.length && messages[messages.length - 1].key;
    const news = last !== this.last;
    this.last = last;
    return news;
  }

  renderSoon(render) {
    this.frame = this.frame || requestAnimationFrame(() => { this.frame = null; render(); });
  }

  relabel() {
    const { words } = this;
    this.panel.lang = words.tag;
    this.title.textContent = words.title;
    this.switcher.textContent = words.switchLanguage;
    this.switcher.lang = words.tag === 'en' ? 'zh-Hans' : 'en';
    label(this.switcher, words.switchLanguageLabel);
    label(this.renew, words.newConversation);
    label(this.closer, words.close);
    label(this.sender, words.send);
    this.log.setAttribute('aria-label', words.log);
    this.input.setAttribute('aria-label', words.inputLabel);
    this.input.placeholder = words.placeholder;
    this.question = null;
    if (this.privacy) this.privacy.relabel(words);
  }

  renderMessages() {
    const { messages, words, current, busy, handedOff } = this.model;
    const keys = new Set(messages.map(({ key }) => key));
    for (const [key, row] of this.rows) {
      if (!keys.has(key)) {
        row.element.remove();
        this.rows.delete(key);
      }
    }
    messages.forEach((message, index) => {
      const row = this.row(message);
      if (this.log.children[index] !== row.element) {
        this.log.insertBefore(row.element, this.log.children[index] || null);
      }
      row.update({ words, current, busy, handedOff, last: index === messages.length - 1 });
    });
    this.renderWelcome();
  }

  row(message) {
    if (!this.rows.has(message.key)) this.rows.set(message.key, new MessageView(message, this.actions));
    return this.rows.get(message.key);
  }

  renderWelcome() {
    const { examples, asked, words, busy } = this.model;
    const signature = !asked && !busy && JSON.stringify([words.tag, examples]);
    if (signature === this.welcomed) return;
    this.welcomed = signature;
    if (this.welcome) this.welcome.remove();
    if (!signature) return;
    this.welcome = h('div', { class: 'message reply' },
      h('span', { class: 'badge' }, icon('spark')),
      h('div', { class: 'bubble' }, h('p', { class: 'text' }, words.welcome)),
      examples.length > 0 && quickReplies(words.examples, examples, this.actions.send));
    this.log.append(this.welcome);
  }

  renderBar() {
    const { offline, unreachable, words } = this.model;
    const retry = [[words.retry, this.actions.reconnect]];
    if (this.question) this.fillBar(words.startOver, this.question);
    else if (offline) this.fillBar(words.offline, []);
    else if (unreachable) this.fillBar(words.unreachable, retry);
    else this.fillBar(this.warning, []);
  }

  fillBar(text, choices) {
    const signature = JSON.stringify([text, choices.map(([name]) => name)]);
    if (this.barSignature === signature) return;
    this.barSignature = signature;
    this.bar.hidden = !text;
    this.bar.classList.toggle('question', Boolean(this.question));
    this.bar.textContent = '';
    if (!text) return;
    this.bar.append(h('p', null, text), ...choices.map(([name, onclick]) => (
      h('button', { type: 'button', class: 'chip small', onclick }, name))));
  }

  renderComposer() {
    const { draft, busy, handedOff, agent, speaker, words } = this.model;
    if (this.input.value !== draft) {
      this.input.value = draft;
      this.resize();
    }
    const length = Array.from(draft.trim()).length;
    const tooLong = length > TEXT_LIMIT;
    this.sendable = length > 0 && !tooLong && !busy;
    this.sender.setAttribute('aria-disabled', String(!this.sendable));
    this.renew.setAttribute('aria-disabled', String(busy));
    setAttribute(this.input, 'aria-invalid', tooLong && 'true');
    const template = tooLong ? words.tooLong : words.count;
    const counted = { n: length.toLocaleString('en'), max: TEXT_LIMIT.toLocaleString('en') };
    this.count.textContent = length >= COUNT_FROM ? fill(template, counted) : '';
    this.person.setAttribute('aria-disabled', String(handedOff));
    const asked = agent ? speaker : words.personAsked;
    this.personLabel.textContent = handedOff ? asked : words.person;
  }

  resize() {
    this.input.style.height = 'auto';
    this.input.style.height = `${this.input.scrollHeight}px`;
  }

  /** Whoever reads at the end stays there when the log gets smaller. */
  follow() {
    this.follows = true;
    this.log.addEventListener('scroll', () => {
      this.follows = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 64;
    });
    new ResizeObserver(() => { if (this.follows) this.scrollToEnd(); }).observe(this.log);
  }

  /** The end of the log, but never past the beginning of an answer too long for the panel. */
  scrollToEnd() {
    const last = this.log.lastElementChild;
    const start = last ? last.offsetTop - 12 : 0;
    this.log.scrollTop = Math.min(start, this.log.scrollHeight - this.log.clientHeight);
  }

  // Speaking

  /** Said once by a screen reader, in the language it is written in. */
  announce(text, tag) {
    clearTimeout(this.announcing);
    this.announcing = setTimeout(() => {
      this.announcer.lang = tag;
      this.announcer.textContent = text;
    }, ANNOUNCE_DELAY);
  }

  warn(text) {
    this.warning = text;
    this.renderBar();
    clearTimeout(this.forgetting);
    this.forgetting = setTimeout(() => { this.warning = null; this.renderBar(); }, 6000);
  }

  // Keyboard and focus

  show({ focus }) {
    this.panel.hidden = false;
    this.panel.setAttribute('aria-modal', String(FULL_SCREEN.matches));
    this.fit();
    this.resize();
    this.scrollToEnd();
    if (focus) this.settleFocus();
  }

  hide() {
    this.panel.hidden = true;
  }

  /** On a touch screen the input would call up the keyboard unasked. */
  settleFocus() {
    if (matchMedia('(pointer: coarse)').matches) this.log.focus();
    else this.input.focus();
  }

  /** The panel keeps above a phone's keyboard, which does not resize the page. */
  fit() {
    const { height, offsetTop } = window.visualViewport || { height: innerHeight, offsetTop: 0 };
    this.panel.style.setProperty('--seen-height', `${height}px`);
    this.panel.style.setProperty('--seen-top', `${offsetTop}px`);
  }

  typed(event) {
    // While an input method composes, Enter chooses a word; Safari says so only by the code 229.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    this.submit();
  }

  submit() {
    if (this.sendable) this.actions.send(this.input.value.trim());
    else if (this.count.textContent) this.announce(this.count.textContent, this.words.tag);
  }

  pressed(event) {
    if (event.key === 'Escape' && !event.isComposing) {
      event.stopPropagation();
      if (this.question) this.answerNew(false);
      else this.actions.close();
    }
    if (event.key === 'Tab' && FULL_SCREEN.matches) this.keepFocus(event);
  }

  /** Full-screen, nothing behind the panel can be seen or may take the focus. */
  keepFocus(event) {
    const stops = [...this.panel.querySelectorAll(FOCUSABLE)].filter((stop) => stop.getClientRects().length);
    const [from, to] = event.shiftKey ? [stops[0], stops[stops.length - 1]] : [stops[stops.length - 1], stops[0]];
    if (this.focus !== from) return;
    event.preventDefault();
    to.focus();
  }

  confirmNew() {
    if (this.model.busy) return;
    if (!this.model.asked) {
      this.answerNew(true);
      return;
    }
    const { startOverYes, cancel } = this.words;
    this.question = [
      [startOverYes, () => this.answerNew(true)],
      [cancel, () => this.answerNew(false)],
    ];
    this.renderBar();
    this.bar.querySelector('button').focus();
  }

  answerNew(yes) {
    this.question = null;
    this.renderBar();
    if (yes) {
      this.actions.newConversation();
      this.input.focus();
    } else this.renew.focus();
  }
}

function label(button, text) {
  button.setAttribute('aria-label', text);
  button.title = text;
}
