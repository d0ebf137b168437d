import { ApiError, Eventgrid } from "eventgrid-client";

const server = "${server}";
const project = "0123456789abcdef0123456789abcdef";
const client = new Eventgrid("", { server, accessKey: { accessKey: "DEVAK", secretKey: "DEVSK" } });
const channel = { name: "signed-by-typescript", description: "Signé" };
console.log("made", (await client.createEventChannel(project, channel)).name);
const page = await client.listEventChannels(project, { sort: "name:ASC", fuzzyName: "é ~*" });
console.log("listed", page.total);
const wrong = new Eventgrid("", { server, accessKey: { accessKey: "DEVAK", secretKey: "top-secret" } });
try {
  await wrong.listEventChannels(project);
} catch (error) {
  console.log("refused", error instanceof ApiError && error.status);
  console.log(error, wrong);
}
