// Talks until the node closes: prints "ready", then one JSON line a client. Usage: node drain.mjs URL
import { open } from "./client.mjs";

const url = process.argv[2];

async function talk(v1) {
  const socket = await open(url, v1 ? ["holdfast.v1"] : []);
  const result = { v1, sent: 0, echoes: 0, acks: 0, lease: null };
  const say = () => {
    const number = result.sent++;
    socket.send(v1 ? JSON.stringify({ type: "message", data: number, id: number }) : `${number}`);
  };
  const hear = message => {
    if (!v1) {
      ++result.echoes;
      return say();
    }
    const { type, lease } = JSON.parse(message);
    switch (type) {
      case "message": ++result.echoes; return say();
      case "ack": return void ++result.acks;
      case "drain": result.lease = lease;
    }
  };
  say();
  hear(await socket.next());
  return { ready: true, end: finish(socket, result, hear) };
}

async function finish(socket, result, hear) {
  try {
    for (;;)
      hear(await socket.next());
  } catch {
    result.code = (await socket.closed).code;
  }
  return result;
}

const clients = await Promise.all([true, true, true, false, false, false].map(talk));
console.log("ready");
for (const client of clients)
  console.log(JSON.stringify(await client.end));
