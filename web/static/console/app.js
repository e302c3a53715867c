// Who is signed in, which page is shown, and in which language.

import { h } from '/widget/dom.js';
import { Api } from './api.js';
import { Feed } from './feed.js';
import { Frame } from './frame.js';
import { problemText } from './problems.js';
import { PAGES, pageFor } from './pages.js';
import { Problem, Server } from './server.js';
import { signIn } from './sign_in.js';
import { failed, loading } from './parts.js';
import { Waiting } from './waiting.js';
import { browserLanguage, chosenLanguage, keepLanguage, WORDS } from './words.js';

export class App {
  constructor(body) {
    this.body = body;
    this.api = new Api(new Server({ signedOut: () => this.signedOut() }));
    this.me = null;
    this.drafts = new Map();
    this.language = chosenLanguage() || browserLanguage();
  }

  get words() {
    return WORDS[this.language];
  }

  may(permission) {
    return this.me.may.includes(permission);
  }

  async start() {
    addEventListener('hashchange', () => this.route());
    for (const name of ['online', 'offline']) {
      addEventListener(name, () => this.frame && this.frame.showReach());
    }
    await this.begin();
  }

  async begin() {
    this.dress();
    this.body.replaceChildren(loading(this.words));
    try {
      this.enter(await this.api.me());
    } catch (error) {
      if (error instanceof Problem && error.status === 401) return;
      this.body.replaceChildren(failed(error, this.words, () => this.begin()));
    }
  }

  enter(me) {
    this.me = me;
    this.language = chosenLanguage() || me.language;
    if (this.may('conversations.read')) {
      this.feed = new Feed({ signedOut: () => this.signedOut() });
      this.waiting = new Waiting(this.api, this.feed);
      this.waiting.subscribe(() => this.frame && this.frame.showCount());
      this.feed.subscribe(() => this.frame && this.frame.showReach());
      this.feed.watch(null);
      this.waiting.read();
    }
    this.show();
  }

  /** Builds everything anew, for a new person or a new language. */
  show() {
    this.dress();
    this.leavePage();
    this.frame = new Frame(this);
    this.body.replaceChildren(this.frame.element);
    this.route();
  }

  dress() {
    document.documentElement.lang = this.words.tag;
  }

  signedOut() {
    const wasIn = Boolean(this.me);
    this.leavePage();
    if (this.feed) this.feed.stop();
    if (this.waiting) this.waiting.stop();
    Object.assign(this, { me: null, feed: null, waiting: null, frame: null });
    this.dress();
    for (const dialog of document.querySelectorAll('dialog')) dialog.remove();
    this.body.replaceChildren(signIn(this, wasIn));
    document.title = this.words.signIn;
  }

  async leave() {
    try {
      await this.api.signOut();
    } catch (error) {
      if (error.status !== 401) {
        this.complain(error);
        return;
      }
    }
    this.drafts.clear();
    this.me = null;
    this.signedOut();
  }

  speak(language) {
    this.language = language;
    keepLanguage(language);
    if (!this.me) {
      this.signedOut();
      return;
    }
    this.show();
    // Remembered for the next sign-in; here it is spoken already.
    this.api.speak(language).catch(() => {});
  }

  // Pages

  /** An address is `#/page/rest`. */
  route() {
    if (!this.me) return;
    const [, name, ...rest] = decodeURIComponent(location.hash).split('/');
    const page = pageFor(name, this) || PAGES.find((one) => this.may(one.needs));
    if (page.name !== name) {
      history.replaceState(null, '', `#/${page.name}`);
      rest.length = 0;
    }
    if (this.page && this.page.name === page.name && this.page.view.turnTo) {
      this.page.view.turnTo(rest.join('/'));
    } else {
      const first = !this.page;
      this.leavePage();
      this.page = { name: page.name, view: page.open(this, rest.join('/')) };
      this.frame.hold(this.page.view.element, { focus: !first });
    }
    this.frame.showPage(page);
  }

  leavePage() {
    if (this.page && this.page.view.leave) this.page.view.leave();
    this.page = null;
  }

  // What a person is told

  say(text) {
    this.frame.notices.add(text);
  }

  complain(error) {
    const [text, detail] = problemText(error, this.words);
    if (this.frame) this.frame.notices.add(h('span', null, text, detail && ` ${detail}`), { bad: true });
  }
}
