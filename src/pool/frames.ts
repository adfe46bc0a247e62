import type { Driver, Extras } from '../dialects/dialect.ts';

/** What is written to one shell: each command in a frame, with a tag of its own by which its answer is known. */
export class Frames {
  /** Of the command that runs, or ran last. */
  tag = '';
  /** The last command left the driver's loop, which has to be begun again. */
  hasLeftLoop = false;
  readonly #driver: Driver;
  #count = 0;

  constructor(driver: Driver) {
    this.#driver = driver;
  }

  /**
   * The marker of the next command's fences.
   * @param interrupted a signal that was sent to an earlier one may come to this
   * @param special it has something of its own
   */
  next(text: string, interrupted: boolean, special: boolean): Buffer {
    const driver = this.#driver;
    let tag = (this.#count++).toString(36);
    if (interrupted) tag = driver.afterInterrupt(tag);
    if (driver.label) tag = driver.label(tag, text, special);
    this.tag = tag;
    return driver.marker(tag);
  }

  /** What is to be written for it. */
  text(text: string, extras: Extras | undefined): string {
    const resume = this.hasLeftLoop ? (this.#driver.resume ?? '') : '';
    this.hasLeftLoop = false;
    return resume + this.#driver.frame(this.tag, text, extras);
  }
}
