/**
 * A promise with the two methods that those of `promise` on npm have besides. And as there, a rejection that nobody handles does not end the
 * program: it was logged.
 */
export class CompatPromise<T> extends Promise<T> {
  static of<T>(promise: Promise<T>): CompatPromise<T> {
    const made = new CompatPromise<T>((resolve, reject) => {
      promise.then(resolve, reject);
    });
    excuse(made);
    return made;
  }

  // oxlint-disable-next-line unicorn/no-thenable
  override then<Value = T, Other = never>(
    onFulfilled?: ((value: T) => Value | PromiseLike<Value>) | null,
    onRejected?: ((reason: unknown) => Other | PromiseLike<Other>) | null,
  ): CompatPromise<Value | Other> {
    const next = super.then(onFulfilled, onRejected) as CompatPromise<Value | Other>;
    excuse(next);
    return next;
  }

  /** The end of a chain: what is not handled by then is thrown, to whoever owns the process. */
  done(onFulfilled?: ((value: T) => unknown) | null, onRejected?: ((reason: unknown) => unknown) | null): void {
    void super.then(onFulfilled, onRejected).then(undefined, (error: unknown) => {
      setTimeout(() => {
        throw error;
      }, 0);
    });
  }

  /** Calls a Node callback, out of the promise: what it throws is thrown. Without one it gives the promise. */
  nodeify(callback?: ((error: unknown, value?: T) => unknown) | null, context?: unknown): this | undefined {
    if (typeof callback !== 'function') return this;
    void super.then(
      (value) => setImmediate(() => callback.call(context, null, value)),
      (error: unknown) => setImmediate(() => callback.call(context, error)),
    );
    return undefined;
  }
}

/** Its rejection is not unhandled. */
function excuse(promise: Promise<unknown>): void {
  void Promise.prototype.then.call(promise, undefined, () => {});
}
