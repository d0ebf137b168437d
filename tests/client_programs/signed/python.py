from eventgrid_client import AccessKey, ApiError, Eventgrid, EventgridChannelCreation

SERVER = "${server}"
PROJECT = "0123456789abcdef0123456789abcdef"

with Eventgrid(server=SERVER, access_key=AccessKey("DEVAK", "DEVSK")) as client:
    channel = EventgridChannelCreation(name="signed-by-python", description="Signé")
    print("made", client.create_event_channel(PROJECT, channel).name)
    page = client.list_event_channels(PROJECT, sort="name:ASC", fuzzy_name="é ~*")
    print("listed", page.total)
wrong = AccessKey("DEVAK", "top-secret")
with Eventgrid(server=SERVER, access_key=wrong) as client:
    try:
        client.list_event_channels(PROJECT)
    except ApiError as error:
        print("refused", error.status)
        print(repr(error), wrong, repr(client))
