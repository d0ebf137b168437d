import { Eventhos, Server } from "eventhos-client";

const anybody = new Eventhos("", { server: Server.LOCALHOST });
const token = await anybody.createToken({
  grant_type: "client_credentials",
  client_id: "dev-client",
  client_secret: "dev-secret",
});

const client = new Eventhos(token.content.access_token, { server: Server.LOCALHOST });
const received = await client.sendEvent(
  { name: "Morpheush" },
  { eventIdentifier: "new-bomb-k736k3hiW7" },
);
console.log(received.message);
