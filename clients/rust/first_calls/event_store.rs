use event_store_client::models::{EventStoreEvent, Hyperscaler, OperationStatus};
use event_store_client::{Error, EventStore, Options, LOCALHOST};

fn main() -> Result<(), Error> {
    let local = Options { server: LOCALHOST.to_owned(), ..Options::default() };
    let client = EventStore::with("XXX1XX12XxxxXXxxXXx0xXxx", local);
    let created = client.create_event(&EventStoreEvent {
        cl: "EDF".to_owned(),
        ty: "START_EC2".to_owned(),
        hs: Hyperscaler::Aws,
        ac: "525060831330".to_owned(),
        re: "eu-west-3".to_owned(),
        st: OperationStatus::Ok,
        me: "Operation successful".to_owned(),
        ..EventStoreEvent::default()
    })?;
    println!("{}", created.id);
    Ok(())
}
