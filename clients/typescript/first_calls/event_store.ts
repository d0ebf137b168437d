import { EventStore, Hyperscaler, OperationStatus, Server } from "event-store-client";

const client = new EventStore("XXX1XX12XxxxXXxxXXx0xXxx", { server: Server.LOCALHOST });
const created = await client.createEvent({
  cl: "EDF",
  ty: "START_EC2",
  hs: Hyperscaler.AWS,
  ac: "525060831330",
  re: "eu-west-3",
  st: OperationStatus.OK,
  me: "Operation successful",
});
console.log(created.id);
