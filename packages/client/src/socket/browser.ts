import type { OpenSocket } from './port.js';

/** The browser's WebSocket; the token travels as a subprotocol because no header can be set. */
export const openSocket: OpenSocket = (url, token, events) => {
  const socket = new WebSocket(url, token === undefined ? [] : ['bearer', token]);
  let ended = false;
  const end = (code: number, reason: string): void => {
    if (ended) return;
    ended = true;
    events.onClose({ code, reason });
  };
  socket.addEventListener('open', () => {
    if (!ended) events.onOpen();
  });
  socket.addEventListener('message', (message) => {
    if (!ended && typeof message.data === 'string') events.onMessage(message.data);
  });
  // A close always follows and says more; some runtimes throw an error that nobody listens to.
  socket.addEventListener('error', () => undefined);
  socket.addEventListener('close', (close) => end(close.code, close.reason));
  return {
    send: (text) => {
      if (socket.readyState === socket.OPEN) socket.send(text);
    },
    close: () => socket.close(1000),
    abandon: () => {
      // close() waits for a peer that may be gone; the end is told now and what comes later is ignored.
      socket.close();
      end(1006, 'abandoned');
    },
  };
};
