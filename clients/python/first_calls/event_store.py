from event_store_client import EventStore, EventStoreEvent, Hyperscaler, OperationStatus, Server

with EventStore("XXX1XX12XxxxXXxxXXx0xXxx", server=Server.LOCALHOST) as client:
    created = client.create_event(
        EventStoreEvent(
            cl="EDF",
            ty="START_EC2",
            hs=Hyperscaler.AWS,
            ac="525060831330",
            re="eu-west-3",
            st=OperationStatus.OK,
            me="Operation successful",
        )
    )
    print(created.id)
