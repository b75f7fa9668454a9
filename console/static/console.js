// What Gradio leaves to the page: keys, pasted pictures, the end of a session, the language.
(() => {
  'use strict';

  // Where the console is on its site: '' or such as '/nophoto'.
  const subPath = new URL(document.currentScript.src).pathname.replace(/\/static\/console\.js$/, '');
  const ownPath = () => location.pathname.slice(subPath.length);

  // Gradio's page says that it is English whatever stands on it, and voices read it so.
  const language = ownPath().match(/^\/([a-z]{2})(?=\/|$)/)?.[1];
  if (language) document.documentElement.lang = language;

  // What is loading is lost where the network changes, as when a laptop joins another one, and Gradio's
  // page waits for its parts for ever. Now and then is enough: of a server that is away nothing comes.
  window.addEventListener('vite:preloadError', () => {
    const last = Number(sessionStorage.getItem('nophoto-reloaded'));
    if (Date.now() - last < 10000) return;
    sessionStorage.setItem('nophoto-reloaded', Date.now());
    location.reload();
  });

  // Logging out leads to the login already: what the page had asked for until then is refused
  // as well, and would say that the session had ended by itself.
  let isLeaving = false;
  document.addEventListener('submit', event => { isLeaving ||= event.target.matches('[action$="/logout"]'); });
  window.addEventListener('pageshow', () => { isLeaving = false; });

  const login = () => { if (!isLeaving) location.assign(subPath + '/login?expired=1&next=' + encodeURIComponent(location.pathname + location.search)); };
  const text = name => document.querySelector('.bar')?.dataset[name] ?? '';

  const tell = message => {
    if (!message) return;
    document.querySelector('.told')?.remove();
    const told = document.createElement('div');
    told.className = 'told';
    told.setAttribute('role', 'alert');
    told.textContent = message;
    told.addEventListener('click', () => told.remove());
    document.body.append(told);
    setTimeout(() => told.remove(), 10000);
  };

  // Gradio shows the errors of queued events alone, and the quick ones are not queued.
  const plainFetch = window.fetch;
  window.fetch = async (...request) => {
    const isAction = String(request[0]?.url ?? request[0]).includes('/run/predict');
    try {
      const response = await plainFetch(...request);
      if (response.status === 401) login();
      else if (isAction && !response.ok) {
        const said = await response.clone().json().catch(() => ({}));
        tell(said.error || text('failed'));
      }
      return response;
    } catch (error) {
      if (isAction) tell(text('away'));
      throw error;
    }
  };

  // Filters in the address, those that are not at their first value; see components/filters.py.
  window.nophoto = {
    remember(first, inputs) {
      const names = Object.keys(first);
      const values = inputs.slice(inputs.length - names.length);
      const query = new URLSearchParams(location.search);
      names.forEach((name, place) => {
        if (values[place] === first[name]) query.delete(name);
        else query.set(name, values[place]);
      });
      const search = query.toString();
      history.replaceState(history.state, '', location.pathname + (search && '?' + search) + location.hash);
      return inputs;
    },
  };

  // A picture opens as large as the window, and by its link in its own size.
  const enlarge = image => {
    const words = image.closest('[data-close]')?.dataset ?? {};
    const dialog = document.createElement('dialog');
    dialog.className = 'enlarged';
    dialog.setAttribute('aria-label', image.alt);
    const shown = document.createElement('img');
    const full = image.src.replace(/\?size=\w+$/, '') + '?size=full';
    shown.src = image.src.startsWith('data:') ? image.src : full;
    shown.alt = image.alt;
    const close = document.createElement('button');
    close.textContent = words.close ?? '×';
    close.addEventListener('click', () => dialog.close());
    const line = document.createElement('p');
    line.append(close);
    if (!image.src.startsWith('data:')) {
      const link = document.createElement('a');
      Object.assign(link, { href: full, target: '_blank', textContent: words.original ?? '' });
      line.append(link);
    }
    dialog.append(line, shown);
    dialog.addEventListener('click', event => { if (event.target === dialog) dialog.close(); });
    dialog.addEventListener('close', () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  };
  document.addEventListener('click', event => {
    const image = event.target.closest('.zoom')?.querySelector('img');
    if (image) enlarge(image);
  });

  const isWriting = element => !!element.closest('input:not([type=checkbox]), textarea, select, [contenteditable="true"]');

  // A filter that was used keeps the focus, and every key would be meant for it from then on.
  const leaveFilter = () => setTimeout(() => {
    if (document.activeElement?.closest('#filters')) document.activeElement.blur();
  });
  document.addEventListener('mousedown', event => { if (event.target.closest('[role=option]')) leaveFilter(); }, true);
  document.addEventListener('keydown', event => { if (event.key === 'Enter' && event.target.closest('#filters')) leaveFilter(); }, true);

  document.addEventListener('keydown', event => {
    if (document.querySelector('dialog[open]')) return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isWriting(event.target)) return;
    // By the key's place as well: a Russian keyboard's C is a с.
    const letter = event.code.match(/^(?:Key|Digit)(.)$/)?.[1].toLowerCase() ?? '';
    const button = document.querySelector(`button[data-key="${CSS.escape(letter)}"]:not(:disabled)`);
    if (letter && button) { event.preventDefault(); button.click(); }
  });

  // The keys of the page Review, by `?` or its button.
  const help = () => {
    const dialog = document.querySelector('#key-help');
    if (dialog) dialog.open ? dialog.close() : dialog.showModal();
  };
  document.addEventListener('keydown', event => {
    if (event.key === '?' && !isWriting(event.target)) { event.preventDefault(); help(); }
  });
  document.addEventListener('click', event => { if (event.target.closest('[data-help]')) help(); });

  // Others may have what was shown, once the page is left.
  window.addEventListener('pagehide', () => {
    if (ownPath().endsWith('/review')) navigator.sendBeacon(subPath + '/review/leave');
  });

  document.addEventListener('click', event => {
    const link = event.target.closest('a[data-language]');
    if (!link) return;
    event.preventDefault();
    document.cookie = `nophoto-language=${link.dataset.language}; path=${subPath}/; max-age=31536000; samesite=lax`;
    location.assign(subPath + ownPath().replace(/^\/[a-z]{2}(?=\/|$)/, '/' + link.dataset.language) + location.search);
  });

  document.addEventListener('paste', event => {
    const files = [...(event.clipboardData?.files ?? [])];
    const input = document.querySelector('#drop input[type=file]');
    if (!files.length || !input || isWriting(event.target)) return;
    event.preventDefault();
    const carried = new DataTransfer();
    files.forEach(file => carried.items.add(file));
    input.files = carried.files;
    input.dispatchEvent(new Event('change', { bubbles: true }));
  });
})();
