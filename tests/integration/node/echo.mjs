// Every shape of message that ws can send comes back. Usage: node echo.mjs URL
import assert from "node:assert/strict";
import { open } from "./client.mjs";

const url = process.argv[2];
for (const perMessageDeflate of [false, true]) {
  const socket = await open(url, { perMessageDeflate });
  for (const size of [0, 1, 125, 126, 127, 65535, 65536]) {
    const text = "x".repeat(size);
    socket.send(text);
    assert.equal(await socket.next(), text, `text of ${size}`);
    const bytes = Buffer.alloc(size, 0xa5);
    socket.send(bytes);
    assert.deepEqual(await socket.next(), bytes, `binary of ${size}`);
  }
  for (const text of ["\u00e9\u65e5\u672c\u8a9e\u{1f980}", "\0"]) {
    socket.send(text);
    assert.equal(await socket.next(), text);
  }

  socket.send("one ", { fin: false });
  socket.ping("between");
  socket.send("two ", { fin: false });
  socket.send("three", { fin: true });
  assert.equal(await socket.next(), "one two three");

  const pong = new Promise(resolve => socket.once("pong", resolve));
  socket.ping("payload");
  assert.match((await pong).toString(), /payload|between/);

  socket.close(1000, "bye");
  assert.equal((await socket.closed).code, 1000);
}
