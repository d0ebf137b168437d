use keyastrom_client::models::{EventIngest, EventIngestType};
use keyastrom_client::{Error, Keyastrom, Options, LOCALHOST};

fn main() -> Result<(), Error> {
    let local = Options { server: LOCALHOST.to_owned(), ..Options::default() };
    let client = Keyastrom::with("dt0c01.abc123.abcdefjhij1234567890", local);
    let results = client.ingest_event(&EventIngest {
        event_type: EventIngestType::CustomInfo,
        title: "Loadtest start".to_owned(),
        entity_selector: Some("type(SERVICE),entityName.equals(BookingService)".to_owned()),
        ..EventIngest::default()
    })?;
    println!("{:?}", results.report_count);
    Ok(())
}
