use eventgrid_client::models::EventgridChannelCreation;
use eventgrid_client::{
    AccessKey, AsyncEventgrid, CreateEventChannelQuery, Error, Eventgrid, ListEventChannelsQuery, Options,
};

const PROJECT: &str = "0123456789abcdef0123456789abcdef";

fn signing(secret_key: &str) -> Options {
    let access_key = Some(AccessKey::new("DEVAK", secret_key));
    let options = Options { server: "${server}".to_owned(), access_key, ..Options::default() };
    println!("{options:?}");
    options
}

fn main() -> Result<(), Error> {
    let client = Eventgrid::with("", signing("DEVSK"));
    let channel = EventgridChannelCreation {
        name: "signed-by-rust".to_owned(),
        description: Some("Signé".to_owned()),
        ..Default::default()
    };
    let made = client.create_event_channel(PROJECT, &channel, &CreateEventChannelQuery::default())?;
    println!("made {}", made.name);
    let query = ListEventChannelsQuery {
        sort: Some("name:ASC".to_owned()),
        fuzzy_name: Some("é ~*".to_owned()),
        ..Default::default()
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let client = AsyncEventgrid::with("", signing("DEVSK"));
    let listed = client.list_event_channels(PROJECT, &query);
    println!("listed {}", runtime.expect("a runtime").block_on(listed)?.total);
    let wrong = Eventgrid::with("", signing("top-secret"));
    if let Err(Error::Api(error)) = wrong.list_event_channels(PROJECT, &Default::default()) {
        println!("refused {}", error.status);
        println!("{error:?} {wrong:?}");
    }
    Ok(())
}
