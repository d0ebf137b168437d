import { Eventgrid, Server } from "eventgrid-client";

const client = new Eventgrid("dev-token", { server: Server.LOCALHOST });
const source = await client.createEventSource("0123456789abcdef0123456789abcdef", {
  name: "my-typescript-source",
  channel_id: "11111111-1111-4111-8111-111111111111",
});
console.log(source.id);
