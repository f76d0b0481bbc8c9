// What a shop's own script does with Regulars. It may run before or after regulars.js: calls wait in the list until that is there.
const tell = (name, ...words) => {
  window.regulars = window.regulars || [];
  if (typeof window.regulars[name] === 'function') return window.regulars[name](...words);
  window.regulars.push([name, ...words]);
};
const shop = JSON.parse(document.getElementById('shop').textContent);
const post = (path, values) =>
  fetch(path, { method: 'POST', headers: { accept: 'application/json' }, body: new URLSearchParams(values) });

// The shop remembers the answer (in its session) and says it again on every page: then a "no" needs no place on the device.
if (shop.consent) tell('consent', shop.consent);
for (const [name, ...words] of shop.say) tell(name, ...words);

const answers = {
  yes: { analytics: true, marketing: true },
  visits: { analytics: true, marketing: false },
  no: { analytics: false, marketing: false },
};
for (const button of document.querySelectorAll('[data-consent]'))
  button.addEventListener('click', async () => {
    const answer = answers[button.dataset.consent];
    tell('consent', answer);
    document.getElementById('banner')?.remove();
    showPrivacy();
    await post('/consent', answer);
    toast(answer.analytics ? 'Thank you. You can change this under "Your privacy".' : 'Fine. Nothing is kept.');
  });

const toast = text => {
  const place = document.getElementById('toast');
  place.textContent = text;
  setTimeout(() => {
    if (place.textContent === text) place.textContent = '';
  }, 4000);
};

// Forms of the cart work without this script too; with it the page stays and Regulars hears of it.
for (const form of document.querySelectorAll('form[data-cart]'))
  form.addEventListener('submit', async event => {
    event.preventDefault();
    const answer = await (await post(form.getAttribute('action'), new FormData(form))).json();
    for (const [name, ...words] of answer.say) tell(name, ...words);
    document.getElementById('items').textContent = answer.items;
    if (form.action.endsWith('/remove')) location.reload();
    else toast(`${answer.name} is in your cart.`);
  });

const showPrivacy = () => {
  const place = document.getElementById('privacy');
  if (!place) return;
  tell('ready', () => {
    const state = tell('privacy');
    const rows = {
      'This shop asks first': state.mode === 'ask' ? 'yes' : 'no',
      'Your browser sends Global Privacy Control': state.gpc ? 'yes' : 'no',
      'Visits are counted': state.analytics ? 'yes' : 'no',
      'Used for advertising': state.marketing ? 'yes' : 'no',
      'Your visitor id': state.visitorId ?? 'none',
    };
    place.replaceChildren(
      ...Object.entries(rows).flatMap(([name, value]) => {
        const [dt, dd] = [document.createElement('dt'), document.createElement('dd')];
        dt.textContent = name;
        dd.textContent = value;
        return [dt, dd];
      }),
    );
  });
};
showPrivacy();
