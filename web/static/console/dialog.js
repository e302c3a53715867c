// Questions over the page: the native element keeps the focus inside and gives it back.

import { h } from '/widget/dom.js';
import { button } from './parts.js';
import { icon } from './icons.js';
import { problemText } from './problems.js';

/** Asks; `submit()` may fail, which is said in the dialog. Resolves when it is closed.
 *
 * `parts` are the fields between title and buttons. What `submit` returns is the answer; null is
 * the answer of somebody who closed the dialog.
 */
export function ask({ words, title, text, parts = [], confirm, danger, wide, submit }) {
  return new Promise((resolve) => {
    let answer = null;
    const wrong = h('div', { role: 'alert' });
    const yes = h('button', { type: 'submit', class: `button ${danger ? 'danger' : 'primary'}` }, confirm);
    const dialog = h('dialog', { class: wide ? 'wide' : null, 'aria-labelledby': 'dialog-title', onclose: closed },
      h('form', { onsubmit: send },
        h('h2', { id: 'dialog-title' }, title),
        text && h('p', null, text),
        ...parts, wrong,
        h('div', { class: 'actions' }, button(words.cancel, () => dialog.close()), yes)));

    async function send(event) {
      event.preventDefault();
      yes.disabled = true;
      wrong.replaceChildren();
      try {
        answer = await submit();
        dialog.close();
      } catch (error) {
        wrong.replaceChildren(sentence(error, words));
      } finally {
        yes.disabled = false;
      }
    }

    function closed() {
      dialog.remove();
      resolve(answer);
    }

    document.body.append(dialog);
    dialog.showModal();
  });
}

/** Shows something that must be closed again. */
export function show({ words, title, parts, wide }) {
  const dialog = h('dialog', { class: wide ? 'wide' : null, 'aria-labelledby': 'dialog-title', onclose: () => dialog.remove() },
    h('form', { onsubmit: (event) => { event.preventDefault(); dialog.close(); } },
      h('h2', { id: 'dialog-title' }, title), ...parts,
      h('div', { class: 'actions' }, h('button', { type: 'submit', class: 'button primary' }, words.close))));
  document.body.append(dialog);
  dialog.showModal();
}

export function sentence(error, words) {
  const [text, detail] = problemText(error, words);
  return h('p', { class: 'wrong' }, icon('warn'), h('span', null, text, detail && h('span', { lang: 'en' }, ` ${detail}`)));
}
