from eventgrid_client import Eventgrid, EventgridSourceCreation, Server

project = "0123456789abcdef0123456789abcdef"
channel = "11111111-1111-4111-8111-111111111111"

with Eventgrid("dev-token", server=Server.LOCALHOST) as client:
    source = client.create_event_source(
        project, EventgridSourceCreation(name="my-python-source", channel_id=channel)
    )
    print(source.id)
