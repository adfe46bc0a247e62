import { byId, setText } from './dom.js';

const themes = ['system', 'light', 'dark'];

/** The button that goes through the themes; what was chosen is kept by the browser. @param {() => void} onChange */
export function startTheme(onChange) {
  const button = byId('theme');
  let theme = themes.find((name) => name === stored()) ?? 'system';
  const show = () => {
    if (theme === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
    setText(button, `Theme: ${theme}`);
    onChange();
  };
  button.addEventListener('click', () => {
    theme = themes[(themes.indexOf(theme) + 1) % themes.length] ?? 'system';
    store(theme);
    show();
  });
  matchMedia('(prefers-color-scheme: light)').addEventListener('change', onChange);
  show();
}

function stored() {
  try {
    return localStorage.getItem('shellwright-theme');
  } catch {
    return null; // storage may be forbidden
  }
}

/** @param {string} theme */
function store(theme) {
  try {
    localStorage.setItem('shellwright-theme', theme);
  } catch {
    // It is then chosen anew on the next visit.
  }
}
