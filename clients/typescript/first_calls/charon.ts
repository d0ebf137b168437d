import { Charon, Server } from "charon-client";

const client = new Charon("dev-charon-key", { server: Server.LOCALHOST });
const started = await client.startExecution("1");
console.log(started.id);
