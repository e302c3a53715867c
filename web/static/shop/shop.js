// The demo shop: two languages in one page, a filter, a cart that sells nothing, and the chat.
// A classic script in the head, so that the language is set before the first paint.

(() => {
  const TITLES = { en: 'Maplewood Electronics', zh: '枫木数码' };
  const TAGS = { en: 'en', zh: 'zh-Hans' };

  const wanted = new URLSearchParams(location.search).get('lang') || navigator.language || '';
  const language = wanted.toLowerCase().startsWith('zh') ? 'zh' : 'en';
  // A real shop writes the reference of who is signed in; here `?customer=anna` stands for that.
  const customer = new URLSearchParams(location.search).get('customer');
  const cart = new Map();

  document.documentElement.lang = TAGS[language];
  document.title = TITLES[language];

  function translate() {
    for (const element of document.querySelectorAll('[data-label-zh]')) {
      if (language === 'zh') element.setAttribute('aria-label', element.dataset.labelZh);
    }
    for (const link of document.querySelectorAll('[data-keep-language]')) {
      link.search = `?lang=${language}`;
    }
    for (const link of document.querySelectorAll('[data-when]')) {
      link.hidden = link.dataset.when !== language;
    }
  }

  function filter(department) {
    for (const button of document.querySelectorAll('.departments button')) {
      button.setAttribute('aria-pressed', String(button.dataset.department === department));
    }
    for (const product of document.querySelectorAll('.product')) {
      product.hidden = department !== 'all' && product.dataset.department !== department;
    }
  }

  function addToCart(button) {
    const name = document.querySelector(`#${button.getAttribute('aria-describedby')} .${language}`).textContent;
    const line = cart.get(name) || { price: Number(button.dataset.price), pieces: 0 };
    cart.set(name, { ...line, pieces: line.pieces + 1 });
    drawCart();
    document.querySelector('#added').textContent = language === 'zh' ? `已加入购物车：${name}` : `Added to the cart: ${name}`;
  }

  function drawCart() {
    const lines = [...cart];
    const pieces = lines.reduce((sum, [, line]) => sum + line.pieces, 0);
    const total = lines.reduce((sum, [, line]) => sum + line.pieces * line.price, 0);
    document.querySelector('#count').textContent = String(pieces);
    document.querySelector('#total').textContent = `¥${total.toLocaleString('en')}`;
    document.querySelector('#lines').replaceChildren(...lines.map(([name, line]) => {
      const item = document.createElement('li');
      item.textContent = `${line.pieces} × ${name}`;
      return item;
    }));
  }

  async function chat() {
    await customElements.whenDefined('kefu-chat');
    return document.querySelector('kefu-chat');
  }

  function clicked(event) {
    const button = event.target.closest('button');
    if (!button) return;
    if (button.matches('.departments button')) filter(button.dataset.department);
    if (button.matches('.add')) addToCart(button);
    if (button.matches('.open-chat')) chat().then((element) => element.open());
    if (button.matches('.ask')) chat().then((element) => element.ask(button.dataset[language]));
  }

  // The page is parsed now, and the widget's script has not run yet.
  document.addEventListener('readystatechange', () => {
    const script = document.querySelector('script[src="/widget.js"]');
    if (customer && script) script.dataset.customer = customer;
  }, { once: true });

  document.addEventListener('DOMContentLoaded', () => {
    translate();
    drawCart();
    document.addEventListener('click', clicked);
  });
})();
