// Pings are answered, the sixth connection of a user is refused. Usage: node lifecycle.mjs URL
import assert from "node:assert/strict";
import { open } from "./client.mjs";

const url = process.argv[2];
const five = [];
for (let i = 0; i < 5; ++i) {
  five.push(await open(`${url}?user=ws`));
  five[i].send("admitted"); // one after the other, on whatever shard
  await five[i].next();
}
const sixth = await open(`${url}?user=ws`);
const { code, reason } = await sixth.closed;
assert.equal(code, 4500);
assert.notEqual(reason, "");

await Promise.all(five.map(socket => new Promise(resolve => {
  let pings = 0;
  socket.on("ping", () => ++pings === 4 && resolve());
})));
for (const socket of five) {
  socket.send("still here");
  assert.equal(await socket.next(), "still here");
}
five.forEach(socket => socket.close());
await Promise.all(five.map(socket => socket.closed));
