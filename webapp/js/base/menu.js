import { el, icon } from './dom.js';

/** The distance between a menu and the window's edge, in pixels. */
const MARGIN = 8;

/**
 * Opens a menu at a button, with its first item focused. It closes by Escape, Tab, a choice, or a click elsewhere; the
 * focus then goes back to the button, unless the chosen action takes it elsewhere.
 *
 * @param {HTMLElement} anchor
 * @param {{label: string, icon: string, danger?: boolean, run: function(): void}[]} items
 */
export function openMenu(anchor, items) {
  const buttons = items.map(({ label, icon: name, danger, run }) =>
    el(
      'button',
      {
        type: 'button',
        role: 'menuitem',
        tabIndex: -1,
        class: danger ? 'menu-item danger' : 'menu-item',
        on: {
          click: () => {
            menu.hidePopover();
            run();
          },
        },
      },
      icon(name),
      label,
    ),
  );
  const menu = el(
    'div',
    { role: 'menu', class: 'menu', popover: 'auto', 'aria-label': anchor.getAttribute('aria-label') },
    buttons,
  );
  menu.addEventListener('keydown', (event) => onKey(event, menu, buttons));
  menu.addEventListener('beforetoggle', ({ newState }) => {
    if (newState === 'closed' && menu.contains(document.activeElement)) {
      anchor.focus();
    }
  });
  menu.addEventListener('toggle', ({ newState }) => {
    if (newState === 'closed') {
      anchor.setAttribute('aria-expanded', 'false');
      menu.remove();
    }
  });
  anchor.after(menu); // where the Tab key goes on from there
  anchor.setAttribute('aria-expanded', 'true');
  menu.showPopover();
  place(menu, anchor);
  buttons[0].focus();
}

function onKey(event, menu, buttons) {
  const at = buttons.indexOf(document.activeElement);
  const next = {
    ArrowDown: at + 1,
    ArrowUp: at - 1,
    Home: 0,
    End: -1,
  }[event.key];
  if (next !== undefined) {
    event.preventDefault();
    buttons.at(next % buttons.length).focus();
  } else if (event.key === 'Tab') {
    menu.hidePopover(); // gives the focus back to the button before the key has its effect
  }
  event.stopPropagation();
}

/** Below the anchor, or above it where there is no room. */
function place(menu, anchor) {
  const { left, top, bottom } = anchor.getBoundingClientRect();
  const { width, height } = menu.getBoundingClientRect();
  const below = bottom + height + MARGIN <= innerHeight;
  menu.style.left = `${Math.max(MARGIN, Math.min(left, innerWidth - width - MARGIN))}px`;
  menu.style.top = `${Math.max(MARGIN, below ? bottom + 2 : top - height - 2)}px`;
}
