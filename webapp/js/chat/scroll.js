/** A reader who scrolls down to this distance from the end, in pixels, counts as being at the end. */
const NEAR = 32;

/**
 * Keeps the end of growing content visible until the reader scrolls up, and again after the reader has scrolled down to the
 * end. While a pointer is pressed, nothing moves.
 */
export class Follower {
  #scroller;
  #following = true;
  #held = false;
  #top = 0;
  #changed;

  /**
   * @param {HTMLElement} scroller what is scrolled
   * @param {HTMLElement} content what grows in it
   * @param {function(boolean): void} changed told whether it follows, when that changes
   */
  constructor(scroller, content, changed) {
    this.#scroller = scroller;
    this.#changed = changed;
    // Runs after layout and before paint, so that no frame shows the old position.
    new ResizeObserver(() => this.#keepUp()).observe(content);
    new ResizeObserver(() => this.#keepUp()).observe(scroller);
    const passive = { passive: true };
    scroller.addEventListener('scroll', () => this.#scrolled(), passive);
    // Handled before the scroll event that it causes, which may be of one pixel only.
    scroller.addEventListener('wheel', (event) => event.deltaY < 0 && this.#follow(false), passive);
    scroller.addEventListener('pointerdown', () => this.#hold(true), passive);
    scroller.addEventListener('touchstart', () => this.#hold(true), passive);
    for (const type of ['pointerup', 'pointercancel', 'touchend', 'touchcancel']) {
      addEventListener(type, () => this.#hold(false), passive);
    }
  }

  /** To the end, and on from there. */
  toEnd() {
    this.#held = false;
    this.#follow(true);
    this.#keepUp();
  }

  #keepUp() {
    if (this.#following && !this.#held) {
      this.#scroller.scrollTop = this.#scroller.scrollHeight;
      this.#top = this.#scroller.scrollTop;
    }
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
    const below = scrollHeight - scrollTop - clientHeight;
    // At the very end, a smaller position means that the content has become shorter.
    if (scrollTop < this.#top && below > 1) {
      this.#follow(false);
    } else if (scrollTop > this.#top && below < NEAR) {
      this.#follow(true);
    }
    this.#top = scrollTop;
  }

  #hold(held) {
    this.#held = held;
    if (!held) {
      this.#keepUp();
    }
  }

  #follow(following) {
    if (this.#following !== following) {
      this.#following = following;
      this.#changed(following);
    }
  }
}
