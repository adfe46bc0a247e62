import { Observable, Subject } from 'rxjs';
import { outside } from '../process/outside.ts';

/** The status after each change, and at once to a new subscriber. Made only while somebody looks; changes within one turn are one. */
export class StatusStream<Status> {
  readonly #read: () => Status;
  readonly #changes = new Subject<Status>();
  #scheduled = false;
  readonly status$: Observable<Status> = new Observable((subscriber) => {
    if (!this.#changes.closed && !this.#done) subscriber.next(this.#read());
    return this.#changes.subscribe(subscriber);
  });
  #done = false;

  constructor(read: () => Status) {
    this.#read = read;
  }

  changed(): void {
    if (this.#scheduled || !this.#changes.observed) return;
    this.#scheduled = true;
    outside(() =>
      setImmediate(() => {
        this.#scheduled = false;
        if (!this.#done) this.#changes.next(this.#read());
      }),
    );
  }

  /** The last status, and completion. */
  end(): void {
    if (this.#changes.observed) this.#changes.next(this.#read());
    this.#done = true;
    this.#changes.complete();
  }
}
