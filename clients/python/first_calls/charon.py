from charon_client import Charon, Server

with Charon("dev-charon-key", server=Server.LOCALHOST) as client:
    started = client.start_execution("1")
    print(started.id)
