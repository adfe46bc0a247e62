/** ms after which silence means that the server is gone: it sends something each second. */
const patience = 15_000;

/**
 * Listens to the server for as long as the page is there; it comes back by itself when the connection is lost.
 *
 * @param {object} handlers
 * @param {(present: import('../protocol.ts').Present) => void} handlers.onPresent
 * @param {(frame: import('../protocol.ts').Frame) => void} handlers.onFrame
 * @param {(state: 'live' | 'reconnecting') => void} handlers.onState
 */
export function connect({ onPresent, onFrame, onState }) {
  /** @type {EventSource} */
  let source;
  let heard = Date.now();

  const open = () => {
    source = new EventSource('events');
    source.addEventListener('present', (event) => {
      heard = Date.now();
      onState('live');
      onPresent(JSON.parse(event.data));
    });
    source.addEventListener('frame', (event) => {
      heard = Date.now();
      onFrame(JSON.parse(event.data));
    });
    // It tries again by itself, but not after an answer that is no stream.
    source.addEventListener('error', () => onState('reconnecting'));
  };

  open();
  setInterval(() => {
    const isLost = source.readyState === EventSource.CLOSED || Date.now() - heard > patience;
    if (!isLost) return;
    heard = Date.now();
    source.close();
    onState('reconnecting');
    open();
  }, 2_000);
}
