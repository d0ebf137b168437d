from eventhos_client import Eventhos, EventhosCredentials, Server

with Eventhos(server=Server.LOCALHOST) as anybody:
    token = anybody.create_token(
        EventhosCredentials(
            grant_type="client_credentials",
            client_id="dev-client",
            client_secret="dev-secret",
        )
    )

with Eventhos(token.content.access_token, server=Server.LOCALHOST) as client:
    received = client.send_event({"name": "Morpheush"}, event_identifier="new-bomb-k736k3hiW7")
    print(received.message)
