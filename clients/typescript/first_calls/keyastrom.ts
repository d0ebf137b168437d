import { EventIngestType, Keyastrom, Server } from "keyastrom-client";

const client = new Keyastrom("dt0c01.abc123.abcdefjhij1234567890", { server: Server.LOCALHOST });
const results = await client.ingestEvent({
  eventType: EventIngestType.CUSTOM_INFO,
  title: "Loadtest start",
  entitySelector: "type(SERVICE),entityName.equals(BookingService)",
});
console.log(results.reportCount);
