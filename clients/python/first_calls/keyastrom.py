from keyastrom_client import EventIngest, EventIngestType, Keyastrom, Server

with Keyastrom("dt0c01.abc123.abcdefjhij1234567890", server=Server.LOCALHOST) as client:
    results = client.ingest_event(
        EventIngest(
            event_type=EventIngestType.CUSTOM_INFO,
            title="Loadtest start",
            entity_selector="type(SERVICE),entityName.equals(BookingService)",
        )
    )
    print(results.report_count)
