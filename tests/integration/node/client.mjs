// What the scenarios share: a ws client whose messages can be awaited.
import WebSocket from "ws";

/** Opens a connection. `next()` is the next message, `closed` the close event. */
export async function open(url, ...more) {
  const socket = new WebSocket(url, ...more);
  const messages = [];
  const waiting = [];
  let ended = false;
  socket.on("message", (data, isBinary) => {
    const message = isBinary ? data : data.toString();
    waiting.length > 0 ? waiting.shift().resolve(message) : messages.push(message);
  });
  socket.closed = new Promise(resolve => socket.on("close", (code, reason) => {
    ended = true;
    waiting.splice(0).forEach(w => w.reject(new Error(`closed ${code} ${reason}`)));
    resolve({ code, reason: reason.toString() });
  }));
  socket.next = () => messages.length > 0 ? Promise.resolve(messages.shift())
    : ended ? Promise.reject(new Error("closed"))
    : new Promise((resolve, reject) => waiting.push({ resolve, reject }));
  await new Promise((resolve, reject) => socket.on("open", resolve).on("error", reject));
  socket.removeAllListeners("error").on("error", () => {});
  return socket;
}
